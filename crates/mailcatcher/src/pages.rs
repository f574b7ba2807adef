//! The two pages: the list, and one mail.

use crate::Mail;
use minijinja::value::Value;
use minijinja::{Environment, context};
use std::sync::Arc;

const LIST: &str = r#"<!doctype html><html lang="en"><meta charset="utf-8"><title>Mails</title>
<meta name="viewport" content="width=device-width"><style>body{font:1rem/1.5 sans-serif;margin:2rem auto;max-width:64rem;padding:0 1rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #ccc}</style>
<h1>Mails</h1><p>{{ total }} mails that the local stack has sent. None of them left this machine.</p>
<table><thead><tr><th scope="col">To<th scope="col">Subject<th scope="col">Arrived</thead><tbody>
{% for mail in mails %}<tr><td>{{ mail.to }}<td><a href="/mail/{{ mail.id }}">{{ mail.subject or "(no subject)" }}</a><td>{{ mail.received }}
{% endfor %}</tbody></table><p>{% if newer is not none %}<a href="/?start={{ newer }}&amp;limit={{ limit }}">Newer</a> {% endif %}
{% if older is not none %}<a href="/?start={{ older }}&amp;limit={{ limit }}">Older</a>{% endif %}</p></html>"#;

const MAIL: &str = r#"<!doctype html><html lang="en"><meta charset="utf-8"><title>{{ subject }}</title>
<meta name="viewport" content="width=device-width"><style>body{font:1rem/1.5 sans-serif;margin:2rem auto;max-width:64rem;padding:0 1rem}
pre{white-space:pre-wrap;background:#f4f4f4;padding:1rem}iframe{width:100%;height:36rem;border:1px solid #ccc}dt{font-weight:bold}</style>
<p><a href="/">All mails</a></p><h1>{{ subject or "(no subject)" }}</h1>
<dl><dt>From<dd>{{ from }}<dt>To<dd>{{ to }}<dt>Arrived<dd>{{ received }}</dl>
<h2>Text</h2><pre>{% for piece in text %}{% if piece.link %}<a href="{{ piece.text }}" rel="noreferrer">{{ piece.text }}</a>{% else %}{{ piece.text }}{% endif %}{% endfor %}</pre>
{% if has_html %}<h2>HTML</h2><iframe title="The mail as HTML" sandbox="allow-popups allow-popups-to-escape-sandbox" src="/mail/{{ id }}/html"></iframe>{% endif %}</html>"#;

fn render(name: &str, template: &str, values: Value) -> Result<String, minijinja::Error> {
    let mut pages = Environment::new();
    // The ending is what turns escaping on.
    let name = format!("{name}.html");
    pages.add_template(&name, template)?;
    pages.get_template(&name)?.render(values)
}

fn show((name, address): (String, String)) -> String {
    if name.is_empty() { address } else { format!("{name} <{address}>") }
}

fn recipients(mail: &Mail) -> String {
    mail.to().into_iter().map(show).collect::<Vec<_>>().join(", ")
}

pub(crate) fn list(mails: &[Arc<Mail>], total: usize, start: usize, limit: usize) -> Result<String, minijinja::Error> {
    let row = |mail: &Arc<Mail>| {
        context! { id => mail.id.to_string(), to => recipients(mail), subject => mail.subject(), received => mail.received() }
    };
    let mails: Vec<Value> = mails.iter().map(row).collect();
    let newer = (start > 0).then(|| start.saturating_sub(limit));
    let older = (start + mails.len() < total).then(|| start + mails.len());
    render("list", LIST, context! { mails, total, newer, older, limit })
}

pub(crate) fn mail(mail: &Mail) -> Result<String, minijinja::Error> {
    let has_html = !mail.html().is_empty();
    render(
        "mail",
        MAIL,
        context! {
            id => mail.id.to_string(), subject => mail.subject(), from => show(mail.from()), to => recipients(mail),
            received => mail.received(), text => with_links(&mail.text()), has_html,
        },
    )
}

/// Cuts a text into pieces, of which some are links.
fn with_links(text: &str) -> Vec<Value> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("http://").into_iter().chain(rest.find("https://")).min() {
        let (before, link) = rest.split_at(start);
        let end = link.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"')).unwrap_or(link.len());
        pieces.push(context! { text => before, link => false });
        pieces.push(context! { text => &link[..end], link => true });
        rest = &link[end..];
    }
    pieces.push(context! { text => rest, link => false });
    pieces
}
