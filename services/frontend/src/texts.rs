//! The sentences of the pages: in which language, and how templates say them.
//!
//! A template says `{{ t("election-closes", time=closes) }}`. Every code that a template names, and its parameters, are checked when the
//! service starts, so that no page fails on a misspelt one.

use actix_web::HttpRequest;
use actix_web::http::header;
use messages::{Language, Message, Param, say};
use minijinja::context;
use minijinja::value::{Kwargs, Value, ValueKind};
use minijinja::{Error, ErrorKind, State};

use crate::page::escaped;

/// The cookie that says which language was chosen. It names nobody.
pub(crate) const LANGUAGE_COOKIE: &str = "uvote_language";

/// The language of a page: what was chosen on a page before, else what the browser asks for, else English.
pub(crate) fn language_of(request: &HttpRequest) -> Language {
    let chosen = cookie(request, LANGUAGE_COOKIE).and_then(|tag| Language::named(&tag));
    let asked = || {
        let header = request.headers().get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
        preferred(header)
    };
    chosen.or_else(asked).unwrap_or_default()
}

/// The value of a cookie.
pub(crate) fn cookie(request: &HttpRequest, name: &str) -> Option<String> {
    let lines = request.headers().get_all(header::COOKIE).filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(given, _)| *given == name).map(|(_, value)| value.to_owned())
}

/// The first of our languages in the order of an `Accept-Language`: `de-AT, en;q=0.8` is German.
fn preferred(header: &str) -> Option<Language> {
    let weighed = header.split(',').filter_map(|part| {
        let (tag, rest) = part.split_once(';').unwrap_or((part, ""));
        let weight = rest.trim().strip_prefix("q=").map_or(Ok(1.0), str::parse::<f64>).ok()?;
        let language = tag.trim().split('-').next().and_then(|tag| Language::named(&tag.to_ascii_lowercase()))?;
        (weight > 0.0).then_some((language, weight))
    });
    // Of equal weights the first one counts: `max_by` would take the last.
    weighed.reduce(|best, next| if next.1 > best.1 { next } else { best }).map(|(language, _)| language)
}

/// The languages to choose from, as the layout shows them.
pub(crate) fn languages(chosen: Language) -> Vec<Value> {
    let each = Language::ALL.into_iter();
    each.map(|language| context! { tag => language.tag(), name => say!(site_language_name).text(language), is_chosen => language == chosen })
        .collect()
}

/// The function `t` of templates. What is HTML already, such as a link, stays HTML inside the sentence; everything else is escaped.
pub(crate) fn t(state: &State<'_, '_>, code: &str, kwargs: Kwargs) -> Result<Value, Error> {
    let mut markup = Vec::new();
    let mut params = Vec::new();
    for name in kwargs.args() {
        let value: Value = kwargs.get(name)?;
        params.push((name.to_owned(), param(&value, &mut markup)));
    }
    let unknown = || Error::new(ErrorKind::InvalidOperation, format!("the catalogue has no {code} with these parameters"));
    let text = Message::named(code, params).ok_or_else(unknown)?.on_page(language(state));
    if markup.is_empty() {
        return Ok(Value::from(text));
    }
    let html = markup.iter().enumerate().fold(escaped(&text), |html, (index, part)| html.replace(&stand_in(index), part));
    Ok(Value::from_safe_string(html))
}

/// The language of the page that is being made.
fn language(state: &State<'_, '_>) -> Language {
    let site = state.lookup("site").and_then(|site| site.get_attr("language").ok());
    site.and_then(|tag| Language::named(tag.as_str()?)).unwrap_or_default()
}

fn param(value: &Value, markup: &mut Vec<String>) -> Param {
    if value.is_safe() {
        markup.push(value.to_string());
        return Param::Text(stand_in(markup.len() - 1));
    }
    match (value.kind(), i64::try_from(value.clone())) {
        (ValueKind::Number, Ok(number)) => Param::Number(number),
        _ => Param::Text(value.to_string()),
    }
}

/// Stands for a piece of HTML until the sentence around it is escaped. These characters are nobody's: Unicode keeps them for private use.
fn stand_in(index: usize) -> String {
    format!("\u{e000}{index}\u{e001}")
}

/// What is wrong with the calls of `t` in a template: an unknown code, or other parameters than its sentence has.
pub(crate) fn faults(name: &str, source: &str) -> Vec<String> {
    let fault = |call: Call| match messages::catalogue::CODES.iter().find(|(code, _)| *code == call.code) {
        None => Some(format!("{name}: the catalogue has no {}", call.code)),
        Some((_, params)) => {
            let mut given = call.params.clone();
            given.sort_unstable();
            let expected: Vec<&str> = params.to_vec();
            (given != expected).then(|| format!("{name}: {} takes {expected:?}, and is given {given:?}", call.code))
        }
    };
    calls(source).into_iter().filter_map(fault).collect()
}

/// One `t("code", name=...)`.
pub(crate) struct Call<'t> {
    pub(crate) code: &'t str,
    params: Vec<&'t str>,
}

/// Every call of `t` in a template.
pub(crate) fn calls(source: &str) -> Vec<Call<'_>> {
    let starts = source.match_indices("t(\"").filter(|(at, _)| {
        let before = source[..*at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '.')
    });
    starts.filter_map(|(at, start)| call(&source[at + start.len()..])).collect()
}

/// Reads on behind `t("`: the code, and the names before each `=` that stands in no inner brackets and in no text.
fn call(rest: &str) -> Option<Call<'_>> {
    let (code, rest) = rest.split_once('"')?;
    let (mut depth, mut in_text, mut begin, mut params) = (0_usize, false, 0, Vec::new());
    for (at, c) in rest.char_indices() {
        match c {
            '"' => in_text = !in_text,
            _ if in_text => {}
            '(' | '[' | '{' => depth += 1,
            ')' if depth == 0 => break,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => begin = at + 1,
            '=' if depth == 0 && !rest[at + 1..].starts_with('=') && !rest[..at].ends_with(['=', '!', '<', '>']) => {
                params.push(rest[begin..at].trim());
            }
            _ => {}
        }
    }
    Some(Call { code, params })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::TEMPLATES;

    #[test]
    fn the_browser_says_which_language() {
        let english = Some(Language::English);
        let german = Some(Language::German);
        let cases = [
            ("de", german),
            ("de-AT,de;q=0.9,en;q=0.5", german),
            ("fr, en;q=0.4, de;q=0.5", german),
            ("en-GB,de;q=0.9", english),
            ("DE", german),
            ("en, de", english),
            ("de;q=0, en;q=0.1", english),
            ("fr", None),
            ("", None),
            ("de;q=x", None),
        ];
        for (header, expected) in cases {
            assert_eq!(preferred(header), expected, "{header}");
        }
    }

    #[test]
    fn calls_of_templates_are_found_with_their_parameters() {
        let found = calls(r#"{{ t("a") }} {{ part(t("b-c", x=f(y=1, z="=,)"), w = 2 if q == 3 else 4)) }} {{ set("no") }}"#);
        let found: Vec<_> = found.iter().map(|call| (call.code, call.params.clone())).collect();
        assert_eq!(found, [("a", vec![]), ("b-c", vec!["x", "w"])]);
        assert_eq!(faults("page", r#"{{ t("no-such-code") }}"#), ["page: the catalogue has no no-such-code"]);
        assert_eq!(faults("page", r#"{{ t("text-too-long") }}"#).len(), 1);
        assert!(faults("page", r#"{{ t("text-too-long", most=5) }}"#).is_empty());
    }

    fn code_of(source: &str) -> String {
        source
            .split("{#")
            .enumerate()
            .map(|(nth, part)| if nth == 0 { part } else { part.split_once("#}").map_or("", |(_, rest)| rest) })
            .collect()
    }

    /// Pages that are in English only: for voters and for everybody, and the one for those who work on this site.
    fn is_in_two_languages(name: &str) -> bool {
        name.starts_with("admin_")
            || [
                "layout.html",
                "parts.html",
                "ballot_parts.html",
                "index.html",
                "results.html",
                "result_body.html",
                "result_contests.html",
            ]
            .contains(&name)
    }

    /// What stands between the tags of a template, without what the template fills in.
    fn visible(source: &str) -> String {
        let mut out = String::new();
        let (mut rest, mut in_tag) = (source, false);
        while let Some(c) = rest.chars().next() {
            let ends = [("{{", "}}"), ("{%", "%}")].iter().find(|(start, _)| rest.starts_with(start));
            if let Some((_, end)) = ends {
                rest = rest.split_once(end).map_or("", |(_, rest)| rest);
                continue;
            }
            match c {
                '<' => in_tag = true,
                '>' => in_tag = false,
                _ if !in_tag => out.push(c),
                _ => {}
            }
            rest = &rest[c.len_utf8()..];
        }
        out
    }

    #[test]
    fn no_sentence_is_left_in_a_template() {
        for (name, source) in TEMPLATES.iter().filter(|(name, _)| is_in_two_languages(name)) {
            let source = code_of(source).replace("{% block width %} narrow{% endblock %}", "");
            // A macro of attributes has them outside of any tag.
            let is_attribute = |word: &&str| word.starts_with("aria-");
            let text = visible(&source).replace("U-Vote", "").replace("&nbsp;", "");
            let text: Vec<&str> = text.split_whitespace().filter(|word| !is_attribute(word)).collect();
            assert!(!text.concat().contains(char::is_alphabetic), "{name}: {text:?}");
            for attribute in ["aria-label=\"", "placeholder=\"", "alt=\"", "title=\""] {
                for (_, value) in source.match_indices(attribute).map(|(at, found)| source.split_at(at + found.len())) {
                    assert!(value.starts_with("{{") || value.starts_with('"'), "{name}: {attribute}{}", &value[..20]);
                }
            }
        }
        assert_eq!(visible("<p class=\"x\">Hello {{ name }}</p>{% if a > b %}!"), "Hello !");
    }

    /// The codes that pages in two languages say, from their templates and from the source of their handlers.
    fn said() -> std::collections::BTreeSet<String> {
        let mut said: std::collections::BTreeSet<String> = TEMPLATES
            .iter()
            .filter(|(name, _)| is_in_two_languages(name))
            .flat_map(|(_, source)| calls(source).into_iter().map(|call| call.code.to_owned()).collect::<Vec<_>>())
            .collect();
        let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut folders = vec![here.join("src/organiser")];
        let of_results =
            ["src/amendments.rs", "src/contest_result.rs", "src/results.rs", "../../crates/domain/src/count_sentences.rs"];
        let mut files: Vec<std::path::PathBuf> = of_results.iter().map(|file| here.join(file)).collect();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                files.push(path);
            }
        }
        for path in files {
            let source = std::fs::read_to_string(&path).unwrap();
            let source = source.split("#[cfg(test)]").next().unwrap();
            let codes = source
                .split("say!(")
                .skip(1)
                .map(|rest| rest.trim_start().chars().take_while(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '_'));
            said.extend(codes.map(|code| code.collect::<String>().replace('_', "-")).filter(|code| !code.is_empty()));
        }
        said
    }

    #[test]
    fn every_sentence_of_these_pages_is_there_in_every_language() {
        let said = said();
        assert!(said.len() > 200, "{}: are they found?", said.len());
        for language in Language::ALL {
            let missing: Vec<_> = said.iter().filter(|code| !language.has(code)).collect();
            assert!(missing.is_empty(), "{}: {missing:?}", language.tag());
        }
    }
}
