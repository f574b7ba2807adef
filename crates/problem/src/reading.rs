//! Reads what was sent, strictly, and says in our own words which member is wrong and what is expected there.
//!
//! serde takes a list for a struct (`["ann@example.com", "her password"]` would log in), because formats without names of members
//! need that. No client of ours means it, and what checks names of members does not see it. A map takes the last of two members with
//! one name, so a reader of the request and the service could each believe another one. PostgreSQL has no character U+0000 in a
//! text, so one that got in would fail there as a fault of ours. All three are refused here, once for all services, at every depth.
//!
//! serde and the formats describe errors in the words of programmers (`invalid type: integer 5, expected a string`), and only as
//! text. So nothing is read out of their errors: [`Wrong`] is made where serde reports an error, what was asked for is noted on the way
//! down, and the path of the member on the way up.
//!
//! serde reads some things into a buffer of its own first (enums with a tag inside, the bodies of calls between services): lists and
//! U+0000 below that level are not looked for.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;

use contract::problems::FieldError;
use messages::{Message, say};
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, Error, Expected, MapAccess, SeqAccess, Unexpected, VariantAccess,
    Visitor,
};

/// Letters of a name that a client made up.
const LONGEST_NAME: usize = 64;

/// Reads a value.
pub(crate) fn read<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<T, Wrong> {
    T::deserialize(CheckingDeserializer { inner: from, trace: &Trace::default(), is_key: false })
}

/// Which member cannot be taken, and why.
#[derive(Debug)]
pub(crate) struct Wrong {
    /// From the innermost name to the outermost.
    path: Vec<Step>,
    /// Nothing while only what was expected is missing.
    message: Option<Message>,
}

#[derive(Debug)]
enum Step {
    Member(String),
    Place(usize),
}

impl Wrong {
    fn because(message: Option<Message>) -> Self {
        Self { path: Vec::new(), message }
    }

    fn of(member: &str, message: Message) -> Self {
        Self::because(Some(message)).at(Step::Member(member.to_owned()))
    }

    fn at(mut self, step: Step) -> Self {
        self.path.push(step);
        self
    }

    fn expected(mut self, wanted: ExpectedValue) -> Self {
        self.message = self.message.or_else(|| wanted.message());
        self
    }

    /// The member and what is wrong with it; `whole` is the name for all that was sent.
    pub(crate) fn into_field(self, whole: &str) -> FieldError {
        let mut field = String::new();
        for step in self.path.iter().rev() {
            match step {
                Step::Place(place) => field += &format!("[{place}]"),
                Step::Member(name) => {
                    let name: String = name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
                    field += if field.is_empty() { "" } else { "." };
                    field += &name;
                }
            }
        }
        let field = if field.is_empty() { whole.to_owned() } else { field };
        FieldError::new(field, self.message.unwrap_or_else(unusable))
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member cannot be taken")
    }
}

impl std::error::Error for Wrong {}

impl Error for Wrong {
    /// A text of ours carries its message. The words of others are of no use to people.
    fn custom<T: fmt::Display>(text: T) -> Self {
        Self::because(Some(Message::picked_up(&text.to_string()).unwrap_or_else(unusable)))
    }

    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self::because(None)
    }

    fn invalid_value(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self::because(None)
    }

    fn invalid_length(_: usize, _: &dyn Expected) -> Self {
        Self::because(None)
    }

    fn unknown_variant(_: &str, offered: &'static [&'static str]) -> Self {
        Self::because(ExpectedValue::Choice(offered).message())
    }

    fn unknown_field(field: &str, known: &'static [&'static str]) -> Self {
        if known.is_empty() {
            return Self::of(field, say!(member_unknown_none));
        }
        Self::of(field, say!(member_unknown, known = known.join(", ")))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::of(field, say!(member_missing))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::of(field, say!(member_twice))
    }
}

fn unusable() -> Message {
    say!(member_unusable)
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
enum ExpectedValue {
    Bool,
    Whole,
    WholeNotNegative,
    WholeBetween(i64, i64),
    Number,
    Text,
    List,
    Object,
    Choice(&'static [&'static str]),
    Whatever,
}

impl ExpectedValue {
    fn message(self) -> Option<Message> {
        Some(match self {
            Self::Bool => say!(value_true_or_false),
            Self::Whole => say!(value_whole),
            Self::WholeNotNegative => say!(value_whole_not_negative),
            Self::WholeBetween(least, most) => say!(value_between, least = least, most = most),
            Self::Number => say!(value_number),
            Self::Text => say!(value_text),
            Self::List => say!(value_list),
            Self::Object => say!(value_object),
            Self::Choice(offered) => say!(value_one_of, offered = offered.join(", ")),
            Self::Whatever => return None,
        })
    }
}

/// What has to pass by the errors of the format: they can hold only text.
#[derive(Default)]
struct Trace {
    wrong: RefCell<Option<Wrong>>,
    key: RefCell<String>,
}

impl Trace {
    /// Through the format: [`Trace::up`] finds it again.
    fn down<E: Error>(&self, wrong: Wrong) -> E {
        self.wrong.replace(Some(wrong));
        E::custom("")
    }

    /// What was found wrong, or, when the format itself has said no, that something else was expected.
    fn up<E>(&self, _: E) -> Wrong {
        self.wrong.take().unwrap_or_else(|| Wrong::because(None))
    }
}

/// Passes everything on, and looks at what comes back.
struct CheckingDeserializer<'t, D> {
    inner: D,
    trace: &'t Trace,
    is_key: bool,
}

struct CheckingVisitor<'t, V> {
    visitor: V,
    wanted: ExpectedValue,
    trace: &'t Trace,
    is_key: bool,
}

macro_rules! pass_on {
    ($($method:ident($($name:ident: $type:ty),*): $wanted:expr;)+) => {
        $(fn $method<V: Visitor<'de>>(self, $($name: $type,)* visitor: V) -> Result<V::Value, Wrong> {
            let Self { inner, trace, is_key } = self;
            let wanted = $wanted;
            inner.$method($($name,)* CheckingVisitor { visitor, wanted, trace, is_key }).map_err(|error| trace.up(error).expected(wanted))
        })+
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for CheckingDeserializer<'_, D> {
    type Error = Wrong;

    pass_on! {
        deserialize_any(): ExpectedValue::Whatever;
        deserialize_bool(): ExpectedValue::Bool;
        deserialize_i8(): ExpectedValue::WholeBetween(i8::MIN.into(), i8::MAX.into());
        deserialize_i16(): ExpectedValue::WholeBetween(i16::MIN.into(), i16::MAX.into());
        deserialize_i32(): ExpectedValue::WholeBetween(i32::MIN.into(), i32::MAX.into());
        deserialize_i64(): ExpectedValue::Whole;
        deserialize_i128(): ExpectedValue::Whole;
        deserialize_u8(): ExpectedValue::WholeBetween(0, u8::MAX.into());
        deserialize_u16(): ExpectedValue::WholeBetween(0, u16::MAX.into());
        deserialize_u32(): ExpectedValue::WholeBetween(0, u32::MAX.into());
        deserialize_u64(): ExpectedValue::WholeNotNegative;
        deserialize_u128(): ExpectedValue::WholeNotNegative;
        deserialize_f32(): ExpectedValue::Number;
        deserialize_f64(): ExpectedValue::Number;
        deserialize_char(): ExpectedValue::Text;
        deserialize_str(): ExpectedValue::Text;
        deserialize_string(): ExpectedValue::Text;
        deserialize_bytes(): ExpectedValue::Whatever;
        deserialize_byte_buf(): ExpectedValue::Whatever;
        deserialize_option(): ExpectedValue::Whatever;
        deserialize_unit(): ExpectedValue::Whatever;
        deserialize_unit_struct(name: &'static str): ExpectedValue::Whatever;
        deserialize_newtype_struct(name: &'static str): ExpectedValue::Whatever;
        deserialize_seq(): ExpectedValue::List;
        deserialize_tuple(length: usize): ExpectedValue::List;
        deserialize_tuple_struct(name: &'static str, length: usize): ExpectedValue::List;
        deserialize_map(): ExpectedValue::Object;
        deserialize_struct(name: &'static str, fields: &'static [&'static str]): ExpectedValue::Object;
        deserialize_enum(name: &'static str, variants: &'static [&'static str]): ExpectedValue::Choice(variants);
        deserialize_identifier(): ExpectedValue::Whatever;
        deserialize_ignored_any(): ExpectedValue::Whatever;
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

impl<V> CheckingVisitor<'_, V> {
    /// A text, or the name of a member.
    fn text<'de, E: Error>(self, text: &str, visit: impl FnOnce(V) -> Result<V::Value, Wrong>) -> Result<V::Value, E>
    where
        V: Visitor<'de>,
    {
        let Self { visitor, wanted, trace, is_key } = self;
        if is_key {
            text.clone_into(&mut trace.key.borrow_mut());
        }
        if text.contains('\0') {
            let wrong = Wrong::because(Some(say!(text_with_nul)));
            return Err(trace.down(if is_key { wrong.at(Step::Member(text.to_owned())) } else { wrong }));
        }
        // That it is text is not what is wrong with it.
        let wanted = if wanted == ExpectedValue::Text { ExpectedValue::Whatever } else { wanted };
        visit(visitor).map_err(|wrong| trace.down(wrong.expected(wanted)))
    }
}

macro_rules! take {
    ($($method:ident: $type:ty),+) => {
        $(fn $method<E: Error>(self, value: $type) -> Result<V::Value, E> {
            let Self { visitor, wanted, trace, .. } = self;
            visitor.$method(value).map_err(|wrong: Wrong| trace.down(wrong.expected(wanted)))
        })+
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for CheckingVisitor<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    take! {
        visit_bool: bool, visit_i8: i8, visit_i16: i16, visit_i32: i32, visit_i64: i64, visit_i128: i128, visit_u8: u8, visit_u16: u16,
        visit_u32: u32, visit_u64: u64, visit_u128: u128, visit_f32: f32, visit_f64: f64, visit_char: char, visit_bytes: &[u8],
        visit_borrowed_bytes: &'de [u8], visit_byte_buf: Vec<u8>
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<V::Value, E> {
        self.text(value, |visitor| visitor.visit_str(value))
    }

    fn visit_borrowed_str<E: Error>(self, value: &'de str) -> Result<V::Value, E> {
        self.text(value, |visitor| visitor.visit_borrowed_str(value))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<V::Value, E> {
        self.visit_str(&value)
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        let Self { visitor, wanted, trace, .. } = self;
        visitor.visit_none().map_err(|wrong: Wrong| trace.down(wrong.expected(wanted)))
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        let Self { visitor, wanted, trace, .. } = self;
        visitor.visit_unit().map_err(|wrong: Wrong| trace.down(wrong.expected(wanted)))
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        let Self { visitor, trace, is_key, .. } = self;
        visitor.visit_some(CheckingDeserializer { inner, trace, is_key }).map_err(|wrong| trace.down(wrong))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        let Self { visitor, trace, is_key, .. } = self;
        visitor.visit_newtype_struct(CheckingDeserializer { inner, trace, is_key }).map_err(|wrong| trace.down(wrong))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, members: A) -> Result<V::Value, A::Error> {
        let Self { visitor, wanted, trace, .. } = self;
        if wanted == ExpectedValue::Object {
            return Err(trace.down(Wrong::because(wanted.message())));
        }
        visitor.visit_seq(CheckingAccess::of(members, trace)).map_err(|wrong| trace.down(wrong.expected(wanted)))
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<V::Value, A::Error> {
        let Self { visitor, wanted, trace, .. } = self;
        visitor.visit_map(CheckingAccess::of(members, trace)).map_err(|wrong| trace.down(wrong.expected(wanted)))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, variant: A) -> Result<V::Value, A::Error> {
        let Self { visitor, wanted, trace, .. } = self;
        visitor.visit_enum(CheckingAccess::of(variant, trace)).map_err(|wrong| trace.down(wrong.expected(wanted)))
    }
}

/// What is inside is read in the same way.
struct CheckingAccess<'t, A> {
    access: A,
    trace: &'t Trace,
    /// The member that is read.
    key: String,
    /// The members that were read before it.
    read: HashSet<String>,
    /// The place in the list that is read.
    place: usize,
}

impl<'t, A> CheckingAccess<'t, A> {
    fn of(access: A, trace: &'t Trace) -> Self {
        Self { access, trace, key: String::new(), read: HashSet::new(), place: 0 }
    }
}

struct CheckingSeed<'t, S> {
    seed: S,
    trace: &'t Trace,
    is_key: bool,
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for CheckingSeed<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<S::Value, D::Error> {
        let Self { seed, trace, is_key } = self;
        seed.deserialize(CheckingDeserializer { inner, trace, is_key }).map_err(|wrong| trace.down(wrong))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for CheckingAccess<'_, A> {
    type Error = Wrong;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Wrong> {
        let (trace, place) = (self.trace, self.place);
        self.place += 1;
        let read = self.access.next_element_seed(CheckingSeed { seed, trace, is_key: false });
        read.map_err(|error| trace.up(error).at(Step::Place(place)))
    }

    fn size_hint(&self) -> Option<usize> {
        self.access.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for CheckingAccess<'_, A> {
    type Error = Wrong;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Wrong> {
        let trace = self.trace;
        let read = self.access.next_key_seed(CheckingSeed { seed, trace, is_key: true }).map_err(|error| trace.up(error))?;
        self.key = trace.key.take();
        if read.is_some() && !self.read.insert(self.key.clone()) {
            return Err(Wrong::of(&self.key, say!(member_twice)));
        }
        Ok(read)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Wrong> {
        let trace = self.trace;
        let read = self.access.next_value_seed(CheckingSeed { seed, trace, is_key: false });
        read.map_err(|error| trace.up(error).at(Step::Member(std::mem::take(&mut self.key))))
    }

    fn size_hint(&self) -> Option<usize> {
        self.access.size_hint()
    }
}

impl<'de, 't, A: EnumAccess<'de>> EnumAccess<'de> for CheckingAccess<'t, A> {
    type Error = Wrong;
    type Variant = CheckingAccess<'t, A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self::Variant), Wrong> {
        let trace = self.trace;
        let read = self.access.variant_seed(CheckingSeed { seed, trace, is_key: false });
        read.map(|(value, variant)| (value, CheckingAccess::of(variant, trace))).map_err(|error| trace.up(error))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for CheckingAccess<'_, A> {
    type Error = Wrong;

    fn unit_variant(self) -> Result<(), Wrong> {
        self.access.unit_variant().map_err(|error| self.trace.up(error))
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Wrong> {
        let trace = self.trace;
        self.access.newtype_variant_seed(CheckingSeed { seed, trace, is_key: false }).map_err(|error| trace.up(error))
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Wrong> {
        let (trace, wanted) = (self.trace, ExpectedValue::List);
        let checking = CheckingVisitor { visitor, wanted, trace, is_key: false };
        self.access.tuple_variant(length, checking).map_err(|error| trace.up(error).expected(wanted))
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Wrong> {
        let (trace, wanted) = (self.trace, ExpectedValue::Object);
        let checking = CheckingVisitor { visitor, wanted, trace, is_key: false };
        self.access.struct_variant(fields, checking).map_err(|error| trace.up(error).expected(wanted))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        name: String,
        #[serde(default)]
        inner: Option<Inner>,
        #[serde(default)]
        many: Vec<Inner>,
        #[serde(default)]
        by_name: BTreeMap<String, Inner>,
        #[serde(default)]
        choice: Option<Choice>,
        #[serde(default)]
        pair: Option<(i64, f64)>,
        #[serde(default)]
        small: Option<u8>,
        #[serde(default)]
        id: Option<uuid::Uuid>,
        #[serde(default)]
        yes: Option<bool>,
        #[serde(default)]
        anything: Option<serde_json::Value>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Inner {
        a: i64,
        b: Option<String>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Choice {
        Plain,
        One(Inner),
        Several { a: i64, b: i64 },
    }

    fn outer(text: &str) -> Result<Outer, String> {
        read(&mut serde_json::Deserializer::from_str(text)).map_err(|wrong| {
            let FieldError { field, message, code, .. } = wrong.into_field("body");
            assert!(!code.is_empty());
            format!("{field} {message}")
        })
    }

    fn refused(text: &str) -> String {
        outer(text).unwrap_err()
    }

    #[test]
    fn what_clients_send_is_read_as_before() {
        let text = r#"{"name": "Ann \u00e9", "inner": {"a": 1, "b": null}, "many": [{"a": 2, "b": "x"}], "by_name": {"k": {"a": 3}},
            "choice": {"several": {"a": 4, "b": 5}}, "pair": [6, 7.5], "small": 8}"#;
        let inner = |a, b: Option<&str>| Inner { a, b: b.map(ToOwned::to_owned) };
        let expected = Outer {
            name: "Ann é".to_owned(),
            inner: Some(inner(1, None)),
            many: vec![inner(2, Some("x"))],
            by_name: BTreeMap::from([("k".to_owned(), inner(3, None))]),
            choice: Some(Choice::Several { a: 4, b: 5 }),
            pair: Some((6, 7.5)),
            small: Some(8),
            id: None,
            yes: None,
            anything: None,
        };
        assert_eq!(outer(text), Ok(expected));
        assert_eq!(outer(r#"{"name": "x", "choice": "plain"}"#).unwrap().choice, Some(Choice::Plain));
        assert_eq!(outer(r#"{"name": "x", "choice": {"one": {"a": 1}}}"#).unwrap().choice, Some(Choice::One(inner(1, None))));
    }

    #[test]
    fn a_list_is_no_object_at_any_depth() {
        for (text, member) in [
            (r#"["Ann"]"#, "body"),
            (r#"["Ann", null, [], {}, null, null]"#, "body"),
            (r#"{"name": "x", "inner": [1, null]}"#, "inner"),
            (r#"{"name": "x", "many": [{"a": 1}, [1, null]]}"#, "many[1]"),
            (r#"{"name": "x", "by_name": {"k": [1, null]}}"#, "by_name.k"),
            (r#"{"name": "x", "choice": {"one": [1, null]}}"#, "choice"),
            (r#"{"name": "x", "choice": {"several": [1, 2]}}"#, "choice"),
        ] {
            assert_eq!(refused(text), format!("{member} must be an object with named members"), "{text}");
        }
    }

    #[test]
    fn a_text_with_nul_is_refused_wherever_it_stands() {
        for text in [
            r#"{"name": "x\u0000"}"#,
            r#"{"name": "x", "inner": {"a": 1, "b": "\u0000"}}"#,
            r#"{"name": "x", "by_name": {"\u0000": {"a": 1}}}"#,
        ] {
            assert!(refused(text).contains("U+0000"), "{text}: {}", refused(text));
        }
    }

    #[test]
    fn a_wrong_member_is_named_with_its_place_and_what_is_expected() {
        for (text, expected) in [
            ("{}", "name is missing"),
            ("7", "body must be an object with named members"),
            (r#"{"name": 5}"#, "name must be text"),
            (r#"{"name": null}"#, "name must be text"),
            (r#"{"name": {}}"#, "name must be text"),
            (r#"{"name": "x", "name": "y"}"#, "name is given twice"),
            (r#"{"name": "x", "by_name": {"k": {"a": 1}, "k": {"a": 2}}}"#, "by_name.k is given twice"),
            (r#"{"name": "x", "anything": {"b": [{"c": 1, "c": 2}]}}"#, "anything.b[0].c is given twice"),
            (r#"{"name": "x", "inner": {}}"#, "inner.a is missing"),
            (r#"{"name": "x", "inner": {"a": "1"}}"#, "inner.a must be a whole number"),
            (r#"{"name": "x", "inner": {"a": 1.5}}"#, "inner.a must be a whole number"),
            (r#"{"name": "x", "many": [{"a": 1}, {"a": true}]}"#, "many[1].a must be a whole number"),
            (r#"{"name": "x", "many": {}}"#, "many must be a list"),
            (r#"{"name": "x", "small": 256}"#, "small must be between 0 and 255"),
            (r#"{"name": "x", "small": -1}"#, "small must be between 0 and 255"),
            (r#"{"name": "x", "yes": "true"}"#, "yes must be true or false"),
            (r#"{"name": "x", "choice": "other"}"#, "choice must be one of: plain, one, several"),
            (r#"{"name": "x", "choice": 5}"#, "choice must be one of: plain, one, several"),
            (r#"{"name": "x", "choice": {"several": {"a": 4}}}"#, "choice.b is missing"),
            (r#"{"name": "x", "pair": [1]}"#, "pair must be a list"),
            (r#"{"name": "x", "pair": [1, "x"]}"#, "pair[1] must be a number"),
            (r#"{"name": "x", "id": "7"}"#, "id cannot be read in this form; /api/docs says what is expected here"),
        ] {
            assert_eq!(refused(text), expected, "{text}");
        }
        let unknown = refused(r#"{"name": "x", "nome": 1}"#);
        assert_eq!(
            unknown,
            "nome is not known here; known are: name, inner, many, by_name, choice, pair, small, id, yes, anything"
        );
    }

    #[test]
    fn a_message_of_ours_passes_through() {
        #[derive(Debug, Deserialize)]
        struct Late {
            #[serde(deserialize_with = "late")]
            #[allow(dead_code, reason = "it is never read")]
            at: String,
        }
        fn late<'de, D: Deserializer<'de>>(_: D) -> Result<String, D::Error> {
            Err(D::Error::custom(say!(text_too_long, most = 7).carried()))
        }
        let wrong = read::<Late, _>(&mut serde_json::Deserializer::from_str(r#"{"at": 1}"#)).unwrap_err().into_field("body");
        assert_eq!((wrong.field.as_str(), wrong.code.as_str()), ("at", "text-too-long"));
        assert_eq!(wrong.message, "must not be longer than 7 characters");
    }

    #[test]
    fn parameters_of_an_address_are_read_alike() {
        #[derive(Debug, PartialEq, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Paging {
            limit: Option<i64>,
            dry_run: bool,
        }
        let read = |text: &'static str| {
            let from = serde_urlencoded::Deserializer::new(url::form_urlencoded::parse(text.as_bytes()));
            read::<Paging, _>(from).map_err(|wrong| {
                let wrong = wrong.into_field("address");
                format!("{} {}", wrong.field, wrong.message)
            })
        };
        assert_eq!(read("limit=5&dry_run=true"), Ok(Paging { limit: Some(5), dry_run: true }));
        for (text, expected) in [
            ("dry_run=true&limit=many", "limit must be a whole number"),
            ("dry_run=yes", "dry_run must be true or false"),
            ("limit=5", "dry_run is missing"),
            ("dry_run=true&dry_run=true", "dry_run is given twice"),
            ("dry_run=true&page=5", "page is not known here; known are: limit, dry_run"),
        ] {
            assert_eq!(read(text), Err(expected.to_owned()), "{text}");
        }
    }
}
