//! The home page: what this is, and where to go on.

use actix_web::{HttpResponse, web};
use minijinja::context;
use problem::Problem;

use crate::Frontend;
use crate::page::shown;

pub(crate) async fn home(frontend: web::Data<Frontend>) -> Result<HttpResponse, Problem> {
    let services = shown(frontend.states().await);
    let (public_url, mail_url) = (&frontend.public_url, &frontend.mail_url);
    frontend.renderer.page(200, "home.html", context! { services, public_url, mail_url })
}
