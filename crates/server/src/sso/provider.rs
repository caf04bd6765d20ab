//! The provider of single sign-on, by OpenID Connect: authorization code, PKCE, state and nonce. The library
//! checks issuer, audience, signature and times of the ID token.

use std::time::SystemTime;

use jiff::{SignedDuration, Timestamp};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreClientAuthMethod,
    CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreRevocableToken, CoreRevocationErrorResponse,
    CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AccessToken, AuthType, AuthorizationCode, ClaimsVerificationError, Client, ClientId,
    ClientSecret, CsrfToken, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    IdTokenFields, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, RequestTokenError, Scope, StandardErrorResponse, StandardTokenResponse,
    SubjectIdentifier, TokenResponse,
};
use weir_core::operator::{Admission, Entitled, Identity, Vouched};

use super::flow::Flow;
use super::http::{Http, Silence, chain};
use super::known::Known;
use super::settings::{BadSso, SsoSettings};
use super::told::{Claims, MoreClaims, Others, Told};

/// So far may its clock be from ours.
const SKEW: SignedDuration = SignedDuration::from_mins(1);
/// The longest id of somebody: of the standard, and of the database.
const LONGEST_SUBJECT: usize = 255;

/// Why the provider vouches for nobody. Nothing in it is secret.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// It does not answer, or not as a provider does.
    #[error("the provider cannot be reached: {0}; `weir doctor` asks it, too")]
    Unreachable(String),
    /// What it says proves nothing.
    #[error("the provider's answer proves nothing: {0}")]
    Unproven(String),
}

impl From<Silence> for Failure {
    fn from(Silence(why): Silence) -> Self {
        Self::Unreachable(why)
    }
}

impl Failure {
    /// For the record.
    pub(super) const fn reason(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "the provider did not answer",
            Self::Unproven(_) => "the answer of the provider proved nothing",
        }
    }
}

type Fields = IdTokenFields<
    Others,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
type Tokens = StandardTokenResponse<Fields, CoreTokenType>;
type Weir = Client<
    Others,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The provider, and what it said of itself last.
pub struct Provider {
    pub(super) settings: SsoSettings,
    signed: Vec<CoreJwsSigningAlgorithm>,
    redirect: RedirectUrl,
    http: Http,
    known: Known,
}

impl Provider {
    /// Nothing is asked yet: a provider that is away keeps no server from starting.
    pub fn new(settings: SsoSettings) -> Result<Self, BadSso> {
        settings.check()?;
        let signed = settings.signed()?;
        let bad = |what, url: &str| {
            let url = url.to_owned();
            move |_| BadSso::Address { what, url }
        };
        let issuer = IssuerUrl::new(settings.issuer.clone());
        let issuer = issuer.map_err(bad("server.oidc.issuer", &settings.issuer))?;
        let redirect = RedirectUrl::new(settings.redirect_url.clone());
        let redirect = redirect.map_err(bad("server.oidc.redirect_url", &settings.redirect_url))?;
        Ok(Self {
            settings,
            signed,
            redirect,
            http: Http::new().map_err(|error| BadSso::Client(error.to_string()))?,
            known: Known::new(issuer),
        })
    }

    /// What it is called.
    pub(crate) fn label(&self) -> Option<&str> {
        self.settings.label.as_deref()
    }

    pub(super) fn admission(&self) -> &Admission {
        &self.settings.admission
    }

    pub(super) fn signed(&self) -> &[CoreJwsSigningAlgorithm] {
        &self.signed
    }

    /// Where a browser goes, and what it keeps meanwhile.
    pub(super) async fn begin(&self, now: Timestamp) -> Result<(String, Flow), Failure> {
        let client = self.client(now, false).await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                || CsrfToken::new_random_len(32),
                || Nonce::new_random_len(32),
            )
            .set_pkce_challenge(challenge);
        for scope in &self.settings.scopes {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        let (url, state, nonce) = request.url();
        let flow = Flow {
            state: state.secret().clone(),
            nonce: nonce.secret().clone(),
            verifier: verifier.secret().clone(),
        };
        Ok((url.to_string(), flow))
    }

    /// Whom it vouches for, against the code that it gave a browser.
    pub(super) async fn end(
        &self,
        code: String,
        answered_by: Option<&str>,
        flow: &Flow,
        now: Timestamp,
    ) -> Result<Vouched, Failure> {
        if answered_by.is_some_and(|issuer| issuer != self.settings.issuer) {
            return Err(unproven("another provider answered"));
        }
        let client = self.client(now, false).await?;
        let tokens = self.tokens(&client, code, flow).await?;
        let claims = match self.verified(&client, &tokens, flow, now) {
            // It may have new keys.
            Err(Unverified::Signature(_)) => {
                let client = self.client(now, true).await?;
                self.verified(&client, &tokens, flow, now)
            }
            other => other,
        };
        let claims = claims.map_err(Unverified::failure)?;
        let subject = claims.subject();
        if subject.len() > LONGEST_SUBJECT {
            return Err(unproven("its id of the person is too long"));
        }
        let mut told = Told::of(&claims);
        if self.is_wanting(&told) {
            let more = self.more(&client, tokens.access_token(), subject).await?;
            told.add(more);
        }
        let settings = &self.settings;
        Ok(Vouched {
            identity: Identity {
                issuer: settings.issuer.clone(),
                subject: subject.to_string(),
            },
            groups: told.groups(&settings.groups_claim).unwrap_or_default(),
            own_user: told.own_user(settings.user_claim.as_deref()),
            user_name: told.user_name,
            email: told.email,
        })
    }

    /// Whether what somebody may do cannot be told yet.
    fn is_wanting(&self, told: &Told) -> bool {
        let settings = &self.settings;
        let Some(groups) = told.groups(&settings.groups_claim) else {
            return true;
        };
        let own_user = told.own_user(settings.user_claim.as_deref());
        *settings.admission.entitled(&groups) == Entitled::OwnUser && own_user.is_none()
    }

    async fn tokens(&self, client: &Weir, code: String, flow: &Flow) -> Result<Tokens, Failure> {
        let request = client.exchange_code(AuthorizationCode::new(code));
        let request = request.map_err(|_| away("it names no token endpoint"))?;
        let verifier = PkceCodeVerifier::new(flow.verifier.clone());
        let request = request.set_pkce_verifier(verifier);
        let answer = request.request_async(&self.http).await;
        answer.map_err(|error| match error {
            // The words of the standard; what stands beside them may hold anything.
            RequestTokenError::ServerResponse(said) => refused(said.error()),
            RequestTokenError::Request(error) => error.into(),
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
                away("its token endpoint answers nonsense")
            }
        })
    }

    /// What it tells of a person beside the ID token; nothing where it has no such place.
    async fn more(
        &self,
        client: &Weir,
        token: &AccessToken,
        subject: &SubjectIdentifier,
    ) -> Result<Told, Failure> {
        let Ok(request) = client.user_info(token.clone(), Some(subject.clone())) else {
            return Ok(Told::default());
        };
        let claims: Result<MoreClaims, _> = request.request_async(&self.http).await;
        let claims = claims.map_err(|error| unproven(&format!("userinfo: {error}")))?;
        Ok(Told::of_more(&claims))
    }

    /// What it says of itself.
    pub(super) async fn metadata(&self, now: Timestamp) -> Result<CoreProviderMetadata, Silence> {
        self.known.metadata(&self.http, now, false).await
    }

    /// The client, by what the provider said of itself lately.
    async fn client(&self, now: Timestamp, anew: bool) -> Result<Weir, Failure> {
        let metadata = self.known.metadata(&self.http, now, anew).await?;
        let how = how_we_prove_ourselves(&metadata);
        let id = ClientId::new(self.settings.client_id.clone());
        let secret = ClientSecret::new(self.settings.client_secret.reveal().to_owned());
        let client = Weir::from_provider_metadata(metadata, id, Some(secret));
        let client = client.set_auth_type(how);
        Ok(client.set_redirect_uri(self.redirect.clone()))
    }

    /// The claims of the ID token, if it is one, for us, of now and of this sign-in.
    fn verified(
        &self,
        client: &Weir,
        tokens: &Tokens,
        flow: &Flow,
        now: Timestamp,
    ) -> Result<Claims, Unverified> {
        let none = || Unverified::Other("it sent no ID token".to_owned());
        let token = tokens.id_token().ok_or_else(none)?;
        let before = now.saturating_sub(SKEW).unwrap_or(now);
        let after = now.saturating_add(SKEW).unwrap_or(now);
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs(self.signed.clone())
            .set_time_fn(move || SystemTime::from(before).into())
            .set_issue_time_verifier_fn(move |issued| {
                if issued.timestamp() > after.as_second() {
                    return Err("it is of the future: set both clocks".to_owned());
                }
                Ok(())
            });
        match token.claims(&verifier, &Nonce::new(flow.nonce.clone())) {
            Ok(claims) => Ok(claims.clone()),
            Err(error @ ClaimsVerificationError::SignatureVerification(_)) => {
                Err(Unverified::Signature(chain(&error)))
            }
            Err(error) => Err(Unverified::Other(chain(&error))),
        }
    }
}

/// Why an ID token proves nothing.
enum Unverified {
    /// None of the provider's keys made it.
    Signature(String),
    Other(String),
}

impl Unverified {
    fn failure(self) -> Failure {
        let (Self::Signature(why) | Self::Other(why)) = self;
        Failure::Unproven(why)
    }
}

/// In a header, which no log of requests keeps, unless the provider takes it in the body alone.
fn how_we_prove_ourselves(metadata: &CoreProviderMetadata) -> AuthType {
    use CoreClientAuthMethod::{ClientSecretBasic, ClientSecretPost};
    let methods = metadata.token_endpoint_auth_methods_supported();
    let takes = |method| methods.is_some_and(|methods| methods.contains(&method));
    if takes(ClientSecretPost) && !takes(ClientSecretBasic) {
        AuthType::RequestBody
    } else {
        AuthType::BasicAuth
    }
}

/// The token endpoint said no: a code that is no good, or we are not who we say.
fn refused(error: &CoreErrorResponseType) -> Failure {
    match error {
        CoreErrorResponseType::InvalidClient | CoreErrorResponseType::UnauthorizedClient => {
            unproven(&format!(
                "it says {error}: server.oidc.client_id or the client's secret is wrong, or the secret ended there"
            ))
        }
        _ => unproven(&format!("it takes no code: {error}")),
    }
}

fn away(why: &str) -> Failure {
    Failure::Unreachable(why.to_owned())
}

fn unproven(why: &str) -> Failure {
    Failure::Unproven(why.to_owned())
}
