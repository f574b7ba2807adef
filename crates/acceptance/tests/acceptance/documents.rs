//! The OpenAPI documents of a running stack, as tests read them: every operation, who may call it, and a request that fits it.

use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::stack::{Stack, expect};

pub(crate) const SERVICES: [&str; 8] = ["frontend", "auth", "election", "voting", "results", "audit", "admin", "email"];

/// Who may call an operation. How a document says it is described in `crates/identity/src/openapi.rs`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Declared {
    Anybody,
    Voter,
    Admin,
    Owner,
    Superadmin,
    Service(String),
}

pub(crate) struct Operation {
    pub(crate) service: &'static str,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) callers: Vec<Declared>,
    parameters: Vec<Value>,
    body: Option<(String, Value)>,
    document: Value,
}

/// What stands for the numbers and texts that an operation names.
pub(crate) struct Subject {
    pub(crate) election_id: i64,
    pub(crate) candidate_id: i64,
    pub(crate) voter_id: i64,
    pub(crate) import_id: String,
    pub(crate) token: String,
}

/// A request that fits an operation, but for its caller.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Option<(String, Value)>,
}

/// Every operation of every document.
pub(crate) async fn operations(stack: &Stack) -> Vec<Operation> {
    let mut found = Vec::new();
    for service in SERVICES {
        let url = stack.internal(&format!("/services/{service}/openapi.json"));
        let document = expect(stack.http.get(url).send().await.unwrap(), 200).await;
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
                let body = operation["requestBody"]["content"].as_object().map(|kinds| {
                    assert_eq!(kinds.len(), 1, "{method} {path}: one kind of body");
                    kinds.iter().map(|(kind, content)| (kind.clone(), content["schema"].clone())).next().unwrap()
                });
                found.push(Operation {
                    service,
                    callers: callers(&operation["security"])
                        .unwrap_or_else(|| panic!("{method} {path} does not say who may call it")),
                    method,
                    path: path.clone(),
                    parameters: operation["parameters"].as_array().cloned().unwrap_or_default(),
                    body,
                    document: document.clone(),
                });
            }
        }
    }
    found
}

/// Nothing when it is not said, or not in the words that we have for it.
fn callers(security: &Value) -> Option<Vec<Declared>> {
    let alternatives = security.as_array().filter(|alternatives| !alternatives.is_empty())?;
    alternatives
        .iter()
        .map(|alternative| {
            let mut schemes = alternative.as_object()?.iter();
            let Some((scheme, roles)) = schemes.next() else { return Some(Declared::Anybody) };
            let roles: Vec<&str> = roles.as_array()?.iter().filter_map(Value::as_str).collect();
            match (scheme.as_str(), roles.as_slice(), schemes.next()) {
                ("link", [], None) => Some(Declared::Voter),
                ("bearer", ["admin"], None) => Some(Declared::Admin),
                ("bearer", ["owner"], None) => Some(Declared::Owner),
                ("bearer", ["superadmin"], None) => Some(Declared::Superadmin),
                ("service", [name], None) if SERVICES.contains(name) => Some(Declared::Service((*name).to_owned())),
                _ => None,
            }
        })
        .collect()
}

impl Operation {
    /// Requests that fit. Several where the body can be of several kinds: who may call can depend on it.
    pub(crate) fn requests(&self, subject: &Subject) -> Vec<Request> {
        let (mut path, mut query) = (self.path.clone(), Vec::new());
        for parameter in &self.parameters {
            let name = parameter["name"].as_str().unwrap();
            match parameter["in"].as_str().unwrap() {
                "path" => path = path.replace(&format!("{{{name}}}"), &self.in_path(name, parameter, subject)),
                "query" => query.extend(in_query(name, subject).map(|value| (name.to_owned(), value))),
                "header" => {}
                other => panic!("{}: a parameter in the {other}", self.path),
            }
        }
        let request = |body| Request { path: path.clone(), query: query.clone(), body };
        match &self.body {
            None => vec![request(None)],
            Some((kind, schema)) => {
                self.values(schema, "", subject, 0).into_iter().map(|body| request(Some((kind.clone(), body)))).collect()
            }
        }
    }

    /// By the part of the path before it.
    fn in_path(&self, name: &str, parameter: &Value, subject: &Subject) -> String {
        let before = self.path.split('/').take_while(|part| *part != format!("{{{name}}}")).last().unwrap();
        match before {
            "elections" | "results" => subject.election_id.to_string(),
            "candidates" => subject.candidate_id.to_string(),
            "voters" => subject.voter_id.to_string(),
            "voter-imports" => subject.import_id.clone(),
            // A file that nobody has uploaded.
            "uploads" => format!("{}.jpg", "0".repeat(64)),
            "invitations" | "status" => i64::MAX.to_string(),
            _ => match &parameter["example"] {
                Value::String(example) => example.clone(),
                _ => panic!("{}: say in {} what stands for {name}", self.path, file!()),
            },
        }
    }

    /// Values that a schema allows: one with what is needed and no more, and one for each choice in it.
    fn values(&self, schema: &Value, name: &str, subject: &Subject, depth: u8) -> Vec<Value> {
        assert!(depth < 20, "{}: a schema in itself", self.path);
        if let Some(target) = schema["$ref"].as_str() {
            return self.values(self.document.pointer(target.trim_start_matches('#')).unwrap(), name, subject, depth + 1);
        }
        let known = match name {
            "election_id" => json!(subject.election_id),
            "candidate_id" => json!(subject.candidate_id),
            "token" => json!(subject.token),
            _ => schema["example"].clone(),
        };
        if !known.is_null() && !schema["type"].is_null() {
            return vec![known];
        }
        if let Some(value) = schema.get("const").or_else(|| schema["examples"].get(0)) {
            return vec![value.clone()];
        }
        if let Some(values) = schema["enum"].as_array() {
            return values.clone();
        }
        if let Some(choices) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
            return choices.iter().flat_map(|choice| self.values(choice, name, subject, depth + 1)).collect();
        }
        if let Some(parts) = schema["allOf"].as_array() {
            return self.together(parts.iter().map(|part| self.values(part, name, subject, depth + 1)).collect());
        }
        let kind = match &schema["type"] {
            Value::Array(kinds) => kinds[0].as_str(),
            kind => kind.as_str(),
        };
        match (kind, schema["format"].as_str()) {
            (Some("object"), _) => self.objects(schema, subject, depth),
            (Some("array"), _) => {
                self.values(&schema["items"], "", subject, depth + 1).into_iter().map(|item| json!([item])).collect()
            }
            (Some("integer" | "number"), _) => vec![json!(1)],
            (Some("boolean"), _) => vec![json!(true)],
            (Some("null"), _) => vec![Value::Null],
            (_, Some("date-time")) => vec![json!("2099-01-01T00:00:00Z")],
            (_, Some("uuid")) => vec![json!(uuid::Uuid::new_v4())],
            (_, Some("email")) => vec![json!(format!("{}@example.com", uuid::Uuid::new_v4().simple()))],
            (_, Some("uri")) => vec![json!("https://vote.example/page")],
            _ => vec![json!("Correct-Horse-9-Battery")],
        }
    }

    fn objects(&self, schema: &Value, subject: &Subject, depth: u8) -> Vec<Value> {
        let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let (mut least, mut others) = (Map::new(), Vec::new());
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let values = self.values(property, name, subject, depth + 1);
            if required.contains(&name.as_str()) {
                least.insert(name.clone(), values[0].clone());
            }
            if values.len() > 1 {
                others.extend(values.into_iter().filter(|value| !value.is_null()).map(|value| (name.clone(), value)));
            }
        }
        let mut all = vec![Value::Object(least.clone())];
        all.extend(others.into_iter().map(|(name, value)| {
            let mut object = least.clone();
            object.insert(name, value);
            Value::Object(object)
        }));
        all
    }

    /// Every part's members in one object: all of the first, and the first of the others; then each other one in turn.
    fn together(&self, parts: Vec<Vec<Value>>) -> Vec<Value> {
        let merge = |chosen: Vec<&Value>| {
            let members = chosen.into_iter().flat_map(|value| value.as_object().cloned().unwrap_or_default());
            Value::Object(members.collect())
        };
        let mut all = Vec::new();
        for (place, part) in parts.iter().enumerate() {
            for value in part {
                all.push(merge(
                    parts.iter().enumerate().map(|(at, other)| if at == place { value } else { &other[0] }).collect(),
                ));
            }
        }
        assert!(!all.is_empty(), "{}: nothing stands in allOf", self.path);
        all
    }
}

fn in_query(name: &str, subject: &Subject) -> Option<String> {
    match name {
        // A reference that no entry of the log has.
        "refs" => Some("00000000-0000-4000-8000-000000000000".to_owned()),
        "election_id" => Some(subject.election_id.to_string()),
        "token" => Some(subject.token.clone()),
        _ => None,
    }
}
