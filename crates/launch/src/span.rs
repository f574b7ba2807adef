//! What is logged of a request: its method, its route (not its path), its status and how long it took. Never an address, a query
//! or a header: a voting link is in the query, and who voted when is what must not be kept.

use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use tracing_subscriber::EnvFilter;

/// JSON lines on standard output. `filter` is a tracing filter such as `info` or `voting=debug,info`.
pub fn telemetry(filter: &str) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let started = tracing_subscriber::fmt().json().with_env_filter(filter).with_target(true).try_init();
    if started.is_err() {
        tracing::debug!("telemetry was started already");
    }
}

/// A method as a metrics label. An unknown method is `other`, because each label value makes a time series that is kept for ever.
fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

pub(crate) async fn request_span(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let begun = Instant::now();
    let method = known(request.method());
    let answer = next.call(request).await;
    let (route, status) = match &answer {
        Ok(response) => (response.request().match_pattern().unwrap_or_default(), response.status().as_u16()),
        Err(error) => (String::new(), error.as_response_error().status_code().as_u16()),
    };
    let probe = matches!(route.as_str(), "/health" | "/ready" | "/metrics");
    let seconds = begun.elapsed().as_secs_f64();
    metrics::counter!("http_requests_total", "method" => method, "route" => route.clone(), "status" => status.to_string())
        .increment(1);
    metrics::histogram!("http_request_seconds", "route" => route.clone()).record(seconds);
    // Voting is counted but not logged one by one: a line with a time for every ballot is an order of arrival.
    let voters = ["/api/voting", "/vote", "/request-link", "/stop-reminders"].iter().any(|start| route.starts_with(start));
    if !probe && !voters {
        tracing::info!(method, route, status, seconds, "request");
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_up_method_is_no_label_of_its_own() {
        let made_up = |name: &[u8]| known(&Method::from_bytes(name).unwrap());
        assert_eq!([made_up(b"PUT"), made_up(b"FOOBAR"), made_up(b"put")], ["PUT", "other", "other"]);
    }
}
