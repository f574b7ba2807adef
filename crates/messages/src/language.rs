//! The catalogues, one for each language.

use std::str::FromStr;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::message::{Param, Params};
use crate::say;

/// A language that there is a catalogue for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    /// The language of every sentence; others fall back to it.
    #[default]
    English,
    /// So far for pages of organisers and for mails: voters' pages are not translated.
    German,
}

/// There is no catalogue for the language; to be read after the member's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotOffered;

crate::says!(NotOffered, |NotOffered| say!(locale_not_offered, offered = Language::OF_ELECTIONS.map(Language::tag).join(", ")));

impl Language {
    /// Every language, in the order of the tags.
    pub const ALL: [Self; 2] = [Self::German, Self::English];

    /// The languages that an election can have: those in which there are mails to its voters.
    pub const OF_ELECTIONS: [Self; 2] = [Self::German, Self::English];

    /// Its BCP 47 tag.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    const fn catalogue(self) -> &'static str {
        match self {
            Self::English => include_str!("../catalogue/en.ftl"),
            Self::German => include_str!("../catalogue/de.ftl"),
        }
    }

    fn bundle(self, numbers: Numbers) -> &'static Bundle {
        static BUNDLES: LazyLock<Vec<((Language, Numbers), Bundle)>> = LazyLock::new(|| {
            let each = Language::ALL.into_iter().flat_map(|language| [(language, Numbers::Plain), (language, Numbers::Grouped)]);
            each.map(|(language, numbers)| ((language, numbers), bundle(language, numbers))).collect()
        });
        let found = BUNDLES.iter().find(|(of, _)| *of == (self, numbers));
        &found.expect("there is a bundle for each language").1
    }

    /// The language with this tag, of all that there are.
    #[must_use]
    pub fn named(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }

    /// Whether the catalogue of this language itself has the sentence.
    #[must_use]
    pub fn has(self, code: &str) -> bool {
        self.bundle(Numbers::Plain).has_message(code)
    }

    /// What stands between the thousands of a number.
    const fn between_thousands(self) -> char {
        match self {
            Self::English => ',',
            Self::German => '.',
        }
    }
}

/// How numbers are written in a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Numbers {
    /// `12000`: in answers and mails.
    Plain,
    /// `12,000`: on pages.
    Grouped,
}

/// The tag of a language of elections, as it is written here: `en`. A region, such as `en-GB`, would promise more than a catalogue holds.
impl FromStr for Language {
    type Err = NotOffered;

    fn from_str(tag: &str) -> Result<Self, NotOffered> {
        Self::OF_ELECTIONS.into_iter().find(|language| language.tag() == tag).ok_or(NotOffered)
    }
}

type Bundle = FluentBundle<FluentResource>;

fn bundle(language: Language, numbers: Numbers) -> Bundle {
    let tag: LanguageIdentifier = language.tag().parse().expect("our tags are tags");
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    // Marks around each parameter would stand in addresses and commands that people copy.
    bundle.set_use_isolating(false);
    if numbers == Numbers::Grouped {
        bundle.set_formatter(Some(match language {
            Language::English => |value, _| grouped(value, Language::English),
            Language::German => |value, _| grouped(value, Language::German),
        }));
    }
    let resource = FluentResource::try_new(language.catalogue().to_owned());
    let resource = resource.unwrap_or_else(|(_, errors)| panic!("the build read the catalogue: {errors:?}"));
    bundle.add_resource(resource).unwrap_or_else(|errors| panic!("no code stands twice: {errors:?}"));
    bundle
}

/// A whole number with its thousands apart.
fn grouped(value: &FluentValue<'_>, language: Language) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    let text = number.as_string().into_owned();
    let digits = text.trim_start_matches('-');
    if digits.len() < 4 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let mut out = String::from(if digits.len() < text.len() { "-" } else { "" });
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(language.between_thousands());
        }
        out.push(digit);
    }
    Some(out)
}

/// The sentence; the code itself where no catalogue has one, as when another version of a service has said it.
pub(crate) fn text(code: &str, params: &Params, language: Language, numbers: Numbers) -> String {
    in_language(code, params, language, numbers)
        .or_else(|| in_language(code, params, Language::English, numbers))
        .unwrap_or_else(|| code.to_owned())
}

fn in_language(code: &str, params: &Params, language: Language, numbers: Numbers) -> Option<String> {
    let bundle = language.bundle(numbers);
    let pattern = bundle.get_message(code)?.value()?;
    let mut args = FluentArgs::new();
    for (name, param) in params.iter() {
        args.set(name.to_owned(), value(param, language, numbers));
    }
    let mut errors = Vec::new();
    Some(bundle.format_pattern(pattern, Some(&args), &mut errors).into_owned())
}

fn value(param: &Param, language: Language, numbers: Numbers) -> FluentValue<'static> {
    match param {
        // Fluent counts in floating point. What is beyond 32 bits is a number of something, and no number of things.
        Param::Number(number) => i32::try_from(*number).map_or_else(|_| number.to_string().into(), |few| f64::from(few).into()),
        Param::Text(text) => text.clone().into(),
        Param::Message(message) => text(message.code(), message.params(), language, numbers).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Message, catalogue};

    #[test]
    fn every_sentence_can_be_made_with_its_parameters() {
        for language in Language::ALL {
            for (code, params) in catalogue::CODES {
                let params = || params.iter().map(|name| ((*name).to_owned(), Param::Number(2)));
                let message = Message::named(code, params()).unwrap();
                let bundle = language.bundle(Numbers::Plain);
                let Some(found) = bundle.get_message(code) else { continue };
                let pattern = found.value().unwrap();
                let (mut args, mut errors) = (FluentArgs::new(), Vec::new());
                params().for_each(|(name, param)| args.set(name, value(&param, language, Numbers::Plain)));
                bundle.format_pattern(pattern, Some(&args), &mut errors);
                assert!(errors.is_empty(), "{code}: {errors:?}");
                assert!(!message.text(language).trim().is_empty(), "{code} says nothing");
            }
        }
    }

    #[test]
    fn one_and_many_read_differently() {
        let unsent = |voters: i64| say!(links_unsent, voters = voters).to_string();
        assert_eq!(unsent(1), "1 voter has not been sent a link yet");
        assert_eq!(unsent(2), "2 voters have not been sent a link yet");
        assert_eq!(unsent(i64::MAX), "9223372036854775807 voters have not been sent a link yet");
    }

    #[test]
    fn a_page_writes_numbers_as_its_language_does() {
        let unsent = |voters: i64, language| say!(links_unsent, voters = voters).on_page(language);
        assert_eq!(unsent(10_000, Language::English), "10,000 voters have not been sent a link yet");
        assert_eq!(unsent(1_234_567, Language::English), "1,234,567 voters have not been sent a link yet");
        assert_eq!(unsent(999, Language::English), "999 voters have not been sent a link yet");
        assert!(unsent(10_000, Language::German).starts_with("10.000 "));
        assert_eq!(say!(links_unsent, voters = 10_000).to_string(), "10000 voters have not been sent a link yet");
    }

    #[test]
    fn a_code_of_another_version_is_shown_as_it_is() {
        let message: Message = serde_json::from_str(r#"{"code": "of-tomorrow", "params": {"x": 1}}"#).unwrap();
        assert_eq!(message.to_string(), "of-tomorrow");
    }

    #[test]
    fn only_languages_with_a_catalogue_are_taken() {
        assert_eq!(("en".parse(), "de".parse()), (Ok(Language::English), Ok(Language::German)));
        for tag in ["fr", "en-GB", "EN", ""] {
            assert_eq!(tag.parse::<Language>(), Err(NotOffered), "{tag}: there are no mails in it");
        }
        assert_eq!((Language::named("de"), Language::named("fr")), (Some(Language::German), None));
        assert_eq!(NotOffered.to_string(), "must be one of the languages that there is a translation for: de, en");
    }
}
