//! A code with its parameters.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Language;
use crate::language::Numbers;

/// One sentence, or a part of one, that people read: which it is, and what stands in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    code: Cow<'static, str>,
    #[serde(default)]
    params: Params,
}

/// The parameters of a message by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Params(BTreeMap<Cow<'static, str>, Param>);

/// What stands in a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Param {
    /// A number; the sentence may read otherwise for one than for many.
    Number(i64),
    /// Text that is not translated: a title, a name, an address, a member of the API.
    Text(String),
    /// Another message, in the same language.
    Message(Box<Message>),
}

/// Something that can be said to people.
pub trait Says {
    /// Which message it is.
    fn message(&self) -> Message;
}

impl<T: Says> From<T> for Message {
    fn from(says: T) -> Self {
        says.message()
    }
}

/// Stands between the sentence and the message of [`Message::carried`].
const SEPARATOR: char = '\u{1f}';

impl Message {
    pub(crate) fn of<const N: usize>(code: &'static str, params: [(&'static str, Param); N]) -> Self {
        let params = params.into_iter().map(|(name, param)| (Cow::Borrowed(name), param)).collect();
        Self { code: Cow::Borrowed(code), params: Params(params) }
    }

    /// A message by the name of its code, for templates and for families of codes. `None` when the catalogue has no such code, or its
    /// parameters are others.
    #[must_use]
    pub fn named(code: &str, params: impl IntoIterator<Item = (String, Param)>) -> Option<Self> {
        let (code, expected) = crate::catalogue::CODES.iter().find(|(known, _)| *known == code)?;
        let params: BTreeMap<_, _> = params.into_iter().map(|(name, param)| (Cow::Owned(name), param)).collect();
        let is_exact = params.keys().map(Cow::as_ref).eq(expected.iter().copied());
        is_exact.then_some(Self { code: Cow::Borrowed(code), params: Params(params) })
    }

    /// A message whose parts came over the wire, with its sentence for a code that is not known here.
    #[must_use]
    pub fn received(code: &str, params: &Params, sentence: &str) -> Self {
        let params = params.iter().map(|(name, param)| (name.to_owned(), param.clone()));
        Self::named(code, params).unwrap_or_else(|| Self::verbatim(sentence))
    }

    /// What another program said, or what was stored before there were codes: shown as it is.
    #[must_use]
    pub fn verbatim(text: impl Into<String>) -> Self {
        crate::say!(verbatim, text = text.into())
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The parameters.
    #[must_use]
    pub fn params(&self) -> &Params {
        &self.params
    }

    /// The same with every text in it changed.
    #[must_use]
    pub fn with_texts(mut self, change: &dyn Fn(&str) -> String) -> Self {
        for param in self.params.0.values_mut() {
            match param {
                Param::Number(_) => {}
                Param::Text(text) => *text = change(text),
                Param::Message(message) => **message = (**message).clone().with_texts(change),
            }
        }
        self
    }

    /// The sentence in a language, or in English where that language has none.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        crate::language::text(&self.code, &self.params, language, Numbers::Plain)
    }

    /// The same as pages show it: numbers are written as the language writes them.
    #[must_use]
    pub fn on_page(&self, language: Language) -> String {
        crate::language::text(&self.code, &self.params, language, Numbers::Grouped)
    }

    /// For columns of text: code and parameters as JSON. [`Message::stored`] reads it.
    #[must_use]
    pub fn to_store(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| self.to_string())
    }

    /// What [`Message::to_store`] wrote; any other text stands for itself.
    #[must_use]
    pub fn stored(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_else(|_| Self::verbatim(text))
    }

    /// For errors that can only be text, such as serde's: the sentence, and behind it the message. [`Message::picked_up`] reads it.
    #[must_use]
    pub fn carried(&self) -> String {
        format!("{self}{SEPARATOR}{}", self.to_store())
    }

    /// The message in a text of [`Message::carried`].
    #[must_use]
    pub fn picked_up(text: &str) -> Option<Self> {
        let (_, message) = text.split_once(SEPARATOR)?;
        // serde_json appends " at line 1 column 7" to whatever it is told.
        serde_json::Deserializer::from_str(message).into_iter::<Self>().next()?.ok()
    }
}

/// In English.
impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Language::English))
    }
}

impl Params {
    /// The parameters in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Param)> {
        self.0.iter().map(|(name, param)| (name.as_ref(), param))
    }
}

impl From<&str> for Param {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&String> for Param {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<String> for Param {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Message> for Param {
    fn from(message: Message) -> Self {
        Self::Message(Box::new(message))
    }
}

macro_rules! numbers {
    ($($number:ty)+) => {
        $(impl From<$number> for Param {
            fn from(number: $number) -> Self {
                i64::try_from(number).map_or_else(|_| Self::Text(number.to_string()), Self::Number)
            }
        })+
    };
}
numbers!(i32 i64 u32 u64 usize);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::say;

    #[test]
    fn a_message_goes_over_the_wire_and_comes_back() {
        let inner = say!(text_too_long, most = 5);
        let message = say!(one_field_is_wrong, field = "title", message = inner);
        let sent = serde_json::to_value(&message).unwrap();
        let inner = serde_json::json!({ "code": "text-too-long", "params": { "most": 5 } });
        let expected = serde_json::json!({ "code": "one-field-is-wrong", "params": { "field": "title", "message": inner } });
        assert_eq!(sent, expected);
        let back: Message = serde_json::from_value(sent).unwrap();
        assert_eq!(back, message);
        assert_eq!(back.to_string(), "title must not be longer than 5 characters");
    }

    #[test]
    fn a_text_that_was_stored_before_there_were_codes_stands_for_itself() {
        let kept = say!(text_too_long, most = 5);
        assert_eq!(Message::stored(&kept.to_store()), kept);
        assert_eq!(Message::stored("550 no such mailbox").to_string(), "550 no such mailbox");
    }

    #[test]
    fn a_message_is_found_behind_its_sentence() {
        let message = say!(text_too_long, most = 5);
        assert_eq!(Message::picked_up(&format!("{} at line 1 column 7", message.carried())), Some(message));
        assert_eq!(Message::picked_up("missing field `title`"), None);
    }

    #[test]
    fn by_name_only_what_the_catalogue_has_and_with_its_parameters() {
        let most = || ("most".to_owned(), Param::Number(5));
        assert!(Message::named("text-too-long", [most()]).is_some());
        assert_eq!(Message::named("text-too-long", []), None);
        assert_eq!(Message::named("text-too-long", [most(), ("more".to_owned(), Param::Number(1))]), None);
        assert_eq!(Message::named("no-such-code", []), None);
    }
}
