//! The Regions that an account may use.

use aws_config::SdkConfig;
use aws_sdk_account::Client;
use aws_sdk_account::types::RegionOptStatus;
use weir_core::ids::Region;
use weir_engine::ports::EffectError;

use crate::error::classify;

pub(crate) async fn enabled(config: &SdkConfig) -> Result<Vec<Region>, EffectError> {
    let mut pages = Client::new(config)
        .list_regions()
        .region_opt_status_contains(RegionOptStatus::Enabled)
        .region_opt_status_contains(RegionOptStatus::EnabledByDefault)
        .into_paginator()
        .send();
    let mut all = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| classify("ListRegions", &error))?;
        let names = page
            .regions()
            .iter()
            .filter_map(|region| region.region_name());
        all.extend(names.map(Region::new));
    }
    all.sort();
    Ok(all)
}
