//! Past invocations attributed anew (rules A12): foreseen, audited, and moved in chunks that may be
//! begun again.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Serialize, Serializer};
use serde_json::json;
use weir_core::calendar::{Window, WindowKind};
use weir_core::counter::{CounterScope, Sums};
use weir_core::history::Reattribution;
use weir_core::ids::{TeamId, UserId};
use weir_core::money::Usd;
use weir_core::plan::Plan;
use weir_core::rulebook::{Person, Rulebook};
use weir_core::standing::{Situation, Usage};
use weir_store::{Anew, Batch, RuleChange};

use crate::options::Actor;
use crate::preview::Concerned;
use crate::report::{DispatchReport, Preview};
use crate::users::{merged, person_json};
use crate::{Engine, EngineError};

/// What an administrator says about a user, for calls of the past too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reattribute {
    /// Whose calls.
    pub user: UserId,
    /// What is said; team, name and e-mail address go into past calls.
    pub said: Person,
    /// The first local day.
    pub since: Date,
}

/// Invocations that move from one team to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TeamMove {
    /// The team they count for.
    pub from: String,
    /// The team they will count for.
    pub to: String,
    /// How many, failed ones too.
    pub invocations: u64,
    /// What they cost, as far as known; in JSON exact decimal dollars.
    #[serde(rename = "cost_usd", serialize_with = "dollars")]
    pub cost: Usd,
    /// How many of them have no price.
    pub unpriced: u64,
}

/// What attributing anew would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Foreseen {
    /// Invocations of the user since that day.
    pub invocations: u64,
    /// Those that change their team.
    pub moves: Vec<TeamMove>,
    /// Who would lose and who would regain access.
    #[serde(flatten)]
    pub access: Preview,
}

/// What attributing anew did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Reattributed {
    /// Invocations that changed.
    pub changed: u64,
    /// Who lost and who regained access.
    #[serde(flatten)]
    pub access: Preview,
}

/// Usage that moves to another team.
pub(crate) struct Moved {
    pub(crate) user: UserId,
    pub(crate) to: TeamId,
    /// From which team, in which local hour.
    from: Vec<(TeamId, Window, Sums)>,
}

impl Moved {
    /// Every team whose total changes, and the one that is joined.
    pub(crate) fn teams(&self) -> BTreeSet<TeamId> {
        let from = self.from.iter().map(|(team, ..)| team);
        from.chain([&self.to]).cloned().collect()
    }

    /// The situation of these windows once the usage has moved.
    pub(crate) fn apply(&self, situation: &mut Situation, windows: [Window; 3]) {
        for group in &mut situation.groups {
            let Some(team) = &group.team else { continue };
            for window in windows {
                let scope = CounterScope::Team(team.clone());
                let difference = self.difference(team, window);
                let mut known = group.usage.iter_mut();
                match known.find(|usage| usage.window == window && usage.scope == scope) {
                    Some(usage) => usage.sums += difference,
                    None => group.usage.push(Usage {
                        scope,
                        window,
                        sums: difference,
                    }),
                }
            }
        }
    }

    fn difference(&self, team: &TeamId, window: Window) -> Sums {
        let mut difference = Sums::default();
        for (from, hour, sums) in &self.from {
            let inside = match window.kind() {
                WindowKind::Hour => *hour == window,
                kind => hour.widen(kind) == window,
            };
            if inside && from == team {
                difference += -*sums;
            }
            if inside && self.to == *team {
                difference += *sums;
            }
        }
        difference
    }
}

impl Engine {
    /// How many invocations, and how much cost, would move from which team to which; and who would lose
    /// and regain access.
    pub async fn foresee_reattribution(
        &self,
        wanted: &Reattribute,
    ) -> Result<Foreseen, EngineError> {
        let rules = self.reload_rules().await?;
        let Reattribute { user, said, since } = wanted;
        self.known(user).await?;
        self.check_since(*since, &rules)?;
        let rows = self.store.usage_by_hour(user, *since).await?;
        let count = |sums: &Sums| u64::try_from(sums.requests + sums.failed).unwrap_or(0);
        let invocations = rows.iter().map(|(.., sums)| count(sums)).sum();
        let before = rules.people.get(user).cloned().unwrap_or_default();
        let person = merged(&before, said);
        let change = [RuleChange::SetPerson(user.clone(), person)];
        let Some(to) = said.team.clone() else {
            let access = self.preview(&change).await?;
            return Ok(Foreseen {
                invocations,
                moves: Vec::new(),
                access,
            });
        };
        let from: Vec<_> = rows.into_iter().filter(|(from, ..)| *from != to).collect();
        let mut teams: BTreeMap<TeamId, Sums> = BTreeMap::new();
        for (team, _, sums) in &from {
            *teams.entry(team.clone()).or_default() += *sums;
        }
        let moves = teams
            .iter()
            .filter(|(_, sums)| count(sums) > 0)
            .map(|(from, sums)| TeamMove {
                from: from.to_string(),
                to: to.to_string(),
                invocations: count(sums),
                cost: Usd::from_nanos(sums.cost_nanos),
                unpriced: u64::try_from(sums.unpriced).unwrap_or(0),
            })
            .collect();
        let user = user.clone();
        let usage = Moved { user, to, from };
        let access = self.preview_moving(&change, Some(&usage)).await?;
        Ok(Foreseen {
            invocations,
            moves,
            access,
        })
    }

    /// Only what is kept can be moved: totals of invocations that retention took stay where they are.
    fn check_since(&self, since: Date, rules: &Rulebook) -> Result<(), EngineError> {
        let today = rules.zone.day(self.now());
        if since > today {
            return Err(EngineError::Refused(format!(
                "--since {since} is after today, {today}: nothing was counted yet"
            )));
        }
        let kept = self
            .now()
            .saturating_sub(self.options.retention.invocations);
        let oldest = rules.zone.day(kept.unwrap_or(Timestamp::MIN));
        if since <= oldest {
            return Err(EngineError::Refused(format!(
                "--since {since}: invocations are not kept that long; say a day after {oldest}"
            )));
        }
        Ok(())
    }

    /// Sets what is said about a user, and attributes the user's past invocations anew, in chunks. If it
    /// ends half-way, the same again does the rest; invocations that are done stay as they are.
    pub async fn reattribute(
        &self,
        wanted: &Reattribute,
        by: &Actor,
    ) -> Result<Reattributed, EngineError> {
        let foreseen = self.foresee_reattribution(wanted).await?;
        let Reattribute { user, said, since } = wanted;
        let moves = foreseen.moves.iter();
        let mut teams: BTreeSet<_> = moves.map(|one| TeamId::new(&one.from)).collect();
        teams.extend(said.team.clone());
        let concerned = Concerned {
            users: BTreeSet::from([user.clone()]),
            teams,
            ..Concerned::default()
        };
        // Noted first, for the case that this process ends before the evaluation.
        let jobs = self.note_evaluations(&concerned, &[]).await?;
        self.say_since(wanted, &foreseen, by).await?;
        let rules = self.reload_rules().await?;
        let anew = Reattribution {
            user: user.clone(),
            since: rules.zone.first_instant(since.at(0, 0, 0, 0)),
            said: said.clone(),
        };
        let changed = self.reattribute_chunks(&anew).await?;
        let mut entry = self.entry(
            "user-reattribute",
            format!("user:{user}"),
            format!("past calls since {since}"),
            by,
        );
        entry.before = Some(json!({ "moves": foreseen.moves }).to_string());
        entry.after = Some(json!({ "changed": changed, "said": said_json(said) }).to_string());
        self.store.append_audit(vec![entry]).await?;
        let mut shift = self.evaluate_concerned(&concerned, jobs).await?;
        shift.extend(self.drain_telling(DispatchReport::default()).await?.1);
        Ok(Reattributed {
            changed,
            access: shift.into(),
        })
    }

    /// From now on, first: what is counted meanwhile is attributed by it already.
    async fn say_since(
        &self,
        wanted: &Reattribute,
        foreseen: &Foreseen,
        by: &Actor,
    ) -> Result<(), EngineError> {
        let Reattribute { user, said, since } = wanted;
        let rules = self.rules().await?;
        let before = rules.people.get(user).cloned().unwrap_or_default();
        let person = merged(&before, said);
        let reason = format!(
            "for past calls since {since} too: {} invocations",
            foreseen.invocations
        );
        let mut entry = self.entry("user-set", format!("user:{user}"), reason, by);
        entry.before = Some(person_json(&before));
        entry.after = Some(person_json(&person));
        entry.evidence = Some(json!({ "moves": foreseen.moves }).to_string());
        let change = RuleChange::SetPerson(user.clone(), person);
        self.store.change_rules(vec![change], vec![entry]).await?;
        Ok(())
    }

    /// Each chunk is one transaction, in which the differences enter every total. Nobody is judged by
    /// a half of them.
    async fn reattribute_chunks(&self, anew: &Reattribution) -> Result<u64, EngineError> {
        let most = u32::try_from(self.options.batch.clamp(1, 500)).unwrap_or(500);
        let (mut changed, mut after) = (0, None);
        loop {
            let chunk = self
                .store
                .requests_since(&anew.user, anew.since, after.as_ref(), most)
                .await?;
            let Some(last) = chunk.last().cloned() else {
                return Ok(changed);
            };
            let requests: Vec<_> = chunk.into_iter().map(|(_, request)| request).collect();
            let evidence = self.store.evidence(&requests).await?;
            let (settled, _) = self
                .settle_deciding(
                    |rules| Batch {
                        evidence: evidence.clone(),
                        anew: Some(Anew::Attributed(anew.clone())),
                        ..self.batch("reattribute", rules)
                    },
                    |_, _| Plan::default(),
                )
                .await?;
            changed += settled.completed;
            after = Some(last);
        }
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde asks for"
)]
fn dollars<S: Serializer>(cost: &Usd, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&cost.to_decimal())
}

fn said_json(said: &Person) -> serde_json::Value {
    json!({
        "team": said.team.as_ref().map(TeamId::as_str),
        "person": said.person,
        "email": said.email,
    })
}
