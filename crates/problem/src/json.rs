//! The body of a request, read strictly.
//!
//! serde takes a list for a struct (`["ann@example.com", "her password"]` would log in), because formats without names of members
//! need that. No client of ours means it, and what checks names of members does not see it. PostgreSQL has no character U+0000 in a
//! text, so one that got in would fail there as a fault of ours. Both are refused here, once for all services, at every depth. The
//! size, the type of the body and a member that appears twice are refused as before.
//!
//! serde reads some things into a buffer of its own first (enums with a tag inside, the bodies of calls between services): lists and
//! U+0000 below that level are not looked for.

use std::fmt;
use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;

use actix_web::body::BoxBody;
use actix_web::dev::Payload;
use actix_web::{Error, FromRequest, HttpRequest, HttpResponse, Responder, web};
use serde::Serialize;
use serde::de::{
    Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error as _, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};

/// The body of a request, or of an answer. Services use it instead of actix's own.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T> Json<T> {
    /// What was sent.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let read = web::Json::<Strict<T>>::from_request(request, payload);
        Box::pin(async move { read.await.map(|body| Self(body.into_inner().0)) })
    }
}

impl<T: Serialize> Responder for Json<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok().json(self.0)
    }
}

struct Strict<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Strict<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(Reader(deserializer)).map(Self)
    }
}

/// Passes everything on, and looks at what comes back.
struct Reader<D>(D);

/// What a visitor is asked for.
#[derive(Clone, Copy, PartialEq)]
enum Wanted {
    Object,
    Whatever,
}

struct Looking<V> {
    visitor: V,
    wanted: Wanted,
}

impl<V> Looking<V> {
    fn for_whatever(visitor: V) -> Self {
        Self { visitor, wanted: Wanted::Whatever }
    }

    fn for_an_object(visitor: V) -> Self {
        Self { visitor, wanted: Wanted::Object }
    }
}

macro_rules! pass_on {
    ($($method:ident)+) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.0.$method(Looking::for_whatever(visitor))
        })+
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Reader<D> {
    type Error = D::Error;

    pass_on! {
        deserialize_any deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128 deserialize_u8
        deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128 deserialize_f32 deserialize_f64 deserialize_char deserialize_str
        deserialize_string deserialize_bytes deserialize_byte_buf deserialize_option deserialize_unit deserialize_seq deserialize_map
        deserialize_identifier deserialize_ignored_any
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_unit_struct(name, Looking::for_whatever(visitor))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_newtype_struct(name, Looking::for_whatever(visitor))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_tuple(length, Looking::for_whatever(visitor))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_tuple_struct(name, length, Looking::for_whatever(visitor))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_struct(name, fields, Looking::for_an_object(visitor))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_enum(name, variants, Looking::for_whatever(visitor))
    }

    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}

macro_rules! take {
    ($($method:ident: $type:ty),+) => {
        $(fn $method<E: serde::de::Error>(self, value: $type) -> Result<V::Value, E> {
            self.visitor.$method(value)
        })+
    };
}

fn text<E: serde::de::Error>(text: &str) -> Result<(), E> {
    if text.contains('\0') {
        Err(E::custom("has a text with the character U+0000 in it, which no text may have"))
    } else {
        Ok(())
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Looking<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    take! {
        visit_bool: bool, visit_i8: i8, visit_i16: i16, visit_i32: i32, visit_i64: i64, visit_i128: i128, visit_u8: u8, visit_u16: u16,
        visit_u32: u32, visit_u64: u64, visit_u128: u128, visit_f32: f32, visit_f64: f64, visit_char: char, visit_bytes: &[u8],
        visit_borrowed_bytes: &'de [u8], visit_byte_buf: Vec<u8>
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<V::Value, E> {
        text(value)?;
        self.visitor.visit_str(value)
    }

    fn visit_borrowed_str<E: serde::de::Error>(self, value: &'de str) -> Result<V::Value, E> {
        text(value)?;
        self.visitor.visit_borrowed_str(value)
    }

    fn visit_string<E: serde::de::Error>(self, value: String) -> Result<V::Value, E> {
        text(&value)?;
        self.visitor.visit_string(value)
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_none()
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_some(Reader(deserializer))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_newtype_struct(Reader(deserializer))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, members: A) -> Result<V::Value, A::Error> {
        if self.wanted == Wanted::Object {
            return Err(A::Error::custom("an object is expected, with the names of its members, and here is a list"));
        }
        self.visitor.visit_seq(Inside(members))
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_map(Inside(members))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, variant: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_enum(Inside(variant))
    }
}

/// What is inside is read in the same way.
struct Inside<A>(A);

struct Member<S>(S);

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Member<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(Reader(deserializer))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Inside<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(Member(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Inside<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_key_seed(Member(seed))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(Member(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: EnumAccess<'de>> EnumAccess<'de> for Inside<A> {
    type Error = A::Error;
    type Variant = Inside<A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self::Variant), A::Error> {
        self.0.variant_seed(Member(seed)).map(|(value, variant)| (value, Inside(variant)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Inside<A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.0.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        self.0.newtype_variant_seed(Member(seed))
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.0.tuple_variant(length, Looking::for_whatever(visitor))
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, A::Error> {
        self.0.struct_variant(fields, Looking::for_an_object(visitor))
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

    fn read(text: &str) -> Result<Outer, String> {
        serde_json::from_str::<Strict<Outer>>(text).map(|read| read.0).map_err(|error| {
            assert!(error.is_data() || error.is_syntax());
            error.to_string()
        })
    }

    #[test]
    fn what_clients_send_is_read_as_before() {
        let text = r#"{"name": "Ann \u00e9", "inner": {"a": 1, "b": null}, "many": [{"a": 2, "b": "x"}], "by_name": {"k": {"a": 3}},
            "choice": {"several": {"a": 4, "b": 5}}, "pair": [6, 7.5]}"#;
        let inner = |a, b: Option<&str>| Inner { a, b: b.map(ToOwned::to_owned) };
        let expected = Outer {
            name: "Ann é".to_owned(),
            inner: Some(inner(1, None)),
            many: vec![inner(2, Some("x"))],
            by_name: BTreeMap::from([("k".to_owned(), inner(3, None))]),
            choice: Some(Choice::Several { a: 4, b: 5 }),
            pair: Some((6, 7.5)),
        };
        assert_eq!(read(text), Ok(expected));
        assert_eq!(read(r#"{"name": "x", "choice": "plain"}"#).unwrap().choice, Some(Choice::Plain));
        assert_eq!(read(r#"{"name": "x", "choice": {"one": {"a": 1}}}"#).unwrap().choice, Some(Choice::One(inner(1, None))));
    }

    #[test]
    fn a_list_is_no_object_at_any_depth() {
        for text in [
            r#"["Ann"]"#,
            r#"["Ann", null, [], {}, null, null]"#,
            r#"{"name": "x", "inner": [1, null]}"#,
            r#"{"name": "x", "many": [[1, null]]}"#,
            r#"{"name": "x", "by_name": {"k": [1, null]}}"#,
            r#"{"name": "x", "choice": {"one": [1, null]}}"#,
            r#"{"name": "x", "choice": {"several": [1, 2]}}"#,
        ] {
            let refused = read(text).unwrap_err();
            assert!(refused.contains("an object is expected"), "{text}: {refused}");
        }
    }

    #[test]
    fn a_text_with_nul_is_refused_wherever_it_stands() {
        for text in [
            r#"{"name": "x\u0000"}"#,
            r#"{"name": "x", "inner": {"a": 1, "b": "\u0000"}}"#,
            r#"{"name": "x", "by_name": {"\u0000": {"a": 1}}}"#,
        ] {
            let refused = read(text).unwrap_err();
            assert!(refused.contains("U+0000"), "{text}: {refused}");
        }
    }

    #[test]
    fn unknown_and_twofold_members_are_refused_as_before() {
        assert!(read(r#"{"name": "x", "nome": 1}"#).unwrap_err().contains("unknown field"));
        assert!(read(r#"{"name": "x", "name": "y"}"#).unwrap_err().contains("duplicate field"));
        assert!(read(r#"{"name": 5}"#).unwrap_err().contains("invalid type"));
        assert!(read("{}").unwrap_err().contains("missing field"));
    }
}
