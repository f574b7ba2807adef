use std::time::{Duration, Instant};

/// Asks again every 10 ms until the condition holds.
///
/// # Panics
/// It did not hold in time; `what` says which one.
pub async fn wait_until<F: AsyncFnMut() -> bool>(what: &str, patience: Duration, mut condition: F) {
    let end = Instant::now() + patience;
    while !condition().await {
        assert!(Instant::now() < end, "{what}: not within {patience:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
