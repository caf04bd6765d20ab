//! Facts of digests and summaries: what days, weeks and months came to.

use minijinja::Value;
use weir_core::message::{News, Spent, TeamSummary, WouldBlock};
use weir_core::money::Usd;

use super::{Facts, Sayer, clean, cleaned, maybe};
use crate::notify::language::Language;

impl Sayer<'_> {
    pub(super) fn days(&self, news: &News, facts: &mut Facts) {
        match news {
            News::Digest { day, blocks, count } => {
                let lines = blocks.iter().map(|WouldBlock { whom, reason }| {
                    Value::from(cleaned(&format!("{whom} ({reason})")))
                });
                facts.extend([
                    ("day", clean(day)),
                    ("count", self.whole(*count)),
                    ("one", (*count == 1).into()),
                    ("blocks", lines.collect::<Vec<_>>().into()),
                    ("more", count.saturating_sub(blocks.len() as u64).into()),
                ]);
            }
            News::DailySummary {
                day,
                total,
                users,
                teams,
                models,
                blocks,
                coverage,
                anchor,
            } => {
                let coverage: Vec<_> = coverage.iter().map(|one| self.arrived(one)).collect();
                self.total(total, facts);
                facts.extend([
                    ("day", clean(day)),
                    ("users", self.spenders(users)),
                    ("teams", self.spenders(teams)),
                    ("models", self.spenders(models)),
                    ("blocks", self.whole(*blocks)),
                    ("coverage", self.names(&coverage)),
                    ("anchor", clean(anchor)),
                ]);
            }
            News::WeeklySummary(summary) | News::MonthlySummary(summary) => {
                let TeamSummary {
                    from,
                    to,
                    total,
                    users,
                    models,
                } = summary;
                self.total(total, facts);
                facts.extend([
                    ("from", clean(from)),
                    ("to", clean(to)),
                    ("users", self.spenders(users)),
                    ("models", self.spenders(models)),
                ]);
            }
            _ => {}
        }
    }

    fn total(&self, total: &Spent, facts: &mut Facts) {
        let Spent {
            key: _,
            requests,
            tokens,
            cost_usd,
            unpriced,
            unmetered,
        } = total;
        facts.extend([
            ("requests", self.language.count(*requests).into()),
            ("tokens", self.language.count(*tokens).into()),
            ("cost", self.dollars(cost_usd).into()),
            ("unpriced", some(*unpriced, self.language)),
            ("unmetered", some(*unmetered, self.language)),
        ]);
    }

    /// `ana $21.30, ben $7.91`.
    fn spenders(&self, lines: &[Spent]) -> Value {
        let of = |line: &Spent| format!("{} {}", line.key, self.dollars(&line.cost_usd));
        self.names(&lines.iter().map(of).collect::<Vec<_>>())
    }

    fn dollars(&self, exact: &str) -> String {
        match exact.parse::<Usd>() {
            Ok(usd) => self.language.money(usd),
            Err(_) => cleaned(exact),
        }
    }

    fn whole(&self, count: u64) -> Value {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        self.language.count(count).into()
    }
}

/// Nothing for none.
fn some(count: i64, language: Language) -> Value {
    maybe((count != 0).then(|| language.count(count).into()))
}
