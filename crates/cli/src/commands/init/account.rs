//! What is in the account: a look that changes nothing. What may not be read is said, and the rest is
//! looked at all the same.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use weir_aws::Connection;
use weir_config::require;
use weir_core::ids::{AccountId, Region};
use weir_engine::clock::{Clock, WallClock};
use weir_engine::ports::{Feature, InvocationLog, Survey, Trail};
use weir_engine::{RegionLook, regions_of};

use crate::app::App;
use crate::exit::CliError;

/// Calls are looked for in so many days.
const DAYS: i64 = 7;
/// Roles that Identity Center makes for permission sets.
const RESERVED: &str = "AWSReservedSSO_";

/// What was found.
#[derive(Debug, Default, Serialize)]
pub(super) struct Account {
    pub(super) id: String,
    pub(super) arn: String,
    /// Where Bedrock is called, or may be.
    pub(super) regions: Vec<Place>,
    /// Roles of permission sets: people come through Identity Center.
    pub(super) identity_center_roles: usize,
    /// The Region of Identity Center, as the roles of permission sets name it.
    pub(super) identity_center_region: Option<String>,
    /// The directory behind it, where this account may see it.
    pub(super) identity_store: Option<String>,
    /// Targets that hold a Deny of Weir.
    pub(super) denies: Vec<String>,
    /// Rights that are missing for counting.
    pub(super) missing_rights: Vec<String>,
    /// What could not be read.
    pub(super) problems: Vec<String>,
}

/// A Region with calls.
#[derive(Debug, Serialize)]
pub(super) struct Place {
    pub(super) region: String,
    /// In the last seven days; null: nobody may say.
    pub(super) calls: Option<u64>,
    /// `s3://…` or the ARN of a log group.
    pub(super) invocation_log: Option<String>,
    /// The ARN of the log group that `weir serve` may follow.
    pub(super) log_group: Option<String>,
    /// Trails that log calls of Bedrock.
    pub(super) trails: Vec<String>,
}

pub(super) async fn look(app: &App, named: &[String]) -> Result<Account, CliError> {
    let aws = require(&app.settings).await?;
    let survey = aws.survey(app.settings.rights(), app.settings.rights_elsewhere());
    let (id, arn) = aws
        .directory
        .whoami()
        .await
        .map_err(|error| CliError::Failed(error.to_string()))?;
    let partition = arn.split(':').nth(1).unwrap_or("aws").to_owned();
    let mut account = Account {
        id: id.to_string(),
        arn,
        ..Account::default()
    };
    let named: Vec<_> = named.iter().map(Region::new).collect();
    let regions = regions_of(&*survey, &named, &[aws.metering.home_region()]).await;
    account.problems.extend(regions.problem);
    let now = WallClock.now();
    let from = now - SignedDuration::from_hours(24 * DAYS);
    let looks = look_at(&aws, &*survey, &id, &regions.all, (from, now)).await;
    for found in looks {
        let problems = found.problems();
        account
            .problems
            .extend(problems.iter().map(ToString::to_string));
        if !found.is_quiet() {
            account.regions.push(place(found, &partition, &account.id));
        }
    }
    account.problems.dedup();
    match survey.roles().await {
        Ok(roles) => {
            let mut reserved = roles.iter().filter(|role| role.name.starts_with(RESERVED));
            account.identity_center_roles = reserved.clone().count();
            account.identity_center_region = reserved.find_map(|role| region_of(&role.arn));
        }
        Err(error) => account.problems.push(error.to_string()),
    }
    if let Some(region) = &account.identity_center_region {
        match aws.identity_store(region).await {
            Ok(store) => account.identity_store = Some(store),
            Err(error) => account.problems.push(error.to_string()),
        }
    }
    match aws.access.find_ours().await {
        Ok(ours) => {
            account.denies = ours.targets.iter().map(ToString::to_string).collect();
            let unread = ours.unread.iter().map(ToString::to_string);
            account.problems.extend(unread);
        }
        // The same right as for the roles.
        Err(error) => tracing::debug!(%error, "nobody knows whether Denies are there"),
    }
    match survey.rights(&[Feature::Read]).await {
        Ok(rights) => account.missing_rights = rights.missing,
        Err(error) => account.problems.push(error.to_string()),
    }
    Ok(account)
}

/// `…:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_…`; in the first Region of all there is none.
fn region_of(arn: &str) -> Option<String> {
    let (_, rest) = arn.split_once(":role/aws-reserved/sso.amazonaws.com/")?;
    let region = rest
        .split_once('/')
        .map_or("us-east-1", |(region, _)| region);
    Some(region.to_owned())
}

async fn look_at(
    aws: &Connection,
    survey: &dyn Survey,
    id: &AccountId,
    regions: &[Region],
    range: (Timestamp, Timestamp),
) -> Vec<RegionLook> {
    weir_engine::look(survey, &*aws.metering, id, regions, range).await
}

fn place(found: RegionLook, partition: &str, account: &str) -> Place {
    let RegionLook {
        region,
        calls,
        log,
        trails,
    } = found;
    let InvocationLog { bucket, log_group } = log.ok().flatten().unwrap_or_default();
    let log_group =
        log_group.map(|name| format!("arn:{partition}:logs:{region}:{account}:log-group:{name}"));
    let bucket = bucket.map(|(bucket, prefix)| format!("s3://{bucket}/{prefix}"));
    let trails = trails.unwrap_or_default();
    Place {
        region: region.to_string(),
        calls: calls.ok(),
        invocation_log: bucket.or_else(|| log_group.clone()),
        log_group,
        trails: trails.into_iter().map(|Trail { name, .. }| name).collect(),
    }
}

impl Account {
    /// Says what was found, to people.
    pub(super) fn tell(&self, app: &App) {
        let printer = app.printer;
        printer.note(&format!("account {}, as {}", self.id, self.arn));
        if self.regions.is_empty() {
            printer.note(&format!(
                "no Region with calls in the last {DAYS} days was found"
            ));
        }
        for place in &self.regions {
            let calls = place.calls.map_or_else(
                || "an unknown number of".to_owned(),
                |calls| calls.to_string(),
            );
            let log = place.invocation_log.as_deref().unwrap_or("none");
            let trails = match place.trails.as_slice() {
                [] => "none".to_owned(),
                trails => trails.join(", "),
            };
            printer.note(&format!(
                "{}: {calls} calls in {DAYS} days; invocation log: {log}; trails that see calls: {trails}",
                place.region
            ));
        }
        if self.identity_center_roles > 0 {
            let directory = self.identity_store.as_deref();
            printer.note(&format!(
                "people come through Identity Center: roles of permission sets {}, Region {}, directory {}",
                self.identity_center_roles,
                self.identity_center_region.as_deref().unwrap_or("unknown"),
                directory.unwrap_or("not seen from this account")
            ));
        }
        if !self.denies.is_empty() {
            printer.warn(&format!(
                "Denies of Weir are there already, of another installation: {}; `weir enforce \
                 release-all` removes them",
                self.denies.join(", ")
            ));
        }
        for problem in &self.problems {
            printer.warn(&format!("not known: {problem}"));
        }
    }
}
