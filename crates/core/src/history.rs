//! History keeps the attribution of its time (rules A12): what of an invocation stays as it was counted
//! when more becomes known about it, and what an administrator changes in it all the same.

use jiff::Timestamp;

use crate::attribution::{self, Attribution};
use crate::evidence::Evidence;
use crate::ids::UserId;
use crate::invocation::{Invocation, caller_record};
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

#[cfg(test)]
mod tests;
