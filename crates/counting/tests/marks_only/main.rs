//! The counts by lists of marks that `results` uses today.

mod approval;
mod plurality;
mod theorems;
