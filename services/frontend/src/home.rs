//! The home page: what this is, and where to go on.

use actix_web::web;
use minijinja::context;

use crate::Frontend;
use crate::organiser::{Answer, Visitor};
use crate::page::shown;

pub(crate) async fn home(frontend: web::Data<Frontend>, visitor: Visitor) -> Answer {
    let down = frontend.states().await.into_iter().filter(|state| !state.is_up()).collect::<Vec<_>>();
    visitor.page(200, "index.html", context! { down => shown(&down), mail_url => &frontend.mail_url })
}
