//! Converts an OpenAPI document into the rows that the page shows. It never fails: every document gives something readable.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

/// How deep schemas are expanded; deeper ones are named.
const DEPTH: usize = 6;
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// One service's API.
#[derive(Serialize)]
pub(crate) struct Api {
    name: &'static str,
    purpose: &'static str,
    pub(crate) is_up: bool,
    description: String,
    document: String,
    tags: Vec<Tag>,
}

#[derive(Serialize)]
struct Tag {
    name: String,
    operations: Vec<Operation>,
}

#[derive(Serialize)]
struct Operation {
    anchor: String,
    method: String,
    path: String,
    summary: String,
    description: String,
    access: String,
    parameters: Vec<Parameter>,
    bodies: Vec<Content>,
    responses: Vec<Response>,
}

#[derive(Serialize)]
struct Parameter {
    name: String,
    place: String,
    kind: String,
    required: bool,
    note: String,
}

#[derive(Serialize)]
struct Content {
    media: String,
    kind: String,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Response {
    status: String,
    description: String,
    contents: Vec<Content>,
}

/// One line of a schema.
#[derive(Serialize, Debug, PartialEq)]
struct Row {
    depth: usize,
    name: String,
    kind: String,
    required: bool,
    note: String,
}

impl Api {
    /// A service that gave no document.
    pub(crate) fn down(name: &'static str, purpose: &'static str) -> Self {
        Self { name, purpose, is_up: false, description: String::new(), document: document_path(name), tags: Vec::new() }
    }
}

fn document_path(name: &str) -> String {
    format!("/api/{}/openapi.json", if name == "election" { "elections" } else { name })
}

fn text(value: &Value, member: &str) -> String {
    value.get(member).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn flag(value: &Value, member: &str) -> bool {
    value.get(member).and_then(Value::as_bool).unwrap_or(false)
}

fn items<'v>(value: &'v Value, member: &str) -> &'v [Value] {
    value.get(member).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn members<'v>(value: &'v Value, member: &str) -> impl Iterator<Item = (&'v String, &'v Value)> {
    value.get(member).and_then(Value::as_object).into_iter().flatten()
}

/// Reads a document.
pub(crate) fn read(name: &'static str, purpose: &'static str, document: &Value) -> Api {
    let reader = Reader { document };
    let mut tags: BTreeMap<String, Vec<Operation>> = BTreeMap::new();
    for (path, operations) in members(document, "paths") {
        for method in METHODS {
            if let Some(operation) = operations.get(method) {
                let tag = items(operation, "tags").first().and_then(Value::as_str).unwrap_or("other").to_owned();
                tags.entry(tag).or_default().push(reader.operation(name, method, path, operation));
            }
        }
    }
    let tags = tags.into_iter().map(|(name, operations)| Tag { name, operations }).collect();
    let description = document.get("info").map(|info| text(info, "description")).unwrap_or_default();
    Api { name, purpose, is_up: true, description, document: document_path(name), tags }
}

struct Reader<'d> {
    document: &'d Value,
}

impl<'d> Reader<'d> {
    fn operation(&self, service: &str, method: &str, path: &str, operation: &'d Value) -> Operation {
        let anchor: String =
            format!("{service}-{method}{path}").chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let body = operation.get("requestBody").map(|body| self.follow(body));
        Operation {
            anchor,
            method: method.to_uppercase(),
            path: path.to_owned(),
            summary: text(operation, "summary"),
            description: text(operation, "description"),
            access: access(items(operation, "security")),
            parameters: items(operation, "parameters").iter().map(|parameter| self.parameter(parameter)).collect(),
            bodies: body.map(|body| self.contents(body)).unwrap_or_default(),
            responses: members(operation, "responses").map(|(status, response)| self.response(status, response)).collect(),
        }
    }

    fn parameter(&self, parameter: &'d Value) -> Parameter {
        let parameter = self.follow(parameter);
        let schema = parameter.get("schema").unwrap_or(&Value::Null);
        let note = [text(parameter, "description"), notes(self.follow(schema))].join(" ").trim().to_owned();
        Parameter {
            name: text(parameter, "name"),
            place: text(parameter, "in"),
            kind: self.kind(schema, 0),
            required: flag(parameter, "required"),
            note,
        }
    }

    fn response(&self, status: &str, response: &'d Value) -> Response {
        let response = self.follow(response);
        // The form of a refusal is the same everywhere and said once, at the head of the page.
        let contents =
            if response.pointer("/content/application~1problem+json").is_some() { Vec::new() } else { self.contents(response) };
        Response { status: status.to_owned(), description: text(response, "description"), contents }
    }

    fn contents(&self, holder: &'d Value) -> Vec<Content> {
        members(holder, "content")
            .map(|(media, content)| {
                let schema = content.get("schema").unwrap_or(&Value::Null);
                let mut rows = Vec::new();
                self.expand(schema, 0, &mut Vec::new(), &mut rows);
                Content { media: media.clone(), kind: self.kind(schema, 0), rows }
            })
            .collect()
    }

    /// What a `$ref` stands for.
    fn follow(&self, value: &'d Value) -> &'d Value {
        let target = value.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#'));
        target.and_then(|pointer| self.document.pointer(pointer)).unwrap_or(value)
    }

    /// Adds a line for each field below a schema. `path` holds the names on the way here: a type in itself is named only.
    fn expand(&self, schema: &'d Value, depth: usize, path: &mut Vec<&'d str>, rows: &mut Vec<Row>) {
        let name = schema.get("$ref").and_then(Value::as_str);
        if depth >= DEPTH || name.is_some_and(|name| path.contains(&name)) {
            return;
        }
        path.extend(name);
        let schema = self.follow(schema);
        for part in items(schema, "allOf") {
            self.expand(part, depth, path, rows);
        }
        let required = items(schema, "required");
        for (field, inner) in members(schema, "properties") {
            let required = required.iter().any(|name| name == field);
            rows.push(Row { depth, name: field.clone(), kind: self.kind(inner, 0), required, note: self.note(inner) });
            self.expand(inner, depth + 1, path, rows);
        }
        let choices = ["oneOf", "anyOf"].iter().flat_map(|word| items(schema, word)).filter(|choice| !is_null(choice));
        let choices: Vec<_> = choices.collect();
        for choice in &choices {
            let several = choices.len() > 1;
            if several {
                rows.push(Row {
                    depth,
                    name: "either".to_owned(),
                    kind: self.kind(choice, 0),
                    required: false,
                    note: self.note(choice),
                });
            }
            self.expand(choice, depth + usize::from(several), path, rows);
        }
        for word in ["items", "additionalProperties"] {
            if let Some(inner) = schema.get(word).filter(|inner| inner.is_object()) {
                self.expand(inner, depth, path, rows);
            }
        }
        if name.is_some() {
            path.pop();
        }
    }

    fn note(&self, schema: &'d Value) -> String {
        let own = text(schema, "description");
        let target = self.follow(schema);
        let described = if own.is_empty() { text(target, "description") } else { own };
        [described, notes(target)].join(" ").trim().to_owned()
    }

    /// A type in words.
    fn kind(&self, schema: &'d Value, depth: usize) -> String {
        if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
            return target.rsplit('/').next().unwrap_or(target).to_owned();
        }
        if depth >= DEPTH {
            return "any".to_owned();
        }
        let choices: Vec<String> = ["oneOf", "anyOf", "allOf"]
            .iter()
            .flat_map(|word| items(schema, word))
            .map(|choice| if is_null(choice) { "null".to_owned() } else { self.kind(choice, depth + 1) })
            .collect();
        if !choices.is_empty() {
            return choices.join(" or ");
        }
        let words: Vec<&str> = match schema.get("type") {
            Some(Value::String(word)) => vec![word],
            Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).collect(),
            _ => vec!["any"],
        };
        words.iter().map(|word| self.word(word, schema, depth)).collect::<Vec<_>>().join(" or ")
    }

    fn word(&self, word: &str, schema: &'d Value, depth: usize) -> String {
        let inner = |member: &str| schema.get(member).filter(|inner| inner.is_object()).map(|inner| self.kind(inner, depth + 1));
        match (word, schema.get("format").and_then(Value::as_str)) {
            ("array", _) => inner("items").map_or("list".to_owned(), |kind| format!("list of {kind}")),
            ("object", _) => inner("additionalProperties").map_or("object".to_owned(), |kind| format!("object, name to {kind}")),
            ("null", _) | (_, None) => word.to_owned(),
            (_, Some(format)) => format!("{word} ({format})"),
        }
    }
}

/// Who may call it. The roles in `security` are described where services declare them: `crates/identity/src/openapi.rs`.
fn access(security: &[Value]) -> String {
    let roles =
        |scheme: &str| -> Vec<&str> { security.iter().flat_map(|one| items(one, scheme)).filter_map(Value::as_str).collect() };
    let names = |scheme: &str| security.iter().any(|one| one.get(scheme).is_some());
    let (admins, services) = (roles("bearer"), roles("service"));
    // An alternative that asks for nothing.
    let is_open = security.iter().any(|one| one.as_object().is_some_and(serde_json::Map::is_empty));
    match admins.as_slice() {
        [_, ..] if is_open => "Anybody may call this; with a login it may say more.".to_owned(),
        [] if names("link") => "For whoever has a voting link.".to_owned(),
        [] if !services.is_empty() => format!("Only for services of this installation: {}.", services.join(", ")),
        [] if security.is_empty() || is_open => "Anybody may call this.".to_owned(),
        [] => "Not for everybody.".to_owned(),
        ["owner"] => "Needs a login: for the admin whose election it is.".to_owned(),
        ["superadmin"] => "Needs a login: for superadmins.".to_owned(),
        some if some.contains(&"owner") => "Needs a login: for the admin whose election it is, and for superadmins.".to_owned(),
        _ => "Needs a login.".to_owned(),
    }
}

fn is_null(schema: &Value) -> bool {
    schema.get("type").is_some_and(|kind| kind == "null")
}

/// Bounds, words and examples.
fn notes(schema: &Value) -> String {
    let mut notes = Vec::new();
    let words: Vec<String> =
        items(schema, "enum").iter().chain(schema.get("const")).map(|word| format!("`{}`", plain(word))).collect();
    if !words.is_empty() {
        notes.push(format!("One of {}.", words.join(", ")));
    }
    for (member, word) in [
        ("minimum", "At least"),
        ("maximum", "At most"),
        ("minLength", "Characters at least"),
        ("maxLength", "Characters at most"),
    ] {
        if let Some(bound) = schema.get(member) {
            notes.push(format!("{word} {}.", plain(bound)));
        }
    }
    if let Some(example) = schema.get("example").or_else(|| items(schema, "examples").first()) {
        notes.push(format!("For instance `{}`.", plain(example)));
    }
    notes.join(" ")
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rows(document: &Value) -> Vec<(usize, String, String)> {
        let mut rows = Vec::new();
        Reader { document }.expand(&document["components"]["schemas"]["Top"], 0, &mut Vec::new(), &mut rows);
        rows.into_iter().map(|row| (row.depth, row.name, row.kind)).collect()
    }

    #[test]
    fn nested_types_are_expanded() {
        let document = json!({ "components": { "schemas": {
            "Top": { "type": "object", "required": ["inner"], "properties": {
                "inner": { "type": "array", "items": { "$ref": "#/components/schemas/Inner" } },
                "maybe": { "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Inner" }] },
            } },
            "Inner": { "type": "object", "properties": { "at": { "type": ["string", "null"], "format": "date-time" } } },
        } } });
        let expected = [
            (0, "inner", "list of Inner"),
            (1, "at", "string (date-time) or null"),
            (0, "maybe", "null or Inner"),
            (1, "at", "string (date-time) or null"),
        ];
        assert_eq!(rows(&document), expected.map(|(depth, name, kind)| (depth, name.to_owned(), kind.to_owned())));
    }

    #[test]
    fn who_may_call_is_said_in_words() {
        let said = |security: Value| access(security.as_array().unwrap());
        assert_eq!(said(json!([{}])), "Anybody may call this.");
        assert_eq!(said(json!([{}, { "bearer": ["owner"] }])), "Anybody may call this; with a login it may say more.");
        assert_eq!(said(json!([{ "link": [] }])), "For whoever has a voting link.");
        assert_eq!(said(json!([{ "bearer": ["admin"] }])), "Needs a login.");
        assert_eq!(said(json!([{ "bearer": ["owner"] }])), "Needs a login: for the admin whose election it is.");
        let both = json!([{ "bearer": ["owner"] }, { "bearer": ["superadmin"] }]);
        assert_eq!(said(both), "Needs a login: for the admin whose election it is, and for superadmins.");
        assert_eq!(said(json!([{ "bearer": ["superadmin"] }])), "Needs a login: for superadmins.");
        let services = json!([{ "service": ["admin"] }, { "service": ["voting"] }]);
        assert_eq!(said(services), "Only for services of this installation: admin, voting.");
    }

    #[test]
    fn a_type_within_itself_ends() {
        let document = json!({ "components": { "schemas": {
            "Top": { "$ref": "#/components/schemas/Tree" },
            "Tree": { "type": "object", "properties": { "left": { "$ref": "#/components/schemas/Tree" } } },
        } } });
        assert_eq!(rows(&document), [(0, "left".to_owned(), "Tree".to_owned())]);
    }

    #[test]
    fn nonsense_is_survived() {
        for nonsense in [
            json!(null),
            json!([]),
            json!({ "paths": { "/x": { "get": 3 } } }),
            json!({ "paths": { "/x": { "get": { "parameters": [1], "responses": [] } } } }),
        ] {
            let _ = read("auth", "", &nonsense);
        }
    }
}
