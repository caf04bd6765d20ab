//! The text of a configuration to begin with.

use super::Answers;
use super::account::Account;
use crate::args::Limits;

pub(super) fn text(answers: &Answers, account: Option<&Account>) -> String {
    let Answers {
        language,
        zone,
        limits,
    } = answers;
    let zone = zone.name();
    let quotas = quotas(*limits);
    let unknown = match limits {
        Limits::Watch | Limits::Block => "flag",
        Limits::Strict => "worst",
    };
    let aws = account.map_or_else(String::new, aws);
    let directory = account.map_or_else(String::new, directory);
    let people = account.map_or("", people);
    let intake = account.map_or_else(String::new, intake);
    let settle = settle(account);
    let metrics = account.map_or_else(String::new, metrics);
    format!(
        "# Weir's configuration, to begin with. `weir config show` says what is used, `weir config check` whether
# it is good; the sample configuration that comes with Weir has every setting. AWS credentials, Region and
# endpoint are not here: they come from the usual AWS environment and profile files.

# The business time zone: days and months begin and end in it. Stored when the database is made.
zone = \"{zone}\"

# Without this: ~/.local/share/weir/weir.db. A password belongs into WEIR_DATABASE_URL, not here.
# database = \"mysql://weir@db.example.com/weir\"

{quotas}{aws}{directory}[enforcement]
# A new Weir records who would be denied (\"dry-run\") and writes nothing to AWS. When `weir doctor` has nothing
# more to say, `weir enforce mode iam` shows whom it would deny, and asks. From then on the database holds the
# mode; a line here only says what a new database begins with.
# mode = \"dry-run\"
# Never denied: names of users, IAM users and roles in any account, or ARN patterns with `*`; the path in an
# ARN is passed over, for calls do not name it. So is whoever has the tag WeirExempt in IAM.
never = [\"break-glass-*\"]
{people}
[pricing]
# A model without a known price: \"flag\" leaves its cost unknown, \"worst\" takes the dearest of its maker.
unknown = \"{unknown}\"

[usage]
{settle}
{intake}{metrics}[notify]
# The language of messages to whoever has none of their own.
language = \"{language}\"
# Who is told of what somebody must look after.
# admins = [\"platform@example.com\"]
"
    )
}

fn quotas(limits: Limits) -> String {
    let (what, action) = match limits {
        Limits::Watch => ("warned about, and nobody is blocked", "notify"),
        Limits::Block | Limits::Strict => ("blocked until the day or month ends", "block"),
    };
    let quota = |window: &str, limit: &str| {
        format!(
            "[[quotas]]\nscope = \"defaults\"\nmetric = \"requests\"\nwindow = \"{window}\"\n\
             limit = {limit}\naction = \"{action}\"\n\n"
        )
    };
    format!(
        "# Everybody, unless `weir quota set` says otherwise: whoever reaches one of these is\n# {what}. \
         `weir quota suggest` proposes others, `weir quota try` says what they would have done.\n{}{}",
        quota("day", "350"),
        quota("month", "5_000")
    )
}

fn aws(account: &Account) -> String {
    format!(
        "[aws]\n# Users of this account carry no prefix.\nhome_account = \"{}\"\n\n",
        account.id
    )
}

/// Where people come through Identity Center.
fn directory(account: &Account) -> String {
    let Some(region) = &account.identity_center_region else {
        return String::new();
    };
    let store = match &account.identity_store {
        Some(store) => format!("identity_store = \"{store}\"\n"),
        None => "# This account does not see the directory: name the management or delegated account, and its role\n\
                 # under [enforcement.accounts].\n# account = \"111122223333\"\n"
            .to_owned(),
    };
    format!(
        "[directory]\n# Names, addresses and teams of people of Identity Center: `weir sync --from identity-center`.\n\
         region = \"{region}\"\n{store}\n"
    )
}

/// How people of Identity Center are to be denied, once the permission sets refer to the policy.
fn people(account: &Account) -> &'static str {
    if account.identity_center_roles == 0 {
        return "";
    }
    "# People of Identity Center cannot be denied until permission sets refer to the policy WeirBlock, path /weir/:\n\
     # `weir enforce setup` makes it, and `weir doctor` lists those that do not refer to it.\n\
     # identity_center = \"permission-set-policy\"\n"
}

/// Log groups may be followed; a bucket needs a queue first.
fn intake(account: &Account) -> String {
    let groups = account
        .regions
        .iter()
        .filter_map(|place| place.log_group.as_ref());
    let groups: Vec<_> = groups.map(|arn| format!("\"{arn}\"")).collect();
    let list = groups.join(", ");
    let groups = if groups.is_empty() {
        "# CloudWatch log groups with invocation logs that `weir serve` follows.\n# log_groups = []\n".to_owned()
    } else {
        format!("# Invocation logs that `weir serve` follows.\nlog_groups = [{list}]\n")
    };
    format!(
        "[intake]\n{groups}# SQS queues that get CloudTrail events, or word of objects in a bucket.\n\
         # queues = [\"https://sqs.REGION.amazonaws.com/ACCOUNT/weir\"]\n\n"
    )
}

fn settle(account: Option<&Account>) -> String {
    let logged = |account: &Account| {
        let mut regions = account.regions.iter();
        account.regions.is_empty() || regions.any(|place| place.invocation_log.is_some())
    };
    let (why, value) = if account.is_none_or(logged) {
        (
            "# Counts that the invocation log may still correct do not block for so long.",
            "15m",
        )
    } else {
        (
            "# No Region logs invocations, so what CloudTrail counts is final at once. Say 15m when one does.",
            "0",
        )
    };
    format!("{why}\nsettle_after = \"{value}\"\n")
}

fn metrics(account: &Account) -> String {
    let regions: Vec<_> = account
        .regions
        .iter()
        .map(|place| format!("\"{}\"", place.region))
        .collect();
    if regions.is_empty() {
        return String::new();
    }
    let regions = regions.join(", ");
    format!(
        "[metrics]\n# Where AWS is asked how many calls it counted, beside where calls were seen.\n\
         regions = [{regions}]\n\n"
    )
}
