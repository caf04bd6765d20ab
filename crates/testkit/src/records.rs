//! Calls, as tests tell them: `call("r1").by("ana").at("2026-11-20T09:15:02Z").tokens(812, 164)`.
//!
//! A [`Draft`] is one invocation as it really was. From it come the records that AWS would send about
//! it ([`Draft::api`], [`Draft::completion`], [`Draft::log`]) and, in [`crate::wire`], their JSON.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan};
use weir_core::evidence::{Evidence, Sighting};
use weir_core::ids::{AccountId, KeyId, Region, RequestId};
use weir_core::record::{Client, Failure, Identity, Record, Source};
use weir_core::tokens::Tokens;

/// The account of all calls that name none.
pub const ACCOUNT: &str = "111122223333";
/// The Region of all calls that name none.
pub const REGION: &str = "eu-west-1";
/// The model of all calls that name none.
pub const MODEL: &str = "anthropic.claude-haiku-4-5-20251001-v1:0";
/// The permission-set role of everybody who comes through Identity Center.
pub const SSO_ROLE: &str = "AWSReservedSSO_BedrockDevelopers_0123456789abcdef";

/// One invocation as it really was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub(crate) request: String,
    pub(crate) identity: Identity,
    pub(crate) at: Timestamp,
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) operation: String,
    pub(crate) model: String,
    pub(crate) tokens: Option<Tokens>,
    pub(crate) failure: Option<Failure>,
    pub(crate) user_agent: String,
    pub(crate) access_key: Option<String>,
    pub(crate) bearer: bool,
    pub(crate) metadata: BTreeMap<String, String>,
}

/// A call by `ana` at a fixed instant, without counts; say what matters with the methods.
pub fn call(request: &str) -> Draft {
    let noon = Timestamp::constant(1_795_172_400, 0); // 2026-11-20T11:00:00Z
    Draft {
        request: request.to_owned(),
        identity: iam_user("ana"),
        at: noon,
        account: ACCOUNT.to_owned(),
        region: REGION.to_owned(),
        operation: "Converse".to_owned(),
        model: MODEL.to_owned(),
        tokens: None,
        failure: None,
        user_agent: "Boto3/1.43.11 md/Botocore#1.43.11".to_owned(),
        access_key: None,
        bearer: false,
        metadata: BTreeMap::new(),
    }
}

fn iam_user(name: &str) -> Identity {
    let stable_id = Some(format!("AIDA{}", name.to_uppercase()));
    Identity::IamUser {
        name: name.to_owned(),
        stable_id,
    }
}

impl Draft {
    /// By an IAM user.
    #[must_use]
    pub fn by(self, name: &str) -> Self {
        Self {
            identity: iam_user(name),
            ..self
        }
    }

    /// By a session of an ordinary role.
    #[must_use]
    pub fn by_session(self, role: &str, session: &str) -> Self {
        let identity = Identity::RoleSession {
            role: role.to_owned(),
            session: session.to_owned(),
            stable_id: Some(format!("AROA{}", role.to_uppercase())),
            source_identity: None,
        };
        Self { identity, ..self }
    }

    /// Under another immutable id: the user or role was deleted and made again.
    #[must_use]
    pub fn under_id(mut self, id: &str) -> Self {
        if let Identity::IamUser { stable_id, .. } | Identity::RoleSession { stable_id, .. } =
            &mut self.identity
        {
            *stable_id = Some(id.to_owned());
        }
        self
    }

    /// The immutable id, where there is one.
    pub fn stable_id(&self) -> Option<&str> {
        match &self.identity {
            Identity::IamUser { stable_id, .. } | Identity::RoleSession { stable_id, .. } => {
                stable_id.as_deref()
            }
            _ => None,
        }
    }

    /// With a source identity, where the caller is a role session.
    #[must_use]
    pub fn on_behalf_of(mut self, source: &str) -> Self {
        if let Identity::RoleSession {
            source_identity, ..
        } = &mut self.identity
        {
            *source_identity = Some(source.to_owned());
        }
        self
    }

    /// By somebody who came through Identity Center.
    #[must_use]
    pub fn by_person(self, session: &str) -> Self {
        let identity = Identity::IdentityCenter {
            role: SSO_ROLE.to_owned(),
            session: session.to_owned(),
            directory_id: None,
        };
        Self { identity, ..self }
    }

    /// With the id that the directory has for whoever came through Identity Center.
    #[must_use]
    pub fn with_directory_id(mut self, id: &str) -> Self {
        if let Identity::IdentityCenter { directory_id, .. } = &mut self.identity {
            *directory_id = Some(id.to_owned());
        }
        self
    }

    /// By the root user.
    #[must_use]
    pub fn by_root(self) -> Self {
        Self {
            identity: Identity::Root,
            ..self
        }
    }

    /// When, in RFC 3339.
    ///
    /// # Panics
    /// If the text is not a time: the test is wrong.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test that writes no time is wrong")]
    pub fn at(self, at: &str) -> Self {
        let at = at.parse().expect("a time such as 2026-11-20T09:15:02Z");
        self.at_time(at)
    }

    /// When.
    #[must_use]
    pub fn at_time(self, at: Timestamp) -> Self {
        Self { at, ..self }
    }

    /// In another account.
    #[must_use]
    pub fn in_account(self, account: &str) -> Self {
        Self {
            account: account.to_owned(),
            ..self
        }
    }

    /// In another Region.
    #[must_use]
    pub fn in_region(self, region: &str) -> Self {
        Self {
            region: region.to_owned(),
            ..self
        }
    }

    /// Of another model, in any form AWS accepts.
    #[must_use]
    pub fn model(self, sent: &str) -> Self {
        Self {
            model: sent.to_owned(),
            ..self
        }
    }

    /// With so much uncached input and output.
    #[must_use]
    pub fn tokens(self, input: u64, output: u64) -> Self {
        self.all_tokens(Tokens {
            input,
            output,
            ..Tokens::default()
        })
    }

    /// With counts of every class.
    #[must_use]
    pub fn all_tokens(self, tokens: Tokens) -> Self {
        Self {
            tokens: Some(tokens),
            ..self
        }
    }

    /// Streamed: CloudTrail tells the counts in a completion event only.
    #[must_use]
    pub fn streamed(self) -> Self {
        Self {
            operation: "ConverseStream".to_owned(),
            ..self
        }
    }

    /// Denied by a policy; nothing was generated.
    #[must_use]
    pub fn denied(self) -> Self {
        self.failed("AccessDenied")
    }

    /// Refused for too many calls; nothing was generated.
    #[must_use]
    pub fn throttled(self) -> Self {
        self.failed("ThrottlingException")
    }

    /// Failed with that code; nothing was generated.
    #[must_use]
    pub fn failed(self, code: &str) -> Self {
        let failure = Failure {
            code: code.to_owned(),
            message: Some(format!("{code}: not today")),
        };
        Self {
            failure: Some(failure),
            tokens: None,
            ..self
        }
    }

    /// By that program.
    #[must_use]
    pub fn agent(self, user_agent: &str) -> Self {
        Self {
            user_agent: user_agent.to_owned(),
            ..self
        }
    }

    /// Signed with that key.
    #[must_use]
    pub fn key(self, key: &str) -> Self {
        Self {
            access_key: Some(key.to_owned()),
            ..self
        }
    }

    /// With a Bedrock API key.
    #[must_use]
    pub fn bearer(self) -> Self {
        Self {
            bearer: true,
            ..self
        }
    }

    /// With request metadata.
    #[must_use]
    pub fn metadata(mut self, key: &str, value: &str) -> Self {
        self.metadata.insert(key.to_owned(), value.to_owned());
        self
    }

    /// Whether the answer was streamed.
    pub(crate) fn is_streamed(&self) -> bool {
        self.operation.contains("Stream")
    }

    /// What CloudTrail tells of the counts: the whole input in one number, and the output.
    pub(crate) fn cloudtrail_tokens(&self) -> Option<Tokens> {
        let tokens = self.tokens?;
        Some(Tokens {
            input: tokens.whole_input(),
            output: tokens.output,
            ..Tokens::default()
        })
    }

    /// When the answer was complete.
    pub(crate) fn ended(&self) -> Timestamp {
        self.at.saturating_add(39.seconds()).unwrap_or(self.at)
    }

    /// CloudTrail's API-call record.
    pub fn api(&self) -> Record {
        Record {
            request: RequestId::new(&self.request),
            source: Source::ApiCall,
            at: self.at,
            account: AccountId::new(&self.account),
            region: Region::new(&self.region),
            operation: self.operation.clone(),
            identity: self.identity.clone(),
            model_sent: Some(self.model.clone()),
            model_resource: None,
            inference_region: None,
            tokens: self.cloudtrail_tokens().filter(|_| !self.is_streamed()),
            failure: self.failure.clone(),
            tier: None,
            client: self.client(),
            metadata: BTreeMap::new(),
        }
    }

    /// CloudTrail's stream-completion record: the foundation model only, the provisional counts.
    pub fn completion(&self) -> Record {
        Record {
            source: Source::Completion,
            at: self.ended(),
            model_sent: None,
            model_resource: Some(self.foundation_model()),
            tokens: self.cloudtrail_tokens(),
            failure: None,
            client: Client {
                bearer: false,
                ..self.client()
            },
            ..self.api()
        }
    }

    /// The model-invocation log's record: the ARN only, the final counts.
    pub fn log(&self) -> Record {
        Record {
            source: Source::Log,
            identity: self.identity_in_log(),
            tokens: self.tokens,
            client: Client::default(),
            metadata: self.metadata.clone(),
            ..self.api()
        }
    }

    /// The evidence of the API-call record alone.
    pub fn evidence(&self) -> Evidence {
        Evidence::of(self.api(), Sighting::default())
    }

    fn client(&self) -> Client {
        Client {
            source_ip: Some("198.51.100.24".to_owned()),
            user_agent: Some(self.user_agent.clone()),
            access_key: self.access_key.as_deref().map(KeyId::new),
            bearer: self.bearer,
        }
    }

    /// The canonical model behind a Region prefix or ARN, as CloudTrail's `resources[]` has it.
    pub(crate) fn foundation_model(&self) -> String {
        let id = self.model.rsplit('/').next().unwrap_or_default();
        let bare = ["global.", "eu.", "us.", "apac."]
            .iter()
            .find_map(|prefix| id.strip_prefix(prefix))
            .unwrap_or(id);
        format!("arn:aws:bedrock:{}::foundation-model/{bare}", self.region)
    }

    fn identity_in_log(&self) -> Identity {
        match self.identity.clone() {
            Identity::IamUser { name, .. } => Identity::IamUser {
                name,
                stable_id: None,
            },
            Identity::RoleSession { role, session, .. } => Identity::RoleSession {
                role,
                session,
                stable_id: None,
                source_identity: None,
            },
            Identity::IdentityCenter { role, session, .. } => Identity::IdentityCenter {
                role,
                session,
                directory_id: None,
            },
            other => other,
        }
    }
}
