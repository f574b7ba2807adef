//! A form as it was filled in, with what is wrong with it. Nothing that was typed is lost: whatever refuses the form, it is shown again
//! as it was, with the reason first and beside its field.

use messages::{Language, Message, say};
use minijinja::context;
use minijinja::value::Value;
use std::collections::BTreeMap;

use crate::page::shown;
use crate::upstream::Refused;

/// The fields in the order in which they were sent. A field may come several times, as ticked boxes do.
#[derive(Clone, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads `application/x-www-form-urlencoded`; `None` for what is no text.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        Self::of(serde_urlencoded::from_bytes(body).ok()?)
    }

    /// Fields that were read in another way; `None` for what is no text.
    pub(crate) fn of(fields: Vec<(String, String)>) -> Option<Self> {
        // U+0000 can be stored nowhere. Line ends arrive as CR LF, whatever was typed.
        fields
            .iter()
            .all(|(name, value)| !name.contains('\0') && !value.contains('\0'))
            .then(|| Self(fields.into_iter().map(|(name, value)| (name, value.replace("\r\n", "\n"))).collect()))
    }

    /// What was typed into a field, without spaces around it; empty when it is not there.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// The same as it was typed: for passwords.
    pub(crate) fn raw(&self, name: &str) -> &str {
        self.0.iter().find(|(given, _)| given == name).map_or("", |(_, value)| value)
    }

    /// Whether it was sent at all: a ticked box, or the button that was pressed.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(given, _)| given == name)
    }

    /// All fields, for a form whose fields only its reader knows.
    pub(crate) fn pairs(&self) -> Vec<(String, String)> {
        self.0.clone()
    }

    /// Everything but passwords and the token, for a form that waits.
    pub(crate) fn without_secrets(&self) -> Vec<(String, String)> {
        self.0.iter().filter(|(name, _)| !name.contains("password") && name != "form_token").cloned().collect()
    }

    fn set(&mut self, name: &str, value: String) {
        self.0.retain(|(given, _)| given != name);
        self.0.push((name.to_owned(), value));
    }
}

/// A form to be shown: its fields, and what is wrong with them.
#[derive(Clone, Default)]
pub(crate) struct Form {
    fields: Fields,
    mistakes: Vec<(String, Mistake)>,
    status: Option<u16>,
    retry_after: Option<u32>,
}

/// The words of a mistake: whole, or to be read behind the label of its field.
#[derive(Clone)]
enum Mistake {
    Whole(Message),
    OfField(Message, Message),
}

impl Mistake {
    fn text(&self, language: Language) -> String {
        match self {
            Self::Whole(message) => message.on_page(language),
            Self::OfField(label, message) => {
                say!(one_field_is_wrong, field = label.clone(), message = message.clone()).on_page(language)
            }
        }
    }
}

impl std::ops::Deref for Form {
    type Target = Fields;

    fn deref(&self) -> &Fields {
        &self.fields
    }
}

impl Form {
    /// A form as it was sent.
    pub(crate) fn of(fields: Fields) -> Self {
        Self { fields, ..Self::default() }
    }

    /// Fills a field in.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.fields.set(name, value.into());
        self
    }

    /// The field is wrong, in a whole sentence; with no field, the form as a whole.
    pub(crate) fn wrong(&mut self, field: &str, message: impl Into<Message>) {
        self.mistakes.push((field.to_owned(), Mistake::Whole(message.into())));
    }

    /// A service refused what was sent. `fields` has for each member of the body the field of the page and its label; a member that is
    /// not there is said with the form as a whole.
    pub(crate) fn refused(&mut self, refused: &Refused, fields: &[(&str, &str, Message)]) {
        self.status = Some(refused.body.status);
        self.retry_after = refused.retry_after;
        if refused.body.errors.is_empty() {
            self.wrong("", refused.detail());
        }
        for error in &refused.body.errors {
            let message = Message::received(&error.code, &error.params, &error.message);
            let known = fields.iter().find(|(member, _, _)| *member == error.field);
            let mistake = match known {
                Some((_, field, label)) => ((*field).to_owned(), Mistake::OfField(label.clone(), message)),
                None => (String::new(), Mistake::OfField(Message::verbatim(&error.field), message)),
            };
            self.mistakes.push(mistake);
        }
    }

    /// A service refused what was sent, and its sentence is about this one field.
    pub(crate) fn refused_at(&mut self, field: &str, refused: &Refused) {
        self.status = Some(refused.body.status);
        self.wrong(field, refused.detail());
    }

    /// The same where the words about a member of the body, if there are any, are a whole sentence: about a file, not about its field.
    pub(crate) fn refused_in_a_sentence(&mut self, field: &str, refused: &Refused) {
        self.status = Some(refused.body.status);
        self.retry_after = refused.retry_after;
        match refused.body.errors.first() {
            Some(error) => self.wrong(field, Message::received(&error.code, &error.params, &error.message)),
            None => self.wrong(field, refused.detail()),
        }
    }

    /// The page that shows it has this status.
    pub(crate) fn set_status(&mut self, status: u16) {
        self.status = Some(status);
    }

    /// Whether nothing is wrong with it yet.
    pub(crate) fn is_good(&self) -> bool {
        self.mistakes.is_empty()
    }

    /// The status of the page that shows it.
    pub(crate) fn status(&self) -> u16 {
        match self.status {
            Some(status) => status,
            None if self.is_good() => 200,
            None => 422,
        }
    }

    /// For the template: `form.values.title`, `form.chosen.days` (a list), `form.wrong.title`, and `form.mistakes` for the summary.
    pub(crate) fn shown(&self, language: Language) -> Value {
        let mut values: BTreeMap<&str, &str> = BTreeMap::new();
        let mut chosen: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, value) in self.fields.0.iter().filter(|(name, _)| !name.contains("password")) {
            values.entry(name).or_insert(value);
            chosen.entry(name).or_default().push(value);
        }
        let said: Vec<(&str, String)> =
            self.mistakes.iter().map(|(field, mistake)| (field.as_str(), mistake.text(language))).collect();
        let wrong: BTreeMap<&str, &str> = said.iter().rev().map(|(field, text)| (*field, text.as_str())).collect();
        let mistakes: Vec<Value> = said.iter().map(|(field, text)| context! { field => *field, text }).collect();
        context! { values => shown(values), chosen => shown(chosen), wrong => shown(wrong), mistakes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(body: &str) -> Form {
        Form::of(Fields::read(body.as_bytes()).unwrap())
    }

    #[test]
    fn fields_are_read_as_they_were_typed() {
        let form = form("title=+A+%26+B+&day=1&day=3&text=a%0D%0Ab&password=+x+");
        assert_eq!(
            (form.text("title"), form.raw("password"), form.text("text"), form.text("none")),
            ("A & B", " x ", "a\nb", "")
        );
        assert!(form.has("day") && !form.has("none"));
        assert!(Fields::read(b"a=%00").is_none(), "nothing can store it");
        assert!(Fields::read(b"a=%ff").is_none() || Fields::read(b"a=%ff").unwrap().text("a").contains('\u{fffd}'));
    }

    #[test]
    fn a_mistake_stands_at_its_field_and_passwords_are_never_shown_again() {
        let mut form = form("title=x&new_password=secret");
        form.wrong("title", say!(text_empty));
        let shown = form.shown(Language::English).to_string();
        assert!(shown.contains("must not be empty") && !shown.contains("secret"), "{shown}");
        assert_eq!(form.status(), 422);
        assert_eq!(form.without_secrets(), [("title".to_owned(), "x".to_owned())]);
    }
}
