//! The HTTP contract and the events between services, as types without business logic.
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

impl<T> Page<T> {
    /// Makes a page from rows. The query must load one row more than `limit`, so that this can tell whether there is a next page.
    #[must_use]
    pub fn cut(mut items: Vec<T>, limit: i64, id: impl Fn(&T) -> i64) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(id);
        Self { items, next }
    }
}

/// Which page of a list.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Paging {
    /// How many entries at the most: 1 to 1000, 100 by default.
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

#[cfg(test)]
mod tests {
    use super::Page;

    #[test]
    fn only_a_page_with_more_behind_it_has_a_next_one() {
        let page = |found: i64| Page::cut((1..=found).collect(), 3, |id| *id);
        assert_eq!((page(0).next, page(3).next), (None, None));
        assert_eq!((page(4).items, page(4).next), (vec![1, 2, 3], Some(3)));
    }
}
