//! Whether the trust policy of a role fixes the session name (rules A3). A name that whoever assumes
//! the role may choose proves nothing about a person.

use std::collections::BTreeMap;

use serde::Deserialize;

/// What a trust policy says about `RoleSessionName`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionName {
    /// Every statement that lets somebody assume the role fixes it.
    Pinned,
    /// The first statement that leaves it to the caller: its `Sid`, or its place from 1 on.
    Chosen(String),
}

/// A document that is no trust policy.
#[derive(Debug, thiserror::Error)]
#[error("the trust policy cannot be read: {0}")]
pub struct UnreadableTrust(#[from] serde_json::Error);

/// Reads a trust policy: JSON text, already URL-decoded.
///
/// A statement fixes the name if it asks, by `StringEquals` or `StringLike` on
/// `sts:RoleSessionName`, for one text without wildcards, or for variables that the caller cannot
/// choose (`${aws:username}`, `${saml:sub}`). With SAML it is fixed already: the identity provider
/// sends it. What Deny statements take away is not counted in favour of a policy.
pub fn session_name(document: &str) -> Result<SessionName, UnreadableTrust> {
    let document: Document = serde_json::from_str(document)?;
    let statements = document.statement.all();
    let chosen = statements
        .iter()
        .enumerate()
        .find(|(_, statement)| statement.lets_callers_name() && !statement.pins());
    Ok(match chosen {
        None => SessionName::Pinned,
        Some((place, statement)) => SessionName::Chosen(match &statement.sid {
            Some(sid) if !sid.is_empty() => format!("statement `{sid}`"),
            _ => format!("statement {}", place + 1),
        }),
    })
}

#[derive(Deserialize)]
pub(crate) struct Document {
    #[serde(rename = "Statement")]
    pub(crate) statement: OneOrMany<Statement>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Statement {
    sid: Option<String>,
    pub(crate) effect: String,
    action: Option<OneOrMany<String>>,
    not_action: Option<OneOrMany<String>>,
    pub(crate) principal: Option<serde_json::Value>,
    pub(crate) resource: Option<OneOrMany<String>>,
    /// Operator → key → values.
    #[serde(default)]
    pub(crate) condition: BTreeMap<String, BTreeMap<String, OneOrMany<serde_json::Value>>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum OneOrMany<T> {
    Many(Vec<T>),
    One(T),
}

impl<T> OneOrMany<T> {
    pub(crate) fn all(&self) -> &[T] {
        match self {
            Self::Many(all) => all,
            Self::One(one) => std::slice::from_ref(one),
        }
    }
}

/// Actions that take a session name from the caller; `AssumeRoleWithSAML` takes it from the
/// assertion.
const NAMING: [&str; 2] = ["sts:assumerole", "sts:assumerolewithwebidentity"];

impl Statement {
    fn lets_callers_name(&self) -> bool {
        self.effect == "Allow" && NAMING.iter().any(|action| self.is_about(action))
    }

    /// Whether it is about an action, written in small letters.
    pub(crate) fn is_about(&self, action: &str) -> bool {
        let among = |actions: &OneOrMany<String>| {
            let mut patterns = actions.all().iter().map(|pattern| pattern.to_lowercase());
            patterns.any(|pattern| matches(&pattern, action))
        };
        match (&self.action, &self.not_action) {
            (Some(actions), _) => among(actions),
            (None, Some(others)) => !among(others),
            (None, None) => false,
        }
    }

    /// Conditions hold together: one that fixes the name is enough.
    fn pins(&self) -> bool {
        self.condition.iter().any(|(operator, keys)| {
            let Some(comparison) = Comparison::of(operator) else {
                return false;
            };
            keys.iter().any(|(key, values)| {
                key.eq_ignore_ascii_case("sts:RoleSessionName") && comparison.fixes(values.all())
            })
        })
    }
}

/// `*` and `?` as in IAM.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut read) = (0, 0);
    // The last star, and up to where it has matched: where to go on if what follows does not fit.
    let mut star = None;
    while read < text.len() {
        match (pattern.get(at), star) {
            (Some(b'*'), _) => {
                star = Some((at, read));
                at += 1;
            }
            (Some(byte), _) if *byte == b'?' || *byte == text[read] => {
                at += 1;
                read += 1;
            }
            (_, Some((place, upto))) => {
                star = Some((place, upto + 1));
                at = place + 1;
                read = upto + 1;
            }
            (_, None) => return false,
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Comparison {
    /// The text itself.
    Equals,
    /// `*` and `?` match anything.
    Like,
}

impl Comparison {
    /// Only what compares exactly, and fails where there is no name: `…IfExists` and
    /// `ForAllValues:` hold without one, and `…IgnoreCase` leaves the spelling to the caller.
    fn of(operator: &str) -> Option<Self> {
        let operator = operator.to_ascii_lowercase();
        match operator.strip_prefix("foranyvalue:").unwrap_or(&operator) {
            "stringequals" => Some(Self::Equals),
            "stringlike" => Some(Self::Like),
            _ => None,
        }
    }

    /// Of several fixed texts the caller may choose one; several variables are all the caller's own.
    fn fixes(self, values: &[serde_json::Value]) -> bool {
        let kinds: Option<Vec<Value>> = values
            .iter()
            .map(|value| self.kind(value.as_str()?))
            .collect();
        match kinds.as_deref() {
            None | Some([]) => false,
            Some([_]) => true,
            Some(several) => several.iter().all(|kind| *kind == Value::OfTheCaller),
        }
    }

    /// What a value stands for; `None` where the caller chooses any part of it.
    fn kind(self, value: &str) -> Option<Value> {
        let mut kind = Value::Fixed;
        let mut rest = value;
        loop {
            let (text, after) = rest.split_once("${").unwrap_or((rest, ""));
            if self == Self::Like && text.contains(['*', '?']) {
                return None;
            }
            if text.len() == rest.len() {
                return Some(kind);
            }
            let (variable, after) = after.split_once('}')?;
            match variable {
                "*" | "?" | "$" => {} // the character itself
                _ if is_of_the_caller(variable) => kind = Value::OfTheCaller,
                _ => return None,
            }
            rest = after;
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Value {
    /// The same for everybody.
    Fixed,
    /// What the caller is, by a variable.
    OfTheCaller,
}

/// Variables that say who calls. The others are sent along by the caller: `sts:SourceIdentity`,
/// `aws:RequestTag/…`, `aws:UserAgent`.
fn is_of_the_caller(variable: &str) -> bool {
    let (name, _default) = variable.split_once(',').unwrap_or((variable, ""));
    let name = name.trim().to_ascii_lowercase();
    match name.as_str() {
        "aws:username" | "aws:userid" | "aws:sourceidentity" => true,
        _ => {
            let claim = name.split_once(':');
            name.starts_with("aws:principaltag/")
                || name.starts_with("saml:")
                // Claims of an OIDC provider carry its host name: accounts.google.com:sub.
                || claim.is_some_and(|(provider, _)| provider.contains('.'))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A policy of one statement that lets somebody assume the role on this condition.
    fn on(condition: &str) -> String {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"sts:AssumeRole",
                "Principal":{{"AWS":"arn:aws:iam::111122223333:root"}},"Condition":{condition}}}]}}"#
        )
    }

    fn of(statements: &str) -> String {
        format!(r#"{{"Version":"2012-10-17","Statement":{statements}}}"#)
    }

    fn chosen(place: &str) -> SessionName {
        SessionName::Chosen(place.to_owned())
    }

    /// Conditions that leave the caller no choice.
    const FIXING: &[&str] = &[
        r#"{"StringEquals":{"sts:RoleSessionName":"${aws:username}"}}"#,
        r#"{"StringLike":{"sts:RoleSessionName":"${aws:username}"}}"#,
        r#"{"stringequals":{"STS:rolesessionname":["${aws:userid}"]}}"#,
        r#"{"StringEquals":{"sts:RoleSessionName":"${aws:username}@example.com"}}"#,
        r#"{"StringEquals":{"sts:RoleSessionName":"${saml:sub}"}}"#,
        r#"{"StringEquals":{"sts:RoleSessionName":"${accounts.google.com:sub}"}}"#,
        r#"{"StringEquals":{"sts:RoleSessionName":"${aws:PrincipalTag/mail}"}}"#,
        r#"{"StringEquals":{"sts:RoleSessionName":"${aws:username, 'nobody'}"}}"#,
        r#"{"StringEquals":{"sts:RoleSessionName":"deploy"}}"#,
        r#"{"StringLike":{"sts:RoleSessionName":"${*}deploy"}}"#,
        r#"{"ForAnyValue:StringEquals":{"sts:RoleSessionName":"${aws:username}"}}"#,
        r#"{"StringEquals":{"sts:RoleSessionName":["${aws:username}","${saml:sub}"]}}"#,
        r#"{"Bool":{"aws:MultiFactorAuthPresent":true}, "StringLike":{"sts:RoleSessionName":"${aws:username}"}}"#,
    ];

    /// Conditions under which the caller chooses the name, or a part of it, or one of several.
    const LEAVING: &[&str] = &[
        "{}",
        r#"{"StringEquals":{"sts:ExternalId":"${aws:username}"}}"#,
        r#"{"StringLike":{"sts:RoleSessionName":"*"}}"#,
        r#"{"StringLike":{"sts:RoleSessionName":"${aws:username}-*"}}"#,
        r#"{"StringLike":{"sts:RoleSessionName":"user?"}}"#,
        r#"{"StringEquals":{"sts:RoleSessionName":["ana","ben"]}}"#,
        r#"{"StringEquals":{"sts:RoleSessionName":["ana","${aws:username}"]}}"#,
        r#"{"StringLike":{"sts:RoleSessionName":["${aws:username}","*"]}}"#,
        r#"{"StringEquals":{"sts:RoleSessionName":[]}}"#,
        r#"{"StringEquals":{"sts:RoleSessionName":"${sts:SourceIdentity}"}}"#,
        r#"{"StringEquals":{"sts:RoleSessionName":"${aws:RequestTag/who}"}}"#,
        r#"{"StringEquals":{"sts:RoleSessionName":"${aws:username"}}"#,
        r#"{"StringEqualsIgnoreCase":{"sts:RoleSessionName":"${aws:username}"}}"#,
        r#"{"StringEqualsIfExists":{"sts:RoleSessionName":"${aws:username}"}}"#,
        r#"{"ForAllValues:StringEquals":{"sts:RoleSessionName":"${aws:username}"}}"#,
        r#"{"StringNotEquals":{"sts:RoleSessionName":"root"}}"#,
        r#"{"Null":{"sts:RoleSessionName":"false"}}"#,
    ];

    #[test]
    fn a_condition_fixes_the_name_or_leaves_it_to_the_caller() {
        for condition in FIXING {
            let read = session_name(&on(condition)).unwrap();
            assert_eq!(read, SessionName::Pinned, "{condition}");
        }
        for condition in LEAVING {
            let read = session_name(&on(condition)).unwrap();
            assert_eq!(read, chosen("statement 1"), "{condition}");
        }
    }

    #[test]
    fn every_statement_that_lets_somebody_in_must_fix_it() {
        let fixed = r#"{"Sid":"People","Effect":"Allow","Action":["sts:AssumeRole","sts:TagSession"],
            "Condition":{"StringEquals":{"sts:RoleSessionName":"${aws:username}"}}}"#;
        for (expected, others) in [
            (
                SessionName::Pinned,
                r#"{"Effect":"Allow","Action":"sts:TagSession"}"#,
            ),
            (SessionName::Pinned, r#"{"Effect":"Deny","Action":"sts:*"}"#),
            (
                SessionName::Pinned,
                r#"{"Effect":"Allow","Action":"sts:AssumeRoleWithSAML"}"#,
            ),
            (
                SessionName::Pinned,
                r#"{"Effect":"Allow","NotAction":"sts:Assume*"}"#,
            ),
            (
                chosen("statement 2"),
                r#"{"Effect":"Allow","Action":"sts:AssumeRole"}"#,
            ),
            (
                chosen("statement 2"),
                r#"{"Sid":"","Effect":"Allow","Action":"STS:assumerole"}"#,
            ),
            (
                chosen("statement `Ci`"),
                r#"{"Sid":"Ci","Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity"}"#,
            ),
            (
                chosen("statement 2"),
                r#"{"Effect":"Allow","Action":["sts:SetSourceIdentity","sts:*"]}"#,
            ),
            (chosen("statement 2"), r#"{"Effect":"Allow","Action":"*"}"#),
            (
                chosen("statement 2"),
                r#"{"Effect":"Allow","Action":"sts:?ssumeRole"}"#,
            ),
            (
                chosen("statement 2"),
                r#"{"Effect":"Allow","NotAction":"sts:TagSession"}"#,
            ),
        ] {
            let policy = of(&format!("[{fixed},{others}]"));
            assert_eq!(session_name(&policy).unwrap(), expected, "{others}");
        }
        // One statement may stand without brackets; a role nobody may assume names nobody.
        assert_eq!(session_name(&of(fixed)).unwrap(), SessionName::Pinned);
        assert_eq!(session_name(&of("[]")).unwrap(), SessionName::Pinned);
    }

    #[test]
    fn what_is_no_policy_is_said_to_be_none() {
        for text in [
            "",
            "[]",
            "{}",
            r#"{"Statement":[{}]}"#,
            r#"{"Statement":7}"#,
        ] {
            let error = session_name(text).unwrap_err().to_string();
            assert!(
                error.starts_with("the trust policy cannot be read: "),
                "{error}"
            );
        }
    }
}
