//! The table of routes.

use actix_web::web::{self, ServiceConfig, get, head, post};

use crate::{assets, docs, home, link_request, page, problems, results, status, vote};

/// What this service answers to. HEAD is GET without a body, for the scanners that look at a link before its owner does.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/").route(get().to(home::home)).route(head().to(home::home)))
        .service(web::resource("/assets/{file}").route(get().to(assets::asset)).route(head().to(assets::asset)))
        .service(web::resource("/status").route(get().to(status::status)).route(head().to(status::status)))
        .service(web::resource("/api/docs").route(get().to(docs::docs)).route(head().to(docs::docs)))
        .service(web::resource("/problems").route(get().to(problems::all)).route(head().to(problems::all)))
        .service(web::resource("/problems/{slug}").route(get().to(problems::one)).route(head().to(problems::one)))
        .service(web::resource("/vote").route(get().to(vote::show)).route(head().to(vote::show)).route(post().to(vote::cast)))
        .service(web::resource("/results/{election_id}").route(get().to(results::results)).route(head().to(results::results)))
        .service(
            web::resource("/results/{election_id}/result.csv").route(get().to(results::table)).route(head().to(results::table)),
        )
        .service(
            web::resource("/results/{election_id}/rounds.csv").route(get().to(results::rounds)).route(head().to(results::rounds)),
        )
        .service(
            web::resource(["/request-link", "/request-link/{election_id}"])
                .route(get().to(link_request::form))
                .route(head().to(link_request::form))
                .route(post().to(link_request::ask)),
        )
        .service(
            web::resource("/stop-reminders")
                .route(get().to(link_request::stop_form))
                .route(head().to(link_request::stop_form))
                .route(post().to(link_request::stop)),
        )
        // Last, for what nothing above takes.
        .service(web::resource("/{path:.*}").route(web::route().to(page::nothing_here)));
}
