//! What people were told is what is so, and nobody was told it twice.

use std::collections::BTreeMap;

use weir_core::access::TargetKind;
use weir_core::message::{Denied, Kind, Message, News};
use weir_core::quota::Scope;
use weir_store::{MailFilter, MailRow};

use super::{broken, ensure};
use crate::sim::world::{Broken, World};

/// More than any story tells.
const ALL: u32 = 100_000;

impl World {
    /// At rest: everything was sent, each letter arrived, once unless somebody died while sending,
    /// and what each user was told last of its access is so.
    pub(super) async fn check_mail(&self) -> Result<(), Broken> {
        let rows = self.mail().await?;
        for row in &rows {
            self.check_letters(row)?;
        }
        let told = believed(&self.letterbox.heard());
        let targets = self.store.targets(&[]).await.map_err(broken)?;
        for user in self.users() {
            let mut parts = targets.iter().flat_map(|row| &row.members);
            let denied = parts.any(|member| {
                member.user == user
                    && member.is_denied()
                    && member.denial.everything.is_some()
                    && member.target.kind != TargetKind::ToolKeys
            });
            let last = told.get(&format!("user:{user}")).copied();
            let right = match last {
                None => !denied,
                // The end of what was never cut off is not told.
                Some(Kind::LimitReached) => true,
                Some(kind) => kind.is_loss() == denied,
            };
            ensure!(
                right,
                "{user} is denied: {denied}, and was told last: {last:?}\n{:#?}",
                rows.iter()
                    .filter(|row| row.subject == format!("user:{user}"))
                    .map(|row| (&row.id, &row.state, &row.reason, &row.deliveries))
                    .collect::<Vec<_>>()
            );
        }
        Ok(())
    }

    /// Messages and letters that are still to leave.
    pub(super) async fn unsent(&self) -> Result<Option<String>, Broken> {
        let rows = self.mail().await?;
        let waits = |row: &&MailRow| {
            row.state == "untold" || row.deliveries.iter().any(|one| one.state == "waiting")
        };
        Ok(rows
            .iter()
            .find(waits)
            .map(|row| format!("message {row:?}")))
    }

    async fn mail(&self) -> Result<Vec<MailRow>, Broken> {
        let all = MailFilter {
            limit: ALL,
            ..MailFilter::default()
        };
        self.store.mail(&all).await.map_err(broken)
    }

    fn check_letters(&self, row: &MailRow) -> Result<(), Broken> {
        for letter in row.deliveries.iter().filter(|one| one.state == "sent") {
            let to = Some(letter.recipient.as_str()).filter(|to| !to.is_empty());
            let times = self.letterbox.times(to, &row.id);
            ensure!(
                times == 1 || (times > 1 && self.crashed),
                "{} arrived {times} times at {to:?}",
                row.id
            );
        }
        Ok(())
    }
}

/// By subject, the last message that left about access to everything. Rows leave after a month; what
/// the room heard is remembered.
fn believed(heard: &[Message]) -> BTreeMap<String, Kind> {
    let mut about: Vec<&Message> = heard
        .iter()
        .filter(|message| is_about_everything(&message.news))
        .collect();
    // One that did not go out for a quarter of an hour may have been overtaken.
    about.sort_by_key(|message| message.at);
    about
        .into_iter()
        .map(|message| (message.about.subject(), message.kind()))
        .collect()
}

pub(super) fn is_about_everything(news: &News) -> bool {
    match news {
        News::Blocked { denied, .. } | News::Unblocked { denied, .. } => {
            matches!(denied, Denied::Everything | Denied::Team(_))
        }
        News::BlockedByAdministrator { .. } | News::UnblockedByAdministrator { .. } => true,
        News::LimitReached { quotas, .. } => !quotas
            .iter()
            .any(|quota| matches!(quota.scope, Scope::Tool(_) | Scope::Model(_))),
        _ => false,
    }
}
