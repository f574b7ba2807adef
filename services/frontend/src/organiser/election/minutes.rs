//! The minutes: one page to print with all that a board files about an election.

use actix_web::http::Method;
use actix_web::web;
use chrono::Utc;
use contract::Page;
use contract::audit::AuditEntry;
use contract::elections::{Contest, Tally};
use contract::results::Results;
use counting::{Family, RequiredShare, Rule, ShareOf, Ties};
use domain::count_sentences::needed_share;
use domain::method_texts::method_texts;
use messages::{Message, say};
use minijinja::context;
use minijinja::value::Value;

use super::result::{published_result, time_row};
use super::{Frame, fact, watch};
use crate::organiser::visit::{Answer, Organiser};
use crate::page::paragraphs;
use crate::results;

/// The page, from the publication on.
pub(crate) async fn show(organiser: Organiser, id: web::Path<i64>) -> Answer {
    let id = *id;
    let frame = Frame::load(&organiser, id).await?;
    let published = frame.election.results_published_at.is_some();
    let found = if published { published_result(&organiser, id).await? } else { None };
    let Some(found) = found else {
        let values = context! { title => &frame.election.title, back => frame.path("result"), has_result => false };
        return organiser.page(200, "admin_minutes.html", values);
    };
    let tally: Tally = organiser.get(&format!("/api/elections/{id}/tally"), &[]).await?;
    let head = results::newest_head(&organiser.frontend).await.and_then(|newest| newest.head);
    let head = head.map(|head| {
        let time = messages::local(head.signed_at, frame.zone());
        context! { entry => organiser.say(say!(minutes_log_entry, entry = head.last_id.to_string(), time = time)), hash => head.last_hash, signature => head.signature }
    });
    let values = context! {
        title => &frame.election.title,
        back => frame.path("result"),
        has_result => true,
        election => about(&organiser, &frame).await?,
        times => times(&organiser, &frame, &found, &tally),
        questions => frame.election.contests.iter().map(|contest| question(&organiser, &frame, contest)).collect::<Vec<_>>(),
        roll => roll(&organiser, &found),
        changes => watch::lines(&organiser, &frame),
        commitment => commitment(&organiser, &frame, &found, &tally),
        head,
        ..results::values(&organiser.frontend, &found, organiser.language).await
    };
    organiser.page(200, "admin_minutes.html", values)
}

/// Which election it is, and whose.
async fn about(organiser: &Organiser, frame: &Frame) -> Result<Vec<Value>, actix_web::Error> {
    let election = &frame.election;
    let mut rows = vec![
        fact(organiser, say!(minutes_name), &election.title),
        fact(organiser, say!(minutes_number), election.election_id.to_string()),
    ];
    if let Some(description) = &election.description {
        rows.push(fact(organiser, say!(minutes_description), description));
    }
    let whose = owner(organiser, election.election_id).await?;
    rows.push(fact(organiser, say!(minutes_organiser), whose.unwrap_or_else(|| organiser.say(say!(minutes_organiser_unknown)))));
    rows.push(fact(organiser, say!(minutes_zone), frame.zone().name()));
    rows.push(fact(organiser, say!(minutes_printed), organiser.time(Utc::now(), frame.zone())));
    Ok(rows)
}

/// The address of whoever set the election up, as the history has it.
async fn owner(organiser: &Organiser, election_id: i64) -> Result<Option<String>, actix_web::Error> {
    let id = election_id.to_string();
    let query = [("election_id", id.as_str()), ("event_type", "election_created,election_copied"), ("limit", "1")];
    let found = organiser.answer::<Page<AuditEntry>>(organiser.request(Method::GET, "/api/audit").query(&query)).await?;
    Ok(found.ok().and_then(|page| page.items.into_iter().next()?.admin_email))
}

fn times(organiser: &Organiser, frame: &Frame, found: &Results, tally: &Tally) -> Vec<Value> {
    let election = &frame.election;
    let row = |name, at| time_row(organiser, frame.zone(), name, at);
    let rows = [
        row(say!(minutes_created), Some(election.created_at)),
        row(say!(minutes_activated), election.activated_at),
        row(say!(minutes_planned_end), election.closes_at),
        row(say!(minutes_closed), election.closed_at),
        row(say!(minutes_sealed), tally.sealed_box.as_ref().map(|sealed| sealed.sealed_at)),
        row(say!(minutes_counted), Some(found.counted_at)),
        row(say!(minutes_published), election.results_published_at),
        row(say!(minutes_archived), election.archived_at),
    ];
    rows.into_iter().flatten().collect()
}

/// A question with the whole of its rule in words.
fn question(organiser: &Organiser, frame: &Frame, contest: &Contest) -> Value {
    let method = method_texts(contest.rule.method());
    let (name, sentence) = method.map(|method| (organiser.say(method.name), organiser.say(method.does))).unwrap_or_default();
    let mut rows = vec![fact(organiser, say!(minutes_method), name)];
    let terms = contest.rule.terms();
    if contest.family == Family::Motion {
        rows.extend(passes(&contest.rule).map(|passes| fact(organiser, say!(minutes_passes), organiser.say(passes))));
    } else {
        rows.push(fact(organiser, say!(minutes_seats), contest.seats.to_string()));
    }
    rows.push(fact(organiser, say!(minutes_quorum), organiser.say(share(terms.quorum))));
    if contest.family != Family::Motion {
        rows.push(fact(organiser, say!(minutes_majority), organiser.say(share(terms.required_majority))));
        let ties = if terms.ties == Ties::Lot { say!(question_ties_lot) } else { say!(question_ties_declare) };
        rows.push(fact(organiser, say!(minutes_ties), organiser.say(ties)));
    }
    let order = if contest.ballot_order == "rotated" { say!(question_order_rotated) } else { say!(question_order_fixed) };
    rows.push(fact(organiser, say!(minutes_order), organiser.say(order)));
    let of_contest = frame.candidates.iter().flatten().filter(|candidate| candidate.contest_id == contest.contest_id);
    context! {
        title => &contest.title,
        text => paragraphs(contest.text.as_deref()),
        sentence,
        rows,
        candidates => of_contest.map(|candidate| candidate.name.clone()).collect::<Vec<_>>(),
    }
}

/// A share that is needed, in words; "none" where none is.
fn share(share: Option<RequiredShare>) -> Message {
    share.map_or_else(|| say!(share_none), needed_share)
}

/// What passes a motion.
fn passes(rule: &Rule) -> Option<Message> {
    let Rule::Motion(motion) = rule else { return None };
    let Some((needed, base)) = motion.passes.threshold() else { return Some(say!(passes_simple)) };
    let needed = needed_share(needed);
    Some(match base {
        ShareOf::Votes => say!(vote_motion_share_of_votes, share = needed),
        ShareOf::Ballots => say!(vote_motion_share_of_ballots, share = needed),
        ShareOf::Roll => say!(vote_motion_share_of_roll, share = needed),
    })
}

fn roll(organiser: &Organiser, found: &Results) -> Vec<Value> {
    let number = |name: Message, number: i64| fact(organiser, name, organiser.say(say!(plain_number, number = number)));
    let share = results::share(found.turnout.voted, found.turnout.roll, organiser.language);
    vec![
        number(say!(minutes_roll_voters), found.turnout.roll),
        number(say!(minutes_roll_used), found.turnout.voted),
        number(say!(minutes_roll_ballots), i64::try_from(found.total_votes).unwrap_or(i64::MAX)),
        fact(organiser, say!(minutes_roll_turnout), organiser.say(say!(minutes_percent, share = share))),
    ]
}

fn commitment(organiser: &Organiser, frame: &Frame, found: &Results, tally: &Tally) -> Vec<Value> {
    let mut rows = Vec::new();
    if let Some(hash) = &frame.election.manifest_hash {
        rows.push(fact(organiser, say!(minutes_manifest), hash));
    }
    if let Some(sealed) = &tally.sealed_box {
        rows.push(fact(organiser, say!(minutes_box), &sealed.hash));
        rows.push(fact(organiser, say!(minutes_box_signature), &sealed.signature));
        rows.push(fact(organiser, say!(minutes_spent), &sealed.spent_hash));
    }
    let time = messages::local(found.integrity.checked_at, frame.zone());
    let check = match (found.integrity.ok, found.integrity.overdue) {
        (false, _) => say!(minutes_check_bad, time = time),
        (true, true) => say!(minutes_check_overdue, time = time),
        (true, false) => say!(minutes_check_good, time = time),
    };
    rows.push(fact(organiser, say!(minutes_check), organiser.say(check)));
    rows
}
