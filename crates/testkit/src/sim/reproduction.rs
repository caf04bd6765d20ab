//! Stories that once failed, kept by hand: each is played by a test. The simulator prints new ones in
//! this form.

mod links;
mod telling;

use weir_core::calendar::WindowKind::{Day, Hour, Month};
use weir_core::quota::Action::{Block, Notify};
use weir_core::quota::Metric::{Requests, Tokens};

use super::cast::Model::{Acme, GlobalHaiku, Haiku};
use super::cast::Team::{Crm, Sap};
use super::cast::Tool::{Boto, Cline};
use super::cast::Who::{Ana, Bob, Carl, Ci, Dan};
use super::op::End::{Answered, Denied, Streamed, Throttled};
use super::op::Nth::First;
use super::op::Op::{
    self, Advance, BlockUser, Confirm, Deliver, Link, MakeAgain, Protect, Raise, Rest, SetPrice,
    SetQuota, SetTeam, SetTeamSince, Tick,
};
use super::op::Part::{Api, Completion, DataCopy, Log};
use super::op::Scope::{Defaults, Team as Members, Tool, User};
use super::op::{Call, People, Rec, Setup, Story};

/// A story that once failed, and why.
pub type Reproduction = (&'static str, fn() -> Story);

/// All of them.
pub const ALL: &[Reproduction] = &[
    (
        "a copy that comes when the client facts have left changes nothing",
        copy_after_retention,
    ),
    (
        "a session keeps its denial when its role id becomes known",
        role_id_becomes_known,
    ),
    (
        "a price that comes late moves nobody to another team",
        late_price,
    ),
    (
        "a record that comes again moves nobody to another user",
        links::replay_after_link,
    ),
    (
        "a person stays one when a session becomes part of her",
        links::linked_session,
    ),
    (
        "whoever is in another team by a call of what was linked to her is decided about",
        links::record_after_link,
    ),
    (
        "whoever is made again inherits neither usage nor blocks",
        made_again,
    ),
    (
        "a late call of whoever bore the name before has nothing of who bears it now",
        call_of_the_one_before,
    ),
    (
        "a block of the team reaches nobody whose name another bears",
        name_of_another,
    ),
    (
        "a record that comes late moves nobody to the team of today",
        late_record,
    ),
    (
        "what is said of the past is done though half of it is interrupted",
        interrupted_past,
    ),
    ("a raise ends by itself", raise_ends),
    (
        "whoever is protected and over is told once, whatever the limit becomes",
        told_once,
    ),
    (
        "the keys of a user with two IAM users come back",
        links::keys_of_two_users,
    ),
    (
        "a limit of nothing tells nothing anew in every window",
        nothing_is_no_news,
    ),
    (
        "a late price gives no principal back to its old user",
        links::late_price_after_link,
    ),
    (
        "a limit of nothing denies nobody whom the log alone names",
        named_by_the_log_alone,
    ),
    (
        "a limit of nothing denies a session once a call proves it",
        proved_by_a_call,
    ),
    (
        "keys that AWS has no more are not asked for at every decision",
        keys_that_went,
    ),
    (
        "a call of the first of a user's IAM users leaves her team as it is",
        first_of_three,
    ),
    (
        "what could not be told for a month is told all the same",
        telling::untold_for_a_month,
    ),
    (
        "what was told in the place of another is told in its order",
        telling::told_in_the_place_of_another,
    ),
    (
        "whoever was told of a block is told of its end, though another came and went between",
        telling::another_came_and_went,
    ),
    (
        "a block whose Deny is asked for anew was first felt after that",
        felt_anew,
    ),
];

/// Minutes in which nothing of ours runs.
const MONTH: i64 = 31 * 24 * 60;

fn story(setup: Setup, ops: Vec<Op>) -> Story {
    Story { setup, ops }
}

const SATURDAY: Setup = Setup {
    start: "2026-03-28T21:30:00Z",
    max_new_blocks: 1_000,
    settle_after: 15,
    batch: 500,
    people: People::Nobody,
};

const CALL: Call = Call {
    id: 1,
    by: Ana,
    ago: 0,
    model: Haiku,
    tool: Boto,
    input: 100,
    output: 50,
    end: Answered,
};

fn role_id_becomes_known() -> Story {
    let call = Call {
        by: Carl,
        ago: 10,
        end: Streamed,
        ..CALL
    };
    story(
        SATURDAY,
        vec![
            Deliver(vec![Rec { part: Log, call }]),
            BlockUser(Carl, None),
            Deliver(vec![Rec { part: Api, call }]),
            Rest,
        ],
    )
}

fn late_price() -> Story {
    let call = Call {
        by: Dan,
        ago: 3,
        model: Acme,
        ..CALL
    };
    story(
        SATURDAY,
        vec![
            Deliver(vec![Rec {
                part: DataCopy,
                call,
            }]),
            SetTeam(Dan, Crm),
            SetPrice(Acme, 18, 1),
            Rest,
        ],
    )
}

fn made_again() -> Story {
    let api = |id| Rec {
        part: Api,
        call: Call { id, ..CALL },
    };
    let late = Call {
        id: 9,
        ago: 30,
        ..CALL
    };
    story(
        SATURDAY,
        vec![
            SetQuota(User(Ana), Requests, Day, 2, Block),
            Deliver(vec![api(1), api(2)]),
            MakeAgain(Ana),
            Advance(20),
            Deliver(vec![api(3), api(4), api(5)]),
            Rest,
            Deliver(vec![Rec {
                part: Log,
                call: late,
            }]),
            Confirm(Ana),
            Deliver(vec![api(6)]),
            Rest,
        ],
    )
}

fn name_of_another() -> Story {
    let first = Call {
        ago: 5,
        end: Throttled,
        ..CALL
    };
    story(
        SATURDAY,
        vec![
            SetQuota(Members(Sap), Requests, Hour, 1, Block),
            Deliver(vec![Rec {
                part: Api,
                call: first,
            }]),
            MakeAgain(Ana),
            Advance(150),
            Deliver(vec![Rec {
                part: Api,
                call: Call { id: 2, ..CALL },
            }]),
            Rest,
        ],
    )
}

/// A late call of who bore the name before tells that there was somebody: AWS knows only of the other.
fn call_of_the_one_before() -> Story {
    let late = Call {
        id: 2,
        ago: 2_560,
        ..CALL
    };
    story(
        SATURDAY,
        vec![
            MakeAgain(Ana),
            Advance(60),
            Deliver(vec![Rec {
                part: Api,
                call: CALL,
            }]),
            Op::CrashAt(10),
            Deliver(vec![Rec {
                part: Api,
                call: late,
            }]),
            Rest,
        ],
    )
}

fn late_record() -> Story {
    let call = Call { by: Carl, ..CALL };
    story(
        SATURDAY,
        vec![
            Deliver(vec![
                Rec {
                    part: Api,
                    call: Call { id: 2, ..CALL },
                },
                Rec { part: Api, call },
            ]),
            SetTeam(Carl, Crm),
            Link(Carl, Ana),
            Deliver(vec![Rec { part: Log, call }]),
            Rest,
        ],
    )
}

fn interrupted_past() -> Story {
    let setup = Setup {
        batch: 2,
        ..SATURDAY
    };
    let api = |id, ago| Rec {
        part: Api,
        call: Call { id, ago, ..CALL },
    };
    story(
        setup,
        vec![
            SetQuota(Members(Crm), Requests, Day, 4, Block),
            Deliver((1..=7).map(|id| api(id, i64::from(id))).collect()),
            Op::CrashAt(13),
            SetTeamSince(Ana, Crm, 1),
            Rest,
        ],
    )
}

fn raise_ends() -> Story {
    let calls = |ids: [u32; 2]| {
        Deliver(
            ids.map(|id| Rec {
                part: Api,
                call: Call { id, ..CALL },
            })
            .to_vec(),
        )
    };
    story(
        SATURDAY,
        vec![
            SetQuota(User(Ana), Requests, Day, 3, Block),
            calls([1, 2]),
            Raise(Ana, Requests, Day, 3, 10),
            calls([3, 4]),
            Rest,
            Advance(11),
            Tick(First),
            Rest,
        ],
    )
}

fn told_once() -> Story {
    let setup = Setup {
        start: "2026-10-25T00:20:00Z",
        ..SATURDAY
    };
    let much = Call {
        ago: 4,
        model: Acme,
        input: 20_000,
        output: 333,
        end: Streamed,
        ..CALL
    };
    let refused = Call {
        id: 2,
        end: Throttled,
        ..CALL
    };
    story(
        setup,
        vec![
            SetQuota(User(Ana), Tokens, Day, 500, Block),
            Deliver(vec![Rec {
                part: Completion,
                call: much,
            }]),
            Protect(Ana, 720, None),
            Raise(Ana, Tokens, Day, 1, 10),
            Advance(31),
            Deliver(vec![Rec {
                part: Api,
                call: refused,
            }]),
            Rest,
        ],
    )
}

fn nothing_is_no_news() -> Story {
    story(
        SATURDAY,
        vec![
            Deliver(vec![Rec {
                part: Api,
                call: CALL,
            }]),
            SetQuota(User(Ana), Requests, Hour, 0, Notify),
            Advance(1_440),
            Rest,
        ],
    )
}

/// The log says `role/ci`; that it was Dan, only CloudTrail knows.
fn named_by_the_log_alone() -> Story {
    let call = Call { by: Dan, ..CALL };
    story(
        SATURDAY,
        vec![
            SetQuota(User(Ci), Requests, Day, 0, Block),
            Deliver(vec![Rec { part: Log, call }]),
            Rest,
            Deliver(vec![Rec { part: Api, call }]),
            Rest,
            SetQuota(User(Ci), Requests, Hour, 0, Block),
            Rest,
        ],
    )
}

fn proved_by_a_call() -> Story {
    let call = Call { by: Carl, ..CALL };
    story(
        SATURDAY,
        vec![
            Deliver(vec![Rec { part: Log, call }]),
            SetQuota(User(Carl), Requests, Day, 0, Block),
            Rest,
            Deliver(vec![Rec { part: Api, call }]),
            Rest,
        ],
    )
}

/// Her keys went with her old IAM user; a new day blocks the tool.
fn keys_that_went() -> Story {
    let setup = Setup {
        start: "2026-01-31T21:45:00Z",
        settle_after: 0,
        people: People::Policy,
        ..SATURDAY
    };
    story(
        setup,
        vec![
            SetQuota(Tool(Cline), Requests, Day, 0, Block),
            Deliver(vec![Rec {
                part: Log,
                call: CALL,
            }]),
            Advance(25),
            MakeAgain(Ana),
            Advance(60),
            Rest,
        ],
    )
}

/// She is made again and confirmed, and again: a call of her first IAM user is hers, with what is known of her.
fn first_of_three() -> Story {
    let denied = |id, ago| Rec {
        part: Api,
        call: Call {
            id,
            ago,
            end: Denied,
            ..CALL
        },
    };
    story(
        SATURDAY,
        vec![
            Deliver(vec![denied(1, 2)]),
            MakeAgain(Ana),
            Advance(360),
            Deliver(vec![denied(2, 9)]),
            Confirm(Ana),
            MakeAgain(Ana),
            Advance(90),
            Deliver(vec![denied(3, 2_814), denied(4, 2)]),
            Rest,
        ],
    )
}

fn copy_after_retention() -> Story {
    let copy = |part| {
        let call = Call {
            model: Acme,
            ..CALL
        };
        Deliver(vec![Rec { part, call }])
    };
    story(
        SATURDAY,
        vec![
            copy(DataCopy),
            SetPrice(Acme, 5, 2_000),
            SetPrice(Acme, 4, 2_000),
            Advance(31 * 24 * 60),
            Tick(First),
            copy(Api),
            Rest,
        ],
    )
}

/// Made again and confirmed while blocked: what the IAM user of before felt is not of the Deny of now.
fn felt_anew() -> Story {
    let rec = |part, id, ago, model, (input, output), end| {
        let call = Call {
            id,
            by: Bob,
            ago,
            model,
            input,
            output,
            end,
            ..CALL
        };
        Rec { part, call }
    };
    let cline = |rec: Rec| Rec {
        call: Call {
            tool: Cline,
            ..rec.call
        },
        ..rec
    };
    story(
        Setup {
            start: "2026-03-29T00:40:00Z",
            settle_after: 15,
            batch: 2,
            people: People::Scp,
            ..SATURDAY
        },
        vec![
            SetQuota(Defaults, Requests, Month, 3, Block),
            Deliver(vec![rec(Log, 2, 12, GlobalHaiku, (999, 333), Streamed)]),
            Deliver(vec![
                rec(Log, 3, 3, Acme, (20_000, 333), Answered),
                rec(Log, 4, 1, Acme, (100, 1), Answered),
            ]),
            Advance(8),
            Deliver(vec![rec(Api, 9, 5, Haiku, (999, 4_000), Denied)]),
            MakeAgain(Bob),
            Advance(30),
            Deliver(vec![cline(rec(
                Api,
                41,
                3,
                GlobalHaiku,
                (100, 4_000),
                Answered,
            ))]),
            Confirm(Bob),
            Rest,
        ],
    )
}
