//! Types of the `audit` API.
