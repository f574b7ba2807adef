//! Ballots that look right to the database, and the chain computed a second time.

use sha2::{Digest, Sha256};
use testkit::given::SEALED_LEN;
use tokio_postgres::{Client, Error};

pub(crate) fn sha256(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    Sha256::digest(bytes.as_ref()).to_vec()
}

#[derive(Default, Clone)]
pub(crate) struct Ballots {
    digests: Vec<Vec<u8>>,
    sealed: Vec<Vec<u8>>,
    prefixes: Vec<Vec<u8>>,
    stamps: Vec<Vec<u8>>,
    links: Vec<Option<Vec<u8>>>,
}

impl Ballots {
    /// A ballot named `name`, cast by a link.
    pub(crate) fn cast(mut self, name: &str, link: &[u8]) -> Self {
        self.push(name, Some(link.to_vec()), SEALED_LEN);
        self
    }

    /// A ballot with a blind stamp.
    pub(crate) fn stamped(mut self, name: &str) -> Self {
        self.push(name, None, SEALED_LEN);
        self
    }

    pub(crate) fn too_short(mut self, name: &str, link: &[u8]) -> Self {
        self.push(name, Some(link.to_vec()), SEALED_LEN - 1);
        self
    }

    fn push(&mut self, name: &str, link: Option<Vec<u8>>, len: usize) {
        self.digests.push(sha256(name));
        self.sealed.push(vec![7; len]);
        self.prefixes.push(sha256(format!("prefix of {name}")));
        self.stamps.push(vec![9; 384]);
        self.links.push(link);
    }

    pub(crate) async fn try_record(&self, voting: &Client, election: i64) -> Result<Vec<String>, Error> {
        let sql = "SELECT outcomes FROM record_ballots($1, $2, $3, $4, $5, $6)";
        let row =
            voting.query_one(sql, &[&election, &self.digests, &self.sealed, &self.prefixes, &self.stamps, &self.links]).await?;
        Ok(row.get(0))
    }

    pub(crate) async fn record(&self, voting: &Client, election: i64) -> Vec<String> {
        self.try_record(voting, election).await.unwrap()
    }
}

/// Walks the box in order and recomputes every link from nothing but the manifest hash; returns how many there are.
pub(crate) async fn verify_chain(owner: &Client, election: i64) -> i64 {
    let head = owner
        .query_one(
            "SELECT m.hash, h.last_position, h.last_hash FROM manifests m JOIN chain_heads h USING (election_id) WHERE election_id = $1",
            &[&election],
        )
        .await
        .unwrap();
    let (mut link, mut position): (Vec<u8>, i64) = (head.get(0), 0);
    let sql =
        "SELECT position, digest, prefix, stamp, previous_hash, chain_hash FROM votes WHERE election_id = $1 ORDER BY position";
    for row in owner.query(sql, &[&election]).await.unwrap() {
        position += 1;
        let parts: Vec<Vec<u8>> = (1..6).map(|column| row.get(column)).collect();
        assert_eq!(row.get::<_, i64>(0), position, "no gap, no fork");
        assert_eq!(parts[3], link, "position {position} follows the one before");
        let mut hash = Sha256::new();
        hash.update(b"chain/v1");
        hash.update(election.to_be_bytes());
        hash.update(position.to_be_bytes());
        for bytes in [&link, &parts[0], &parts[1], &parts[2]] {
            hash.update(bytes);
        }
        link = hash.finalize().to_vec();
        assert_eq!(parts[4], link, "position {position} has the right hash");
    }
    assert_eq!((head.get::<_, i64>(1), head.get::<_, Vec<u8>>(2)), (position, link), "the head is the end");
    position
}

/// The SQLSTATE and constraint of a refusal.
pub(crate) fn refusal(error: &Error) -> (String, String) {
    let db = error.as_db_error().unwrap_or_else(|| panic!("not from PostgreSQL: {error:?}"));
    (db.code().code().to_owned(), db.constraint().unwrap_or_default().to_owned())
}

/// Asserts that a statement is refused under this constraint name.
pub(crate) async fn assert_refused(client: &Client, sql: &str, constraint: &str) {
    let error = client.batch_execute(sql).await.expect_err(sql);
    assert_eq!(refusal(&error), ("UV001".to_owned(), constraint.to_owned()), "{sql}: {error:?}");
}
