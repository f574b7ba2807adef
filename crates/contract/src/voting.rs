//! Types of the `voting` API.
