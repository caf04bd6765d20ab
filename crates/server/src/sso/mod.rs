//! Single sign-on by OpenID Connect: to the provider and back, and a page for whoever is not let in.
//!
//! Nothing is kept here between the way there and the way back: what belongs to a sign-in is in a cookie of the
//! browser that began it, so that any of several servers can end it and no other browser can. Where somebody
//! is sent afterwards is no part of any request.

mod begin;
mod end;
mod flow;
mod http;
mod known;
mod page;
mod probe;
mod provider;
mod settings;
mod told;

use axum::Router;
use axum::routing::get;

use crate::api::Api;

pub use provider::Provider as Sso;
pub use settings::{BadSso, SIGNED, SsoSettings};

/// Where a sign-in begins.
pub(crate) const BEGIN: &str = "/sso/start";
/// Where the provider sends people back to.
pub const RETURN: &str = "/sso/callback";

/// The addresses, which browsers open.
pub(crate) fn router() -> Router<Api> {
    Router::new()
        .route(BEGIN, get(begin::get))
        .route(RETURN, get(end::get))
}
