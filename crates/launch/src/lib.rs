//! From `main` to a listening service: settings, telemetry, health, metrics, shutdown, and the pool for slow work.
//!
//! ```text
//! main ─▶ settings::<S>("AUTH_") ─▶ telemetry() ─▶ Service { ... }.start(routes) ─▶ Running::wait
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

mod settings;
mod slow;
mod span;
mod tags;

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use actix_web::{App, HttpResponse, HttpServer};
use contract::problems;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use problem::{Problem, json_config, path_config, problem_for_every_error, query_config};
pub use settings::{Mode, SettingsRefused, key_32, secret, settings};
pub use slow::{Overloaded, SlowWork};
pub use span::telemetry;
pub use tags::unless_known;
use utoipa::openapi::OpenApi;

/// How often measured times are summed up: at 1,000 requests a second 5,000 numbers wait.
const UPKEEP: Duration = Duration::from_secs(5);

/// Asks whether all that a service needs is there; `Err` names what is not.
pub type Readiness = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<(), String>>>> + Send + Sync>;

/// What `/ready` says beside that all is there: members of its JSON. For what an operator should see and no load balancer must act on.
pub type Remarks = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = serde_json::Map<String, serde_json::Value>>>> + Send + Sync>;

/// A service about to listen.
pub struct Service {
    /// Its name, as in the architecture: `auth`, `election`, ...
    pub name: &'static str,
    /// Its part of the public paths: `auth`, `elections`, ...
    pub public_prefix: &'static str,
    /// Where it listens; port 0 takes a free one.
    pub listen_addr: SocketAddr,
    /// The largest JSON body it reads, in bytes.
    pub json_limit: usize,
    /// Its OpenAPI document.
    pub openapi: OpenApi,
    /// What `/ready` asks.
    pub ready: Readiness,
}

/// A service that listens.
pub struct Running {
    /// Where.
    pub addr: SocketAddr,
    server: Server,
    handle: ServerHandle,
}

impl Running {
    /// Waits until the server ends: SIGTERM lets requests under way finish, for up to 30 seconds.
    pub async fn wait(self) -> std::io::Result<()> {
        self.server.await
    }

    /// What stops it from elsewhere.
    #[must_use]
    pub fn handle(&self) -> ServerHandle {
        self.handle.clone()
    }
}

impl Service {
    /// Binds and starts to serve `routes`. `routes` runs once per worker, so shared state is made before and cloned in.
    pub fn start(self, routes: impl Fn(&mut ServiceConfig) + Clone + Send + 'static) -> std::io::Result<Running> {
        self.start_with_remarks(routes, Arc::new(|| Box::pin(async { serde_json::Map::new() })))
    }

    /// As [`Service::start`], with something more to say at `/ready`.
    pub fn start_with_remarks(
        self,
        routes: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
        remarks: Remarks,
    ) -> std::io::Result<Running> {
        let Self { name, public_prefix, listen_addr, json_limit, openapi, ready } = self;
        let document: Arc<str> = openapi.to_pretty_json().map_err(std::io::Error::other)?.into();
        let metrics = metrics_handle();
        actix_web::rt::spawn(keep_metrics_small(metrics.clone()));
        let server = HttpServer::new(move || {
            let routes = routes.clone();
            let (ready, remarks) = (ready.clone(), remarks.clone());
            let shared = Shared { name, document: document.clone(), ready, remarks, metrics: metrics.clone() };
            App::new()
                .app_data(json_config(json_limit))
                .app_data(path_config())
                .app_data(query_config())
                .app_data(web::Data::new(shared))
                .wrap(from_fn(span::request_span))
                .wrap(from_fn(problem_for_every_error))
                .route("/health", web::get().to(health))
                .route("/ready", web::get().to(is_ready))
                .route("/metrics", web::get().to(show_metrics))
                .route("/openapi.json", web::get().to(show_document))
                .route(&format!("/api/{public_prefix}/openapi.json"), web::get().to(show_document))
                .configure(routes)
                .default_service(web::to(unknown_route))
        })
        .shutdown_timeout(30)
        .bind(listen_addr)?;
        let addr = server.addrs().first().copied().unwrap_or(listen_addr);
        let server = server.run();
        tracing::info!(service = name, %addr, "listening");
        Ok(Running { addr, handle: server.handle(), server })
    }
}

#[derive(Clone)]
struct Shared {
    name: &'static str,
    document: Arc<str>,
    ready: Readiness,
    remarks: Remarks,
    metrics: PrometheusHandle,
}

async fn health(shared: web::Data<Shared>) -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "service": shared.name, "status": "alive" }))
}

async fn is_ready(shared: web::Data<Shared>) -> Result<HttpResponse, Problem> {
    let needs = (shared.ready)();
    match needs.await {
        Ok(()) => {
            let mut body = (shared.remarks)().await;
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
async fn keep_metrics_small(metrics: PrometheusHandle) {
    loop {
        tokio::time::sleep(UPKEEP).await;
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
