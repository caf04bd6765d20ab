//! The first operator of a database, who has nobody to be made by: against a link that a server shows
//! once, to whoever can read what it prints.

use jiff::{SignedDuration, Timestamp};
use weir_core::operator::{OperatorName, Rights, digest};

use super::{Secret, actor};
use crate::{Engine, EngineError};

/// How long a link is good.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(24);

impl Engine {
    /// A link for the first operator, in place of any earlier one; none if there are operators.
    pub async fn offer_setup(&self) -> Result<Option<(Secret, Timestamp)>, EngineError> {
        let link = Secret::draw("weir_setup_")?;
        let until = self
            .wall()
            .saturating_add(GOOD_FOR)
            .unwrap_or(Timestamp::MAX);
        let mut entry = self.entry(
            "setup-link",
            "operators".to_owned(),
            "there is no operator yet".to_owned(),
            &Self::weir(),
        );
        entry.expires_at = Some(until);
        let (store, digest) = (self.store.operators(), link.digest());
        let offered = store.offer_setup(&digest, until, vec![entry]).await?;
        Ok(offered.then_some((link, until)))
    }

    /// Makes the first operator, an admin; false if the link is not good any more.
    pub async fn set_up(
        &self,
        link: &str,
        name: &OperatorName,
        password: &str,
    ) -> Result<bool, EngineError> {
        let (store, link) = (self.store.operators(), digest(link));
        // Before the password is hashed, which is work that anybody could ask for.
        if !store.setup_is_good(&link, self.wall()).await? {
            return Ok(false);
        }
        let operator = self.new_operator(name, Rights::admin(), password).await?;
        let entry = self.made(&operator, "made by the set-up link", &actor(name));
        Ok(store
            .add_first_operator(&operator, &link, vec![entry])
            .await?)
    }
}
