//! The rights Weir needs, by what it is to do, and no more: `weir aws-policy`, `weir enforce setup
//! --print`, `weir provision --print-policy`, and what `weir doctor` asks IAM about. A test holds these
//! documents against the calls that the adapters make.

mod enforce;
mod identity_center;
mod probe;
mod provision;
mod read;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use weir_core::policy_doc;
use weir_engine::ports::{Feature, LogGroup};

pub(crate) use probe::{Probe, beyond, needed};

/// What the documents depend on.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own"
)]
pub struct RightsOf {
    /// The partition of ARNs: `aws`, `aws-us-gov`, `aws-cn`, `aws-eusc`.
    pub partition: String,
    /// A twelve-digit id, or `*`.
    pub account: String,
    /// `enforcement.policy_name`.
    pub policy_name: String,
    /// Whether inline policies may be written: on roles, and where a user has no room for the managed
    /// policy.
    pub inline: bool,
    /// The URLs of the queues that a server reads by these rights.
    pub queues: Vec<String>,
    /// Whether it opens the objects by them that messages of a queue name.
    pub opens_objects: bool,
    /// The log groups that it follows by them.
    pub log_groups: Vec<LogGroup>,
    /// Figures are put into CloudWatch.
    pub puts_figures: bool,
    /// The roles that lead to other accounts.
    pub roles: Vec<String>,
    /// The address that mails leave from through SES.
    pub ses_from: Option<String>,
    /// The SNS topic.
    pub topic: Option<String>,
    /// The secret that holds the login of the database.
    pub secret: Option<String>,
    /// Whether the directory behind Identity Center is read by these rights.
    pub reads_directory: bool,
    /// What people of Identity Center are denied by.
    pub people: PeopleBy,
}

/// What people of Identity Center are denied by, in an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PeopleBy {
    /// Versions of the managed policy there.
    #[default]
    Policy,
    /// The SCP of that id or ARN, which these rights write.
    Scp(String),
    /// An SCP that the rights of another account write.
    Elsewhere,
}

impl Default for RightsOf {
    fn default() -> Self {
        Self {
            partition: "aws".to_owned(),
            account: "*".to_owned(),
            policy_name: policy_doc::POLICY_NAME.to_owned(),
            inline: true,
            queues: Vec::new(),
            opens_objects: false,
            log_groups: Vec::new(),
            puts_figures: false,
            roles: Vec::new(),
            ses_from: None,
            topic: None,
            secret: None,
            reads_directory: true,
            people: PeopleBy::default(),
        }
    }
}

impl RightsOf {
    /// The ARN of something in IAM: `user/*`.
    fn iam(&self, what: &str) -> String {
        format!("arn:{}:iam::{}:{what}", self.partition, self.account)
    }

    /// The ARN of the managed policy that denies.
    fn deny_policy(&self) -> String {
        let path = policy_doc::POLICY_PATH;
        self.iam(&format!("policy{path}{}", self.policy_name))
    }
}

/// The policy that allows these features, JSON text. Statements carry `Sid`s that say what they are
/// for; one that is not needed any more may be taken away.
pub fn print_policy(features: &[Feature], of: &RightsOf) -> String {
    let statements: Vec<Value> = statements(features, of)
        .iter()
        .map(Statement::value)
        .collect();
    let policy = json!({ "Version": "2012-10-17", "Statement": statements });
    format!("{policy:#}")
}

/// What whoever steals these rights could do with them, in a sentence or two.
pub const fn stolen(feature: Feature) -> &'static str {
    match feature {
        Feature::Read => {
            "Whoever steals these rights learns who is in the account, by name, tag and group, and which \
             models are called; where logs are read, also the prompts and answers in them. They change \
             nothing."
        }
        Feature::Enforce => {
            "Whoever steals these rights can deny Bedrock to anybody, or take the Denies of Weir away, and \
             switch keys on and off. With WeirSetUp they can write another text into the policy WeirBlock \
             and attach it, and so take over the account: take that statement away after `weir enforce \
             setup`. So they can with WeirWritesInlinePolicies, which IAM can bind neither to a name nor to \
             a text: `--attach-only` leaves it out, and then roles, and users with ten policies, cannot be \
             denied."
        }
        Feature::IdentityCenter => {
            "Whoever steals these rights can change the text of the policy WeirBlock, which permission sets \
             reference, or of the SCP: deny anything to the people who come through Identity Center, or \
             grant them anything by the policy. They read the directory."
        }
        Feature::Provision => {
            "Whoever steals these rights can make users, keys and groups under /weir/, and grant them \
             anything through a group's policy: give them to people with MFA, never to a server."
        }
    }
}

pub(crate) fn statements(features: &[Feature], of: &RightsOf) -> Vec<Statement> {
    let mut all = Vec::new();
    for feature in Feature::ALL {
        if features.contains(&feature) {
            all.extend(match feature {
                Feature::Read => read::statements(of),
                Feature::Enforce => enforce::statements(of),
                Feature::IdentityCenter => identity_center::statements(of),
                Feature::Provision => provision::statements(of),
            });
        }
    }
    all
}

/// One statement, which allows.
pub(crate) struct Statement {
    sid: &'static str,
    actions: Vec<&'static str>,
    resources: Vec<String>,
    condition: Option<Condition>,
    /// A server does without: it may be taken away once the commands that need it were run.
    spare: bool,
}

/// `"StringEquals": { "iam:PolicyARN": […] }`.
struct Condition {
    operator: &'static str,
    key: &'static str,
    values: Vec<String>,
}

impl Statement {
    fn on(sid: &'static str, actions: &[&'static str], resources: Vec<String>) -> Self {
        Self {
            sid,
            actions: actions.to_vec(),
            resources,
            condition: None,
            spare: false,
        }
    }

    /// The same, for some commands alone.
    fn spare(self) -> Self {
        Self {
            spare: true,
            ..self
        }
    }

    /// What knows no resources, or is looked for everywhere.
    fn anywhere(sid: &'static str, actions: &[&'static str]) -> Self {
        Self::on(sid, actions, vec!["*".to_owned()])
    }

    fn only(self, operator: &'static str, key: &'static str, values: Vec<String>) -> Self {
        let condition = Some(Condition {
            operator,
            key,
            values,
        });
        Self { condition, ..self }
    }

    fn value(&self) -> Value {
        let Self {
            sid,
            actions,
            resources,
            condition,
            spare: _,
        } = self;
        let mut fields = Map::new();
        fields.insert("Sid".to_owned(), json!(sid));
        fields.insert("Effect".to_owned(), json!("Allow"));
        fields.insert("Action".to_owned(), json!(actions));
        let resources = match resources.as_slice() {
            [one] => json!(one),
            all => json!(all),
        };
        fields.insert("Resource".to_owned(), resources);
        if let Some(Condition {
            operator,
            key,
            values,
        }) = condition
        {
            let keys = BTreeMap::from([(*key, values)]);
            fields.insert(
                "Condition".to_owned(),
                json!(BTreeMap::from([(*operator, keys)])),
            );
        }
        Value::Object(fields)
    }
}
