//! A look at the whole account, for a file of many people: each of them alone would take a dozen calls.
//!
//! It ages while the file is worked through. That is no harm: a step that finds its work done says so,
//! and one whose group is gone fails and says that.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use weir_core::provision::FoundUser;

use super::{Provisioner, patiently};
use crate::EngineError;

/// What a look found.
pub(super) struct Around {
    /// All IAM users, by name, without their keys and credentials.
    users: BTreeMap<String, FoundUser>,
    /// Groups of teams that are there and have their policy.
    groups: Mutex<BTreeSet<String>>,
}

impl Provisioner<'_> {
    /// Reads all users at once, in pages, instead of each when its turn comes.
    pub async fn look_around(mut self) -> Result<Self, EngineError> {
        let found = patiently(|| self.iam.users()).await?;
        self.around = Some(Around {
            users: found
                .into_iter()
                .map(|user| (user.name.clone(), user))
                .collect(),
            groups: Mutex::default(),
        });
        Ok(self)
    }

    /// An IAM user: tags, groups and policies, and a login only where it `needs_login`.
    pub(super) async fn outline(
        &self,
        name: &str,
        needs_login: bool,
    ) -> Result<Option<FoundUser>, EngineError> {
        match &self.around {
            Some(around) if !needs_login => Ok(around.users.get(name).cloned()),
            _ => Ok(patiently(|| self.iam.user(name)).await?),
        }
    }

    /// The same, with its keys.
    pub(super) async fn outline_with_keys(
        &self,
        name: &str,
    ) -> Result<Option<FoundUser>, EngineError> {
        let found = self.outline(name, false).await?;
        let (Some(found), true) = (&found, self.around.is_some()) else {
            return Ok(found);
        };
        let keys = patiently(|| self.iam.keys(name)).await?;
        Ok(Some(FoundUser {
            keys,
            ..found.clone()
        }))
    }

    /// Whether a group was seen to be there with its policy.
    pub(super) fn has_seen(&self, group: &str) -> bool {
        let around = self.around.as_ref();
        around.is_some_and(|around| around.groups().contains(group))
    }

    /// A group is there with its policy.
    pub(super) fn has_found(&self, group: &str) {
        if let Some(around) = &self.around {
            around.groups().insert(group.to_owned());
        }
    }
}

impl Around {
    fn groups(&self) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
