//! A service whose only worker panics; a test runs it.

use std::process::ExitCode;

use actix_web::web::ServiceConfig;
use launch::{Common, Context, NothingElse, Routes, StartError};
use serde::Deserialize;
use utoipa::openapi::{InfoBuilder, OpenApi, OpenApiBuilder};

struct Unlucky;

#[derive(Deserialize)]
struct Settings {
    #[serde(flatten)]
    common: Common,
    #[serde(flatten)]
    _nothing_else: NothingElse,
}

impl AsRef<Common> for Settings {
    fn as_ref(&self) -> &Common {
        &self.common
    }
}

impl launch::Service for Unlucky {
    const NAME: &'static str = "unlucky";
    const ABOUT: &'static str = "Panics";
    const PUBLIC_PREFIX: &'static str = "unlucky";
    const JSON_LIMIT: usize = 1024;
    type Settings = Settings;

    fn openapi() -> OpenApi {
        OpenApiBuilder::new().info(InfoBuilder::new().title("unlucky").build()).build()
    }

    async fn build(_: Settings, context: &mut Context) -> Result<impl Routes, StartError> {
        context.worker("luck", |_| async { panic!("no luck left") });
        Ok(|_: &mut ServiceConfig| {})
    }
}

#[actix_web::main]
async fn main() -> ExitCode {
    launch::main::<Unlucky>().await
}
