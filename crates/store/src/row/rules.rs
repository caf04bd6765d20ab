//! Quotas, prices, people, keys.

use weir_core::attribution::{Holder, Principal, PrincipalKind};
use weir_core::calendar::WindowKind;
use weir_core::ids::{KeyId, UserId};
use weir_core::money::Price;
use weir_core::people::DirectoryPerson;
use weir_core::pricing::PriceRow;
use weir_core::quota::{Limit, Metric, Quota, Scope};
use weir_core::rulebook::{KeyOwner, Person, UserClass};

use super::block::scope;
use crate::error::StoreError;
use crate::value::{Arg, Row, args, json, unreadable};

/// The cells of a quota's key.
pub(crate) fn quota_key(scope: &Scope, metric: Metric, window: WindowKind) -> Vec<Arg<'_>> {
    args![scope.kind(), scope.name(), metric.as_str(), window.as_str()]
}

/// The cells of a quota, without its additions.
pub(crate) fn write_quota(quota: &Quota, now: i64) -> Vec<Arg<'_>> {
    let Quota {
        scope,
        metric,
        window,
        limit,
        action,
        warn,
        author,
        additions: _,
    } = quota;
    let mut cells = quota_key(scope, *metric, *window);
    let warn: Vec<_> = warn.iter().map(ToString::to_string).collect();
    let limit = match limit {
        Limit::Of(limit) => Some(*limit),
        Limit::Unlimited => None,
    };
    cells.extend(args![limit, action.as_str(), warn.join(","), author, now]);
    cells
}

/// A quota without its additions.
pub(crate) fn read_quota(row: &mut Row) -> Result<Quota, StoreError> {
    let kind = row.text("quotas.scope_kind")?;
    let name = row.text("quotas.scope_name")?;
    let metric = row.word("quotas.metric")?;
    let window = row.word("quotas.window_kind")?;
    let limit = row
        .maybe_int("quotas.limit_value")?
        .map_or(Limit::Unlimited, Limit::Of);
    let action = row.word("quotas.action")?;
    let warn = row.text("quotas.warn")?;
    Ok(Quota {
        scope: scope(&kind, &name)?,
        metric,
        window,
        limit,
        action,
        warn: warn
            .split(',')
            .filter(|percent| !percent.is_empty())
            .map(|percent| {
                percent
                    .parse()
                    .map_err(|_| unreadable("quotas.warn", &warn, "is not a list"))
            })
            .collect::<Result<_, _>>()?,
        author: row.text("quotas.author")?,
        additions: Vec::new(),
    })
}

/// The cells of a price.
pub(crate) fn write_price(price: &PriceRow) -> Vec<Arg<'_>> {
    let PriceRow {
        model,
        class,
        region,
        token_class,
        tier,
        band_from,
        effective_from,
        effective_until,
        price,
        source,
    } = price;
    args![
        model.as_str(),
        class.as_str(),
        region.to_string(),
        token_class.as_str(),
        tier.as_str(),
        *band_from,
        *effective_from,
        *effective_until,
        price.map(Price::nanos_per_mtok),
        source.as_str(),
    ]
}

/// A price.
pub(crate) fn read_price(row: &mut Row) -> Result<PriceRow, StoreError> {
    Ok(PriceRow {
        model: row.id("model_pricing.model")?,
        class: row.word("model_pricing.class")?,
        region: row.word("model_pricing.region")?,
        token_class: row.word("model_pricing.token_class")?,
        tier: row.word("model_pricing.tier")?,
        band_from: row.count("model_pricing.band_from")?,
        effective_from: row.at("model_pricing.effective_from")?,
        effective_until: row.maybe_at("model_pricing.effective_until")?,
        price: row
            .maybe_int("model_pricing.price_nanos_per_mtok")?
            .map(Price::from_nanos_per_mtok),
        source: row.word("model_pricing.source")?,
    })
}

/// The cells of what was said about a user.
pub(crate) fn write_person<'a>(user: &'a UserId, person: &'a Person) -> Vec<Arg<'a>> {
    let Person {
        team,
        person,
        email,
        language,
        class,
    } = person;
    args![
        user.as_str(),
        team.as_ref().map(weir_core::ids::TeamId::as_str),
        person.as_deref(),
        email.as_deref(),
        language.as_deref(),
        class.map(UserClass::as_str),
    ]
}

/// What was said about a user.
pub(crate) fn read_person(row: &mut Row) -> Result<(UserId, Person), StoreError> {
    let user: UserId = row.id("people.user_id")?;
    let person = Person {
        team: row.maybe_id("people.team")?,
        person: row.maybe_text("people.person")?,
        email: row.maybe_text("people.email")?,
        language: row.maybe_text("people.language")?,
        class: row
            .maybe_text("people.class")?
            .map(|class| {
                class
                    .parse()
                    .map_err(|why: String| unreadable("people.class", user.as_str(), &why))
            })
            .transpose()?,
    };
    Ok((user, person))
}

/// The cells of a principal's key. No session is an empty one.
pub(crate) fn principal_key(principal: &Principal) -> [Arg<'_>; 4] {
    let Principal {
        account,
        kind,
        name,
        session,
    } = principal;
    [
        account.as_str().into(),
        kind.as_str().into(),
        name.into(),
        session.as_deref().unwrap_or_default().into(),
    ]
}

/// A principal from four columns.
pub(crate) fn read_principal(row: &mut Row) -> Result<Principal, StoreError> {
    let account = row.id("user_principals.account_id")?;
    let kind: PrincipalKind = row.word("user_principals.kind")?;
    let name = row.text("user_principals.name")?;
    let session = row.text("user_principals.session")?;
    Ok(Principal {
        account,
        kind,
        name,
        session: (!session.is_empty()).then_some(session),
    })
}

/// The cells of a holder of a name.
pub(crate) fn write_holder<'a>(principal: &'a Principal, holder: &'a Holder) -> Vec<Arg<'a>> {
    let Holder {
        stable_id,
        user,
        since,
        confirmed,
    } = holder;
    let mut cells = Vec::from(principal_key(principal));
    cells.extend(args![stable_id, user.as_str(), *since, *confirmed]);
    cells
}

/// A holder of a name.
pub(crate) fn read_holder(row: &mut Row) -> Result<(Principal, Holder), StoreError> {
    let principal = read_principal(row)?;
    let holder = Holder {
        stable_id: row.text("principal_holders.stable_id")?,
        user: row.id("principal_holders.user_id")?,
        since: row.at("principal_holders.since")?,
        confirmed: row.flag("principal_holders.confirmed")?,
    };
    Ok((principal, holder))
}

/// The cells of a key.
pub(crate) fn write_key<'a>(key: &'a KeyId, owner: &'a KeyOwner) -> Vec<Arg<'a>> {
    let KeyOwner {
        user,
        tool,
        bedrock,
        made_by_weir,
        iam_user,
        state,
        created_at,
        expires_at,
    } = owner;
    let kind = if *bedrock { "bedrock" } else { "access-key" };
    args![
        key.as_str(),
        user.as_str(),
        tool.as_str(),
        kind,
        *made_by_weir,
        iam_user.as_deref(),
        *created_at,
        *expires_at,
        state.as_str(),
    ]
}

/// The cells of somebody in the directory.
pub(crate) fn write_directory_person(person: &DirectoryPerson) -> Result<Vec<Arg<'_>>, StoreError> {
    let DirectoryPerson {
        id,
        user_name,
        person,
        email,
        groups,
    } = person;
    Ok(args![
        id,
        user_name,
        person.as_deref(),
        email.as_deref(),
        json(groups)?,
    ])
}

/// Somebody in the directory.
pub(crate) fn read_directory_person(row: &mut Row) -> Result<DirectoryPerson, StoreError> {
    let id = row.text("directory_people.directory_id")?;
    let user_name = row.text("directory_people.user_name")?;
    let person = row.maybe_text("directory_people.person")?;
    let email = row.maybe_text("directory_people.email")?;
    let groups = row.text("directory_people.group_names")?;
    let groups = serde_json::from_str(&groups)
        .map_err(|error| unreadable("directory_people.group_names", &groups, &error.to_string()))?;
    Ok(DirectoryPerson {
        id,
        user_name,
        person,
        email,
        groups,
    })
}

/// A key.
pub(crate) fn read_key(row: &mut Row) -> Result<(KeyId, KeyOwner), StoreError> {
    let key = row.id("api_keys.key_id")?;
    let owner = KeyOwner {
        user: row.id("api_keys.user_id")?,
        tool: row.id("api_keys.tool")?,
        bedrock: row.text("api_keys.kind")? == "bedrock",
        made_by_weir: row.flag("api_keys.made_by_weir")?,
        iam_user: row.maybe_text("api_keys.iam_user")?,
        created_at: row.maybe_at("api_keys.created_at")?,
        expires_at: row.maybe_at("api_keys.expires_at")?,
        state: row.word("api_keys.status")?,
    };
    Ok((key, owner))
}
