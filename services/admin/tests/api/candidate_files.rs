//! Photos and programmes as PDF.

use std::io::Cursor;
use std::time::Duration;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use testkit::{given, wait_until};

use crate::app::App;

fn photo(color: [u8; 3], format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(RgbImage::from_pixel(300, 200, Rgb(color))).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn text<'a>(candidate: &'a Value, member: &str) -> &'a str {
    candidate[member].as_str().unwrap_or_else(|| panic!("no {member}: {candidate}"))
}

/// Waits until so many files are stored.
async fn files_are(app: &App, number: i64) {
    wait_until("unused files are deleted", Duration::from_secs(30), async || {
        app.number("SELECT count(*) FROM uploads").await == number
    })
    .await;
}

#[actix_web::test]
async fn a_photo_is_stored_anew_and_everybody_who_knows_its_address_sees_it() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let alice = election.candidate_ids[0];
    let sent = photo([200, 30, 30], ImageFormat::Png);
    let stored = app.upload(&admin, alice, "photo", sent.clone()).await.expect(200);
    let path = text(&stored, "photo_url");
    let (status, headers, bytes) = app.download(path, "").await;
    assert_eq!(status, 200);
    assert!(bytes.starts_with(&[0xff, 0xd8, 0xff]) && bytes.len() <= 200_000, "a JPEG, whatever was sent");
    assert_eq!(path, format!("/uploads/{}.jpg", hex::encode(Sha256::digest(&bytes))));
    let header = |name: &str| headers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
    assert_eq!([header("content-type"), header("x-content-type-options")], ["image/jpeg", "nosniff"]);
    assert_eq!(header("content-security-policy"), "default-src 'none'; sandbox");
    assert_eq!(header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(app.download(path, &header("etag")).await.0, 304);
    let (_, _, small) = app.download(text(&stored, "thumbnail_url"), "").await;
    let small = image::load_from_memory_with_format(&small, ImageFormat::Jpeg).unwrap();
    assert_eq!((small.width(), small.height()), (192, 192));
    assert_eq!(app.event_types().await, ["candidate_updated"]);
    for other in [
        "/uploads/",
        "/uploads/x",
        &path.replace(".jpg", ".pdf"),
        &path.replace(".jpg", ".svg"),
        "/uploads/..%2f..%2fetc%2fpasswd",
    ] {
        assert_eq!(app.download(other, "").await.0, 404, "{other}");
    }
}

#[actix_web::test]
async fn a_programme_is_saved_by_the_browser_and_never_opened_as_a_page() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let file = b"%PDF-1.7\n<script>alert(1)</script>".to_vec();
    let stored = app.upload(&admin, election.candidate_ids[0], "programme-file", file.clone()).await.expect(200);
    let path = text(&stored, "programme_file_url");
    assert!(path.ends_with(".pdf"));
    let (status, headers, bytes) = app.download(path, "").await;
    assert_eq!((status, bytes), (200, file));
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    assert_eq!([header("content-type"), header("x-content-type-options")], ["application/pdf", "nosniff"]);
    assert_eq!(header("content-disposition"), "attachment; filename=\"programme.pdf\"");
    assert_eq!(header("content-security-policy"), "default-src 'none'; sandbox");
    let html = b"<html><script>alert(1)</script>".to_vec();
    app.upload(&admin, election.candidate_ids[1], "programme-file", html).await.refused(415, "unsupported-media-type");
    app.upload(&admin, election.candidate_ids[1], "programme-file", b" %PDF-1.7".to_vec())
        .await
        .refused(415, "unsupported-media-type");
    let mut large = b"%PDF-1.7".to_vec();
    large.resize(5 * 1024 * 1024, b'x');
    app.upload(&admin, election.candidate_ids[1], "programme-file", large.clone()).await.expect(200);
    large.push(b'x');
    app.upload(&admin, election.candidate_ids[1], "programme-file", large).await.refused(413, "too-large");
}

#[actix_web::test]
async fn what_is_no_photo_is_refused_with_a_reason_and_leaves_everything_as_it_was() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let alice = election.candidate_ids[0];
    let before = app.upload(&admin, alice, "photo", photo([1, 2, 3], ImageFormat::Jpeg)).await.expect(200);
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>".to_vec();
    assert!(app.upload(&admin, alice, "photo", svg).await.refused(415, "unsupported-media-type").contains("JPEG"));
    let whole = photo([9, 9, 9], ImageFormat::Jpeg);
    app.upload(&admin, alice, "photo", whole[..whole.len() - 2].to_vec()).await.refused(422, "invalid-input");
    let mut large = whole.clone();
    large.resize(5 * 1024 * 1024 + 1, 0);
    assert!(app.upload(&admin, alice, "photo", large).await.refused(413, "too-large").contains("5 MB"));
    let mut bomb = whole.clone();
    let frame = bomb.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
    bomb[frame + 5..frame + 9].copy_from_slice(&[0xff; 4]);
    assert!(app.upload(&admin, alice, "photo", bomb).await.refused(413, "too-large").contains("pixels"));
    app.upload(&admin, alice, "photo", Vec::new()).await.refused(415, "unsupported-media-type");
    app.upload_form(&admin, alice, "photo", Form::new()).await.refused(400, "malformed-request");
    app.upload_form(&admin, alice, "photo", Form::new().text("name", "Ann")).await.refuses_field("form");
    let twice = Form::new().part("file", Part::bytes(whole.clone())).part("file", Part::bytes(whole));
    app.upload_form(&admin, alice, "photo", twice).await.refuses_field("file");
    app.call(&admin, "PUT", &format!("/api/admin/candidates/{alice}/photo"), Some(json!({})))
        .await
        .refused(415, "unsupported-media-type");
    let list = app.get(&admin, &format!("/api/admin/candidates?election_id={}", election.election_id)).await.expect(200);
    assert_eq!(list["items"][0], before);
    assert_eq!(app.event_types().await.len(), 1);
    assert_eq!(app.number("SELECT count(*) FROM uploads").await, 2);
}

#[actix_web::test]
async fn a_file_that_nobody_names_any_more_is_deleted() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let [alice, bob, carol] = <[i64; 3]>::try_from(election.candidate_ids.clone()).unwrap();
    let first = app.upload(&admin, alice, "photo", photo([10, 10, 10], ImageFormat::Jpeg)).await.expect(200);
    app.upload(&admin, bob, "photo", photo([10, 10, 10], ImageFormat::Jpeg)).await.expect(200);
    assert_eq!(app.number("SELECT count(*) FROM uploads").await, 2, "the same picture is stored once");
    app.upload(&admin, alice, "photo", photo([90, 90, 90], ImageFormat::Jpeg)).await.expect(200);
    files_are(&app, 4).await;
    assert_eq!(app.download(text(&first, "photo_url"), "").await.0, 200, "Bob still has it");
    assert_eq!(app.call(&admin, "DELETE", &format!("/api/admin/candidates/{bob}/photo"), None).await.status, 204);
    files_are(&app, 2).await;
    assert_eq!(app.download(text(&first, "photo_url"), "").await.0, 404);
    app.upload(&admin, carol, "programme-file", b"%PDF-1".to_vec()).await.expect(200);
    assert_eq!(app.call(&admin, "DELETE", &format!("/api/admin/candidates/{carol}/programme-file"), None).await.status, 204);
    assert_eq!(app.call(&admin, "DELETE", &format!("/api/admin/candidates/{carol}/programme-file"), None).await.status, 204);
    assert_eq!(app.call(&admin, "DELETE", &format!("/api/admin/candidates/{alice}"), None).await.status, 204);
    files_are(&app, 0).await;
    // What a deleted draft leaves behind, the next process deletes when it starts.
    app.upload(&admin, carol, "photo", photo([50, 60, 70], ImageFormat::WebP)).await.expect(200);
    app.sql(&format!("DELETE FROM elections WHERE election_id = {}", election.election_id)).await;
    app.another_process().await;
    files_are(&app, 0).await;
}

#[actix_web::test]
async fn two_uploads_at_once_leave_one_photo_and_no_other_file() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let alice = election.candidate_ids[0];
    for round in 0..5_u8 {
        let [one, two] = [[round, 0, 0], [0, round, 200]].map(|color| photo(color, ImageFormat::Png));
        let (first, second) =
            futures_util::join!(app.upload(&admin, alice, "photo", one), app.upload(&admin, alice, "photo", two));
        let stored = [first.expect(200), second.expect(200)];
        let list = app.get(&admin, &format!("/api/admin/candidates?election_id={}", election.election_id)).await.expect(200);
        assert!(stored.contains(&list["items"][0]), "photo and small picture are of one upload");
        files_are(&app, 2).await;
    }
}

#[actix_web::test]
async fn a_photo_that_crosses_an_activation_waits_for_it_and_is_refused() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let alice = election.candidate_ids[0];
    app.sql("BEGIN").await;
    given::activate(&app.owner, election.election_id, "simple").await;
    let (refused, ()) = futures_util::join!(app.upload(&admin, alice, "photo", photo([1, 2, 3], ImageFormat::Jpeg)), async {
        app.somebody_waits().await;
        app.sql("COMMIT").await;
    });
    assert!(refused.refused(409, "state-conflict").contains("frozen"));
    for kind in ["photo", "programme-file"] {
        app.upload(&admin, alice, kind, photo([1, 2, 3], ImageFormat::Jpeg)).await.refused(409, "state-conflict");
        app.call(&admin, "DELETE", &format!("/api/admin/candidates/{alice}/{kind}"), None).await.refused(409, "state-conflict");
    }
    assert_eq!(app.number("SELECT count(*) FROM uploads").await, 0);
    assert!(app.events().await.is_empty());
}

#[actix_web::test]
async fn nobody_changes_a_file_of_others_or_of_what_a_rule_put_there() {
    let app = App::start().await;
    let (_, election) = app.a_draft().await;
    let (other, _) = app.a_draft().await;
    for candidate in [election.candidate_ids[0], 999_999] {
        app.upload(&other, candidate, "photo", photo([1, 2, 3], ImageFormat::Jpeg)).await.refused(404, "not-found");
        app.call(&other, "DELETE", &format!("/api/admin/candidates/{candidate}/photo"), None).await.refused(404, "not-found");
    }
    let (admin, draft) = app.a_draft().await;
    let sql = format!(
        "UPDATE candidates SET standing = 'none_of_the_above' WHERE candidate_id = {} RETURNING candidate_id",
        draft.candidate_ids[2]
    );
    let none = app.number(&sql).await;
    app.upload(&admin, none, "photo", photo([1, 2, 3], ImageFormat::Jpeg)).await.refused(409, "state-conflict");
}

/// Attack: whoever owns the database exchanges the bytes behind an address that the manifest covers.
#[actix_web::test]
async fn bytes_that_are_not_those_of_their_address_are_not_shown() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let stored = app.upload(&admin, election.candidate_ids[0], "photo", photo([1, 2, 3], ImageFormat::Jpeg)).await.expect(200);
    let exchange = "UPDATE uploads SET bytes = 'another face'";
    assert!(app.owner.batch_execute(exchange).await.is_err(), "a stored file never changes");
    app.sql("ALTER TABLE uploads DISABLE TRIGGER USER").await;
    assert!(app.owner.batch_execute(exchange).await.is_err(), "and its name is its hash");
    app.sql(&format!("ALTER TABLE uploads DROP CONSTRAINT uploads_path_is_hash; {exchange}")).await;
    assert_eq!(app.download(text(&stored, "photo_url"), "").await.0, 500);
}
