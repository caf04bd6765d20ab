//! What a developer is told of: that something of their own moved, and of nobody else that anything did.

use std::collections::BTreeSet;

use jiff::Timestamp;
use weir_core::calendar::{Window, WindowKind};
use weir_core::counter::{CounterScope, Sums};
use weir_core::ids::UserId;
use weir_engine::{Engine, EngineError};
use weir_store::UserRow;

/// What may concern a single user, in the words of [`crate::api::live::moved`].
const CONCERNS: [&str; 4] = ["usage", "blocks", "users", "quotas"];

/// A user, and what they were told last.
pub(super) struct Own {
    user: UserId,
    seen: Option<Seen>,
}

/// Who they are, whether they are blocked, and what they used this month, day by day.
#[derive(PartialEq, Eq)]
struct Seen {
    row: Option<UserRow>,
    days: Vec<(Window, Sums)>,
}

impl Own {
    pub(super) const fn of(user: UserId) -> Self {
        Self { user, seen: None }
    }

    /// What they are told where this moved somewhere.
    pub(super) async fn told(
        &mut self,
        engine: &Engine,
        moved: &BTreeSet<&'static str>,
    ) -> Result<BTreeSet<&'static str>, EngineError> {
        let is_first = self.seen.is_none();
        if !is_first && !CONCERNS.iter().any(|word| moved.contains(word)) {
            return Ok(BTreeSet::new());
        }
        let now = Some(self.look(engine).await?);
        let is_new = self.seen != now || moved.contains("quotas");
        self.seen = now;
        Ok(BTreeSet::from_iter(
            (is_new && !is_first).then_some("usage"),
        ))
    }

    async fn look(&self, engine: &Engine) -> Result<Seen, EngineError> {
        let zone = &engine.rules().await?.zone;
        let now: Timestamp = engine.now();
        let today = Window::containing(WindowKind::Day, now, zone);
        let first = zone.day(now).first_of_month();
        let first = Window::parse(WindowKind::Day, &first.to_string());
        let first = first.unwrap_or(today);
        let scope = CounterScope::User(self.user.clone());
        let store = engine.store();
        Ok(Seen {
            row: store.user(&self.user).await?,
            days: store.reports().series(&scope, &first, &today).await?,
        })
    }
}
