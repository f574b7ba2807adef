//! An active election with real keys for tests: ballots that are sealed and stamped, and an election that is counted, arranged by
//! SQL. Where no test reads the content of a ballot, [`given`](crate::given) is faster.

use std::collections::BTreeMap;

use crypto::decryption::{self, Decrypted};
use crypto::digest::Digest;
use crypto::envelope::{self, Kek};
use crypto::manifest::{BallotOrder, Candidate, Contest, Information, Manifest, PROTOCOL, Standing, information_hash};
use crypto::receipt::{self, BoxStatement, ReceiptKey, RecordingStatement};
use crypto::seal::{self, SealPrivateKey, SealRandomness};
use crypto::stamp::{self, StampPrivateKey};
use domain::ballot::BallotStyle;
use installation::Installation;
use tokio_postgres::Client;

use crate::env;

/// The booth of one active election.
pub struct Booth {
    /// The election.
    pub election_id: i64,
    /// Its manifest.
    pub manifest: Manifest,
    /// The manifest's hash.
    pub manifest_hash: Digest,
    stamp_key: StampPrivateKey,
}

/// A ballot as it is recorded.
#[derive(Debug, Clone)]
pub struct Ballot {
    /// Its name.
    pub digest: Digest,
    /// Its content, sealed.
    pub sealed: Vec<u8>,
    /// In front of the digest when it was stamped.
    pub prefix: [u8; 32],
    /// The election's signature.
    pub stamp: Vec<u8>,
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    for part in bytes.chunks_mut(16) {
        part.copy_from_slice(&uuid::Uuid::new_v4().into_bytes()[..part.len()]);
    }
    bytes
}

fn installation() -> Installation {
    let folder = std::env::var(env::SECRETS).expect("run through `make test`, which starts the servers");
    Installation::ensure(folder).expect("the installation of this run is whole")
}

fn kek(file: &std::path::Path) -> Kek {
    Kek::from_hex(&std::fs::read_to_string(file).expect("the key file is there")).expect("64 hex digits")
}

/// The installation's private receipt key, to sign what the election service would sign.
///
/// # Panics
/// The key file is not there.
#[must_use]
pub fn receipt_key() -> ReceiptKey {
    let pem = std::fs::read_to_string(installation().receipt_key()).expect("the receipt key is there");
    ReceiptKey::from_pkcs8_pem(&pem).expect("a P-256 key")
}

impl Booth {
    /// The booth of an election that is active: its manifest and stamp key as the database holds them.
    ///
    /// # Panics
    /// It is not active.
    pub async fn enter(owner: &Client, election_id: i64) -> Self {
        let sql = "SELECT m.bytes, k.private_wrapped FROM manifests m JOIN election_keys k USING (election_id) \
                   WHERE m.election_id = $1 AND k.purpose = 'stamp'";
        let row = owner.query_one(sql, &[&election_id]).await.expect("the election is active");
        let (bytes, wrapped): (Vec<u8>, Vec<u8>) = (row.get(0), row.get(1));
        let purpose = envelope::stamp_key_purpose(election_id);
        let pkcs8 = envelope::unwrap(&kek(&installation().kek_stamp()), &purpose, &wrapped).expect("wrapped under kek_stamp");
        Self {
            election_id,
            manifest: Manifest::parse(&bytes).expect("a manifest"),
            manifest_hash: crypto::manifest::hash(&bytes),
            stamp_key: StampPrivateKey::from_pkcs8_der(&pkcs8).expect("a stamp key"),
        }
    }

    /// Activates a draft with real keys and a real manifest, as the election service does.
    ///
    /// # Panics
    /// The database refuses.
    pub async fn activate(owner: &Client, election_id: i64) -> Self {
        let (seal_pair, stamp_pair) = (seal::generate().expect("a key"), stamp::generate().expect("a key"));
        let mut contests: BTreeMap<i64, Contest> = BTreeMap::new();
        let sql = "SELECT contest_id, title, text, rule::text FROM contests WHERE election_id = $1";
        for row in owner.query(sql, &[&election_id]).await.expect("contests can be read") {
            let contest = Contest {
                contest_id: row.get(0),
                title: row.get(1),
                text: row.get(2),
                rule: serde_json::from_str(row.get(3)).expect("a rule"),
                ballot_order: BallotOrder::Fixed,
                candidates: Vec::new(),
            };
            contests.insert(contest.contest_id, contest);
        }
        let sql = "SELECT contest_id, candidate_id, name, standing, party, description, vision, programme, link, photo_url, thumbnail_url, \
                   programme_file_url FROM candidates WHERE election_id = $1 ORDER BY display_order, candidate_id";
        for row in owner.query(sql, &[&election_id]).await.expect("candidates can be read") {
            let contest = contests.get_mut(&row.get(0)).expect("a candidate stands in a contest");
            contest.candidates.push(Candidate {
                candidate_id: row.get(1),
                name: row.get(2),
                standing: (row.get::<_, &str>(3) == "none_of_the_above").then_some(Standing::NoneOfTheAbove),
                information_hash: information_hash(&Information {
                    party: row.get(4),
                    description: row.get(5),
                    vision: row.get(6),
                    programme: row.get(7),
                    link: row.get(8),
                    photo_url: row.get(9),
                    thumbnail_url: row.get(10),
                    programme_file_url: row.get(11),
                }),
            });
        }
        let contests: Vec<Contest> = contests.into_values().collect();
        let plaintext_len = ballot_style(&contests).plaintext_len();
        let title: String = owner
            .query_one("SELECT title FROM elections WHERE election_id = $1", &[&election_id])
            .await
            .expect("it exists")
            .get(0);
        let manifest = Manifest {
            protocol: PROTOCOL.to_owned(),
            election_id,
            title,
            profile: "simple".to_owned(),
            custody: "server".to_owned(),
            sealed_len: u32::try_from(seal::sealed_len(plaintext_len)).expect("kilobytes"),
            plaintext_len: u32::try_from(plaintext_len).expect("kilobytes"),
            contests,
            seal_key: seal_pair.public_spki.clone(),
            stamp_key: stamp_pair.public_spki.clone(),
        };
        store(owner, &manifest, &seal_pair, &stamp_pair).await;
        Self::enter(owner, election_id).await
    }

    /// A ballot with these marks, contest by contest in ballot order; in a ranked contest the first preference first.
    ///
    /// # Panics
    /// Somebody is marked who is not on the ballot.
    #[must_use]
    pub fn ballot(&self, marks: &[&[i64]]) -> Ballot {
        let numbers = |(contest, marks): (&Contest, &&[i64])| {
            let mut numbers = vec![0; contest.candidates.len()];
            for (mark, rank) in marks.iter().zip(1..) {
                let place = contest.candidates.iter().position(|candidate| candidate.candidate_id == *mark);
                let place = place.expect("a candidate of the contest");
                numbers[place] = if contest.rule.family() == counting::Family::Ranking { rank } else { 1 };
            }
            numbers
        };
        self.ballot_with(&self.manifest.contests.iter().zip(marks).map(numbers).collect::<Vec<_>>())
    }

    /// A ballot with these numbers, one for each candidate of each contest in ballot order.
    ///
    /// # Panics
    /// They are not so many.
    #[must_use]
    pub fn ballot_with(&self, numbers: &[Vec<u16>]) -> Ballot {
        self.ballot_of(&ballot_style(&self.manifest.contests).write(numbers).expect("one number for each candidate"))
    }

    /// Any bytes, sealed and stamped.
    ///
    /// # Panics
    /// The engine refuses.
    #[must_use]
    pub fn ballot_of(&self, plaintext: &[u8]) -> Ballot {
        let key = self.manifest.seal_key().expect("the manifest's key");
        self.stamped(seal::seal(&key, &self.manifest_hash, plaintext, SealRandomness::fresh(random())).expect("it can be sealed"))
    }

    /// Noise of the right length, stamped: nobody can open it.
    #[must_use]
    pub fn garbage(&self) -> Ballot {
        let length = usize::try_from(self.manifest.sealed_len).expect("kilobytes");
        let mut sealed: Vec<u8> = std::iter::repeat_with(random::<16>).flatten().take(length).collect();
        sealed[0] = seal::VERSION;
        self.stamped(sealed)
    }

    fn stamped(&self, sealed: Vec<u8>) -> Ballot {
        let digest = crypto::ballot_digest(&self.manifest_hash, &sealed);
        let prefix = random();
        let stamp = stamp::sign_simple(&self.stamp_key, &digest, &prefix).expect("it can be stamped");
        Ballot { digest, sealed, prefix, stamp }
    }

    /// Casts by a voter's link, as the voting service does (`voting` is connected as its role); says the outcome.
    ///
    /// # Panics
    /// The voter has no link.
    pub async fn cast(&self, voting: &Client, owner: &Client, voter_id: i64, ballot: &Ballot) -> String {
        self.cast_with(voting, &crate::given::token_hash(owner, voter_id).await, ballot).await
    }

    /// The same with a link that was looked up before.
    ///
    /// # Panics
    /// The database refuses.
    pub async fn cast_with(&self, voting: &Client, token_hash: &[u8], ballot: &Ballot) -> String {
        // As the recorder does: a link that somebody else holds at the moment is tried again.
        loop {
            match self.try_to_cast(voting, token_hash, ballot).await {
                outcome if outcome == "locked" => tokio::task::yield_now().await,
                outcome => return outcome,
            }
        }
    }

    async fn try_to_cast(&self, voting: &Client, token_hash: &[u8], ballot: &Ballot) -> String {
        let sql = "SELECT outcomes FROM record_ballots($1, $2, $3, $4, $5, $6)";
        let outcomes: Vec<String> = voting
            .query_one(
                sql,
                &[
                    &self.election_id,
                    &vec![ballot.digest.as_bytes().as_slice()],
                    &vec![ballot.sealed.as_slice()],
                    &vec![ballot.prefix.as_slice()],
                    &vec![ballot.stamp.as_slice()],
                    &vec![token_hash],
                ],
            )
            .await
            .expect("record_ballots answers")
            .get(0);
        outcomes.into_iter().next().expect("one ballot, one outcome")
    }

    /// Halts the election: a recorder saw a ballot committed that the box does not hold, and looks for it.
    ///
    /// # Panics
    /// The database refuses.
    pub async fn halt(&self, voting: &Client) {
        let sql = "SELECT outcomes FROM record_ballots($1, '{}', '{}', '{}', '{}', '{}', 1000000, sha256(''), \
                   (SELECT coalesce(max(amendment_id), 0) FROM amendments WHERE election_id = $1))";
        let row = voting.query_one(sql, &[&self.election_id]).await.expect("record_ballots answers");
        assert_eq!(row.get::<_, Vec<String>>(0), ["rewound"]);
    }

    /// Closes, seals, rewrites, decrypts and publishes: all that the election service does when an election closes.
    ///
    /// # Panics
    /// The database refuses, or a ballot is missing.
    pub async fn count(&self, owner: &Client) {
        let id = self.election_id;
        owner.execute("SELECT begin_close($1, 0)", &[&id]).await.expect("it can be closed");
        let sql = "SELECT box_count, box_hash, spent_count, spent_hash, roll_count, withdrawn_hash, halts, resumptions FROM seal_box($1)";
        let row = owner.query_one(sql, &[&id]).await.expect("it can be sealed");
        let number = |column| u64::try_from(row.get::<_, i64>(column)).expect("a count");
        let hash = |column| Digest::from_slice(row.get(column)).expect("a hash");
        let count = number(0);
        let (spent_hash, withdrawn_hash) = (hash(3), hash(5));
        let statement =
            BoxStatement { count, box_hash: hash(1), spent_count: number(2), spent_hash, roll: number(4), withdrawn_hash };
        let signature = receipt::sign_box(&receipt_key(), id, &statement).expect("it can be signed");
        let sign = "INSERT INTO tally_signatures (election_id, statement, signature) VALUES ($1, $2, $3)";
        owner.execute(sign, &[&id, &"box", &signature]).await.expect("it is not signed yet");
        let recording = RecordingStatement { box_hash: statement.box_hash, halts: number(6), resumptions: number(7) };
        let signature = receipt::sign_recording(&receipt_key(), id, &recording).expect("it can be signed");
        owner.execute(sign, &[&id, &"recording", &signature]).await.expect("it is not signed yet");
        owner.execute("SELECT anonymise_participation($1)", &[&id]).await.expect("it can be rewritten");
        let sql = "UPDATE tallies SET state = 'opening' WHERE election_id = $1";
        owner.execute(sql, &[&id]).await.expect("it can be decrypted");
        let found = self.decrypt_all(owner).await;
        for (digest, decrypted) in &found {
            let (plaintext, reason) = (decrypted.as_ref().ok(), decrypted.as_ref().err());
            let sql = "INSERT INTO decrypted_ballots (election_id, digest, plaintext, reason) VALUES ($1, $2, $3, $4)";
            owner.execute(sql, &[&id, &digest.as_bytes().as_slice(), &plaintext, &reason]).await.expect("a ballot of the box");
        }
        let contents = found.iter().map(|(digest, decrypted)| {
            let content =
                decrypted.as_ref().map_or_else(|reason| Decrypted::Invalid(reason), |plaintext| Decrypted::Plaintext(plaintext));
            (*digest, content)
        });
        let signature =
            receipt::sign_decryption(&receipt_key(), id, count, &decryption::hash(contents)).expect("it can be signed");
        owner.execute(sign, &[&id, &"decryption", &signature]).await.expect("it is not signed yet");
        let sql = "UPDATE tallies SET state = 'opened' WHERE election_id = $1";
        owner.execute(sql, &[&id]).await.expect("it is counted");
        let sql = "UPDATE elections SET results_published_at = now() WHERE election_id = $1";
        owner.execute(sql, &[&id]).await.expect("it can be published");
    }

    async fn decrypt_all(&self, owner: &Client) -> Vec<(Digest, Result<Vec<u8>, String>)> {
        let sql = "SELECT private_wrapped FROM election_keys WHERE election_id = $1 AND purpose = 'seal'";
        let wrapped: Vec<u8> = owner.query_one(sql, &[&self.election_id]).await.expect("the key is there").get(0);
        let purpose = envelope::seal_key_purpose(self.election_id);
        let pkcs8 = envelope::unwrap(&kek(&installation().kek_seal()), &purpose, &wrapped).expect("wrapped under kek_seal");
        let key = SealPrivateKey::from_pkcs8_der(&pkcs8).expect("a seal key");
        let rows =
            owner.query("SELECT digest, sealed FROM votes WHERE election_id = $1", &[&self.election_id]).await.expect("the box");
        let open = |sealed: &[u8]| {
            let plaintext = seal::decrypt(&key, &self.manifest_hash, sealed).map_err(|failure| failure.name().to_owned())?;
            ballot_style(&self.manifest.contests).read(&plaintext).map_err(|unreadable| unreadable.to_string())?;
            Ok(plaintext.to_vec())
        };
        rows.iter().map(|row| (Digest::from_slice(row.get(0)).expect("a digest"), open(row.get(1)))).collect()
    }
}

fn ballot_style(contests: &[Contest]) -> BallotStyle {
    BallotStyle::new(contests.iter().map(|contest| contest.candidates.len()).collect())
}

async fn store(owner: &Client, manifest: &Manifest, seal_pair: &crypto::RsaKeyPair, stamp_pair: &crypto::RsaKeyPair) {
    let id = manifest.election_id;
    let bytes = manifest.to_canonical_bytes().expect("a manifest");
    let length = |length: u32| i32::try_from(length).expect("kilobytes");
    let (sealed_len, plaintext_len) = (length(manifest.sealed_len), length(manifest.plaintext_len));
    let sql = "INSERT INTO manifests (election_id, bytes, hash, sealed_len, plaintext_len) VALUES ($1, $2, sha256($2), $3, $4)";
    owner.execute(sql, &[&id, &bytes, &sealed_len, &plaintext_len]).await.expect("it has no manifest yet");
    let sql = "UPDATE elections SET status = 'active', activated_at = now() WHERE election_id = $1";
    owner.execute(sql, &[&id]).await.expect("a draft can be activated");
    let sql = "INSERT INTO chain_heads (election_id, last_hash) SELECT election_id, hash FROM manifests WHERE election_id = $1";
    owner.execute(sql, &[&id]).await.expect("it has no box yet");
    let secrets = installation();
    let keys = [
        ("seal", seal_pair, secrets.kek_seal(), envelope::seal_key_purpose(id)),
        ("stamp", stamp_pair, secrets.kek_stamp(), envelope::stamp_key_purpose(id)),
    ];
    for (purpose, pair, file, name) in keys {
        let wrapped = envelope::wrap(&kek(&file), &name, &pair.private_pkcs8);
        let sql = "INSERT INTO election_keys (election_id, purpose, public_key, private_wrapped) VALUES ($1, $2, $3, $4)";
        owner.execute(sql, &[&id, &purpose, &pair.public_spki, &wrapped]).await.expect("it has no keys yet");
    }
}
