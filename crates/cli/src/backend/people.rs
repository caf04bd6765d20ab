//! What administrators say about people and teams.

use weir_core::ids::{TeamId, UserId};
use weir_core::rulebook::Person;
use weir_engine::Actor;
use weir_server::forms::{Confirmed, NewOwner, Said, TeamOwner, User};

use super::Backend;
use crate::exit::CliError;
use crate::remote::Ask;

impl Backend {
    /// Whether anybody has seen a user.
    pub(crate) async fn is_known(&self, user: &UserId) -> Result<bool, CliError> {
        match self {
            Self::Database(engine) => Ok(engine.store().user(user).await?.is_some()),
            Self::Server(_) => match self.status(user.as_str()).await {
                Ok(_) => Ok(true),
                Err(CliError::NotFound(_)) => Ok(false),
                Err(error) => Err(error),
            },
        }
    }

    /// Says who a user is.
    pub(crate) async fn set_person(
        &self,
        user: &UserId,
        said: Person,
        by: &Actor,
    ) -> Result<User, CliError> {
        match self {
            Self::Database(engine) => {
                engine.set_person(user, said, by).await?;
                Ok(User::of(
                    engine.known(user).await?,
                    &engine.newcomers().await?,
                ))
            }
            Self::Server(server) => {
                let Person {
                    team,
                    person,
                    email,
                    language,
                    class,
                } = said;
                let ask = Ask::patch(&["users", user.as_str()]).body(&Said {
                    team: team.map(|team| team.to_string()),
                    person,
                    email,
                    language,
                    class: class.map(|class| class.as_str().to_owned()),
                })?;
                server.client.answer(ask).await
            }
        }
    }

    /// Says that another identity under a known name is the same user; whose calls they are from now on.
    pub(crate) async fn confirm(&self, user: &UserId, by: &Actor) -> Result<Vec<String>, CliError> {
        match self {
            Self::Database(engine) => {
                let became = engine.confirm(user, by).await?;
                Ok(became.iter().map(ToString::to_string).collect())
            }
            Self::Server(server) => {
                let ask = Ask::post(&["users", user.as_str(), "confirm"]);
                let Confirmed { counts_for, .. } = server.client.answer(ask).await?;
                Ok(counts_for)
            }
        }
    }

    /// Says who gets the messages about a team; nobody, without an address.
    pub(crate) async fn set_owner(
        &self,
        team: &TeamId,
        owner: Option<String>,
        by: &Actor,
    ) -> Result<(), CliError> {
        match self {
            Self::Database(engine) => Ok(engine.set_team_owner(team, owner, by).await?),
            Self::Server(server) => {
                let path = ["teams", team.as_str(), "owner"];
                let ask = match owner {
                    Some(owner) => Ask::put(&path).body(&NewOwner { owner })?,
                    None => Ask::delete(&path),
                };
                let _: TeamOwner = server.client.answer(ask).await?;
                Ok(())
            }
        }
    }
}
