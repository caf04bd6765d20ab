//! `GET /api/docs`: the API for people, one page made of the document that describes it. No script, nothing
//! from elsewhere.

mod example;

use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::Router;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use serde_json::Value;

/// Nothing but our own style sheet.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'";
const STYLE: &str = include_str!("docs.css");
const INTRODUCTION: &str = include_str!("docs.html");

static PAGE: LazyLock<String> = LazyLock::new(|| {
    // The document is plain values.
    let document = serde_json::to_value(super::document()).unwrap_or_default();
    page(&document)
});

/// The page and its style sheet.
pub(super) fn router() -> Router {
    let headers = |kind: &'static str| {
        let value = HeaderValue::from_static;
        [
            (header::CONTENT_TYPE, value(kind)),
            (header::CONTENT_SECURITY_POLICY, value(POLICY)),
            (header::X_CONTENT_TYPE_OPTIONS, value("nosniff")),
            (
                HeaderName::from_static("referrer-policy"),
                value("no-referrer"),
            ),
        ]
    };
    let page = headers("text/html; charset=utf-8");
    let style = headers("text/css; charset=utf-8");
    Router::new()
        .route(
            "/api/docs",
            get(async move || (page, Html(PAGE.as_str())).into_response()),
        )
        .route("/api/docs.css", get(async move || (style, STYLE)))
}

fn page(document: &Value) -> String {
    let mut out = String::from(INTRODUCTION);
    let paths = document["paths"].as_object();
    let mut operations: Vec<(&str, &str, &str, &Value)> = paths
        .into_iter()
        .flatten()
        .flat_map(|(path, verbs)| {
            let verbs = verbs.as_object().into_iter().flatten();
            verbs.map(move |(verb, operation)| {
                let tag = operation["tags"][0].as_str().unwrap_or_default();
                (tag, path.as_str(), verb.as_str(), operation)
            })
        })
        .collect();
    operations.sort_by_key(|(tag, path, verb, _)| (*tag, *path, *verb));
    let mut last = "";
    for (tag, path, verb, operation) in operations {
        if tag != last {
            let _ = write!(out, "<h2>{}</h2>", escaped(tag));
            last = tag;
        }
        section(&mut out, path, verb, operation, document);
    }
    out.push_str("</main></body></html>\n");
    out
}

fn section(out: &mut String, path: &str, verb: &str, operation: &Value, document: &Value) {
    let text = |key: &str| escaped(operation[key].as_str().unwrap_or_default());
    let _ = write!(
        out,
        "<section id=\"{}\"><h3>{}</h3><p><code class=\"verb\">{}</code> <code>{}</code></p><p>{}</p>",
        text("operationId"),
        text("summary"),
        verb.to_uppercase(),
        escaped(path),
        text("description"),
    );
    let parameters = operation["parameters"].as_array();
    let parameters = parameters.map(Vec::as_slice).unwrap_or_default();
    if !parameters.is_empty() {
        out.push_str("<table><caption>Parameters</caption><tbody>");
        for parameter in parameters {
            let of = |key: &str| escaped(parameter[key].as_str().unwrap_or_default());
            let needed = parameter["required"].as_bool().unwrap_or_default();
            let _ = write!(
                out,
                "<tr><th scope=\"row\"><code>{}</code></th><td>{}{}</td><td>{}</td></tr>",
                of("name"),
                of("in"),
                if needed { ", needed" } else { "" },
                of("description"),
            );
        }
        out.push_str("</tbody></table>");
    }
    if let Some((name, schema)) = body(operation, document) {
        fields(out, &name, schema);
    }
    let _ = write!(
        out,
        "<pre><code>{}</code></pre>",
        escaped(&example::of(path, verb, operation, document))
    );
    out.push_str("<table><caption>Answers</caption><tbody>");
    for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
        let description = answer["description"].as_str().unwrap_or_default();
        let _ = write!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td></tr>",
            escaped(status),
            escaped(description)
        );
    }
    out.push_str("</tbody></table></section>");
}

/// The name and schema of the body that an operation takes.
fn body<'a>(operation: &Value, document: &'a Value) -> Option<(String, &'a Value)> {
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    let name = schema["$ref"].as_str()?.rsplit('/').next()?;
    let schema = &document["components"]["schemas"][name];
    Some((name.to_owned(), schema))
}

fn fields(out: &mut String, name: &str, schema: &Value) {
    let needed = schema["required"].as_array();
    let _ = write!(
        out,
        "<table><caption>Body: {}</caption><tbody>",
        escaped(name)
    );
    for (field, of) in schema["properties"].as_object().into_iter().flatten() {
        let is_needed = needed.is_some_and(|names| names.iter().any(|name| name == field));
        let _ = write!(
            out,
            "<tr><th scope=\"row\"><code>{}</code></th><td>{}</td><td>{}</td></tr>",
            escaped(field),
            if is_needed { "needed" } else { "" },
            escaped(of["description"].as_str().unwrap_or_default()),
        );
    }
    out.push_str("</tbody></table>");
}

pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_every_address_and_nothing_from_elsewhere() {
        let document = serde_json::to_value(crate::api::document()).unwrap();
        let page = page(&document);
        for path in document["paths"].as_object().unwrap().keys() {
            assert!(page.contains(&format!("<code>{path}</code>")), "{path}");
        }
        for outside in ["<script", "src=", "http://", "https://", "style=\""] {
            assert!(!page.contains(outside), "{outside}");
        }
    }

    #[test]
    fn what_is_described_is_no_markup() {
        assert_eq!(escaped("<b a=\"&\">"), "&lt;b a=&quot;&amp;&quot;&gt;");
    }
}
