//! Names that IAM takes, checked before anything is asked of it.

use crate::attribution::team_name;
use crate::ids::{TeamId, ToolId};

/// The longest name of a group, and of a policy.
const LONGEST: usize = 128;
/// The longest name of a user.
const LONGEST_USER: usize = 64;
/// The longest name of a tool: it is part of the name of an IAM user.
const LONGEST_TOOL: usize = 32;
/// The longest value of a tag.
const LONGEST_TAG: usize = 256;
/// What stands between a user and a tool in the name of the IAM user that holds the tool's key.
const BETWEEN: &str = "--";

/// Why IAM would refuse a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// Nothing is left of it.
    #[error("{what}: the name is empty")]
    Empty {
        /// What was to be named.
        what: &'static str,
    },
    /// Longer than IAM takes.
    #[error("{what}: `{name}` has {length} characters; IAM takes {most}")]
    TooLong {
        /// What was to be named.
        what: &'static str,
        /// The name.
        name: String,
        /// Its length.
        length: usize,
        /// The longest.
        most: usize,
    },
    /// A character that IAM does not take.
    #[error("{what}: `{name}` holds {found:?}; IAM takes letters a-z, digits and _ + = , . @ -")]
    Character {
        /// What was to be named.
        what: &'static str,
        /// The name.
        name: String,
        /// The character.
        found: char,
    },
    /// A name that the tools' IAM users bear.
    #[error("{what}: `{name}` is the name of an IAM user for one tool (USER--TOOL): name the user")]
    Companion {
        /// What was to be named.
        what: &'static str,
        /// The name.
        name: String,
    },
}

fn check(what: &'static str, name: &str, most: usize) -> Result<(), BadName> {
    if name.is_empty() {
        return Err(BadName::Empty { what });
    }
    let taken = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    if let Some(found) = name.chars().find(|c| !taken(*c)) {
        let name = name.to_owned();
        return Err(BadName::Character { what, name, found });
    }
    let length = name.chars().count();
    if length > most {
        let name = name.to_owned();
        return Err(BadName::TooLong {
            what,
            name,
            length,
            most,
        });
    }
    Ok(())
}

/// Checks the name of an IAM user.
pub fn check_user(name: &str) -> Result<(), BadName> {
    check("USER", name, LONGEST_USER)?;
    if name.contains(BETWEEN) {
        let name = name.to_owned();
        return Err(BadName::Companion { what: "USER", name });
    }
    Ok(())
}

/// Checks the name of a policy.
pub fn check_policy_name(name: &str) -> Result<(), BadName> {
    check("NAME", name, LONGEST)
}

/// A tool, in the one way it is written.
pub fn check_tool(text: &str) -> Result<ToolId, BadName> {
    let tool = text.trim().to_lowercase();
    check("TOOL", &tool, LONGEST_TOOL)?;
    Ok(ToolId::new(tool))
}

/// The IAM user that holds the Bedrock API key of a user's further tool.
pub fn companion(user: &str, tool: &ToolId) -> Result<String, BadName> {
    let name = format!("{user}{BETWEEN}{tool}");
    check("USER and TOOL together", &name, LONGEST_USER)?;
    Ok(name)
}

/// Whether an IAM user is one of a user's further tools.
pub fn is_companion(name: &str, user: &str) -> bool {
    let rest = name
        .strip_prefix(user)
        .and_then(|rest| rest.strip_prefix(BETWEEN));
    rest.is_some_and(|tool| !tool.is_empty())
}

/// The IAM group of a team, whichever way the team is written.
pub fn group_name(team: &str) -> Result<(TeamId, String), BadName> {
    if team.trim().is_empty() {
        return Err(BadName::Empty { what: "TEAM" });
    }
    let team = team_name(team);
    let name = format!("team_{team}_group");
    check("TEAM", &name, LONGEST)?;
    Ok((team, name))
}

/// The team of a group that is named as ours are.
pub fn team_of_group(group: &str) -> Option<TeamId> {
    let inner = group.strip_prefix("team_")?.strip_suffix("_group")?;
    (!inner.is_empty()).then(|| team_name(inner))
}

/// A text as a tag can hold it: letters, digits, spaces and `_ . : / = + - @`. What a tag cannot
/// hold becomes a space: Weir itself keeps the name as it is written.
pub fn tag_value(text: &str) -> String {
    let taken = |c: char| c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c);
    let fit: String = text
        .chars()
        .map(|c| if taken(c) { c } else { ' ' })
        .collect();
    let words: Vec<_> = fit.split_whitespace().collect();
    words.join(" ").chars().take(LONGEST_TAG).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_team_is_one_group_however_it_is_written() {
        for text in ["sap", " SAP ", "team_sap_group", "team_sap"] {
            let (team, group) = group_name(text).unwrap();
            assert_eq!((team.as_str(), group.as_str()), ("sap", "team_sap_group"));
        }
        assert_eq!(team_of_group("team_sap_group"), Some(TeamId::new("sap")));
        assert_eq!(team_of_group("admins"), None);
        assert_eq!(team_of_group("team__group"), None);
    }

    #[test]
    fn what_iam_refuses_is_refused_with_the_reason() {
        let said = |team: &str| group_name(team).unwrap_err().to_string();
        assert_eq!(said("  "), "TEAM: the name is empty");
        assert!(said("sap/eu").contains("holds '/'"));
        assert!(said("señores").contains("holds 'ñ'"));
        assert!(said(&"x".repeat(120)).contains("has 131 characters; IAM takes 128"));
        for good in ["ana", "ana.lopez@example.com", "a=b,c+d_e-f"] {
            check_user(good).unwrap();
        }
        for (bad, words) in [
            ("", "is empty"),
            ("eng/ana", "holds '/'"),
            ("ana lopez", "holds ' '"),
            ("ana~AIDA", "holds '~'"),
            ("ana--cline", "for one tool"),
        ] {
            let said = check_user(bad).unwrap_err().to_string();
            assert!(said.contains(words), "{said}");
        }
    }

    #[test]
    fn a_further_tool_has_an_iam_user_of_its_own() {
        let tool = check_tool(" Claude-Code ").unwrap();
        assert_eq!(companion("ana", &tool).unwrap(), "ana--claude-code");
        assert!(is_companion("ana--claude-code", "ana"));
        assert!(!is_companion("ana", "ana") && !is_companion("anabel--x", "ana"));
        assert!(companion(&"x".repeat(60), &tool).is_err());
    }

    #[test]
    fn a_tag_holds_what_it_can() {
        for (text, tag) in [
            ("Ana López", "Ana López"),
            ("Sean O'Neill  (ext.)", "Sean O Neill ext."),
            ("\u{1f600}", ""),
        ] {
            assert_eq!(tag_value(text), tag);
        }
        assert_eq!(tag_value(&"ñ".repeat(300)).chars().count(), 256);
    }
}
