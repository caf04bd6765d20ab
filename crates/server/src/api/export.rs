//! Lists as CSV: the whole result, whatever a page holds, asked for by `Accept: text/csv` or `?format=csv`.
//!
//! The rows are those of the JSON answer, objects in them flattened (`month.cost_usd`). Pages are read one
//! after the other, as the caller would, and leave one by one. The record notes who took what with them.

mod columns;

use std::convert::Infallible;
use std::sync::LazyLock;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde_json::Value;

use columns::Columns;

use super::{Api, SignedIn};
use crate::csv;
use crate::problem::Problem;

/// Lists: the address, and where the rows are.
pub(super) const LISTS: &[(&str, &str)] = &[
    ("/api/v1/audit", "entries"),
    ("/api/v1/blocks", "blocks"),
    ("/api/v1/costs", "parts"),
    ("/api/v1/coverage", "places"),
    ("/api/v1/dead-letters", "dead_letters"),
    ("/api/v1/invocations", "invocations"),
    ("/api/v1/my/days", "days"),
    ("/api/v1/operators", "operators"),
    ("/api/v1/outbox", "messages"),
    ("/api/v1/prices", "prices"),
    ("/api/v1/quotas", "quotas"),
    ("/api/v1/resets", "resets"),
    ("/api/v1/targets", "targets"),
    ("/api/v1/teams", "teams"),
    ("/api/v1/tokens", "tokens"),
    ("/api/v1/usage", "rows"),
    ("/api/v1/usage/agents", "agents"),
    ("/api/v1/usage/cross", "rows"),
    ("/api/v1/usage/heatmap", "hours"),
    ("/api/v1/usage/matrix", "users"),
    ("/api/v1/users", "users"),
];
/// Lists that come in pages.
const PAGED: [&str; 7] = [
    "entries",
    "blocks",
    "dead_letters",
    "invocations",
    "messages",
    "resets",
    "users",
];
/// Rows of a page.
const PAGE: usize = 500;
/// Rows that are written down, at most: a list that goes on says so in its last line.
const MOST: usize = 500_000;
const KIND: &str = "text/csv; charset=utf-8";

/// Wraps the addresses of the API.
pub(crate) async fn csv(State(api): State<Api>, mut request: Request, next: Next) -> Response {
    let asked = request.method() == Method::GET && wanted(&request);
    if let Some(plain) = without(request.uri(), "format") {
        if !asked {
            return Problem::bad_request("the query: format: csv").into_response();
        }
        *request.uri_mut() = plain;
    }
    if !asked {
        return next.run(request).await;
    }
    let path = request.uri().path();
    let list = LISTS.iter().find(|(address, _)| *address == path);
    let Some((_, list)) = list else {
        return Problem::new(
            StatusCode::NOT_ACCEPTABLE,
            "this address has no list that could be CSV",
        )
        .into_response();
    };
    match export(api, request, next, list).await {
        Ok(response) | Err(response) => response,
    }
}

fn wanted(request: &Request) -> bool {
    let accept = request.headers().get(header::ACCEPT);
    let accept = accept
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let named = accept
        .split(',')
        .map(|kind| kind.split(';').next().unwrap_or_default().trim());
    let csv_first = named.into_iter().next() == Some("text/csv");
    csv_first || parameter(request.uri(), "format").as_deref() == Some("csv")
}

fn parameter(uri: &Uri, name: &str) -> Option<String> {
    let query = uri.query()?;
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let mut values = pairs
        .filter(|(key, _)| *key == name)
        .map(|(_, value)| value);
    values.next().map(str::to_owned)
}

/// The address without a parameter; `None` if it has none of that name.
fn without(uri: &Uri, name: &str) -> Option<Uri> {
    parameter(uri, name)?;
    let pairs = uri.query().unwrap_or_default().split('&');
    let kept = pairs.filter(|pair| pair.split_once('=').is_none_or(|(key, _)| key != name));
    with_query(uri, kept)
}

/// The address with these parameters set.
fn with(uri: &Uri, set: &[(&str, &str)]) -> Option<Uri> {
    let pairs = uri.query().unwrap_or_default().split('&');
    let is_set = |key: &str| set.iter().any(|(name, _)| *name == key);
    let kept = pairs
        .filter(|pair| !pair.is_empty())
        .filter(|pair| pair.split_once('=').is_none_or(|(key, _)| !is_set(key)));
    let added: Vec<String> = set
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    with_query(uri, kept.chain(added.iter().map(String::as_str)))
}

fn with_query<'a>(uri: &Uri, pairs: impl Iterator<Item = &'a str>) -> Option<Uri> {
    let pairs: Vec<_> = pairs.collect();
    let query = pairs.join("&");
    let text = if query.is_empty() {
        uri.path().to_owned()
    } else {
        format!("{}?{query}", uri.path())
    };
    text.parse().ok()
}

/// A page that was read.
struct Page {
    rows: Vec<Value>,
    /// The cursor of the next.
    next: Option<String>,
}

/// Pages that are left.
struct Pages {
    parts: Parts,
    next: Next,
    list: &'static str,
    columns: Columns,
    cursor: Option<String>,
    written: usize,
}

async fn export(
    api: Api,
    request: Request,
    next: Next,
    list: &'static str,
) -> Result<Response, Response> {
    let (mut parts, _) = request.into_parts();
    let who = SignedIn::from_request_parts(&mut parts, &api).await;
    let who = who.map_err(IntoResponse::into_response)?;
    if PAGED.contains(&list) {
        let limit = PAGE.to_string();
        parts.uri = with(&parts.uri, &[("limit", &limit)]).unwrap_or(parts.uri);
    }
    if list == "entries" {
        parts.uri = forwards(parts.uri).map_err(IntoResponse::into_response)?;
    }
    let first = read(&parts, &next, list, None).await?;
    let what = format!("export:{}", parts.uri.path());
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let by = who.caller.actor();
    let noted = api.engine.note_export(&what, &query, &by).await;
    noted.map_err(|error| Problem::of_engine(&error).into_response())?;
    let name = file_name(&api, parts.uri.path()).await;
    let columns = columns(parts.uri.path(), list).with_open(&first.rows);
    let mut text = csv::line(columns.names());
    write(&mut text, &columns, &first.rows);
    let pages = Pages {
        parts,
        next,
        list,
        columns,
        cursor: first.next,
        written: first.rows.len(),
    };
    let rest = stream::unfold(Some(pages), rest);
    let whole = futures_util::StreamExt::chain(
        stream::iter([Ok::<Bytes, Infallible>(Bytes::from(text))]),
        rest,
    );
    let mut response = Body::from_stream(whole).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(KIND));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// The pages after the first. One that cannot be read ends the list with a line that says so.
async fn rest(pages: Option<Pages>) -> Option<(Result<Bytes, Infallible>, Option<Pages>)> {
    let mut pages = pages?;
    let cursor = pages.cursor.take()?;
    if pages.written >= MOST {
        let line = csv::line(["(there is more: ask for less at once)"]);
        return Some((Ok(Bytes::from(line)), None));
    }
    let page = read(&pages.parts, &pages.next, pages.list, Some(&cursor)).await;
    let Ok(page) = page else {
        let line = csv::line(["(the rest could not be read: ask again)"]);
        return Some((Ok(Bytes::from(line)), None));
    };
    let mut text = String::new();
    write(&mut text, &pages.columns, &page.rows);
    pages.written += page.rows.len();
    pages.cursor = page.next;
    Some((Ok(Bytes::from(text)), Some(pages)))
}

/// The record from its beginning, or from where the caller says: as a list it begins with its newest page,
/// and whoever reads all of it wants one order.
fn forwards(uri: Uri) -> Result<Uri, Problem> {
    if parameter(&uri, "older").is_some() {
        return Err(Problem::bad_request(
            "the query: older: CSV goes forwards: begin it with `after` or `cursor`",
        ));
    }
    let begins = ["after", "cursor"];
    if begins.iter().any(|name| parameter(&uri, name).is_some()) {
        return Ok(uri);
    }
    Ok(with(&uri, &[("after", "0")]).unwrap_or(uri))
}

/// The columns of a list.
fn columns(address: &str, list: &str) -> Columns {
    static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
        // The document is plain values.
        serde_json::to_value(super::document()).unwrap_or_default()
    });
    Columns::of(&DOCUMENT, address, list)
}

/// Reads a page as the caller would.
async fn read(
    parts: &Parts,
    next: &Next,
    list: &str,
    cursor: Option<&str>,
) -> Result<Page, Response> {
    let mut asked = Request::from_parts(parts.clone(), Body::empty());
    if let Some(cursor) = cursor
        && let Some(uri) = with(&parts.uri, &[("cursor", cursor)])
    {
        *asked.uri_mut() = uri;
    }
    let response = next.clone().run(asked).await;
    if response.status() != StatusCode::OK {
        return Err(response);
    }
    let fault = || {
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the list could not be read as a list",
        )
        .into_response()
    };
    let bytes = to_bytes(response.into_body(), usize::MAX).await;
    let bytes = bytes.map_err(|_| fault())?;
    let mut answer: Value = serde_json::from_slice(&bytes).map_err(|_| fault())?;
    let next = answer
        .get("next")
        .and_then(Value::as_str)
        .map(str::to_owned);
    let rows = answer.get_mut(list).map(Value::take);
    let Some(Value::Array(rows)) = rows else {
        return Err(fault());
    };
    // The record always says where to go on: more may come.
    let next = next.filter(|_| list != "entries" || rows.len() >= PAGE);
    Ok(Page { rows, next })
}

fn write(text: &mut String, columns: &Columns, rows: &[Value]) {
    for row in rows {
        text.push_str(&csv::line(columns.row(row)));
    }
}

/// `weir-users-2026-11-20T1100.csv`, in local time: the address of the list, and when.
async fn file_name(api: &Api, path: &str) -> String {
    let rules = api.engine.rules().await;
    let local = rules.map(|rules| rules.zone.local(api.engine.now()));
    let stamp = local.map(|local| local.strftime("%Y-%m-%dT%H%M").to_string());
    let stem = path.trim_start_matches("/api/v1/").replace('/', "-");
    format!("weir-{stem}-{}.csv", stamp.unwrap_or_default())
}
