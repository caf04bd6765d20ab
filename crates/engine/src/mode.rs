//! The mode of enforcement: what is in force, and how it changes (rules E8, Q9;
//! `docs/decisions/0008-the-mode-in-force.md`).
//!
//! The database says which mode holds, for every process alike; a configuration only asks for one.
//! Whether a denial is to be in AWS is decided with it and stored beside it, per user and target, so
//! no executor needs to know the mode.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use jiff::SignedDuration;
use serde_json::json;
use weir_core::access::{Member, TargetState};
use weir_core::audit::Entry;
use weir_core::decide::{decide, is_aligned};
use weir_core::ids::UserId;
use weir_core::rulebook::{Mode, ModeInForce, Rulebook};
use weir_core::standing::Standing;
use weir_store::{RuleChange, TargetRow};

use crate::doctor::change_mode;
use crate::jobs::CHUNK;
use crate::notify::Language;
use crate::options::Actor;
use crate::report::EnforcementRow;
use crate::{Engine, EngineError};

/// What becomes of the Denies in AWS when `iam` is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaving {
    /// They are removed, and their absence is read back.
    Release,
    /// Each stays until its user is unblocked.
    Keep,
}

/// The mode as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModeView {
    /// What holds.
    pub in_force: ModeInForce,
    /// What the configuration of this process asks for, if it says anything.
    pub configured: Option<Mode>,
}

/// Whom a change of mode concerns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModePreview {
    /// They are blocked, and would be denied in AWS.
    pub denied: BTreeSet<UserId>,
    /// They are denied in AWS, and would not be any more, though their blocks go on.
    pub released: BTreeSet<UserId>,
}

/// What a change of mode did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModeDone {
    /// Whom it concerned.
    pub effect: ModePreview,
    /// Targets at which AWS is not yet as it is to be.
    pub left: Vec<EnforcementRow>,
}

impl ModeView {
    /// What the configuration asks for, if something else is in force.
    pub fn asked_for(&self) -> Option<Mode> {
        self.configured
            .filter(|configured| *configured != self.in_force.mode)
    }

    /// How the mode becomes what the configuration asks for, or the configuration what the mode is.
    pub fn remedy(&self) -> Option<String> {
        let asked = self.asked_for()?;
        Some(change_mode(Language::En, self.in_force.mode, asked))
    }
}

impl Engine {
    /// The mode in force, and the configured one.
    pub async fn mode(&self) -> Result<ModeView, EngineError> {
        Ok(ModeView {
            in_force: self.rules().await?.mode,
            configured: self.settings.enforcement.mode,
        })
    }

    /// What comes after the mode in force; an error where leaving `iam` needs a word on the Denies
    /// that are in AWS.
    pub async fn next_mode(
        &self,
        mode: Mode,
        leaving: Option<Leaving>,
    ) -> Result<ModeInForce, EngineError> {
        let now = self.reload_rules().await?.mode;
        let is_left = now.mode == Mode::Iam && mode != Mode::Iam;
        if is_left && leaving.is_none() {
            let rows = self.store.targets(&[]).await?;
            if rows.iter().any(holds) {
                let why = "people are denied in AWS: say --release to remove their Denies, or --keep \
                           to leave each until its user is unblocked";
                return Err(EngineError::Refused(why.to_owned()));
            }
        }
        let keeps = match (mode, leaving) {
            (Mode::Iam, _) | (_, Some(Leaving::Release)) => false,
            (_, Some(Leaving::Keep)) => is_left || now.keeps,
            (_, None) => now.keeps,
        };
        Ok(ModeInForce {
            mode,
            keeps,
            commanded: true,
        })
    }

    /// Who would newly be denied in AWS, and who no longer, if that were in force.
    pub async fn preview_mode(&self, next: ModeInForce) -> Result<ModePreview, EngineError> {
        let rules = Rulebook {
            mode: next,
            ..(*self.load_rules().await?).clone()
        };
        let mut preview = ModePreview::default();
        for standing in self.denied_users(&rules).await? {
            let situation = weir_core::standing::Situation {
                users: vec![standing],
                ..weir_core::standing::Situation::default()
            };
            let plan = decide(&situation, self.context(&rules));
            let Some(standing) = situation.users.first() else {
                continue;
            };
            let user = || standing.user.clone();
            for change in &plan.access {
                let was = standing
                    .access
                    .iter()
                    .map(|(_, member)| member)
                    .any(|known| {
                        known.target == change.member.target
                            && known.reach == change.member.reach
                            && known.is_denied()
                    });
                match (was, change.member.is_denied()) {
                    (false, true) if change.state == TargetState::Requested => {
                        preview.denied.insert(user());
                    }
                    (true, false) if !change.member.denial.is_none() => {
                        preview.released.insert(user());
                    }
                    _ => {}
                }
            }
        }
        Ok(preview)
    }

    /// Puts a mode in force for every process, and makes AWS follow. What this process does not get
    /// done, the next tick of any process does.
    pub async fn change_mode(
        &self,
        next: ModeInForce,
        reason: &str,
        by: &Actor,
    ) -> Result<ModeDone, EngineError> {
        self.change_mode_as_of(next, None, reason, by).await
    }

    /// The same, bound to a version of the rules, if one is given: after another change of any of them nothing,
    /// and [`weir_store::StoreError::StaleRules`].
    pub async fn change_mode_as_of(
        &self,
        next: ModeInForce,
        version: Option<u64>,
        reason: &str,
        by: &Actor,
    ) -> Result<ModeDone, EngineError> {
        let effect = self.preview_mode(next).await?;
        self.put_mode(next, version, reason, by).await?;
        self.align().await?;
        self.drain().await?;
        let left = self.enforcement(false).await?;
        let left = left.into_iter().filter(|row| {
            use TargetState::{Applied, Failed, Requested};
            matches!(row.state, Requested | Applied | Failed)
        });
        Ok(ModeDone {
            effect,
            left: left.collect(),
        })
    }

    /// Puts the configured mode in force where that needs nobody's word: nothing was commanded yet,
    /// `iam` is not left, and nobody would be denied. Otherwise it says what is missing.
    pub(crate) async fn confirm_mode(&self) -> Result<(), EngineError> {
        let in_force = self.load_rules().await?.mode;
        let view = ModeView {
            in_force,
            configured: self.settings.enforcement.mode,
        };
        let Some(wanted) = view.asked_for() else {
            return Ok(());
        };
        let may = self.options.confirms_mode && self.options.as_of.is_none();
        if may && !in_force.commanded && in_force.mode != Mode::Iam {
            let next = ModeInForce {
                mode: wanted,
                ..in_force
            };
            if self.preview_mode(next).await?.denied.is_empty() {
                let reason = "the configuration asks for it, and nobody would be denied now";
                let by = Actor {
                    name: self.options.actor.clone(),
                    claimed: None,
                };
                return self.put_mode(next, None, reason, &by).await;
            }
        }
        tracing::warn!(
            configured = wanted.as_str(),
            in_force = in_force.mode.as_str(),
            "the configured enforcement.mode is not in force: {}",
            view.remedy().unwrap_or_default()
        );
        Ok(())
    }

    /// Brings denials that are only recorded, or no longer to be in AWS, in line with mode and
    /// scope: at once after any change of the rules, and every hour.
    pub(crate) async fn align_if_due(&self) -> Result<(), EngineError> {
        let version = self.reload_rules().await?.version;
        let hourly = SignedDuration::from_hours(1);
        let due = self.cadence.aligned.is_due(self.wall(), hourly);
        if due || self.cadence.aligned_to.load(Ordering::Relaxed) != version {
            self.align().await?;
            self.cadence.aligned_to.store(version, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Evaluates everybody whose denial is in AWS and must not be, or the other way round, in chunks
    /// of one transaction each. Broken off, it is taken up by the next tick.
    pub(crate) async fn align(&self) -> Result<(), EngineError> {
        let rules = self.reload_rules().await?;
        let users: Vec<UserId> = self
            .denied_users(&rules)
            .await?
            .into_iter()
            .filter(|standing| !is_aligned(standing, &rules))
            .map(|standing| standing.user)
            .collect();
        for chunk in users.chunks(CHUNK as usize) {
            self.evaluate(chunk.to_vec(), Vec::new(), Vec::new())
                .await?;
        }
        Ok(())
    }

    /// Everybody who is denied anything, in AWS or on record.
    async fn denied_users(&self, rules: &Rulebook) -> Result<Vec<Standing>, EngineError> {
        let rows = self.store.targets(&[]).await?;
        let members = rows.into_iter().flat_map(|row| row.members);
        let users: BTreeSet<UserId> = members
            .filter(|member| !member.denial.is_none())
            .map(|member| member.user)
            .collect();
        let users: Vec<UserId> = users.into_iter().collect();
        let mut standings = Vec::with_capacity(users.len());
        for chunk in users.chunks(CHUNK as usize) {
            let situation = self.store.situation(chunk, &[], self.now(), rules).await?;
            standings.extend(situation.users);
        }
        Ok(standings)
    }

    async fn put_mode(
        &self,
        next: ModeInForce,
        version: Option<u64>,
        reason: &str,
        by: &Actor,
    ) -> Result<(), EngineError> {
        let before = self.load_rules().await?.mode;
        let facts = |mode: ModeInForce| {
            json!({ "mode": mode.mode.as_str(), "keeps": mode.keeps, "commanded": mode.commanded })
                .to_string()
        };
        let subject = "enforcement".to_owned();
        let entry = Entry {
            before: Some(facts(before)),
            after: Some(facts(next)),
            ..self.entry("mode-set", subject, reason.to_owned(), by)
        };
        let changes = RuleChange::bound_to(version, [RuleChange::SetMode(next)]);
        self.store.change_rules(changes, vec![entry]).await?;
        self.load_rules().await?;
        Ok(())
    }
}

/// Whether a Deny of ours may be in AWS at this target.
fn holds(row: &TargetRow) -> bool {
    use TargetState::{Applied, Failed, Requested, Verified};
    row.members.iter().any(Member::is_denied)
        && matches!(row.target.state, Requested | Applied | Verified | Failed)
}
