//! What a receipt is good for.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto::Digest;
use crypto::receipt::{ReceiptPublicKey, verify};
use serde_json::json;
use testkit::TestDatabase;

use crate::app::App;
use crate::arranged::{an_election, close, secrets};

#[actix_web::test]
async fn a_receipt_is_signed_and_found_by_code_and_by_hash_and_never_says_the_choice() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election(&owner, 1).await;
    let app = App::start(&database).await;
    let cast = app.cast(&election.tokens[0], election.candidate(1)).await;
    let (code, hash) = (cast.text("receipt_code").to_owned(), cast.text("vote_hash").to_owned());
    let key = ReceiptPublicKey::from_spki_pem(&std::fs::read_to_string(secrets().join("receipt.pub.pem")).unwrap()).unwrap();
    let signature = STANDARD.decode(cast.body["receipt"]["signature"].as_str().unwrap()).unwrap();
    assert!(verify(&key, election.id, &Digest::from_hex(&hash).unwrap(), &signature));
    assert!(!verify(&key, election.id + 1, &Digest::from_hex(&hash).unwrap(), &signature));

    let expected =
        |on_board: bool| json!({ "recorded": true, "on_board": on_board, "election_id": election.id, "receipt_code": code });
    for typed in [code.clone(), hash.clone(), code.to_lowercase(), code.replace('-', "%20"), hash.to_uppercase()] {
        assert_eq!(app.get(&format!("/api/voting/receipts/{typed}")).await.body, expected(false), "{typed}");
    }
    close(&owner, &election).await;
    assert_eq!(app.get(&format!("/api/voting/receipts/{code}")).await.body, expected(false), "sealed, but not published");
    owner.execute("UPDATE elections SET results_published_at = now() WHERE election_id = $1", &[&election.id]).await.unwrap();
    assert_eq!(app.get(&format!("/api/voting/receipts/{code}")).await.body, expected(true));
}

#[actix_web::test]
async fn a_receipt_nobody_got_is_not_recorded_and_a_malformed_one_is_refused() {
    let database = TestDatabase::new().await;
    let app = App::start(&database).await;
    for unknown in ["VOTE-FTN1-VQSH-B94Z-K4D3", &"ab".repeat(32)] {
        let answer = app.get(&format!("/api/voting/receipts/{unknown}")).await;
        assert_eq!(answer.body, json!({ "recorded": false, "on_board": false }));
    }
    for malformed in ["VOTE", "1", &"ab".repeat(31), "%25%27%20OR%201=1"] {
        let answer = app.get(&format!("/api/voting/receipts/{malformed}")).await;
        assert_eq!((answer.status, answer.said()), (422, "invalid-input"), "{answer:?}");
    }
}
