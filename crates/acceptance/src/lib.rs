//! Nothing to call: this crate is its tests. See README.md.
