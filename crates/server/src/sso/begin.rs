//! `GET /sso/start`: to the provider.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::page::{self, Trouble};
use crate::api::Api;
use crate::problem::Problem;

pub(super) async fn get(State(api): State<Api>, headers: HeaderMap) -> Response {
    let Some(provider) = &api.sso else {
        return Problem::not_found("there is no single sign-on here").into_response();
    };
    let begun = provider.begin(api.engine.wall()).await;
    let (url, flow) = match begun {
        Ok(begun) => begun,
        Err(failure) => {
            tracing::error!(error = %failure, "single sign-on cannot begin");
            return page::of(&headers, &Trouble::Provider);
        }
    };
    let (Ok(place), Some(cookie)) = (HeaderValue::from_str(&url), flow.set(api.transport)) else {
        tracing::error!("the provider's address is none that a browser could be sent to");
        return page::of(&headers, &Trouble::Provider);
    };
    let sent = [
        (header::LOCATION, place),
        (header::SET_COOKIE, cookie),
        (
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        ),
    ];
    (StatusCode::SEE_OTHER, sent).into_response()
}
