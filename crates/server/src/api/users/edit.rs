//! `PATCH /api/v1/users/{user}`

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_core::attribution::team_name;
use weir_core::ids::UserId;
use weir_core::operator::Permission;
use weir_core::rulebook::{Person, UserClass};
use weir_engine::newcomers_in;
use weir_store::UserRow;

use super::User;
use crate::api::body::Body;
use crate::api::etag::{self, IfMatch};
use crate::api::query::PathPart;
use crate::api::{Api, SignedIn, users};
use crate::problem::Problem;

/// What is said about a user; what is left out stays as it is.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "team": "sap", "email": "ana@example.com" }))]
pub struct Said {
    /// The team, for calls from now on.
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

impl Said {
    /// What it comes to; `place` is where it was said.
    pub(crate) fn person(self, place: &str) -> Result<Person, Problem> {
        let wrong =
            |field: &str, why: &str| Problem::bad_request(format!("{place}: {field}: {why}"));
        let Self {
            team,
            person,
            email,
            language,
            class,
        } = self;
        for (field, text, most) in [
            ("team", &team, 128),
            ("person", &person, 255),
            ("email", &email, 255),
        ] {
            if text
                .as_ref()
                .is_some_and(|text| text.chars().count() > most)
            {
                return Err(wrong(field, &format!("at most {most} characters")));
            }
        }
        if email.as_ref().is_some_and(|email| !email.contains('@')) {
            return Err(wrong("email", "this is not an e-mail address"));
        }
        let spoken = |language: &String| matches!(language.as_str(), "es" | "en");
        if !language.as_ref().is_none_or(spoken) {
            return Err(wrong("language", "es or en"));
        }
        let class = class.as_deref().map(str::parse::<UserClass>);
        let class = class.transpose();
        let class = class.map_err(|_| wrong("class", "human, workload, service or unknown"))?;
        Ok(Person {
            team: team.as_deref().map(team_name),
            person,
            email,
            language,
            class,
        })
    }

    /// The same in words.
    pub fn of(person: &Person) -> Self {
        let Person {
            team,
            person,
            email,
            language,
            class,
        } = person;
        Self {
            team: team.as_ref().map(ToString::to_string),
            person: person.clone(),
            email: email.clone(),
            language: language.clone(),
            class: class.map(|class| class.as_str().to_owned()),
        }
    }
}

/// What an edit of a user is held against.
#[derive(Serialize)]
struct Editable<'a> {
    team: &'a str,
    person: Option<&'a str>,
    email: Option<&'a str>,
    language: Option<&'a str>,
    class: &'static str,
}

/// What stands for the part of a user that can be edited.
pub(crate) fn tag(row: &UserRow) -> String {
    etag::of(&Editable {
        team: row.team.as_str(),
        person: row.person.as_deref(),
        email: row.email.as_deref(),
        language: row.language.as_deref(),
        class: row.class.as_str(),
    })
}

/// Say who a user is
///
/// Goes before what AWS says, for calls from now on. Calls of the past keep their team.
#[utoipa::path(
    patch,
    path = "/api/v1/users/{user}",
    operation_id = "users_edit",
    tag = "users",
    params(
        ("user" = String, Path, description = "The id; a slash in it is written %2F"),
        ("If-Match" = Option<String>, Header, description = "`ETag` of the user, as it was read"),
    ),
    request_body = Said,
    responses(
        (status = 200, description = "The user now", body = User, headers(("etag" = String))),
        crate::api::answers::Writes,
    ),
)]
pub(crate) async fn patch(
    State(api): State<Api>,
    who: SignedIn,
    PathPart(user): PathPart,
    believed: IfMatch,
    Body(said): Body<Said>,
) -> Result<([(header::HeaderName, HeaderValue); 1], Json<User>), Problem> {
    let within = who.may(Permission::ChangePeople)?;
    let user = UserId::new(user);
    let rules = api.engine.store().rules().await;
    let bound = believed.binds(rules.map_err(Problem::of_store)?.version);
    let row = users::within_reach(&api, &within, &user).await?;
    believed.check(Some(&tag(&row)))?;
    let person = said.person("the body")?;
    let by = who.caller.actor();
    let done = api.engine.set_person_as_of(&user, person, bound, &by).await;
    done.map_err(|error| believed.failed(&error))?;
    let row = users::within_reach(&api, &within, &user).await?;
    let rules = api.engine.rules().await;
    let rules = rules.map_err(|error| Problem::of_engine(&error))?;
    Ok((
        etag::header(&tag(&row)),
        Json(User::of(row, &newcomers_in(&rules))),
    ))
}
