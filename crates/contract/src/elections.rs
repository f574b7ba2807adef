//! Types of the `elections` API.
