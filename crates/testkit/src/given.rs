//! What is already so when a test begins, arranged by SQL as the owner.

use tokio_postgres::Client;

/// Every sealed ballot of an arranged election has this length.
pub const SEALED_LEN: usize = 700;

/// An election that can be voted in, or a draft that could become one.
#[derive(Debug, Clone)]
pub struct Election {
    /// Its number.
    pub election_id: i64,
    /// Whose it is.
    pub admin_id: i64,
    /// Its only contest.
    pub contest_id: i64,
    /// Who stands, in ballot order.
    pub candidate_ids: Vec<i64>,
}

async fn number(owner: &Client, sql: &str, parameters: &[&(dyn tokio_postgres::types::ToSql + Sync)]) -> i64 {
    owner.query_one(sql, parameters).await.unwrap_or_else(|error| panic!("{sql}: {error:?}")).get(0)
}

/// A registered admin whose address is verified; the password hash fits no password.
///
/// # Panics
/// The address is taken.
pub async fn an_admin(owner: &Client, email: &str) -> i64 {
    let sql = "INSERT INTO admins (email, password_hash, email_verified_at) VALUES ($1, '!', now()) RETURNING admin_id";
    number(owner, sql, &[&email]).await
}

/// A draft with one contest and the candidates Alice Johnson, Bob Smith and Carol White.
///
/// # Panics
/// The database refuses.
pub async fn a_draft(owner: &Client, admin_id: i64, title: &str) -> Election {
    let sql = "INSERT INTO elections (admin_id, title) VALUES ($1, $2) RETURNING election_id";
    let election_id = number(owner, sql, &[&admin_id, &title]).await;
    let sql = r#"INSERT INTO contests (election_id, title, rule) VALUES ($1, 'President', '{"method": "plurality"}') RETURNING contest_id"#;
    let contest_id = number(owner, sql, &[&election_id]).await;
    let mut candidate_ids = Vec::new();
    for (order, name) in (1..).zip(["Alice Johnson", "Bob Smith", "Carol White"]) {
        let sql = "INSERT INTO candidates (election_id, contest_id, name, display_order) VALUES ($1, $2, $3, $4::int) RETURNING candidate_id";
        candidate_ids.push(number(owner, sql, &[&election_id, &contest_id, &name, &order]).await);
    }
    Election { election_id, admin_id, contest_id, candidate_ids }
}

/// A file of a candidate, under the hash of its bytes; its path.
///
/// # Panics
/// The database refuses.
pub async fn an_upload(owner: &Client, bytes: &[u8], end: &str) -> String {
    let sql = "INSERT INTO uploads (path, bytes) VALUES ('/uploads/' || encode(sha256($1), 'hex') || '.' || $2, $1) \
               ON CONFLICT (path) DO NOTHING";
    owner.execute(sql, &[&bytes, &end]).await.expect("an upload can be stored");
    let sql = "SELECT path FROM uploads WHERE bytes = $1";
    owner.query_one(sql, &[&bytes]).await.expect("it is stored").get(0)
}

/// So many voters, `voter1@example.com` and on; their numbers in that order.
///
/// # Panics
/// The database refuses.
pub async fn voters(owner: &Client, election_id: i64, count: i32) -> Vec<i64> {
    let sql = "INSERT INTO voters (election_id, email, first_name) \
               SELECT $1, 'voter' || i || '@example.com', 'Voter ' || i FROM generate_series(1, $2::int) i ORDER BY i RETURNING voter_id";
    let rows = owner.query(sql, &[&election_id, &count]).await.expect("voters can be added to a draft");
    rows.iter().map(|row| row.get(0)).collect()
}

/// One link for each voter without one, valid for a day. Its token hash is [`token_hash`].
///
/// # Panics
/// The database refuses.
pub async fn links(owner: &Client, election_id: i64) {
    let sql = "INSERT INTO voting_tokens (election_id, voter_id, token_hash, expires_at, spend_id, email_hint) \
               SELECT election_id, voter_id, sha256(convert_to('link of ' || voter_id, 'UTF8')), now() + interval '1 day', spend_id, 'v***@example.com' \
               FROM voters v WHERE election_id = $1 AND NOT EXISTS (SELECT FROM voting_tokens t WHERE t.election_id = $1 AND t.voter_id = v.voter_id)";
    owner.execute(sql, &[&election_id]).await.expect("links can be made");
}

/// The token hash that [`links`] gave a voter.
///
/// # Panics
/// The voter has none.
pub async fn token_hash(owner: &Client, voter_id: i64) -> Vec<u8> {
    let sql = "SELECT token_hash FROM voting_tokens WHERE voter_id = $1 AND NOT revoked";
    owner.query_one(sql, &[&voter_id]).await.expect("this voter has a link").get(0)
}

/// Activated with a manifest that only has a hash, and with keys that open nothing: enough for the ballot box.
///
/// # Panics
/// The database refuses.
pub async fn activate(owner: &Client, election_id: i64, profile: &str) {
    let sealed_len = i32::try_from(SEALED_LEN).expect("a small constant");
    let sql =
        "INSERT INTO manifests (election_id, bytes, hash, sealed_len, plaintext_len) VALUES ($1, '{}', sha256('{}'), $2, 64)";
    owner.execute(sql, &[&election_id, &sealed_len]).await.expect("it has no manifest yet");
    let sql = "UPDATE elections SET status = 'active', profile = $2, activated_at = now() WHERE election_id = $1";
    owner.execute(sql, &[&election_id, &profile]).await.expect("a draft can be activated");
    let sql = "INSERT INTO chain_heads (election_id, last_hash) SELECT election_id, hash FROM manifests WHERE election_id = $1";
    owner.execute(sql, &[&election_id]).await.expect("it has no box yet");
    let sql = "INSERT INTO election_keys (election_id, purpose, public_key, private_wrapped) VALUES ($1, 'seal', 'p', 'w'), ($1, 'stamp', 'p', 'w')";
    owner.execute(sql, &[&election_id]).await.expect("it has no keys yet");
}

/// An active election of `voters` voters, each with a link.
///
/// # Panics
/// The database refuses.
pub async fn an_active_election(owner: &Client, profile: &str, count: i32) -> (Election, Vec<i64>) {
    let admin_id = an_admin(owner, &format!("{}@example.com", uuid::Uuid::new_v4().simple())).await;
    let election = a_draft(owner, admin_id, "Student Council").await;
    let voters = voters(owner, election.election_id, count).await;
    links(owner, election.election_id).await;
    activate(owner, election.election_id, profile).await;
    (election, voters)
}
