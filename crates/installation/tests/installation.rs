//! The secret files are made once, and other libraries read them.
#![allow(clippy::unwrap_used, reason = "a test")]

use installation::{Installation, InstallationError, ROLES, SIGNERS};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    found
}

#[test]
fn a_second_start_changes_no_file_and_nobody_else_can_read_them() {
    let dir = tempfile::tempdir().unwrap();
    Installation::ensure(dir.path()).unwrap();
    let first = files(dir.path());
    Installation::ensure(dir.path()).unwrap();
    assert_eq!(first, files(dir.path()));
    assert!(first.len() > 30, "{} files", first.len());
    for path in first.keys() {
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600, "{}", path.display());
    }
    for role in ROLES {
        assert!(first.contains_key(&dir.path().join(format!("db/{role}.password"))));
    }
}

#[test]
fn a_token_signed_with_a_service_key_is_read_with_its_public_half() {
    let dir = tempfile::tempdir().unwrap();
    let secrets = Installation::ensure(dir.path()).unwrap();
    let mut pairs = vec![
        (secrets.assertion_key(), secrets.assertion_public_key()),
        (secrets.audit_head_key(), secrets.audit_head_public_key()),
    ];
    pairs.extend(SIGNERS.into_iter().map(|s| (secrets.service_key(s), secrets.service_public_key(s))));
    for (private, public) in pairs {
        let key = EncodingKey::from_ed_pem(&fs::read(private).unwrap()).unwrap();
        let claims = json!({"iss": "auth", "exp": 4_000_000_000_u64});
        let token = jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims, &key).unwrap();
        let key = DecodingKey::from_ed_pem(&fs::read(public).unwrap()).unwrap();
        let read = jsonwebtoken::decode::<serde_json::Value>(&token, &key, &Validation::new(Algorithm::EdDSA)).unwrap();
        assert_eq!(read.claims, claims);
    }
}

#[test]
fn the_receipt_pair_is_p256_in_its_usual_forms() {
    let dir = tempfile::tempdir().unwrap();
    let secrets = Installation::ensure(dir.path()).unwrap();
    let key = EncodingKey::from_ec_pem(&fs::read(secrets.receipt_key()).unwrap()).unwrap();
    let claims = json!({"exp": 4_000_000_000_u64});
    let token = jsonwebtoken::encode(&Header::new(Algorithm::ES256), &claims, &key).unwrap();
    let key = DecodingKey::from_ec_pem(&fs::read(secrets.receipt_public_key()).unwrap()).unwrap();
    jsonwebtoken::decode::<serde_json::Value>(&token, &key, &Validation::new(Algorithm::ES256)).unwrap();
}

#[test]
fn a_lost_public_half_or_certificate_comes_back_from_its_key() {
    let dir = tempfile::tempdir().unwrap();
    let secrets = Installation::ensure(dir.path()).unwrap();
    let public = fs::read(secrets.assertion_public_key()).unwrap();
    let tls_key = fs::read(secrets.tls_key()).unwrap();
    fs::remove_file(secrets.assertion_public_key()).unwrap();
    fs::remove_file(secrets.tls_certificate()).unwrap();
    Installation::ensure(dir.path()).unwrap();
    assert_eq!(public, fs::read(secrets.assertion_public_key()).unwrap());
    assert_eq!(tls_key, fs::read(secrets.tls_key()).unwrap());
    assert!(secrets.tls_certificate().exists());
}

#[test]
fn a_broken_key_is_named_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let secrets = Installation::ensure(dir.path()).unwrap();
    fs::write(secrets.receipt_key(), "nonsense").unwrap();
    let refused = Installation::ensure(dir.path()).unwrap_err();
    assert!(matches!(refused, InstallationError::NotAKey(path) if path == secrets.receipt_key()));
    assert_eq!(fs::read_to_string(secrets.receipt_key()).unwrap(), "nonsense");
}

#[test]
fn two_first_starts_at_once_agree() {
    let dir = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        let starts: Vec<_> = (0..4).map(|_| scope.spawn(|| Installation::ensure(dir.path()).unwrap())).collect();
        for start in starts {
            start.join().unwrap();
        }
    });
    let settled = files(dir.path());
    Installation::ensure(dir.path()).unwrap();
    assert_eq!(settled, files(dir.path()));
}
