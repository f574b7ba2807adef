//! A small service on a real database: what `/ready` looks at, and how it ends.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::cell::RefCell;
use std::process::Command;
use std::time::Duration;

use actix_web::web::ServiceConfig;
use launch::{Common, Context, DatabaseSettings, NothingElse, Routes, StartError, Stopper};
use serde::Deserialize;
use testkit::{Running, SUPERUSER, TestDatabase, service, wait_until};
use tokio::sync::oneshot;
use utoipa::openapi::{InfoBuilder, OpenApi, OpenApiBuilder};

const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Deserialize)]
struct Settings {
    #[serde(flatten)]
    common: Common,
    #[serde(flatten)]
    database: DatabaseSettings,
    #[serde(flatten)]
    nothing_else: NothingElse,
}

impl AsRef<Common> for Settings {
    fn as_ref(&self) -> &Common {
        &self.common
    }
}

/// What the worker of the next service does.
type Work = Box<dyn FnOnce(Stopper) -> std::pin::Pin<Box<dyn Future<Output = ()>>>>;

thread_local! {
    static WORK: RefCell<Option<Work>> = const { RefCell::new(None) };
}

struct Small;

impl launch::Service for Small {
    const NAME: &'static str = "voting";
    const ABOUT: &'static str = "A small service";
    const PUBLIC_PREFIX: &'static str = "small";
    const JSON_LIMIT: usize = 1024;
    type Settings = Settings;

    fn openapi() -> OpenApi {
        OpenApiBuilder::new().info(InfoBuilder::new().title("small").build()).build()
    }

    async fn build(settings: Settings, context: &mut Context) -> Result<impl Routes, StartError> {
        let Settings { database, nothing_else: NothingElse, .. } = settings;
        context.database(&database)?;
        if let Some(work) = WORK.take() {
            context.worker("small worker", work);
        }
        Ok(|_: &mut ServiceConfig| {})
    }
}

async fn start(database: &TestDatabase) -> Running {
    let settings =
        Settings { common: service::common(), database: service::database(database, "voting"), nothing_else: NothingElse };
    Running::start::<Small>(settings).await
}

async fn start_with(database: &TestDatabase, work: impl AsyncFnOnce(Stopper) + 'static) -> Running {
    WORK.set(Some(Box::new(|stop| Box::pin(work(stop)))));
    start(database).await
}

async fn ready(running: &Running) -> (u16, String) {
    let answer = reqwest::get(format!("{}/ready", running.url)).await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[track_caller]
fn not_ready(answer: (u16, String), because: &str) {
    assert_eq!(answer.0, 503, "{}", answer.1);
    assert!(answer.1.contains(because), "{}", answer.1);
}

#[actix_web::test]
async fn a_service_whose_tables_are_gone_is_not_ready() {
    let database = TestDatabase::new().await;
    let running = start(&database).await;
    assert_eq!(ready(&running).await.0, 200);
    let superuser = database.connect(SUPERUSER).await;
    superuser
        .batch_execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO PUBLIC")
        .await
        .unwrap();
    not_ready(ready(&running).await, "schema_version");
}

#[actix_web::test]
async fn a_schema_that_is_behind_or_too_far_ahead_is_not_ready() {
    let database = TestDatabase::new().await;
    let running = start(&database).await;
    let owner = database.owner().await;
    let release = async |number: i32| {
        let sql = format!(
            "CREATE OR REPLACE FUNCTION schema_version() RETURNS TABLE (release integer, applied text[]) LANGUAGE sql \
             SECURITY DEFINER AS $$ SELECT {number}, array_agg(m.version::text) FROM __diesel_schema_migrations m $$"
        );
        owner.batch_execute(&sql).await.unwrap();
    };
    release(launch::schema::NEWEST).await;
    assert_eq!(ready(&running).await.0, 200, "the next release has migrated; this program is still there");
    release(launch::schema::NEWEST + 1).await;
    not_ready(ready(&running).await, "bring this program up to date");
    release(launch::schema::OLDEST).await;
    let newest = "DELETE FROM __diesel_schema_migrations WHERE version = (SELECT max(version) FROM __diesel_schema_migrations)";
    owner.batch_execute(newest).await.unwrap();
    not_ready(ready(&running).await, "run uvote-migrate");
}

#[actix_web::test]
async fn a_service_whose_worker_has_ended_is_not_ready() {
    let database = TestDatabase::new().await;
    let running = start_with(&database, async |_| {}).await;
    wait_until("the end is seen", PATIENCE, async || ready(&running).await.0 == 503).await;
    not_ready(ready(&running).await, "small worker has ended");
}

#[actix_web::test]
async fn a_panic_of_a_worker_ends_the_service_with_its_reason() {
    let database = TestDatabase::new().await;
    let (go, told) = oneshot::channel::<()>();
    let running = start_with(&database, async move |_| {
        told.await.unwrap();
        panic!("the sky is falling");
    })
    .await;
    assert_eq!(ready(&running).await.0, 200);
    go.send(()).unwrap();
    let ended = tokio::time::timeout(PATIENCE, running.ended).await.unwrap().unwrap();
    assert_eq!(ended.unwrap_err().to_string(), "the worker 'small worker' panicked: the sky is falling");
    assert!(reqwest::get(running.url).await.is_err(), "nobody listens any more");
}

#[actix_web::test]
async fn a_service_that_is_stopped_waits_for_its_workers() {
    let database = TestDatabase::new().await;
    let (finish, finished) = oneshot::channel::<()>();
    let (stopping, is_stopping) = oneshot::channel::<()>();
    let mut running = start_with(&database, async move |stop| {
        stop.stopped().await;
        stopping.send(()).unwrap();
        finished.await.unwrap();
    })
    .await;
    running.handle.stop(true).await;
    is_stopping.await.unwrap();
    let still = tokio::time::timeout(Duration::from_millis(50), &mut running.ended).await;
    assert!(still.is_err(), "the worker is not done");
    finish.send(()).unwrap();
    tokio::time::timeout(PATIENCE, running.ended).await.unwrap().unwrap().unwrap();
}

/// The whole program: settings from the environment, a reason on standard error, and an exit code that says failure.
#[test]
fn a_program_whose_worker_panics_fails_and_says_why() {
    let program = std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().join("examples/unlucky");
    let with = |name: &str, value: &str| {
        let mut unlucky = Command::new(&program);
        unlucky.env("UNLUCKY_LISTEN_ADDR", "127.0.0.1:0").env("UNLUCKY_LOG", "error").env(name, value);
        let output = unlucky.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, said) = with("UNLUCKY_MODE", "local");
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("uvote-unlucky: the worker 'luck' panicked: no luck left"), "{said}");
    let (code, said) = with("UNLUCKY_LSITEN_ADDR", "127.0.0.1:1");
    assert_eq!((code, said.trim()), (Some(1), "uvote-unlucky: settings UNLUCKY_*: there is no setting LSITEN_ADDR"));
}
