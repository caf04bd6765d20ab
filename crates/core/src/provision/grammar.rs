//! Whether a text is a policy that IAM takes, as far as that can be told without asking it.

use serde_json::Value;

use crate::policy_doc;

/// Characters of a managed policy, white space not counted.
pub const MANAGED_LIMIT: usize = 6_144;
/// Characters over all inline policies of a group, white space not counted.
pub const INLINE_GROUP_LIMIT: usize = 5_120;

const DOCUMENT: [&str; 3] = ["Version", "Id", "Statement"];
const STATEMENT: [&str; 7] = [
    "Sid",
    "Effect",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

/// Why a text is no identity policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPolicy {
    /// Not JSON.
    #[error("line {line}, column {column}: not JSON: {why}")]
    NotJson {
        /// Where.
        line: usize,
        /// Where.
        column: usize,
        /// What is wrong.
        why: String,
    },
    /// JSON, but no policy.
    #[error("{place}: {why}")]
    Grammar {
        /// `Statement[2].Action`.
        place: String,
        /// What is wrong.
        why: String,
    },
    /// Too long.
    #[error("it has {size} characters beside white space; IAM takes {most}")]
    TooLong {
        /// How long it is.
        size: usize,
        /// How long it may be.
        most: usize,
    },
}

fn wrong(place: impl Into<String>, why: impl Into<String>) -> BadPolicy {
    BadPolicy::Grammar {
        place: place.into(),
        why: why.into(),
    }
}

/// Checks JSON, grammar, characters and size of an identity policy.
pub fn check_policy(text: &str, most: usize) -> Result<(), BadPolicy> {
    let document: Value = serde_json::from_str(text).map_err(|error| BadPolicy::NotJson {
        line: error.line(),
        column: error.column(),
        why: error.to_string(),
    })?;
    let of_iam = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{ff}');
    if let Some(found) = text.chars().find(|c| !of_iam(*c)) {
        return Err(wrong(
            "the text",
            format!("{found:?} is outside of the characters IAM takes (U+0020 to U+00FF)"),
        ));
    }
    let object = document
        .as_object()
        .ok_or_else(|| wrong("the document", "is not an object"))?;
    for key in object.keys() {
        if !DOCUMENT.contains(&key.as_str()) {
            return Err(wrong(key, "is not part of a policy"));
        }
    }
    match object.get("Version").and_then(Value::as_str) {
        Some("2012-10-17" | "2008-10-17") => {}
        _ => return Err(wrong("Version", "must be \"2012-10-17\"")),
    }
    match object.get("Statement") {
        None => return Err(wrong("Statement", "is missing")),
        Some(Value::Array(all)) if all.is_empty() => {
            return Err(wrong("Statement", "has no statement in it"));
        }
        Some(Value::Array(all)) => {
            let mut sids = Vec::new();
            for (i, one) in all.iter().enumerate() {
                statement(&format!("Statement[{i}]"), one, &mut sids)?;
            }
        }
        Some(one) => statement("Statement", one, &mut Vec::new())?,
    }
    let size = policy_doc::size(text);
    if size > most {
        return Err(BadPolicy::TooLong { size, most });
    }
    Ok(())
}

fn statement(place: &str, value: &Value, sids: &mut Vec<String>) -> Result<(), BadPolicy> {
    let at = |key: &str| format!("{place}.{key}");
    let object = value
        .as_object()
        .ok_or_else(|| wrong(place, "is not an object"))?;
    for key in object.keys() {
        if matches!(key.as_str(), "Principal" | "NotPrincipal") {
            let why = "belongs into a resource's policy; this one is for users, groups and roles";
            return Err(wrong(at(key), why));
        }
        if !STATEMENT.contains(&key.as_str()) {
            return Err(wrong(at(key), "is not part of a statement"));
        }
    }
    if !matches!(
        object.get("Effect").and_then(Value::as_str),
        Some("Allow" | "Deny")
    ) {
        return Err(wrong(at("Effect"), "must be \"Allow\" or \"Deny\""));
    }
    if let Some(sid) = object.get("Sid") {
        let letters = |text: &&str| text.chars().all(|c| c.is_ascii_alphanumeric());
        let sid = sid.as_str().filter(letters);
        let sid = sid.ok_or_else(|| wrong(at("Sid"), "may hold letters and digits only"))?;
        if !sid.is_empty() && sids.iter().any(|known| known == sid) {
            return Err(wrong(at("Sid"), format!("`{sid}` comes twice")));
        }
        sids.push(sid.to_owned());
    }
    one_of(place, object, "Action", "NotAction", is_action)?;
    one_of(place, object, "Resource", "NotResource", is_resource)?;
    if let Some(condition) = object.get("Condition") {
        self::condition(&at("Condition"), condition)?;
    }
    Ok(())
}

fn one_of(
    place: &str,
    object: &serde_json::Map<String, Value>,
    key: &str,
    not: &str,
    fits: fn(&str) -> Result<(), String>,
) -> Result<(), BadPolicy> {
    let (key, value) = match (object.get(key), object.get(not)) {
        (Some(value), None) => (key, value),
        (None, Some(value)) => (not, value),
        _ => return Err(wrong(place, format!("needs {key} or {not}, and not both"))),
    };
    let place = format!("{place}.{key}");
    let texts = match value {
        Value::Array(all) if !all.is_empty() => all.as_slice(),
        Value::String(_) => std::slice::from_ref(value),
        _ => return Err(wrong(place, "must be a text or a list of texts")),
    };
    for text in texts {
        let text = text.as_str();
        let text = text.ok_or_else(|| wrong(&place, "must be a text or a list of texts"))?;
        fits(text).map_err(|why| wrong(&place, why))?;
    }
    Ok(())
}

fn is_action(text: &str) -> Result<(), String> {
    if text == "*" {
        return Ok(());
    }
    let parts = text.split_once(':');
    let of_prefix = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '*';
    let of_name = |c: char| c.is_ascii_alphanumeric() || c == '*' || c == '?';
    match parts {
        // There is no such prefix, and no such actions: the policy would grant and deny nothing.
        Some(("bedrock-runtime", _)) => Err(format!(
            "`{text}`: there is no prefix bedrock-runtime; IAM checks bedrock:…"
        )),
        Some(("bedrock", "Converse" | "ConverseStream" | "StartAsyncInvoke")) => Err(format!(
            "`{text}` does not exist: IAM checks bedrock:InvokeModel or \
             bedrock:InvokeModelWithResponseStream instead"
        )),
        Some((prefix, name))
            if !prefix.is_empty()
                && !name.is_empty()
                && prefix.chars().all(of_prefix)
                && name.chars().all(of_name) =>
        {
            Ok(())
        }
        _ => Err(format!(
            "`{text}` is not an action: write bedrock:InvokeModel"
        )),
    }
}

fn is_resource(text: &str) -> Result<(), String> {
    let is_arn = text.split(':').count() >= 6 && text.starts_with("arn:");
    if text == "*" || is_arn {
        return Ok(());
    }
    Err(format!("`{text}` is not an ARN, nor `*`"))
}

fn condition(place: &str, value: &Value) -> Result<(), BadPolicy> {
    let operators = value
        .as_object()
        .ok_or_else(|| wrong(place, "is not an object"))?;
    for (operator, keys) in operators {
        let place = format!("{place}.{operator}");
        let keys = keys
            .as_object()
            .ok_or_else(|| wrong(&place, "is not an object of condition keys"))?;
        for (key, values) in keys {
            let plain =
                |value: &Value| value.is_string() || value.is_boolean() || value.is_number();
            let fits = match values {
                Value::Array(all) => all.iter().all(plain),
                one => plain(one),
            };
            if !fits {
                return Err(wrong(
                    format!("{place}.{key}"),
                    "must be a text or a list of texts",
                ));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        check_policy(text, MANAGED_LIMIT).unwrap_err().to_string()
    }

    fn with(statement: &str) -> String {
        format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#)
    }

    #[test]
    fn our_own_policies_are_policies() {
        check_policy(&policy_doc::managed(), MANAGED_LIMIT).unwrap();
        let one = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Get*",
            "NotResource":["*"],"Condition":{"Bool":{"aws:SecureTransport":true}}}}"#;
        check_policy(one, MANAGED_LIMIT).unwrap();
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        for (text, words) in [
            ("{\n  \"Version\" 1}", "line 2, column"),
            ("[]", "the document: is not an object"),
            (r#"{"Statement":[]}"#, "Version: must be"),
            (r#"{"Version":"2012-10-17"}"#, "Statement: is missing"),
            (
                r#"{"Version":"2012-10-17","Statement":[]}"#,
                "no statement in it",
            ),
            (
                r#"{"Version":"2012-10-17","Statments":[]}"#,
                "Statments: is not part",
            ),
            (
                &with(r#"{"Effect":"allow"}"#),
                "Statement[0].Effect: must be",
            ),
            (
                &with(r#"{"Effect":"Allow","Action":"bedrock:InvokeModel"}"#),
                "Statement[0]: needs Resource",
            ),
            (
                &with(r#"{"Effect":"Allow","Action":"a:b","NotAction":"a:c","Resource":"*"}"#),
                "needs Action or NotAction, and not both",
            ),
            (
                &with(r#"{"Effect":"Allow","Action":"InvokeModel","Resource":"*"}"#),
                "Statement[0].Action: `InvokeModel` is not an action",
            ),
            (
                &with(r#"{"Effect":"Deny","Action":["bedrock:Converse"],"Resource":"*"}"#),
                "`bedrock:Converse` does not exist",
            ),
            (
                &with(r#"{"Effect":"Deny","Action":["bedrock-runtime:*"],"Resource":"*"}"#),
                "there is no prefix bedrock-runtime",
            ),
            (
                &with(r#"{"Effect":"Allow","Action":"a:b","Resource":"bucket"}"#),
                "Statement[0].Resource: `bucket` is not an ARN",
            ),
            (
                &with(r#"{"Effect":"Allow","Principal":"*","Action":"a:b","Resource":"*"}"#),
                "belongs into a resource's policy",
            ),
            (
                &with(r#"{"Sid":"a b","Effect":"Allow","Action":"a:b","Resource":"*"}"#),
                "Sid: may hold letters and digits only",
            ),
            (
                &with(r#"{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"Bool":1}}"#),
                "Condition.Bool: is not an object",
            ),
            (
                &with(r#"{"Effect":"Allow","Action":"a:b","Resource":"arn:aws:s3:::日本"}"#),
                "outside of the characters",
            ),
        ] {
            assert!(said(text).contains(words), "{text}: {}", said(text));
        }
    }

    #[test]
    fn white_space_takes_no_room() {
        let text = with(r#"{"Effect":"Allow","Action":"a:b","Resource":"*"}"#);
        let size = policy_doc::size(&text);
        let spaced = text.replace(',', ",\n        ");
        check_policy(&spaced, size).unwrap();
        let error = check_policy(&spaced, size - 1).unwrap_err();
        assert_eq!(
            error,
            BadPolicy::TooLong {
                size,
                most: size - 1
            }
        );
    }
}
