//! Stands in for the email service behind the gateway's internal listener.

use actix_web::web::{self, Data, Json};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use serde_json::Value;
use tokio::sync::mpsc;

type ReceivedEvents = mpsc::UnboundedSender<(String, Value)>;

/// Takes every mail; gives its own address and what it hears.
pub(crate) fn start() -> (String, mpsc::UnboundedReceiver<(String, Value)>) {
    let (said, heard) = mpsc::unbounded_channel();
    let server = HttpServer::new(move || App::new().app_data(Data::new(said.clone())).default_service(web::to(take)))
        .workers(1)
        .bind("127.0.0.1:0")
        .unwrap();
    let url = format!("http://{}", server.addrs()[0]);
    actix_web::rt::spawn(server.run());
    (url, heard)
}

async fn take(said: Data<ReceivedEvents>, request: HttpRequest, body: Json<Value>) -> HttpResponse {
    assert!(request.headers().contains_key("x-uvote-service"), "signed as voting");
    said.send((request.path().to_owned(), body.into_inner())).unwrap();
    HttpResponse::Accepted().finish()
}
