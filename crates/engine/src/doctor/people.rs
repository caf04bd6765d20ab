//! What is not known of people yet: the to-do list of an administrator.

use weir_core::attribution::PrincipalKind;
use weir_core::forget::is_forgotten;
use weir_core::ids::TeamId;
use weir_core::rulebook::{self, UserClass};
use weir_store::UserRow;

use super::finding::{Finding, say, some};
use crate::notify::Language;
use crate::{Engine, EngineError};

/// Users read in one go.
const PAGE: u32 = 500;

impl Engine {
    pub(super) async fn check_teams(&self, language: Language) -> Result<Finding, EngineError> {
        let none = TeamId::unassigned();
        let users = self.everybody(|user| user.team == none).await?;
        Ok(match users.len() {
            0 => Finding::ok(say!(language, "everybody has one", "todos tienen uno")),
            count => Finding::warn(
                {
                    let users = names(language, &users);
                    say!(
                        language,
                        "{count} in none: {users}",
                        "{count} en ninguno: {users}",
                    )
                },
                say!(
                    language,
                    "weir user set USER --team TEAM --since DATE, or tag them (Team) in IAM",
                    "weir user set USUARIO --team EQUIPO --since FECHA, o etiquételos (Team) en IAM",
                ),
            ),
        })
    }

    pub(super) async fn check_addresses(&self, language: Language) -> Result<Finding, EngineError> {
        let users = self
            .everybody(|user| user.class == UserClass::Human && user.email.is_none())
            .await?;
        Ok(match users.len() {
            0 => Finding::ok(say!(
                language,
                "everybody can be told",
                "se puede avisar a todos",
            )),
            count => Finding::warn(
                {
                    let users = names(language, &users);
                    say!(
                        language,
                        "{count} without an e-mail address: {users}",
                        "{count} sin dirección de correo: {users}",
                    )
                },
                say!(
                    language,
                    "weir user set USER --email ADDRESS, or tag them (Email) in IAM: without, nobody tells \
                     them why they are blocked",
                    "weir user set USUARIO --email DIRECCIÓN, o etiquételos (Email) en IAM: sin ella nadie les \
                     dice por qué están bloqueados",
                ),
            ),
        })
    }

    pub(super) async fn check_classes(&self, language: Language) -> Result<Finding, EngineError> {
        let users = self
            .everybody(|user| user.class == UserClass::Unknown)
            .await?;
        Ok(match users.len() {
            0 => Finding::ok(say!(
                language,
                "of everybody it is known whether it is a person or a machine",
                "de todos se sabe si son una persona o una máquina",
            )),
            count => Finding::warn(
                {
                    let users = names(language, &users);
                    say!(
                        language,
                        "{count} users are neither: {users}",
                        "{count} usuarios no son ni lo uno ni lo otro: {users}",
                    )
                },
                say!(
                    language,
                    "inherited quotas block people only: weir user set USER --class human|workload",
                    "las cuotas heredadas solo bloquean a personas: weir user set USUARIO --class human|workload",
                ),
            ),
        })
    }

    /// People whom no mechanism denies, found before they are blocked.
    pub(super) async fn check_deniable(&self, language: Language) -> Result<Finding, EngineError> {
        use PrincipalKind::{IdentityCenter, Root, Service, Unknown};
        let rules = self.rules().await?;
        let mechanism = &rules.settings.enforcement.identity_center;
        let is_out_of_reach = |kind: PrincipalKind| match kind {
            IdentityCenter => *mechanism == rulebook::IdentityCenter::None,
            kind => matches!(kind, Root | Service | Unknown),
        };
        let users = self
            .everybody(|user| {
                let mut kinds = user.principals.iter().map(|(principal, ..)| principal.kind);
                user.class != UserClass::Service && kinds.any(is_out_of_reach)
            })
            .await?;
        Ok(match users.len() {
            0 => Finding::ok(say!(
                language,
                "everybody who calls can be denied",
                "se puede denegar a todos los que llaman",
            )),
            count => Finding::warn(
                {
                    let users = names(language, &users);
                    say!(
                        language,
                        "{count} users come in ways that cannot be denied: {users}",
                        "{count} usuarios llegan por vías que no se pueden denegar: {users}",
                    )
                },
                say!(
                    language,
                    "root, unknown callers and, where no mechanism is configured, people of Identity Center: \
                     their blocks show as `cannot`; limit them where they log in",
                    "root, quien no se conoce y, si no se ha configurado ningún mecanismo, las personas de \
                     Identity Center: sus bloqueos aparecen como `cannot`; limítelos donde entran",
                ),
            ),
        })
    }

    async fn everybody(
        &self,
        wanted: impl Fn(&UserRow) -> bool + Send + Sync,
    ) -> Result<Vec<UserRow>, EngineError> {
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let page = self.store.users(None, after.as_ref(), PAGE).await?;
            after = page.last().map(|row| row.user.clone());
            let full = page.len() >= PAGE as usize;
            // Nobody can tell more of who was forgotten.
            let people = page.into_iter().filter(|row| !is_forgotten(&row.user));
            found.extend(people.filter(|user| wanted(user)));
            if !full {
                return Ok(found);
            }
        }
    }
}

fn names(language: Language, users: &[UserRow]) -> String {
    let names: Vec<_> = users.iter().map(|user| user.user.as_str()).collect();
    some(language, &names).replace("; ", ", ")
}
