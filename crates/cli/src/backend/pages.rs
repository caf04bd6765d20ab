//! Lists of a server, which come in pages.

use serde::de::DeserializeOwned;

use super::{PAGE, Server};
use crate::exit::CliError;
use crate::remote::Ask;

impl Server {
    /// The first rows of a list, page after page: what to ask for, and which rows of an answer and which cursor.
    pub(super) async fn list<Page: DeserializeOwned, Row>(
        &self,
        most: usize,
        ask: impl Fn() -> Ask,
        rows: impl Fn(Page) -> (Vec<Row>, Option<String>),
    ) -> Result<Vec<Row>, CliError> {
        let mut found = Vec::new();
        let mut cursor: Option<String> = None;
        while found.len() < most {
            let page = ask()
                .with("limit", PAGE.min(most - found.len()))
                .maybe("cursor", cursor.as_ref());
            let (more, next) = rows(self.client.answer(page).await?);
            found.extend(more);
            cursor = next;
            if cursor.is_none() {
                break;
            }
        }
        Ok(found)
    }
}
