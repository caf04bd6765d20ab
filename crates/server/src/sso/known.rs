//! What a provider says of itself, its keys too, remembered for a while; and for a shorter while, that it says
//! nothing. However many people sign in, or however many tokens fit no key, it is not asked more often.

use jiff::{SignedDuration, Timestamp};
use openidconnect::IssuerUrl;
use openidconnect::core::CoreProviderMetadata;
use tokio::sync::Mutex;

use super::http::{Http, Silence, chain};
use super::settings::is_safe;

/// Believed for so long.
const FRESH: SignedDuration = SignedDuration::from_mins(10);
/// Asked again after so long at the soonest, whatever it said.
const PAUSE: SignedDuration = SignedDuration::from_secs(15);

/// What is known of a provider.
pub(super) struct Known {
    issuer: IssuerUrl,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    told: Option<(Timestamp, CoreProviderMetadata)>,
    asked_at: Option<Timestamp>,
    failure: Option<String>,
}

impl Known {
    pub(super) fn new(issuer: IssuerUrl) -> Self {
        Self {
            issuer,
            memory: Mutex::default(),
        }
    }

    /// What it says of itself. Whoever knows that it is out of date asks for it `anew`. The others wait
    /// meanwhile, and find it remembered.
    pub(super) async fn metadata(
        &self,
        http: &Http,
        now: Timestamp,
        anew: bool,
    ) -> Result<CoreProviderMetadata, Silence> {
        let mut memory = self.memory.lock().await;
        // A clock that was set back makes nothing last.
        let within = |at: Timestamp, term| now.duration_since(at).abs() < term;
        let just_asked = memory.asked_at.is_some_and(|at| within(at, PAUSE));
        if let (true, Some(failure)) = (just_asked, &memory.failure) {
            return Err(Silence(failure.clone()));
        }
        if let Some((at, told)) = &memory.told
            && (just_asked || (within(*at, FRESH) && !anew))
        {
            return Ok(told.clone());
        }
        let asked = self.ask(http).await;
        memory.asked_at = Some(now);
        match asked {
            Ok(told) => {
                memory.failure = None;
                Ok(memory.told.insert((now, told)).1.clone())
            }
            Err(error) => {
                memory.failure = Some(error.0.clone());
                Err(error)
            }
        }
    }

    async fn ask(&self, http: &Http) -> Result<CoreProviderMetadata, Silence> {
        let told = CoreProviderMetadata::discover_async(self.issuer.clone(), http).await;
        let told = told.map_err(|error| Silence(chain(&error)))?;
        let token = told.token_endpoint();
        let token = token.ok_or_else(|| Silence("it names no token endpoint".to_owned()))?;
        let mut places = vec![token.as_str(), told.authorization_endpoint().as_str()];
        places.push(told.jwks_uri().as_str());
        places.extend(told.userinfo_endpoint().map(|url| url.as_str()));
        match places.into_iter().find(|url| !is_safe(url)) {
            Some(url) => Err(Silence(format!("it names `{url}`, which is not by TLS"))),
            None => Ok(told),
        }
    }
}
