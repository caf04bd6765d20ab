//! An account of its own for each test, on the shared moto server.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use async_trait::async_trait;
use aws_config::sts::AssumeRoleProvider;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_iam::Client;
use aws_sdk_iam::config::{Credentials, SharedCredentialsProvider};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use weir_aws::{AwsSettings, Connection};
use weir_core::ids::{AccountId, KeyId};
use weir_core::policy_doc;
use weir_engine::ports::{AccessControl, Directory, EffectErrorKind};
use weir_testkit::fakes::contract::Stage;

use super::recorder::Recorder;

const NAME: &str = policy_doc::POLICY_NAME;
/// How long a delayed write takes unless a test lets it land, in milliseconds: no test waits for it.
pub(crate) const LATE: u64 = 3_600_000;

pub(crate) struct MotoStage {
    pub(crate) account: AccountId,
    pub(crate) config: SdkConfig,
    pub(crate) connection: Connection,
    pub(crate) client: Client,
    /// What the adapters called.
    pub(crate) recorder: Recorder,
}

#[expect(
    clippy::disallowed_methods,
    reason = "where the server is, only the environment says"
)]
pub(crate) fn url() -> String {
    std::env::var("WEIR_TEST_AWS_URL").expect(
        "WEIR_TEST_AWS_URL is not set: run `scripts/with-services.sh cargo nextest run --profile ci -p weir-aws`",
    )
}

/// Twelve digits nobody else has.
pub(crate) fn fresh_account() -> AccountId {
    let drawn = RandomState::new().build_hasher().finish() % 900_000_000_000;
    AccountId::new((100_000_000_000 + drawn).to_string())
}

/// Credentials of that account, as moto gives them to whoever assumes a role there.
pub(crate) async fn config_of(account: &AccountId) -> SdkConfig {
    let home = aws_config::defaults(BehaviorVersion::latest())
        .retry_config(aws_config::retry::RetryConfig::disabled())
        .endpoint_url(url())
        .region(Region::from_static("eu-west-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .load()
        .await;
    let role = AssumeRoleProvider::builder(format!("arn:aws:iam::{account}:role/weir"))
        .session_name("weir")
        .configure(&home)
        .build()
        .await;
    home.into_builder()
        .credentials_provider(SharedCredentialsProvider::new(role))
        .build()
}

impl MotoStage {
    pub(crate) async fn new() -> Self {
        Self::with(AwsSettings::default()).await
    }

    pub(crate) async fn with(settings: AwsSettings) -> Self {
        let account = fresh_account();
        let config = config_of(&account).await;
        Self::over(account, config, settings)
    }

    /// In an account that is there already.
    pub(crate) fn over(account: AccountId, config: SdkConfig, settings: AwsSettings) -> Self {
        let recorder = Recorder::default();
        let connection = Connection::over(recorder.over(&config), settings);
        let client = Client::new(&config);
        Self {
            account,
            config,
            connection,
            client,
            recorder,
        }
    }

    pub(crate) fn managed_arn(&self) -> String {
        format!("arn:aws:iam::{}:policy/weir/{NAME}", self.account)
    }

    pub(crate) async fn faults(&self, faults: Value) {
        control("POST", "/weir-test/faults", &faults).await;
    }

    pub(crate) async fn calls(&self, user: &str) -> Vec<String> {
        let answer = control("GET", &format!("/weir-test/calls?user={user}"), &json!([])).await;
        let calls: Value = serde_json::from_str(&answer).unwrap();
        let calls = calls.as_array().unwrap().iter();
        calls
            .map(|call| call["action"].as_str().unwrap().to_owned())
            .collect()
    }

    /// The text in force of a managed policy.
    pub(crate) async fn managed_text(&self, arn: &str) -> String {
        let policy = self
            .client
            .get_policy()
            .policy_arn(arn)
            .send()
            .await
            .unwrap()
            .policy
            .unwrap();
        let version = policy.default_version_id.unwrap();
        let answer = self
            .client
            .get_policy_version()
            .policy_arn(arn)
            .version_id(version)
            .send()
            .await;
        decoded(&answer.unwrap().policy_version.unwrap().document.unwrap())
    }
}

/// A request to the test's side of the server; returns the body.
pub(crate) async fn control(method: &str, path: &str, body: &Value) -> String {
    let head = format!("{method} {path} HTTP/1.1\r\nContent-Type: application/json");
    request(&head, body).await
}

/// A call of a service that no adapter needs, and so no SDK is here for. The server looks at who
/// signs, not at the signature.
pub(crate) async fn call_as(config: &SdkConfig, service: &str, target: &str, body: &Value) {
    use aws_sdk_sts::config::ProvideCredentials;
    let provider = config.credentials_provider().unwrap();
    let credentials = provider.provide_credentials().await.unwrap();
    let key = credentials.access_key_id();
    let head = format!(
        "POST / HTTP/1.1\r\nContent-Type: application/x-amz-json-1.1\r\nX-Amz-Target: {target}\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential={key}/20261120/eu-west-1/{service}/aws4_request, \
         SignedHeaders=host, Signature=0"
    );
    request(&head, body).await;
}

async fn request(head: &str, body: &Value) -> String {
    let address = url();
    let address = address.trim_start_matches("http://").trim_end_matches('/');
    let body = body.to_string();
    let request = format!(
        "{head}\r\nHost: {address}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 20"), "{head}: {answer}");
    answer
        .split_once("\r\n\r\n")
        .map(|(_, body)| body.to_owned())
        .unwrap_or_default()
}

pub(crate) fn decoded(text: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let hex = [bytes.next().unwrap(), bytes.next().unwrap()];
            out.push(u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap());
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).unwrap()
}

#[async_trait]
impl Stage for MotoStage {
    fn access(&self) -> Arc<dyn AccessControl> {
        Arc::clone(&self.connection.access)
    }

    fn directory(&self) -> Arc<dyn Directory> {
        Arc::clone(&self.connection.directory)
    }

    async fn account(&self) -> AccountId {
        self.account.clone()
    }

    fn name(&self, what: &str) -> String {
        // Faults go by name alone, on a server that all tests share.
        format!("{what}-{}", self.account)
    }

    async fn make_user(&self, name: &str) {
        self.client
            .create_user()
            .user_name(name)
            .send()
            .await
            .unwrap();
    }

    async fn delete_user(&self, name: &str) {
        let client = &self.client;
        let attached = client
            .list_attached_user_policies()
            .user_name(name)
            .send()
            .await
            .unwrap();
        for policy in attached.attached_policies() {
            let arn = policy.policy_arn().unwrap();
            client
                .detach_user_policy()
                .user_name(name)
                .policy_arn(arn)
                .send()
                .await
                .unwrap();
        }
        let inline = client
            .list_user_policies()
            .user_name(name)
            .send()
            .await
            .unwrap();
        for policy in inline.policy_names() {
            client
                .delete_user_policy()
                .user_name(name)
                .policy_name(policy)
                .send()
                .await
                .unwrap();
        }
        client.delete_user().user_name(name).send().await.unwrap();
    }

    async fn make_role(&self, name: &str) {
        let trust = r#"{"Version":"2012-10-17","Statement":[]}"#;
        self.client
            .create_role()
            .role_name(name)
            .assume_role_policy_document(trust)
            .send()
            .await
            .unwrap();
    }

    async fn trust_role(&self, name: &str, policy: &str) {
        let update = self.client.update_assume_role_policy().role_name(name);
        update.policy_document(policy).send().await.unwrap();
    }

    async fn attach_others(&self, user: &str, count: usize) {
        let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}"#;
        for i in 0..count {
            let name = format!("Theirs{i}-{user}");
            let made = self
                .client
                .create_policy()
                .policy_name(name)
                .policy_document(text)
                .send()
                .await;
            let arn = made.unwrap().policy.unwrap().arn.unwrap();
            self.client
                .attach_user_policy()
                .user_name(user)
                .policy_arn(arn)
                .send()
                .await
                .unwrap();
        }
    }

    async fn put_other(&self, user: &str, name: &str, text: &str) {
        let put = self
            .client
            .put_user_policy()
            .user_name(user)
            .policy_name(name);
        put.policy_document(text).send().await.unwrap();
    }

    async fn tag_user(&self, name: &str, tags: &[(&str, &str)]) {
        let mut request = self.client.tag_user().user_name(name);
        for (key, value) in tags {
            let tag = aws_sdk_iam::types::Tag::builder()
                .key(*key)
                .value(*value)
                .build();
            request = request.tags(tag.unwrap());
        }
        request.send().await.unwrap();
    }

    async fn join(&self, user: &str, group: &str) {
        self.client
            .create_group()
            .group_name(group)
            .send()
            .await
            .unwrap();
        self.client
            .add_user_to_group()
            .group_name(group)
            .user_name(user)
            .send()
            .await
            .unwrap();
    }

    async fn make_login(&self, user: &str) {
        let profile = self.client.create_login_profile().user_name(user);
        profile.password("Not-a-secret-1").send().await.unwrap();
    }

    async fn make_key(&self, user: &str) -> KeyId {
        let key = self
            .client
            .create_service_specific_credential()
            .user_name(user);
        let made = key
            .service_name("bedrock.amazonaws.com")
            .send()
            .await
            .unwrap();
        KeyId::new(
            made.service_specific_credential
                .unwrap()
                .service_specific_credential_id,
        )
    }

    async fn ours_of_user(&self, user: &str) -> Vec<String> {
        let mut ours = Vec::new();
        let attached = self
            .client
            .list_attached_user_policies()
            .user_name(user)
            .send()
            .await
            .unwrap();
        let arn = self.managed_arn();
        if attached
            .attached_policies()
            .iter()
            .any(|policy| policy.policy_arn() == Some(&arn))
        {
            ours.push(self.managed_text(&arn).await);
        }
        let inline = self
            .client
            .list_user_policies()
            .user_name(user)
            .send()
            .await
            .unwrap();
        if inline.policy_names().iter().any(|name| name == NAME) {
            let get = self
                .client
                .get_user_policy()
                .user_name(user)
                .policy_name(NAME)
                .send()
                .await;
            ours.push(decoded(&get.unwrap().policy_document));
        }
        ours
    }

    async fn ours_of_role(&self, role: &str) -> Vec<String> {
        let inline = self
            .client
            .list_role_policies()
            .role_name(role)
            .send()
            .await
            .unwrap();
        if !inline.policy_names().iter().any(|name| name == NAME) {
            return Vec::new();
        }
        let get = self
            .client
            .get_role_policy()
            .role_name(role)
            .policy_name(NAME)
            .send()
            .await;
        vec![decoded(&get.unwrap().policy_document)]
    }

    async fn others(&self, user: &str) -> (Vec<String>, Vec<String>) {
        let attached = self
            .client
            .list_attached_user_policies()
            .user_name(user)
            .send()
            .await
            .unwrap();
        let ours = self.managed_arn();
        let mut managed: Vec<_> = attached
            .attached_policies()
            .iter()
            .filter_map(|policy| policy.policy_arn().map(ToOwned::to_owned))
            .filter(|arn| *arn != ours)
            .collect();
        managed.sort();
        let inline = self
            .client
            .list_user_policies()
            .user_name(user)
            .send()
            .await
            .unwrap();
        let names = inline
            .policy_names()
            .iter()
            .filter(|name| *name != NAME)
            .cloned();
        (managed, names.collect())
    }

    async fn fail_write(&self, user: &str, kind: EffectErrorKind) {
        let error = match kind {
            EffectErrorKind::Retry => "Throttling",
            EffectErrorKind::Denied => "AccessDenied",
            other => panic!("{other:?} cannot be asked for"),
        };
        self.faults(json!([{ "action": "AttachUserPolicy", "user": user, "error": error }]))
            .await;
    }

    async fn delay_write(&self, user: &str) {
        self.faults(json!([{ "action": "AttachUserPolicy", "user": user, "lag_ms": LATE }]))
            .await;
    }

    async fn land_writes(&self, user: &str) {
        control("POST", &format!("/weir-test/land?user={user}"), &json!([])).await;
    }
}
