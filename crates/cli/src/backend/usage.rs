//! What was used, who stands where, what is blocked.

use weir_core::ids::{RequestId, TeamId, UserId};
use weir_server::forms::{
    Block, Blocks, By, Invocation, ListedUser, Status, Target, Targets, Team, Teams, Usage, User,
    UserPage, Users,
};
use weir_store::{BlockFilter, UsageFilter, Whose};

use super::{Backend, Server};
use crate::exit::CliError;
use crate::remote::Ask;

/// Which blocks.
#[derive(Clone, Debug, Default)]
pub(crate) struct BlocksAsked {
    /// Lifted ones too.
    pub(crate) history: bool,
    /// Only of this user.
    pub(crate) user: Option<String>,
    /// Only those the breaker holds.
    pub(crate) held: bool,
    /// Only those with this in them.
    pub(crate) text: Option<String>,
    /// At most so many.
    pub(crate) limit: Option<u32>,
}

impl Backend {
    /// How a user stands.
    pub(crate) async fn status(&self, user: &str) -> Result<Status, CliError> {
        match self {
            Self::Database(engine) => Ok(Status::of(engine.status(&UserId::new(user)).await?)),
            Self::Server(server) => {
                let ask = Ask::get(&["users", user, "status"]);
                server.client.answer(ask).await
            }
        }
    }

    /// Usage by something.
    pub(crate) async fn usage(&self, by: By, filter: &UsageFilter) -> Result<Usage, CliError> {
        match self {
            Self::Database(engine) => Ok(Usage::read(engine, by, filter).await?),
            Self::Server(server) => {
                let UsageFilter {
                    from,
                    to,
                    team,
                    user,
                    model,
                    tool,
                } = filter;
                let ask = Ask::get(&["usage"])
                    .with("by", by.as_str())
                    .maybe("from", *from)
                    .maybe("to", *to)
                    .maybe("team", team.as_ref())
                    .maybe("user", user.as_ref())
                    .maybe("model", model.as_ref())
                    .maybe("tool", tool.as_ref());
                server.client.answer(ask).await
            }
        }
    }

    /// One invocation.
    pub(crate) async fn invocation(&self, request: &str) -> Result<Invocation, CliError> {
        match self {
            Self::Database(engine) => {
                let row = engine.store().invocation(&RequestId::new(request)).await?;
                row.map(Invocation::of).ok_or_else(|| {
                    CliError::NotFound(format!("no invocation `{request}` is on file"))
                })
            }
            Self::Server(server) => {
                let ask = Ask::get(&["invocations", request]);
                server.client.answer(ask).await
            }
        }
    }

    /// Blocks, the newest first.
    pub(crate) async fn blocks(&self, asked: &BlocksAsked) -> Result<Vec<Block>, CliError> {
        match self {
            Self::Database(engine) => {
                let filter = BlockFilter {
                    history: asked.history,
                    user: asked.user.as_deref().map(UserId::new),
                    held: asked.held,
                    text: asked.text.clone(),
                    limit: asked.limit.unwrap_or(u32::MAX),
                    ..BlockFilter::default()
                };
                let rows = engine.store().reports();
                let rows = rows.blocks_page(&filter, None, None).await?;
                Ok(rows.into_iter().map(Block::of).collect())
            }
            Self::Server(server) => server.blocks(asked).await,
        }
    }

    /// All users, or those of a team, by name.
    pub(crate) async fn users(&self, team: Option<TeamId>) -> Result<Vec<ListedUser>, CliError> {
        match self {
            Self::Database(engine) => {
                let whose = team.map_or(Whose::All, Whose::Team);
                let mut found = engine.standings(&whose).await?;
                found.sort_by(|a, b| a.line.user.user.cmp(&b.line.user.user));
                let newcomers = engine.newcomers().await?;
                let users = found.iter();
                Ok(users.map(|user| ListedUser::of(user, &newcomers)).collect())
            }
            Self::Server(server) => server.users(team.as_ref()).await,
        }
    }

    /// A user with the identities it consists of.
    pub(crate) async fn user(&self, user: &str) -> Result<User, CliError> {
        match self {
            Self::Database(engine) => {
                let row = engine.known(&UserId::new(user)).await?;
                Ok(User::of(row, &engine.newcomers().await?))
            }
            Self::Server(server) => {
                let ask = Ask::get(&["users", user]);
                let page: UserPage = server.client.answer(ask).await?;
                Ok(page.user)
            }
        }
    }

    /// Teams, by name.
    pub(crate) async fn teams(&self) -> Result<Vec<Team>, CliError> {
        let Teams { teams } = match self {
            Self::Database(engine) => Teams::read(engine, None).await?,
            Self::Server(server) => server.client.answer(Ask::get(&["teams"])).await?,
        };
        Ok(teams)
    }

    /// Where denials are made real.
    pub(crate) async fn targets(&self, all: bool) -> Result<Vec<Target>, CliError> {
        match self {
            Self::Database(engine) => {
                let rows = engine.enforcement(all).await?;
                Ok(rows.into_iter().map(Target::of).collect())
            }
            Self::Server(server) => {
                let ask = Ask::get(&["targets"]).with("all", all);
                let Targets { targets, .. } = server.client.answer(ask).await?;
                Ok(targets)
            }
        }
    }
}

impl Server {
    async fn blocks(&self, asked: &BlocksAsked) -> Result<Vec<Block>, CliError> {
        let most = asked.limit.map_or(usize::MAX, |limit| limit as usize);
        let ask = || {
            Ask::get(&["blocks"])
                .with("history", asked.history)
                .with("held", asked.held)
                .maybe("search", asked.text.as_ref())
                .maybe("user", asked.user.as_ref())
        };
        self.list(most, ask, |Blocks { blocks, next }| (blocks, next))
            .await
    }

    async fn users(&self, team: Option<&TeamId>) -> Result<Vec<ListedUser>, CliError> {
        let ask = || Ask::get(&["users"]).maybe("team", team);
        let rows = |Users { users, next, .. }| (users, next);
        self.list(usize::MAX, ask, rows).await
    }
}
