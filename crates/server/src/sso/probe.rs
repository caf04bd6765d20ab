//! Whether single sign-on could work, for `weir doctor`: what the provider says of itself.

use jiff::Timestamp;
use openidconnect::ResponseTypes;
use openidconnect::core::{CoreProviderMetadata, CoreResponseType};
use weir_engine::{Check, Level};

use super::provider::Provider;

const NAME: &str = "single sign-on";

impl Provider {
    /// Asks the provider what it is and can. Whether it knows us, only a sign-in shows.
    pub async fn check(&self, now: Timestamp) -> Check {
        let (level, found, remedy) = match self.metadata(now).await {
            Err(error) => (
                Level::Fail,
                format!("{} cannot be asked what it is: {error}", self.settings.issuer),
                Some(
                    "see that server.oidc.issuer is spelt as in its own .well-known/openid-configuration, and \
                     that this machine reaches it"
                        .to_owned(),
                ),
            ),
            Ok(metadata) => self.judged(&metadata),
        };
        Check {
            name: NAME,
            level,
            found,
            remedy,
        }
    }

    fn judged(&self, metadata: &CoreProviderMetadata) -> (Level, String, Option<String>) {
        let issuer = &self.settings.issuer;
        let code = ResponseTypes::new(vec![CoreResponseType::Code]);
        if !metadata.response_types_supported().contains(&code) {
            let found = format!("{issuer} has no authorization code flow");
            return (Level::Fail, found, Some("switch it on there".to_owned()));
        }
        let signed = metadata.id_token_signing_alg_values_supported();
        if !signed.iter().any(|one| self.signed().contains(one)) {
            let found = format!("{issuer} signs by none of server.oidc.algorithms");
            let remedy = "let it sign ID tokens by RS256 there".to_owned();
            return (Level::Fail, found, Some(remedy));
        }
        let listed = metadata.scopes_supported();
        let unknown = self.settings.scopes.iter().filter(|scope| {
            listed.is_some_and(|listed| !listed.iter().any(|one| one.as_str() == scope.as_str()))
        });
        let unknown: Vec<_> = unknown.map(String::as_str).collect();
        if !unknown.is_empty() {
            let found = format!("{issuer} lists no scope {}", unknown.join(", "));
            let remedy = "add it there, or take it out of server.oidc.scopes".to_owned();
            return (Level::Warn, found, Some(remedy));
        }
        (
            Level::Ok,
            format!(
                "{issuer} answers; people come back to {}, which must be registered there",
                self.settings.redirect_url
            ),
            None,
        )
    }
}
