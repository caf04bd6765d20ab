//! The past keeps its attribution until an administrator says otherwise.

use jiff::civil::date;
use weir_core::ids::UserId;
use weir_core::rulebook::Person;
use weir_engine::{EngineError, Reattribute};
use weir_store::{GroupBy, UsageFilter};

use crate::world::{Like, World, admin, listed, names};

fn to_crm() -> Reattribute {
    Reattribute {
        user: UserId::new("ana"),
        said: Person {
            team: Some("crm".into()),
            ..Person::default()
        },
        since: date(2026, 11, 20),
    }
}

/// Three calls of ana, with which team `sap` is over its limit; one of eva, in `crm`.
async fn two_teams() -> World {
    // Chunks of two.
    let like = Like {
        batch: Some(2),
        ..Like::default()
    };
    let world = World::with(like).await;
    for (user, team, calls) in [("ana", "sap", 3), ("bob", "sap", 1), ("eva", "crm", 1)] {
        world.developer(user, team);
        world.calls(user, 0..calls).await;
    }
    for team in ["team:sap", "team:crm"] {
        world.quota(team, 4).await;
    }
    assert!(world.is_denied("ana") && world.is_denied("bob") && !world.is_denied("eva"));
    world
}

async fn requests(world: &World) -> Vec<(String, i64)> {
    let everything = UsageFilter::default();
    let rows = world.store.usage(GroupBy::Team, &everything).await;
    let rows = rows.unwrap().into_iter();
    let mut teams: Vec<_> = rows.map(|row| (row.key, row.sums.requests)).collect();
    teams.sort();
    teams
}

#[tokio::test]
async fn what_is_foreseen_of_the_past_is_what_then_happens() {
    let world = two_teams().await;
    let head = world.store.audit_head().await.unwrap();
    let foreseen = world.engine.foresee_reattribution(&to_crm()).await.unwrap();
    assert_eq!(foreseen.invocations, 3);
    let moves = &foreseen.moves[0];
    assert_eq!((moves.from.as_str(), moves.to.as_str()), ("sap", "crm"));
    assert_eq!((foreseen.moves.len(), moves.invocations), (1, 3));
    // Ana is denied before and after; her old team is released, her new one is not.
    let access = &foreseen.access;
    assert_eq!(listed(&access.released), names(&["bob"]));
    assert_eq!(listed(&access.blocked), names(&["eva"]));
    // Looking changes nothing.
    assert_eq!(world.store.audit_head().await.unwrap(), head);

    let done = world.engine.reattribute(&to_crm(), &admin()).await.unwrap();
    assert_eq!(done.changed, 3);
    assert_eq!(listed(&done.access.blocked), names(&["eva"]));
    assert_eq!(listed(&done.access.released), names(&["bob"]));
    assert_eq!(
        requests(&world).await,
        [("crm".into(), 4), ("sap".into(), 1)]
    );
    assert!(world.is_denied("ana") && !world.is_denied("bob") && world.is_denied("eva"));
    assert_eq!(
        world.store.check_totals().await.unwrap(),
        Vec::<String>::new()
    );
    let operations = world.operations("user:ana").await;
    assert_eq!(operations, ["user-set", "user-reattribute"]);
    // The same again finds everything done.
    let again = world.engine.reattribute(&to_crm(), &admin()).await.unwrap();
    assert_eq!((again.changed, again.access.blocked.len()), (0, 0));
}

#[tokio::test]
async fn the_past_ends_today_and_is_somebodys() {
    let world = two_teams().await;
    // Tomorrow has no past, and invocations are not kept for ever.
    for since in [date(2026, 11, 21), date(2020, 1, 1)] {
        let wanted = Reattribute { since, ..to_crm() };
        let refused = world.engine.reattribute(&wanted, &admin()).await;
        assert!(
            matches!(refused, Err(EngineError::Refused(_))),
            "{refused:?}"
        );
    }
    let nobody = Reattribute {
        user: UserId::new("anna"),
        ..to_crm()
    };
    let refused = world.engine.reattribute(&nobody, &admin()).await;
    assert!(matches!(refused, Err(EngineError::NoUser { .. })));
    assert_eq!(
        requests(&world).await,
        [("crm".into(), 1), ("sap".into(), 4)]
    );
}
