//! The listener, and the routes that every service has.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpResponse, HttpServer, web};
use contract::problems;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use problem::{Problem, json_config, path_config, problem_for_every_error, query_config};
use workers::{Stopper, Workers};

use crate::context::Needs;
use crate::{Routes, Service, StartError, span};

/// How often measured times are summed up: at 1,000 requests a second 5,000 numbers wait.
const UPKEEP: Duration = Duration::from_secs(5);

#[derive(Clone)]
struct Shared {
    name: &'static str,
    document: Arc<str>,
    needs: Needs,
    workers: Workers,
    metrics: PrometheusHandle,
}

pub(crate) fn listen<S: Service>(
    listen_addr: SocketAddr,
    routes: impl Routes,
    needs: Needs,
    workers: Workers,
) -> Result<(SocketAddr, Server), StartError> {
    let document = S::openapi().to_pretty_json()?.into();
    let shared = Shared { name: S::NAME, document, needs, workers, metrics: metrics_handle() };
    let server = HttpServer::new(move || {
        App::new()
            .app_data(json_config(S::JSON_LIMIT))
            .app_data(path_config())
            .app_data(query_config())
            .app_data(web::Data::new(shared.clone()))
            .wrap(from_fn(span::request_span))
            .wrap(from_fn(problem_for_every_error))
            .route("/health", web::get().to(health))
            .route("/ready", web::get().to(is_ready))
            .route("/metrics", web::get().to(show_metrics))
            .route("/openapi.json", web::get().to(show_document))
            .route(&format!("/api/{}/openapi.json", S::PUBLIC_PREFIX), web::get().to(show_document))
            .configure(routes.clone())
            .default_service(web::to(unknown_route))
    })
    .shutdown_timeout(30)
    .bind(listen_addr)?;
    let addr = server.addrs().first().copied().unwrap_or(listen_addr);
    tracing::info!(service = S::NAME, %addr, "listening");
    Ok((addr, server.run()))
}

async fn health(shared: web::Data<Shared>) -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "service": shared.name, "status": "alive" }))
}

async fn is_ready(shared: web::Data<Shared>) -> Result<HttpResponse, Problem> {
    match shared.needs.met(&shared.workers).await {
        Ok(mut body) => {
            body.insert("service".to_owned(), shared.name.into());
            body.insert("status".to_owned(), "ready".into());
            Ok(HttpResponse::Ok().json(body))
        }
        Err(missing) => Err(Problem::new(problems::UNAVAILABLE, format!("{} is not ready: {missing}", shared.name))),
    }
}

async fn show_metrics(shared: web::Data<Shared>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(shared.metrics.render())
}

async fn show_document(shared: web::Data<Shared>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(shared.document.to_string())
}

async fn unknown_route() -> Result<HttpResponse, Problem> {
    Err(Problem::new(problems::NOT_FOUND, "There is nothing at this address; /api/docs lists what there is"))
}

/// Every time that was measured waits as a number of its own until it is summed up. Reading /metrics does it; without a reader
/// they would fill the memory.
pub(crate) async fn keep_metrics_small(stop: Stopper) {
    let metrics = metrics_handle();
    while !stop.pause(UPKEEP).await {
        metrics.run_upkeep();
    }
}

/// One recorder per process: tests start several services in one.
fn metrics_handle() -> PrometheusHandle {
    static HANDLE: std::sync::OnceLock<PrometheusHandle> = std::sync::OnceLock::new();
    HANDLE
        .get_or_init(|| {
            let recorder = PrometheusBuilder::new().build_recorder();
            let handle = recorder.handle();
            if metrics::set_global_recorder(recorder).is_err() {
                tracing::warn!("another metrics recorder is installed; /metrics will be empty");
            }
            handle
        })
        .clone()
}
