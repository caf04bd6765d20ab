//! The Denies that the replaced system left in IAM: who has one, and taking them out.

use serde::Serialize;
use weir_aws::Connection;
use weir_engine::{Actor, Engine, ImportPlan, Instead, OldDeny, OldDenyDone, Unneeded};

use super::super::hands;
use crate::app::App;
use crate::args::{ImportLegacyArgs, OldDenies};
use crate::exit::CliError;

/// What was asked about them, and found.
pub(crate) struct Denies {
    found: Option<Vec<OldDeny>>,
    /// Which are to go, and whose rights take them out.
    removal: Option<(Unneeded, Connection)>,
}

/// What `--json` prints.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct DeniesView<'a> {
    /// Whom the old statement denies in IAM, whatever became of their block; `null` if nobody asked.
    old_denies: Option<&'a [OldDeny]>,
}

impl Denies {
    /// Asks IAM, if the command says so.
    pub(crate) async fn of(
        app: &App,
        engine: &Engine,
        (plan, args): (&ImportPlan, &ImportLegacyArgs),
    ) -> Result<Self, CliError> {
        if !args.old_denies && args.remove_old_denies.is_none() {
            return Ok(Self {
                found: None,
                removal: None,
            });
        }
        let aws = weir_config::require(&app.settings).await?;
        let found = engine.old_denies(plan, &*aws.provisioning).await;
        let found =
            found.map_err(|error| CliError::Failed(format!("{error}{}", hands::remedy(&error))))?;
        let which = args.remove_old_denies.map(|which| match which {
            OldDenies::Replaced => Unneeded::Replaced,
            OldDenies::All => Unneeded::All,
        });
        Ok(Self {
            found: Some(found),
            removal: which.map(|which| (which, aws)),
        })
    }

    pub(crate) fn view(&self) -> DeniesView<'_> {
        DeniesView {
            old_denies: self.found.as_deref(),
        }
    }

    /// Whether some are to be taken out.
    pub(crate) fn are_to_go(&self) -> bool {
        let some = self.found.as_ref().is_some_and(|found| !found.is_empty());
        some && self.removal.is_some()
    }

    /// Says whom they deny, and what becomes of each.
    pub(crate) fn tell(&self, app: &App) {
        let Some(found) = &self.found else {
            return;
        };
        if found.is_empty() {
            app.printer
                .note("no user of the old database is denied by the old statement in IAM");
        }
        let which = self.removal.as_ref().map(|(which, _)| *which);
        for OldDeny {
            user,
            old_policy: policy,
            old_statement: statement,
            instead,
            ..
        } in found
        {
            let becomes = match (which, instead) {
                (None, Instead::Nothing) => format!(
                    "and not blocked in Weir: `weir block {user}`, or --remove-old-denies=all takes the statement out, \
                     and {user} has access"
                ),
                (None, _) => {
                    "--remove-old-denies takes it out once Weir's own Deny is read back".to_owned()
                }
                (Some(_), Instead::OwnDeny) => {
                    "it is taken out: Weir's own Deny is in IAM".to_owned()
                }
                (Some(_), Instead::BlockOnly) => {
                    "it is taken out if Weir's own Deny is read back, and stays if not".to_owned()
                }
                (Some(Unneeded::Replaced), Instead::Nothing) => {
                    format!(
                        "it stays: Weir does not block {user}, who would have access without it"
                    )
                }
                (Some(Unneeded::All), Instead::Nothing) => {
                    format!("it is taken out, and {user} HAS ACCESS then: Weir does not block them")
                }
            };
            app.printer.note(&format!(
                "{user} is denied in IAM by the statement {statement} of the inline policy {policy}; {becomes}"
            ));
        }
    }

    /// Takes out those that are to go; `None` if that was not asked for.
    pub(crate) async fn remove(
        &self,
        engine: &Engine,
        by: &Actor,
    ) -> Result<Option<Vec<OldDenyDone>>, CliError> {
        let (Some(found), Some((which, aws))) = (&self.found, &self.removal) else {
            return Ok(None);
        };
        let hands = &*aws.provisioning;
        Ok(Some(
            engine.remove_old_denies(found, (*which, hands), by).await?,
        ))
    }
}

/// Says what became of them; whether all that were to go are gone.
pub(crate) fn report(app: &App, done: &[OldDenyDone]) -> bool {
    for OldDenyDone {
        user,
        old_policy,
        removed: _,
        left,
    } in done
    {
        match left {
            None => app.printer.note(&format!(
                "{user}: the old statement in {old_policy} is taken out"
            )),
            Some(why) => app.printer.warn(&format!(
                "{user}: the old statement in {old_policy} is there still: {why}"
            )),
        }
    }
    done.iter().all(|one| one.removed)
}
