//! The program `uvote-voting`.

use std::process::ExitCode;

#[actix_web::main]
async fn main() -> ExitCode {
    launch::main::<voting::Service>().await
}
