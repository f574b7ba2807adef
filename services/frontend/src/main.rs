//! The program `uvote-frontend`.

use std::process::ExitCode;

#[actix_web::main]
async fn main() -> ExitCode {
    launch::main::<frontend::Service>().await
}
