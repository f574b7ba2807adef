//! What was changed after the opening, as pages tell it: with the ballot, with the result, to the organiser, in the minutes.

use chrono::{DateTime, Utc};
use contract::elections::Amendment;
use messages::{Message, say};

/// Each change with its time, as `time` says times, and its reason. `contest_of` gives the title of a candidate's contest, where that is
/// to be told.
pub(crate) fn announced<'c>(
    amendments: &[Amendment],
    time: impl Fn(DateTime<Utc>) -> Message,
    contest_of: impl Fn(i64) -> Option<&'c str>,
) -> Vec<Message> {
    let line = |amendment: &Amendment| {
        let contest = amendment.candidate_id.and_then(&contest_of);
        let what = what(amendment, &time, contest);
        say!(amendment_line, what = what, time = time(amendment.created_at), reason = &amendment.reason)
    };
    amendments.iter().map(line).collect()
}

fn what(amendment: &Amendment, time: &impl Fn(DateTime<Utc>) -> Message, contest: Option<&str>) -> Message {
    let voters = amendment.voters.unwrap_or(0);
    match amendment.kind.as_str() {
        "voter_added" => say!(amendment_voters_added, voters = voters),
        "voter_removed" => say!(amendment_voters_removed, voters = voters),
        "candidate_withdrawn" => {
            let candidate = amendment.candidate.as_deref().unwrap_or("?");
            match contest {
                Some(contest) => say!(candidate_of_contest_withdrew, candidate = candidate, contest = contest),
                None => say!(candidate_withdrew, candidate = candidate),
            }
        }
        "recording_resumed" => say!(amendment_resumed),
        _ => match amendment.closes_at {
            Some(at) => say!(amendment_end_moved, time = time(at)),
            None => Message::verbatim(&amendment.kind),
        },
    }
}

#[cfg(test)]
mod tests {
    use messages::{Zone, short};

    use super::*;

    #[test]
    fn what_was_changed_is_said_in_words() {
        let at = |text: &str| text.parse().ok();
        let amendment = Amendment {
            amendment_id: 1,
            kind: "voter_added".to_owned(),
            reason: "Forgotten by the registry".to_owned(),
            voters: Some(1),
            previous_closes_at: None,
            closes_at: None,
            candidate_id: None,
            candidate: None,
            created_at: at("2026-11-21T08:00:00Z").unwrap(),
        };
        let moved = Amendment {
            kind: "closes_at_moved".to_owned(),
            voters: None,
            closes_at: at("2026-11-22T18:00:00Z"),
            ..amendment.clone()
        };
        let resumed = Amendment {
            kind: "recording_resumed".to_owned(),
            reason: "A failover lost two ballots; both voters were asked to vote again".to_owned(),
            voters: None,
            ..amendment.clone()
        };
        let withdrew = Amendment {
            kind: "candidate_withdrawn".to_owned(),
            reason: "Moved abroad".to_owned(),
            voters: None,
            candidate_id: Some(7),
            candidate: Some("Bob Smith".to_owned()),
            ..amendment.clone()
        };
        insta::assert_snapshot!(
            announced(&[amendment, moved, resumed, withdrew], |at| short(at, Zone::UTC), |id| (id == 7).then_some("Board"))
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("\n")
        );
    }
}
