use serde_json::json;
use testkit::given;

use crate::app::{Admin, Answer, App};

async fn send(app: &App, admin: &Admin, election_id: i64) -> Answer {
    app.call(admin, "POST", &format!("/api/admin/elections/{election_id}/send-results-links"), None).await
}

#[actix_web::test]
async fn the_result_is_mailed_once_to_everybody_and_only_when_published() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let id = election.election_id;
    given::voters(&app.owner, id, 3).await;
    send(&app, &admin, id).await.refused(409, "results-not-published");
    given::activate(&app.owner, id, "simple").await;
    send(&app, &admin, id).await.refused(409, "results-not-published");
    app.close(id).await;
    send(&app, &admin, id).await.refused(409, "results-not-published");
    assert!(app.mails().await.is_empty());
    app.sql("UPDATE elections SET tally_state = 'opened', results_published_at = now()").await;
    assert_eq!(send(&app, &admin, id).await.expect(202), json!({ "queued": 3 }));
    // A double click: the same mails, not three more.
    assert_eq!(send(&app, &admin, id).await.expect(202), json!({ "queued": 3 }));
    let mails = app.mails().await;
    assert_eq!(mails.len(), 3);
    assert!(mails.iter().all(|mail| mail["results_url"] == format!("https://vote.example.org/results/{id}")));
    assert!(mails.iter().all(|mail| mail["kind"] == "results_notification" && mail["event_id"].is_string()));
}
