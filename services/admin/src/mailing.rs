//! What all mails of this service share: whom they greet, where their links lead, and who may have them sent.

use contract::audit::SignedHead;
use contract::problems;
use database::{Connection, Failed};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::ids::ElectionId;
use domain::link::{RANDOM_BYTES, VotingToken};
use identity::Caller;
use launch::Mode;
use problem::Problem;
use serde::de::DeserializeOwned;

use crate::State;
use crate::schema::admins;

/// How a mail greets a voter.
pub(crate) fn greeting(first_name: Option<String>, last_name: Option<String>) -> Option<String> {
    let names: Vec<String> = [first_name, last_name].into_iter().flatten().collect();
    (!names.is_empty()).then(|| names.join(" "))
}

impl State {
    /// The link a voter opens. Whoever has it can vote.
    pub(crate) fn voting_url(&self, token: &VotingToken) -> String {
        format!("{}/vote?token={}", self.public_url, token.expose())
    }

    /// The page with the result.
    pub(crate) fn results_url(&self, election_id: i64) -> String {
        format!("{}/results/{election_id}", self.public_url)
    }

    /// Where anybody learns whether the audit log still continues a head.
    pub(crate) fn audit_head_url(&self, head: &SignedHead) -> String {
        format!("{}/api/audit/head?head_id={}&head_hash={}", self.public_url, head.last_id, head.last_hash)
    }
}

/// A token of this election that nobody knows yet.
pub(crate) fn fresh_token(election_id: i64) -> VotingToken {
    let mut bytes = [0; RANDOM_BYTES];
    aws_lc_rs::rand::fill(&mut bytes).expect("the operating system gives random bytes");
    VotingToken::new(ElectionId::new(election_id), &bytes)
}

/// Whether this admin may send mail to other people.
pub(crate) async fn may_mail_everybody(connection: &mut Connection, mode: Mode, admin_id: i64) -> QueryResult<bool> {
    if mode == Mode::Local {
        return Ok(true);
    }
    let verified = admins::table.find(admin_id).filter(admins::email_verified_at.is_not_null());
    let found: Option<i64> = verified.select(admins::admin_id).first(connection).await.optional()?;
    Ok(found.is_some())
}

/// Outside local mode an admin whose address nobody has verified can send mail only to it: otherwise anybody who registers
/// could mail strangers in our name.
pub(crate) async fn may_mail<'a>(
    connection: &mut Connection,
    mode: Mode,
    caller: &Caller,
    recipients: impl IntoIterator<Item = &'a str>,
) -> Result<(), Failed<Problem>> {
    if may_mail_everybody(connection, mode, caller.admin_id).await?
        || recipients.into_iter().all(|address| address.eq_ignore_ascii_case(&caller.email))
    {
        return Ok(());
    }
    let detail = "Your own mail address is not verified yet, so mails go to nobody else. Have it verified first";
    Err(Failed::Refused(Problem::new(problems::FORBIDDEN, detail)))
}

/// A body that may be left out; when it is there, it has to be right.
pub(crate) fn optional_body<T: DeserializeOwned + Default>(bytes: &[u8]) -> Result<T, Problem> {
    if bytes.trim_ascii().is_empty() {
        return Ok(T::default());
    }
    let no_object = || Problem::new(problems::MALFORMED, "The body is not a JSON object. Send {} or nothing");
    // serde reads a list as a struct whose members come in order; nobody means that.
    if !bytes.trim_ascii_start().starts_with(b"{") {
        return Err(no_object());
    }
    serde_json::from_slice(bytes).map_err(|error| {
        if error.is_data() {
            let message = error.to_string();
            Problem::field("body", message.split(" at line ").next().unwrap_or("has an unknown member"))
        } else {
            no_object()
        }
    })
}
