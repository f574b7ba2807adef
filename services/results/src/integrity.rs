//! Whether what is stored is what was voted (promise 5 of ARCHITECTURE.md). Everything is computed again from the bytes, at
//! every request: the manifest, the chain, the box commitment with its signature, the spent list and the size of the roll that it
//! covers, every digest, every stamp, and the signature over what was found. Tampering does not silence the result; it is answered with the reasons beside it.
//!
//! What this cannot do:
//! * open a ballot again, for this service has no key;
//! * notice a ballot that the database's owner took out *before* the close, with the chain computed anew and its link set unused:
//!   what was sealed afterwards fits. Its voter's receipt shows it, and a recorder that still runs.

use std::collections::{HashMap, HashSet};

use contract::results::{BallotsVerdict, BoxVerdict, ChainVerdict, Integrity, ParticipationVerdict};
use crypto::chain::{self, Entry, Walk};
use crypto::manifest::Manifest;
use crypto::opening;
use crypto::receipt::{self, BoxStatement, ReceiptPublicKey};
use crypto::stamp::{self, StampPublicKey};
use crypto::{Digest, ballot_digest};

use crate::stored::{Election, Opened, Stored, Vote};

/// The manifest, if the stored one is whole: nothing can be counted without it.
pub(crate) fn manifest(stored: &Stored) -> Result<(Manifest, Digest), String> {
    let bytes = stored.election.manifest.as_deref().unwrap_or_default();
    let hash = crypto::manifest::hash(bytes);
    if stored.election.manifest_hash.as_deref() != Some(hash.as_bytes().as_slice()) {
        return Err("the manifest is not the one whose hash was published".to_owned());
    }
    let manifest = Manifest::parse(bytes).map_err(|cause| format!("the manifest cannot be read: {cause}"))?;
    Ok((manifest, hash))
}

/// Checks everything.
pub(crate) fn check(
    stored: &Stored,
    manifest: &Manifest,
    manifest_hash: &Digest,
    key: &ReceiptPublicKey,
    unreadable: u64,
) -> Integrity {
    let mut reasons = Vec::new();
    if stored.election.title != manifest.title {
        reasons.push(format!("the election's title is not that of its manifest, '{}'", manifest.title));
    }
    let chain = check_chain(stored, manifest_hash, &mut reasons);
    let sealed_box = check_box(stored, key, &mut reasons);
    let participation = check_participation(stored, Some(manifest), &mut reasons);
    let mut ballots = check_ballots(stored, manifest, manifest_hash, &mut reasons);
    check_opened(stored, key, &mut ballots, &mut reasons);
    if unreadable > 0 {
        reasons.push(format!("{unreadable} opened ballots hold bytes that are no ballot of this election"));
    }
    Integrity { ok: reasons.is_empty(), chain, sealed_box, participation, ballots, reasons }
}

/// The verdict when the manifest itself is not whole: the chain begins with its hash, and the keys stand in it.
pub(crate) fn without_manifest(stored: &Stored, key: &ReceiptPublicKey, why: String) -> Integrity {
    let mut reasons = vec![why];
    let sealed_box = check_box(stored, key, &mut reasons);
    let participation = check_participation(stored, None, &mut reasons);
    let length = u64::try_from(stored.votes.len()).unwrap_or(u64::MAX);
    let chain = ChainVerdict { ok: false, length, first_bad: Some(1) };
    let mut ballots =
        BallotsVerdict { opened: 0, invalid: 0, missing: 0, wrong_digests: length, wrong_stamps: length, signature_ok: false };
    check_opened(stored, key, &mut ballots, &mut reasons);
    Integrity { ok: false, chain, sealed_box, participation, ballots, reasons }
}

fn check_chain(stored: &Stored, manifest_hash: &Digest, reasons: &mut Vec<String>) -> ChainVerdict {
    let mut walk = Walk::new(stored.election.election_id, chain::genesis(*manifest_hash));
    let length = u64::try_from(stored.votes.len()).unwrap_or(u64::MAX);
    for vote in &stored.votes {
        let next = walk.head().position.saturating_add(1);
        let taken = entry(vote).map_or_else(
            || Err("a field has another width".to_owned()),
            |entry| walk.step(&entry).map_err(|broken| broken.reason.to_string()),
        );
        if let Err(why) = taken {
            reasons.push(format!("the chain breaks at position {next}: {why}"));
            return ChainVerdict { ok: false, length, first_bad: Some(next) };
        }
    }
    let head = walk.head();
    let stored_head = stored.head.as_ref().map(|(position, hash)| (*position, hash.as_slice()));
    if stored_head != Some((head.position, head.hash.as_bytes().as_slice())) {
        let end = stored_head.map_or(0, |(position, _)| position).min(head.position).saturating_add(1);
        reasons.push(format!("the chain does not end where it ended at the close; position {end} is missing or surplus"));
        return ChainVerdict { ok: false, length, first_bad: Some(end) };
    }
    ChainVerdict { ok: true, length, first_bad: None }
}

fn entry(vote: &Vote) -> Option<Entry<'_>> {
    Some(Entry {
        position: vote.position,
        previous: Digest::from_slice(&vote.previous_hash).ok()?,
        digest: Digest::from_slice(&vote.digest).ok()?,
        prefix: vote.prefix.as_slice().try_into().ok()?,
        stamp: &vote.stamp,
        chain_hash: Digest::from_slice(&vote.chain_hash).ok()?,
    })
}

fn check_box(stored: &Stored, key: &ReceiptPublicKey, reasons: &mut Vec<String>) -> BoxVerdict {
    let election = &stored.election;
    let count = election.box_count.unwrap_or(0);
    let hash = Digest::from_slice(election.box_hash.as_deref().unwrap_or_default());
    let digests: Option<Vec<Digest>> = stored.votes.iter().map(|vote| Digest::from_slice(&vote.digest).ok()).collect();
    let same_count = election.box_count.is_some() && i64::try_from(stored.votes.len()) == Ok(count);
    if !same_count {
        reasons.push(format!("{count} ballots were committed to, {} are in the box", stored.votes.len()));
    }
    let same_hash = hash.is_ok() && digests.map(chain::box_hash) == hash.ok();
    if !same_hash {
        reasons.push("the ballots in the box are not those that were committed to".to_owned());
    }
    let signature_ok = match (statement(election), &election.box_signature) {
        (Some(statement), Some(signature)) => receipt::verify_box(key, election.election_id, &statement, signature),
        _ => false,
    };
    if !signature_ok {
        reasons.push("the box commitment has no good signature of this installation".to_owned());
    }
    let hash = hash.map(|hash| hash.to_hex()).unwrap_or_default();
    BoxVerdict { ok: same_count && same_hash && signature_ok, count, hash, signature_ok }
}

/// What was signed when the box was sealed, if every part of it is there.
fn statement(election: &Election) -> Option<BoxStatement> {
    let number = |number: Option<i64>| u64::try_from(number?).ok();
    let hash = |hash: &Option<Vec<u8>>| Digest::from_slice(hash.as_deref()?).ok();
    Some(BoxStatement {
        count: number(election.box_count)?,
        box_hash: hash(&election.box_hash)?,
        spent_count: number(election.spent_count)?,
        spent_hash: hash(&election.spent_hash)?,
        roll: number(election.roll_count)?,
    })
}

/// Who had the right to vote and used it: what the rows say now, against what was committed to. Whether the commitment itself is
/// genuine is for its signature ([`check_box`]).
fn check_participation(stored: &Stored, manifest: Option<&Manifest>, reasons: &mut Vec<String>) -> ParticipationVerdict {
    let before = reasons.len();
    let election = &stored.election;
    let ballots = i64::try_from(stored.votes.len()).unwrap_or(i64::MAX);
    let spent_hash = election.spent_hash.as_deref().unwrap_or_default();
    let verdict = ParticipationVerdict {
        ok: false,
        spent_count: election.spent_count.unwrap_or(0),
        spent_hash: Digest::from_slice(spent_hash).map(|hash| hash.to_hex()).unwrap_or_default(),
        roll: election.roll_count.unwrap_or(0),
    };
    let Some(now) = &stored.participation else {
        reasons.push("the box is not sealed, so there is no spent list".to_owned());
        return verdict;
    };
    if now.spent_count != verdict.spent_count {
        reasons.push(format!(
            "the spent list had {} entries when the box was sealed, and has {} now: rights to vote were marked used or unused since",
            verdict.spent_count, now.spent_count
        ));
    } else if now.spent_hash != spent_hash {
        reasons.push("the spent list is not the one that was committed to when the box was sealed".to_owned());
    }
    if now.roll_count != verdict.roll {
        reasons.push(format!("{} voters were on the roll when the box was sealed, {} are now", verdict.roll, now.roll_count));
    }
    if ballots > now.spent_count || (ballots < now.spent_count && manifest.is_some_and(|manifest| manifest.profile == "simple")) {
        reasons.push(format!("{} rights to vote were used, but {ballots} ballots are in the box", now.spent_count));
    }
    if now.spent_count > now.roll_count {
        reasons.push(format!("{} rights to vote were used, but only {} voters are on the roll", now.spent_count, now.roll_count));
    }
    ParticipationVerdict { ok: reasons.len() == before, ..verdict }
}

/// Digests and stamps: a sealed ballot that was exchanged, or one that no right to vote stands behind.
fn check_ballots(stored: &Stored, manifest: &Manifest, manifest_hash: &Digest, reasons: &mut Vec<String>) -> BallotsVerdict {
    let key = manifest.stamp_key().ok();
    let (mut wrong_digests, mut wrong_stamps) = (0_u64, 0_u64);
    for vote in &stored.votes {
        let digest = ballot_digest(manifest_hash, &vote.sealed);
        wrong_digests += u64::from(digest.as_bytes().as_slice() != vote.digest);
        wrong_stamps += u64::from(!key.as_ref().is_some_and(|key| stamped(key, vote)));
    }
    if wrong_digests > 0 {
        reasons.push(format!("{wrong_digests} ballots are not the bytes that were recorded"));
    }
    if wrong_stamps > 0 {
        reasons.push(format!("{wrong_stamps} ballots have no good stamp of this election"));
    }
    BallotsVerdict { opened: 0, invalid: 0, missing: 0, wrong_digests, wrong_stamps, signature_ok: false }
}

fn stamped(key: &StampPublicKey, vote: &Vote) -> bool {
    let (Ok(digest), Ok(prefix)) = (Digest::from_slice(&vote.digest), vote.prefix.as_slice().try_into()) else { return false };
    stamp::verify(key, &digest, &prefix, &vote.stamp)
}

/// Opened ballots: each of the box, none besides, and as they were when the last one was opened.
fn check_opened(stored: &Stored, key: &ReceiptPublicKey, verdict: &mut BallotsVerdict, reasons: &mut Vec<String>) {
    let in_box: HashSet<&[u8]> = stored.votes.iter().map(|vote| vote.digest.as_slice()).collect();
    let opened: HashMap<&[u8], &Opened> = stored.opened.iter().map(|opened| (opened.digest.as_slice(), opened)).collect();
    let count = |found: usize| u64::try_from(found).unwrap_or(u64::MAX);
    let missing = in_box.iter().filter(|digest| !opened.contains_key(**digest)).count();
    let surplus = opened.keys().filter(|digest| !in_box.contains(**digest)).count();
    verdict.opened = count(opened.len() - surplus);
    verdict.missing = count(missing);
    verdict.invalid = count(
        stored.opened.iter().filter(|opened| in_box.contains(opened.digest.as_slice()) && opened.plaintext.is_none()).count(),
    );
    if missing > 0 {
        reasons.push(format!("of {missing} ballots in the box nobody says what was in them"));
    }
    if surplus > 0 {
        reasons.push(format!("{surplus} opened ballots were never in the box"));
    }
    let contents: Option<Vec<_>> =
        stored.opened.iter().map(|opened| Some((Digest::from_slice(&opened.digest).ok()?, content(opened)))).collect();
    verdict.signature_ok = match (contents, &stored.election.opened_signature) {
        (Some(contents), Some(signature)) => {
            let (number, hash) = (count(contents.len()), opening::hash(contents));
            receipt::verify_opening(key, stored.election.election_id, number, &hash, signature)
        }
        _ => false,
    };
    if !verdict.signature_ok {
        reasons.push("the opened ballots are not those that were found when the box was opened".to_owned());
    }
}

fn content(opened: &Opened) -> opening::Opened<'_> {
    match (&opened.plaintext, &opened.reason) {
        (Some(plaintext), _) => opening::Opened::Plaintext(plaintext),
        (None, reason) => opening::Opened::Invalid(reason.as_deref().unwrap_or_default()),
    }
}
