//! Stories about what becomes a user's by a link.

use weir_core::calendar::WindowKind::{Day, Hour};
use weir_core::quota::Action::Block;
use weir_core::quota::Metric::Requests;

use super::super::cast::Model::{Acme, GlobalHaiku};
use super::super::cast::Team::Sap;
use super::super::cast::Tool::Cline;
use super::super::cast::Who::{Ana, Bot, Carl};
use super::super::op::Op::{self, BlockUser, Deliver, Link, Rest, SetPrice, SetQuota, UnblockUser};
use super::super::op::Part::{Api, Log};
use super::super::op::Scope::{Defaults, Team as Members, Tool};
use super::super::op::{Call, People, Rec, Setup, Story};
use super::{CALL, SATURDAY, story};

pub(super) fn replay_after_link() -> Story {
    let call = Call {
        by: Bot,
        model: Acme,
        ..CALL
    };
    story(
        SATURDAY,
        vec![
            Deliver(vec![
                Rec { part: Log, call },
                Rec {
                    part: Log,
                    call: Call { id: 2, ..CALL },
                },
            ]),
            Link(Bot, Ana),
            Op::Replay(0),
            Rest,
        ],
    )
}

pub(super) fn linked_session() -> Story {
    let api = |id, by| Rec {
        part: Api,
        call: Call { id, by, ..CALL },
    };
    story(
        SATURDAY,
        vec![
            SetQuota(Defaults, Requests, Day, 3, Block),
            Deliver(vec![api(1, Ana), api(2, Ana), api(3, Ana)]),
            Link(Carl, Ana),
            Deliver(vec![api(4, Carl)]),
            Rest,
        ],
    )
}

pub(super) fn late_price_after_link() -> Story {
    let carl = Call {
        id: 2,
        by: Carl,
        ago: 7,
        model: Acme,
        ..CALL
    };
    story(
        SATURDAY,
        vec![
            Deliver(vec![
                Rec {
                    part: Api,
                    call: CALL,
                },
                Rec {
                    part: Log,
                    call: carl,
                },
            ]),
            Link(Carl, Ana),
            SetPrice(Acme, 29, 2_000),
            BlockUser(Ana, Some(24)),
            Rest,
        ],
    )
}

pub(super) fn keys_of_two_users() -> Story {
    let bot = Call {
        by: Bot,
        model: GlobalHaiku,
        ..CALL
    };
    let cline = Call {
        id: 2,
        tool: Cline,
        ..CALL
    };
    story(
        SATURDAY,
        vec![
            Deliver(vec![
                Rec {
                    part: Api,
                    call: bot,
                },
                Rec {
                    part: Api,
                    call: Call { id: 3, ..CALL },
                },
            ]),
            SetQuota(Tool(Cline), Requests, Hour, 1, Block),
            Link(Bot, Ana),
            Deliver(vec![Rec {
                part: Api,
                call: cline,
            }]),
            UnblockUser(Ana, Some(720)),
            Rest,
        ],
    )
}

/// Counted for the bot, whose team is another; its second record comes when the bot is Ana's.
pub(super) fn record_after_link() -> Story {
    let of_bot = |part| {
        let call = Call {
            id: 2,
            by: Bot,
            ..CALL
        };
        Deliver(vec![Rec { part, call }])
    };
    story(
        Setup {
            people: People::Scp,
            ..SATURDAY
        },
        vec![
            Deliver(vec![Rec {
                part: Api,
                call: Call { ago: 3, ..CALL },
            }]),
            SetQuota(Members(Sap), Requests, Day, 0, Block),
            of_bot(Log),
            Link(Bot, Ana),
            of_bot(Api),
            Rest,
        ],
    )
}
