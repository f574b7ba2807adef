//! Types of the `results` API.
