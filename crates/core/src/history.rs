//! History keeps the attribution of its time (rules A12): what of an invocation stays as it was counted
//! when more becomes known about it, and what an administrator changes in it all the same.

use jiff::Timestamp;

use crate::attribution::{self, Attribution};
use crate::evidence::Evidence;
use crate::ids::{ModelId, Region, UserId};
use crate::invocation::{self, Invocation, caller_record};
use crate::rulebook::{Person, Rulebook};

/// What is attributed anew, whatever the rules of its time were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reattribution {
    /// Whose invocations.
    pub user: UserId,
    /// From which instant on.
    pub since: Timestamp,
    /// The team, the name and the e-mail address that they get; what is `None` stays.
    pub said: Person,
}

/// What an administrator has costed anew (rules M2), by the prices that are known today for the time of each call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repricing {
    /// Invocations of this canonical model.
    pub model: ModelId,
    /// In this source Region; `None` is all.
    pub region: Option<Region>,
    /// From this instant on.
    pub from: Timestamp,
    /// Before this instant.
    pub until: Timestamp,
}

/// The invocation that `today`'s rules make of more evidence, with what stays of the one that was
/// counted by the evidence `before`. What both sets of evidence come to by today's rules was not
/// changed by evidence, so it stays as counted. An attribution that was open does not stay.
pub fn keep(
    today: Invocation,
    counted: &Invocation,
    before: &Evidence,
    rules: &Rulebook,
) -> Invocation {
    let Some(who) = caller_record(before) else {
        return today;
    };
    let said = attribution::attribute(who, &before.sighting, rules);
    let tool_said = attribution::tool(before, &said.user, rules);
    // Retention takes the user agent away: a record that comes later does not make a known tool unknown.
    let mut kept = today;
    if tool_said == kept.tool {
        kept.tool = counted.tool.clone();
    }
    if counted.unresolved || names_another(&said, &kept.caller, rules) {
        return kept;
    }
    let (now, then) = (&mut kept.caller, &counted.caller);
    now.user.clone_from(&then.user);
    stays(&said.team, &mut now.team, &then.team);
    stays(&said.person, &mut now.person, &then.person);
    stays(&said.email, &mut now.email, &then.email);
    stays(&said.class, &mut now.class, &then.class);
    stays(&said.exempt, &mut now.exempt, &then.exempt);
    kept.user = kept.caller.user.clone();
    kept.team = kept.caller.team.clone();
    kept
}

/// What the evidence of before and of now both come to stays as it was counted.
fn stays<T: PartialEq + Clone>(said: &T, now: &mut T, counted: &T) {
    if said == now {
        now.clone_from(counted);
    }
}

/// Whether more evidence says that somebody else called: another identity, or an id under a name that
/// several bore.
fn names_another(said: &Attribution, now: &Attribution, rules: &Rulebook) -> bool {
    let told_apart = !rules.holders_of(&now.principal).is_empty();
    said.principal.folded() != now.principal.folded()
        || said.user != now.user
        || (told_apart && said.stable_id != now.stable_id)
}

impl Reattribution {
    /// The invocation as it is attributed anew; as it was, if it is not one of those.
    pub fn apply(&self, counted: &Invocation) -> Invocation {
        let Self { user, since, said } = self;
        let mut anew = counted.clone();
        if anew.user != *user || anew.at < *since {
            return anew;
        }
        let caller = &mut anew.caller;
        if let Some(team) = &said.team {
            caller.team = team.clone();
            // Somebody said it: there is nothing left to be looked up.
            caller.unresolved = false;
        }
        caller.person = said.person.clone().or(caller.person.take());
        caller.email = said.email.clone().or(caller.email.take());
        anew.team = caller.team.clone();
        anew.unresolved = caller.unresolved;
        anew
    }
}

impl Repricing {
    /// The invocation with the cost of today's prices; as it was, if it is not one of those, or costs the same.
    pub fn apply(&self, counted: &Invocation, evidence: &Evidence, rules: &Rulebook) -> Invocation {
        let Self {
            model,
            region,
            from,
            until,
        } = self;
        let is_meant = counted.model == *model
            && region
                .as_ref()
                .is_none_or(|region| counted.region == *region)
            && (*from..*until).contains(&counted.at);
        let today = is_meant
            .then(|| invocation::derive(evidence, rules))
            .flatten();
        match today {
            // What its evidence no longer tells stays as it was counted.
            Some(today) if today.model == counted.model && today.tokens == counted.tokens => {
                let is_same = today.cost == counted.cost;
                Invocation {
                    cost: today.cost,
                    price_reference: if is_same {
                        counted.price_reference.clone()
                    } else {
                        today.price_reference
                    },
                    ..counted.clone()
                }
            }
            _ => counted.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
