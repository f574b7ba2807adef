//! Elections as the election service leaves them: real keys, a real manifest, links whose tokens the test knows. As owner.

use std::fs;

use crypto::envelope::{Kek, stamp_key_purpose, wrap};
use crypto::manifest::{BallotOrder, Candidate, Contest, Information, Manifest, PROTOCOL, hash, information_hash};
use crypto::{Digest, seal};
use domain::ballot::BallotStyle;
use domain::ids::ElectionId;
use domain::link::VotingToken;
use testkit::given;
use tokio_postgres::Client;

/// An election and its voters' tokens.
pub(crate) struct Election {
    pub(crate) id: i64,
    pub(crate) contests: Vec<Contest>,
    pub(crate) manifest_hash: Digest,
    pub(crate) seal_private: Vec<u8>,
    pub(crate) tokens: Vec<String>,
    pub(crate) voters: Vec<i64>,
}

impl Election {
    pub(crate) fn candidate(&self, index: usize) -> i64 {
        self.contests[0].candidates[index].candidate_id
    }

    pub(crate) fn ballot_style(&self) -> BallotStyle {
        ballot_style(&self.contests)
    }
}

fn ballot_style(contests: &[Contest]) -> BallotStyle {
    BallotStyle::new(contests.iter().map(|contest| contest.candidates.len()).collect())
}

/// The token of a voter of this election, made from their number.
pub(crate) fn token_of(election_id: i64, voter_id: i64) -> String {
    let digest = Digest::of(&[b"a token", &voter_id.to_be_bytes()]);
    let random = digest.as_bytes().first_chunk().unwrap();
    VotingToken::new(ElectionId::new(election_id), random).expose().to_owned()
}

/// A draft with "President": Alice, Bob and Carol, one mark, blank allowed.
pub(crate) async fn a_draft(owner: &Client, voters: i32) -> Election {
    let admin = given::an_admin(owner, &format!("{:x}@example.com", rand_number())).await;
    let draft = given::a_draft(owner, admin, "Student Council 2026").await;
    let voters = given::voters(owner, draft.election_id, voters).await;
    let names = ["Alice Johnson", "Bob Smith", "Carol White"];
    let candidates = draft.candidate_ids.iter().zip(names).map(|(id, name)| a_candidate(*id, name, &Information::default()));
    let president = a_contest(draft.contest_id, "President", r#"{"method":"plurality"}"#, candidates.collect());
    let mut election = Election {
        id: draft.election_id,
        contests: vec![president],
        manifest_hash: Digest::from([0; 32]),
        seal_private: Vec::new(),
        tokens: Vec::new(),
        voters,
    };
    links(owner, &mut election).await;
    election
}

fn a_candidate(candidate_id: i64, name: &str, information: &Information<'_>) -> Candidate {
    let information_hash = information_hash(information);
    Candidate { candidate_id, name: name.to_owned(), standing: None, information_hash }
}

fn a_contest(contest_id: i64, title: &str, rule: &str, candidates: Vec<Candidate>) -> Contest {
    let (title, rule) = (title.to_owned(), serde_json::from_str(rule).unwrap());
    Contest { contest_id, title, text: None, rule, ballot_order: BallotOrder::Fixed, candidates }
}

/// A second question by any rule, with so many candidates. Not a motion.
pub(crate) async fn a_contest_by(owner: &Client, election: &mut Election, title: &str, rule: &str, candidates: i32) {
    let sql =
        "INSERT INTO contests (election_id, title, rule, display_order) VALUES ($1, $2, $3::text::jsonb, 2) RETURNING contest_id";
    let contest_id: i64 = owner.query_one(sql, &[&election.id, &title, &rule]).await.unwrap().get(0);
    let sql = "INSERT INTO candidates (election_id, contest_id, name, display_order) \
               SELECT $1, $2, 'Candidate ' || i, i FROM generate_series(1, $3::int) i RETURNING candidate_id, name";
    let rows = owner.query(sql, &[&election.id, &contest_id, &candidates]).await.unwrap();
    let candidates = rows.iter().map(|row| a_candidate(row.get(0), row.get(1), &Information::default())).collect();
    election.contests.push(a_contest(contest_id, title, rule, candidates));
}

/// A second question, "Board": two or three of four, blank not allowed.
pub(crate) async fn another_contest(owner: &Client, election: &mut Election) {
    let rule = r#"{"method":"plurality","seats":3,"min_marks":2,"blank":false}"#;
    let sql = "INSERT INTO contests (election_id, title, rule, display_order) VALUES ($1, 'Board', $2::text::jsonb, 2) RETURNING contest_id";
    let contest_id: i64 = owner.query_one(sql, &[&election.id, &rule]).await.unwrap().get(0);
    let mut candidates = Vec::new();
    let photo = given::an_upload(owner, b"a picture", "jpg").await;
    let programme_file = given::an_upload(owner, b"a programme", "pdf").await;
    let information = Information {
        party: Some("Open List"),
        description: Some("Knows the rules"),
        vision: Some("A board that listens"),
        programme: Some("Later buses"),
        link: Some("https://list.example.org/"),
        photo_url: Some(&photo),
        thumbnail_url: Some(&photo),
        programme_file_url: Some(&programme_file),
    };
    for (order, name) in (1..).zip(["Dora", "Emil", "Fay", "Gus"]) {
        let sql = "INSERT INTO candidates (election_id, contest_id, name, display_order, party, description, vision, programme, link, \
                   photo_url, thumbnail_url, programme_file_url) \
                   VALUES ($1, $2, $3, $4::int, 'Open List', 'Knows the rules', 'A board that listens', 'Later buses', \
                   'https://list.example.org/', $5, $5, $6) RETURNING candidate_id";
        let row = owner.query_one(sql, &[&election.id, &contest_id, &name, &order, &photo, &programme_file]).await.unwrap();
        candidates.push(a_candidate(row.get(0), name, &information));
    }
    election.contests.push(a_contest(contest_id, "Board", rule, candidates));
}

/// A link for every voter, valid for a day.
async fn links(owner: &Client, election: &mut Election) {
    election.tokens = election.voters.iter().map(|voter| token_of(election.id, *voter)).collect();
    let hashes: Vec<Vec<u8>> = election.tokens.iter().map(|token| token_hash(token)).collect();
    let sql = "INSERT INTO voting_tokens (election_id, voter_id, token_hash, expires_at, spend_id, email_hint) \
               SELECT v.election_id, v.voter_id, l.hash, now() + interval '1 day', v.spend_id, 'v***@example.com' \
               FROM unnest($1::bigint[], $2::bytea[]) l (voter_id, hash) JOIN voters v USING (voter_id) ORDER BY v.voter_id";
    owner.execute(sql, &[&election.voters, &hashes]).await.unwrap();
}

pub(crate) fn token_hash(token: &str) -> Vec<u8> {
    VotingToken::parse(token).ok().unwrap().hash().as_bytes().to_vec()
}

struct Keys {
    seal_public: Vec<u8>,
    seal_private: Vec<u8>,
    stamp_public: Vec<u8>,
    stamp_private: Vec<u8>,
}

/// The keys of the protocol's published example: making two for each test costs seconds and shows nothing.
fn published_keys() -> Keys {
    let example = include_str!("../../../../crates/crypto/tests/vectors/simple.json");
    let example: serde_json::Value = serde_json::from_str(example).unwrap();
    let text = |name: &str| example[name].as_str().unwrap().to_owned();
    let manifest = Manifest::parse(text("manifest").as_bytes()).unwrap();
    Keys {
        seal_public: manifest.seal_key,
        seal_private: hex::decode(text("seal_private_pkcs8")).unwrap(),
        stamp_public: manifest.stamp_key,
        stamp_private: hex::decode(text("stamp_private_pkcs8")).unwrap(),
    }
}

/// Fixes the manifest and puts the keys in their place, as activation does.
pub(crate) async fn activate(owner: &Client, election: &mut Election, profile: &str) {
    let keys = published_keys();
    let plaintext_len = ballot_style(&election.contests).plaintext_len();
    let sealed_len = seal::sealed_len(plaintext_len);
    let manifest = Manifest {
        protocol: PROTOCOL.to_owned(),
        election_id: election.id,
        title: "Student Council 2026".to_owned(),
        profile: profile.to_owned(),
        custody: "server".to_owned(),
        sealed_len: u32::try_from(sealed_len).unwrap(),
        plaintext_len: u32::try_from(plaintext_len).unwrap(),
        contests: election.contests.clone(),
        seal_key: keys.seal_public.clone(),
        stamp_key: keys.stamp_public.clone(),
    };
    let manifest = manifest.to_canonical_bytes().unwrap();
    let manifest_hash = hash(&manifest);
    let sql = "INSERT INTO manifests (election_id, bytes, hash, sealed_len, plaintext_len) VALUES ($1, $2, $3, $4, $5)";
    let lengths = (i32::try_from(sealed_len).unwrap(), i32::try_from(plaintext_len).unwrap());
    let hash_bytes = manifest_hash.as_bytes().as_slice();
    owner.execute(sql, &[&election.id, &manifest, &hash_bytes, &lengths.0, &lengths.1]).await.unwrap();
    let sql = "UPDATE elections SET status = 'active', profile = $2, activated_at = now() WHERE election_id = $1";
    owner.execute(sql, &[&election.id, &profile]).await.unwrap();
    let sql = "INSERT INTO chain_heads (election_id, last_hash) VALUES ($1, $2)";
    owner.execute(sql, &[&election.id, &hash_bytes]).await.unwrap();
    let kek = Kek::from_hex(&fs::read_to_string(secrets().join("kek_stamp.key")).unwrap()).unwrap();
    let wrapped = wrap(&kek, &stamp_key_purpose(election.id), &keys.stamp_private);
    let sql = "INSERT INTO election_keys (election_id, purpose, public_key, private_wrapped) VALUES ($1, 'stamp', $2, $3)";
    owner.execute(sql, &[&election.id, &keys.stamp_public, &wrapped]).await.unwrap();
    election.manifest_hash = manifest_hash;
    election.seal_private = keys.seal_private;
}

/// An active election of one contest.
pub(crate) async fn an_election(owner: &Client, voters: i32) -> Election {
    let mut election = a_draft(owner, voters).await;
    activate(owner, &mut election, "simple").await;
    election
}

/// Closes at once and seals the box, as the election service does.
pub(crate) async fn close(owner: &Client, election: &Election) {
    owner.execute("SELECT begin_close($1, 0)", &[&election.id]).await.unwrap();
    let outcome: String = owner.query_one("SELECT outcome FROM seal_box($1)", &[&election.id]).await.unwrap().get(0);
    assert_eq!(outcome, "sealed");
}

/// How many ballots are in the box.
pub(crate) async fn ballots(owner: &Client, election: &Election) -> i64 {
    owner.query_one("SELECT count(*) FROM votes WHERE election_id = $1", &[&election.id]).await.unwrap().get(0)
}

/// The folder of the run's secret files.
pub(crate) fn secrets() -> std::path::PathBuf {
    std::env::var_os(testkit::env::SECRETS).unwrap_or_else(|| panic!("run through with-servers")).into()
}

pub(crate) fn rand_number() -> u64 {
    let mut bytes = [0; 8];
    aws_lc_rs::rand::fill(&mut bytes).unwrap();
    u64::from_be_bytes(bytes)
}
