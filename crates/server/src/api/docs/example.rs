//! An example of a request, as a command that works: what is read is looked up by commands before it, what is
//! changed is named by whoever changes it.

use std::fmt::Write as _;

use serde_json::Value;

const SIGNED: &str = "-H \"Authorization: Bearer $TOKEN\"";
/// What requests that set or need the cookie of a session send.
const CSRF: &str = "x-weir-csrf";

/// Things that a path names: where they are listed, under which key, by which field, and what one could be.
const THINGS: [(&str, &str, &str, &str, &str); 8] = [
    ("block", "/api/v1/blocks?history=true", "blocks", "id", "…"),
    ("message", "/api/v1/outbox", "messages", "id", "…"),
    (
        "model",
        "/api/v1/prices",
        "prices",
        "model",
        "anthropic.claude-opus-5-5",
    ),
    ("operator", "/api/v1/operators", "operators", "name", "luis"),
    (
        "request",
        "/api/v1/invocations",
        "invocations",
        "request_id",
        "…",
    ),
    ("team", "/api/v1/teams", "teams", "team", "sap"),
    ("token", "/api/v1/tokens", "tokens", "id", "…"),
    ("user", "/api/v1/users", "users", "user_id", "ana"),
];
/// What else is in a path, or must be in a query.
const WORDS: [(&str, &str); 5] = [
    ("limit", "350"),
    ("metric", "requests"),
    ("region", "eu-west-1"),
    ("scope", "user:ana"),
    ("window", "month"),
];

/// The commands of an operation.
pub(super) fn of(path: &str, verb: &str, operation: &Value, document: &Value) -> String {
    let parameters = operation["parameters"].as_array();
    let parameters = parameters.map(Vec::as_slice).unwrap_or_default();
    let mut text = String::new();
    let mut address = path.to_owned();
    let mut query = String::new();
    let mut csrf = false;
    for parameter in parameters {
        let name = parameter["name"].as_str().unwrap_or_default();
        match parameter["in"].as_str() {
            Some("path") => {
                let value = if let Some(word) = word(name) {
                    word.to_owned()
                } else {
                    let variable = format!("{}_ID", name.to_uppercase());
                    text.push_str(&looked_up(name, &variable, verb));
                    format!("${variable}")
                };
                address = address.replace(&format!("{{{name}}}"), &value);
            }
            Some("query") if parameter["required"] == true => {
                let sign = if query.is_empty() { '?' } else { '&' };
                let value = value(name, &parameter["schema"], document);
                let _ = write!(query, "{sign}{name}={value}");
            }
            Some("header") if name.eq_ignore_ascii_case(CSRF) => csrf = true,
            _ => {}
        }
    }
    text.push_str("curl");
    let open = operation["security"][0].as_object();
    let open = open.is_some_and(serde_json::Map::is_empty);
    match (csrf, open) {
        (true, true) => text.push_str(" -c weir.cookies -H \"X-Weir-CSRF: 1\""),
        (true, false) => text.push_str(" -b weir.cookies -H \"X-Weir-CSRF: 1\""),
        (false, true) => {}
        (false, false) => _ = write!(text, " {SIGNED}"),
    }
    if verb != "get" {
        let _ = write!(text, " -X {}", verb.to_uppercase());
    }
    if parameters
        .iter()
        .any(|parameter| parameter["name"] == "Idempotency-Key")
    {
        text.push_str(" -H \"Idempotency-Key: $(uuidgen)\"");
    }
    if let Some((_, schema)) = super::body(operation, document) {
        let _ = write!(
            text,
            " \\\n  -H \"Content-Type: application/json\" -d '{}'",
            schema["example"]
        );
    }
    let _ = write!(text, " \\\n  \"$WEIR{address}{query}\"");
    text
}

/// What stands for a thing: the first that there is, for reading it; for the rest whatever is meant.
fn looked_up(name: &str, variable: &str, verb: &str) -> String {
    let known = THINGS.iter().find(|(thing, ..)| *thing == name);
    let Some((_, address, list, field, example)) = known else {
        return format!("{variable}=…\n");
    };
    if verb != "get" {
        return format!("{variable}={example}   # {field} of one of {address}\n");
    }
    format!(
        "{variable}=$(curl -s {SIGNED} \"$WEIR{address}\" |\n  jq -r '.{list}[0].{field} | @uri')\n"
    )
}

fn word(name: &str) -> Option<&'static str> {
    let known = WORDS.iter().find(|(word, _)| *word == name);
    known.map(|(_, value)| *value)
}

/// What a query could say: one of what it may, another where two things are asked about.
fn value(name: &str, schema: &Value, document: &Value) -> String {
    let schema = match schema["$ref"]
        .as_str()
        .and_then(|name| name.rsplit('/').next())
    {
        Some(name) => &document["components"]["schemas"][name],
        None => schema,
    };
    let choice = &schema["enum"][usize::from(name == "and")];
    let choice = choice.as_str().or_else(|| word(name));
    choice.unwrap_or("…").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(path: &str, verb: &str) -> String {
        let document = serde_json::to_value(crate::api::document()).unwrap();
        of(path, verb, &document["paths"][path][verb], &document)
    }

    #[test]
    fn a_session_is_made_and_used_by_its_cookie() {
        let login = example("/api/v1/login", "post");
        assert!(login.starts_with("curl -c weir.cookies -H \"X-Weir-CSRF: 1\" -X POST"));
        assert!(login.contains("-d '{\"name\":\"ana\""), "{login}");
        let logout = example("/api/v1/logout", "post");
        assert!(logout.starts_with("curl -b weir.cookies -H \"X-Weir-CSRF: 1\" -X POST"));
        for command in [login, logout] {
            assert!(!command.contains("Bearer"), "{command}");
        }
    }

    #[test]
    fn whatever_takes_a_body_has_an_example_of_one() {
        let document = serde_json::to_value(crate::api::document()).unwrap();
        for (path, verbs) in document["paths"].as_object().unwrap() {
            for (verb, operation) in verbs.as_object().unwrap() {
                let command = of(path, verb, operation, &document);
                assert!(!command.contains("-d 'null'"), "{verb} {path}");
                assert!(
                    !command.contains('{') || command.contains("-d '"),
                    "{command}"
                );
                assert!(verb != "get" || !command.contains('…'), "{command}");
            }
        }
    }

    #[test]
    fn what_is_changed_is_named_by_whoever_changes_it() {
        let end = example("/api/v1/users/{user}/protection", "delete");
        assert!(end.starts_with("USER_ID=ana   # user_id of one of /api/v1/users\ncurl"));
    }
}
