//! Who calls, what they may, and that no other site made their browser call (CSRF).

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use weir_core::ids::UserId;
use weir_core::operator::{Permission, Within};
use weir_core::pseudonym::Pseudonyms;
use weir_engine::{Caller, Cause};

use super::{Api, cookie};
use crate::problem::Problem;

/// What a page of another site cannot send without being asked first, which no answer of ours allows.
const CSRF: &str = "x-weir-csrf";
/// Where a browser says which site made it call.
const SITE: &str = "sec-fetch-site";

/// With the value 1: a page asks by itself, as when it shows anew what changed.
const BACKGROUND: &str = "x-weir-background";
/// Where pages are told what changed. Their browser cannot send a header with it.
const EVENTS: &str = "/api/v1/events";

/// What caused a request: a page that is open keeps no session alive.
fn cause(parts: &Parts) -> Cause {
    let header = parts.headers.get(BACKGROUND);
    let by_page = header.is_some_and(|value| value.as_bytes() == b"1");
    if by_page || parts.uri.path() == EVENTS {
        Cause::Page
    } else {
        Cause::Person
    }
}

/// Somebody whose session or token is good.
pub(crate) struct SignedIn {
    pub(crate) caller: Caller,
    /// What people are shown by, if not by their names.
    pub(crate) pseudonyms: Option<Arc<Pseudonyms>>,
    /// The secret of the session, if it is one.
    pub(crate) session: Option<String>,
}

impl SignedIn {
    /// How far the caller may go, if at all.
    pub(crate) fn may(&self, permission: Permission) -> Result<Within, Problem> {
        let within = self.caller.rights.within(permission);
        within.ok_or_else(|| self.lacks(permission))
    }

    /// The one user whom the caller may look at: themselves.
    pub(crate) fn own(&self) -> Result<&UserId, Problem> {
        let own = self.caller.rights.own(Permission::ReadOwn);
        own.ok_or_else(|| self.lacks(Permission::ReadOwn))
    }

    fn lacks(&self, permission: Permission) -> Problem {
        let role = self.caller.rights.role();
        Problem::new(
            StatusCode::FORBIDDEN,
            format!("the role {role} may not: it lacks {}", permission.as_str()),
        )
    }
}

impl FromRequestParts<Api> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let pseudonyms = parts.extensions.get().cloned();
        let failed = |error| Problem::of_engine(&error);
        if let Some(token) = bearer(&parts.headers)? {
            let caller = api.engine.token(token).await.map_err(failed)?;
            let caller = caller.ok_or_else(|| {
                Problem::unauthorized("this token is none, or expired, or revoked")
            })?;
            return Ok(Self {
                caller,
                pseudonyms,
                session: None,
            });
        }
        let Some(secret) = cookie::read(api.transport, &parts.headers) else {
            return Err(Problem::unauthorized(
                "log in by POST /api/v1/login, or send a token as `Authorization: Bearer …`",
            ));
        };
        own_site(&parts.method, &parts.headers)?;
        let caller = api
            .engine
            .session(secret, cause(parts))
            .await
            .map_err(failed)?;
        let caller =
            caller.ok_or_else(|| Problem::unauthorized("the session is over: log in again"))?;
        Ok(Self {
            caller,
            pseudonyms,
            session: Some(secret.to_owned()),
        })
    }
}

fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let Some(sent) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let sent = sent.to_str().unwrap_or_default();
    match sent.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(token.trim())),
        _ => Err(Problem::unauthorized(
            "send the token as `Authorization: Bearer …`",
        )),
    }
}

/// Whether the request is one that a page of ours or a script made. Cookies are `SameSite=Strict` beside
/// this; each alone would do.
pub(super) fn own_site(method: &Method, headers: &HeaderMap) -> Result<(), Problem> {
    if method.is_safe() {
        return Ok(());
    }
    let site = headers.get(SITE).map(axum::http::HeaderValue::as_bytes);
    let ours = matches!(site, None | Some(b"same-origin" | b"none"));
    if ours && headers.contains_key(CSRF) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "a request that changes something by a session needs the header `X-Weir-CSRF` (any value), and \
         comes from no other site",
    ))
}

/// A request that may set a cookie, of a page of ours or of a script: else another site could log its
/// visitors in as somebody else.
pub(crate) struct OwnSite;

impl FromRequestParts<Api> for OwnSite {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, Problem> {
        own_site(&parts.method, &parts.headers).map(|()| Self)
    }
}
