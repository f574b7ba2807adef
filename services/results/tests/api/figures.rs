//! Measurements, for whoever wants to know what a result costs. They assert nothing about time: run by hand, on a quiet machine.

use std::process::Command;
use std::time::Instant;

use crate::app::App;

/// Ballots beside the real one. They have its stamp, so checking each costs as much as checking a real one.
const BALLOTS: i64 = 20_000;

fn memory(line: &str) -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    status.lines().find(|found| found.starts_with(line)).unwrap_or_default().to_owned()
}

/// Processor time of this process so far, which says more than a clock where others work too. In hundredths of a second.
fn processor() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    fields[11..=12].iter().map(|ticks| ticks.parse::<u64>().unwrap()).sum()
}

#[actix_web::test]
#[ignore = "a measurement: needs wrk and a quiet machine"]
async fn what_a_result_costs_with_100_connections() {
    let app = App::new(1).await;
    app.published([1, 0, 0]).await;
    let fill = format!(
        "INSERT INTO votes (election_id, position, digest, sealed, prefix, stamp, previous_hash, chain_hash) \
         SELECT election_id, i, sha256(int8send(i)), sealed, prefix, stamp, previous_hash, chain_hash \
         FROM votes, generate_series(2, {BALLOTS}) i"
    );
    app.tamper("votes", &fill).await;
    let open = "INSERT INTO decrypted_ballots (election_id, digest, plaintext) SELECT v.election_id, v.digest, o.plaintext \
                FROM votes v JOIN decrypted_ballots o USING (election_id) WHERE v.position > 1";
    app.tamper("decrypted_ballots", open).await;
    eprintln!("before the first request: {} {}", memory("VmRSS"), memory("VmHWM"));
    let (begun, worked) = (Instant::now(), processor());
    while app.results_as(None, app.election.election_id).await.0 != 200 {}
    eprintln!("the first answer with a result: {:?}, {}0 ms of a processor", begun.elapsed(), processor() - worked);
    let worked = processor();
    let mut taken = Vec::new();
    for _ in 0..300 {
        let begun = Instant::now();
        app.results().await;
        taken.push(begun.elapsed());
    }
    eprintln!("300 requests, the asking included: {}0 ms of a processor", processor() - worked);
    taken.sort();
    eprintln!("one after the other: median {:?}, 99 of 100 below {:?}", taken[150], taken[297]);
    let url = format!("{}/api/results/{}", app.url(), app.election.election_id);
    let wrk = Command::new("wrk").args(["-t2", "-c100", "-d15s", "--timeout", "60s", "--latency", &url]).spawn().unwrap();
    let ended = actix_web::rt::task::spawn_blocking(move || wrk.wait_with_output()).await.unwrap().unwrap();
    assert!(ended.status.success());
    eprintln!("afterwards: {} {}", memory("VmRSS"), memory("VmHWM"));
}
