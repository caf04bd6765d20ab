//! Requests to the provider.

use std::pin::Pin;
use std::time::Duration;

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};

/// A provider that is slower is not there.
const PATIENCE: Duration = Duration::from_secs(10);
/// The largest answer that is read.
const MOST: usize = 1024 * 1024;

/// Asks a provider.
pub(super) struct Http(reqwest::Client);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Silence(pub(super) String);

impl Silence {
    /// Without the address, which may hold what is nobody's business.
    fn of(error: reqwest::Error) -> Self {
        Self(chain(&error.without_url()))
    }
}

impl Http {
    pub(super) fn new() -> Result<Self, reqwest::Error> {
        // A redirection could lead inside the network.
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .user_agent(concat!("weir/", env!("CARGO_PKG_VERSION")))
            .build();
        client.map(Self)
    }

    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, Silence> {
        let request = reqwest::Request::try_from(request).map_err(Silence::of)?;
        let mut answer = self.0.execute(request).await.map_err(Silence::of)?;
        let mut response = HttpResponse::new(Vec::new());
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        while let Some(part) = answer.chunk().await.map_err(Silence::of)? {
            if response.body().len() + part.len() > MOST {
                return Err(Silence("it answers more than is read".to_owned()));
            }
            response.body_mut().extend_from_slice(&part);
        }
        Ok(response)
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = Silence;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Silence>> + Send + Sync + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.ask(request))
    }
}

/// An error with its causes.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
