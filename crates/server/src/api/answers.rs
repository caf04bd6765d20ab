//! What may be answered instead, in the description of every address: written once.

use std::collections::BTreeMap;

use utoipa::IntoResponses;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};

/// Of an address that lists or shows what there is.
pub(crate) struct Reads;

/// Of an address that names one thing.
pub(crate) struct Shows;

/// Of an address that changes something.
pub(crate) struct Writes;

const WRONG: (&str, &str) = ("400", "The request is wrong: `detail` says where");
const NOBODY: (&str, &str) = ("401", "Not logged in");
const FORBIDDEN: (&str, &str) = ("403", "The role may not, or not there");
const NOT_FOUND: (&str, &str) = ("404", "There is none, or none within reach");
const TAKEN: (&str, &str) = (
    "409",
    "The same request with this `Idempotency-Key` is at work",
);
const CHANGED: (&str, &str) = ("412", "It was changed since: read it again");
const LARGE: (&str, &str) = ("413", "The body is too large");
const KIND: (&str, &str) = ("415", "The body is not JSON");
const RULE: (&str, &str) = ("422", "A rule forbids it: `detail` says which");
const OFTEN: (&str, &str) = ("429", "Too often: wait as long as `Retry-After` says");
const FAULT: (&str, &str) = ("500", "A fault of ours: the log has it under `id`");
const BUSY: (&str, &str) = ("503", "The database is busy or away: try again");

impl IntoResponses for Reads {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        described(&[WRONG, NOBODY, FORBIDDEN, OFTEN, FAULT, BUSY])
    }
}

impl IntoResponses for Shows {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        described(&[WRONG, NOBODY, FORBIDDEN, NOT_FOUND, OFTEN, FAULT, BUSY])
    }
}

impl IntoResponses for Writes {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        described(&[
            WRONG, NOBODY, FORBIDDEN, NOT_FOUND, TAKEN, CHANGED, LARGE, KIND, RULE, OFTEN, FAULT,
            BUSY,
        ])
    }
}

fn described(answers: &[(&str, &str)]) -> BTreeMap<String, RefOr<Response>> {
    let problem = || {
        ContentBuilder::new()
            .schema(Some(Ref::from_schema_name("Problem")))
            .build()
    };
    let answers = answers.iter().map(|(status, description)| {
        let response = ResponseBuilder::new()
            .description(*description)
            .content("application/problem+json", problem())
            .build();
        ((*status).to_owned(), RefOr::T(response))
    });
    answers.collect()
}
