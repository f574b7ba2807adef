use crate::app::{TestApp, created, superadmin};
use contract::audit::Appended;
use contract::events::{AuditEvent, AuditEventKind};
use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::Value;

#[actix_web::test]
async fn an_event_sent_twice_is_in_the_log_once() {
    let app = TestApp::spawn().await;
    let events = [created("A"), created("B"), created("C")];
    let first: Appended = app.send_events("election", &events).await.json().await.unwrap();
    assert_eq!(first, Appended { stored: 3, known: 0 });
    let again = [events[2].clone(), created("D"), events[0].clone(), events[1].clone()];
    let second: Appended = app.send_events("election", &again).await.json().await.unwrap();
    assert_eq!(second, Appended { stored: 1, known: 3 });
    let third: Appended = app.send_events("election", &events).await.json().await.unwrap();
    assert_eq!(third, Appended { stored: 0, known: 3 });
    let state = app.verify().await;
    assert!(state.ok, "{state:?}");
    assert_eq!(state.entries, 4);
}

#[actix_web::test]
async fn an_event_twice_in_one_batch_is_in_the_log_once() {
    let app = TestApp::spawn().await;
    let event = created("A");
    let received: Appended = app.send_events("election", &[event.clone(), event]).await.json().await.unwrap();
    assert_eq!(received, Appended { stored: 1, known: 1 });
}

#[actix_web::test]
async fn two_processes_at_once_make_one_chain() {
    let app = TestApp::spawn_processes(2).await;
    // Every batch goes to both, so that each process also meets what the other has just stored.
    let batches: Vec<Vec<AuditEvent>> = (0..40).map(|batch| (0..5).map(|n| created(&format!("{batch}/{n}"))).collect()).collect();
    let calls =
        batches.iter().flat_map(|batch| [app.send_events_to(0, "election", batch), app.send_events_to(1, "election", batch)]);
    let mut sum = Appended { stored: 0, known: 0 };
    for answer in join_all(calls).await {
        assert_eq!(answer.status(), StatusCode::OK);
        let received: Appended = answer.json().await.unwrap();
        sum = Appended { stored: sum.stored + received.stored, known: sum.known + received.known };
    }
    assert_eq!(sum, Appended { stored: 200, known: 200 });
    let state = app.verify().await;
    assert!(state.ok, "{state:?}");
    assert_eq!(state.entries, 200);
}

#[actix_web::test]
async fn a_batch_with_one_event_that_cannot_be_read_is_refused_whole() {
    let app = TestApp::spawn().await;
    let good = serde_json::to_value(created("A")).unwrap();
    let mut unknown_kind = good.clone();
    unknown_kind["kind"]["event_type"] = "ballot_read".into();
    let mut unknown_member = good.clone();
    unknown_member["voter_id"] = 5.into();
    let mut far_away = good.clone();
    far_away["occurred_at"] = "+012345-01-01T00:00:00Z".into();
    for bad in [unknown_kind, unknown_member, far_away, Value::Null] {
        let token = app.service_token("election", "audit");
        let call = app.post(0, "/api/audit/events").header(identity::SERVICE_HEADER, token).json(&[&good, &bad]);
        let answer = call.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
    }
    assert_eq!(app.verify().await.entries, 0);
}

#[actix_web::test]
async fn a_batch_holds_between_one_and_256_events() {
    let app = TestApp::spawn().await;
    let many: Vec<AuditEvent> = (0..257).map(|n| created(&n.to_string())).collect();
    assert_eq!(app.send_events("election", &[]).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(app.send_events("election", &many).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(app.send_events("election", &many[..256]).await.status(), StatusCode::OK);
    assert_eq!(app.verify().await.entries, 256);
}

#[actix_web::test]
async fn a_service_sends_only_its_own_kinds_of_events() {
    let app = TestApp::spawn().await;
    let looked = || AuditEvent::now(AuditEventKind::ResultsViewed {});
    let logged_in = || AuditEvent::now(AuditEventKind::AdminLoggedIn {});
    let imported = || AuditEvent::now(AuditEventKind::VotersImported { imported: 1, duplicates: 0, rejected: 0 });
    let halted = || AuditEvent::now(AuditEventKind::RecordingHalted {});
    let theirs =
        [("election", created("A")), ("results", looked()), ("auth", logged_in()), ("admin", imported()), ("voting", halted())];
    for (service, event) in theirs {
        assert_eq!(app.send_events(service, &[event]).await.status(), StatusCode::OK, "{service}");
    }
    let not_theirs = [
        ("admin", created("A")),
        ("auth", imported()),
        ("election", logged_in()),
        ("results", created("A")),
        ("voting", created("A")),
        ("election", halted()),
        ("voting", AuditEvent::now(AuditEventKind::RecordingResumed { reason: "No reason".to_owned() })),
        ("email", looked()),
        ("frontend", logged_in()),
        ("audit", AuditEvent::now(AuditEventKind::AuditViewed {})),
        ("election", AuditEvent::now(AuditEventKind::AuditViewed {})),
    ];
    for (service, event) in not_theirs {
        assert_eq!(app.send_events(service, &[event]).await.status(), StatusCode::FORBIDDEN, "{service}");
    }
    let mixed = app.send_events("election", &[created("A"), logged_in()]).await;
    assert_eq!(mixed.status(), StatusCode::FORBIDDEN);
    assert_eq!(app.verify().await.entries, 5);
    let sources: Vec<Value> =
        app.page(superadmin(), "").await["items"].as_array().unwrap().iter().map(|e| e["source"].clone()).collect();
    assert_eq!(sources, ["election", "results", "auth", "admin", "voting", "audit"]);
}
