//! Who uses Weir itself.

use weir_core::operator::{OperatorName, Rights};
use weir_engine::{Actor, NewToken};
use weir_server::forms;
use weir_server::forms::{
    MadeToken, NewOperator, NewPassword, Operator, OperatorEdit, Operators, Token, Tokens,
};

use super::Backend;
use crate::exit::CliError;
use crate::remote::Ask;

impl Backend {
    /// All operators, by name.
    pub(crate) async fn operators(&self) -> Result<Vec<Operator>, CliError> {
        match self {
            Self::Database(engine) => {
                let operators = engine.operators().await?;
                Ok(operators.into_iter().map(Operator::of).collect())
            }
            Self::Server(server) => {
                let ask = Ask::get(&["operators"]);
                let Operators { operators } = server.client.answer(ask).await?;
                Ok(operators)
            }
        }
    }

    /// Makes an operator.
    pub(crate) async fn create_operator(
        &self,
        name: &OperatorName,
        rights: Rights,
        password: &str,
        by: &Actor,
    ) -> Result<(), CliError> {
        match self {
            Self::Database(engine) => {
                Ok(engine.create_operator(name, rights, password, by).await?)
            }
            Self::Server(server) => {
                let ask = Ask::post(&["operators"]).body(&NewOperator {
                    name: name.to_string(),
                    role: rights.role().to_string(),
                    team: rights.team().map(ToString::to_string),
                    user: rights.user().map(ToString::to_string),
                    password: password.to_owned(),
                })?;
                let _: Operator = server.client.answer(ask).await?;
                Ok(())
            }
        }
    }

    /// Sets another password, and ends sessions.
    pub(crate) async fn set_password(
        &self,
        name: &OperatorName,
        password: &str,
        by: &Actor,
    ) -> Result<(), CliError> {
        match self {
            Self::Database(engine) => Ok(engine.set_operator_password(name, password, by).await?),
            Self::Server(server) => {
                let path = ["operators", name.as_str(), "password"];
                let ask = Ask::post(&path).body(&NewPassword {
                    password: password.to_owned(),
                })?;
                server.client.done(ask).await
            }
        }
    }

    /// Sets another role.
    pub(crate) async fn set_rights(
        &self,
        name: &OperatorName,
        rights: Rights,
        by: &Actor,
    ) -> Result<(), CliError> {
        match self {
            Self::Database(engine) => Ok(engine.set_operator_rights(name, rights, by).await?),
            Self::Server(_) => {
                let edit = OperatorEdit {
                    role: Some(rights.role().to_string()),
                    team: rights.team().map(ToString::to_string),
                    user: rights.user().map(ToString::to_string),
                    disabled: None,
                };
                self.edit_operator(name, &edit).await
            }
        }
    }

    /// Shuts an operator out, or lets them in again.
    pub(crate) async fn enable_operator(
        &self,
        name: &OperatorName,
        enabled: bool,
        by: &Actor,
    ) -> Result<(), CliError> {
        match self {
            Self::Database(engine) => Ok(engine.enable_operator(name, enabled, by).await?),
            Self::Server(_) => {
                let edit = OperatorEdit {
                    role: None,
                    team: None,
                    user: None,
                    disabled: Some(!enabled),
                };
                self.edit_operator(name, &edit).await
            }
        }
    }

    async fn edit_operator(
        &self,
        name: &OperatorName,
        edit: &OperatorEdit,
    ) -> Result<(), CliError> {
        if let Self::Server(server) = self {
            let ask = Ask::patch(&["operators", name.as_str()]).body(edit)?;
            let _: Operator = server.client.answer(ask).await?;
        }
        Ok(())
    }

    /// Tokens, by operator, oldest first; through a server, those one may see.
    pub(crate) async fn tokens(&self, of: Option<&OperatorName>) -> Result<Vec<Token>, CliError> {
        match self {
            Self::Database(engine) => {
                let tokens = engine.tokens(of).await?;
                Ok(tokens.into_iter().map(Token::of).collect())
            }
            Self::Server(server) => {
                let Tokens { mut tokens } = server.client.answer(Ask::get(&["tokens"])).await?;
                tokens.retain(|token| of.is_none_or(|of| token.operator == of.as_str()));
                Ok(tokens)
            }
        }
    }

    /// Makes a token; `term` is how long it is good for, as it was written.
    pub(crate) async fn make_token(
        &self,
        new: &NewToken,
        term: &str,
        by: &Actor,
    ) -> Result<MadeToken, CliError> {
        match self {
            Self::Database(engine) => {
                let made = engine.make_token(new, by).await?;
                Ok(MadeToken {
                    secret: Some(made.secret.expose().to_owned()),
                    token: Token::of(made.token),
                })
            }
            Self::Server(server) => {
                let ask = Ask::post(&["tokens"]).body(&forms::NewToken {
                    label: new.label.clone(),
                    for_: term.to_owned(),
                    role: new.role.map(|role| role.to_string()),
                    operator: Some(new.operator.to_string()),
                })?;
                server.client.answer(ask).await
            }
        }
    }

    /// Revokes a token.
    pub(crate) async fn revoke_token(&self, id: &str, by: &Actor) -> Result<(), CliError> {
        let none = || {
            CliError::NotFound(format!(
                "no token `{id}` that is not revoked already: weir token list"
            ))
        };
        match self {
            Self::Database(engine) => {
                let revoked = engine.revoke_token(id, by).await?;
                revoked.then_some(()).ok_or_else(none)
            }
            Self::Server(server) => {
                let done = server.client.done(Ask::delete(&["tokens", id])).await;
                done.map_err(|error| match error {
                    CliError::NotFound(_) => none(),
                    other => other,
                })
            }
        }
    }
}
