//! Whether denials are in force where they should be.

use std::collections::BTreeSet;

use weir_core::access::{Desired, Member, TargetState};
use weir_core::rulebook::Mode;

use super::finding::{Finding, give_credentials, say, some};
use crate::notify::Language;
use crate::{Engine, EngineError};

impl Engine {
    pub(super) async fn check_mode(&self, language: Language) -> Result<Finding, EngineError> {
        let view = self.mode().await?;
        let in_force = view.in_force.mode;
        if let Some(asked) = view.asked_for() {
            let found = say!(
                language,
                "{in_force} is in force, and the configuration says {asked}",
                "rige {in_force}, y la configuración dice {asked}",
            );
            return Ok(Finding::fail(found, change_mode(language, in_force, asked)));
        }
        let rows = self.store.targets(&[]).await?;
        let members: Vec<&Member> = rows.iter().flat_map(|row| &row.members).collect();
        let names = |which: &dyn Fn(&Member) -> bool| {
            let users: BTreeSet<&str> = members
                .iter()
                .filter(|member| which(member))
                .map(|member| member.user.as_str())
                .collect();
            some(language, &users.into_iter().collect::<Vec<_>>())
        };
        let would = names(&|member| !member.denial.is_none() && !member.enforced);
        let kept = names(&Member::is_denied);
        let kept = match kept.as_str() {
            "" => String::new(),
            kept => say!(
                language,
                "; still denied in AWS, as was said when iam was left: {kept}",
                "; siguen denegados en AWS, como se dijo al dejar iam: {kept}",
            ),
        };
        Ok(mode(language, in_force, &would, &kept))
    }

    pub(super) async fn check_aws(&self, language: Language) -> Result<Finding, EngineError> {
        let needed = self.rules().await?.mode.mode == Mode::Iam;
        let Some(directory) = &self.directory else {
            let found = say!(
                language,
                "no credentials: callers are not looked up, nobody can be denied",
                "sin credenciales: no se consulta quién llama, no se puede denegar a nadie",
            );
            return Ok(Finding::bad(needed, found, give_credentials(language)));
        };
        let (account, arn) = directory.whoami().await?;
        let Some(access) = self.access.as_ref().filter(|_| needed) else {
            return Ok(Finding::ok(say!(
                language,
                "{arn} in {account}",
                "{arn} en {account}",
            )));
        };
        let found = access.find_ours().await.and_then(|ours| {
            let targets = ours.targets.len();
            ours.unread.into_iter().next().map_or(Ok(targets), Err)
        });
        Ok(match found {
            Ok(ours) => Finding::ok(say!(
                language,
                "{arn} in {account}; {ours} targets hold a Deny of ours",
                "{arn} en {account}; {ours} objetivos llevan un Deny nuestro",
            )),
            Err(error) => Finding::fail(
                say!(
                    language,
                    "{arn} in {account}: {error}",
                    "{arn} en {account}: {error}",
                ),
                say!(
                    language,
                    "`weir aws-policy --feature enforce` shows the rights that are needed",
                    "`weir aws-policy --feature enforce` muestra los permisos que hacen falta",
                ),
            ),
        })
    }

    pub(super) async fn check_targets(&self, language: Language) -> Result<Finding, EngineError> {
        use TargetState::{Cannot, Failed};
        let rows = self.store.targets(&[Failed, Cannot]).await?;
        let failing: Vec<_> = rows
            .iter()
            .filter(|row| {
                row.target.state == Failed || !Desired::of(row.members.iter().cloned()).is_allowed()
            })
            .map(|row| {
                let none = || say!(language, "no reason recorded", "no consta el motivo");
                let why = row.target.last_error.clone().unwrap_or_else(none);
                let (key, state) = (&row.target.key, row.target.state);
                say!(
                    language,
                    "{key} is {state}: {why}",
                    "{key} está {state}: {why}"
                )
            })
            .collect();
        let targets = match failing.as_slice() {
            [] => Finding::ok(say!(
                language,
                "every denial is where it should be, or on its way",
                "cada denegación está donde debe, o en camino",
            )),
            failing => Finding::fail(
                some(language, failing),
                say!(
                    language,
                    "see `weir enforce status`",
                    "vea `weir enforce status`",
                ),
            ),
        };
        Ok(match self.check_policies(language).await? {
            None => targets,
            Some(policies) => targets.and(policies),
        })
    }

    /// Managed policies of ours that say something else by now.
    async fn check_policies(&self, language: Language) -> Result<Option<Finding>, EngineError> {
        let needed = self.rules().await?.mode.mode == Mode::Iam;
        let Some(access) = self.access.as_ref().filter(|_| needed) else {
            return Ok(None);
        };
        let found = access.altered_policies().await?;
        let altered: Vec<_> = found.altered.iter().map(|one| one.arn.as_str()).collect();
        if altered.is_empty() {
            return Ok(None);
        }
        let altered = some(language, &altered);
        Ok(Some(Finding::fail(
            say!(
                language,
                "whom {altered} is attached to is not denied by it: its text in force is not Weir's",
                "{altered} no deniega a quien la lleva: su texto vigente no es el de Weir",
            ),
            say!(
                language,
                "`weir enforce setup` puts the right text in force",
                "`weir enforce setup` pone en vigor el texto correcto",
            ),
        )))
    }

    pub(super) async fn check_held(&self, language: Language) -> Result<Finding, EngineError> {
        let held = self.held().await?;
        Ok(match held.len() {
            0 => Finding::ok(say!(language, "none", "ninguno")),
            held => Finding::warn(
                say!(
                    language,
                    "{held} blocks are held by the breaker",
                    "el cortacircuitos retiene {held} bloqueos",
                ),
                say!(
                    language,
                    "weir enforce held list, then apply or discard them by name or with --all",
                    "weir enforce held list; después aplíquelos o descártelos, por nombre o con --all",
                ),
            ),
        })
    }
}

/// What the mode in force means to those who would be denied, and who still are.
fn mode(language: Language, in_force: Mode, would: &str, kept: &str) -> Finding {
    match (in_force, would) {
        (Mode::Iam, "") => Finding::ok(say!(
            language,
            "iam: denials are written to AWS",
            "iam: las denegaciones se escriben en AWS",
        )),
        (Mode::Iam, would) => Finding::ok(say!(
            language,
            "iam: denials are written to AWS; out of enforcement.scope, only recorded: {would}",
            "iam: las denegaciones se escriben en AWS; fuera de enforcement.scope, solo se anotan: {would}",
        )),
        (Mode::Off, _) => Finding::warn(
            say!(
                language,
                "off: nobody is denied{kept}",
                "off: no se deniega a nadie{kept}",
            ),
            say!(
                language,
                "weir enforce mode dry-run, or iam",
                "weir enforce mode dry-run, o iam",
            ),
        ),
        (Mode::DryRun, would) => Finding::warn(
            match would {
                "" => say!(
                    language,
                    "dry-run: nobody would be denied now{kept}",
                    "dry-run: ahora no se denegaría a nadie{kept}",
                ),
                would => say!(
                    language,
                    "dry-run: would be denied: {would}{kept}",
                    "dry-run: se denegaría a: {would}{kept}",
                ),
            },
            say!(
                language,
                "when the quotas are right, weir enforce mode iam",
                "cuando las cuotas estén bien, weir enforce mode iam",
            ),
        ),
    }
}

/// How the mode becomes what the configuration says, or the configuration what the mode is.
pub(crate) fn change_mode(language: Language, in_force: Mode, asked: Mode) -> String {
    if in_force == Mode::Iam {
        say!(
            language,
            "if iam is meant, write it as `mode` into the section [enforcement] of the configuration; if not, \
             `weir enforce mode {asked} --release` removes the Denies that are in AWS, `--keep` leaves each \
             until its user is unblocked",
            "si iam es lo que se quiere, escríbalo como `mode` en la sección [enforcement] de la configuración; \
             si no, `weir enforce mode {asked} --release` quita los Deny que hay en AWS, `--keep` deja cada uno hasta \
             que se desbloquee a su usuario",
        )
    } else {
        say!(
            language,
            "`weir enforce mode {asked}` says whom it concerns, and puts it in force",
            "`weir enforce mode {asked}` dice a quién afecta, y lo pone en vigor",
        )
    }
}
