//! Stories about what people are told of their access.

use weir_core::calendar::WindowKind::{Day, Month};
use weir_core::quota::Action::Block;
use weir_core::quota::Metric::{Requests, TokensAll};

use super::super::cast::Model::{Acme, GlobalHaiku, Haiku};
use super::super::cast::Team::Sap;
use super::super::cast::Tool::Cline;
use super::super::cast::Who::{Ana, Bob, Eva, Vip};
use super::super::op::End::{Answered, Streamed, Throttled};
use super::super::op::Fault::{AnswerLost, Delayed, NoRight};
use super::super::op::Moment::ClockChange;
use super::super::op::Op::{
    self, Advance, BlockUser, Deliver, Rest, SetPrice, SetQuota, UnblockUser,
};
use super::super::op::Part::{Api, Completion, DataCopy, Log};
use super::super::op::Scope::{Defaults, Team as Members};
use super::super::op::{Call, People, Rec, Setup, Story};
use super::{CALL, MONTH, SATURDAY, story};

pub(super) fn untold_for_a_month() -> Story {
    let call = Call {
        by: Ana,
        model: GlobalHaiku,
        tool: Cline,
        input: 999,
        output: 4_000,
        ..CALL
    };
    story(
        Setup {
            start: "2026-01-31T21:45:00Z",
            max_new_blocks: 1,
            settle_after: 15,
            batch: 2,
            people: People::Nobody,
        },
        vec![
            SetQuota(Defaults, TokensAll, Day, 500, Block),
            Deliver(vec![Rec { part: Log, call }]),
            Op::Fault(NoRight),
            UnblockUser(Ana, Some(720)),
            Advance(MONTH),
            Rest,
        ],
    )
}

pub(super) fn told_in_the_place_of_another() -> Story {
    let of = |by, part, id, ago, model, (input, output), end| {
        let call = Call {
            by,
            id,
            ago,
            model,
            input,
            output,
            end,
            tool: Cline,
        };
        Deliver(vec![Rec { part, call }])
    };
    let calls = |part, id, ago, tokens| of(Ana, part, id, ago, Haiku, tokens, Answered);
    story(
        Setup {
            start: "2026-03-28T21:30:00Z",
            people: People::Policy,
            ..SATURDAY
        },
        vec![
            SetQuota(Defaults, Requests, Month, 5, Block),
            Advance(60),
            of(Ana, Log, 8, 425, Acme, (999, 50), Answered),
            calls(Api, 12, 0, (999, 1)),
            of(Ana, Api, 17, 10, Acme, (7, 333), Streamed),
            Op::Fault(AnswerLost),
            calls(Log, 27, 10_080, (20_000, 1)),
            Op::CrashAt(6),
            of(Ana, Api, 33, 10_080, Haiku, (0, 4_000), Streamed),
            Advance(115),
            BlockUser(Ana, Some(1)),
            Advance(35),
            of(Bob, Log, 38, 1_117, Haiku, (999, 1), Streamed),
            Op::JumpBefore(ClockChange),
            calls(Api, 53, 1_432, (7, 1)),
            Rest,
        ],
    )
}

/// A process dies when her return was dropped for the loss that followed, which ends before it was told.
pub(super) fn another_came_and_went() -> Story {
    let rec = |part, id, by, ago, end| Rec {
        part,
        call: Call {
            id,
            by,
            ago,
            end,
            ..CALL
        },
    };
    story(
        Setup {
            start: "2026-01-31T21:45:00Z",
            people: People::Scp,
            ..SATURDAY
        },
        vec![
            SetQuota(Members(Sap), Requests, Day, 0, Block),
            Deliver(vec![rec(Api, 30, Ana, -6, Throttled)]),
            Op::Fault(Delayed),
            Advance(MONTH),
            Op::CrashAt(22),
            Deliver(vec![
                rec(DataCopy, 1, Vip, -6, Streamed),
                rec(Completion, 38, Eva, 3, Streamed),
                rec(Api, 39, Ana, 10, Streamed),
            ]),
            SetPrice(Acme, 19, 1),
            SetQuota(Members(Sap), Requests, Day, 3, Block),
            Rest,
        ],
    )
}
