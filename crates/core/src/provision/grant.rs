//! What somebody may call, and the text of the policy that says so: exactly these models and
//! profiles, and a standing Deny of the routes that cannot be metered (aws.md, "Blocking through IAM").
//!
//! A call through a profile is authorised on the profile and on the foundation model in every Region
//! the profile reaches. So a granted profile brings its model with it, but only for calls through
//! that profile.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde_json::{Value, json};

use crate::ids::{AccountId, ModelId};
use crate::model::{ModelForm, ModelRef};

/// The name of the inline policy of a team's group.
pub const TEAM_POLICY: &str = "WeirTeam";

const INVOKE: [&str; 3] = [
    "bedrock:CountTokens",
    "bedrock:InvokeModel",
    "bedrock:InvokeModelWithResponseStream",
];
const LOOKS: [&str; 2] = [
    "bedrock:GetInferenceProfile",
    "bedrock:ListInferenceProfiles",
];
/// Models that are only called asynchronously. IAM has no action for `StartAsyncInvoke`: it checks
/// `bedrock:InvokeModel` on the model, so the models themselves are denied.
const ASYNC_ONLY: [&str; 2] = ["amazon.nova-reel", "luma.ray"];

/// A way to spend that leaves no record per call, or none with counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Route {
    /// The second plane, with an endpoint of its own.
    Mantle,
    /// Batch jobs.
    Batch,
    /// Asynchronous calls.
    Async,
    /// Throughput bought by the hour.
    Provisioned,
}

/// What may be called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grant {
    /// Foundation models, for calls in their Region.
    pub models: BTreeSet<ModelId>,
    /// System profiles by id and application profiles by ARN, with the model behind each.
    pub profiles: BTreeMap<String, ModelId>,
    /// Routes that are not denied, although they cannot be metered.
    pub open: BTreeSet<Route>,
}

impl Route {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Mantle, Self::Batch, Self::Async, Self::Provisioned];

    /// The word typed and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mantle => "mantle",
            Self::Batch => "batch",
            Self::Async => "async",
            Self::Provisioned => "provisioned",
        }
    }

    const fn actions(self) -> &'static [&'static str] {
        match self {
            Self::Mantle => &[
                "bedrock-mantle:CallWithBearerToken",
                "bedrock-mantle:Create*",
            ],
            Self::Batch => &["bedrock:CreateModelInvocationJob"],
            Self::Provisioned => &["bedrock:CreateProvisionedModelThroughput"],
            // By model: see `ASYNC_ONLY`.
            Self::Async => &[],
        }
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Route {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|route| route.as_str() == text)
            .ok_or_else(|| format!("`{text}` is not a route: mantle, batch, async or provisioned"))
    }
}

impl Grant {
    /// Adds a model: its id, or the ARN of the foundation model.
    pub fn add_model(&mut self, text: &str) -> Result<(), String> {
        let found = ModelRef::parse(text);
        let fits = matches!(
            found.form,
            ModelForm::Plain | ModelForm::FoundationModelArn { .. }
        );
        match found.model.filter(|_| fits) {
            Some(model) => {
                self.models.insert(model);
                Ok(())
            }
            None if found.form == ModelForm::SystemProfile => Err(format!(
                "`{text}` is an inference profile: give it to --profiles"
            )),
            None => Err(format!(
                "`{text}` is not the id of a foundation model, such as anthropic.claude-opus-5-5"
            )),
        }
    }

    /// Adds a profile: the id or ARN of a system profile, or, with the model that a look-up found
    /// behind it, the ARN of an application profile.
    pub fn add_profile(&mut self, text: &str, behind: Option<&str>) -> Result<(), String> {
        let found = ModelRef::parse(text);
        let found = behind.map_or(found.clone(), |behind| found.clone().resolved_by(behind));
        let name = match found.form {
            ModelForm::SystemProfile => found.profile,
            ModelForm::ApplicationProfile => Some(found.sent.trim().to_owned()),
            _ => {
                return Err(format!(
                    "`{text}` is not an inference profile, such as eu.anthropic.claude-opus-5-5, \
                     or the ARN of an application profile"
                ));
            }
        };
        match (name, found.model) {
            (Some(name), Some(model)) => {
                self.profiles.insert(name, model);
                Ok(())
            }
            _ => Err(format!(
                "`{text}`: the model behind the profile is not known"
            )),
        }
    }

    /// Whether nothing may be called.
    pub fn is_empty(&self) -> bool {
        self.models.is_empty() && self.profiles.is_empty()
    }

    /// Models that are granted and denied at once: they are called asynchronously only.
    pub fn contradictions(&self) -> Vec<&ModelId> {
        let all = self.models.iter().chain(self.profiles.values());
        let closed = !self.open.contains(&Route::Async);
        let only_async = |model: &&ModelId| {
            ASYNC_ONLY
                .iter()
                .any(|start| model.as_str().starts_with(start))
        };
        let mut found: Vec<_> = all.filter(|model| closed && only_async(model)).collect();
        found.dedup();
        found
    }

    /// The policy of a team's group.
    pub fn team_policy(&self, partition: &str, account: &AccountId) -> String {
        let mut all = self.allows(partition, account, None);
        let actions: BTreeSet<_> = Route::ALL
            .iter()
            .filter(|route| !self.open.contains(*route))
            .flat_map(|route| route.actions())
            .collect();
        if !actions.is_empty() {
            all.push(json!({
                "Sid": "WeirTeamUnmetered", "Effect": "Deny", "Action": actions, "Resource": "*",
            }));
        }
        if !self.open.contains(&Route::Async) {
            let of = |start: &&str| format!("arn:{partition}:bedrock:*::foundation-model/{start}*");
            let models: Vec<_> = ASYNC_ONLY.iter().map(of).collect();
            all.push(json!({
                "Sid": "WeirTeamAsync", "Effect": "Deny", "Action": "bedrock:InvokeModel",
                "Resource": models,
            }));
        }
        document(&all)
    }

    /// A policy of its own with the same permissions. `agents` are patterns of `aws:UserAgent`, any
    /// of which the caller must send: a convenience against mistakes, for callers choose what they send.
    pub fn policy(&self, partition: &str, account: &AccountId, agents: &[String]) -> String {
        let condition = (!agents.is_empty()).then(|| json!({ "aws:UserAgent": agents }));
        document(&self.allows(partition, account, condition.as_ref()))
    }

    fn allows(&self, partition: &str, account: &AccountId, like: Option<&Value>) -> Vec<Value> {
        if self.is_empty() {
            return Vec::new();
        }
        let model_arn =
            |model: &ModelId| format!("arn:{partition}:bedrock:*::foundation-model/{model}");
        let profile_arn = |name: &str| {
            if name.starts_with("arn:") {
                name.to_owned()
            } else {
                format!("arn:{partition}:bedrock:*:{account}:inference-profile/{name}")
            }
        };
        let allow = |sid: &str, actions: Value, resource: Value, more: Option<Value>| {
            let mut statement =
                json!({ "Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource });
            let mut conditions = like.cloned().unwrap_or_else(|| json!({}));
            if let Some(profiles) = more {
                conditions["bedrock:InferenceProfileArn"] = profiles;
            }
            if conditions.as_object().is_some_and(|all| !all.is_empty()) {
                statement["Condition"] = json!({ "StringLike": conditions });
            }
            statement
        };
        let mut all = Vec::new();
        if !self.models.is_empty() {
            let arns: Vec<_> = self.models.iter().map(model_arn).collect();
            all.push(allow("WeirTeamModels", json!(INVOKE), json!(arns), None));
        }
        let mut behind: BTreeMap<&ModelId, Vec<String>> = BTreeMap::new();
        for (name, model) in &self.profiles {
            behind.entry(model).or_default().push(profile_arn(name));
        }
        if !behind.is_empty() {
            let arns: Vec<_> = behind.values().flatten().collect();
            all.push(allow("WeirTeamProfiles", json!(INVOKE), json!(arns), None));
        }
        for (i, (model, profiles)) in behind.iter().enumerate() {
            let (sid, profiles) = (format!("WeirTeamBehind{i}"), json!(profiles));
            let model = json!(model_arn(model));
            all.push(allow(&sid, json!(INVOKE), model, Some(profiles)));
        }
        let key = json!("bedrock:CallWithBearerToken");
        all.push(allow("WeirTeamKeys", key, json!("*"), None));
        all.push(allow("WeirTeamLooks", json!(LOOKS), json!("*"), None));
        all
    }

    /// The grant that a team's policy was made of; `None` if it is not one of ours.
    pub fn read(text: &str) -> Option<Self> {
        let document: Value = serde_json::from_str(text).ok()?;
        let statements = document["Statement"].as_array()?;
        let by_sid = |sid: &str| statements.iter().find(|one| one["Sid"] == sid);
        let mut grant = Self::default();
        if let Some(models) = by_sid("WeirTeamModels") {
            for arn in texts(&models["Resource"]) {
                grant.add_model(arn.rsplit_once('/')?.1).ok()?;
            }
        }
        let is_behind = |one: &&Value| {
            one["Sid"]
                .as_str()
                .is_some_and(|sid| sid.starts_with("WeirTeamBehind"))
        };
        for one in statements.iter().filter(is_behind) {
            let [model] = texts(&one["Resource"])[..] else {
                return None;
            };
            let model = ModelId::new(model.rsplit_once('/')?.1);
            for arn in texts(&one["Condition"]["StringLike"]["bedrock:InferenceProfileArn"]) {
                let system = arn.split_once(":inference-profile/").map(|(_, id)| id);
                let name = system.unwrap_or(arn).to_owned();
                grant.profiles.insert(name, model.clone());
            }
        }
        let denied = by_sid("WeirTeamUnmetered").map(|one| texts(&one["Action"]));
        let denied = denied.unwrap_or_default();
        for route in Route::ALL {
            let is_closed = match route {
                Route::Async => by_sid("WeirTeamAsync").is_some(),
                _ => route.actions().iter().any(|action| denied.contains(action)),
            };
            if !is_closed {
                grant.open.insert(route);
            }
        }
        let ours = statements.iter().all(|one| {
            one["Sid"]
                .as_str()
                .is_some_and(|sid| sid.starts_with(TEAM_POLICY))
        });
        ours.then_some(grant)
    }
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    }
}

fn document(statements: &[Value]) -> String {
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

#[cfg(test)]
mod tests {
    use super::super::{INLINE_GROUP_LIMIT, check_policy};
    use super::*;

    const APPLICATION: &str =
        "arn:aws:bedrock:eu-west-1:111122223333:application-inference-profile/abc123";

    fn account() -> AccountId {
        AccountId::new("111122223333")
    }

    fn grant() -> Grant {
        let mut grant = Grant::default();
        grant.add_model("amazon.nova-lite-v1:0").unwrap();
        for profile in [
            "eu.anthropic.claude-opus-5-5",
            "global.anthropic.claude-opus-5-5",
        ] {
            grant.add_profile(profile, None).unwrap();
        }
        let behind = "arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-haiku-4-5";
        grant.add_profile(APPLICATION, Some(behind)).unwrap();
        grant
    }

    fn statement(text: &str, sid: &str) -> Value {
        let document: Value = serde_json::from_str(text).unwrap();
        let all = document["Statement"].as_array().unwrap();
        all.iter()
            .find(|one| one["Sid"] == sid)
            .cloned()
            .unwrap_or_default()
    }

    #[test]
    fn a_team_may_call_exactly_what_it_was_given() {
        let text = grant().team_policy("aws", &account());
        check_policy(&text, INLINE_GROUP_LIMIT).unwrap();
        let models = statement(&text, "WeirTeamModels");
        assert_eq!(
            models["Resource"],
            json!(["arn:aws:bedrock:*::foundation-model/amazon.nova-lite-v1:0"])
        );
        assert!(models.get("Condition").is_none());
        let profiles = statement(&text, "WeirTeamProfiles");
        assert_eq!(
            profiles["Resource"],
            json!([
                APPLICATION,
                "arn:aws:bedrock:*:111122223333:inference-profile/eu.anthropic.claude-opus-5-5",
                "arn:aws:bedrock:*:111122223333:inference-profile/global.anthropic.claude-opus-5-5",
            ])
        );
        for (resources, what) in [(&models, "models"), (&profiles, "profiles")] {
            assert_eq!(resources["Action"], json!(INVOKE), "{what}");
        }
        assert!(!text.contains(r#""Allow","Resource":"arn:aws:bedrock:*::foundation-model/*""#));
    }

    #[test]
    fn the_model_behind_a_profile_is_for_calls_through_it_only() {
        let text = grant().team_policy("aws", &account());
        let opus = statement(&text, "WeirTeamBehind1");
        assert_eq!(
            opus["Resource"],
            "arn:aws:bedrock:*::foundation-model/anthropic.claude-opus-5-5"
        );
        let through = &opus["Condition"]["StringLike"]["bedrock:InferenceProfileArn"];
        assert_eq!(through.as_array().unwrap().len(), 2);
    }

    #[test]
    fn what_cannot_be_metered_stays_denied_unless_it_is_opened() {
        let text = Grant::default().team_policy("aws", &account());
        let denied = statement(&text, "WeirTeamUnmetered")["Action"].to_string();
        for action in [
            "bedrock-mantle:Create*",
            "bedrock-mantle:CallWithBearerToken",
            "bedrock:CreateModelInvocationJob",
            "bedrock:CreateProvisionedModelThroughput",
        ] {
            assert!(denied.contains(action), "{action}");
        }
        assert!(
            statement(&text, "WeirTeamAsync")["Resource"]
                .to_string()
                .contains("nova-reel")
        );
        assert!(!text.contains("Allow"), "nothing was granted");

        let mut open = grant();
        open.open.extend([Route::Mantle, Route::Async]);
        let text = open.team_policy("aws-cn", &account());
        assert!(!text.contains("mantle") && !text.contains("WeirTeamAsync"));
        assert!(text.contains("CreateModelInvocationJob"));
        assert!(text.contains("arn:aws-cn:bedrock:*::foundation-model/amazon.nova-lite-v1:0"));
    }

    #[test]
    fn a_policy_is_read_back_as_the_grant_it_was_made_of() {
        let mut open = grant();
        open.open.insert(Route::Batch);
        for grant in [Grant::default(), grant(), open] {
            let text = grant.team_policy("aws", &account());
            assert_eq!(Grant::read(&text), Some(grant));
        }
        assert_eq!(Grant::read(&crate::policy_doc::managed()), None);
        assert_eq!(Grant::read("{}"), None);
    }

    #[test]
    fn what_is_no_model_is_refused_with_the_way_out() {
        let mut grant = Grant::default();
        let said = grant.add_model("eu.anthropic.claude-opus-5-5").unwrap_err();
        assert!(said.contains("--profiles"));
        assert!(
            grant
                .add_model("claude")
                .unwrap_err()
                .contains("foundation model")
        );
        assert!(grant.add_model("anthropic.*").is_err());
        assert!(grant.add_profile("amazon.nova-lite-v1:0", None).is_err());
        assert!(
            grant
                .add_profile(APPLICATION, None)
                .unwrap_err()
                .contains("not known")
        );
        assert!(grant.is_empty());
        grant.add_model("amazon.nova-reel-v1:1").unwrap();
        assert_eq!(
            grant.contradictions(),
            [&ModelId::new("amazon.nova-reel-v1:1")]
        );
        grant.open.insert(Route::Async);
        assert!(grant.contradictions().is_empty());
    }

    #[test]
    fn a_policy_of_its_own_may_ask_for_a_user_agent() {
        let text = grant().policy("aws", &account(), &["*claude-cli*".to_owned()]);
        let behind = statement(&text, "WeirTeamBehind0");
        let like = &behind["Condition"]["StringLike"];
        assert_eq!(like["aws:UserAgent"], json!(["*claude-cli*"]));
        assert!(like.get("bedrock:InferenceProfileArn").is_some());
        assert!(!text.contains("Deny"));
    }
}
