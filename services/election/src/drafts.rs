//! Making, changing and deleting an election before voting opens. From activation on all of it is frozen (promise 7 of
//! ARCHITECTURE.md).

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use contract::elections::{ContestInput, Election, ElectionChange, NewElection};
use contract::events::AuditEventKind;
use contract::problems::{self, FieldError};
use database::{Connection, Failed};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::ballot::BallotStyle;
use domain::contest::{RawRules, Rules};
use domain::election::{Action, Profile, Publish, may_delete};
use domain::ids::ContestId;
use domain::legible;
use identity::Caller;
use messages::{Language, Message, Zone, say};
use outbox::Audited;
use problem::{Json, Problem};

use crate::State;
use crate::elections::{ContestRow, Row, again, conflict, contests_of};
use crate::schema::{self, contests, elections};

/// The most contests of an election.
const MOST_CONTESTS: usize = 50;

/// A question that was checked.
#[derive(Debug, Clone)]
struct Question {
    contest_id: Option<i64>,
    title: String,
    rules: Rules,
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = contests)]
struct QuestionRow<'a> {
    election_id: i64,
    title: &'a str,
    method: &'a str,
    seats: i32,
    min_marks: i32,
    /// `Some(None)` stores NULL; `None` would store the column's default.
    max_marks: Option<Option<i32>>,
    blank_allowed: bool,
    tie_rule: &'a str,
    display_order: i32,
}

/// Makes an election, in draft.
#[utoipa::path(
    post, path = "/api/elections", tag = "elections", security(("bearer" = ["admin"])), request_body = NewElection,
    responses(
        (status = 201, description = "The election", body = Election),
    )
)]
pub(crate) async fn create(state: web::Data<State>, caller: Caller, body: Json<NewElection>) -> Result<HttpResponse, Problem> {
    let wanted = Checked::new(body.into_inner(), state.default_timezone)?;
    let created = state.outbox.audited("create election", async move |tx| {
        let connection = tx.connection();
        let election_id: i64 = diesel::insert_into(elections::table)
            .values((
                elections::admin_id.eq(caller.admin_id),
                elections::title.eq(&wanted.title),
                elections::description.eq(&wanted.description),
                elections::opens_at.eq(wanted.opens_at),
                elections::closes_at.eq(wanted.closes_at),
                elections::locale.eq(wanted.locale.tag()),
                elections::timezone.eq(wanted.timezone.name()),
                elections::profile.eq(wanted.profile.as_str()),
                elections::publish.eq(wanted.publish.as_str()),
            ))
            .returning(elections::election_id)
            .get_result(connection)
            .await?;
        store_questions(connection, election_id, &wanted.contests).await?;
        let kind = AuditEventKind::ElectionCreated { title: wanted.title.clone() };
        let event = caller.did(kind).to(election_id);
        Ok::<_, Failed<Problem>>(Audited::new(again(connection, election_id).await?, event))
    });
    Ok(HttpResponse::Created().json(created.await?))
}

/// Changes a draft. Members that are left out keep their value; `null` clears one that may be empty; `contests` replaces all
/// of them.
#[utoipa::path(
    put, path = "/api/elections/{id}", tag = "elections", security(("bearer" = ["owner"])), request_body = ElectionChange,
    params(("id" = i64, Path, description = "election_id")),
    responses(
        (status = 200, description = "The changed election", body = Election),
        (status = 409, description = "Activated: frozen"),
    )
)]
pub(crate) async fn change(
    state: web::Data<State>,
    caller: Caller,
    id: web::Path<i64>,
    body: Json<ElectionChange>,
) -> Result<Json<Election>, Problem> {
    let (election_id, change) = (*id, body.into_inner());
    let (own, allows) = ((caller.admin_id, election_id), |row: &Row| row.allows(Action::Edit));
    let changed = state.change_own("change election", own, allows, async move |tx, row| {
        let connection = tx.connection();
        allows(&row).map_err(Failed::Refused)?;
        let before = contests_of(connection, &[election_id]).await?;
        let wanted = Checked::changed(&change, &row, &before).map_err(Failed::Refused)?;
        let mut members = wanted.differences(&row);
        if wanted.questions_differ(&before) {
            replace_questions(connection, election_id, &wanted.contests).await?;
            members.push("contests".to_owned());
        }
        if members.is_empty() {
            return Ok(Audited::unchanged(again(connection, election_id).await?));
        }
        diesel::update(elections::table.find(election_id))
            .set((
                elections::title.eq(&wanted.title),
                elections::description.eq(&wanted.description),
                elections::opens_at.eq(wanted.opens_at),
                elections::closes_at.eq(wanted.closes_at),
                elections::locale.eq(wanted.locale.tag()),
                elections::timezone.eq(wanted.timezone.name()),
                elections::profile.eq(wanted.profile.as_str()),
                elections::publish.eq(wanted.publish.as_str()),
            ))
            .execute(connection)
            .await?;
        let kind = AuditEventKind::ElectionUpdated { changed: members };
        let event = caller.did(kind).to(election_id);
        Ok::<_, Failed<Problem>>(Audited::new(again(connection, election_id).await?, event))
    });
    Ok(Json(changed.await?))
}

/// Deletes a draft with all that belongs to it, or a scheduled election that nobody was sent a link for. Any other can have votes:
/// archive it.
#[utoipa::path(
    delete, path = "/api/elections/{id}", tag = "elections", security(("bearer" = ["owner"])),
    params(("id" = i64, Path, description = "election_id")),
    responses(
        (status = 204, description = "Gone"),
        (status = 409, description = "Neither a draft nor scheduled, or scheduled and links were sent"),
    )
)]
pub(crate) async fn remove(state: web::Data<State>, caller: Caller, id: web::Path<i64>) -> Result<HttpResponse, Problem> {
    let election_id = *id;
    let own = (caller.admin_id, election_id);
    let removed = state.change_own(
        "delete election",
        own,
        |row| row.allows(Action::Delete),
        async move |tx, row| {
            let connection = tx.connection();
            // From here on nobody can be sent a link: a link refers to the election, and waits for this lock.
            let _: i64 = elections::table.find(election_id).select(elections::election_id).for_update().first(connection).await?;
            let links_sent = diesel::select(schema::links_were_sent(election_id)).get_result(connection).await?;
            may_delete(row.life_cycle_state(), links_sent).map_err(|refused| Failed::Refused(conflict(refused)))?;
            diesel::delete(elections::table.find(election_id)).execute(connection).await?;
            let kind = AuditEventKind::ElectionDeleted { title: row.title };
            let event = caller.did(kind).to(election_id);
            Ok::<_, Failed<Problem>>(Audited::new((), event))
        },
    );
    removed.await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The settings of an election, checked.
#[derive(Debug, Clone)]
struct Checked {
    title: String,
    description: Option<String>,
    opens_at: Option<DateTime<Utc>>,
    closes_at: Option<DateTime<Utc>>,
    locale: Language,
    timezone: Zone,
    profile: Profile,
    publish: Publish,
    contests: Vec<Question>,
}

impl Checked {
    /// Checks everything and names all that is wrong.
    fn new(new: NewElection, default_timezone: Zone) -> Result<Self, Problem> {
        let contests = new.contests.unwrap_or_else(|| {
            let title = new.title.clone();
            vec![ContestInput { title, ..ContestInput::default() }]
        });
        let mut errors = Vec::new();
        let checked = Self {
            title: title("title", &new.title, &mut errors),
            description: description(new.description, &mut errors),
            opens_at: new.opens_at,
            closes_at: new.closes_at,
            locale: word("locale", new.locale.as_deref(), Language::default(), &mut errors),
            timezone: word("timezone", new.timezone.as_deref(), default_timezone, &mut errors),
            profile: profile(new.profile.as_deref(), Profile::Simple, &mut errors),
            publish: word("publish", new.publish.as_deref(), Publish::Together, &mut errors),
            contests: questions(&contests, &[], &mut errors),
        };
        checked.finish(errors)
    }

    /// The election as it is, with the change applied.
    fn changed(change: &ElectionChange, row: &crate::elections::Row, before: &[ContestRow]) -> Result<Self, Problem> {
        let mut errors = Vec::new();
        let inputs = change.contests.clone().unwrap_or_else(|| before.iter().map(as_input).collect());
        let checked = Self {
            title: title("title", change.title.as_ref().unwrap_or(&row.title), &mut errors),
            description: description(change.description.clone().unwrap_or_else(|| row.description.clone()), &mut errors),
            opens_at: change.opens_at.unwrap_or(row.opens_at),
            closes_at: change.closes_at.unwrap_or(row.closes_at),
            locale: word("locale", change.locale.as_deref(), *row.locale, &mut errors),
            timezone: word("timezone", change.timezone.as_deref(), *row.timezone, &mut errors),
            profile: profile(change.profile.as_deref(), *row.profile, &mut errors),
            publish: word("publish", change.publish.as_deref(), *row.publish, &mut errors),
            contests: questions(&inputs, before, &mut errors),
        };
        checked.finish(errors)
    }

    fn finish(self, mut errors: Vec<FieldError>) -> Result<Self, Problem> {
        if let (Some(opens), Some(closes)) = (self.opens_at, self.closes_at)
            && closes <= opens
        {
            errors.push(FieldError::new("closes_at", say!(closes_before_opening)));
        }
        // `BallotStyle::fits_a_request` has the arithmetic. Where the candidates will be the limit, activation asks again.
        let most = |question: &Question| (ContestId::new(0), question.rules.max().unwrap_or(1));
        let ballot_style = BallotStyle::new(self.contests.iter().map(most).collect());
        if !ballot_style.fits_a_request() {
            errors.push(FieldError::new("contests", say!(contests_too_many_marks)));
        }
        if errors.is_empty() { Ok(self) } else { Err(Problem::invalid(errors)) }
    }

    /// The members that the change would change, for the audit log.
    fn differences(&self, row: &crate::elections::Row) -> Vec<String> {
        let members = [
            ("title", self.title != row.title),
            ("description", self.description != row.description),
            ("opens_at", self.opens_at != row.opens_at),
            ("closes_at", self.closes_at != row.closes_at),
            ("locale", self.locale != *row.locale),
            ("timezone", self.timezone != *row.timezone),
            ("profile", self.profile != *row.profile),
            ("publish", self.publish != *row.publish),
        ];
        members.into_iter().filter(|(_, differs)| *differs).map(|(member, _)| member.to_owned()).collect()
    }

    fn questions_differ(&self, before: &[ContestRow]) -> bool {
        let same = |question: &Question, row: &ContestRow| {
            let input = as_input(row);
            question.contest_id == Some(row.contest_id)
                && question.title == row.title
                && (Some(question.rules.seats), Some(question.rules.min()), question.rules.max())
                    == (input.seats, input.min, input.max)
                && question.rules.blank == row.blank_allowed
                && question.rules.method.as_str() == row.method
                && question.rules.tie_rule == *row.tie_rule
        };
        self.contests.len() != before.len() || !self.contests.iter().zip(before).all(|(question, row)| same(question, row))
    }
}

/// A title stands in mail subjects, so line ends and other control characters are refused.
fn title(field: &str, text: &str, errors: &mut Vec<FieldError>) -> String {
    let text = text.trim();
    if legible::is_blank(text) {
        errors.push(FieldError::new(field, say!(text_empty)));
    } else if text.chars().count() > 255 {
        errors.push(FieldError::new(field, say!(text_too_long, most = 255)));
    } else if text.chars().any(legible::is_control) {
        errors.push(FieldError::new(field, say!(text_with_line_ends)));
    } else if text.chars().any(legible::is_invisible) {
        errors.push(FieldError::new(field, say!(text_has_invisible_character)));
    }
    text.to_owned()
}

fn description(text: Option<String>, errors: &mut Vec<FieldError>) -> Option<String> {
    let text = text.filter(|text| !text.trim().is_empty());
    if text.as_ref().is_some_and(|text| text.chars().count() > 10_000) {
        errors.push(FieldError::new("description", say!(description_too_long)));
    }
    if text.as_ref().is_some_and(|text| text.chars().any(|c| legible::is_control(c) && !matches!(c, '\n' | '\r' | '\t'))) {
        errors.push(FieldError::new("description", say!(text_with_control_characters)));
    }
    text
}

fn word<T: std::str::FromStr<Err: Into<Message>>>(
    field: &str,
    text: Option<&str>,
    default: T,
    errors: &mut Vec<FieldError>,
) -> T {
    match text.map(str::parse) {
        None => default,
        Some(Ok(value)) => value,
        Some(Err(offered)) => {
            errors.push(FieldError::new(field, offered));
            default
        }
    }
}

/// The only one that can be chosen.
fn profile(asked: Option<&str>, as_it_is: Profile, errors: &mut Vec<FieldError>) -> Profile {
    let offered = Profile::Simple;
    if asked.is_some_and(|asked| asked != offered.as_str()) {
        errors.push(FieldError::new("profile", say!(value_one_of, offered = offered.as_str())));
    }
    asked.map_or(as_it_is, |_| offered)
}

fn questions(inputs: &[ContestInput], before: &[ContestRow], errors: &mut Vec<FieldError>) -> Vec<Question> {
    if inputs.is_empty() || inputs.len() > MOST_CONTESTS {
        errors.push(FieldError::new("contests", say!(contests_number, most = MOST_CONTESTS)));
        return Vec::new();
    }
    let mut checked: Vec<Question> = Vec::new();
    for (index, input) in inputs.iter().enumerate() {
        let at = |field: &str| format!("contests[{index}].{field}");
        let known = |id: i64| before.iter().any(|row| row.contest_id == id);
        if input.contest_id.is_some_and(|id| !known(id) || checked.iter().any(|other| other.contest_id == Some(id))) {
            errors.push(FieldError::new(at("contest_id"), say!(contest_not_of_election_or_twice)));
        }
        let title = title(&at("title"), &input.title, errors);
        let raw = RawRules {
            method: input.method.as_deref(),
            seats: input.seats,
            min: input.min,
            max: input.max,
            blank: input.blank,
            tie_rule: input.tie_rule.as_deref(),
        };
        match Rules::parse(raw) {
            Ok(rules) => checked.push(Question { contest_id: input.contest_id, title, rules }),
            Err(refused) => errors.extend(refused.into_iter().map(|rule| FieldError::new(at(rule.field), rule.message))),
        }
    }
    checked
}

fn as_input(row: &ContestRow) -> ContestInput {
    let contest: contract::elections::Contest = row.clone().into();
    ContestInput {
        contest_id: Some(contest.contest_id),
        title: contest.title,
        method: Some(contest.method),
        seats: Some(contest.seats),
        min: Some(contest.min),
        max: contest.max,
        blank: Some(contest.blank),
        tie_rule: Some(contest.tie_rule),
    }
}

impl<'a> QuestionRow<'a> {
    fn new(election_id: i64, question: &'a Question, display_order: usize) -> Result<Self, Failed<Problem>> {
        let stored = |number: u32| i32::try_from(number).map_err(|_| too_many());
        let Question { title, rules, .. } = question;
        Ok(Self {
            election_id,
            title,
            method: rules.method.as_str(),
            seats: stored(rules.seats)?,
            min_marks: stored(rules.min())?,
            max_marks: Some(rules.max().map(stored).transpose()?),
            blank_allowed: rules.blank,
            tie_rule: rules.tie_rule.as_str(),
            display_order: i32::try_from(display_order).map_err(|_| too_many())?,
        })
    }
}

/// Never seen: [`Rules::parse`] bounds every number by 1,000.
fn too_many() -> Failed<Problem> {
    Failed::Refused(Problem::new(problems::INVALID, say!(contest_number_too_large)))
}

async fn store_questions(connection: &mut Connection, election_id: i64, questions: &[Question]) -> Result<(), Failed<Problem>> {
    for (question, display_order) in questions.iter().zip(1..) {
        let row = QuestionRow::new(election_id, question, display_order)?;
        match question.contest_id {
            None => diesel::insert_into(contests::table).values(row).execute(connection).await?,
            Some(contest_id) => diesel::update(contests::table.find(contest_id)).set(row).execute(connection).await?,
        };
    }
    Ok(())
}

async fn replace_questions(connection: &mut Connection, election_id: i64, questions: &[Question]) -> Result<(), Failed<Problem>> {
    let kept: Vec<i64> = questions.iter().filter_map(|question| question.contest_id).collect();
    let gone = contests::table.filter(contests::election_id.eq(election_id)).filter(contests::contest_id.ne_all(kept));
    diesel::delete(gone).execute(connection).await?;
    store_questions(connection, election_id, questions).await
}
