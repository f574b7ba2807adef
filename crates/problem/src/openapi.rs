//! The refusals in the OpenAPI documents: what follows from the form of an operation is added to it here, once for all services.
//!
//! A handler lists only the refusals that are its own (409, 410, ...), or that it has something to say about, by status and
//! description. Everything else is added by [`Refusals`], so that a document names every answer that a call can get.

use contract::problems::{self, Body, Kind};
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{SchemaType, Type};
use utoipa::openapi::{Content, OpenApi, PathItem, Ref, RefOr, Schema};
use utoipa::{Modify, PartialSchema as _, ToSchema as _};

const MEDIA_TYPE: &str = "application/problem+json";

/// Completes the refusals of every operation: `#[openapi(modifiers(&problem::Refusals))]`.
pub struct Refusals;

impl Modify for Refusals {
    fn modify(&self, document: &mut OpenApi) {
        let mut used = Vec::new();
        for operation in document.paths.paths.values_mut().flat_map(operations) {
            if let Some(RefOr::T(body)) = &mut operation.request_body {
                body.content.values_mut().for_each(without_null);
            }
            let by_form = refusals_of(operation);
            let responses = &mut operation.responses.responses;
            for kind in by_form {
                responses.entry(kind.status.to_string()).or_insert_with(|| {
                    used.push(kind);
                    RefOr::Ref(Ref::from_response_name(kind.slug))
                });
            }
            for status in GATEWAY_STATUSES {
                responses.entry(status.to_owned()).or_insert_with(|| RefOr::Ref(Ref::from_response_name(SERVICE_SILENT)));
            }
            for (status, response) in responses.iter_mut() {
                if let (true, RefOr::T(response)) = (status.starts_with(['4', '5']), response) {
                    response.content.entry(MEDIA_TYPE.to_owned()).or_insert_with(|| RefOr::T(body()));
                }
            }
        }
        let components = document.components.get_or_insert_default();
        for kind in used {
            components.responses.insert(kind.slug.to_owned(), RefOr::T(response(kind)));
        }
        let silent = format!(
            "`{}`: the service does not answer the gateway. {}",
            problems::UNAVAILABLE.slug,
            problems::UNAVAILABLE.advice()
        );
        let silent = ResponseBuilder::new().description(silent).content(MEDIA_TYPE, body()).build();
        components.responses.insert(SERVICE_SILENT.to_owned(), RefOr::T(silent));
        let mut schemas = vec![(Body::name().into_owned(), Body::schema())];
        Body::schemas(&mut schemas);
        components.schemas.extend(schemas);
    }
}

/// What the gateway answers itself when a service does not: it cannot be reached, or has not answered in time.
const GATEWAY_STATUSES: [&str; 2] = ["502", "504"];
const SERVICE_SILENT: &str = "service-silent";

/// What the gateway limits: operations whose path begins so can be answered with 429. A test of the architecture compares them with the
/// gateway's configuration.
pub struct Limited(pub &'static [&'static str]);

impl Modify for Limited {
    fn modify(&self, document: &mut OpenApi) {
        let kind = problems::TOO_MANY;
        for (path, item) in &mut document.paths.paths {
            if self.0.iter().any(|limited| path.starts_with(limited)) {
                for operation in operations(item) {
                    let shared = || RefOr::Ref(Ref::from_response_name(kind.slug));
                    operation.responses.responses.entry(kind.status.to_string()).or_insert_with(shared);
                }
            }
        }
        document.components.get_or_insert_default().responses.insert(kind.slug.to_owned(), RefOr::T(response(kind)));
    }
}

/// The operations of one path.
fn operations(path: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, options, head, patch, trace, .. } = path;
    [get, put, post, delete, options, head, patch, trace].into_iter().flatten()
}

/// A body that may be left out is then absent. It is not the word `null`, as `Option<T>` says.
fn without_null(content: &mut RefOr<Content>) {
    let RefOr::T(Content { schema: Some(schema), .. }) = content else { return };
    let RefOr::T(Schema::OneOf(choices)) = &*schema else { return };
    let is_null = |choice: &RefOr<Schema>| matches!(choice, RefOr::T(Schema::Object(object)) if object.schema_type == SchemaType::Type(Type::Null));
    let mut others = choices.items.iter().filter(|choice| !is_null(choice));
    if let (Some(value), None) = (others.next(), others.next()) {
        *schema = value.clone();
    }
}

/// The refusals that follow from what an operation reads and from who may call it.
fn refusals_of(operation: &Operation) -> Vec<Kind> {
    let parameters = || {
        operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
            RefOr::T(Parameter { parameter_in, .. }) => Some(parameter_in),
            RefOr::Ref(_) => None,
        })
    };
    let in_path = parameters().any(|place| *place == ParameterIn::Path);
    let in_query = parameters().any(|place| *place == ParameterIn::Query);
    let has_body = operation.request_body.is_some();
    let callers =
        operation.security.as_ref().map(|callers| serde_json::to_string(callers).unwrap_or_default()).unwrap_or_default();
    let calls_as = |word: &str| callers.contains(&format!("\"{word}\""));
    let by_role = calls_as("superadmin") && !calls_as("owner");
    let by_form = [
        (in_query || has_body, problems::MALFORMED),
        (calls_as("bearer") || calls_as("service"), problems::UNAUTHENTICATED),
        (by_role || calls_as("service"), problems::FORBIDDEN),
        (in_path || calls_as("owner"), problems::NOT_FOUND),
        (has_body, problems::TOO_LARGE),
        (has_body, problems::UNSUPPORTED_MEDIA),
        // The character U+0000 is refused in every address, also where nothing else can be wrong with a parameter.
        (in_path || in_query || has_body, problems::INVALID),
        (true, problems::INTERNAL),
        (true, problems::UNAVAILABLE),
    ];
    by_form.into_iter().filter_map(|(is_so, kind)| is_so.then_some(kind)).collect()
}

fn response(kind: Kind) -> Response {
    ResponseBuilder::new().description(format!("`{}`: {}", kind.slug, kind.title())).content(MEDIA_TYPE, body()).build()
}

fn body() -> Content {
    Content::new(Some(Ref::from_schema_name(Body::name())))
}

#[cfg(test)]
#[allow(dead_code, reason = "the operations are described and never called")]
mod tests {
    use serde_json::Value;
    use utoipa::OpenApi as _;

    use super::*;

    /// Reads one.
    #[utoipa::path(get, path = "/things/{id}", security(("bearer" = ["owner"])), params(("id" = i64, Path)), responses((status = 200), (status = 404, description = "Gone with its owner")))]
    fn read() {}

    /// Writes one.
    #[utoipa::path(post, path = "/things", security(("service" = ["admin"])), request_body = String, responses((status = 202), (status = 409, description = "Too late")))]
    fn write() {}

    /// Can be called without a body.
    #[utoipa::path(put, path = "/things", security(()), request_body = Option<Body>, responses((status = 204)))]
    fn change() {}

    /// Is open to all.
    #[utoipa::path(get, path = "/public", security(()), responses((status = 200)))]
    fn public() {}

    #[derive(utoipa::OpenApi)]
    #[openapi(paths(read, write, change, public), modifiers(&Refusals))]
    struct Document;

    fn statuses(operation: &Value) -> Vec<&str> {
        operation["responses"].as_object().unwrap().keys().map(String::as_str).collect()
    }

    #[test]
    fn the_form_of_an_operation_says_what_it_can_be_refused_with() {
        let document = serde_json::to_value(Document::openapi()).unwrap();
        assert_eq!(statuses(&document["paths"]["/things/{id}"]["get"]), ["200", "401", "404", "422", "500", "502", "503", "504"]);
        let write = &document["paths"]["/things"]["post"];
        assert_eq!(statuses(write), ["202", "400", "401", "403", "409", "413", "415", "422", "500", "502", "503", "504"]);
        assert_eq!(statuses(&document["paths"]["/public"]["get"]), ["200", "500", "502", "503", "504"]);
    }

    #[test]
    fn a_body_that_may_be_left_out_is_not_null() {
        let document = serde_json::to_value(Document::openapi()).unwrap();
        let body = &document["paths"]["/things"]["put"]["requestBody"];
        assert_eq!(body["content"]["application/json"]["schema"]["$ref"], "#/components/schemas/Body", "{body}");
        assert_ne!(body["required"], true, "{body}");
    }

    #[test]
    fn a_refusal_of_its_own_keeps_its_words_and_gets_the_body_of_all() {
        let document = serde_json::to_value(Document::openapi()).unwrap();
        let own = &document["paths"]["/things/{id}"]["get"]["responses"]["404"];
        assert_eq!(own["description"], "Gone with its owner");
        assert_eq!(own["content"][MEDIA_TYPE]["schema"]["$ref"], "#/components/schemas/Body");
        let shared = &document["paths"]["/things/{id}"]["get"]["responses"]["401"];
        let shared = document.pointer(shared["$ref"].as_str().unwrap().trim_start_matches('#')).unwrap();
        assert_eq!(shared["content"][MEDIA_TYPE]["schema"]["$ref"], "#/components/schemas/Body");
        assert!(document["components"]["schemas"]["FieldError"].is_object(), "what the body is made of");
    }
}
