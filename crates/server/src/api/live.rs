//! What changed last, for whoever watches: read once a second at most, however many watch. Marks in the
//! database move with every change, whichever process made it.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;
use weir_core::calendar::{Window, WindowKind};
use weir_engine::{Engine, EngineError};
use weir_store::{AuditFilter, Newest};

/// How old marks may be that are looked at.
const FRESH: SignedDuration = SignedDuration::from_millis(900);
/// Entries that are looked at for what they are about.
const LOOKED: u32 = 200;

/// The marks as they were read last.
#[derive(Debug, Default)]
pub(crate) struct Live {
    last: Mutex<Option<(Timestamp, Newest)>>,
}

impl Live {
    /// The marks, as of a second ago at most.
    pub(super) async fn marks(&self, engine: &Engine) -> Result<Newest, EngineError> {
        let mut last = self.last.lock().await;
        let now = engine.wall();
        if let Some((at, marks)) = &*last
            && now.duration_since(*at).abs() < FRESH
        {
            return Ok(marks.clone());
        }
        let zone = &engine.rules().await?.zone;
        let month = Window::containing(WindowKind::Month, engine.now(), zone);
        let marks = engine.store().reports().newest(&month).await?;
        *last = Some((now, marks.clone()));
        Ok(marks)
    }
}

/// What moved between two looks, by words.
pub(super) async fn moved(
    engine: &Engine,
    before: &Newest,
    after: &Newest,
) -> Result<BTreeSet<&'static str>, EngineError> {
    let mut moved = BTreeSet::new();
    let Newest {
        request,
        audit,
        rules,
        outbox,
        dead_letter,
        month,
    } = before;
    if *request != after.request || *month != after.month {
        moved.insert("usage");
    }
    if *rules != after.rules {
        moved.insert("rules");
    }
    if *outbox != after.outbox {
        moved.insert("messages");
    }
    if *dead_letter != after.dead_letter {
        moved.insert("dead-letters");
    }
    if *audit != after.audit {
        moved.insert("audit");
        let filter = AuditFilter {
            after: *audit,
            limit: LOOKED,
            ..AuditFilter::default()
        };
        let entries = engine.store().audit(&filter).await?;
        moved.extend(entries.iter().filter_map(|one| about(&one.entry.operation)));
    }
    Ok(moved)
}

/// What an operation of the record is about.
fn about(operation: &str) -> Option<&'static str> {
    let begins = |words: &[&str]| words.iter().any(|word| operation.starts_with(word));
    if begins(&["block", "unblock", "protect", "unprotect"]) {
        Some("blocks")
    } else if begins(&["enforcement", "leak", "keys-"]) {
        Some("targets")
    } else if begins(&["operator", "token", "login", "logout", "setup"]) {
        Some("operators")
    } else if begins(&["user", "team", "key"]) {
        Some("users")
    } else if begins(&["quota"]) {
        Some("quotas")
    } else if begins(&["price"]) {
        Some("prices")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_tell_what_they_are_about() {
        for (operation, expected) in [
            ("block", Some("blocks")),
            ("unprotect", Some("blocks")),
            ("enforcement-verified", Some("targets")),
            ("keys-deactivate", Some("targets")),
            ("key-set", Some("users")),
            ("login-failed", Some("operators")),
            ("quota-set", Some("quotas")),
            ("price-set", Some("prices")),
            ("reset-run", None),
        ] {
            assert_eq!(about(operation), expected, "{operation}");
        }
    }
}
