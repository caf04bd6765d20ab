//! Handing out access: what is to be made or removed in IAM and said in Weir, as plans
//! (`docs/decisions/0014-provisioning-is-plans.md`).
//!
//! A plan is made of what is wanted and what was found, without IO. Whoever carries it out may stop
//! after any step: planning again from what is found then gives the rest.

mod found;
mod grammar;
mod grant;
mod group;
mod key;
mod names;
mod policy;
mod step;
mod user;

pub use found::{FoundGroup, FoundKey, FoundMfa, FoundPolicy, FoundUser, KeyKind, KeyStatus};
pub use grammar::{BadPolicy, INLINE_GROUP_LIMIT, MANAGED_LIMIT, check_policy};
pub use grant::{Grant, Route, TEAM_POLICY};
pub use group::{plan_group, plan_group_deletion};
pub use key::{
    AtLimit, KEYS_PER_USER, KeyPlace, OpenKey, place_key, plan_binding, plan_companion,
    plan_key_state, plan_revocation,
};
pub use names::{
    BadName, check_policy_name, check_tool, check_user, companion, group_name, is_companion,
    tag_value, team_of_group,
};
pub use policy::{VERSIONS, plan_policy, plan_policy_deletion};
pub use step::{Change, Holder, NewKey, PATH, POLICY_PATH, Plan, Said, Step};
pub use user::{WantedUser, plan_user, plan_user_deletion, plan_user_update};
