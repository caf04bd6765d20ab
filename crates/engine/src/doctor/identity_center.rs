//! Whether people of Identity Center can be denied, and where not (rules E5).

use weir_core::rulebook::{IdentityCenter, Mode};

use super::finding::{Finding, give_credentials, say, some};
use crate::notify::Language;
use crate::{Engine, EngineError};

impl Engine {
    pub(super) async fn check_identity_center(
        &self,
        language: Language,
    ) -> Result<Finding, EngineError> {
        let rules = self.rules().await?;
        let mechanism = &rules.settings.enforcement.identity_center;
        let Some((what, remedy)) = wanted(language, mechanism) else {
            return Ok(Finding::ok(say!(
                language,
                "enforcement.identity_center is none: whoever comes through it cannot be denied",
                "enforcement.identity_center es none: no se puede denegar a quien llega por él",
            )));
        };
        let Some(access) = &self.access else {
            let needed = rules.mode.mode == Mode::Iam;
            let found = say!(
                language,
                "where its policies are attached cannot be read without AWS credentials",
                "sin credenciales de AWS no se puede leer dónde están asociadas sus políticas",
            );
            return Ok(Finding::bad(needed, found, give_credentials(language)));
        };
        let gaps: Vec<_> = access
            .unguarded()
            .await?
            .iter()
            .map(|gap| {
                let (place, account, missing) = (&gap.place, &gap.account, &gap.missing);
                say!(
                    language,
                    "{place} in {account} lacks {missing}",
                    "a {place} en {account} le falta {missing}",
                )
            })
            .collect();
        Ok(match gaps.as_slice() {
            [] => Finding::ok(what),
            gaps => Finding::warn(some(language, gaps), remedy),
        })
    }
}

/// How it should be, and what to do where it is not.
fn wanted(language: Language, mechanism: &IdentityCenter) -> Option<(String, String)> {
    Some(match mechanism {
        IdentityCenter::None => return None,
        IdentityCenter::PermissionSetPolicy(name) => (
            say!(
                language,
                "every role of Identity Center has the policy {name}",
                "todo rol de Identity Center tiene la política {name}",
            ),
            say!(
                language,
                "let each permission set that grants Bedrock refer to the customer managed policies \
                     ({name}, path /weir/), and provision it again; `weir enforce setup` makes those that are \
                     missing",
                "haga que cada conjunto de permisos que da acceso a Bedrock se refiera a las políticas \
                     gestionadas por el cliente ({name}, ruta /weir/), y aprovisiónelo de nuevo; `weir enforce \
                     setup` crea las que falten",
            ),
        ),
        IdentityCenter::Scp(scp) => {
            let policy = &scp.policy;
            (
                say!(
                    language,
                    "the service control policy {policy} is ours and attached",
                    "la política de control de servicios {policy} es nuestra y está asociada",
                ),
                say!(
                    language,
                    "attach it to the root or to the units of the accounts that use Bedrock; it must hold \
                         nothing but Weir's statements",
                    "asóciela a la raíz o a las unidades de las cuentas que usan Bedrock; no debe contener \
                         más que las declaraciones de Weir",
                ),
            )
        }
    })
}
