//! `uvote-election resume-election`: a halted election takes ballots again, and everybody can read why.

use contract::events::AuditEventKind;
use election::{NotResumed, resume_election};
use testkit::given;

use crate::app::App;

const REASON: &str = "A failover lost two ballots; both voters were asked to vote again";

#[actix_web::test]
async fn a_halted_election_is_resumed_once_and_in_public() {
    let app = App::idle().await;
    let (election, _) = given::an_active_election(&app.owner, "simple", 1).await;
    let id = election.election_id;
    let refused = async |id: i64, reason: &str| resume_election(&app.settings, id, reason).await.unwrap_err();
    let why = refused(id, REASON).await;
    assert_eq!(why.downcast_ref(), Some(&NotResumed::NotHalted(id)));
    assert_eq!(refused(4711, REASON).await.downcast_ref(), Some(&NotResumed::Unknown(4711)));
    let draft = given::a_draft(&app.owner, app.admin_id, "A draft").await.election_id;
    assert_eq!(refused(draft, REASON).await.downcast_ref(), Some(&NotResumed::NotActive(draft)));

    app.owner.execute("UPDATE chain_heads SET halted_at = now() WHERE election_id = $1", &[&id]).await.unwrap();
    assert!(refused(id, " \u{200b}").await.to_string().starts_with("the reason must say why"));
    resume_election(&app.settings, id, REASON).await.unwrap();
    let mark = app.owner.query_one("SELECT halted_at IS NULL FROM chain_heads WHERE election_id = $1", &[&id]).await.unwrap();
    assert!(mark.get::<_, bool>(0));
    let announced = app.anonymous(reqwest::Method::GET, &format!("/api/elections/{id}/amendments")).await.body["items"].clone();
    assert_eq!((&announced[0]["kind"], &announced[0]["reason"]), (&"recording_resumed".into(), &REASON.into()));
    let sql = "SELECT payload FROM outbox WHERE destination = 'audit' AND election_id = $1 ORDER BY position";
    let told = app.owner.query(sql, &[&id]).await.unwrap();
    let told: Vec<contract::events::AuditEvent> = told.iter().map(|row| serde_json::from_slice(row.get(0)).unwrap()).collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].kind, AuditEventKind::RecordingResumed { reason: REASON.to_owned() });
    assert_eq!(refused(id, REASON).await.downcast_ref(), Some(&NotResumed::NotHalted(id)));
}
