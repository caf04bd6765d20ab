//! `[aws]`

use serde::Deserialize;
use weir_core::ids::AccountId;

use super::value;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AwsSection {
    /// The account whose users carry no prefix.
    #[serde(deserialize_with = "value::account")]
    pub(crate) home_account: Option<AccountId>,
}
