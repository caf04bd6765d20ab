//! The breaker counts users who lose access, each once (rules Q10).

use super::*;
use crate::block::Force;

/// At most so many may be blocked.
fn at_most(most: u32, quotas: Vec<Quota>) -> Rulebook {
    rules_with(quotas, |settings| {
        settings.enforcement.mode = Some(Mode::Iam);
        settings.enforcement.max_new_blocks = Some(most);
    })
}

fn monthly(scope: &str, limit: i64) -> Quota {
    let (metric, window) = (Metric::Requests, WindowKind::Month);
    quota(scope, metric, window, limit, Action::Block)
}

/// Somebody with three calls.
fn somebody(name: &str) -> Standing {
    Standing {
        user: name.into(),
        principals: vec![principal(PrincipalKind::IamUser, name, None)],
        usage: usage(&CounterScope::User(name.into())),
        ..ana()
    }
}

fn usage(scope: &CounterScope) -> Vec<Usage> {
    let sums = Sums {
        requests: 3,
        ..Sums::default()
    };
    let kinds = WindowKind::ALL;
    kinds.map(|kind| used(scope.clone(), kind, sums)).to_vec()
}

/// A team of four with three calls.
fn sap(blocks: &[Block]) -> GroupStanding {
    GroupStanding {
        team: Some("sap".into()),
        usage: usage(&CounterScope::Team("sap".into())),
        young: None,
        blocks: blocks.to_vec(),
        warned: [].into(),
        members: 4,
    }
}

fn all(users: Vec<Standing>, groups: Vec<GroupStanding>, recent: u32, rules: &Rulebook) -> Plan {
    let situation = Situation {
        users,
        groups,
        breaker: Breaker { recent, active: 3 },
        ..Situation::default()
    };
    decide(&situation, context(rules, NOON))
}

fn users(users: Vec<Standing>, recent: u32, rules: &Rulebook) -> Plan {
    all(users, vec![], recent, rules)
}

/// What begins: whom it denies what over which window, and whether it is held.
fn begun(plan: &Plan) -> Vec<String> {
    let of = |block: &Block| {
        let window = block.window().map(|window| window.kind().as_str());
        let whom = match &block.denies {
            Denies::User(user) => user.to_string(),
            Denies::Team(team) => format!("team {team}"),
            Denies::Tool(user, tool) => format!("{user} {tool}"),
            Denies::Model(user, model) => format!("{user} {model}"),
        };
        let held = if block.is_held() { " held" } else { "" };
        format!("{whom} {}{held}", window.unwrap_or("by hand"))
    };
    plan.opened.iter().map(of).collect()
}

#[test]
fn what_would_block_many_is_held() {
    let rules = at_most(2, vec![daily("defaults", 3)]);
    let plan = users(["a", "b", "c"].map(somebody).to_vec(), 1, &rules);
    assert_eq!(begun(&plan), ["a day", "b day held", "c day held"]);
    let targets = plan.access.iter().map(|a| a.member.target.id.as_str());
    let denied: Vec<_> = targets.collect();
    assert_eq!(denied, ["a"], "what is held denies nothing");
}

#[test]
fn a_user_is_one_however_many_quotas_are_passed_at_once() {
    let rules = at_most(2, vec![daily("defaults", 3), monthly("defaults", 3)]);
    let plan = users(["a", "b", "c"].map(somebody).to_vec(), 0, &rules);
    assert_eq!(
        begun(&plan),
        [
            "a day",
            "a month",
            "b day",
            "b month",
            "c day held",
            "c month held"
        ]
    );
}

#[test]
fn whoever_is_denied_already_loses_nothing_more() {
    let quotas = vec![daily("defaults", 3), monthly("defaults", 3)];
    let first = users(vec![somebody("a")], 0, &at_most(1, quotas[..1].to_vec()));
    let denied = after(somebody("a"), &first);
    let plan = users(vec![denied, somebody("b")], 0, &at_most(1, quotas));
    assert_eq!(begun(&plan), ["a month", "b day", "b month"]);
}

#[test]
fn whoever_lost_a_tool_may_still_lose_everything() {
    let tool = CounterScope::Tool("a".into(), "cline".into());
    let mut standing = somebody("a");
    standing.usage.extend(usage(&tool));
    let quotas = vec![
        daily("tool:cline", 3),
        monthly("tool:cline", 3),
        daily("defaults", 3),
    ];
    let first = users(vec![standing.clone()], 0, &at_most(1, quotas[..1].to_vec()));
    assert_eq!(begun(&first), ["a cline day"]);
    let standing = after(standing, &first);
    let plan = users(vec![standing], 1, &at_most(1, quotas));
    assert_eq!(begun(&plan), ["a day held", "a cline month"]);
}

#[test]
fn a_team_is_its_members_once() {
    let rules = at_most(4, vec![daily("team:sap", 3), monthly("team:sap", 3)]);
    let plan = all(vec![], vec![sap(&[])], 0, &rules);
    assert_eq!(begun(&plan), ["team sap day", "team sap month"]);
    let plan = all(vec![], vec![sap(&[])], 1, &rules);
    assert_eq!(begun(&plan), ["team sap day held", "team sap month held"]);
}

#[test]
fn a_team_that_is_denied_already_loses_nothing_more() {
    let quotas = vec![daily("team:sap", 3), monthly("team:sap", 3)];
    let first = all(vec![], vec![sap(&[])], 0, &at_most(4, quotas[..1].to_vec()));
    let rules = at_most(4, quotas);
    let mut blocks = first.opened;
    let plan = all(vec![], vec![sap(&blocks)], 4, &rules);
    assert_eq!(begun(&plan), ["team sap month"]);
    blocks[0].force = Force::Held;
    let plan = all(vec![], vec![sap(&blocks)], 4, &rules);
    assert_eq!(begun(&plan), ["team sap month held"], "nobody was denied");
}

#[test]
fn the_members_of_a_team_that_is_denied_lose_nothing_more() {
    let quotas = vec![daily("team:sap", 3), daily("defaults", 3)];
    let rules = at_most(4, quotas);
    let plan = all(vec![somebody("a")], vec![sap(&[])], 0, &rules);
    assert_eq!(begun(&plan), ["team sap day", "a day"], "in the same plan");
    let member = Standing {
        team_blocks: plan.opened[..1].to_vec(),
        ..somebody("a")
    };
    let stranger = Standing {
        team: "crm".into(),
        ..somebody("b")
    };
    let plan = users(vec![member, stranger], 4, &rules);
    assert_eq!(begun(&plan), ["a day", "b day held"]);
}
