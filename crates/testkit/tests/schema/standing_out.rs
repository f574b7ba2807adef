//! Whether a voter stands out after the close by what happened to them while voting was open (ADR 0019). Everything that any role
//! can read about two voters is compared, read from the grants: see `testkit::traces`.

use crate::ballots::Ballots;
use testkit::traces::{READABLE, Traces, all_rows};
use testkit::{TestDatabase, given};
use tokio_postgres::Client;
use uuid::Uuid;

/// What happens to one voter while voting is open. Who has voted has done so after it, unless the name says otherwise.
const HISTORIES: [&str; 13] = [
    "plain",
    "typed_in",
    "imported",
    "corrected",
    "late",
    "asked",
    "resent",
    "reminded",
    "stopped",
    "deferred",
    "refused",
    "resent_after_voting",
    "asked_after_voting",
];

struct Scene {
    id: i64,
    owner: Client,
    admin: Client,
    voting: Client,
    email: Client,
    election: Client,
}

fn address(history: &str, votes: bool) -> String {
    format!("v.{history}.{votes}@example.com")
}

fn student(history: &str, votes: bool) -> String {
    format!("S-{history}-{votes}")
}

impl Scene {
    async fn set(database: &TestDatabase) -> Self {
        let owner = database.owner().await;
        let admin_id = given::an_admin(&owner, "organiser@example.com").await;
        let draft = given::a_draft(&owner, admin_id, "Student Council").await;
        let [admin, voting, email, election] =
            ["admin_service", "voting_service", "email_service", "election_service"].map(|role| database.connect(role));
        let (admin, voting, email, election) = (admin.await, voting.await, email.await, election.await);
        Self { id: draft.election_id, owner, admin, voting, email, election }
    }

    async fn voter(&self, address: &str) -> i64 {
        let sql = "SELECT voter_id FROM voters WHERE election_id = $1 AND email = $2";
        self.owner.query_one(sql, &[&self.id, &address]).await.unwrap().get(0)
    }

    /// Done by an organiser, about this voter, and in the log with its time.
    async fn logged(&self, voter: i64, while_active: bool) {
        let subject = Uuid::new_v4();
        let sql = "INSERT INTO audit_subjects (subject_ref, election_id, voter_id, made_while_active) VALUES ($1::text::uuid, $2, $3, $4)";
        self.admin.execute(sql, &[&subject.to_string(), &self.id, &voter, &while_active]).await.unwrap();
        self.owner
            .batch_execute(&format!(
                "INSERT INTO audit_logs SELECT last_id + 1, gen_random_uuid(), clock_timestamp(), 'admin', 'voter_corrected', 1, {}, \
                 '{subject}', '{{}}', NULL, last_hash, sha256('{subject}') FROM audit_head; \
                 UPDATE audit_head SET last_id = last_id + 1, last_hash = sha256('{subject}')",
                self.id
            ))
            .await
            .unwrap();
    }

    /// A new link, which replaces the live one, as the admin service makes it.
    async fn link(&self, voter: i64, origin: &str) {
        let revoke = "UPDATE voting_tokens SET revoked = true WHERE voter_id = $1 AND NOT revoked AND NOT is_used";
        self.admin.execute(revoke, &[&voter]).await.unwrap();
        let sql = "INSERT INTO voting_tokens (election_id, voter_id, token_hash, origin, expires_at, spend_id, email_hint) \
                   SELECT election_id, voter_id, sha256(uuid_send(gen_random_uuid())), $2, clock_timestamp() + interval '7 days', spend_id, \
                   left(email, 1) || '***@' || split_part(email, '@', 2) FROM voters WHERE voter_id = $1";
        self.admin.execute(sql, &[&voter, &origin]).await.unwrap();
    }

    /// A mail as the email service keeps it, and the row of the outbox that brought it, not yet deleted; its number.
    async fn mail(&self, kind: &str, to: &str, status: &str) -> i64 {
        let event = Uuid::new_v4().to_string();
        let sql = "INSERT INTO outbox (event_id, destination, kind, about_link, election_id, payload) VALUES ($1::text::uuid, 'email', $2, true, $3, 'p')";
        self.admin.execute(sql, &[&event, &kind, &self.id]).await.unwrap();
        let sql = "INSERT INTO email_messages (event_id, kind, about_link, election_id, recipient, payload, status, attempts, last_error, sent_at) \
                   VALUES ($1::text::uuid, $2, true, $3, $4, CASE WHEN $5::text <> 'sent' THEN 'p'::bytea END, $5, 3, \
                   CASE WHEN $5 <> 'sent' THEN 'not now for ' || $4 END, CASE WHEN $5 = 'sent' THEN clock_timestamp() END) RETURNING message_id";
        self.email.query_one(sql, &[&event, &kind, &self.id, &to, &status]).await.unwrap().get(0)
    }

    async fn ask(&self, history: &str, votes: bool) {
        let sql =
            "SELECT request_link($1, $2::text::uuid, $3, $4, sha256(uuid_send(gen_random_uuid())), 'link', 'recorded', false)";
        let (address, request) = (address(history, votes), Uuid::new_v4().to_string());
        self.voting.query(sql, &[&self.id, &request, &student(history, votes), &address]).await.unwrap();
        self.mail("request", &address, "sent").await;
    }

    async fn cast(&self, history: &str) {
        let sql = "SELECT t.token_hash FROM voting_tokens t JOIN voters v USING (voter_id) WHERE v.email = $1 AND NOT t.revoked";
        let link: Vec<u8> = self.owner.query_one(sql, &[&address(history, true)]).await.unwrap().get(0);
        assert_eq!(Ballots::default().cast(history, &link).record(&self.voting, self.id).await, ["recorded"], "{history}");
    }

    /// The draft: everybody but the late voters, some with a mistake in their address.
    async fn roll(&self) {
        for history in HISTORIES.iter().filter(|history| **history != "late") {
            for votes in [true, false] {
                let email = if *history == "corrected" { address("wrong", votes) } else { address(history, votes) };
                let sql = "INSERT INTO voters (election_id, email, student_id) VALUES ($1, $2, $3) RETURNING voter_id";
                let voter: i64 = self.admin.query_one(sql, &[&self.id, &email, &student(history, votes)]).await.unwrap().get(0);
                if *history != "imported" {
                    self.logged(voter, false).await;
                }
                self.link(voter, "invitation").await;
                let status = if ["deferred", "refused"].contains(history) { *history } else { "sent" };
                self.mail("voting_invitation", &email, status).await;
            }
        }
    }

    async fn happens(&self, history: &str, votes: bool) {
        let (email, student) = (address(history, votes), student(history, votes));
        match history {
            "corrected" => {
                let voter = self.voter(&address("wrong", votes)).await;
                let sql = "SELECT correct_voter($4, $1, $2, NULL, NULL, $3, NULL)";
                self.admin.query(sql, &[&voter, &email, &student, &self.id]).await.unwrap();
                self.link(voter, "correction").await;
                self.mail("correction", &email, "sent").await;
                self.mail("correction_notice", &address("wrong", votes), "refused").await;
                self.logged(voter, true).await;
            }
            "late" => {
                let sql = "SELECT add_late_voters($1, 'forgotten', ARRAY[$2::text], ARRAY[NULL]::text[], ARRAY[NULL]::text[], ARRAY[$3::text], ARRAY[NULL]::text[])";
                self.admin.query(sql, &[&self.id, &email, &student]).await.unwrap();
                let voter = self.voter(&email).await;
                self.logged(voter, true).await;
                // Whoever does not vote was never sent a link.
                if votes {
                    self.link(voter, "invitation").await;
                    self.mail("voting_invitation", &email, "queued").await;
                }
            }
            "asked" | "asked_after_voting" => self.ask(history, votes).await,
            "resent" | "refused" | "resent_after_voting" => {
                let voter = self.voter(&email).await;
                self.link(voter, "resend").await;
                let dead = "UPDATE voting_tokens SET revoked = true WHERE voter_id = $1 AND NOT is_used AND $2";
                self.admin.execute(dead, &[&voter, &(history == "resent_after_voting" && votes)]).await.unwrap();
                self.mail("resend", &email, "deferred").await;
                self.logged(voter, true).await;
            }
            "reminded" => {
                self.link(self.voter(&email).await, "reminder").await;
                self.mail("reminder", &email, "sent").await;
            }
            "stopped" => {
                let sql = "SELECT stop_reminders($1, (SELECT spend_id FROM voters WHERE email = $2))";
                self.owner.query(sql, &[&self.id, &email]).await.unwrap();
            }
            _ => {}
        }
    }

    /// Closes as the election service does.
    async fn close(&self) {
        for step in ["begin_close($1, 0)", "seal_box($1)", "anonymise_participation($1)"] {
            self.election.query(&format!("SELECT {step}"), &[&self.id]).await.unwrap();
        }
    }

    async fn text(&self, sql: &str) -> String {
        self.owner.query_one(&format!("SELECT ({sql})::text"), &[]).await.unwrap().get(0)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_stands_out_after_the_close_by_what_happened_while_voting_was_open() {
    let database = TestDatabase::new().await;
    let scene = Scene::set(&database).await;
    scene.roll().await;
    given::activate(&scene.owner, scene.id, "simple").await;
    for history in HISTORIES.iter().rev() {
        let after_voting = history.ends_with("_after_voting");
        if after_voting {
            scene.cast(history).await;
        }
        scene.happens(history, true).await;
        scene.happens(history, false).await;
        if !after_voting {
            scene.cast(history).await;
        }
    }
    // As autovacuum does it from time to time.
    database.connect(testkit::SUPERUSER).await.batch_execute("ANALYZE").await.unwrap();
    // Two mails are in the memory of the email service and of a relay while the election closes.
    let in_conversation = scene.mail("resend", &address("resent", true), "queued").await;
    scene.close().await;
    let noted =
        "UPDATE email_messages SET status = 'sent', sent_at = now() WHERE message_id = $1 AND status IN ('queued', 'deferred')";
    assert_eq!(scene.email.execute(noted, &[&in_conversation]).await.unwrap(), 0);
    for kind in ["voting_invitation", "resend", "reminder", "request", "correction", "correction_notice"] {
        let late = "INSERT INTO email_messages (event_id, kind, about_link, election_id, recipient, payload) VALUES (gen_random_uuid(), $1, true, $2, $3, 'p')";
        assert_eq!(scene.email.execute(late, &[&kind, &scene.id, &address("asked", true)]).await.unwrap(), 0, "{kind} was kept");
    }

    let readable = scene.text(READABLE).await;
    let traces = Traces::read(&readable, &scene.text(&all_rows(&readable)).await, scene.id);
    for votes in [true, false] {
        let about = |history: &str| {
            let wrong = if history == "corrected" { address("wrong", votes) } else { "nobody@example.com".to_owned() };
            traces.about(&[&address(history, votes), &student(history, votes), &wrong])
        };
        let plain = about("plain");
        for table in ["voters ", "voting_tokens ", "email_messages "] {
            assert_eq!(plain.iter().filter(|row| row.starts_with(table)).count(), 1, "one row of {table}: {plain:#?}");
        }
        for history in HISTORIES {
            assert_eq!(about(history), plain, "{history} stands out among those of whom 'has voted' is {votes}");
        }
    }
    let on_no_roll = "SELECT count(*) FROM email_messages m WHERE NOT EXISTS (SELECT FROM voters v WHERE v.email = m.recipient)";
    assert_eq!(scene.text(on_no_roll).await, "0");
    assert_eq!(scene.text("SELECT count(*) FROM audit_subjects").await, "0");
    assert_eq!(scene.text("SELECT count(*) FROM outbox WHERE destination = 'email'").await, "0");
}

/// The comparison above reads the grants; so it also sees what somebody adds later.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_column_that_a_service_may_read_is_compared_by_itself() {
    let database = TestDatabase::new().await;
    let scene = Scene::set(&database).await;
    scene.roll().await;
    given::activate(&scene.owner, scene.id, "simple").await;
    scene.happens("late", true).await;
    scene.happens("late", false).await;
    scene.close().await;
    scene
        .owner
        .batch_execute(
            "ALTER TABLE voters ADD COLUMN corrected_at timestamptz; GRANT SELECT (corrected_at) ON voters TO results_service; \
             UPDATE voters SET corrected_at = created_at WHERE email LIKE 'v.wrong.%'",
        )
        .await
        .unwrap();
    let readable = scene.text(READABLE).await;
    let traces = Traces::read(&readable, &scene.text(&all_rows(&readable)).await, scene.id);
    let about = |history: &str| traces.about(&[&address(history, true), &student(history, true)]);
    assert_eq!(about("resent"), about("plain"));
    let changed = traces.about(&[&address("wrong", true), &student("corrected", true)]);
    assert_ne!(changed, about("plain"), "the comparison is blind to a new column");
}

/// Tables about elections, or about nobody: no row of these leads to a person who is not named there for ever.
const ABOUT_ELECTIONS: [&str; 16] = [
    "elections",
    "manifests",
    "contests",
    "candidates",
    // Files of candidates that voters see; what is sampled of them are hashes.
    "uploads",
    "election_keys",
    "amendments",
    "chain_heads",
    "votes",
    "tallies",
    "box_commitments",
    "tally_signatures",
    "decrypted_ballots",
    "published_results",
    "audit_head",
    "audit_signatures",
];
/// One of a few words, the hashes of the public log, and the number of an election.
const WORDS: [&str; 13] = [
    "admins.role",
    "admin_codes.purpose",
    "login_failures.tried",
    "login_ceilings.tried",
    "outbox.source",
    "outbox.destination",
    "link_mailings.kind",
    "sent_mailings.kind",
    "audit_logs.source",
    "audit_logs.event_type",
    "audit_logs.previous_hash",
    "audit_logs.current_hash",
    "outbox_waiting.election_id",
];

#[tokio::test(flavor = "multi_thread")]
async fn no_column_that_names_a_person_or_leads_to_one_is_sampled_for_plans() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    given::an_active_election(&owner, "simple", 3).await;
    // In leaves, and for them in their parents: none at all, because how often a value stands there tells how many had not voted at a time.
    let sql = "SELECT c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
               WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped AND a.attstattarget <> 0 \
                 AND (c.relkind = 'p' OR c.relkind = 'r' AND (c.relispartition OR \
                      format_type(a.atttypid, NULL) NOT IN ('bigint', 'integer', 'boolean', 'timestamp with time zone') \
                      OR a.attname ~ '(voter|token|recipient|address)') \
                   OR c.relkind IN ('i', 'I') AND (SELECT i.indkey[a.attnum - 1] = 0 FROM pg_index i WHERE i.indexrelid = c.oid)) \
                 AND coalesce((SELECT t.relname FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid WHERE i.indexrelid = c.oid), c.relname) \
                     <> ALL ($1) AND c.relname <> '__diesel_schema_migrations' ORDER BY 1";
    let sampled = owner.query(sql, &[&ABOUT_ELECTIONS.as_slice()]).await.unwrap();
    let sampled: Vec<String> =
        sampled.iter().map(|row| row.get(0)).filter(|column: &String| !WORDS.contains(&column.as_str())).collect();
    assert_eq!(sampled, Vec::<String>::new(), "SET STATISTICS 0, or name it above with a reason");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_database_sampled_before_people_were_deleted_names_none_of_them() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let superuser = database.connect(testkit::SUPERUSER).await;
    let (election, _) = given::an_active_election(&owner, "simple", 20).await;
    let id = election.election_id;
    owner
        .batch_execute(&format!(
            "INSERT INTO email_messages (event_id, kind, about_link, election_id, recipient, last_error) \
                 SELECT gen_random_uuid(), 'voting_invitation', true, election_id, email, 'no mailbox ' || email FROM voters; \
             INSERT INTO staged_voters (import_id, line, email, first_name, last_name, student_id, cohort) \
                 SELECT gen_random_uuid(), voter_id, email, 'Ann-' || voter_id, 'Ann-' || voter_id, 'n@' || voter_id, 'Ann-' || voter_id FROM voters; \
             INSERT INTO admin_invitations (email, token_hash, invited_by, expires_at) \
                 SELECT email, sha256(spend_id), {}, now() FROM voters; \
             UPDATE voters SET first_name = 'Ann-' || voter_id, student_id = 'n@' || voter_id",
            election.admin_id
        ))
        .await
        .unwrap();
    superuser.batch_execute("ANALYZE").await.unwrap();
    owner.batch_execute(&format!("DELETE FROM staged_voters; SELECT begin_close({id}, 0); SELECT seal_box({id})")).await.unwrap();
    let sampled = "SELECT tablename || '.' || attname FROM pg_stats \
                   WHERE schemaname = 'public' AND coalesce(most_common_vals::text, '') || coalesce(histogram_bounds::text, '') ~ '@|Ann-'";
    let sampled: Vec<String> = superuser.query(sampled, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(sampled, Vec::<String>::new());
    // Nor does anything of a leaf say what stood there before the close.
    let leaves = "SELECT tablename || '.' || attname FROM pg_stats WHERE schemaname = 'public' AND tablename ~ '^(voters|voting_tokens|link_requests|audit_subjects|email_messages)'";
    owner.batch_execute(&format!("SELECT anonymise_participation({id})")).await.unwrap();
    let left: Vec<String> = superuser.query(leaves, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(left, Vec::<String>::new());
}
