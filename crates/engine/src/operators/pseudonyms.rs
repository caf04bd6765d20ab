//! The key of pseudonyms.

use weir_core::pseudonym::Pseudonyms;

use super::secret::random_hex;
use crate::{Engine, EngineError};

impl Engine {
    /// What people are shown by to whoever may not see their names: the same for every process on a
    /// database, which keeps the key.
    pub async fn pseudonyms(&self) -> Result<Pseudonyms, EngineError> {
        let drawn = random_hex::<32>()?;
        let key = self.store().pseudonym_key(&drawn).await?;
        Ok(Pseudonyms::new(key))
    }
}
