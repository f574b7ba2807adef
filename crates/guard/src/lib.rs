//! Holds the architecture. There is nothing to call here: `make guard` runs this crate's tests, which read `cargo metadata` and the
//! tree and fail when a crate learns of one it must not know.
