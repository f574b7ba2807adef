//! Descriptions for OpenAPI of the types that write themselves in a form of their own; all others derive theirs.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::rule::Counted;
use crate::{Lot, Share, SkippedRanks};

impl PartialSchema for Share {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("A share as an exact fraction m/n, with m from 1 to n."))
            .pattern(Some("^[0-9]{1,10}/[0-9]{1,10}$"))
            .examples(["2/3"])
            .into()
    }
}

impl ToSchema for Share {}

impl PartialSchema for SkippedRanks {
    fn schema() -> RefOr<Schema> {
        let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0)).maximum(Some(u16::MAX));
        let word = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["unlimited"]));
        OneOfBuilder::new().item(number).item(word).into()
    }
}

impl ToSchema for SkippedRanks {}

impl PartialSchema for Lot {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[0-9a-f]{64}$")).into()
    }
}

impl ToSchema for Lot {}

/// The description of a method's rule, with the word that names the method among its fields. A derived description would say that
/// an object has just the fields of the method and also one more, which no value satisfies.
pub(crate) fn tagged<Method: Counted + PartialSchema>() -> RefOr<Schema> {
    let described = Method::schema();
    let RefOr::T(Schema::Object(mut rule)) = described else { return described };
    let word = ObjectBuilder::new().schema_type(Type::String).enum_values(Some([Method::DESCRIPTION.method]));
    rule.title = Some(Method::DESCRIPTION.method.to_owned());
    rule.properties.insert("method".to_owned(), word.into());
    rule.required.push("method".to_owned());
    Schema::Object(rule).into()
}
