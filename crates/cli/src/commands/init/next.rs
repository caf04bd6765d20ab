//! What is still needed, in order: commands, with why behind `#`.

use std::path::Path;

use super::account::Account;

pub(super) fn steps(account: Option<&Account>, file: &Path) -> Vec<String> {
    let mut steps = Vec::new();
    let mut add = |command: &str, why: &str| steps.push(format!("{command:<48} # {why}"));
    if file != Path::new("weir.toml") {
        let export = format!("export WEIR_CONFIG={}", file.display());
        add(&export, "the file is not where it is looked for");
    }
    match account {
        None => add(
            "weir init --aws --out other.toml",
            "looks at the account, with credentials",
        ),
        Some(account) if !account.missing_rights.is_empty() => {
            let missing = account.missing_rights.join(", ");
            let why = format!("rights to count; still missing: {missing}");
            add("weir aws-policy --feature read", &why);
        }
        Some(_) => {}
    }
    let places = account.map(|account| account.regions.as_slice());
    for place in places.unwrap_or_default() {
        if place.invocation_log.is_none() {
            let command = format!(
                "aws bedrock put-model-invocation-logging-configuration --region {} …",
                place.region
            );
            add(&command, "without it prompt caches and costs are not exact");
        }
        if place.trails.is_empty() {
            let region = &place.region;
            let why = format!(
                "{region} has no trail that logs reading management events, so \
                               nothing can follow calls live: make one"
            );
            add("aws cloudtrail create-trail …", &why);
        }
    }
    add(
        "weir ingest aws --last 24h",
        "counts yesterday and today, the quickest way",
    );
    let people = account.is_some_and(|account| account.identity_center_roles > 0);
    for (command, why, for_people) in THEN {
        if people || !for_people {
            add(command, why);
        }
    }
    steps
}

/// What follows in every account: a command, why, and whether only people of Identity Center need it.
const THEN: [(&str, &str, bool); 9] = [
    (
        "weir sync --from identity-center --apply",
        "names, addresses and teams of people of Identity Center",
        true,
    ),
    ("weir doctor", "the list of what is left to do", false),
    (
        "weir quota suggest --last 30d",
        "limits that would fit",
        false,
    ),
    (
        "weir serve",
        "counts from now on, and keeps everything up to date",
        false,
    ),
    (
        "weir aws-policy --feature read,enforce",
        "rights to deny, too",
        false,
    ),
    (
        "weir enforce setup",
        "makes the policy that denies, once",
        false,
    ),
    (
        "aws sso-admin attach-customer-managed-policy-reference-to-permission-set …",
        "lets each permission set refer to WeirBlock, so that its people can be denied",
        true,
    ),
    (
        "weir enforce check USER",
        "denies one person for a moment, to see that it works",
        false,
    ),
    (
        "weir enforce mode iam",
        "says who would be denied, and asks",
        false,
    ),
];
