//! What the demo shows while it works.

use indicatif::{ProgressBar, ProgressStyle};

/// One line for a step that is done.
pub(crate) fn step(text: &str) {
    println!("  - {text}");
}

/// A progress bar on a terminal, nothing elsewhere.
pub(crate) fn bar(what: &str, length: usize) -> ProgressBar {
    let bar = ProgressBar::new(u64::try_from(length).unwrap_or(0)).with_prefix(what.to_owned());
    if let Ok(style) = ProgressStyle::with_template("    {prefix:32} {bar:40} {pos}/{len} {msg}") {
        bar.set_style(style);
    }
    bar
}

/// A number as a bar of at most `width` characters.
pub(crate) fn column(value: u64, largest: u64, width: u64) -> String {
    let length = (value * width).checked_div(largest).unwrap_or(0);
    "█".repeat(usize::try_from(length).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_in_proportion_and_no_votes_is_no_error() {
        assert_eq!(column(50, 100, 10), "█████");
        assert_eq!(column(0, 0, 10), "");
    }
}
