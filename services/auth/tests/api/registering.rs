use auth::Registration;
use serde_json::json;

use crate::app::{App, PASSWORD, an_address};

#[actix_web::test]
async fn an_organiser_registers_and_the_log_knows() {
    let app = App::start().await;
    let email = an_address();
    let answer = app.register(&email, PASSWORD).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(answer.body, json!({ "admin_id": answer.body["admin_id"], "email": email, "role": "admin" }));
    let events = app.events().await;
    assert_eq!(events[0]["kind"]["event_type"], "admin_registered");
    assert_eq!(events[0]["admin_id"], answer.body["admin_id"]);
    assert_eq!(events[0]["ip_address"], "192.0.2.7");
    assert!(!events[0].to_string().contains(&email), "the log names accounts by their number");
}

#[actix_web::test]
async fn an_address_registers_once_whatever_the_case_of_its_letters() {
    let app = App::start().await;
    let email = an_address();
    assert_eq!(app.register(&email, PASSWORD).await.status, 201);
    let again = app.register(&email.to_uppercase(), PASSWORD).await;
    assert!(again.is_refused_as(409, "already-exists"), "{again:?}");
    assert_eq!(app.event_types().await, ["admin_registered"], "a refusal is no event");
}

#[actix_web::test]
async fn of_eight_registrations_at_once_one_succeeds() {
    let app = App::start().await;
    let email = an_address();
    let answers = futures_util::future::join_all((0..8).map(|_| app.register(&email, PASSWORD))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == 409).count(), 7);
}

#[actix_web::test]
async fn every_wrong_field_is_named() {
    let app = App::start().await;
    let answer = app.register("not an address", "short").await;
    assert!(answer.is_refused_as(422, "invalid-input"), "{answer:?}");
    assert_eq!(answer.body["errors"][0]["field"], "email");
    assert_eq!(answer.body["errors"][1]["field"], "password");
    for bad in ["password1234", "aaaaaaaaaaaaaa", &"x9".repeat(37), &format!("{}!!", "bob.smith@example.com")] {
        let answer = app.register("Bob.Smith@example.com", bad).await;
        assert!(answer.is_refused_as(422, "invalid-input"), "{bad}: {answer:?}");
        assert!(!answer.body.to_string().contains(bad), "a password is not repeated");
    }
}

#[actix_web::test]
async fn strangers_are_refused_where_registration_is_not_open() {
    for (registration, word) in [(Registration::Closed, "closed"), (Registration::Invite, "invited")] {
        let app = App::with(|settings| settings.registration = Some(registration)).await;
        let answer = app.register(&an_address(), PASSWORD).await;
        assert!(answer.is_refused_as(403, "registration-closed"), "{answer:?}");
        assert!(answer.body["detail"].as_str().unwrap().contains(word));
    }
}
