//! What every [`AccessControl`] and [`Directory`] promises, as test functions over a [`Stage`].

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use weir_core::access::{Denial, Desired, Reach};
use weir_core::block::Until;
use weir_core::ids::{AccountId, KeyId};
use weir_engine::ports::{AccessControl, Directory, EffectErrorKind};

mod promises;

pub use promises::*;

/// An AWS account that a test prepares and inspects behind the adapter's back. All names are the
/// test's own.
#[async_trait]
pub trait Stage: Send + Sync {
    /// The adapter under test.
    fn access(&self) -> Arc<dyn AccessControl>;
    /// The other one.
    fn directory(&self) -> Arc<dyn Directory>;
    /// The account it acts in.
    async fn account(&self) -> AccountId;
    /// A name that no other test uses.
    fn name(&self, what: &str) -> String;
    /// Makes a user.
    async fn make_user(&self, name: &str);
    /// Deletes a user with everything it has.
    async fn delete_user(&self, name: &str);
    /// Makes a role.
    async fn make_role(&self, name: &str);
    /// Sets the trust policy of a role.
    async fn trust_role(&self, name: &str, policy: &str);
    /// Attaches so many policies of others.
    async fn attach_others(&self, user: &str, count: usize);
    /// Puts an inline policy of others.
    async fn put_other(&self, user: &str, name: &str, text: &str);
    /// Adds tags.
    async fn tag_user(&self, name: &str, tags: &[(&str, &str)]);
    /// Adds a user to a group, which is made if missing.
    async fn join(&self, user: &str, group: &str);
    /// Gives a console password.
    async fn make_login(&self, user: &str);
    /// Makes an active Bedrock API key.
    async fn make_key(&self, user: &str) -> KeyId;
    /// Texts of our policies at a user, in any form.
    async fn ours_of_user(&self, user: &str) -> Vec<String>;
    /// Texts of our policies at a role.
    async fn ours_of_role(&self, role: &str) -> Vec<String>;
    /// Names of the policies of others: managed, inline.
    async fn others(&self, user: &str) -> (Vec<String>, Vec<String>);
    /// The next write about that user fails like this; nothing is done.
    async fn fail_write(&self, user: &str, kind: EffectErrorKind);
    /// The next write about that user is answered at once and lands later.
    async fn delay_write(&self, user: &str);
    /// Lets the delayed writes about that user land.
    async fn land_writes(&self, user: &str);
}

/// A Deny of everything that ends on a fixed day.
pub fn denied() -> Desired {
    let end: Timestamp = Timestamp::from_second(1_900_000_000).unwrap_or(Timestamp::MAX);
    desired(
        Reach::Whole,
        Denial {
            everything: Some(Until::At(end)),
            ..Denial::default()
        },
    )
}

/// A policy of others, so many characters longer than it must be.
pub fn theirs(padding: usize) -> String {
    let bucket = "x".repeat(padding);
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::{bucket}/*"}}]}}"#
    )
}

pub(crate) fn desired(reach: Reach, denial: Denial) -> Desired {
    Desired {
        denied: vec![(reach, denial)],
    }
}

/// Emits one test per promise; `$stage` is an expression that makes a fresh [`Stage`].
#[macro_export]
macro_rules! port_contract {
    ($stage:expr) => {
        $crate::port_contract! { @tests $stage;
            denies_and_allows_a_user
            writes_inline_where_no_policy_can_be_attached
            says_when_there_is_no_room
            denies_a_single_model
            sessions_of_a_role_share_one_policy
            fills_a_role_with_as_many_as_fit
            tells_when_a_principal_is_gone
            tells_throttling_from_a_missing_right
            does_not_trust_a_write_it_cannot_see
            sees_drift_both_ways
            never_pretends
            finds_everything_of_ours
            switches_keys
            says_who_a_caller_is
            reads_the_trust_policy_of_a_role
        }
    };
    (@tests $stage:expr; $($name:ident)+) => {$(
        #[tokio::test]
        async fn $name() {
            let stage = $stage;
            $crate::fakes::contract::$name(&stage).await;
        }
    )+};
}
