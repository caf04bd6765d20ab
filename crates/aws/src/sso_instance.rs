//! Which directory Identity Center of this organisation uses.

use aws_config::SdkConfig;
use aws_sdk_ssoadmin::Client;
use weir_engine::ports::{EffectError, EffectErrorKind};

use crate::error::classify;

/// The identity store of the only instance there is.
pub(crate) async fn identity_store(config: &SdkConfig) -> Result<String, EffectError> {
    let what = "ListInstances";
    let mut pages = Client::new(config).list_instances().into_paginator().send();
    let mut stores = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| classify(what, &error))?;
        let instances = page.instances.unwrap_or_default();
        stores.extend(
            instances
                .into_iter()
                .filter_map(|one| one.identity_store_id),
        );
    }
    let region = config
        .region()
        .map_or("?", |region| region.as_ref())
        .to_owned();
    match stores.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(EffectError::new(
            EffectErrorKind::Cannot,
            what,
            format!(
                "there is no Identity Center in {region}: set directory.region to its Region, and \
                 directory.account to the management or delegated account"
            ),
        )),
        several => Err(EffectError::new(
            EffectErrorKind::Cannot,
            what,
            format!(
                "there are several directories in {region} ({}): set directory.identity_store",
                several.join(", ")
            ),
        )),
    }
}
