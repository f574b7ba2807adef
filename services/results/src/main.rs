//! The program `uvote-results`.

use std::process::ExitCode;

#[actix_web::main]
async fn main() -> ExitCode {
    launch::main::<results::Service>().await
}
