//! The pages of organisers: getting in and out, and running an election from its first line to its minutes. The README says how to
//! write one more.

mod account;
mod creation;
mod dashboard;
mod election;
mod files;
mod form;
mod invitations;
mod language;
mod login;
mod recovery;
mod registration;
mod session;
mod styleguide;
mod uploads;
mod visit;

use actix_web::web::{ServiceConfig, get, head, post, resource};
pub(crate) use election::{LIVE_INTERVAL, Live, run_live};
pub(crate) use session::SessionKeys;
pub(crate) use uploads::Uploads;
pub(crate) use visit::{Answer, Visitor};

/// A page that is looked at: HEAD is GET without a body.
macro_rules! page {
    ($path:expr, $show:path $(, $send:path)?) => {
        resource($path).route(get().to($show)).route(head().to($show))$(.route(post().to($send)))?
    };
}

use page;

/// The table of routes. `/styleguide` is for those who work on this site.
pub(crate) fn routes(config: &mut ServiceConfig, is_local: bool) {
    config
        .service(page!("/language/{tag}", language::choose))
        .service(page!(["/register", "/unlock", "/reset-password"], recovery::moved))
        .service(page!("/admin/register", registration::show, registration::register))
        .service(page!("/admin/login", login::show, login::log_in))
        .service(resource("/admin/logout").route(post().to(login::log_out)))
        .service(page!("/admin/forgotten", recovery::forgotten, recovery::send_reset))
        .service(page!("/admin/reset-password", recovery::new_password, recovery::set_password))
        .service(page!("/admin/locked", recovery::locked, recovery::send_unlock))
        .service(page!("/admin/unlock", recovery::unlock_button, recovery::unlock))
        .service(page!("/admin/account", account::show))
        .service(page!("/admin/account/password", account::password, account::change_password))
        .service(page!("/admin/account/address", account::address, account::verify_address))
        .service(resource("/admin/account/address/send").route(post().to(account::send_code)))
        .service(page!("/admin/invitations", invitations::list, invitations::invite))
        .service(resource("/admin/invitations/{id}/withdraw").route(post().to(invitations::withdraw)))
        .service(page!(["/admin", "/admin/"], dashboard::moved))
        .service(page!("/admin/dashboard", dashboard::show));
    config.service(page!("/admin/elections/new", creation::show, creation::create)).service(page!(
        "/admin/elections/{id}/delete",
        creation::ask_delete,
        creation::delete
    ));
    election::routes(config);
    if is_local {
        config.service(page!("/styleguide", styleguide::show));
    }
}
