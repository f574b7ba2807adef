//! Columns that hold what a type of ours stands for: text with one of a few words, and JSON.

use std::fmt::{self, Display};
use std::ops::Deref;
use std::str::FromStr;

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::pg::{Pg, PgValue};
use diesel::sql_types::{Jsonb, Text};
use serde::de::DeserializeOwned;

/// A text of the database as the type that it stands for: the field of a row is `status: TextColumn<Status>`.
/// A text that the type does not know makes the query fail, so nothing is decided by an unknown value.
#[derive(Clone, Copy, PartialEq, Eq, FromSqlRow)]
pub struct TextColumn<T>(pub T);

impl<T> Deref for TextColumn<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: fmt::Debug> fmt::Debug for TextColumn<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T> FromSql<Text, Pg> for TextColumn<T>
where
    T: FromStr,
    T::Err: Display,
{
    fn from_sql(bytes: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        read(&bytes)
    }
}

fn read<T>(bytes: &PgValue<'_>) -> deserialize::Result<TextColumn<T>>
where
    T: FromStr,
    T::Err: Display,
{
    let text = std::str::from_utf8(bytes.as_bytes())?;
    text.parse()
        .map(TextColumn)
        .map_err(|cause| format!("the database holds the word '{text}' where none is known: {cause}").into())
}

/// A `jsonb` of the database as the type that it stands for. What the type does not take is an error of the query.
#[derive(Debug, Clone, PartialEq, Eq, FromSqlRow)]
pub struct Document<T>(pub T);

impl<T: DeserializeOwned> FromSql<Jsonb, Pg> for Document<T> {
    fn from_sql(bytes: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let value = <serde_json::Value as FromSql<Jsonb, Pg>>::from_sql(bytes)?;
        Ok(Self(serde_json::from_value(value)?))
    }
}
