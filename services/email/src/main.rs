//! The program `uvote-email`.

use std::process::ExitCode;

#[actix_web::main]
async fn main() -> ExitCode {
    launch::main::<email::Service>().await
}
