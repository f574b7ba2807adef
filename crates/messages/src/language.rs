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
}

/// There is no catalogue for the language; to be read after the member's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotOffered;

crate::says!(NotOffered, |NotOffered| say!(locale_not_offered, offered = Language::ALL.map(Language::tag).join(", ")));

impl Language {
    /// Every language, in the order of the tags.
    pub const ALL: [Self; 1] = [Self::English];

    /// Its BCP 47 tag.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
        }
    }

    const fn catalogue(self) -> &'static str {
        match self {
            Self::English => include_str!("../catalogue/en.ftl"),
        }
    }

    fn bundle(self) -> &'static Bundle {
        static ENGLISH: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::English));
        match self {
            Self::English => &ENGLISH,
        }
    }
}

/// The tag as it is written here: `en`. A region, such as `en-GB`, would promise more than a catalogue holds.
impl FromStr for Language {
    type Err = NotOffered;

    fn from_str(tag: &str) -> Result<Self, NotOffered> {
        Self::ALL.into_iter().find(|language| language.tag() == tag).ok_or(NotOffered)
    }
}

type Bundle = FluentBundle<FluentResource>;

fn bundle(language: Language) -> Bundle {
    let tag: LanguageIdentifier = language.tag().parse().expect("our tags are tags");
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    // Marks around each parameter would stand in addresses and commands that people copy.
    bundle.set_use_isolating(false);
    let resource = FluentResource::try_new(language.catalogue().to_owned());
    let resource = resource.unwrap_or_else(|(_, errors)| panic!("the build read the catalogue: {errors:?}"));
    bundle.add_resource(resource).unwrap_or_else(|errors| panic!("no code stands twice: {errors:?}"));
    bundle
}

/// The sentence; the code itself where no catalogue has one, as when another version of a service has said it.
pub(crate) fn text(code: &str, params: &Params, language: Language) -> String {
    in_language(code, params, language)
        .or_else(|| in_language(code, params, Language::English))
        .unwrap_or_else(|| code.to_owned())
}

fn in_language(code: &str, params: &Params, language: Language) -> Option<String> {
    let bundle = language.bundle();
    let pattern = bundle.get_message(code)?.value()?;
    let mut args = FluentArgs::new();
    for (name, param) in params.iter() {
        args.set(name.to_owned(), value(param, language));
    }
    let mut errors = Vec::new();
    Some(bundle.format_pattern(pattern, Some(&args), &mut errors).into_owned())
}

fn value(param: &Param, language: Language) -> FluentValue<'static> {
    match param {
        // Fluent counts in floating point. What is beyond 32 bits is a number of something, and no number of things.
        Param::Number(number) => i32::try_from(*number).map_or_else(|_| number.to_string().into(), |few| f64::from(few).into()),
        Param::Text(text) => text.clone().into(),
        Param::Message(message) => message.text(language).into(),
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
                let pattern = language.bundle().get_message(code).unwrap().value().unwrap();
                let (mut args, mut errors) = (FluentArgs::new(), Vec::new());
                params().for_each(|(name, param)| args.set(name, value(&param, language)));
                language.bundle().format_pattern(pattern, Some(&args), &mut errors);
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
    fn a_code_of_another_version_is_shown_as_it_is() {
        let message: Message = serde_json::from_str(r#"{"code": "of-tomorrow", "params": {"x": 1}}"#).unwrap();
        assert_eq!(message.to_string(), "of-tomorrow");
    }

    #[test]
    fn only_languages_with_a_catalogue_are_taken() {
        assert_eq!("en".parse(), Ok(Language::English));
        for tag in ["de", "en-GB", "EN", ""] {
            assert_eq!(tag.parse::<Language>(), Err(NotOffered), "{tag}");
        }
        assert_eq!(NotOffered.to_string(), "must be one of the languages that there is a translation for: en");
    }
}
