//! The HTTP contract and the events between services, as types without logic.
//!
//! One module per service, plus what crosses all of them. A type here is what goes over the wire: its field names are the
//! API, its documentation is the API's documentation.

pub mod admin;
pub mod audit;
pub mod auth;
pub mod elections;
pub mod email;
pub mod events;
pub mod problems;
pub mod results;
pub mod voting;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// One page of a list, in the order of their ids.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    /// The entries.
    pub items: Vec<T>,
    /// What to give as `after` for the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<i64>,
}

/// Which page of a list.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Paging {
    /// How many entries at the most: 1 to 1000, 100 unless told.
    pub limit: Option<i64>,
    /// Only entries after this id.
    pub after: Option<i64>,
}

impl Paging {
    /// The limit within its bounds.
    #[must_use]
    pub fn limit(self) -> i64 {
        self.limit.unwrap_or(100).clamp(1, 1000)
    }
}
