//! Types of the `auth` API.
