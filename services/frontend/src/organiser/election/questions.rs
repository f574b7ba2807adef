//! The questions of an election, and how each is counted. First the method is chosen, each with what it is good for; the form then has
//! just the fields that this method has. Fields of the API that no form shows keep their value.

use actix_web::web;
use contract::elections::{Contest, ContestInput, Election, ElectionChange};
use counting::{Family, METHODS, Rule};
use messages::{Message, say};
use minijinja::context;
use minijinja::value::Value;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use super::{Frame, Step, fact};
use crate::organiser::form::Form;
use crate::organiser::visit::{Answer, Organiser, Sent};

/// Which method a new or changed question shall have.
#[derive(Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    method: String,
}

/// A question by its number, or the one that is not there yet.
const NEW: &str = "new";

/// Every question with its rule.
pub(crate) async fn show(organiser: Organiser, id: web::Path<i64>) -> Answer {
    let frame = Frame::load(&organiser, *id).await?;
    let time = |at: Option<_>| at.map_or_else(|| organiser.say(say!(step_by_hand)), |at| organiser.time(at, frame.zone()));
    let rows = vec![
        fact(&organiser, say!(details_opens), time(frame.election.opens_at)),
        fact(&organiser, say!(details_closes), time(frame.election.closes_at)),
    ];
    let questions: Vec<Value> = frame.election.contests.iter().map(|contest| shown(&organiser, contest)).collect();
    frame.page(&organiser, 200, Some(Step::Questions), "admin_questions.html", context! { rows, questions })
}

fn shown(organiser: &Organiser, contest: &Contest) -> Value {
    let seats = (contest.family != Family::Motion).then(|| organiser.say(say!(question_seats, seats = contest.seats)));
    let (name, sentence, _) = method_texts(contest.rule.method());
    context! {
        id => contest.contest_id, title => &contest.title, text => &contest.text, seats,
        method => organiser.say(name), sentence => organiser.say(sentence),
    }
}

/// Name of a method, what it does, and what it is good for.
pub(crate) fn method_texts(method: &str) -> (Message, Message, Message) {
    match method {
        "plurality" => (say!(method_plurality), say!(method_plurality_does), say!(method_plurality_good)),
        "approval" => (say!(method_approval), say!(method_approval_does), say!(method_approval_good)),
        "cumulative" => (say!(method_cumulative), say!(method_cumulative_does), say!(method_cumulative_good)),
        "score" => (say!(method_score), say!(method_score_does), say!(method_score_good)),
        "star" => (say!(method_star), say!(method_star_does), say!(method_star_good)),
        "borda" => (say!(method_borda), say!(method_borda_does), say!(method_borda_good)),
        "irv" => (say!(method_irv), say!(method_irv_does), say!(method_irv_good)),
        "wigm" => (say!(method_wigm), say!(method_wigm_does), say!(method_wigm_good)),
        "scottish_stv" => (say!(method_scottish), say!(method_scottish_does), say!(method_scottish_good)),
        "meek_stv" => (say!(method_meek), say!(method_meek_does), say!(method_meek_good)),
        "schulze" => (say!(method_schulze), say!(method_schulze_does), say!(method_schulze_good)),
        "ranked_pairs" => (say!(method_pairs), say!(method_pairs_does), say!(method_pairs_good)),
        _ => (say!(method_motion), say!(method_motion_does), say!(method_motion_good)),
    }
}

/// One question: first the choice of a method, then the form.
pub(crate) async fn edit(organiser: Organiser, path: web::Path<(i64, String)>, asked: Option<web::Query<Asked>>) -> Answer {
    let (id, question) = path.into_inner();
    let frame = Frame::load(&organiser, id).await?;
    let contest = find(&frame, &question);
    if !frame.is_draft() || (contest.is_none() && question != NEW) {
        return organiser.go_to(&frame.path("questions"));
    }
    let asked = asked.map(|asked| asked.into_inner().method).unwrap_or_default();
    let method = if asked.is_empty() { contest.map_or("", |contest| contest.rule.method()) } else { asked.as_str() };
    match Rule::usual(method) {
        Some(usual) if asked != "choose" => {
            let rule = contest.map(|contest| contest.rule.clone()).filter(|rule| rule.method() == method).unwrap_or(usual);
            form_page(&organiser, &frame, &question, &rule, &filled_in(contest, &rule))
        }
        _ => method_page(&organiser, &frame, &question, contest.map(|contest| contest.rule.method())),
    }
}

fn find<'f>(frame: &'f Frame, question: &str) -> Option<&'f Contest> {
    let id: i64 = question.parse().ok()?;
    frame.election.contests.iter().find(|contest| contest.contest_id == id)
}

fn method_page(organiser: &Organiser, frame: &Frame, question: &str, chosen: Option<&str>) -> Answer {
    let of = |is_wanted: fn(&str) -> bool| -> Vec<Value> {
        let offered = METHODS.iter().map(|legend| legend.method).filter(|method| is_wanted(method));
        let shown = |method| {
            let (name, does, good) = method_texts(method);
            context! { value => method, name => organiser.say(name), does => organiser.say(does), good => organiser.say(good), is_chosen => chosen == Some(method) }
        };
        offered.map(shown).collect()
    };
    let groups = vec![
        context! { name => organiser.say(say!(methods_for_one)), methods => of(is_for_one) },
        context! { name => organiser.say(say!(methods_for_several)), methods => of(|method| !is_for_one(method) && method != "motion") },
        context! { name => organiser.say(say!(methods_for_texts)), methods => of(|method| method == "motion") },
    ];
    frame.page(organiser, 200, Some(Step::Questions), "admin_method.html", context! { question, groups })
}

/// Methods that people choose for one seat. Most of them can fill several, but not in proportion.
fn is_for_one(method: &str) -> bool {
    !matches!(method, "scottish_stv" | "meek_stv" | "wigm" | "cumulative" | "motion")
}

/// The form of a question as it is now.
fn filled_in(contest: Option<&Contest>, rule: &Rule) -> Form {
    let mut form = Form::default().with("method", rule.method());
    if let Some(contest) = contest {
        form = form
            .with("title", &contest.title)
            .with("text", contest.text.clone().unwrap_or_default())
            .with("ballot_order", &contest.ballot_order);
    } else {
        form = form.with("ballot_order", "fixed");
    }
    for (name, value) in members(rule) {
        form = match value {
            Json::Bool(true) => form.with(&name, "1"),
            Json::Bool(false) | Json::Null => form,
            Json::Number(number) => form.with(&name, number.to_string()),
            Json::String(word) => form.with(&name, word),
            other => form.with(&name, other.to_string()),
        };
    }
    form
}

fn members(rule: &Rule) -> Map<String, Json> {
    match serde_json::to_value(rule) {
        Ok(Json::Object(members)) => members,
        _ => Map::new(),
    }
}

fn form_page(organiser: &Organiser, frame: &Frame, question: &str, rule: &Rule, form: &Form) -> Answer {
    let (name, does, good) = method_texts(rule.method());
    let shares = |field: &str| share_options(organiser, form.text(field));
    let values = context! {
        form => form.shown(organiser.language),
        question,
        method => rule.method(),
        method_name => organiser.say(name),
        does => organiser.say(does),
        good => organiser.say(good),
        has => rule.fields(),
        quorums => shares("quorum"),
        majorities => shares("required_majority"),
        passes => passes_options(organiser, form.text("passes")),
        is_motion => rule.family() == Family::Motion,
        is_only => frame.election.contests.len() == 1,
    };
    frame.page(organiser, form.status(), Some(Step::Questions), "admin_question.html", values)
}

fn option(value: &str, text: String) -> Value {
    context! { value, text }
}

/// Usual shares, and the one that is set if it is another. What is set is sent back as the API has it.
fn share_options(organiser: &Organiser, now: &str) -> Vec<Value> {
    let at_least = ["1/10", "1/5", "1/4", "1/3", "1/2", "2/3", "3/4"];
    let mut known: Vec<(String, String)> = vec![(String::new(), organiser.say(say!(share_none)))];
    known.push((json!({ "more_than": "1/2" }).to_string(), organiser.say(say!(share_more_than, share = "1/2"))));
    known.extend(
        at_least.map(|share| (json!({ "at_least": share }).to_string(), organiser.say(say!(share_at_least, share = share)))),
    );
    with_current(known, now)
}

fn passes_options(organiser: &Organiser, now: &str) -> Vec<Value> {
    let known = vec![
        ("simple".to_owned(), organiser.say(say!(passes_simple))),
        ("two_thirds".to_owned(), organiser.say(say!(passes_two_thirds))),
        ("absolute".to_owned(), organiser.say(say!(passes_absolute))),
    ];
    with_current(known, now)
}

fn with_current(mut known: Vec<(String, String)>, now: &str) -> Vec<Value> {
    if known.iter().all(|(value, _)| value != now) {
        known.push((now.to_owned(), now.to_owned()));
    }
    known.into_iter().map(|(value, text)| option(&value, text)).collect()
}

/// Stores a question. All others stay as they are.
pub(crate) async fn save(sent: Sent<Organiser>, path: web::Path<(i64, String)>) -> Answer {
    let Sent { by: organiser, mut form } = sent;
    let (id, question) = path.into_inner();
    let frame = Frame::load(&organiser, id).await?;
    let contest = find(&frame, &question);
    let Some(usual) = Rule::usual(form.text("method")) else { return organiser.go_to(&frame.path("questions")) };
    if form.is_good() && form.text("title").is_empty() {
        form.wrong("title", say!(question_title_needed));
    }
    let base =
        contest.map(|contest| contest.rule.clone()).filter(|rule| rule.method() == usual.method()).unwrap_or(usual.clone());
    let rule = asked_rule(&mut form, &base);
    if form.is_good() {
        let order = Some(form.text("ballot_order")).filter(|order| !order.is_empty()).map(ToOwned::to_owned);
        let text = (base.family() == Family::Motion).then(|| form.text("text").to_owned());
        let wanted = ContestInput {
            contest_id: contest.map(|contest| contest.contest_id),
            title: form.text("title").to_owned(),
            text,
            rule: Some(rule),
            ballot_order: order,
        };
        let mut contests: Vec<ContestInput> = frame.election.contests.iter().map(unchanged).collect();
        let place = contests.iter().position(|other| other.contest_id == wanted.contest_id).unwrap_or(contests.len());
        if place == contests.len() {
            contests.push(wanted)
        } else {
            contests[place] = wanted
        }
        match replace(&organiser, id, contests).await? {
            Ok(_) => return organiser.go_to(&frame.path("questions")),
            Err(refused) => form.refused(
                &refused,
                &named_fields(place)
                    .iter()
                    .map(|(member, field, label)| (member.as_str(), *field, label.clone()))
                    .collect::<Vec<_>>(),
            ),
        }
    }
    form_page(&organiser, &frame, &question, &base, &form)
}

/// The rule that the form asks for. Members that the form does not have keep their value.
fn asked_rule(form: &mut Form, base: &Rule) -> Json {
    let mut members = members(base);
    for field in base.fields() {
        let typed = form.text(field).to_owned();
        match field {
            "seats" | "min_marks" | "max_marks" | "votes" | "most_for_one" | "top" => match typed.parse::<u32>() {
                Ok(number) => {
                    members.insert(field.to_owned(), json!(number));
                }
                Err(_) if typed.is_empty() => {
                    members.remove(field);
                }
                Err(_) => form.wrong(field, say!(question_number_needed)),
            },
            "blank" => {
                members.insert(field.to_owned(), json!(form.has(field)));
            }
            "quorum" | "required_majority" | "passes" => {
                let value = serde_json::from_str(&typed).unwrap_or(Json::String(typed.clone()));
                members.insert(field.to_owned(), if typed.is_empty() { Json::Null } else { value });
            }
            "none_of_the_above" | "ties" | "equal_ranks" | "gaps" if !typed.is_empty() => {
                let value = if typed == "no" { Json::Null } else { Json::String(typed) };
                members.insert(field.to_owned(), value);
            }
            _ => {}
        }
    }
    // A member that is absent has its usual value, and null says the same.
    members.retain(|_, value| !value.is_null());
    Json::Object(members)
}

fn unchanged(contest: &Contest) -> ContestInput {
    ContestInput {
        contest_id: Some(contest.contest_id),
        title: contest.title.clone(),
        text: contest.text.clone(),
        rule: serde_json::to_value(&contest.rule).ok(),
        ballot_order: Some(contest.ballot_order.clone()),
    }
}

async fn replace(
    organiser: &Organiser,
    id: i64,
    contests: Vec<ContestInput>,
) -> Result<Result<Election, crate::upstream::Refused>, actix_web::Error> {
    let change = ElectionChange { contests: Some(contests), ..ElectionChange::default() };
    organiser.put(&format!("/api/elections/{id}"), &change).await
}

/// The members of the API with their fields here, for the question at this place.
fn named_fields(place: usize) -> Vec<(String, &'static str, Message)> {
    let fields: [(&'static str, &'static str, Message); 11] = [
        ("title", "title", say!(question_title)),
        ("text", "text", say!(question_text)),
        ("rule.seats", "seats", say!(new_seats)),
        ("rule.min_marks", "min_marks", say!(question_min_marks)),
        ("rule.max_marks", "max_marks", say!(question_max_marks)),
        ("rule.votes", "votes", say!(question_votes)),
        ("rule.most_for_one", "most_for_one", say!(question_most_for_one)),
        ("rule.top", "top", say!(question_top)),
        ("rule.quorum", "quorum", say!(question_quorum)),
        ("rule.required_majority", "required_majority", say!(question_majority)),
        ("rule.none_of_the_above", "none_of_the_above", say!(question_none)),
    ];
    fields.into_iter().map(|(member, field, label)| (format!("contests[{place}].{member}"), field, label)).collect()
}

/// The question before a question is removed, with its candidates.
pub(crate) async fn ask_remove(organiser: Organiser, path: web::Path<(i64, String)>) -> Answer {
    let (id, question) = path.into_inner();
    let frame = Frame::load(&organiser, id).await?;
    let Some(contest) = find(&frame, &question).filter(|_| frame.is_draft()) else {
        return organiser.go_to(&frame.path("questions"));
    };
    let values = context! { question, title => &contest.title };
    frame.page(&organiser, 200, Some(Step::Questions), "admin_question_remove.html", values)
}

/// Removes a question.
pub(crate) async fn remove(sent: Sent<Organiser>, path: web::Path<(i64, String)>) -> Answer {
    let Sent { by: organiser, form } = sent;
    let (id, question) = path.into_inner();
    let frame = Frame::load(&organiser, id).await?;
    if form.is_good() && find(&frame, &question).is_some() {
        let left = frame.election.contests.iter().filter(|contest| contest.contest_id.to_string() != question);
        if let Err(refused) = replace(&organiser, id, left.map(unchanged).collect()).await? {
            return organiser.refused(&refused);
        }
    }
    organiser.go_to(&frame.path("questions"))
}
