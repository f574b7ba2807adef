//! The order of the candidates on the ballot: by hand, or drawn by lot in a way that anybody can repeat.

use actix_web::web::{Data, Path};
use contract::admin::{DrawOrder, OrderDrawn};
use contract::events::AuditEventKind;
use counting::Seed;
use database::{Connection, Failed};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt};
use diesel_async::RunQueryDsl;
use domain::contest::Standing;
use domain::election::Action;
use identity::Caller;
use outbox::Audited;
use problem::{Json, Problem};

use crate::candidates::{contest_of, logged, refused};
use crate::schema::candidates;
use crate::{State, election};

/// Draw the order of the candidates of a contest by lot. The answer and the audit log have the seed, from which anybody can draw the
/// order again. Every draw is logged, so nobody can draw until they like the order without a trace.
#[utoipa::path(post, path = "/api/admin/elections/{id}/draw-order", tag = "candidates", request_body = DrawOrder,
    security(("bearer" = ["owner"])), params(("id" = i64, Path, description = "The election")),
    responses(
        (status = 200, body = OrderDrawn),
        (status = 409, description = "Frozen by activation, or the contest is a motion"),
        (status = 422, description = "The contest is another election's")))]
pub(crate) async fn draw(
    state: Data<State>,
    caller: Caller,
    id: Path<i64>,
    body: Json<DrawOrder>,
) -> Result<Json<OrderDrawn>, Problem> {
    let (election_id, contest_id) = (id.into_inner(), body.contest_id);
    let mut seed = [0; 32];
    aws_lc_rs::rand::fill(&mut seed).expect("the operating system gives random bytes");
    let _slot = state.acquire_slot(election_id, &caller, |_| Action::ChangeCandidates).await?;
    let drawn = state
        .outbox
        .audited("draw the order of candidates", async move |tx| {
            let connection = tx.connection();
            let (election, now) = election::to_change(connection, election_id, &caller).await?;
            election.must_allow(Action::ChangeCandidates, now).map_err(Failed::Refused)?;
            contest_of(connection, election_id, Some(contest_id)).await?;
            let candidates = drawn(hold(connection, contest_id).await?, Seed(seed));
            store(connection, &candidates).await.map_err(refused)?;
            let seed = hex::encode(seed);
            let kind = AuditEventKind::CandidatesDrawn { contest_id, seed: seed.clone(), candidates: candidates.clone() };
            let drawn = OrderDrawn { contest_id, seed, candidates };
            Ok::<_, Failed<Problem>>(Audited::new(drawn, logged(kind, &caller, election_id)))
        })
        .await?;
    Ok(Json(drawn))
}

/// The candidates by their lots, the smallest first.
fn drawn(mut candidates: Vec<i64>, seed: Seed) -> Vec<i64> {
    candidates.sort_by_key(|candidate| (seed.lot(*candidate), *candidate));
    candidates
}

/// Locks all who stand in a contest, and answers them by number.
pub(crate) async fn hold(connection: &mut Connection, contest_id: i64) -> QueryResult<Vec<i64>> {
    candidates::table
        .filter(candidates::contest_id.eq(contest_id))
        .filter(candidates::standing.eq(Standing::Stands.as_str()))
        .order(candidates::candidate_id)
        .select(candidates::candidate_id)
        .for_no_key_update()
        .load(connection)
        .await
}

/// Moves a candidate to a place among those who stand, from 1. Their rows are held already.
pub(crate) async fn move_to(connection: &mut Connection, contest_id: i64, candidate_id: i64, position: u32) -> QueryResult<()> {
    let in_order: Vec<i64> = candidates::table
        .filter(candidates::contest_id.eq(contest_id))
        .filter(candidates::standing.eq(Standing::Stands.as_str()))
        .order((candidates::display_order, candidates::candidate_id))
        .select(candidates::candidate_id)
        .load(connection)
        .await?;
    store(connection, &moved(in_order, candidate_id, position)).await
}

fn moved(mut candidates: Vec<i64>, candidate_id: i64, position: u32) -> Vec<i64> {
    candidates.retain(|other| *other != candidate_id);
    let place = usize::try_from(position).unwrap_or(usize::MAX).saturating_sub(1).min(candidates.len());
    candidates.insert(place, candidate_id);
    candidates
}

/// Gives the candidates the places 1, 2, and so on in this order.
async fn store(connection: &mut Connection, in_order: &[i64]) -> QueryResult<()> {
    const SQL: &str = "UPDATE candidates c SET display_order = o.place::integer \
         FROM unnest($1) WITH ORDINALITY AS o (candidate_id, place) WHERE c.candidate_id = o.candidate_id";
    diesel::sql_query(SQL).bind::<Array<BigInt>, _>(in_order).execute(connection).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_is_what_its_seed_says() {
        let seed = |last: u8| Seed(std::array::from_fn(|at| if at == 31 { last } else { 0 }));
        let order = drawn(vec![1, 2, 3, 4, 5], seed(7));
        assert_eq!(order, drawn(vec![5, 3, 1, 2, 4], seed(7)), "whatever the order was before");
        let lots: Vec<_> = order.iter().map(|candidate| seed(7).lot(*candidate)).collect();
        assert!(lots.is_sorted());
        let firsts: std::collections::BTreeSet<i64> = (0..50).map(|last| drawn(vec![1, 2, 3], seed(last))[0]).collect();
        assert_eq!(firsts.len(), 3, "everybody can be first");
    }

    #[test]
    fn who_is_moved_goes_to_the_place_and_the_others_make_room() {
        let all = || vec![10, 20, 30];
        assert_eq!(moved(all(), 30, 1), [30, 10, 20]);
        assert_eq!(moved(all(), 10, 2), [20, 10, 30]);
        assert_eq!(moved(all(), 10, 3), [20, 30, 10]);
        assert_eq!(moved(all(), 20, 2), all());
        assert_eq!(moved(all(), 20, u32::MAX), [10, 30, 20]);
    }
}
