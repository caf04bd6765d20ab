//! Stories out of a seed.

use weir_core::calendar::WindowKind;
use weir_core::quota::{Action, Metric};

use super::cast::{Model, Team, Tool, Who};
use super::op::{Call, End, Fault, Moment, Nth, Op, Part, People, Rec, Scope, Setup, Story};
use super::rng::Rng;

/// Instants shortly before something that clocks find difficult, and ordinary ones.
const STARTS: [&str; 8] = [
    "2026-03-28T21:30:00Z", // the evening before the 23-hour day
    "2026-10-24T20:10:00Z", // the evening before the 25-hour day
    "2026-01-31T21:45:00Z", // the end of a month
    "2026-12-31T20:00:00Z", // the end of a year
    "2026-11-20T09:00:00Z",
    "2026-06-15T05:59:30Z",
    "2026-03-29T00:40:00Z", // minutes before the clock jumps
    "2026-10-25T00:20:00Z", // the hour that comes twice
];

/// The story of a seed: so many operations, and a rest at the end.
pub fn story(seed: u64, ops: usize) -> Story {
    let mut make = Maker {
        rng: Rng::of(seed),
        next: 1,
        open: Vec::new(),
        makes_again: false,
        // Not drawn: the rest of a story is the same whoever can be denied in it.
        people: [People::Nobody, People::Policy, People::Scp]
            [usize::try_from(seed % 3).unwrap_or(0)],
    };
    let setup = Setup {
        start: make.rng.pick(&STARTS),
        max_new_blocks: make.rng.pick(&[1_000, 1_000, 1_000, 1]),
        settle_after: make.rng.pick(&[15, 15, 0]),
        batch: make.rng.pick(&[500, 500, 2]),
        people: make.people,
    };
    make.makes_again = make.rng.once_in(3);
    let mut list = Vec::new();
    for _ in 0..make.rng.between(1, 3) {
        list.push(make.quota());
    }
    while list.len() < ops {
        make.some(&mut list);
    }
    retain(seed, &mut list);
    list.push(Op::Rest);
    Story { setup, ops: list }
}

/// Retention at a few moments between the others, some of which are after a crash was planned. From numbers of
/// their own, so that the rest of the story of a seed stays what it was.
fn retain(seed: u64, list: &mut Vec<Op>) {
    let mut rng = Rng::of(!seed);
    for _ in 0..rng.below(4) {
        let at = rng.below(list.len() as u64 + 1);
        let at = usize::try_from(at).unwrap_or(0);
        if rng.once_in(3) {
            list.insert(at, Op::CrashAt(rng.pick(&[6, 7, 8, 9, 11])));
        }
        let at = (at + 1).min(list.len());
        list.insert(at, Op::Retain);
    }
}

struct Maker {
    rng: Rng,
    next: u32,
    /// Calls of which records are still on their way.
    open: Vec<(Call, Vec<Part>)>,
    /// Users and roles are deleted and made again; in the other stories principals are linked. (What is
    /// last known of a user of several principals depends on who called last.)
    makes_again: bool,
    /// How people of Identity Center are denied.
    people: People,
}

impl Maker {
    fn some(&mut self, list: &mut Vec<Op>) {
        match self.rng.below(100) {
            0..40 => list.push(self.deliver()),
            40..43 => list.push(Op::Replay(self.small(6))),
            43..54 => list.push(Op::Advance(self.rng.between(1, 40))),
            54..58 => list.push(Op::Advance(
                self.rng.pick(&[60, 90, 360, 1_440, 2_900, 44_640]),
            )),
            58..62 => {
                let moments = [
                    Moment::FullHour,
                    Moment::Midnight,
                    Moment::MonthEnd,
                    Moment::ClockChange,
                ];
                list.push(Op::JumpBefore(self.rng.pick(&moments)));
                list.push(self.deliver());
                list.push(Op::Advance(self.rng.between(1, 130)));
            }
            62..72 => list.push(self.command()),
            72..79 => list.push(self.rule()),
            79..84 => list.push(Op::Tick(self.nth())),
            84..86 => list.push(Op::TickTogether(self.rng.pick(&[0, 1, 2, 5, 9]))),
            86..90 => {
                list.push(Op::Fault(self.fault()));
                list.push(if self.rng.once_in(2) {
                    self.deliver()
                } else {
                    self.command()
                });
            }
            90..93 => {
                list.push(Op::CrashAt(
                    self.rng.pick(&[1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 22]),
                ));
                list.push(if self.rng.once_in(3) {
                    self.command()
                } else {
                    self.deliver()
                });
            }
            93 if self.people == People::Scp => list.push(Op::TheirStatement),
            93..95 => list.push(Op::Land),
            95 => list.push(Op::DriftMissing(self.rng.pick(&Who::ALL))),
            96 => list.push(Op::DriftLeft(self.rng.pick(&Who::ALL))),
            97 => list.push(Op::Restart(self.nth())),
            _ => list.push(Op::Rest),
        }
    }

    /// Who most of a story is about: where people share a document, also those in it.
    fn favourite(&mut self) -> Who {
        if self.people == People::Nobody {
            return Who::Ana;
        }
        self.rng.pick(&[Who::Ana, Who::Maria, Who::Nora])
    }

    fn nth(&mut self) -> Nth {
        self.rng.pick(&[Nth::First, Nth::Second])
    }

    fn small(&mut self, n: u64) -> usize {
        usize::try_from(self.rng.below(n)).unwrap_or(0)
    }

    fn fault(&mut self) -> Fault {
        self.rng.pick(&[
            Fault::SlowDown,
            Fault::NoRight,
            Fault::AnswerLost,
            Fault::Stale,
            Fault::Delayed,
            Fault::Delayed,
        ])
    }

    /// Records of new calls, of calls known in part, and copies, in any order.
    fn deliver(&mut self) -> Op {
        let mut batch = Vec::new();
        for _ in 0..self.rng.between(1, 5) {
            if self.open.is_empty() || !self.rng.once_in(3) {
                self.begin_call();
            }
            let at = match self.rng.below(4) {
                0 => self.small(self.open.len() as u64),
                _ => self.open.len() - 1,
            };
            let (call, parts) = &mut self.open[at];
            let call = *call;
            let part =
                parts.remove(usize::try_from(self.rng.below(parts.len() as u64)).unwrap_or(0));
            if parts.is_empty() {
                self.open.remove(at);
            }
            batch.push(Rec { part, call });
            if self.rng.once_in(8) {
                let again = self.small(batch.len() as u64);
                batch.push(batch[again]);
            }
        }
        Op::Deliver(batch)
    }

    fn begin_call(&mut self) {
        // The few make quotas interesting, the others rules.
        let by = match self.rng.below(10) {
            0..4 => self.favourite(),
            4..6 => self.rng.pick(&[Who::Bob, Who::Eva]),
            _ => self.rng.pick(&Who::ALL),
        };
        let end = self.rng.pick(&[
            End::Answered,
            End::Answered,
            End::Answered,
            End::Streamed,
            End::Streamed,
            End::Denied,
            End::Throttled,
        ]);
        let call = Call {
            id: self.next,
            by,
            ago: match self.rng.below(12) {
                0 => self.rng.between(60, 1_500),
                1 => self.rng.between(1_400, 3_000),
                2 => self.rng.pick(&[10_080, 40_000, 50_000]),
                3 => -self.rng.between(1, 10),
                _ => self.rng.between(0, 12),
            },
            model: self
                .rng
                .pick(&[Model::Haiku, Model::Haiku, Model::GlobalHaiku, Model::Acme]),
            tool: self.rng.pick(&[Tool::Cline, Tool::Boto]),
            input: self.rng.pick(&[0, 7, 100, 999, 20_000]),
            output: self.rng.pick(&[1, 50, 333, 4_000]),
            end,
        };
        self.next += 1;
        let mut parts = match end {
            End::Answered => vec![Part::Api, Part::Log],
            End::Streamed => vec![Part::Api, Part::Completion, Part::Log],
            End::Denied | End::Throttled => vec![Part::Api],
        };
        if self.rng.once_in(4) {
            parts.push(Part::DataCopy);
        }
        // What AWS never sends is as likely as what comes late.
        if parts.len() > 1 && self.rng.once_in(4) {
            parts.remove(usize::try_from(self.rng.below(parts.len() as u64)).unwrap_or(0));
        }
        self.open.push((call, parts));
    }

    fn command(&mut self) -> Op {
        let user = if self.rng.once_in(2) {
            self.favourite()
        } else {
            self.rng.pick(&Who::ALL)
        };
        let hours = self.rng.pick(&[1, 2, 24, 24, 720]);
        let sometimes = |rng: &mut Rng| (!rng.once_in(4)).then_some(hours);
        match self.rng.below(14) {
            12 => Op::ApplyHeldTeam(self.rng.pick(&[Team::Sap, Team::Crm])),
            13 => Op::DiscardHeldTeam(self.rng.pick(&[Team::Sap, Team::Crm])),
            0..3 => Op::BlockUser(user, sometimes(&mut self.rng)),
            3..6 => Op::UnblockUser(user, sometimes(&mut self.rng)),
            6..9 => {
                let cap = self.rng.pick(&[None, None, Some(150), Some(300)]);
                Op::Protect(user, hours, cap)
            }
            9 => Op::Unprotect(user),
            10 => Op::ApplyHeld(user),
            _ => Op::DiscardHeld(user),
        }
    }

    fn scope(&mut self) -> Scope {
        match self.rng.below(12) {
            0..4 => Scope::Defaults,
            4..7 => {
                let who = self.rng.pick(&Who::ALL);
                Scope::User(if self.rng.once_in(3) {
                    who
                } else {
                    self.favourite()
                })
            }
            7 => Scope::TeamDefaults(self.rng.pick(&[Team::Sap, Team::Crm])),
            8..10 => Scope::Team(self.rng.pick(&[Team::Sap, Team::Crm])),
            10 => Scope::Tool(self.rng.pick(&[Tool::Cline, Tool::Boto])),
            _ => Scope::Model(self.rng.pick(&[Model::Haiku, Model::Acme])),
        }
    }

    fn metric(&mut self) -> Metric {
        self.rng.pick(&[
            Metric::Requests,
            Metric::Requests,
            Metric::Tokens,
            Metric::TokensAll,
            Metric::Cost,
        ])
    }

    fn window(&mut self) -> WindowKind {
        self.rng.pick(&[
            WindowKind::Hour,
            WindowKind::Day,
            WindowKind::Day,
            WindowKind::Month,
        ])
    }

    fn quota(&mut self) -> Op {
        let (scope, metric, window) = (self.scope(), self.metric(), self.window());
        let limit = match metric {
            Metric::Requests => self.rng.pick(&[0, 1, 2, 3, 3, 5, 10, 40]),
            Metric::Tokens | Metric::TokensAll => self.rng.pick(&[500, 5_000, 30_000, 100_000]),
            Metric::Cost => self.rng.pick(&[1_000_000, 25_000_000, 200_000_000]),
        };
        let action = if self.rng.once_in(6) {
            Action::Notify
        } else {
            Action::Block
        };
        Op::SetQuota(scope, metric, window, limit, action)
    }

    fn rule(&mut self) -> Op {
        let kinds = if self.makes_again { 18 } else { 14 };
        match self.rng.below(kinds) {
            0..6 => self.quota(),
            6..8 => Op::UnsetQuota(self.scope(), self.metric(), self.window()),
            8 => Op::SetUnlimited(self.rng.pick(&Who::ALL), self.metric(), self.window()),
            9 => {
                let (metric, window) = (self.metric(), self.window());
                let amount = self.rng.pick(&[1, 2, 10, 50_000_000]);
                Op::Raise(
                    Who::Ana,
                    metric,
                    window,
                    amount,
                    self.rng.pick(&[10, 120, 1_500]),
                )
            }
            10..12 => {
                let model = self.rng.pick(&[Model::Acme, Model::Acme, Model::Haiku]);
                Op::SetPrice(
                    model,
                    self.rng.between(1, 30),
                    self.rng.pick(&[0, 1, 30, 2_000]),
                )
            }
            12 => {
                let (who, team) = (
                    self.rng.pick(&Who::ALL),
                    self.rng.pick(&[Team::Sap, Team::Crm]),
                );
                if self.rng.once_in(2) {
                    Op::SetTeam(who, team)
                } else {
                    Op::SetTeamSince(who, team, self.rng.pick(&[0, 1, 2, 40]))
                }
            }
            _ if self.makes_again => {
                let who =
                    self.rng
                        .pick(&[Who::Ana, Who::Ana, Who::Bob, Who::Bot, Who::Carl, Who::Dan]);
                if self.rng.once_in(3) {
                    Op::Confirm(who)
                } else {
                    Op::MakeAgain(who)
                }
            }
            _ => Op::Link(self.rng.pick(&[Who::Carl, Who::Dan, Who::Bot]), Who::Ana),
        }
    }
}
