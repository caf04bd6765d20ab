//! Operators made and changed.

use weir_core::audit::Entry;
use weir_core::operator::{OperatorName, Rights, check_password};
use weir_store::{OperatorChange, OperatorRow};

use super::{rights_json, subject};
use crate::options::Actor;
use crate::{Engine, EngineError};

impl Engine {
    /// Makes an operator.
    pub async fn create_operator(
        &self,
        name: &OperatorName,
        rights: Rights,
        password: &str,
        by: &Actor,
    ) -> Result<(), EngineError> {
        let operator = self.new_operator(name, rights, password).await?;
        let entry = self.made(&operator, "made", by);
        let added = self.store.operators().add_operator(&operator, vec![entry]);
        if added.await? {
            return Ok(());
        }
        Err(EngineError::Refused(format!(
            "there is an operator `{name}` already"
        )))
    }

    /// Sets another password, ends the operator's sessions and forgets failures to log in.
    pub async fn set_operator_password(
        &self,
        name: &OperatorName,
        password: &str,
        by: &Actor,
    ) -> Result<(), EngineError> {
        good(name, password)?;
        let hash = self.passwords.hash(password).await?;
        let entry = self.entry("operator-passwd", subject(name), String::new(), by);
        self.change_operator(name, OperatorChange::Password(hash), entry)
            .await
    }

    /// Sets other rights.
    pub async fn set_operator_rights(
        &self,
        name: &OperatorName,
        rights: Rights,
        by: &Actor,
    ) -> Result<(), EngineError> {
        let before = self.known_operator(name).await?.rights;
        let mut entry = self.entry("operator-set", subject(name), String::new(), by);
        entry.before = Some(rights_json(&before));
        entry.after = Some(rights_json(&rights));
        self.change_operator(name, OperatorChange::Rights(rights), entry)
            .await
    }

    /// Shuts an operator out, or lets them in again.
    pub async fn enable_operator(
        &self,
        name: &OperatorName,
        enabled: bool,
        by: &Actor,
    ) -> Result<(), EngineError> {
        let (operation, change) = if enabled {
            ("operator-enable", OperatorChange::Enable)
        } else {
            ("operator-disable", OperatorChange::Disable)
        };
        let entry = self.entry(operation, subject(name), String::new(), by);
        self.change_operator(name, change, entry).await
    }

    /// All operators, by name.
    pub async fn operators(&self) -> Result<Vec<OperatorRow>, EngineError> {
        Ok(self.store.operators().operators().await?)
    }

    async fn change_operator(
        &self,
        name: &OperatorName,
        change: OperatorChange,
        entry: Entry,
    ) -> Result<(), EngineError> {
        let changed = self.store.operators();
        let changed = changed.change_operator(name, &change, self.wall(), vec![entry]);
        if changed.await? {
            return Ok(());
        }
        Err(unknown(name))
    }

    pub(super) async fn known_operator(
        &self,
        name: &OperatorName,
    ) -> Result<OperatorRow, EngineError> {
        let found = self.store.operators().operator(name).await?;
        found.ok_or_else(|| unknown(name))
    }

    pub(super) async fn new_operator(
        &self,
        name: &OperatorName,
        rights: Rights,
        password: &str,
    ) -> Result<OperatorRow, EngineError> {
        good(name, password)?;
        Ok(OperatorRow {
            name: name.clone(),
            rights,
            password_hash: self.passwords.hash(password).await?,
            disabled_at: None,
            created_at: self.wall(),
            last_login_at: None,
        })
    }

    pub(super) fn made(&self, operator: &OperatorRow, how: &str, by: &Actor) -> Entry {
        let mut entry = self.entry(
            "operator-create",
            subject(&operator.name),
            how.to_owned(),
            by,
        );
        entry.after = Some(rights_json(&operator.rights));
        entry
    }
}

fn unknown(name: &OperatorName) -> EngineError {
    EngineError::NoOperator(name.clone())
}

pub(super) fn good(name: &OperatorName, password: &str) -> Result<(), EngineError> {
    check_password(name.as_str(), password).map_err(|error| EngineError::Refused(error.to_string()))
}
