//! Whose calls they are: identities linked, the past attributed anew, many said at once, somebody forgotten.

use weir_core::attribution::{Principal, named};
use weir_core::ids::UserId;
use weir_engine::{Actor, Engine, Reattribute};
use weir_server::forms::{
    Forget, Forgetting, Linked, NewLink, PastChanged, People, PeopleSet, Said, SaidOf, SaidOfMany,
    SaidSince,
};

use super::Backend;
use crate::exit::CliError;
use crate::remote::Ask;

/// The identity that was named.
async fn principal(engine: &Engine, text: &str) -> Result<Principal, CliError> {
    let rules = engine.rules().await?;
    let sessions = &rules.settings.attribution.session_roles;
    named(text.trim(), sessions).map_err(|why| CliError::Usage(format!("PRINCIPAL: {why}")))
}

fn link(text: &str, user: &UserId) -> Result<Ask, CliError> {
    Ask::post(&["users", user.as_str(), "principals"]).body(&NewLink {
        principal: text.to_owned(),
    })
}

fn past(wanted: &Reattribute) -> Result<Ask, CliError> {
    let Said {
        team,
        person,
        email,
        language,
        class,
    } = Said::of(&wanted.said);
    let ask = Ask::post(&["users", wanted.user.as_str(), "reattribute"]).body(&SaidSince {
        since: wanted.since.to_string(),
        team,
        person,
        email,
        language,
        class,
    });
    Ok(ask?.long())
}

fn many(people: &People) -> Result<Ask, CliError> {
    let said = people.people.iter();
    let ask = Ask::patch(&["users"]).body(&SaidOfMany {
        people: said.map(|(user, said)| SaidOf::of(user, said)).collect(),
        since: people.since.map(|since| since.to_string()),
    });
    Ok(ask?.long())
}

fn forget(user: &UserId, reason: &str) -> Result<Ask, CliError> {
    let ask = Ask::post(&["users", user.as_str(), "forget"]).body(&Forget {
        reason: reason.to_owned(),
    });
    Ok(ask?.long())
}

impl Backend {
    /// What linking an identity to a user would do.
    pub(crate) async fn foresee_link(&self, text: &str, user: &UserId) -> Result<Linked, CliError> {
        match self {
            Self::Database(engine) => {
                let principal = principal(engine, text).await?;
                let effect = engine.foresee_link(&principal, user).await?;
                Ok(Linked::foreseen(&principal, effect))
            }
            Self::Server(server) => {
                let ask = link(text, user)?.with("dry_run", true);
                server.client.answer(ask).await
            }
        }
    }

    /// Links it, once that was agreed to.
    pub(crate) async fn link(&self, text: &str, user: &UserId, by: &Actor) -> Result<(), CliError> {
        match self {
            Self::Database(engine) => {
                let principal = principal(engine, text).await?;
                Ok(engine.link(&principal, user, by).await?)
            }
            Self::Server(server) => {
                let ask = link(text, user)?.with("yes", true);
                let _: Linked = server.client.answer(ask).await?;
                Ok(())
            }
        }
    }

    /// What attributing past calls anew would do.
    pub(crate) async fn foresee_past(&self, wanted: &Reattribute) -> Result<PastChanged, CliError> {
        match self {
            Self::Database(engine) => {
                let foreseen = engine.foresee_reattribution(wanted).await?;
                Ok(PastChanged::of(wanted, &foreseen, None))
            }
            Self::Server(server) => {
                let ask = past(wanted)?.with("dry_run", true);
                server.client.answer(ask).await
            }
        }
    }

    /// Attributes them anew, once that was agreed to.
    pub(crate) async fn change_past(
        &self,
        wanted: &Reattribute,
        by: &Actor,
    ) -> Result<PastChanged, CliError> {
        match self {
            Self::Database(engine) => {
                let foreseen = engine.foresee_reattribution(wanted).await?;
                let done = Box::pin(engine.reattribute(wanted, by)).await?;
                Ok(PastChanged::of(wanted, &foreseen, Some(&done)))
            }
            Self::Server(server) => {
                let ask = past(wanted)?.with("yes", true);
                server.client.answer(ask).await
            }
        }
    }

    /// What saying something of many would do.
    pub(crate) async fn foresee_people(&self, people: &People) -> Result<PeopleSet, CliError> {
        match self {
            Self::Database(engine) => Ok(people.clone().foresee(engine).await?),
            Self::Server(server) => {
                let ask = many(people)?.with("dry_run", true);
                server.client.answer(ask).await
            }
        }
    }

    /// Says it, once that was agreed to.
    pub(crate) async fn set_people(&self, people: People, by: &Actor) -> Result<(), CliError> {
        match self {
            Self::Database(engine) => {
                let mut people = people;
                people.foresee(engine).await?;
                Ok(Box::pin(people.set(engine, by)).await?)
            }
            Self::Server(server) => {
                let ask = many(&people)?.with("yes", true);
                let _: PeopleSet = server.client.answer(ask).await?;
                Ok(())
            }
        }
    }

    /// What forgetting a user would do.
    pub(crate) async fn foresee_forgetting(&self, user: &UserId) -> Result<Forgetting, CliError> {
        match self {
            Self::Database(engine) => {
                let plan = Box::pin(engine.plan_forgetting(user)).await?;
                Ok(Forgetting::foreseen(plan))
            }
            Self::Server(server) => {
                let ask = forget(user, "")?.with("dry_run", true);
                server.client.answer(ask).await
            }
        }
    }

    /// Forgets them, once that was agreed to.
    pub(crate) async fn forget(
        &self,
        plan: Forgetting,
        reason: &str,
        by: &Actor,
    ) -> Result<Forgetting, CliError> {
        let user = UserId::new(&plan.user_id);
        match self {
            Self::Database(engine) => {
                let done = Box::pin(engine.forget(&user, reason, by)).await?;
                Ok(plan.done(done))
            }
            Self::Server(server) => {
                let ask = forget(&user, reason)?.with("yes", true);
                server.client.answer(ask).await
            }
        }
    }
}
