//! Making, changing and deleting an election before voting opens. From activation on all of it is frozen (promise 7 of
//! ARCHITECTURE.md).

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use contract::elections::{ContestInput, Election, ElectionChange, NewElection};
use contract::events::AuditEventKind;
use contract::problems::{self, FieldError};
use counting::{Family, Rule};
use database::{Connection, Failed, TextColumn, violated_constraint};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::contest::{BallotOrder, Standing, fixed_candidates, read_rule};
use domain::election::{Action, Profile, Publish, Status, may_delete};
use domain::legible;
use identity::Caller;
use messages::{Language, Message, Zone, say};
use outbox::Audited;
use problem::{Json, Problem};

use crate::State;
use crate::elections::{ContestRow, Row, conflict, contests_of, reread};
use crate::schema::{self, candidates, contests, elections};

/// The most contests of an election.
const MOST_CONTESTS: usize = 50;
/// Far more than anybody prepares at once.
const MOST_DRAFTS: i64 = 500;
/// The longest text of a motion, in characters; as in the database.
const LONGEST_TEXT: usize = 20_000;
/// The place on the ballot of what a rule puts there: people who stand have at most 1,000,000.
const BEHIND_ALL: i32 = 2_000_000;

/// A question that was checked.
#[derive(Debug, Clone)]
struct Question {
    contest_id: Option<i64>,
    title: String,
    text: Option<String>,
    rule: Rule,
    ballot_order: BallotOrder,
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = contests)]
struct QuestionRow<'a> {
    election_id: i64,
    title: &'a str,
    /// `Some(None)` stores NULL; `None` would keep what is there.
    text: Option<Option<&'a str>>,
    rule: serde_json::Value,
    ballot_order: &'a str,
    display_order: i32,
}

/// Makes an election, in draft.
#[utoipa::path(
    post, path = "/api/elections", tag = "elections", security(("bearer" = ["admin"])), request_body = NewElection,
    responses(
        (status = 201, description = "The election", body = Election),
        (status = 409, description = "This account has 500 drafts already; delete some"),
    )
)]
pub(crate) async fn create(state: web::Data<State>, caller: Caller, body: Json<NewElection>) -> Result<HttpResponse, Problem> {
    let wanted = Checked::new(body.into_inner(), state.default_timezone)?;
    let created = state.outbox.audited("create election", async move |tx| {
        let connection = tx.connection();
        may_have_another(connection, caller.admin_id).await?;
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
        Ok::<_, Failed<Problem>>(Audited::new(reread(connection, election_id).await?, event))
    });
    Ok(HttpResponse::Created().json(created.await?))
}

/// Refuses another draft to an account that has too many: each has tables of its own, and nobody else could make elections when these
/// fill the database. Of requests at the same time a few more can pass.
pub(crate) async fn may_have_another(connection: &mut Connection, admin_id: i64) -> Result<(), Failed<Problem>> {
    let drafts = elections::table.filter(elections::admin_id.eq(admin_id)).filter(elections::status.eq(Status::Draft.as_str()));
    let drafts: i64 = drafts.count().get_result(connection).await?;
    if drafts >= MOST_DRAFTS { Err(Failed::Refused(conflict(say!(too_many_drafts, most = MOST_DRAFTS)))) } else { Ok(()) }
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
            return Ok(Audited::unchanged(reread(connection, election_id).await?));
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
        Ok::<_, Failed<Problem>>(Audited::new(reread(connection, election_id).await?, event))
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
            question.contest_id == Some(row.contest_id)
                && question.title == row.title
                && question.text == row.text
                && question.rule == row.rule.0
                && question.ballot_order == *row.ballot_order
        };
        self.contests.len() != before.len() || !self.contests.iter().zip(before).all(|(question, row)| same(question, row))
    }
}

/// A title stands in mail subjects, so line ends and other control characters are refused.
pub(crate) fn title(field: &str, text: &str, errors: &mut Vec<FieldError>) -> String {
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
        let refused_at = |field: &str| if field.is_empty() { at("rule") } else { at(&format!("rule.{field}")) };
        // Whoever only mends a title must not turn the question into another.
        let as_it_is = before.iter().find(|row| Some(row.contest_id) == input.contest_id);
        let order_as_it_is = as_it_is.map_or(BallotOrder::Fixed, |row| *row.ballot_order);
        let ballot_order = word(&at("ballot_order"), input.ballot_order.as_deref(), order_as_it_is, errors);
        let rule = match (&input.rule, as_it_is) {
            (None, Some(row)) => Ok(row.rule.0.clone()),
            (given, _) => read_rule(given.as_ref()),
        };
        match rule {
            Ok(rule) => {
                let kept = as_it_is.and_then(|row| row.text.as_deref()).filter(|_| rule.family() == Family::Motion);
                let text = text(&at("text"), input.text.as_deref().or(kept), &rule, errors);
                checked.push(Question { contest_id: input.contest_id, title, text, rule, ballot_order });
            }
            Err(refused) => {
                errors.extend(refused.into_iter().map(|rule| FieldError::new(refused_at(&rule.field), rule.message)));
            }
        }
    }
    checked
}

/// A motion has a text, and nothing else has one.
fn text(field: &str, given: Option<&str>, rule: &Rule, errors: &mut Vec<FieldError>) -> Option<String> {
    let given = given.map(str::trim).filter(|text| !legible::is_blank(text));
    match (rule.family() == Family::Motion, given) {
        (true, None) => errors.push(FieldError::new(field, say!(contest_text_missing))),
        (false, Some(_)) => errors.push(FieldError::new(field, say!(contest_text_of_motion))),
        (true, Some(text)) if text.chars().count() > LONGEST_TEXT => {
            errors.push(FieldError::new(field, say!(text_too_long, most = LONGEST_TEXT)));
        }
        (true, Some(text)) if text.chars().any(|c| legible::is_control(c) && !matches!(c, '\n' | '\r' | '\t')) => {
            errors.push(FieldError::new(field, say!(text_with_control_characters)));
        }
        _ => {}
    }
    given.map(str::to_owned)
}

fn as_input(row: &ContestRow) -> ContestInput {
    ContestInput {
        contest_id: Some(row.contest_id),
        title: row.title.clone(),
        text: row.text.clone(),
        rule: serde_json::to_value(&row.rule.0).ok(),
        ballot_order: Some(row.ballot_order.to_string()),
    }
}

impl<'a> QuestionRow<'a> {
    fn new(election_id: i64, question: &'a Question, display_order: i32) -> Result<Self, Failed<Problem>> {
        let Question { title, text, rule, ballot_order, .. } = question;
        let unwritable = |cause| Failed::Refused(Problem::internal("store a rule", &cause));
        Ok(Self {
            election_id,
            title,
            text: Some(text.as_deref()),
            rule: serde_json::to_value(rule).map_err(unwritable)?,
            ballot_order: ballot_order.as_str(),
            display_order,
        })
    }
}

async fn store_questions(connection: &mut Connection, election_id: i64, questions: &[Question]) -> Result<(), Failed<Problem>> {
    for (question, display_order) in questions.iter().zip(1..) {
        let row = QuestionRow::new(election_id, question, display_order)?;
        let contest_id: i64 = match question.contest_id {
            None => {
                let inserted = diesel::insert_into(contests::table).values(row).returning(contests::contest_id);
                inserted.get_result(connection).await?
            }
            Some(contest_id) => {
                diesel::update(contests::table.find(contest_id)).set(row).execute(connection).await?;
                contest_id
            }
        };
        fit_candidates(connection, (election_id, contest_id), &question.rule, display_order).await?;
    }
    Ok(())
}

/// Brings what the rule itself puts on the ballot: the options of a motion, or "None of the above", which comes last.
async fn fit_candidates(
    connection: &mut Connection,
    (election_id, contest_id): (i64, i64),
    rule: &Rule,
    place: i32,
) -> Result<(), Failed<Problem>> {
    let of_contest = candidates::table.filter(candidates::contest_id.eq(contest_id));
    let found: Vec<(String, TextColumn<Standing>)> =
        of_contest.order(candidates::display_order).select((candidates::name, candidates::standing)).load(connection).await?;
    if rule.family() == Family::Motion && found.iter().any(|(_, standing)| **standing == Standing::Stands) {
        let field = format!("contests[{}].rule", place.saturating_sub(1));
        return Err(Failed::Refused(Problem::field(&field, say!(contest_has_candidates))));
    }
    let wanted = fixed_candidates(rule);
    let fixed =
        found.iter().filter(|(_, standing)| **standing != Standing::Stands).map(|(name, standing)| (name.as_str(), **standing));
    if fixed.eq(wanted.iter().copied()) {
        return Ok(());
    }
    diesel::delete(of_contest.filter(candidates::standing.ne(Standing::Stands.as_str()))).execute(connection).await?;
    for ((name, standing), order) in wanted.into_iter().zip(BEHIND_ALL..) {
        let row = (
            candidates::election_id.eq(election_id),
            candidates::contest_id.eq(contest_id),
            candidates::name.eq(name),
            candidates::display_order.eq(order),
            candidates::standing.eq(standing.as_str()),
        );
        let inserted = diesel::insert_into(candidates::table).values(row).execute(connection).await;
        inserted.map_err(|error| match violated_constraint(&error) {
            Some("candidates_name_key") => Failed::Refused(Problem::new(problems::EXISTS, say!(candidate_name_taken))),
            _ => error.into(),
        })?;
    }
    Ok(())
}

async fn replace_questions(connection: &mut Connection, election_id: i64, questions: &[Question]) -> Result<(), Failed<Problem>> {
    let kept: Vec<i64> = questions.iter().filter_map(|question| question.contest_id).collect();
    let gone = contests::table.filter(contests::election_id.eq(election_id)).filter(contests::contest_id.ne_all(kept));
    diesel::delete(gone).execute(connection).await?;
    store_questions(connection, election_id, questions).await
}
