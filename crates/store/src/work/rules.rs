//! The stored rules: read whole, changed under the lock that counting holds shared.

use std::collections::BTreeMap;

use jiff::Timestamp;
use weir_core::attribution::{Principal, PrincipalKind, Succession};
use weir_core::audit::Entry;
use weir_core::calendar::WindowKind;
use weir_core::ids::{AccountId, UserId};
use weir_core::model::Class;
use weir_core::pricing::PriceEnd;
use weir_core::quota::{Addition, Limit, Metric, Quota, Scope};
use weir_core::rulebook::{ModeInForce, Person, StoredRules, UserClass};

use crate::dialect::{Conn, Dialect};
use crate::error::StoreError;
use crate::row::{block, rules};
use crate::sql::portable;
use crate::store::RuleChange;
use crate::value::{Row, args};
use crate::work::transact::transact;
use crate::work::{audit, mail};

/// How much of a local hour's key names each kind of window.
const WINDOWS: [(WindowKind, i64); 3] = [
    (WindowKind::Hour, 13),
    (WindowKind::Day, 10),
    (WindowKind::Month, 7),
];

/// All stored rules. The version is read first: rules that change meanwhile are found stale.
pub(crate) async fn read<D: Dialect>(db: &D) -> Result<StoredRules, StoreError> {
    let mut conn = db.read().await?;
    let mut head = head_of(conn.one(portable::RULES_HEAD.into(), Vec::new()).await?)?;
    let version = head.count("rules_head.version")?;
    read_under(&mut conn, (version, head)).await
}

/// The same, if the version is another than this.
pub(crate) async fn read_unless<D: Dialect>(
    db: &D,
    known: u64,
) -> Result<Option<StoredRules>, StoreError> {
    let mut conn = db.read().await?;
    let mut head = head_of(conn.one(portable::RULES_HEAD.into(), Vec::new()).await?)?;
    let version = head.count("rules_head.version")?;
    if version == known {
        return Ok(None);
    }
    read_under(&mut conn, (version, head)).await.map(Some)
}

/// The rest of them; `head` is read up to its version.
async fn read_under(
    conn: &mut impl Conn,
    (version, mut head): (u64, Row),
) -> Result<StoredRules, StoreError> {
    let zone = head.text("rules_head.zone")?;
    let home_account = head.maybe_id("rules_head.home_account")?;
    let mode = ModeInForce {
        mode: head.word("rules_head.mode")?,
        keeps: head.flag("rules_head.mode_keeps")?,
        commanded: head.flag("rules_head.mode_commanded")?,
    };
    let mut additions: BTreeMap<_, Vec<Addition>> = BTreeMap::new();
    for mut row in conn.query(portable::ADDITIONS.into(), Vec::new()).await? {
        let kind = row.text("quota_additions.scope_kind")?;
        let name = row.text("quota_additions.scope_name")?;
        let metric: Metric = row.word("quota_additions.metric")?;
        let window: WindowKind = row.word("quota_additions.window_kind")?;
        let addition = Addition {
            amount: row.int("quota_additions.amount")?,
            until: row.at("quota_additions.until")?,
            inherited: row.flag("quota_additions.inherited")?,
        };
        additions
            .entry((block::scope(&kind, &name)?, metric, window))
            .or_default()
            .push(addition);
    }
    let mut quotas = Vec::new();
    for mut row in conn.query(portable::QUOTAS.into(), Vec::new()).await? {
        let mut quota = rules::read_quota(&mut row)?;
        let key = (quota.scope.clone(), quota.metric, quota.window);
        quota.additions = additions.remove(&key).unwrap_or_default();
        quotas.push(quota);
    }
    let mut links = Vec::new();
    for mut row in conn.query(portable::LINKS.into(), Vec::new()).await? {
        let principal = rules::read_principal(&mut row)?;
        links.push((principal, row.id("user_principals.user_id")?));
    }
    Ok(StoredRules {
        version,
        zone,
        home_account,
        mode,
        quotas,
        prices: all(conn, portable::PRICES, rules::read_price).await?,
        people: all(conn, portable::PEOPLE, rules::read_person).await?,
        links,
        holders: all(conn, portable::HOLDERS, rules::read_holder).await?,
        keys: all(conn, portable::KEYS, rules::read_key).await?,
        directory: all(conn, portable::DIRECTORY, rules::read_directory_person).await?,
    })
}

async fn all<T>(
    conn: &mut impl Conn,
    sql: &'static str,
    read: impl Fn(&mut Row) -> Result<T, StoreError> + Send,
) -> Result<Vec<T>, StoreError> {
    let rows = conn.query(sql.into(), Vec::new()).await?;
    rows.into_iter().map(|mut row| read(&mut row)).collect()
}

pub(super) fn head_of(row: Option<Row>) -> Result<Row, StoreError> {
    row.ok_or_else(|| StoreError::Schema("rules_head has no row: run `weir db migrate`".to_owned()))
}

/// Changes rules and records the changes; the new version.
pub(crate) async fn change<D: Dialect>(
    db: &D,
    changes: &[RuleChange],
    entries: &[Entry],
) -> Result<u64, StoreError> {
    transact!(db, "rules", "rules", tx => change_in::<D>(&mut tx, changes, entries).await)
        .map(|(version, _)| version)
}

async fn change_in<D: Dialect>(
    tx: &mut D::Write,
    changes: &[RuleChange],
    entries: &[Entry],
) -> Result<u64, StoreError> {
    let now = match entries.first() {
        Some(entry) => entry.at.as_microsecond(),
        None => clock::<D>(tx).await?,
    };
    // The one lock order: subjects before rules, rules before totals.
    let spoken_of = make_users::<D>(tx, changes, now).await?;
    own_teams::<D>(tx, changes, now).await?;
    let mut head = head_of(tx.one(D::SQL.rules_head_locked.into(), Vec::new()).await?)?;
    let version: u64 = head.count("rules_head.version")?;
    let _zone = head.text("rules_head.zone")?;
    let home = head.maybe_text("rules_head.home_account")?;
    let head = Head { version, home, now };
    for change in changes {
        apply::<D>(tx, change, &head).await?;
    }
    for user in spoken_of {
        tx.execute(portable::CLASSIFY.into(), args![user.as_str()])
            .await?;
    }
    tx.execute(portable::RAISE_VERSION.into(), Vec::new())
        .await?;
    audit::append::<D>(tx, entries.to_vec()).await?;
    Ok(version + 1)
}

/// What a change of rules finds.
struct Head {
    /// Before the change.
    version: u64,
    home: Option<String>,
    /// UTC microseconds.
    now: i64,
}

/// Whether the rules are still as they were when they were read.
fn newest(used: u64, newest: u64) -> Result<(), StoreError> {
    if used == newest {
        Ok(())
    } else {
        Err(StoreError::StaleRules { used, newest })
    }
}

/// As [`PriceEnd::apply`] says.
async fn end_prices<D: Dialect>(tx: &mut D::Write, end: &PriceEnd) -> Result<(), StoreError> {
    let PriceEnd {
        model,
        class,
        region,
        from,
    } = end;
    let (model, class) = (model.as_str(), class.map(Class::as_str));
    let region = region.as_ref().map(ToString::to_string);
    let region = region.as_deref();
    let later = args![model, class, class, region, region, *from];
    tx.execute(portable::DROP_PRICES.into(), later).await?;
    let now = args![*from, model, class, class, region, region, *from, *from];
    tx.execute(portable::END_PRICES.into(), now).await?;
    Ok(())
}

async fn apply<D: Dialect>(
    tx: &mut D::Write,
    change: &RuleChange,
    Head { version, home, now }: &Head,
) -> Result<(), StoreError> {
    match change {
        RuleChange::SetQuota(quota) => set_quota::<D>(tx, quota, *now).await?,
        RuleChange::UnsetQuota(scope, metric, window) => {
            unset_quota::<D>(tx, scope, *metric, *window).await?;
        }
        RuleChange::SetPrice(price) => {
            tx.execute(portable::SET_PRICE.into(), rules::write_price(price))
                .await?;
        }
        RuleChange::EndPrices(end) => end_prices::<D>(tx, end).await?,
        RuleChange::SetPerson(user, person) => {
            tx.execute(
                portable::SET_PERSON.into(),
                rules::write_person(user, person),
            )
            .await?;
            let mut cells = rules::write_person(user, person);
            cells.rotate_left(1);
            tx.execute(portable::SPOKEN_OF.into(), cells).await?;
        }
        RuleChange::Link(principal, user) => {
            let mut cells = Vec::from(rules::principal_key(principal));
            cells.push(user.as_str().into());
            tx.execute(D::SQL.link.into(), cells).await?;
            link_spellings::<D>(tx, principal, user).await?;
            confirm::<D>(tx, principal, user).await?;
        }
        RuleChange::Introduce(principal, user) => {
            let mut cells = Vec::from(rules::principal_key(principal));
            cells.push(user.as_str().into());
            tx.execute(D::SQL.introduce.into(), cells).await?;
        }
        RuleChange::AsOf(used) => newest(*used, *version)?,
        RuleChange::Succeed(succession, used) => {
            newest(*used, *version)?;
            succeed::<D>(tx, succession, *now).await?;
        }
        // Written with the subjects, before the rules were locked.
        RuleChange::SetTeamOwner(..) => {}
        RuleChange::SetKey(key, owner) => {
            tx.execute(portable::SET_KEY.into(), rules::write_key(key, owner))
                .await?;
        }
        RuleChange::SetDirectoryPerson(person) => {
            let cells = rules::write_directory_person(person)?;
            tx.execute(portable::SET_DIRECTORY_PERSON.into(), cells)
                .await?;
        }
        RuleChange::DropDirectoryPerson(id) => {
            tx.execute(portable::DROP_DIRECTORY_PERSON.into(), args![id])
                .await?;
        }
        RuleChange::SetMode(ModeInForce {
            mode,
            keeps,
            commanded,
        }) => {
            tx.execute(
                portable::SET_MODE.into(),
                args![mode.as_str(), *keeps, *commanded],
            )
            .await?;
        }
        RuleChange::SetHomeAccount(account) => {
            set_home_account::<D>(tx, home.as_deref(), account).await?;
        }
    }
    Ok(())
}

/// A user name of Identity Center is one name, however it was written when it was seen.
async fn link_spellings<D: Dialect>(
    tx: &mut D::Write,
    principal: &Principal,
    user: &UserId,
) -> Result<(), StoreError> {
    if principal.kind != PrincipalKind::IdentityCenter {
        return Ok(());
    }
    let small = principal.folded_session().unwrap_or_default();
    let (account, name) = (principal.account.as_str(), &principal.name);
    let kind = principal.kind.as_str();
    let cells = args![user.as_str(), account, kind, name, &*small];
    tx.execute(portable::LINK_SPELLINGS.into(), cells).await?;
    Ok(())
}

async fn set_home_account<D: Dialect>(
    tx: &mut D::Write,
    stored: Option<&str>,
    account: &AccountId,
) -> Result<(), StoreError> {
    if let Some(stored) = stored.filter(|stored| *stored != account.as_str()) {
        return Err(StoreError::Refused(format!(
            "the home account is {stored} since the database was made; it is not changed to {account}"
        )));
    }
    tx.execute(portable::SET_HOME_ACCOUNT.into(), args![account.as_str()])
        .await?;
    Ok(())
}

/// Two holders of a name. What was linked by hand was the one before; what stands in
/// `user_principals` follows with the next call.
async fn succeed<D: Dialect>(
    tx: &mut D::Write,
    succession: &Succession,
    now: i64,
) -> Result<(), StoreError> {
    let Succession {
        principal,
        before,
        after,
    } = succession;
    for holder in [before, after] {
        let cells = rules::write_holder(principal, holder);
        tx.execute(portable::SET_HOLDER.into(), cells).await?;
    }
    let key = Vec::from(rules::principal_key(principal));
    tx.execute(portable::UNLINK.into(), key).await?;
    let message = succession.message(Timestamp::from_microsecond(now).unwrap_or(after.since));
    mail::add::<D>(tx, &message, now).await
}

/// Whoever bears the name now is that user, if several bore it.
async fn confirm<D: Dialect>(
    tx: &mut D::Write,
    principal: &Principal,
    user: &UserId,
) -> Result<(), StoreError> {
    let key = || Vec::from(rules::principal_key(principal));
    let Some(mut row) = tx.one(portable::NEWEST_HOLDER.into(), key()).await? else {
        return Ok(());
    };
    let newest = row.text("principal_holders.stable_id")?;
    let mut cells = args![user.as_str()];
    cells.extend(key());
    cells.push((&newest).into());
    tx.execute(portable::CONFIRM_HOLDER.into(), cells)
        .await
        .map(|_| ())
}

async fn clock<D: Dialect>(tx: &mut D::Write) -> Result<i64, StoreError> {
    let mut row = head_of(tx.one(D::SQL.server.into(), Vec::new()).await?)?;
    let _engine = row.text("server")?;
    row.int("clock")
}

/// Makes those that are spoken of and missing, and locks all of them, by id. Who loses a principal
/// to another user is spoken of too.
async fn make_users<D: Dialect>(
    tx: &mut D::Write,
    changes: &[RuleChange],
    now: i64,
) -> Result<Vec<UserId>, StoreError> {
    let mut spoken_of: BTreeMap<UserId, Person> = BTreeMap::new();
    for change in changes {
        match change {
            RuleChange::SetPerson(user, person) => {
                spoken_of.insert(user.clone(), person.clone());
            }
            RuleChange::Link(principal, user) => {
                spoken_of.entry(user.clone()).or_default();
                let key = Vec::from(rules::principal_key(principal));
                if let Some(mut row) = tx.one(portable::OWNER.into(), key).await? {
                    spoken_of
                        .entry(row.id("user_principals.user_id")?)
                        .or_default();
                }
            }
            RuleChange::Introduce(_, user) => _ = spoken_of.entry(user.clone()).or_default(),
            RuleChange::Succeed(Succession { before, after, .. }, _) => {
                for holder in [before, after] {
                    spoken_of.entry(holder.user.clone()).or_default();
                }
            }
            _ => {}
        }
    }
    for (user, person) in &spoken_of {
        make_user::<D>(tx, user, person, now).await?;
    }
    Ok(spoken_of.into_keys().collect())
}

/// Notes who owns teams, by name; makes those that are missing.
async fn own_teams<D: Dialect>(
    tx: &mut D::Write,
    changes: &[RuleChange],
    now: i64,
) -> Result<(), StoreError> {
    let owned = changes.iter().filter_map(|change| match change {
        RuleChange::SetTeamOwner(team, owner) => Some((team, owner)),
        _ => None,
    });
    for (team, owner) in owned.collect::<BTreeMap<_, _>>() {
        let cells = args![team.as_str(), now, now];
        tx.execute(D::SQL.team_if_missing.into(), cells).await?;
        let cells = args![owner.as_deref(), team.as_str()];
        tx.execute(portable::SET_TEAM_OWNER.into(), cells).await?;
    }
    Ok(())
}

async fn make_user<D: Dialect>(
    tx: &mut D::Write,
    user: &UserId,
    person: &Person,
    now: i64,
) -> Result<(), StoreError> {
    let Person {
        team,
        person: name,
        email,
        language,
        class,
    } = person;
    let human = name.is_some() || email.is_some();
    let class = class.unwrap_or(if human {
        UserClass::Human
    } else {
        UserClass::Workload
    });
    tx.execute(
        D::SQL.user_if_missing.into(),
        args![
            user.as_str(),
            team.as_ref()
                .map_or("unassigned", weir_core::ids::TeamId::as_str),
            name.as_deref(),
            email.as_deref(),
            language.as_deref(),
            class.as_str(),
            now,
            now,
        ],
    )
    .await
    .map(|_| ())
}

async fn set_quota<D: Dialect>(
    tx: &mut D::Write,
    quota: &Quota,
    now: i64,
) -> Result<(), StoreError> {
    if !is_governed::<D>(tx, &quota.scope).await? {
        fill::<D>(tx, &quota.scope).await?;
    }
    let key = || rules::quota_key(&quota.scope, quota.metric, quota.window);
    tx.execute(portable::DROP_ADDITIONS.into(), key()).await?;
    tx.execute(portable::SET_QUOTA.into(), rules::write_quota(quota, now))
        .await?;
    for (place, addition) in (0_i64..).zip(&quota.additions) {
        let Addition {
            amount,
            until,
            inherited,
        } = addition;
        let mut cells = key();
        cells.extend(args![place, *amount, *until, *inherited]);
        tx.execute(portable::ADD_ADDITION.into(), cells).await?;
    }
    let limit = match quota.limit {
        Limit::Of(limit) if !quota.is_raise() => Some(limit),
        Limit::Of(_) | Limit::Unlimited => None,
    };
    mirror::<D>(tx, &quota.scope, quota.metric, quota.window, limit).await
}

async fn unset_quota<D: Dialect>(
    tx: &mut D::Write,
    scope: &Scope,
    metric: Metric,
    window: WindowKind,
) -> Result<(), StoreError> {
    let key = || rules::quota_key(scope, metric, window);
    tx.execute(portable::DROP_ADDITIONS.into(), key()).await?;
    tx.execute(portable::UNSET_QUOTA.into(), key()).await?;
    if !is_governed::<D>(tx, scope).await? {
        drop_parts::<D>(tx, scope).await?;
    }
    mirror::<D>(tx, scope, metric, window, None).await
}

async fn is_governed<D: Dialect>(tx: &mut D::Write, scope: &Scope) -> Result<bool, StoreError> {
    let row = tx
        .one(
            portable::QUOTAS_OF_SCOPE.into(),
            args![scope.kind(), scope.name()],
        )
        .await?;
    Ok(head_of(row)?.int("quotas")? > 0)
}

/// Counters of a tool or model that nothing governs are not kept.
async fn drop_parts<D: Dialect>(tx: &mut D::Write, scope: &Scope) -> Result<(), StoreError> {
    if matches!(scope, Scope::Tool(_) | Scope::Model(_)) {
        tx.execute(
            portable::DROP_PARTS.into(),
            args![scope.kind(), scope.name()],
        )
        .await?;
    }
    Ok(())
}

/// Fills the counters of a tool or model from the hourly table, for all windows on file.
async fn fill<D: Dialect>(tx: &mut D::Write, scope: &Scope) -> Result<(), StoreError> {
    let sql = match scope {
        Scope::Tool(_) => portable::FILL_TOOL,
        Scope::Model(_) => portable::FILL_MODEL,
        _ => return Ok(()),
    };
    drop_parts::<D>(tx, scope).await?;
    for (kind, length) in WINDOWS {
        tx.execute(sql.into(), args![kind.as_str(), length, scope.name()])
            .await?;
    }
    Ok(())
}

async fn mirror<D: Dialect>(
    tx: &mut D::Write,
    scope: &Scope,
    metric: Metric,
    window: WindowKind,
    limit: Option<i64>,
) -> Result<(), StoreError> {
    let sql = match (scope, metric, window) {
        (Scope::User(_), Metric::Requests, WindowKind::Day) => portable::MIRROR_DAILY,
        (Scope::User(_), Metric::Requests, WindowKind::Month) => portable::MIRROR_MONTHLY,
        _ => return Ok(()),
    };
    tx.execute(sql.into(), args![limit, scope.name()])
        .await
        .map(|_| ())
}
