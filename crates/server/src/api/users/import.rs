//! `PATCH /api/v1/users`; also what `weir user import` does.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_core::ids::UserId;
use weir_core::operator::Permission;
use weir_core::rulebook::Person;
use weir_engine::{Actor, Engine, EngineError, Reattribute};
use weir_store::RuleChange;

use super::edit::Said;
use super::reattribute::PastChanged;
use crate::api::access::Access;
use crate::api::body::{Body, LARGE, day};
use crate::api::query::Query;
use crate::api::quotas::edit::Whether;
use crate::api::{Api, SignedIn, users};
use crate::problem::Problem;

/// What is said about several users.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "people": [{ "user": "ana", "team": "sap", "email": "ana@example.com" }] }))]
pub struct SaidOfMany {
    /// Each user once.
    pub people: Vec<SaidOf>,
    /// Calls of the past too, from this local day on.
    pub since: Option<String>,
}

/// What is said about one of them; what is left out stays as it is.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SaidOf {
    /// The id.
    pub user: String,
    /// The team.
    pub team: Option<String>,
    /// The person's name.
    pub person: Option<String>,
    /// Where mail goes.
    pub email: Option<String>,
    /// es or en.
    pub language: Option<String>,
    /// human, workload, service or unknown.
    pub class: Option<String>,
}

/// What saying it did, or would do.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PeopleSet {
    /// It was not done: nobody wanted more than to know.
    pub dry_run: bool,
    /// Users of whom it says something.
    pub users: usize,
    /// Every value that was not known.
    pub changes: Vec<PersonChange>,
    /// With `since`: calls of the past, of each user who has been seen.
    pub past: Vec<PastChanged>,
    /// Who would lose and who would regain access.
    #[serde(flatten)]
    pub access: Access,
}

/// One value that was not known.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PersonChange {
    /// Of whom.
    pub user: String,
    /// team, person, email, language or class.
    pub field: String,
    /// What was said before.
    pub before: Option<String>,
    /// What is said now.
    pub after: String,
}

impl SaidOf {
    /// In words.
    pub fn of(user: &UserId, person: &Person) -> Self {
        let Said {
            team,
            person,
            email,
            language,
            class,
        } = Said::of(person);
        Self {
            user: user.to_string(),
            team,
            person,
            email,
            language,
            class,
        }
    }

    fn read(self, place: &str) -> Result<(UserId, Person), Problem> {
        let Self {
            user,
            team,
            person,
            email,
            language,
            class,
        } = self;
        let user = users::to_be(&user)
            .map_err(|why| Problem::bad_request(format!("{place}: user: {why}")))?;
        let said = Said {
            team,
            person,
            email,
            language,
            class,
        };
        Ok((user, said.person(place)?))
    }
}

/// People of whom something is said.
#[derive(Clone, Debug)]
pub struct People {
    /// Each once.
    pub people: Vec<(UserId, Person)>,
    /// Calls of the past too.
    pub since: Option<Date>,
}

impl People {
    /// What it would do. Those of whom everything is known leave.
    pub async fn foresee(&mut self, engine: &Engine) -> Result<PeopleSet, EngineError> {
        let known = engine.rules().await?;
        let mut changes = Vec::new();
        let since = self.since;
        self.people.retain(|(user, said)| {
            let unsaid = Person::default();
            let before = known.people.get(user).unwrap_or(&unsaid);
            let differences = differences(user, before, said);
            let keeps = !differences.is_empty() || (since.is_some() && *said != unsaid);
            changes.extend(differences);
            keeps
        });
        let set = self.people.iter();
        let set: Vec<_> = set
            .map(|(user, said)| RuleChange::SetPerson(user.clone(), said.clone()))
            .collect();
        let access = Access::of(&engine.preview(&set).await?);
        let mut past = Vec::new();
        for wanted in self.seen(engine).await? {
            let foreseen = engine.foresee_reattribution(&wanted).await?;
            past.push(PastChanged::of(&wanted, &foreseen, None));
        }
        Ok(PeopleSet {
            dry_run: true,
            users: self.people.len(),
            changes,
            past,
            access,
        })
    }

    /// With `since`, those who have been seen.
    async fn seen(&self, engine: &Engine) -> Result<Vec<Reattribute>, EngineError> {
        let Some(since) = self.since else {
            return Ok(Vec::new());
        };
        let mut seen = Vec::new();
        for (user, said) in &self.people {
            if engine.store().user(user).await?.is_some() {
                let (user, said) = (user.clone(), said.clone());
                seen.push(Reattribute { user, said, since });
            }
        }
        Ok(seen)
    }

    /// Says it, one user after the other. If it ends half-way, the same again does the rest.
    pub async fn set(self, engine: &Engine, by: &Actor) -> Result<(), EngineError> {
        let seen = self.seen(engine).await?;
        let users: BTreeSet<_> = seen.iter().map(|wanted| wanted.user.clone()).collect();
        for wanted in &seen {
            Box::pin(engine.reattribute(wanted, by)).await?;
        }
        for (user, said) in self.people {
            if !users.contains(&user) {
                engine.set_person(&user, said, by).await?;
            }
        }
        Ok(())
    }
}

fn differences(user: &UserId, before: &Person, said: &Person) -> Vec<PersonChange> {
    let (before, said) = (Said::of(before), Said::of(said));
    let rows = [
        ("team", before.team, said.team),
        ("person", before.person, said.person),
        ("email", before.email, said.email),
        ("language", before.language, said.language),
        ("class", before.class, said.class),
    ];
    let changes = rows.into_iter().filter_map(|(field, before, after)| {
        let after = after.filter(|after| before.as_ref() != Some(after))?;
        Some(PersonChange {
            user: user.to_string(),
            field: field.to_owned(),
            before,
            after,
        })
    });
    changes.collect()
}

/// Say who several users are
///
/// As `PATCH` of each; who is not named stays as they are. With `since`, and if anybody would be blocked by it, it is
/// done with `yes=true` only.
#[utoipa::path(
    patch,
    path = "/api/v1/users",
    operation_id = "users_import",
    tag = "users",
    params(Whether),
    request_body = SaidOfMany,
    responses(
        (status = 200, description = "What it did", body = PeopleSet),
        crate::api::answers::Writes,
    ),
)]
pub(crate) async fn patch(
    State(api): State<Api>,
    who: SignedIn,
    Query(whether): Query<Whether>,
    Body(new): Body<SaidOfMany, LARGE>,
) -> Result<Json<PeopleSet>, Problem> {
    who.may(Permission::ChangePeople)?;
    let mut people = People {
        people: Vec::with_capacity(new.people.len()),
        since: new.since.map(|since| day("since", &since)).transpose()?,
    };
    let mut users = BTreeSet::new();
    for (at, one) in new.people.into_iter().enumerate() {
        let place = format!("the body: people[{at}]");
        let (user, said) = one.read(&place)?;
        if !users.insert(user.clone()) {
            return Err(Problem::bad_request(format!("{place}: {user} comes twice")));
        }
        people.people.push((user, said));
    }
    let failed = |error| Problem::of_engine(&error);
    let foreseen = people.foresee(&api.engine).await.map_err(failed)?;
    if whether.dry_run {
        return Ok(Json(foreseen));
    }
    whether.agrees(&foreseen.access.preview())?;
    if !foreseen.past.is_empty() {
        whether.insists("calls of the past change")?;
    }
    let by = who.caller.actor();
    Box::pin(people.set(&api.engine, &by))
        .await
        .map_err(failed)?;
    Ok(Json(PeopleSet {
        dry_run: false,
        ..foreseen
    }))
}
