//! What is wrong and what to do about it: facts for `weir doctor`.

mod identity_center;
mod people;
mod records;
mod rights;
mod sessions;
mod ways;

use std::collections::BTreeSet;

use jiff::SignedDuration;
use weir_core::access::{Desired, Member, TargetState};
use weir_core::rulebook::Mode;

use crate::report::{Check, Level};
use crate::{Engine, EngineError};

/// Clocks that differ by more decide windows differently.
const SKEW: SignedDuration = SignedDuration::from_secs(5);

impl Engine {
    /// Checks database, clock, rules, AWS and the ledger. A check that cannot be made fails; it
    /// does not stop the others.
    pub async fn doctor(&self) -> Vec<Check> {
        let mut checks = Vec::new();
        for (name, found) in [
            ("database", self.check_database().await),
            ("clock", self.check_clock().await),
            ("rules", self.check_rules().await),
            ("home account", self.check_home().await),
            ("enforcement mode", self.check_mode().await),
            ("AWS access", self.check_aws().await),
            ("AWS rights", self.check_rights().await),
            ("enforcement", self.check_targets().await),
            ("Identity Center", self.check_identity_center().await),
            ("held blocks", self.check_held().await),
            ("not enforceable", self.check_deniable().await),
            ("ways around Deny", self.check_ways().await),
            ("coverage", self.check_coverage().await),
            ("invocation logs", self.check_logs().await),
            ("counts", self.check_counts().await),
            ("prices", self.check_prices().await),
            ("callers", self.check_callers().await),
            ("teams", self.check_teams().await),
            ("addresses", self.check_addresses().await),
            ("classes", self.check_classes().await),
            ("session names", self.check_session_names().await),
            ("names", self.check_names().await),
            ("dead letters", self.check_dead_letters().await),
            ("outbox", self.check_outbox().await),
        ] {
            checks.push(match found {
                Ok(finding) => finding.named(name),
                Err(error) => Finding::fail(error.to_string(), "see the message").named(name),
            });
        }
        checks
    }

    async fn check_database(&self) -> Result<Finding, EngineError> {
        let health = self.store.health().await?;
        let migrations = self.store.migrations().await?;
        let found = format!("{}, {} invocations", health.engine, health.invocations);
        if let Some(why) = migrations.refusal() {
            return Ok(Finding::fail(found, why));
        }
        Ok(match (migrations.pending.len(), migrations.unknown.len()) {
            (0, 0) => Finding::ok(found),
            (0, unknown) => Finding::warn(
                format!("{found}; {unknown} migrations of a newer release"),
                "update this binary",
            ),
            (pending, _) => Finding::fail(
                format!("{found}; {pending} migrations are pending"),
                "weir db migrate",
            ),
        })
    }

    async fn check_clock(&self) -> Result<Finding, EngineError> {
        let health = self.store.health().await?;
        let skew = health.clock.duration_since(self.wall()).abs();
        let found = format!("{} s between this machine and the database", skew.as_secs());
        Ok(if skew > SKEW {
            Finding::warn(
                found,
                "synchronise both clocks: windows begin and end by them",
            )
        } else {
            Finding::ok(found)
        })
    }

    async fn check_rules(&self) -> Result<Finding, EngineError> {
        let rules = self.reload_rules().await?;
        let (zone, version) = (rules.zone.name(), rules.version);
        Ok(Finding::ok(format!(
            "version {version}, business zone {zone}"
        )))
    }

    async fn check_home(&self) -> Result<Finding, EngineError> {
        let rules = self.rules().await?;
        Ok(match &rules.settings.attribution.home_account {
            Some(account) => Finding::ok(format!("{account}: its users carry no prefix")),
            None => Finding::warn(
                "not known: users of all accounts share one name space",
                "set aws.home_account, or give Weir AWS credentials and ingest something",
            ),
        })
    }

    async fn check_mode(&self) -> Result<Finding, EngineError> {
        let view = self.mode().await?;
        let in_force = view.in_force.mode;
        if let (Some(asked), Some(remedy)) = (view.asked_for(), view.remedy()) {
            let found = format!("{in_force} is in force, and the configuration says {asked}");
            return Ok(Finding::fail(found, remedy));
        }
        let rows = self.store.targets(&[]).await?;
        let members: Vec<&Member> = rows.iter().flat_map(|row| &row.members).collect();
        let names = |which: &dyn Fn(&Member) -> bool| {
            let users: BTreeSet<&str> = members
                .iter()
                .filter(|member| which(member))
                .map(|member| member.user.as_str())
                .collect();
            some(&users.into_iter().collect::<Vec<_>>())
        };
        let would = names(&|member| !member.denial.is_none() && !member.enforced);
        let kept = names(&Member::is_denied);
        let kept = match kept.as_str() {
            "" => String::new(),
            kept => format!("; still denied in AWS, as was said when iam was left: {kept}"),
        };
        Ok(match (in_force, would.as_str()) {
            (Mode::Iam, "") => Finding::ok("iam: denials are written to AWS"),
            (Mode::Iam, would) => Finding::ok(format!(
                "iam: denials are written to AWS; out of enforcement.scope, only recorded: {would}"
            )),
            (Mode::Off, _) => Finding::warn(
                format!("off: nobody is denied{kept}"),
                "weir enforce mode dry-run, or iam",
            ),
            (Mode::DryRun, "") => Finding::warn(
                format!("dry-run: nobody would be denied now{kept}"),
                "when the quotas are right, weir enforce mode iam",
            ),
            (Mode::DryRun, would) => Finding::warn(
                format!("dry-run: would be denied: {would}{kept}"),
                "when the quotas are right, weir enforce mode iam",
            ),
        })
    }

    async fn check_aws(&self) -> Result<Finding, EngineError> {
        let needed = self.rules().await?.mode.mode == Mode::Iam;
        let Some(directory) = &self.directory else {
            let found = "no credentials: callers are not looked up, nobody can be denied";
            let remedy = "give Weir credentials by the usual AWS environment or profile";
            return Ok(if needed {
                Finding::fail(found, remedy)
            } else {
                Finding::warn(found, remedy)
            });
        };
        let (account, arn) = directory.whoami().await?;
        let Some(access) = self.access.as_ref().filter(|_| needed) else {
            return Ok(Finding::ok(format!("{arn} in {account}")));
        };
        Ok(match access.find_ours().await {
            Ok(ours) => Finding::ok(format!(
                "{arn} in {account}; {} targets hold a Deny of ours",
                ours.len()
            )),
            Err(error) => Finding::fail(
                format!("{arn} in {account}: {error}"),
                "`weir aws-policy --feature enforce` shows the rights that are needed",
            ),
        })
    }

    async fn check_targets(&self) -> Result<Finding, EngineError> {
        use TargetState::{Cannot, Failed};
        let rows = self.store.targets(&[Failed, Cannot]).await?;
        let failing: Vec<_> = rows
            .iter()
            .filter(|row| {
                row.target.state == Failed || !Desired::of(row.members.iter().cloned()).is_allowed()
            })
            .map(|row| {
                let why = row
                    .target
                    .last_error
                    .as_deref()
                    .unwrap_or("no reason recorded");
                format!("{} is {}: {why}", row.target.key, row.target.state)
            })
            .collect();
        Ok(match failing.as_slice() {
            [] => Finding::ok("every denial is where it should be, or on its way"),
            failing => Finding::fail(some(failing), "see `weir enforce status`"),
        })
    }

    async fn check_held(&self) -> Result<Finding, EngineError> {
        let held = self.held().await?;
        Ok(match held.len() {
            0 => Finding::ok("none"),
            held => Finding::warn(
                format!("{held} blocks are held by the breaker"),
                "weir enforce held list, then apply or discard them by name or with --all",
            ),
        })
    }

    async fn check_prices(&self) -> Result<Finding, EngineError> {
        let unpriced = self.store.unpriced().await?;
        let lines: Vec<_> = unpriced
            .iter()
            .map(|(model, region, count)| format!("{model} in {region}: {count} invocations"))
            .collect();
        Ok(match lines.as_slice() {
            [] => Finding::ok("every invocation with counts has a price"),
            lines => Finding::warn(format!("no price for {}", some(lines)), "weir pricing set"),
        })
    }

    async fn check_callers(&self) -> Result<Finding, EngineError> {
        let unresolved = self.store.unresolved_requests(1_000).await?.len();
        Ok(match unresolved {
            0 => Finding::ok("every caller that was looked up is known"),
            count => Finding::warn(
                format!("{count} invocations count under the last known team"),
                "they move by themselves once AWS answers; see the log for its errors",
            ),
        })
    }

    async fn check_names(&self) -> Result<Finding, EngineError> {
        let newcomers = self.newcomers().await?;
        let lines: Vec<_> = newcomers
            .iter()
            .map(|one| format!("{} is another identity now, `{}`", one.principal, one.user))
            .collect();
        Ok(match newcomers.first() {
            None => Finding::ok("every name is borne by whom it was first seen with, or confirmed"),
            Some(one) => Finding::warn(
                lines.join("; "),
                format!(
                    "if it is still `{}`: weir user confirm '{}'; else: weir user link '{}' NAME",
                    one.becomes, one.user, one.principal
                ),
            ),
        })
    }

    async fn check_dead_letters(&self) -> Result<Finding, EngineError> {
        let letters = self.store.dead_letters(1_000).await?;
        let count: u64 = letters.iter().map(|row| row.count).sum();
        Ok(match letters.first() {
            None => Finding::ok("none"),
            Some(newest) => Finding::warn(
                format!(
                    "{count} records could not be counted; the newest: {}",
                    newest.letter.reason
                ),
                "weir dead-letters",
            ),
        })
    }

    async fn check_outbox(&self) -> Result<Finding, EngineError> {
        let health = self.store.health().await?;
        if health.mail_failed > 0 {
            return Ok(Finding::warn(
                format!("{} letters were given up", health.mail_failed),
                "weir outbox list --state failed; then weir outbox retry --failed",
            ));
        }
        let late = health.mail_oldest.is_some_and(|oldest| {
            self.wall().duration_since(oldest) > jiff::SignedDuration::from_hours(1)
        });
        if late {
            return Ok(Finding::warn(
                format!(
                    "{} messages and letters wait for more than an hour",
                    health.mail_waiting
                ),
                "`weir serve` sends them: see `weir outbox list --state waiting` and --state untold",
            ));
        }
        Ok(match health.outbox_due {
            0 => Finding::ok("nothing is due"),
            due => Finding::warn(
                format!("{due} evaluations are due"),
                "they run with the next command that counts or changes, or all the time in `weir serve`",
            ),
        })
    }
}

/// The first few of a list that may be long.
fn some<T: AsRef<str>>(list: &[T]) -> String {
    const FEW: usize = 5;
    let few: Vec<_> = list.iter().take(FEW).map(AsRef::as_ref).collect();
    match list.len().saturating_sub(FEW) {
        0 => few.join("; "),
        more => format!("{}; and {more} more", few.join("; ")),
    }
}

/// A check without its name.
struct Finding {
    level: Level,
    found: String,
    remedy: Option<String>,
}

impl Finding {
    fn ok(found: impl Into<String>) -> Self {
        Self {
            level: Level::Ok,
            found: found.into(),
            remedy: None,
        }
    }

    fn warn(found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            level: Level::Warn,
            found: found.into(),
            remedy: Some(remedy.into()),
        }
    }

    fn fail(found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            level: Level::Fail,
            found: found.into(),
            remedy: Some(remedy.into()),
        }
    }

    fn named(self, name: &'static str) -> Check {
        let Self {
            level,
            found,
            remedy,
        } = self;
        Check {
            name,
            level,
            found,
            remedy,
        }
    }
}
