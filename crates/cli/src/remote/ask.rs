//! A request, before anybody knows of whom.

use reqwest::Method;
use serde::Serialize;

use crate::exit::CliError;

/// What is asked: the parts of an address below `/api/v1`, and what goes with it.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) method: Method,
    pub(super) path: Vec<String>,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) body: Option<Vec<u8>>,
    pub(super) if_match: Option<String>,
    pub(super) is_long: bool,
}

/// A request in the making.
#[derive(Debug)]
pub(crate) struct Ask(pub(super) Parts);

impl Ask {
    pub(crate) fn get(path: &[&str]) -> Self {
        Self::of(Method::GET, path)
    }

    /// With a key of its own, so that it is done once even if it has to be sent twice.
    pub(crate) fn post(path: &[&str]) -> Self {
        Self::of(Method::POST, path)
    }

    pub(crate) fn put(path: &[&str]) -> Self {
        Self::of(Method::PUT, path)
    }

    pub(crate) fn patch(path: &[&str]) -> Self {
        Self::of(Method::PATCH, path)
    }

    pub(crate) fn delete(path: &[&str]) -> Self {
        Self::of(Method::DELETE, path)
    }

    fn of(method: Method, path: &[&str]) -> Self {
        Self(Parts {
            method,
            path: path.iter().map(|&part| part.to_owned()).collect(),
            query: Vec::new(),
            body: None,
            if_match: None,
            is_long: false,
        })
    }

    /// A parameter.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "numbers, words and ids are given as they are"
    )]
    pub(crate) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.0.query.push((name, value.to_string()));
        self
    }

    /// A parameter, if there is a value.
    pub(crate) fn maybe(self, name: &'static str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// What is sent.
    pub(crate) fn body(mut self, body: &impl Serialize) -> Result<Self, CliError> {
        let text = serde_json::to_vec(body)
            .map_err(|error| CliError::Failed(format!("cannot write JSON: {error}")))?;
        self.0.body = Some(text);
        Ok(self)
    }

    /// What may take much longer than other answers.
    pub(crate) fn long(mut self) -> Self {
        self.0.is_long = true;
        self
    }

    /// Only if what is there is still what was looked at.
    pub(crate) fn if_match(mut self, tag: Option<&str>) -> Self {
        self.0.if_match = tag.map(str::to_owned);
        self
    }
}
