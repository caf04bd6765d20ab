//! From the usual AWS environment to adapters.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use weir_core::ids::AccountId;
use weir_core::policy_doc;
use weir_core::rulebook::IdentityCenter;
use weir_engine::ports::{
    AccessControl, AccountSources, Directory, EffectError, Figures, Metering, People, Provisioning,
    Sources, Survey,
};

use crate::accounts::{Account, Accounts};
use crate::cloudtrail_history::CloudTrailHistory;
use crate::cloudwatch::CloudWatch;
use crate::directory::AwsDirectory;
use crate::iam_access::IamAccess;
use crate::identity_store::IdentityStore;
use crate::logs_groups::CloudWatchLogGroups;
use crate::provision::IamProvisioning;
use crate::rights::RightsOf;
use crate::s3_objects::S3Objects;
use crate::sqs_queues::SqsQueues;
use crate::sso_instance;
use crate::survey::AwsSurvey;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long one call that reads a source may take: longer than SQS waits for a message. What streams
/// afterwards has no limit but that it goes on.
const READ_TIMEOUT: Duration = Duration::from_mins(1);

/// What of the configuration concerns AWS; credentials, Region and endpoint come from the usual
/// environment and profile files.
#[derive(Clone, Debug)]
pub struct AwsSettings {
    /// `enforcement.policy_name`: what a denied developer may see.
    pub policy_name: String,
    /// `enforcement.iam_user`.
    pub iam_user: UserMechanism,
    /// `enforcement.identity_center`.
    pub identity_center: IdentityCenter,
    /// `enforcement.identity_center_policies`: how many policies permission sets refer to.
    pub people_policies: u8,
    /// `[directory]`.
    pub directory: DirectoryPlace,
    /// `enforcement.accounts.<id>`: roles that give access to other accounts.
    pub accounts: BTreeMap<AccountId, AccountRole>,
    /// Another endpoint than the environment says, for tests.
    pub endpoint_url: Option<String>,
    /// Another Region than the environment says.
    pub region: Option<String>,
    /// How long one call may take.
    pub call_timeout: Duration,
}

/// How an IAM user is denied; the other way is used where this one has no room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UserMechanism {
    /// A fixed managed policy is attached.
    #[default]
    Attach,
    /// An inline policy is written.
    Inline,
}

/// Where the directory behind Identity Center is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DirectoryPlace {
    /// The Region of Identity Center, if it is another than that of the environment.
    pub region: Option<String>,
    /// The account of Identity Center, if it is not the home account.
    pub account: Option<AccountId>,
    /// The identity store, if it is not that of the only instance.
    pub identity_store: Option<String>,
}

/// The role Weir assumes in another account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRole {
    /// Its ARN.
    pub role_arn: String,
    /// The external id that its trust policy asks for.
    pub external_id: Option<String>,
}

/// The adapters over one set of credentials.
#[derive(Clone)]
pub struct Connection {
    /// Makes denials real.
    pub access: Arc<dyn AccessControl>,
    /// Says who somebody is.
    pub directory: Arc<dyn Directory>,
    /// Hands out access, for whoever runs a command that does.
    pub provisioning: Arc<dyn Provisioning>,
    /// What records can be fetched from.
    pub sources: Sources,
    /// Says what AWS itself counted.
    pub metering: Arc<dyn Metering>,
    /// Takes our figures.
    pub figures: Arc<dyn Figures>,
    accounts: Arc<Accounts>,
}

/// The usual environment holds no credentials.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no AWS credentials were found: {0}")]
pub struct NoCredentials(pub String);

impl Default for AwsSettings {
    fn default() -> Self {
        Self {
            policy_name: policy_doc::POLICY_NAME.to_owned(),
            iam_user: UserMechanism::default(),
            identity_center: IdentityCenter::None,
            people_policies: 1,
            directory: DirectoryPlace::default(),
            accounts: BTreeMap::new(),
            endpoint_url: None,
            region: None,
            call_timeout: Duration::from_secs(15),
        }
    }
}

/// Finds credentials and makes the adapters. Calls no AWS service, except what the credentials
/// themselves may need (a profile that assumes a role, an instance's metadata).
pub async fn connect(settings: AwsSettings) -> Result<Connection, NoCredentials> {
    let config = load(&settings).await;
    credentials(&config).await?;
    Ok(Connection::over(config, settings))
}

/// What the usual environment says, for what needs no adapter.
pub async fn sdk_config(settings: &AwsSettings) -> SdkConfig {
    load(settings).await
}

impl Connection {
    /// The adapters over a configuration that is there already.
    pub fn over(config: SdkConfig, settings: AwsSettings) -> Self {
        let patient = patient(&config);
        let accounts = Arc::new(Accounts::new(config, settings));
        let cloudwatch = Arc::new(CloudWatch::new(Arc::clone(&accounts), patient.clone()));
        Self {
            sources: sources(&patient),
            metering: Arc::clone(&cloudwatch) as Arc<_>,
            figures: cloudwatch,
            access: Arc::new(IamAccess::new(Arc::clone(&accounts))),
            provisioning: Arc::new(IamProvisioning::new(Arc::clone(&accounts))),
            directory: Arc::new(AwsDirectory::new(Arc::clone(&accounts))),
            accounts,
        }
    }

    /// A look at the accounts; `of` says what our rights depend on, `elsewhere` what those of the roles in other
    /// accounts do.
    pub fn survey(
        &self,
        of: RightsOf,
        elsewhere: BTreeMap<AccountId, RightsOf>,
    ) -> Arc<dyn Survey> {
        let survey = AwsSurvey::new(Arc::clone(&self.accounts), of);
        Arc::new(survey.and_of(elsewhere))
    }

    /// The accounts that are reached: that of our credentials, then those with a configured role.
    pub async fn accounts(&self) -> Result<Vec<AccountId>, EffectError> {
        let home = self.accounts.identity().await?.account.clone();
        let others = self.accounts.settings.accounts.keys();
        let others: Vec<_> = others.filter(|id| **id != home).cloned().collect();
        Ok([vec![home], others].concat())
    }

    /// The id of the directory behind Identity Center in that Region, as our own account sees it.
    pub async fn identity_store(&self, region: &str) -> Result<String, EffectError> {
        let home = self.accounts.identity().await?.account.clone();
        let config = patient(&self.accounts.get(&home).await?.config);
        let region = Region::new(region.to_owned());
        let there = config.into_builder().region(region).build();
        sso_instance::identity_store(&there).await
    }

    /// What calls can be read from in an account, by the same credentials that deny there; or why not.
    pub async fn account(
        &self,
        id: &AccountId,
        of: RightsOf,
    ) -> Result<AccountSources, EffectError> {
        let Account {
            id,
            partition,
            config,
        } = self.accounts.get(id).await?;
        let patient = patient(&config);
        let survey = AwsSurvey::new(Arc::clone(&self.accounts), of);
        let (sources, survey) = if id == self.accounts.identity().await?.account {
            (sources(&patient), survey)
        } else {
            self.accounts.must_be_in(&id, &config).await?;
            (sources_of(&patient, &id), survey.at(id.clone()))
        };
        Ok(AccountSources {
            account: id,
            partition,
            sources,
            survey: Arc::new(survey),
        })
    }

    /// The ways to what is read by the role in an account; `None`: by our own credentials. Asks AWS
    /// nothing, so that a server begins without it: whether the role can be assumed, the first call says.
    pub async fn sources_by(&self, role: Option<&AccountId>) -> Result<Sources, EffectError> {
        let Some(id) = role else {
            return Ok(self.sources.clone());
        };
        let config = self.accounts.by_role(id).await?;
        Ok(sources_of(&patient(&config), id))
    }

    /// Whether the role in an account can be assumed, and if not, why and what to do.
    pub async fn reaches(&self, role: &AccountId) -> Result<(), EffectError> {
        let config = self.accounts.by_role(role).await?;
        self.accounts.must_be_in(role, &config).await
    }

    /// The directory behind Identity Center. Not a field, so that no function carries what reads it.
    pub fn people(&self) -> Arc<dyn People> {
        Arc::new(IdentityStore::new(Arc::clone(&self.accounts)))
    }
}

/// With a patience of its own: reading may be repeated by the SDK.
pub(crate) fn patient(config: &SdkConfig) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_timeout(READ_TIMEOUT)
        .build();
    config
        .to_builder()
        .retry_config(RetryConfig::standard())
        .timeout_config(timeouts)
        .build()
}

fn sources(config: &SdkConfig) -> Sources {
    Sources {
        objects: Arc::new(S3Objects::new(config.clone())),
        queues: Arc::new(SqsQueues::new(config.clone())),
        log_groups: Arc::new(CloudWatchLogGroups::new(config.clone())),
        history: Arc::new(CloudTrailHistory::new(config.clone())),
    }
}

/// Those of an account that is not that of our own credentials.
fn sources_of(config: &SdkConfig, account: &AccountId) -> Sources {
    let history = CloudTrailHistory::new(config.clone()).of(account.clone());
    Sources {
        history: Arc::new(history),
        ..sources(config)
    }
}

pub(crate) async fn load(settings: &AwsSettings) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_timeout(settings.call_timeout)
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        // The engine retries, with the ledger in view.
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts);
    if let Some(url) = &settings.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    if let Some(region) = &settings.region {
        loader = loader.region(Region::new(region.clone()));
    }
    let config = loader.load().await;
    if config.region().is_some() {
        return config;
    }
    // IAM and STS are global; only profile look-ups name a Region, and bring their own.
    config
        .into_builder()
        .region(Region::from_static("us-east-1"))
        .build()
}

async fn credentials(config: &SdkConfig) -> Result<(), NoCredentials> {
    use aws_sdk_sts::config::ProvideCredentials;
    let provider = config.credentials_provider();
    let provider = provider.ok_or_else(|| NoCredentials("none are configured".to_owned()))?;
    match provider.provide_credentials().await {
        Ok(_) => Ok(()),
        Err(error) => Err(NoCredentials(error.to_string())),
    }
}
