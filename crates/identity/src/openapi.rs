//! Who may call an operation, as its OpenAPI document says it.
//!
//! Beside the handler stands `security(...)`, with the caller's role as its scope (OpenAPI 3.1: roles are named there that are not
//! defined or exchanged by the scheme itself). Several are alternatives.
//!
//! | `security` | who |
//! | --- | --- |
//! | `(())` | anybody |
//! | `("link" = [])` | a voter, with the token of a voting link |
//! | `("bearer" = ["admin"])` | whoever is logged in |
//! | `("bearer" = ["owner"])` | the admin whose election it is; for everybody else it does not exist (404) |
//! | `("bearer" = ["superadmin"])` | a superadmin |
//! | `("service" = ["admin"])` | the service of this name, on the internal listener |
//!
//! An acceptance test calls every operation of a running stack as each of them and compares; an operation without `security` fails it.

use utoipa::Modify;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};

use crate::SERVICE_HEADER;

/// Describes the schemes that the operations name: `#[openapi(modifiers(&identity::Callers))]`.
pub struct Callers;

impl Modify for Callers {
    fn modify(&self, document: &mut OpenApi) {
        let paths = serde_json::to_string(&document.paths).unwrap_or_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        let link = ApiKeyValue::with_description(
            "token",
            "The token of a voting link, 43 characters. `cast-vote` takes it as the member `token` of its body instead",
        );
        let schemes = [
            ("bearer", SecurityScheme::Http(bearer)),
            ("link", SecurityScheme::ApiKey(ApiKey::Query(link))),
            ("service", SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new(SERVICE_HEADER)))),
        ];
        let components = document.components.get_or_insert_default();
        for (name, scheme) in schemes {
            if paths.contains(&format!("{{\"{name}\":[")) {
                components.add_security_scheme(name, scheme);
            }
        }
    }
}
