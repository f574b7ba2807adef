//! Redis may be down, empty or hanging: logins take longer, and nobody gets in who should not.

use std::time::{Duration, Instant};

use auth::Settings;
use deadpool_redis::redis::{Client, cmd};

use crate::app::{App, PASSWORD, WRONG, an_address};

fn dead(settings: &mut Settings) {
    settings.redis_url = "redis://127.0.0.1:9/".to_owned();
}

async fn flush() {
    let password = std::fs::read_to_string(testkit::service::secrets().dir().join("redis.password")).unwrap();
    let address = std::env::var(testkit::env::REDIS).unwrap().replace("redis://", &format!("redis://:{}@", password.trim()));
    let mut connection = Client::open(address).unwrap().get_multiplexed_async_connection().await.unwrap();
    cmd("FLUSHALL").query_async::<()>(&mut connection).await.unwrap();
}

#[actix_web::test]
async fn without_redis_everything_works_and_a_logout_still_kills() {
    let app = App::with(dead).await;
    let (_, token) = app.a_session().await;
    assert_eq!(app.verify(&token).await.status, 200);
    assert_eq!(app.assert(&token, "admin").await.status, 204);
    assert_eq!(app.logout(&token).await.status, 204);
    assert_eq!(app.verify(&token).await.status, 401);
    let email = an_address();
    for _ in 0..5 {
        assert_eq!(app.login(&email, WRONG).await.status, 401);
    }
    assert_eq!(app.login(&email, WRONG).await.status, 423);
}

#[actix_web::test]
async fn a_revoked_token_stays_revoked_and_a_lock_stays_when_redis_is_emptied() {
    let app = App::start().await;
    let (email, token) = app.a_session().await;
    app.logout(&token).await;
    for _ in 0..5 {
        app.login(&email, WRONG).await;
    }
    flush().await;
    assert_eq!(app.verify(&token).await.status, 401);
    assert_eq!(app.assert(&token, "election").await.status, 401);
    assert_eq!(app.login(&email, PASSWORD).await.status, 423);
}

#[actix_web::test]
async fn a_hanging_redis_does_not_hang_logins() {
    // Takes connections and never answers.
    let deaf = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis://{}/", deaf.local_addr().unwrap());
    let app = App::with(|settings| settings.redis_url = url).await;
    let begun = Instant::now();
    let (_, token) = app.a_session().await;
    for _ in 0..20 {
        assert_eq!(app.assert(&token, "election").await.status, 204);
    }
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
}
