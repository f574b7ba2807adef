//! What people read: each sentence stands once, in the catalogue of its language, under a code.
//!
//! A [`Message`] is a code with parameters. It is shown in English (`Display`) or in another language ([`Message::text`]), and goes
//! over the wire beside its English sentence, so that whoever shows it to people can choose the language. [`say!`] makes one:
//!
//! ```
//! use messages::{Message, say};
//!
//! let message: Message = say!(election_needs_candidates, contest = "President");
//! assert_eq!(message.code(), "election-needs-candidates");
//! assert_eq!(message.to_string(), "The election needs at least 2 candidates in 'President'");
//! ```
//! A code that is not in `catalogue/en.ftl`, or other parameters than its sentence has, do not compile.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

mod language;
mod message;
mod time;

pub use language::{Language, NotOffered};
pub use message::{Message, Param, Params, Says};
pub use time::{NoZone, Zone, local, short, span, when};

/// A type for each code of the catalogue; [`say!`] makes messages of them.
#[allow(non_camel_case_types, reason = "a type is named as its code")]
pub mod catalogue {
    include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));
}

/// A message of the catalogue: its code with `_` for `-`, and its parameters.
#[macro_export]
macro_rules! say {
    ($code:ident $(, $param:ident = $value:expr)* $(,)?) => {
        $crate::Message::from($crate::catalogue::$code { $($param: $crate::Param::from($value)),* })
    };
}

/// Says which message a refusal is, once for all its uses: [`Says`], `Display` (in English) and `Error`.
///
/// ```
/// enum Refused {
///     Empty,
///     TooLong(u32),
/// }
/// messages::says!(Refused, |refused| match refused {
///     Refused::Empty => messages::say!(text_empty),
///     Refused::TooLong(most) => messages::say!(text_too_long, most = *most),
/// });
/// # impl std::fmt::Debug for Refused { fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { Ok(()) } }
/// assert_eq!(Refused::TooLong(5).to_string(), "must not be longer than 5 characters");
/// ```
#[macro_export]
macro_rules! says {
    ($type:ty, |$refused:pat_param| $message:expr) => {
        impl $crate::Says for $type {
            fn message(&self) -> $crate::Message {
                let $refused = self;
                $message
            }
        }

        impl ::std::fmt::Display for $type {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(&$crate::Says::message(self), f)
            }
        }

        impl ::std::error::Error for $type {}
    };
}
