//! Which operations the adapters call, as IAM names the rights for them. Everything that goes to AWS
//! through a [`super::stage::MotoStage`] passes here, and what no document of rights allows fails the
//! test that did it.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use aws_config::SdkConfig;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use serde_json::Value;
use weir_aws::{PeopleBy, RightsOf};
use weir_engine::ports::Feature;

/// Notes calls on their way.
#[derive(Clone, Default)]
pub(crate) struct Recorder {
    seen: Arc<Mutex<BTreeSet<String>>>,
}

impl Recorder {
    /// The same configuration, listened in on.
    pub(crate) fn over(&self, config: &SdkConfig) -> SdkConfig {
        let provider = tls::Provider::Rustls(CryptoMode::AwsLc);
        let inner = Builder::new().tls_provider(provider).build_https();
        let client = Client {
            inner,
            recorder: self.clone(),
        };
        config.to_builder().http_client(client).build()
    }

    /// The rights that were used so far.
    pub(crate) fn used(&self) -> BTreeSet<String> {
        self.seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn note(&self, request: &HttpRequest) {
        let Some(right) = right_for(request) else {
            return;
        };
        let known = allowed(&Feature::ALL).contains(&right);
        assert!(
            known,
            "{right} is called, and no document of `weir aws-policy` allows it"
        );
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.insert(right);
    }
}

/// Every action that the documents of these features name, with everything configured.
pub(crate) fn allowed(features: &[Feature]) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for people in [PeopleBy::Policy, PeopleBy::Scp("p-example".to_owned())] {
        let of = RightsOf {
            queues: vec!["https://sqs.eu-west-1.amazonaws.com/111122223333/weir".to_owned()],
            opens_objects: true,
            log_groups: vec!["bedrock".parse().unwrap()],
            puts_figures: true,
            roles: vec!["arn:aws:iam::999999999999:role/weir".to_owned()],
            ses_from: Some("weir@example.com".to_owned()),
            topic: Some("arn:aws:sns:eu-west-1:111122223333:weir".to_owned()),
            secret: Some("weir".to_owned()),
            people,
            ..RightsOf::default()
        };
        let text = weir_aws::print_policy(features, &of);
        let policy: Value = serde_json::from_str(&text).unwrap();
        for statement in policy["Statement"].as_array().unwrap() {
            let actions = statement["Action"].as_array().unwrap().iter();
            all.extend(actions.map(|action| action.as_str().unwrap().to_owned()));
        }
    }
    all
}

struct Client {
    inner: SharedHttpClient,
    recorder: Recorder,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

impl HttpClient for Client {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector {
            inner: self.inner.http_connector(settings, components),
            recorder: self.recorder.clone(),
        })
    }
}

struct Connector {
    inner: SharedHttpConnector,
    recorder: Recorder,
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connector")
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.recorder.note(&request);
        self.inner.call(request)
    }
}

/// The right that a request needs: `None` for `GetCallerIdentity`, which needs none. The service is
/// the one it is signed for; the operation stands in a header, the body or the path, by protocol.
fn right_for(request: &HttpRequest) -> Option<String> {
    let signed = request.headers().get("authorization")?;
    let service = signed.split('/').nth(3)?.to_owned();
    let operation = match request.headers().get("x-amz-target") {
        Some(target) => target.rsplit('.').next()?.to_owned(),
        None => in_body(request)
            .or_else(|| in_path(&service, request))
            .unwrap_or_else(|| panic!("{service} {} {}", request.method(), request.uri())),
    };
    let (service, right) = match (service.as_str(), operation.as_str()) {
        ("sts", "GetCallerIdentity") => return None,
        ("s3", "ListObjectsV2" | "HeadBucket") => ("s3", "ListBucket"),
        ("sqs", "ChangeMessageVisibilityBatch") => ("sqs", "ChangeMessageVisibility"),
        ("sqs", "DeleteMessageBatch") => ("sqs", "DeleteMessage"),
        ("monitoring", right) => ("cloudwatch", right),
        (service, right) => (service, right),
    };
    Some(format!("{service}:{right}"))
}

/// The query protocol: `Action=AttachUserPolicy&…`.
fn in_body(request: &HttpRequest) -> Option<String> {
    let body = std::str::from_utf8(request.body().bytes()?).ok()?;
    let action = body
        .split('&')
        .find_map(|pair| pair.strip_prefix("Action="))?;
    Some(action.to_owned())
}

fn in_path(service: &str, request: &HttpRequest) -> Option<String> {
    let uri = request.uri();
    let path = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    let path = path.find('/').map_or("/", |at| &path[at..]);
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    if let Some((_, operation)) = path.split_once("/operation/") {
        return Some(operation.to_owned());
    }
    let found = match (service, request.method()) {
        ("s3", "GET") if query.contains("list-type=2") => "ListObjectsV2",
        ("s3", "GET") => "GetObject",
        ("s3", "HEAD") => "HeadBucket",
        ("ses", "POST") if path == "/v2/email/outbound-emails" => "SendEmail",
        ("account", "POST") if path == "/listRegions" => "ListRegions",
        ("bedrock", "GET") if path == "/logging/modelinvocations" => {
            "GetModelInvocationLoggingConfiguration"
        }
        ("bedrock", "GET") if path.starts_with("/inference-profiles/") => "GetInferenceProfile",
        _ => return None,
    };
    Some(found.to_owned())
}
