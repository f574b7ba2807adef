//! Text that people read on a ballot or in a mail: what it shows must be what it is.

/// Line ends, other control characters, and characters that turn the reading direction: they break a mail's header, or make one
/// name look like another. For text of several lines, allow `\n`, `\r` and `\t` before asking.
#[must_use]
pub fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Characters that show nothing, so that two names with and without them look the same (Unicode's `Default_Ignorable`). The
/// joiners and variation selectors that Persian, Indic scripts and emoji are written with are not among them.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether there is anything to see.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| {
        c.is_whitespace() || is_control(c) || is_invisible(c) || matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}')
    })
}

/// The beginning of what somebody sent, to be shown in a refusal: at most `most` characters, and none that hides or turns others.
#[must_use]
pub fn excerpt(text: &str, most: usize) -> String {
    text.chars().filter(|c| !is_control(*c) && !is_invisible(*c)).take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_short_and_hides_nothing() {
        assert_eq!(excerpt("a\u{202e}b\nc\u{200b}de", 4), "abcd");
        assert_eq!(excerpt("", 4), "");
    }

    #[test]
    fn names_of_all_scripts_are_legible() {
        for name in ["Zoë O'Neil-Łuć", "محمد‌رضا", "नेहा क्‍ष", "李小龍", "👩‍🚀 ❤️"] {
            assert!(!is_blank(name) && !name.chars().any(|c| is_control(c) || is_invisible(c)), "{name}");
        }
    }

    #[test]
    fn what_deceives_the_eye_is_found() {
        for c in ['\r', '\0', '\u{85}', '\u{2028}', '\u{202e}', '\u{2066}'] {
            assert!(is_control(c), "{c:?}");
        }
        for c in ['\u{200b}', '\u{ad}', '\u{feff}', '\u{3164}', '\u{e0041}'] {
            assert!(is_invisible(c), "{c:?}");
        }
        assert!(is_blank(" \u{200b}\u{200d}\u{2028}") && is_blank(""));
    }
}
