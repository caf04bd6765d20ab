//! What the breaker holds: listed, foreseen, applied and discarded (rules Q10).

use std::collections::BTreeSet;
use std::fmt;

use weir_core::admin::{Command, TeamCommand, TeamVerb, Verb, end_of_day};
use weir_core::block::{Block, Denies, Force, Until};
use weir_core::decide;
use weir_core::ids::{TeamId, UserId};
use weir_core::plan::Plan;
use weir_core::rulebook::Rulebook;
use weir_store::{Batch, BlockFilter, BlockRow};

use crate::admin::Provided;
use crate::decision::Shift;
use crate::options::Actor;
use crate::preview::TeamChanges;
use crate::report::{DispatchReport, Preview};
use crate::{Administered, Engine, EngineError};

/// Whose blocks are held.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HeldOf {
    /// A user's.
    User(UserId),
    /// A team's, which deny every member.
    Team(TeamId),
}

/// What became of held blocks.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldDone {
    /// The users whose own blocks were decided on.
    pub users: Vec<Administered>,
    /// The teams whose blocks were decided on.
    pub teams: Vec<TeamId>,
    /// Who lost and who regained access, members of the teams among them.
    pub effect: Preview,
}

impl HeldOf {
    fn block(block: &Block) -> Self {
        match &block.denies {
            Denies::Team(team) => Self::Team(team.clone()),
            Denies::User(user) | Denies::Tool(user, _) | Denies::Model(user, _) => {
                Self::User(user.clone())
            }
        }
    }
}

impl fmt::Display for HeldOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(user) => write!(f, "user:{user}"),
            Self::Team(team) => write!(f, "team:{team}"),
        }
    }
}

impl Engine {
    /// Blocks that the breaker holds.
    pub async fn held(&self) -> Result<Vec<BlockRow>, EngineError> {
        let filter = BlockFilter {
            held: true,
            ..BlockFilter::default()
        };
        Ok(self.store.blocks(&filter).await?)
    }

    /// Whose blocks the breaker holds.
    pub async fn held_of(&self) -> Result<BTreeSet<HeldOf>, EngineError> {
        let rows = self.held().await?;
        Ok(rows.iter().map(|row| HeldOf::block(&row.block)).collect())
    }

    /// Who would lose and who would regain access if these held blocks were applied, or discarded.
    pub async fn preview_held(
        &self,
        whose: &BTreeSet<HeldOf>,
        apply: bool,
    ) -> Result<Preview, EngineError> {
        let rules = self.reload_rules().await?;
        let reason = "to see what would happen";
        let mut shift = Shift::default();
        for held in whose {
            match held {
                HeldOf::User(user) => {
                    let command = self.of_user(user, apply, reason, &Self::weir(), &rules);
                    let users = std::slice::from_ref(user);
                    let situation = self.store.situation(users, &[], self.now(), &rules).await?;
                    let context = self.context(&rules);
                    let plan = decide::decide_with(&situation, Some(&command), context);
                    shift.extend(Shift::of(&situation, &plan));
                }
                HeldOf::Team(team) if apply => {
                    let begun = self.foresee_applied(team, &rules).await?;
                    shift.teams.insert(team.clone());
                    self.foresee_pages(Some(team), &rules, &begun, &[], &mut shift)
                        .await?;
                }
                // Nobody was denied by what was held.
                HeldOf::Team(_) => {}
            }
        }
        Ok(shift.into())
    }

    /// Applies these held blocks; or drops them, and keeps automatic blocks away from the users and
    /// teams they are of for the rest of the local day.
    pub async fn decide_held(
        &self,
        whose: &BTreeSet<HeldOf>,
        apply: bool,
        reason: &str,
        by: &Actor,
    ) -> Result<HeldDone, EngineError> {
        let rules = self.reload_rules().await?;
        let mut done = HeldDone {
            users: Vec::new(),
            teams: Vec::new(),
            effect: Preview::default(),
        };
        let mut shift = Shift::default();
        for held in whose {
            match held {
                HeldOf::User(user) => {
                    let command = self.of_user(user, apply, reason, by, &rules);
                    let (administered, moved) = self
                        .administer_telling(command, true, Provided::Nothing)
                        .await?;
                    done.users.push(administered);
                    shift.extend(moved);
                }
                HeldOf::Team(team) => {
                    let command = self.of_team(team, apply, reason, by, &rules);
                    let (plan, moved) = self.administer_team(command).await?;
                    shift.extend(moved);
                    if !plan.revised.is_empty() {
                        shift.teams.extend(apply.then(|| team.clone()));
                        done.teams.push(team.clone());
                    }
                }
            }
        }
        done.effect = shift.into();
        Ok(done)
    }

    /// Carries out a command about one team, and evaluates its members by the outbox. Returns what
    /// was decided about the team, and who lost or regained access.
    pub(crate) async fn administer_team(
        &self,
        command: TeamCommand,
    ) -> Result<(Plan, Shift), EngineError> {
        let rules = self.rules().await?;
        command
            .check(self.context(&rules))
            .map_err(|refused| EngineError::Refused(refused.to_string()))?;
        let (settled, mut shift) = self
            .settle_deciding(
                |rules| Batch {
                    teams: vec![command.team.clone()],
                    ..self.batch("held", rules)
                },
                |situation, context| decide::decide_with_team(situation, &command, context),
            )
            .await?;
        let (_, moved) = self.drain_telling(DispatchReport::default()).await?;
        shift.extend(moved);
        Ok((settled.plan, shift))
    }

    /// The team's held blocks as they would be if they were applied.
    async fn foresee_applied(
        &self,
        team: &TeamId,
        rules: &Rulebook,
    ) -> Result<TeamChanges, EngineError> {
        let teams = std::slice::from_ref(team);
        let situation = self.store.situation(&[], teams, self.now(), rules).await?;
        let blocks = situation.groups.into_iter().flat_map(|group| group.blocks);
        let begun: Vec<Block> = blocks
            .filter(Block::is_held)
            .map(|block| Block {
                force: Force::InForce,
                ..block
            })
            .collect();
        Ok(TeamChanges {
            gone: begun.iter().map(|block| block.id.clone()).collect(),
            begun,
            ..TeamChanges::default()
        })
    }

    fn of_user(
        &self,
        user: &UserId,
        apply: bool,
        reason: &str,
        by: &Actor,
        rules: &Rulebook,
    ) -> Command {
        let verb = if apply {
            Verb::ApplyHeld
        } else {
            Verb::DiscardHeld {
                protect_until: self.end_of_day(rules),
            }
        };
        Command {
            user: user.clone(),
            actor: by.name.clone(),
            claimed_by: by.claimed.clone(),
            reason: reason.to_owned(),
            verb,
        }
    }

    fn of_team(
        &self,
        team: &TeamId,
        apply: bool,
        reason: &str,
        by: &Actor,
        rules: &Rulebook,
    ) -> TeamCommand {
        let verb = if apply {
            TeamVerb::ApplyHeld
        } else {
            TeamVerb::DiscardHeld {
                until: self.end_of_day(rules),
            }
        };
        TeamCommand {
            team: team.clone(),
            actor: by.name.clone(),
            claimed_by: by.claimed.clone(),
            reason: reason.to_owned(),
            verb,
        }
    }

    fn end_of_day(&self, rules: &Rulebook) -> Until {
        Until::At(end_of_day(self.now(), &rules.zone))
    }
}
