//! What an account has to read calls from, by Region: a look that changes nothing.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use weir_core::coverage::hour_of;
use weir_core::ids::{AccountId, Region};

use crate::ports::{EffectError, InvocationLog, Metering, Survey, Trail};

/// What was found in a Region. What could not be asked is an error of that part alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegionLook {
    /// Where.
    pub region: Region,
    /// Calls that CloudWatch counted.
    pub calls: Result<u64, String>,
    /// Where invocations are logged. Not asked where there were no calls.
    pub log: Result<Option<InvocationLog>, String>,
    /// Trails that log calls of Bedrock. Not asked where there were no calls.
    pub trails: Result<Vec<Trail>, String>,
}

/// Regions to look at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Regions {
    /// Which.
    pub all: Vec<Region>,
    /// Why it may not be all that the account uses.
    pub problem: Option<String>,
}

/// The Regions that were named, else those that the account may use, else those that are known.
pub async fn regions_of(survey: &dyn Survey, named: &[Region], known: &[Region]) -> Regions {
    if !named.is_empty() {
        return Regions {
            all: named.to_vec(),
            problem: None,
        };
    }
    match survey.regions().await {
        Ok(all) => Regions { all, problem: None },
        Err(error) => {
            let mut all = known.to_vec();
            all.sort();
            all.dedup();
            let problem = Some(error.to_string());
            Regions { all, problem }
        }
    }
}

/// Looks at Regions, one by one.
pub async fn look(
    survey: &dyn Survey,
    metering: &dyn Metering,
    account: &AccountId,
    regions: &[Region],
    (from, to): (Timestamp, Timestamp),
) -> Vec<RegionLook> {
    let next = hour_of(to).saturating_add(SignedDuration::from_hours(1));
    let to = next.unwrap_or(to);
    let mut found = Vec::new();
    for region in regions {
        let calls = metering
            .invocations(account, region, hour_of(from), to)
            .await
            .map(|hours| hours.values().sum::<u64>());
        let is_quiet = matches!(calls, Ok(0));
        let (log, trails) = if is_quiet {
            (Ok(None), Ok(Vec::new()))
        } else {
            (
                survey.invocation_log(region).await,
                trails(survey, region).await,
            )
        };
        found.push(RegionLook {
            region: region.clone(),
            calls: said(calls),
            log: said(log),
            trails: said(trails),
        });
    }
    found
}

/// Trails that see calls of Bedrock now.
async fn trails(survey: &dyn Survey, region: &Region) -> Result<Vec<Trail>, EffectError> {
    let mut trails = survey.trails(region).await?;
    trails.retain(|trail| trail.is_logging && trail.reads);
    Ok(trails)
}

fn said<T>(found: Result<T, EffectError>) -> Result<T, String> {
    found.map_err(|error| error.to_string())
}

impl RegionLook {
    /// Whether nobody calls there, as far as CloudWatch says.
    pub fn is_quiet(&self) -> bool {
        self.calls == Ok(0)
    }

    /// What could not be asked.
    pub fn problems(&self) -> Vec<&str> {
        let errors = [
            self.calls.as_ref().err(),
            self.log.as_ref().err(),
            self.trails.as_ref().err(),
        ];
        errors.into_iter().flatten().map(String::as_str).collect()
    }
}
