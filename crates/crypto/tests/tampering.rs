//! Whatever is changed is noticed, and whatever belongs elsewhere is refused.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test")]

mod support;

use std::collections::BTreeSet;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use crypto::chain::{self, BreakReason, Broken};
use crypto::manifest::{Manifest, ManifestRefused};
use crypto::receipt::{self, BoxStatement, NotAReceiptCode, parse_receipt_code, receipt_code};
use crypto::seal::{self, DecryptFailure, SealPrivateKey, SealPublicKey, SealRandomness};
use crypto::stamp::{self, StampPublicKey};
use crypto::{Digest, KeyRejected};
use proptest::prelude::*;
use support::{Vectors, bytes};

#[test]
fn a_sealed_ballot_with_a_changed_byte_does_not_open_and_the_part_is_named() {
    let vectors = Vectors::read();
    let key = vectors.seal_private();
    let sealed = bytes(&vectors.ballots[0].sealed);
    // Parts: version 0, wrapped key 1..385, nonce 385..397, ciphertext 397..412, tag 412..428.
    for at in [0, 1, 2, 100, 384, 385, 396, 397, 411, 412, 427] {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        let expected = match at {
            0 => DecryptFailure::WrongVersion,
            1..385 => DecryptFailure::KeyNotUnwrapped,
            _ => DecryptFailure::NotAuthentic,
        };
        assert_eq!(seal::decrypt(&key, &vectors.manifest_hash, &changed), Err(expected), "byte {at}");
        assert_ne!(crypto::ballot_digest(&vectors.manifest_hash, &changed), vectors.ballots[0].digest);
    }
    let open = |sealed: &[u8]| seal::decrypt(&key, &vectors.manifest_hash, sealed);
    assert_eq!(open(&sealed[..427]), Err(DecryptFailure::NotAuthentic));
    assert_eq!(open(&sealed[..412]), Err(DecryptFailure::WrongLength));
    assert_eq!(open(&[]), Err(DecryptFailure::WrongLength));
    assert_eq!(open(&[&sealed[..], &[0]].concat()), Err(DecryptFailure::NotAuthentic));
}

#[test]
fn a_reason_has_one_name_everywhere() {
    use DecryptFailure::{KeyNotUnwrapped, NotAuthentic, WrongLength, WrongVersion};
    for (reason, name) in [
        (WrongLength, "wrong-length"),
        (WrongVersion, "wrong-seal-version"),
        (KeyNotUnwrapped, "key-not-unwrapped"),
        (NotAuthentic, "not-authentic"),
    ] {
        assert_eq!(reason.name(), name);
        assert_eq!(serde_json::to_string(&reason).unwrap(), format!("{name:?}"));
    }
}

#[test]
fn a_ballot_of_another_election_or_key_does_not_open() {
    let vectors = Vectors::read();
    let sealed = bytes(&vectors.ballots[0].sealed);
    let other = Digest::from([1; 32]);
    assert_eq!(seal::decrypt(&vectors.seal_private(), &other, &sealed), Err(DecryptFailure::KeyNotUnwrapped));
    let other_key = SealPrivateKey::from_pkcs8_der(&bytes(&vectors.stamp_private_pkcs8)).unwrap();
    assert_eq!(seal::decrypt(&other_key, &vectors.manifest_hash, &sealed), Err(DecryptFailure::KeyNotUnwrapped));
}

#[test]
fn other_dice_other_bytes_and_every_input_of_the_dice_counts() {
    let vectors = Vectors::read();
    let key = vectors.parsed().seal_key().unwrap();
    let seal = |randomness| seal::seal(&key, &vectors.manifest_hash, b"choices", randomness).unwrap();
    let sealed = [
        seal(SealRandomness::derive(&[1; 32], b"token", b"choices")),
        seal(SealRandomness::derive(&[2; 32], b"token", b"choices")),
        seal(SealRandomness::derive(&[1; 32], b"tokem", b"choices")),
        seal(SealRandomness::derive(&[1; 32], b"token", b"choicer")),
        seal(SealRandomness::derive(&[1; 32], b"tokenc", b"hoices")),
        seal(SealRandomness::fresh([1; 76])),
    ];
    for (i, a) in sealed.iter().enumerate() {
        assert!(sealed[i + 1..].iter().all(|b| a != b));
    }
    assert_eq!(sealed[0], seal(SealRandomness::derive(&[1; 32], b"token", b"choices")));
}

#[test]
fn a_fresh_pair_of_keys_works() {
    let pair = seal::generate().unwrap();
    let hash = Digest::from([3; 32]);
    let public = SealPublicKey::from_spki_der(&pair.public_spki).unwrap();
    let private = SealPrivateKey::from_pkcs8_der(&pair.private_pkcs8).unwrap();
    assert_eq!(private.public_spki(), pair.public_spki);
    let sealed = seal::seal(&public, &hash, b"", SealRandomness::fresh([9; 76])).unwrap();
    assert_eq!(sealed.len(), seal::OVERHEAD);
    assert!(seal::decrypt(&private, &hash, &sealed).unwrap().is_empty());
}

#[test]
fn a_stamp_is_for_one_digest_one_prefix_one_key() {
    let vectors = Vectors::read();
    let (private, public) = (vectors.stamp_private(), vectors.parsed().stamp_key().unwrap());
    let (digest, prefix) = (Digest::from([5; 32]), [6; 32]);
    let stamp = stamp::sign_simple(&private, &digest, &prefix).unwrap();
    assert_eq!(stamp.len(), stamp::STAMP_LEN);
    assert!(stamp::verify(&public, &digest, &prefix, &stamp));
    assert!(!stamp::verify(&public, &Digest::from([4; 32]), &prefix, &stamp));
    assert!(!stamp::verify(&public, &digest, &[7; 32], &stamp));
    let other = StampPublicKey::from_spki_der(&vectors.parsed().seal_key).unwrap();
    assert!(!stamp::verify(&other, &digest, &prefix, &stamp));
    for wrong in [&stamp[..383], &[], &[&stamp[..], &[0]].concat(), &[0xff; 384], &[0; 384]] {
        assert!(!stamp::verify(&public, &digest, &prefix, wrong));
    }
    let mut changed = stamp;
    changed[200] ^= 1;
    assert!(!stamp::verify(&public, &digest, &prefix, &changed));
}

#[test]
fn a_receipt_is_for_one_ballot_of_one_election_and_no_box() {
    let vectors = Vectors::read();
    let private = vectors.receipt_private();
    let public = private.public_key().unwrap();
    let digest = Digest::from([5; 32]);
    let signature = receipt::sign(&private, 42, &digest).unwrap();
    assert_eq!(signature.len(), receipt::SIGNATURE_LEN);
    assert!(receipt::verify(&public, 42, &digest, &signature));
    assert!(!receipt::verify(&public, 43, &digest, &signature));
    assert!(!receipt::verify(&public, 42, &Digest::from([6; 32]), &signature));
    assert!(!receipt::verify(&public, 42, &digest, &signature[..63]));
    let of_nothing =
        BoxStatement { count: 0, box_hash: digest, spent_count: 0, spent_hash: digest, roll: 0, withdrawn_hash: digest };
    assert!(!receipt::verify_box(&public, 42, &of_nothing, &signature));
}

#[test]
fn a_box_commitment_is_for_one_election_and_covers_every_number_and_hash() {
    let private = Vectors::read().receipt_private();
    let public = private.public_key().unwrap();
    let (box_hash, spent_hash) = (Digest::from([5; 32]), Digest::from([6; 32]));
    let withdrawn_hash = receipt::withdrawn_hash(&BTreeSet::from([7, 8]));
    let signed = BoxStatement { count: 3, box_hash, spent_count: 4, spent_hash, roll: 9, withdrawn_hash };
    let signature = receipt::sign_box(&private, 42, &signed).unwrap();
    assert!(receipt::verify_box(&public, 42, &signed, &signature));
    assert!(!receipt::verify_box(&public, 43, &signed, &signature));
    for other in [
        BoxStatement { count: 4, ..signed },
        BoxStatement { box_hash: spent_hash, ..signed },
        BoxStatement { spent_count: 3, ..signed },
        BoxStatement { spent_hash: box_hash, ..signed },
        BoxStatement { roll: 10, ..signed },
        BoxStatement { withdrawn_hash: receipt::withdrawn_hash(&BTreeSet::new()), ..signed },
        BoxStatement { withdrawn_hash: receipt::withdrawn_hash(&BTreeSet::from([7])), ..signed },
        BoxStatement { count: 4, spent_count: 3, ..signed },
        BoxStatement { box_hash: spent_hash, spent_hash: box_hash, ..signed },
    ] {
        assert!(!receipt::verify_box(&public, 42, &other, &signature), "{other:?}");
    }

    // A statement of the first version covered the ballots alone: whoever has one cannot show it as this one.
    let first = [b"box/v1".as_slice(), &42_i64.to_be_bytes(), &3_u64.to_be_bytes(), &[5; 32]].concat();
    let pem = rsa::pkcs8::SecretDocument::from_pem(&Vectors::read().receipt_private_pem).unwrap().1;
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pem.as_bytes()).unwrap();
    let signature = key.sign(&SystemRandom::new(), &first).unwrap();
    assert!(!receipt::verify_box(&public, 42, &signed, signature.as_ref()));
}

#[test]
fn keys_of_another_kind_are_refused() {
    let vectors = Vectors::read();
    let spki = vectors.parsed().seal_key;
    assert_eq!(SealPublicKey::from_spki_der(&spki[1..]).unwrap_err(), KeyRejected::Encoding);
    assert_eq!(StampPublicKey::from_spki_der(&[&spki[..], &[0]].concat()).unwrap_err(), KeyRejected::Encoding);
    assert!(receipt::ReceiptPublicKey::from_spki_der(&spki).is_err());
    assert!(receipt::ReceiptPublicKey::from_spki_pem(&vectors.receipt_private_pem).is_err());
    assert!(receipt::ReceiptKey::from_pkcs8_pem(&vectors.receipt_public_pem).is_err());
    assert!(receipt::ReceiptKey::from_pkcs8_der(&bytes(&vectors.seal_private_pkcs8)).is_err());
    // The last three bytes of an RSA key are its exponent: 3 as 0x000003 is neither 65537 nor minimal DER.
    let mut other_exponent = spki;
    let last = other_exponent.len() - 1;
    other_exponent[last] = 3;
    assert_eq!(SealPublicKey::from_spki_der(&other_exponent).unwrap_err(), KeyRejected::Size);
}

#[test]
fn a_broken_chain_is_found_at_its_first_bad_place() {
    let vectors = Vectors::read();
    let stamps: Vec<Vec<u8>> = vectors.ballots.iter().map(|ballot| bytes(&ballot.stamp)).collect();
    let good = vectors.entries(&stamps);
    let verify = |entries: &[chain::Entry<'_>]| chain::verify(42, vectors.manifest_hash, entries.iter().copied());
    let broken = |position, reason| Err(Broken { position, reason });
    assert!(verify(&good).is_ok());
    assert_eq!(verify(&[]).unwrap().hash, vectors.manifest_hash);
    assert_eq!(verify(&good[..2]).unwrap().position, 2, "a cut-off end shows only against the stored head");
    assert_eq!(verify(&[good[0], good[2]]), broken(2, BreakReason::Gap));
    assert_eq!(verify(&[good[1], good[0], good[2]]), broken(1, BreakReason::Gap));
    assert_eq!(chain::verify(42, Digest::from([0; 32]), good.clone()), broken(1, BreakReason::BrokenLink));
    assert_eq!(chain::verify(43, vectors.manifest_hash, good.clone()), broken(1, BreakReason::WrongHash));

    let with = |change: &dyn Fn(&mut chain::Entry<'_>)| {
        let mut entries = good.clone();
        change(&mut entries[1]);
        verify(&entries)
    };
    assert_eq!(with(&|entry| entry.previous = Digest::from([1; 32])), broken(2, BreakReason::BrokenLink));
    assert_eq!(with(&|entry| entry.digest = Digest::from([1; 32])), broken(2, BreakReason::WrongHash));
    assert_eq!(with(&|entry| entry.prefix[0] ^= 1), broken(2, BreakReason::WrongHash));
    assert_eq!(with(&|entry| entry.stamp = &[0; 384]), broken(2, BreakReason::WrongHash));
    assert_eq!(with(&|entry| entry.chain_hash = Digest::from([1; 32])), broken(2, BreakReason::WrongHash));
    // Re-hashed after the change: the next entry no longer fits.
    let rehashed = with(&|entry| {
        entry.digest = Digest::from([1; 32]);
        entry.chain_hash = chain::link(42, 2, &entry.previous, &entry.digest, &entry.prefix, entry.stamp);
    });
    assert_eq!(rehashed, broken(3, BreakReason::BrokenLink));
}

#[test]
fn a_manifest_has_one_form_and_only_known_fields() {
    let vectors = Vectors::read();
    let text = &vectors.manifest;
    let refused = |changed: String| Manifest::parse(changed.as_bytes()).unwrap_err();
    assert_eq!(refused(text.replace("\"contests\"", " \"contests\"")), ManifestRefused::NotCanonical);
    assert_eq!(refused(text.replace("\"custody\"", "\"a\":1,\"custody\"")), ManifestRefused::NotAManifest);
    assert_eq!(refused(text.replace("\"custody\":\"server\",", "")), ManifestRefused::NotAManifest);
    assert_eq!(refused(text.replace("uvote/2", "uvote/1")), ManifestRefused::UnknownProtocol);
    assert_eq!(refused(text.replace("\"sealed_len\":428", "\"sealed_len\":429")), ManifestRefused::LengthsDiffer);
    let shorter =
        text.replace("\"plaintext_len\":15", "\"plaintext_len\":13").replace("\"sealed_len\":428", "\"sealed_len\":426");
    assert_eq!(refused(shorter), ManifestRefused::LengthsDiffer);
    assert_eq!(
        refused(text.replace("\"batch\":false,", "")),
        ManifestRefused::NotCanonical,
        "no field of a rule is left to guess"
    );
    assert_eq!(
        refused(text.replace("\"passes\":\"two_thirds\"", "\"passes\":{\"more_than\":{\"of\":\"votes\",\"share\":\"1/3\"}}")),
        ManifestRefused::Rule
    );
    assert_eq!(refused(text.replace(",\"text\":\"The fee is 5 a month from January on.\"", "")), ManifestRefused::Rule);
    assert_eq!(refused(text.replace(",\"standing\":\"none_of_the_above\"", "")), ManifestRefused::Rule);
    assert_eq!(refused(text.replace("\"election_id\":42", "\"election_id\":9007199254740993")), ManifestRefused::NotCanonical);
    let mut manifest = vectors.parsed();
    manifest.stamp_key.truncate(10);
    assert_eq!(Manifest::parse(&manifest.to_canonical_bytes().unwrap()).unwrap_err(), ManifestRefused::Key);
}

#[test]
fn a_receipt_code_is_read_as_people_type_it() {
    // 80 bits of zero, then the same with the lowest bit set: the vectors cover the rest.
    assert_eq!(receipt_code(&Digest::from([0; 32])), "VOTE-0000-0000-0000-0000");
    assert_eq!(receipt_code(&Digest::from([0xff; 32])), "VOTE-ZZZZ-ZZZZ-ZZZZ-ZZZZ");
    let one = [0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
    for text in ["VOTE-0000-0001-0000-0001", "vote-oooo-oool-oooo-oooi", " 0000000100000001 ", "VOTE0000 0001 0000 0001\n"] {
        assert_eq!(parse_receipt_code(text), Ok(one), "{text}");
    }
    for text in
        ["", "VOTE", "VOTE-0000-0000-0000-000", "VOTE-0000-0000-0000-000U", "VOTF-0000-0000-0000-0000", "é000-0000-0000-0000"]
    {
        assert_eq!(parse_receipt_code(text), Err(NotAReceiptCode), "{text}");
    }
}

proptest! {
    #[test]
    fn every_receipt_code_leads_back_to_its_digest(bytes: [u8; 32]) {
        let code = receipt_code(&Digest::from(bytes));
        prop_assert_eq!(code.len(), 24);
        prop_assert_eq!(&parse_receipt_code(&code).unwrap()[..], &bytes[..10]);
        prop_assert_eq!(&parse_receipt_code(&code.to_lowercase().replace('-', "")).unwrap()[..], &bytes[..10]);
    }

    #[test]
    fn no_text_upsets_the_receipt_parser(text: String) {
        let _ = parse_receipt_code(&text);
    }

    #[test]
    fn digests_survive_hex(bytes: [u8; 32]) {
        let digest = Digest::from(bytes);
        prop_assert_eq!(Digest::from_hex(&digest.to_hex()), Ok(digest));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn whatever_was_sealed_opens(plaintext in prop::collection::vec(any::<u8>(), 0..600), randomness: [u8; 32], hash: [u8; 32]) {
        let vectors = Vectors::read();
        let hash = Digest::from(hash);
        let randomness = SealRandomness::derive(&randomness, b"token", &plaintext);
        let sealed = seal::seal(&vectors.parsed().seal_key().unwrap(), &hash, &plaintext, randomness).unwrap();
        prop_assert_eq!(sealed.len(), seal::sealed_len(plaintext.len()));
        let opened = seal::decrypt(&vectors.seal_private(), &hash, &sealed).unwrap();
        prop_assert_eq!(opened.as_slice(), &plaintext[..]);
    }
}
