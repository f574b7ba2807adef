//! The web side: the part of Mailpit's API that tests use, and pages for people.

use crate::mail::{Mail, Person};
use crate::pages;
use crate::store::Store;
use actix_web::dev::Server;
use actix_web::web::{Data, Path, Query};
use actix_web::{App, HttpResponse, HttpServer, web};
use serde::Deserialize;
use serde_json::{Value, json};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    start: usize,
    limit: Option<usize>,
}

/// A bound server with one worker; nothing is served before it is polled.
pub(crate) fn server(address: SocketAddr, store: Arc<Store>) -> io::Result<(SocketAddr, Server)> {
    let listener = TcpListener::bind(address)?;
    let address = listener.local_addr()?;
    let store = Data::from(store);
    let routes = move || {
        App::new()
            .app_data(store.clone())
            .route("/", web::get().to(list_page))
            .route("/mail/{id}", web::get().to(mail_page))
            .route("/mail/{id}/html", web::get().to(mail_html))
            .route("/api/v1/messages", web::get().to(messages))
            .route("/api/v1/messages", web::delete().to(clear))
            .route("/api/v1/message/{id}", web::get().to(message))
    };
    Ok((address, HttpServer::new(routes).workers(1).disable_signals().listen(listener)?.run()))
}

fn person((name, address): Person) -> Value {
    json!({"Name": name, "Address": address})
}

fn summary(mail: &Mail) -> Value {
    let snippet: String = mail.text().split_whitespace().collect::<Vec<_>>().join(" ").chars().take(120).collect();
    json!({
        "ID": mail.id.to_string(),
        "From": person(mail.from()),
        "To": mail.to().into_iter().map(person).collect::<Vec<_>>(),
        "Subject": mail.subject(),
        "Created": mail.received(),
        "Size": mail.raw.len(),
        "Snippet": snippet,
    })
}

async fn messages(store: Data<Store>, page: Query<Page>) -> HttpResponse {
    let (mails, total) = store.page(page.start, page.limit.unwrap_or(50).min(1000));
    let list: Vec<Value> = mails.iter().map(|mail| summary(mail)).collect();
    HttpResponse::Ok().json(json!({
        "total": total, "messages_count": total, "count": list.len(), "start": page.start, "messages": list,
    }))
}

async fn message(store: Data<Store>, id: Path<u64>) -> HttpResponse {
    let Some(mail) = store.get(*id) else { return HttpResponse::NotFound().json(json!({"Error": "no such mail"})) };
    HttpResponse::Ok().json(json!({
        "ID": mail.id.to_string(),
        "From": person(mail.from()),
        "To": mail.to().into_iter().map(person).collect::<Vec<_>>(),
        "ReturnPath": mail.sender,
        "Subject": mail.subject(),
        "Date": mail.date(),
        "Text": mail.text(),
        "HTML": mail.html(),
        "Size": mail.raw.len(),
    }))
}

async fn clear(store: Data<Store>) -> HttpResponse {
    match store.clear() {
        Ok(()) => HttpResponse::Ok().body("ok"),
        Err(_) => HttpResponse::InternalServerError().json(json!({"Error": "the file cannot be emptied"})),
    }
}

async fn list_page(store: Data<Store>, page: Query<Page>) -> HttpResponse {
    let limit = page.limit.unwrap_or(100).clamp(1, 1000);
    let (mails, total) = store.page(page.start, limit);
    page_response(pages::list(&mails, total, page.start, limit))
}

async fn mail_page(store: Data<Store>, id: Path<u64>) -> HttpResponse {
    match store.get(*id) {
        Some(mail) => page_response(pages::mail(&mail)),
        None => HttpResponse::NotFound().body("This mail is not here any more."),
    }
}

fn page_response(page: Result<String, minijinja::Error>) -> HttpResponse {
    match page {
        Ok(page) => HttpResponse::Ok()
            .content_type("text/html; charset=utf-8")
            .insert_header((
                "Content-Security-Policy",
                "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'",
            ))
            .insert_header(("Referrer-Policy", "no-referrer"))
            .body(page),
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}

/// The mail's own HTML, in a sandbox: no scripts, no forms, nothing loaded from other servers. Its links open outside the frame.
async fn mail_html(store: Data<Store>, id: Path<u64>) -> HttpResponse {
    let Some(mail) = store.get(*id) else { return HttpResponse::NotFound().finish() };
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((
            "Content-Security-Policy",
            "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:",
        ))
        .insert_header(("Referrer-Policy", "no-referrer"))
        .body(format!("<base target=\"_blank\">{}", mail.html()))
}
