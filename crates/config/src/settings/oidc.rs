//! `[server.oidc]`: what it means.

use std::path::PathBuf;

use weir_core::operator::{Admission, Entitled, GroupRights};
use weir_core::secret::Secret;

use crate::environment::Environment;
use crate::error::StartError;
use crate::sections::{ConfigFile, OidcSection, OthersWord};

/// The secret of Weir at the provider.
const SECRET: &str = "WEIR_OIDC_CLIENT_SECRET";
/// The longest address that is kept with an operator.
const LONGEST_ISSUER: usize = 255;

/// Single sign-on.
#[derive(Clone, Debug)]
pub struct OidcSettings {
    /// What the provider is called on the sign-in page.
    pub label: Option<String>,
    /// The provider's address.
    pub issuer: String,
    /// What Weir is called there.
    pub client_id: String,
    /// What proves that we are it, from the environment.
    pub client_secret: Option<Secret>,
    /// A file that holds it. Only a server reads it.
    pub client_secret_file: Option<PathBuf>,
    /// Where people come back to.
    pub redirect_url: String,
    /// What is asked for besides `openid`.
    pub scopes: Vec<String>,
    /// The signatures that count; `None` is any that is known.
    pub algorithms: Option<Vec<String>>,
    /// The claim that lists groups.
    pub groups_claim: String,
    /// The claim that holds the id of the user somebody is, in place of the address.
    pub user_claim: Option<String>,
    /// Who is let in, and as what.
    pub admission: Admission,
}

impl OidcSettings {
    pub(super) fn resolve(
        file: &ConfigFile,
        environment: &Environment,
    ) -> Result<Option<Self>, StartError> {
        let Some(section) = file.config.server.oidc.clone() else {
            return Ok(None);
        };
        let wrong = |key: &str, why: String| {
            let key = format!("server.oidc.{key}");
            let place = file.place(&key).or_else(|| file.place("server.oidc"));
            StartError::Wrong(format!("{}: {key}: {why}", place.unwrap_or_default()))
        };
        let OidcSection {
            label,
            issuer,
            client_id,
            client_secret_file,
            redirect_url,
            scopes,
            algorithms,
            groups_claim,
            user_claim,
            others,
            groups,
        } = section;
        if issuer.len() > LONGEST_ISSUER {
            let why = format!("an address has {LONGEST_ISSUER} characters at most");
            return Err(wrong("issuer", why));
        }
        let lines = groups.into_iter().map(|line| {
            let name = line.group.clone();
            GroupRights::new(line.group, line.role, line.team)
                .map_err(|error| wrong("groups", format!("`{name}`: {error}")))
        });
        let groups = lines.collect::<Result<Vec<_>, _>>()?;
        let others = match others {
            OthersWord::Refuse => Entitled::Nobody,
            OthersWord::Developer => Entitled::OwnUser,
        };
        if groups.is_empty() && others == Entitled::Nobody {
            let why = "nobody could sign in: name groups, or say others = \"developer\"".to_owned();
            return Err(wrong("groups", why));
        }
        let secret = environment.secrets.get(SECRET);
        let usual = || ["email", "profile"].map(str::to_owned).to_vec();
        Ok(Some(Self {
            label,
            issuer,
            client_id,
            client_secret: secret.map(|text| Secret::new(text.trim())),
            client_secret_file,
            redirect_url,
            scopes: scopes.unwrap_or_else(usual),
            algorithms,
            user_claim,
            groups_claim: groups_claim.unwrap_or_else(|| "groups".to_owned()),
            admission: Admission { groups, others },
        }))
    }
}
