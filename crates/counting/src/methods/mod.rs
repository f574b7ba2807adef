//! The methods of counting, one file each. `rule.rs` holds the table of them.

pub(crate) mod approval;
pub(crate) mod borda;
pub(crate) mod cumulative;
pub(crate) mod irv;
pub(crate) mod meek_stv;
pub(crate) mod motion;
pub(crate) mod plurality;
pub(crate) mod ranked_pairs;
pub(crate) mod schulze;
pub(crate) mod score;
pub(crate) mod scottish_stv;
pub(crate) mod star;
pub(crate) mod wigm;
mod wigm_rctab;
