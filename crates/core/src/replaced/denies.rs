//! What the replaced system wrote into IAM to deny somebody.

use serde_json::Value;

/// The statement that denies.
const OLD_STATEMENT: &str = "DailyLimitBlock";

/// The inline policy in which the replaced system denied a user, and the statement that denies.
pub fn old_deny(iam_user: &str) -> (String, &'static str) {
    (format!("{iam_user}_BedrockPolicy"), OLD_STATEMENT)
}

/// Whether the text of that policy still denies.
pub fn is_old_deny(text: &str) -> bool {
    let document: Value = serde_json::from_str(text).unwrap_or_default();
    match &document["Statement"] {
        Value::Array(statements) => statements.iter().any(denies),
        one => denies(one),
    }
}

/// The text of that policy without the statement, everything else as it was; `None` if nothing is left of it, and the
/// policy has to go.
pub fn without_old_deny(text: &str) -> Option<String> {
    let mut document: Value = serde_json::from_str(text).ok()?;
    match &mut document["Statement"] {
        Value::Array(statements) => {
            statements.retain(|one| !denies(one));
            if statements.is_empty() {
                return None;
            }
        }
        one if denies(one) => return None,
        _ => {}
    }
    Some(document.to_string())
}

fn denies(statement: &Value) -> bool {
    statement["Effect"] == "Deny" && statement["Sid"] == OLD_STATEMENT
}
