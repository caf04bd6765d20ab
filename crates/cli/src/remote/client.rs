//! How a server is asked: over TLS that is verified, following nobody elsewhere, and not for ever.

use std::time::Duration;

use reqwest::header::{
    AUTHORIZATION, CONTENT_TYPE, COOKIE, HeaderMap, HeaderValue, IF_MATCH, RETRY_AFTER,
};
use reqwest::redirect::Policy;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;
use weir_core::secret::Secret;

use super::ask::{Ask, Parts};
use super::{Address, refusal};
use crate::exit::CliError;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);
/// How long an answer may take: the proof of a long record, and a doctor who asks AWS, take their time.
const WHOLE: Duration = Duration::from_mins(2);
/// How long one may take that goes over everything, or waits for AWS.
const LONG: Duration = Duration::from_mins(30);
/// How long "too often" is waited out.
const PATIENCE: u64 = 10;
/// How often a request is sent, at most.
const TRIES: u32 = 3;
/// A whole answer; none comes near it.
const MOST: usize = 256 * 1024 * 1024;

/// What is presented.
#[derive(Clone, Debug)]
pub(crate) enum Credential {
    /// Nothing yet.
    Nobody,
    /// A token.
    Token(Secret),
    /// The cookie of a session, as it was set.
    Session(Secret),
}

/// A server, and who we are there.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    address: Address,
    credential: Credential,
    version: Option<String>,
}

/// An answer that says yes.
struct Answer {
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Client {
    pub(crate) fn new(address: Address, credential: Credential) -> Result<Self, CliError> {
        let builder = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .timeout(WHOLE)
            .redirect(Policy::none())
            .user_agent(concat!("weir/", env!("CARGO_PKG_VERSION")));
        // What stays on this machine is not shown to a proxy.
        let builder = if address.is_here() {
            builder.no_proxy()
        } else {
            builder
        };
        let http = builder
            .build()
            .map_err(|error| CliError::Failed(format!("cannot prepare HTTPS: {error}")))?;
        Ok(Self {
            http,
            address,
            credential,
            version: None,
        })
    }

    pub(crate) fn address(&self) -> &Address {
        &self.address
    }

    /// The same server, presenting something else.
    pub(crate) fn presenting(self, credential: Credential) -> Self {
        Self { credential, ..self }
    }

    /// Remembers which version answers, for what it may not understand.
    pub(crate) fn of_version(self, version: &str) -> Self {
        Self {
            version: Some(version.to_owned()),
            ..self
        }
    }

    /// Asks, and reads the answer.
    pub(crate) async fn answer<T: DeserializeOwned>(&self, ask: Ask) -> Result<T, CliError> {
        let answer = self.send(ask).await?;
        self.read(&answer)
    }

    /// The same; `None` if the server says that there is no such thing.
    pub(crate) async fn answer_if_there<T: DeserializeOwned>(
        &self,
        ask: Ask,
    ) -> Result<Option<T>, CliError> {
        match self.answer(ask).await {
            Ok(answer) => Ok(Some(answer)),
            Err(CliError::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Asks for what has no answer but yes.
    pub(crate) async fn done(&self, ask: Ask) -> Result<(), CliError> {
        self.send(ask).await?;
        Ok(())
    }

    /// The same as [`Client::answer`], and the cookie that came with it.
    pub(crate) async fn answer_and_cookie<T: DeserializeOwned>(
        &self,
        ask: Ask,
    ) -> Result<(T, Option<Secret>), CliError> {
        let answer = self.send(ask).await?;
        let cookie = answer.headers.get(reqwest::header::SET_COOKIE);
        let cookie = cookie.and_then(|value| value.to_str().ok());
        let pair = cookie.and_then(|cookie| cookie.split(';').next());
        let pair = pair.map(|pair| Secret::new(pair.trim()));
        Ok((self.read(&answer)?, pair))
    }

    fn read<T: DeserializeOwned>(&self, answer: &Answer) -> Result<T, CliError> {
        serde_json::from_slice(&answer.body)
            .map_err(|error| self.who().not_understood(&error.to_string()))
    }

    fn who(&self) -> refusal::Who<'_> {
        refusal::Who {
            address: &self.address,
            version: self.version.as_deref(),
            is_known: !matches!(self.credential, Credential::Nobody),
        }
    }

    /// Sends a request, again where that cannot do anything twice: if it did not get there, if the
    /// connection broke before the answer of something that is done once, or if it came too often.
    async fn send(&self, Ask(parts): Ask) -> Result<Answer, CliError> {
        let key = (parts.method == Method::POST).then(key).transpose()?;
        let mut tries = 0;
        loop {
            tries += 1;
            let sent = self.request(&parts, key.as_deref())?.send().await;
            let response = match sent {
                Ok(response) => response,
                Err(error) if tries < TRIES && is_repeatable(&error, &parts.method) => continue,
                Err(error) => return Err(self.who().unreachable(error)),
            };
            let status = response.status();
            if let Some(wait) = wait(&response).filter(|_| tries < TRIES) {
                tokio::time::sleep(wait).await;
                continue;
            }
            let headers = response.headers().clone();
            let body = self.body(response).await?;
            if status.is_success() {
                return Ok(Answer { headers, body });
            }
            return Err(self.who().refusal(status, &body));
        }
    }

    async fn body(&self, mut response: Response) -> Result<Vec<u8>, CliError> {
        let mut body = Vec::new();
        let broke = |error| self.who().unreachable(error);
        while let Some(chunk) = response.chunk().await.map_err(broke)? {
            if body.len() + chunk.len() > MOST {
                return Err(self.who().not_understood("the answer has no end"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    fn request(&self, parts: &Parts, key: Option<&str>) -> Result<RequestBuilder, CliError> {
        let Parts {
            method,
            path,
            query,
            body,
            if_match,
            is_long,
        } = parts;
        let path: Vec<_> = path.iter().map(String::as_str).collect();
        let url = self.address.join(&path, query);
        let mut request = self.http.request(method.clone(), url);
        request = match &self.credential {
            Credential::Nobody => request,
            Credential::Token(token) => {
                let value = format!("Bearer {}", token.reveal());
                request.header(AUTHORIZATION, hidden(&value)?)
            }
            Credential::Session(cookie) => request.header(COOKIE, hidden(cookie.reveal())?),
        };
        if *is_long {
            request = request.timeout(LONG);
        }
        request = request.header("X-Weir-CSRF", "1");
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        if let Some(tag) = if_match {
            request = request.header(IF_MATCH, tag);
        }
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json");
            request = request.body(body.clone());
        }
        Ok(request)
    }
}

/// A header that no log of the transport shows.
fn hidden(text: &str) -> Result<HeaderValue, CliError> {
    let mut value = HeaderValue::from_str(text).map_err(|_| {
        CliError::Usage(
            "the token has characters that no token has: take it as it was shown".to_owned(),
        )
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// A key that nobody else takes.
fn key() -> Result<String, CliError> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| CliError::Failed(format!("the system has no random numbers: {error}")))?;
    Ok(weir_core::operator::hex(&bytes))
}

/// Whether sending it again does nothing twice. What was only refused a connection can be; a server that
/// is not there is not asked again for long.
fn is_repeatable(error: &reqwest::Error, method: &Method) -> bool {
    let broke = error.is_request() && !error.is_connect() && !error.is_timeout();
    broke && (method.is_safe() || *method == Method::POST)
}

/// How long to wait before asking again, if that is all that is wrong.
fn wait(response: &Response) -> Option<Duration> {
    if response.status() != StatusCode::TOO_MANY_REQUESTS {
        return None;
    }
    let told = response.headers().get(RETRY_AFTER)?;
    let seconds: u64 = told.to_str().ok()?.parse().ok()?;
    (seconds <= PATIENCE).then(|| Duration::from_secs(seconds))
}
