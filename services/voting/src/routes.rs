//! The table of routes, and their description. HEAD is answered where GET is: mail scanners ask with either.

use actix_web::web::{self, Data, ServiceConfig};
use identity::Callers;
use problem::{Limited, Refusals};
use utoipa::OpenApi;

use crate::{Voting, ballots, casting, links, receipts, request_handlers};

/// What the gateway limits: all of it.
const LIMITED: Limited = Limited(&["/api/voting"]);

/// Every operation of the voting service.
#[derive(OpenApi)]
#[openapi(
    info(title = "U-Vote: voting", description = "From a voter's link to a recorded ballot. Nobody logs in here: the link is the right."),
    paths(
        links::validate_token, ballots::ballot, casting::cast_vote, receipts::receipt_state, request_handlers::request_link,
        request_handlers::stop_reminders
    ),
    tags((name = "public", description = "Open to everybody")),
    modifiers(&Callers, &Refusals, &LIMITED)
)]
pub struct ApiDoc;

/// The routes on shared state.
pub(crate) fn routes(voting: Data<Voting>) -> impl Fn(&mut ServiceConfig) + Clone + Send + 'static {
    move |config| {
        config
            .app_data(voting.clone())
            .service(
                web::resource("/api/voting/validate-token")
                    .route(web::get().to(links::validate_token))
                    .route(web::head().to(links::validate_token)),
            )
            .service(
                web::resource("/api/voting/ballot").route(web::get().to(ballots::ballot)).route(web::head().to(ballots::ballot)),
            )
            .service(web::resource("/api/voting/cast-vote").route(web::post().to(casting::cast_vote)))
            .service(web::resource("/api/voting/request-link").route(web::post().to(request_handlers::request_link)))
            .service(web::resource("/api/voting/stop-reminders").route(web::post().to(request_handlers::stop_reminders)))
            .service(
                web::resource("/api/voting/receipts/{receipt}")
                    .route(web::get().to(receipts::receipt_state))
                    .route(web::head().to(receipts::receipt_state)),
            );
    }
}
