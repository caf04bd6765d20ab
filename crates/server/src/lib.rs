//! HTTP intake, the JSON API, the dashboard, health and metrics of Weir, and the loop that keeps everything up to date.
//!
//! [`serve`] runs everything until it is told to stop; [`router`] is the HTTP part alone. What is
//! answered never names a user to whoever has no token.

mod api;
mod auth;
mod body;
pub mod csv;
mod dashboard;
mod feeds;
mod figures;
mod loops;
mod metrics;
mod problem;
mod routes;
mod serve;
mod sso;
mod tls;

pub use api::{Transport, document, document_text, forms};
pub use auth::{BadToken, Token};
pub use feeds::{Feeds, QueueFeed};
pub use metrics::Metrics;
pub use routes::{State, router};
pub use serve::{ServeError, serve};
pub use sso::{BadSso, RETURN as SSO_RETURN, SIGNED as SSO_SIGNED, Sso, SsoSettings};
pub use tls::{Tls, TlsError, TlsFiles};
