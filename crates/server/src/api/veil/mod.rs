//! Pseudonyms in place of people, for operators who only look, where `privacy.people = "pseudonym"` (rules P3).
//!
//! One place for all addresses: what is asked for by a pseudonym is found, what is asked for by a name is
//! refused, and of what is answered `fields` says what may be seen. Lists as CSV are made of those answers.

mod fields;

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::Value;
use weir_core::ids::UserId;
use weir_core::pseudonym::{People, Pseudonyms};

use self::fields::{Shown, shown};
use super::query::Meant;
use super::{Api, SignedIn};
use crate::problem::Problem;

/// Addresses that tell callers about themselves, or nothing about anybody.
const OWN: &[&str] = &[
    "/api/v1/login",
    "/api/v1/me",
    "/api/v1/openapi.json",
    "/api/v1/tokens",
];
/// Before the id of a user.
const USERS: &str = "/api/v1/users/";
/// Before the id of a message, which is made of names.
const MESSAGES: &str = "/api/v1/outbox/";
/// Lists in the order of names, which would tell them: they are put in the order of what is shown.
const BY_NAME: [&str; 6] = [
    "quotas", "targets", "denied", "subjects", "blocked", "warned",
];
/// What stands for a text that is not shown.
const HIDDEN: &str = "***";
/// What stands for a refusal that may be about anybody.
const REFUSED: &str = "this cannot be shown: your role sees pseudonyms (privacy.people), and the reason may name people";
/// The media type of errors (RFC 9457).
const PROBLEM: &[u8] = b"application/problem+json";
/// Users read at once.
const CHUNK: u32 = 1_000;

/// Wraps the addresses of the API.
pub(super) async fn pseudonyms(State(api): State<Api>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    // HEAD is GET without the body: status, length and tag would tell as much.
    let looks = matches!(*request.method(), Method::GET | Method::HEAD) && !OWN.contains(&path);
    if api.people == People::Named || !looks {
        return next.run(request).await;
    }
    match veiled(&api, request, next).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn veiled(api: &Api, request: Request, next: Next) -> Result<Response, Problem> {
    let (mut parts, body) = request.into_parts();
    // Whoever is not let in is told so by the handler.
    let who = SignedIn::from_request_parts(&mut parts, api).await;
    if !who.is_ok_and(|who| who.caller.rights.only_look()) {
        return Ok(next.run(Request::from_parts(parts, body)).await);
    }
    let key = api.engine.pseudonyms().await;
    let names = Arc::new(key.map_err(|error| Problem::of_engine(&error))?);
    let asked = Query::of(&parts.uri);
    let by_path = meant(api, &names, parts.uri.path()).await?;
    if let Some(user) = &by_path {
        parts.extensions.insert(Meant(user.to_string()));
    }
    let (uri, by_query) = found(api, &names, &parts.uri, &asked).await?;
    parts.uri = uri;
    parts.extensions.insert(Arc::clone(&names));
    let response = next.run(Request::from_parts(parts, body)).await;
    let veil = Veil {
        names: &names,
        asked,
        is_of_user: by_path.is_some(),
        meant: by_path.into_iter().chain(by_query).collect(),
    };
    shown_by(&veil, response).await
}

/// The parameters of a query, decoded.
struct Query(Vec<(String, String)>);

impl Query {
    fn of(uri: &Uri) -> Self {
        let pairs = uri.query().unwrap_or_default().split('&');
        let pairs = pairs.filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        });
        Self(pairs.collect())
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.0.iter().any(|(key, is)| key == name && is == value)
    }
}

fn decoded(text: &str) -> String {
    let text = text.replace('+', " ");
    percent_decode_str(&text).decode_utf8_lossy().into_owned()
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// The user that the path names by pseudonym. It is routed already, so the path itself stays.
async fn meant(api: &Api, names: &Pseudonyms, path: &str) -> Result<Option<UserId>, Problem> {
    if path.starts_with(MESSAGES) {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "a message names people: your role sees pseudonyms (privacy.people)",
        ));
    }
    let Some(rest) = path.strip_prefix(USERS) else {
        return Ok(None);
    };
    let user = rest.split_once('/').map_or(rest, |(user, _)| user);
    let text = percent_decode_str(user).decode_utf8_lossy();
    let user = user_of(api, names, &text).await?;
    user.map(Some)
        .ok_or_else(|| no_user(StatusCode::NOT_FOUND, &text))
}

/// The address with the users that pseudonyms in its query stand for, and who they are.
async fn found(
    api: &Api,
    names: &Pseudonyms,
    uri: &Uri,
    asked: &Query,
) -> Result<(Uri, Vec<UserId>), Problem> {
    let mut users = Vec::new();
    if asked.0.is_empty() {
        return Ok((uri.clone(), users));
    }
    let mut query = Vec::with_capacity(asked.0.len());
    for (name, value) in &asked.0 {
        let (value, user) = parameter(api, names, (uri.path(), name), value).await?;
        users.extend(user);
        query.push(format!(
            "{}={}",
            encoded(name).replace("%5F", "_"),
            encoded(&value)
        ));
    }
    let uri = format!("{}?{}", uri.path(), query.join("&")).parse();
    let uri = uri.map_err(|_| Problem::bad_request("the address is none"))?;
    Ok((uri, users))
}

/// What a parameter of the query is once it names who is meant, and who that is.
async fn parameter(
    api: &Api,
    names: &Pseudonyms,
    (path, name): (&str, &str),
    value: &str,
) -> Result<(String, Option<UserId>), Problem> {
    let as_it_is = || Ok((value.to_owned(), None));
    let (before, user) = match name {
        "user" => ("", value),
        // Prices are of models.
        "search" | "text" if path != "/api/v1/prices" && !value.is_empty() => ("", value),
        "scope" | "subject" => match value.split_once(':') {
            Some(("user", user)) => ("user:", user),
            Some(("team" | "team-defaults" | "tool" | "model", _)) | None => return as_it_is(),
            Some(_) => ("", value),
        },
        _ => return as_it_is(),
    };
    let found = user_of(api, names, user).await?;
    let found = found.ok_or_else(|| no_user(StatusCode::BAD_REQUEST, user))?;
    Ok((format!("{before}{found}"), Some(found)))
}

fn no_user(status: StatusCode, text: &str) -> Problem {
    Problem::new(
        status,
        format!(
            "no user `{text}`: your role sees pseudonyms (privacy.people), and finds users by them alone"
        ),
    )
}

/// Whom a pseudonym stands for.
async fn user_of(
    api: &Api,
    names: &Pseudonyms,
    pseudonym: &str,
) -> Result<Option<UserId>, Problem> {
    let mut after = None;
    loop {
        let store = api.engine.store();
        let rows = store.users(None, after.as_ref(), CHUNK).await;
        let rows = rows.map_err(Problem::of_store)?;
        let mut users = rows.iter().map(|row| &row.user);
        if let Some(user) = users.find(|user| names.of(user.as_str()) == pseudonym) {
            return Ok(Some(user.clone()));
        }
        match rows.last() {
            Some(last) if rows.len() == CHUNK as usize => after = Some(last.user.clone()),
            _ => return Ok(None),
        }
    }
}

/// What is between an answer and whoever asked.
struct Veil<'a> {
    names: &'a Pseudonyms,
    asked: Query,
    /// The address is one user's.
    is_of_user: bool,
    /// Whom the pseudonyms of the request stand for.
    meant: Vec<UserId>,
}

async fn shown_by(veil: &Veil<'_>, response: Response) -> Result<Response, Problem> {
    let (mut parts, body) = response.into_parts();
    // A tag is a digest of what it stands for: names could be tried.
    parts.headers.remove(header::ETAG);
    let kind = parts.headers.get(header::CONTENT_TYPE);
    let kind = kind.map_or(&b""[..], HeaderValue::as_bytes);
    let is_problem = kind.starts_with(PROBLEM);
    // Events only say what kind of thing changed.
    if !is_problem && !kind.starts_with(b"application/json") {
        return Ok(Response::from_parts(parts, body));
    }
    let fault = || Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "the answer is no JSON");
    let bytes = to_bytes(body, usize::MAX).await.map_err(|_| fault())?;
    let mut answer: Value = serde_json::from_slice(&bytes).map_err(|_| fault())?;
    if is_problem {
        veil.put_problem(&mut answer, parts.status);
    } else {
        veil.put(&mut answer, "");
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    Ok(Response::from_parts(parts, Body::from(answer.to_string())))
}

impl Veil<'_> {
    /// An error says what is wrong with the request as it came: whom its pseudonyms stand for, the handler knows
    /// and may have said. The words of the engine may be about anybody.
    fn put_problem(&self, problem: &mut Value, status: StatusCode) {
        let Some(Value::String(detail)) = problem.get_mut("detail") else {
            return;
        };
        let is_of_engine = match status {
            StatusCode::UNPROCESSABLE_ENTITY => true,
            StatusCode::NOT_FOUND => self.is_of_user,
            _ => false,
        };
        if is_of_engine {
            REFUSED.clone_into(detail);
        }
        for user in &self.meant {
            *detail = detail.replace(user.as_str(), &self.names.of(user.as_str()));
        }
    }

    /// What is in an object, or in the objects of a list, of that name.
    fn put(&self, value: &mut Value, inside: &str) {
        match value {
            Value::Object(fields) => {
                let kind = fields.get("kind").and_then(Value::as_str);
                let person = !matches!(kind, Some("team" | "organisation" | "model"));
                for (name, value) in fields.iter_mut() {
                    let shown = match shown(inside, name).unwrap_or(Shown::Hidden) {
                        Shown::ByKind if person => Shown::Person,
                        Shown::Asked(by) if self.asked.is(by, "user") => Shown::Person,
                        Shown::ByKind | Shown::Asked(_) => Shown::Plain,
                        other => other,
                    };
                    self.field(value, name, shown);
                }
            }
            Value::Array(items) => {
                for item in items.iter_mut() {
                    self.put(item, inside);
                }
                let crossed =
                    inside == "rows" && self.asked.0.iter().any(|(name, _)| name == "and");
                if crossed || BY_NAME.contains(&inside) {
                    items.sort_by_cached_key(Value::to_string);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn field(&self, value: &mut Value, name: &str, shown: Shown) {
        match value {
            _ if shown == Shown::Dropped => *value = Value::Null,
            Value::String(text) => *text = self.text(text, shown),
            Value::Array(items) => {
                for item in items.iter_mut() {
                    if let Value::String(text) = item {
                        *text = self.text(text, shown);
                    }
                }
                self.put(value, name);
            }
            Value::Object(_) => self.put(value, name),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn text(&self, text: &str, shown: Shown) -> String {
        match shown {
            _ if text.is_empty() => String::new(),
            Shown::Plain => text.to_owned(),
            Shown::Person => self.names.of(text),
            Shown::Scope => match text.split_once(':') {
                Some(("user", user)) => format!("user:{}", self.names.of(user)),
                // What the record calls `reset` and `price` is a day and a model.
                Some(("team" | "team-defaults" | "tool" | "model" | "reset" | "price", _)) => {
                    text.to_owned()
                }
                Some(("quota", quota)) => format!("quota:{}", self.quota(quota)),
                Some((kind, rest)) => format!("{kind}:{}", self.names.of(rest)),
                None if SCOPE_WORDS.contains(&text) => text.to_owned(),
                None => self.names.of(text),
            },
            Shown::ByKind | Shown::Asked(_) | Shown::Hidden | Shown::Dropped => HIDDEN.to_owned(),
        }
    }

    /// `SCOPE/METRIC/WINDOW`, as the record names a quota.
    fn quota(&self, text: &str) -> String {
        let mut parts = text.rsplitn(3, '/');
        match (parts.next(), parts.next(), parts.next()) {
            (Some(window), Some(metric), Some(scope)) => {
                format!("{}/{metric}/{window}", self.text(scope, Shown::Scope))
            }
            _ => self.names.of(text),
        }
    }
}

/// Scopes and subjects that are one word.
const SCOPE_WORDS: [&str; 6] = ["defaults", "model", "organisation", "team", "tool", "user"];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn of_the_record_only_people_are_pseudonyms() {
        let names = Pseudonyms::new("a key".to_owned());
        let of = |user: &str| names.of(user);
        let veil = Veil {
            names: &names,
            asked: Query(Vec::new()),
            is_of_user: false,
            meant: Vec::new(),
        };
        let (ana, eva) = (of("ana/x"), of("eva"));
        for (subject, shown) in [
            ("reset:2026-11-20", "reset:2026-11-20".to_owned()),
            ("price:a-model", "price:a-model".to_owned()),
            (
                "quota:team:sap/cost/month",
                "quota:team:sap/cost/month".to_owned(),
            ),
            (
                "quota:defaults/requests/day",
                "quota:defaults/requests/day".to_owned(),
            ),
            (
                "quota:user:ana/x/cost/day",
                format!("quota:user:{ana}/cost/day"),
            ),
            ("quota:ana", format!("quota:{}", of("ana"))),
            ("operator:eva", format!("operator:{eva}")),
            (
                "target:1/iam-user/eva",
                format!("target:{}", of("1/iam-user/eva")),
            ),
        ] {
            assert_eq!(veil.text(subject, Shown::Scope), shown, "{subject}");
        }
    }

    #[test]
    fn an_error_says_what_was_asked_and_nobody_by_name() {
        let names = Pseudonyms::new("a key".to_owned());
        let ana = UserId::new("ana.lopez");
        let pseudonym = names.of(ana.as_str());
        let detail = |status: StatusCode, is_of_user: bool, said: &str| {
            let veil = Veil {
                names: &names,
                asked: Query(Vec::new()),
                is_of_user,
                meant: vec![ana.clone()],
            };
            let mut problem = json!({ "status": status.as_u16(), "detail": said });
            veil.put_problem(&mut problem, status);
            problem["detail"].as_str().unwrap().to_owned()
        };
        let said = detail(
            StatusCode::BAD_REQUEST,
            false,
            "scope: user:ana.lopez: which?",
        );
        assert_eq!(said, format!("scope: user:{pseudonym}: which?"));
        let similar = "no user `ana.lopez`; did you mean `ana.ruiz`?";
        assert_eq!(detail(StatusCode::NOT_FOUND, true, similar), REFUSED);
        let rule = "`ana.ruiz` is blocked";
        assert_eq!(
            detail(StatusCode::UNPROCESSABLE_ENTITY, false, rule),
            REFUSED
        );
        let team = "no team `sap`";
        assert_eq!(detail(StatusCode::NOT_FOUND, false, team), team);
    }
}
