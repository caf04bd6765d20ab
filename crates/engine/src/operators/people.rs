//! Operators made and changed.

use weir_core::audit::Entry;
use weir_core::operator::{OperatorName, Rights, check_password};
use weir_store::{OperatorChange, OperatorRow, Proof};

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
        has_password(&self.known_operator(name).await?)?;
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
        let known = self.known_operator(name).await?;
        if known.proof.provider().is_some() {
            return Err(EngineError::Refused(format!(
                "`{name}` comes by single sign-on: what they may do follows their groups there, at each sign-in: \
                 change those, or [server.oidc]"
            )));
        }
        let before = known.rights;
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

    pub(super) async fn change_operator(
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
            proof: Proof::Password(self.passwords.hash(password).await?),
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

/// Refuses whoever comes by single sign-on.
pub(super) fn has_password(operator: &OperatorRow) -> Result<(), EngineError> {
    match operator.proof {
        Proof::Password(_) => Ok(()),
        Proof::Provider(_) => Err(EngineError::Refused(format!(
            "`{}` comes by single sign-on and has no password here: change it at the provider",
            operator.name
        ))),
    }
}

fn unknown(name: &OperatorName) -> EngineError {
    EngineError::NoOperator(name.clone())
}

pub(super) fn good(name: &OperatorName, password: &str) -> Result<(), EngineError> {
    check_password(name.as_str(), password).map_err(|error| EngineError::Refused(error.to_string()))
}
