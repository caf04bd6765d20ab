//! `[directory]`

use serde::Deserialize;
use weir_aws::DirectoryPlace;
use weir_core::ids::AccountId;

use super::value;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct DirectorySection {
    /// The Region of Identity Center.
    pub(crate) region: Option<String>,
    /// The account of Identity Center.
    #[serde(deserialize_with = "value::account")]
    pub(crate) account: Option<AccountId>,
    /// The identity store behind it.
    pub(crate) identity_store: Option<String>,
}

impl DirectorySection {
    pub(crate) fn place(&self) -> DirectoryPlace {
        let Self {
            region,
            account,
            identity_store,
        } = self;
        DirectoryPlace {
            region: region.clone(),
            account: account.clone(),
            identity_store: identity_store.clone(),
        }
    }
}
