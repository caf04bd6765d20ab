//! `[pricing]`

use serde::Deserialize;
use weir_core::rulebook::UnknownPrice;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PricingSection {
    /// What a model without a price costs.
    pub(crate) unknown: Option<Unknown>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Unknown {
    Flag,
    Worst,
}

impl Unknown {
    pub(crate) const fn setting(self) -> UnknownPrice {
        match self {
            Self::Flag => UnknownPrice::Flag,
            Self::Worst => UnknownPrice::Worst,
        }
    }
}
