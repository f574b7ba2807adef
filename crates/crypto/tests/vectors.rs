//! The election of `tests/vectors/simple.json`, which `make.py` beside it computed without this code: every value must come out.
#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use crypto::{Digest, ballot_digest, chain, manifest, receipt, seal, spent, stamp};
use support::{Vectors, bytes};

#[test]
fn the_manifest_is_read_and_written_back_to_the_byte() {
    let vectors = Vectors::read();
    let parsed = manifest::Manifest::parse(vectors.manifest.as_bytes()).unwrap();
    assert_eq!(parsed.to_canonical_bytes().unwrap(), vectors.manifest.as_bytes());
    assert_eq!(manifest::hash(vectors.manifest.as_bytes()), vectors.manifest_hash);
    let candidates = &parsed.contests[0].candidates;
    assert_eq!(candidates[2].name, "Carol White");
    // Absent is not empty.
    let [photo_url, thumbnail_url] = ["1a", "1b"].map(|byte| format!("/uploads/{}.jpg", byte.repeat(32)));
    let programme_file_url = format!("/uploads/{}.pdf", "1c".repeat(32));
    let alice = manifest::Information {
        party: Some("Open List"),
        description: Some("Experienced"),
        vision: Some("A council that listens"),
        programme: Some("1. Later buses\n2. Längere Öffnungszeiten"),
        link: Some("https://alice.example.org/"),
        photo_url: Some(&photo_url),
        thumbnail_url: Some(&thumbnail_url),
        programme_file_url: Some(&programme_file_url),
    };
    let nothing = manifest::Information::default();
    let information = [alice, manifest::Information { description: Some(""), ..nothing }, nothing];
    for (candidate, information) in candidates.iter().zip(&information) {
        assert_eq!(candidate.information_hash, manifest::information_hash(information), "{}", candidate.name);
    }
    // A text counts where it stands.
    let swapped = manifest::Information { vision: alice.programme, programme: alice.vision, ..alice };
    assert_ne!(manifest::information_hash(&swapped), manifest::information_hash(&alice));
    assert_eq!(parsed.seal_key, vectors.seal_private().public_spki());
}

#[test]
fn the_same_dice_seal_to_the_same_bytes() {
    let vectors = Vectors::read();
    let key = vectors.parsed().seal_key().unwrap();
    for ballot in &vectors.ballots {
        let plaintext = bytes(&ballot.plaintext);
        let sealed = bytes(&ballot.sealed);
        let idempotency_key: [u8; 32] = bytes(&ballot.idempotency_key).try_into().unwrap();
        let derived = seal::SealRandomness::derive(&idempotency_key, ballot.token.as_bytes(), &plaintext);
        assert_eq!(seal::seal(&key, &vectors.manifest_hash, &plaintext, derived).unwrap(), sealed);
        let given = seal::SealRandomness::fresh(bytes(&ballot.randomness).try_into().unwrap());
        assert_eq!(seal::seal(&key, &vectors.manifest_hash, &plaintext, given).unwrap(), sealed);

        assert_eq!(sealed.len(), seal::sealed_len(plaintext.len()));
        assert_eq!(ballot_digest(&vectors.manifest_hash, &sealed), ballot.digest);
    }
}

#[test]
fn the_seal_key_opens_every_ballot() {
    let vectors = Vectors::read();
    let key = vectors.seal_private();
    for ballot in &vectors.ballots {
        let opened = seal::decrypt(&key, &vectors.manifest_hash, &bytes(&ballot.sealed)).unwrap();
        assert_eq!(opened.as_slice(), bytes(&ballot.plaintext));
    }
}

#[test]
fn stamps_and_receipts_verify() {
    let vectors = Vectors::read();
    let stamp_key = vectors.parsed().stamp_key().unwrap();
    let receipt_key = receipt::ReceiptPublicKey::from_spki_pem(&vectors.receipt_public_pem).unwrap();
    for ballot in &vectors.ballots {
        assert!(stamp::verify(&stamp_key, &ballot.digest, &ballot.prefix(), &bytes(&ballot.stamp)));
        assert!(receipt::verify(&receipt_key, vectors.election_id, &ballot.digest, &bytes(&ballot.receipt)));
        assert_eq!(receipt::receipt_code(&ballot.digest), ballot.receipt_code);
    }
}

#[test]
fn chain_box_and_spent_list_come_out() {
    let vectors = Vectors::read();
    let stamps: Vec<Vec<u8>> = vectors.ballots.iter().map(|ballot| bytes(&ballot.stamp)).collect();
    let head = chain::verify(vectors.election_id, chain::genesis(vectors.manifest_hash), vectors.entries(&stamps)).unwrap();
    assert_eq!((head.position, head.hash), (3, vectors.ballots[2].chain_hash));

    let box_hash = chain::box_hash(vectors.ballots.iter().map(|ballot| ballot.digest));
    assert_eq!(box_hash, vectors.box_hash);
    let entries: Vec<Digest> =
        vectors.spend_ids.iter().map(|id| spent::entry(vectors.election_id, &bytes(id).try_into().unwrap())).collect();
    assert_eq!(entries, vectors.spent_entries);
    let spent_count = u64::try_from(entries.len()).unwrap();
    assert_eq!(spent::list_hash(entries), vectors.spent_list_hash);

    let key = receipt::ReceiptPublicKey::from_spki_pem(&vectors.receipt_public_pem).unwrap();
    let signature = bytes(&vectors.box_signature);
    let statement = receipt::BoxStatement {
        count: vectors.box_count,
        box_hash,
        spent_count,
        spent_hash: vectors.spent_list_hash,
        roll: vectors.roll,
        withdrawn_hash: vectors.withdrawn_hash,
    };
    assert_eq!(receipt::withdrawn_hash(&vectors.withdrawn), vectors.withdrawn_hash);
    assert!(receipt::verify_box(&key, vectors.election_id, &statement, &signature));

    let statement = receipt::RecordingStatement { box_hash, halts: vectors.halts, resumptions: vectors.resumptions };
    assert!(statement.is_halted());
    let signature = bytes(&vectors.recording_signature);
    assert!(receipt::verify_recording(&key, vectors.election_id, &statement, &signature));
    for (election_id, other) in [
        (43, statement),
        (42, receipt::RecordingStatement { halts: 1, ..statement }),
        (42, receipt::RecordingStatement { resumptions: 2, ..statement }),
        (42, receipt::RecordingStatement { box_hash: vectors.spent_list_hash, ..statement }),
    ] {
        assert!(!receipt::verify_recording(&key, election_id, &other, &signature), "{other:?}");
    }
}

#[test]
fn the_small_vectors_of_the_protocol_page() {
    let page = include_str!("../../../docs/protocol.md");
    let zero = Digest::from([0; 32]);
    let values = [
        ballot_digest(&zero, &[1]),
        chain::link(42, 1, &zero, &Digest::from([1; 32]), &[2; 32], &[3; 384]),
        spent::entry(42, &[4; 16]),
        chain::box_hash([]),
    ];
    for value in values {
        assert!(page.contains(&format!("`{value}`")), "{value}");
    }
}
