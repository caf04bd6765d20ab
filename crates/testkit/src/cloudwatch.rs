//! A small `CloudWatch` that speaks the protocol of the SDK (Smithy RPC v2, CBOR), and as much STS as
//! says whose credentials are used and gives those of other accounts. It holds what is asked of it, and answers in pages.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use ciborium::Value;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// Points of one page: few, so that there are several pages.
const PAGE: usize = 2;
/// What the access keys of assumed roles begin with; the account follows.
const ASSUMED: &str = "ASIA";
/// CBOR's mark of an instant in seconds.
const EPOCH: u64 = 1;

/// The account of whoever has assumed no role.
pub const ACCOUNT: &str = "111122223333";

/// One figure that was put.
#[derive(Clone, Debug, PartialEq)]
pub struct Put {
    /// The Region it was put in.
    pub region: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub metric: String,
    /// Its dimensions.
    pub dimensions: Vec<(String, String)>,
    /// How much.
    pub value: f64,
    /// Of what.
    pub unit: String,
    /// Seconds since 1970.
    pub at: f64,
}

/// A `CloudWatch` that lives as long as this.
pub struct CloudWatchServer {
    /// Its address.
    pub url: String,
    inner: Arc<Mutex<Inner>>,
    _running: JoinSet<()>,
}

#[derive(Debug, Default)]
struct Inner {
    /// Seconds since 1970, and sums, by account and Region.
    sums: BTreeMap<(String, String), BTreeMap<i64, f64>>,
    /// Roles that nobody may assume, by ARN.
    refused: Vec<String>,
    /// Error codes that are answered instead, each once.
    faults: Vec<&'static str>,
    /// Expressions and periods that were asked for.
    asked: Vec<(String, i128)>,
    /// What each request put.
    put: Vec<Vec<Put>>,
}

type Shared = Arc<Mutex<Inner>>;

impl CloudWatchServer {
    /// Starts one.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let inner = Shared::default();
        let router = Router::new()
            .route("/", post(sts))
            .route(
                "/service/GraniteServiceVersion20100801/operation/{operation}",
                post(answer),
            )
            .with_state(Arc::clone(&inner));
        let mut running = JoinSet::new();
        running.spawn(async move {
            // It ends with the test.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self {
            url,
            inner,
            _running: running,
        })
    }

    /// So much was summed up in the period that begins then.
    pub fn sum(&self, region: &str, at: jiff::Timestamp, sum: f64) {
        self.sum_of(ACCOUNT, region, at, sum);
    }

    /// The same, in another account.
    pub fn sum_of(&self, account: &str, region: &str, at: jiff::Timestamp, sum: f64) {
        let mut inner = lock(&self.inner);
        let place = (account.to_owned(), region.to_owned());
        let sums = inner.sums.entry(place).or_default();
        sums.insert(at.as_second(), sum);
    }

    /// Nobody may assume that role.
    pub fn refuse_role(&self, arn: &str) {
        lock(&self.inner).refused.push(arn.to_owned());
    }

    /// The next request is answered with an error of that code.
    pub fn fault(&self, code: &'static str) {
        lock(&self.inner).faults.push(code);
    }

    /// Which expressions were asked for, with their periods; page by page.
    pub fn asked(&self) -> Vec<(String, i128)> {
        lock(&self.inner).asked.clone()
    }

    /// What was put, request by request.
    pub fn put(&self) -> Vec<Vec<Put>> {
        lock(&self.inner).put.clone()
    }
}

fn lock(inner: &Mutex<Inner>) -> MutexGuard<'_, Inner> {
    inner.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `AssumeRole`, or else `GetCallerIdentity`.
async fn sts(State(inner): State<Shared>, headers: HeaderMap, body: String) -> Response {
    let role = body.split('&').find_map(|one| one.strip_prefix("RoleArn="));
    let Some(role) = role else {
        let account = account(&headers);
        let result = format!(
            "<Arn>arn:aws:iam::{account}:user/weir</Arn><UserId>AIDA</UserId><Account>{account}</Account>"
        );
        return xml(
            StatusCode::OK,
            "GetCallerIdentityResponse",
            "GetCallerIdentityResult",
            &result,
        );
    };
    let role = role.replace("%3A", ":").replace("%2F", "/");
    if lock(&inner).refused.contains(&role) {
        let result = format!(
            "<Type>Sender</Type><Code>AccessDenied</Code><Message>User: arn:aws:iam::{ACCOUNT}:user/weir is not \
             authorized to perform: sts:AssumeRole on resource: {role}</Message>"
        );
        return xml(StatusCode::FORBIDDEN, "ErrorResponse", "Error", &result);
    }
    let account = role.split(':').nth(4).unwrap_or_default();
    let result = format!(
        "<Credentials><AccessKeyId>{ASSUMED}{account}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
         <SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>\
         <AssumedRoleUser><AssumedRoleId>AROA:weir</AssumedRoleId><Arn>{role}/weir</Arn></AssumedRoleUser>"
    );
    xml(
        StatusCode::OK,
        "AssumeRoleResponse",
        "AssumeRoleResult",
        &result,
    )
}

fn xml(status: StatusCode, outer: &str, inner: &str, result: &str) -> Response {
    let namespace = "https://sts.amazonaws.com/doc/2011-06-15/";
    let body = format!("<{outer} xmlns=\"{namespace}\"><{inner}>{result}</{inner}></{outer}>");
    (status, [(header::CONTENT_TYPE, "text/xml")], body).into_response()
}

async fn answer(
    State(inner): State<Shared>,
    Path(operation): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut inner = lock(&inner);
    if let Some(code) = inner.faults.pop() {
        return fault(code);
    }
    let Some(request) = read(&headers, &body) else {
        return fault("SerializationException");
    };
    let region = signed_with(&headers, 2);
    let place = (account(&headers), region.clone());
    let answered = match operation.as_str() {
        "GetMetricData" => get(&mut inner, &place, &request),
        "PutMetricData" => put(&mut inner, &region, &request),
        _ => None,
    };
    answered.map_or_else(
        || fault("ValidationError"),
        |value| cbor(StatusCode::OK, &value),
    )
}

fn read(headers: &HeaderMap, body: &[u8]) -> Option<Value> {
    if headers.get("smithy-protocol")?.to_str().ok()? != "rpc-v2-cbor" {
        return None;
    }
    let mut plain = Vec::new();
    if headers.contains_key(header::CONTENT_ENCODING) {
        flate2::read::GzDecoder::new(body)
            .read_to_end(&mut plain)
            .ok()?;
    } else {
        plain.extend_from_slice(body);
    }
    ciborium::from_reader(plain.as_slice()).ok()
}

/// Whose credentials the request was signed with.
fn account(headers: &HeaderMap) -> String {
    let key = signed_with(headers, 0);
    key.strip_prefix(ASSUMED).unwrap_or(ACCOUNT).to_owned()
}

/// A part of what the request was signed with: the access key, the day, the Region, the service.
fn signed_with(headers: &HeaderMap, part: usize) -> String {
    let signed = headers.get(header::AUTHORIZATION);
    let signed = signed.and_then(|value| value.to_str().ok());
    let scope = signed.and_then(|text| text.split_once("Credential="));
    let part = scope.and_then(|(_, scope)| scope.split('/').nth(part));
    part.unwrap_or_default().to_owned()
}

fn get(inner: &mut Inner, place: &(String, String), request: &Value) -> Option<Value> {
    let query = field(request, "MetricDataQueries")?.as_array()?.first()?;
    let expression = field(query, "Expression")?.as_text()?.to_owned();
    let period = i128::from(field(query, "Period")?.as_integer()?);
    inner.asked.push((expression, period));
    let (from, to) = (
        seconds(field(request, "StartTime")?)?,
        seconds(field(request, "EndTime")?)?,
    );
    let done = field(request, "NextToken").and_then(Value::as_text);
    let done: usize = done.map_or(Some(0), |token| token.parse().ok())?;
    let none = BTreeMap::new();
    let sums = inner.sums.get(place).unwrap_or(&none);
    let all: Vec<_> = sums
        .iter()
        .filter(|(at, _)| (from..to).contains(&float(**at)))
        .collect();
    let page: Vec<_> = all.iter().skip(done).take(PAGE).collect();
    let stamp = |at: i64| Value::Tag(EPOCH, Box::new(Value::Float(float(at))));
    let result = map([
        ("Id", "invocations".into()),
        ("StatusCode", "Complete".into()),
        (
            "Timestamps",
            Value::Array(page.iter().map(|(at, _)| stamp(**at)).collect()),
        ),
        (
            "Values",
            Value::Array(page.iter().map(|(_, sum)| Value::Float(**sum)).collect()),
        ),
    ]);
    let mut answer = vec![("MetricDataResults", Value::Array(vec![result]))];
    if all.len() > done + PAGE {
        answer.push(("NextToken", (done + PAGE).to_string().into()));
    }
    Some(map(answer))
}

fn put(inner: &mut Inner, region: &str, request: &Value) -> Option<Value> {
    let namespace = field(request, "Namespace")?.as_text()?;
    let mut batch = Vec::new();
    for datum in field(request, "MetricData")?.as_array()? {
        let mut dimensions = Vec::new();
        for one in field(datum, "Dimensions")?.as_array()? {
            let (name, value) = (field(one, "Name")?, field(one, "Value")?);
            dimensions.push((name.as_text()?.to_owned(), value.as_text()?.to_owned()));
        }
        batch.push(Put {
            region: region.to_owned(),
            namespace: namespace.to_owned(),
            metric: field(datum, "MetricName")?.as_text()?.to_owned(),
            dimensions,
            value: field(datum, "Value")?.as_float()?,
            unit: field(datum, "Unit")?.as_text()?.to_owned(),
            at: seconds(field(datum, "Timestamp")?)?,
        });
    }
    inner.put.push(batch);
    Some(map([]))
}

fn field<'a>(map: &'a Value, name: &str) -> Option<&'a Value> {
    let found = map
        .as_map()?
        .iter()
        .find(|(key, _)| key.as_text() == Some(name));
    found.map(|(_, value)| value)
}

fn seconds(value: &Value) -> Option<f64> {
    match value.as_tag()? {
        (EPOCH, Value::Float(at)) => Some(*at),
        (EPOCH, Value::Integer(at)) => i64::try_from(*at).ok().map(float),
        _ => None,
    }
}

/// Seconds of this century's first half.
fn float(at: i64) -> f64 {
    i32::try_from(at).map_or(f64::NAN, f64::from)
}

fn map(fields: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    let fields = fields.into_iter();
    Value::Map(fields.map(|(name, value)| (name.into(), value)).collect())
}

fn fault(code: &'static str) -> Response {
    let status = match code {
        "Throttling" | "ServiceUnavailable" => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    };
    let body = map([
        ("__type", format!("com.amazonaws.cloudwatch#{code}").into()),
        ("message", "as the test asked".into()),
    ]);
    cbor(status, &body)
}

fn cbor(status: StatusCode, value: &Value) -> Response {
    let mut bytes = Vec::new();
    if ciborium::into_writer(value, &mut bytes).is_err() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let headers = [
        (header::CONTENT_TYPE.as_str(), "application/cbor"),
        ("smithy-protocol", "rpc-v2-cbor"),
    ];
    (status, headers, bytes).into_response()
}
