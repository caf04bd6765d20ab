//! Whether the records that make counts exact arrive (rules C6, M5).

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use weir_core::calendar::{Window, WindowKind};
use weir_core::coverage::{Because, Coverage, Silence};
use weir_core::ids::Region;
use weir_core::intake::is_known_operation;
use weir_store::CoverageRow;

use super::finding::{Finding, say, some};
use crate::notify::Language;
use crate::{Engine, EngineError};

/// What is looked at: invocation logs of so many days, calls without counts of so many, operations of
/// so many.
const LOGS: SignedDuration = SignedDuration::from_hours(7 * 24);
const UNMETERED: SignedDuration = SignedDuration::from_hours(30 * 24);
const OPERATIONS: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The invocation log is minutes late.
const LATE: SignedDuration = SignedDuration::from_hours(1);
/// After that a call without counts stays one (rules M5).
const SETTLED: SignedDuration = SignedDuration::from_hours(24);

impl Engine {
    /// Whether a call was ever counted: nothing else can be said before.
    pub(super) async fn check_intake(&self, language: Language) -> Result<Finding, EngineError> {
        let now = self.now();
        let pulse = self.store.pulse(now, now).await?;
        let Some((called, _)) = pulse.arrivals.first() else {
            return Ok(Finding::warn(
                say!(
                    language,
                    "no call was ever counted",
                    "aún no se ha contado ninguna llamada",
                ),
                say!(
                    language,
                    "`weir ingest aws --last 24h` takes the quickest source and says how long; \
                     `weir serve` reads on (the section [intake] of weir.toml)",
                    "`weir ingest aws --last 24h` toma la fuente más rápida y dice cuánto tarda; \
                     `weir serve` sigue leyendo (la sección [intake] de weir.toml)",
                ),
            ));
        };
        let at = called.strftime("%Y-%m-%d %H:%M UTC");
        Ok(Finding::ok(say!(
            language,
            "the call whose record came last was made {at}",
            "la llamada cuyo registro llegó la última se hizo el {at}",
        )))
    }

    pub(super) async fn check_logs(&self, language: Language) -> Result<Finding, EngineError> {
        let rules = self.rules().await?;
        let (from, to) = (self.hour_before(LOGS).await?, self.hour_before(LATE).await?);
        let rows = self.store.coverage(&from, &to).await?;
        let regions = without_log(&rows);
        if regions.is_empty() {
            return Ok(Finding::ok(say!(
                language,
                "no Region lacks one where tokens were counted",
                "no falta en ninguna región en la que se hayan contado tokens",
            )));
        }
        let names: Vec<_> = regions.iter().map(ToString::to_string).collect();
        let names = some(language, &names);
        // Whoever reads no log says so, and has what CloudTrail counts taken as final.
        if rules.settings.settle_after.is_zero() {
            let found = say!(
                language,
                "none in {names}, as usage.settle_after = 0 expects",
                "ninguno en {names}, como espera usage.settle_after = 0",
            );
            return Ok(Finding::ok(found));
        }
        Ok(Finding::warn(
            say!(
                language,
                "none in {names}: token and cost quotas rest on provisional counts there",
                "ninguno en {names}: allí las cuotas de tokens y de coste se apoyan en recuentos provisionales",
            ),
            say!(
                language,
                "turn on model invocation logging in each of these Regions and feed Weir its records: \
                 `aws bedrock put-model-invocation-logging-configuration --region REGION …`",
                "active el registro de invocaciones de modelos en cada una de estas regiones y dele a Weir sus \
                 registros: `aws bedrock put-model-invocation-logging-configuration --region REGIÓN …`",
            ),
        ))
    }

    pub(super) async fn check_counts(&self, language: Language) -> Result<Finding, EngineError> {
        let from = self.hour_before(UNMETERED).await?;
        let to = self.hour_before(SETTLED).await?;
        let rows = self.store.unmetered(&from, &to).await?;
        let all: u64 = rows.iter().map(|(_, _, count)| count).sum();
        let lines: Vec<_> = rows
            .iter()
            .map(|(model, region, count)| {
                say!(
                    language,
                    "{count} of {model} in {region}",
                    "{count} de {model} en {region}",
                )
            })
            .collect();
        Ok(match all {
            0 => Finding::ok(say!(
                language,
                "every call of the last 30 days has counts, or is younger than a day",
                "toda llamada de los últimos 30 días tiene recuento, o menos de un día",
            )),
            all => {
                let lines = some(language, &lines);
                Finding::warn(
                    say!(
                        language,
                        "calls older than 24 h without any: {all} ({lines})",
                        "llamadas de hace más de 24 h sin recuento: {all} ({lines})",
                    ),
                    say!(
                        language,
                        "images, video and batch jobs never have any and cost what AWS bills; for text, \
                         feed Weir the invocation log of the Region",
                        "imágenes, vídeo y trabajos por lotes nunca lo tienen y cuestan lo que factura AWS; para \
                         texto, dele a Weir el registro de invocaciones de la región",
                    ),
                )
            }
        })
    }

    /// Whether all operations that were counted are known to run models (rules C2).
    pub(super) async fn check_operations(
        &self,
        language: Language,
    ) -> Result<Finding, EngineError> {
        let now = self.now();
        let from = now.saturating_sub(OPERATIONS).unwrap_or(Timestamp::MIN);
        let mut unknown: BTreeMap<String, u64> = BTreeMap::new();
        for called in self.store.called(from, now).await? {
            if !is_known_operation(&called.operation) {
                *unknown.entry(called.operation).or_default() += called.calls;
            }
        }
        let all: u64 = unknown.values().sum();
        if all == 0 {
            return Ok(Finding::ok(say!(
                language,
                "every call of the last 7 days is of an operation that Weir knows",
                "toda llamada de los últimos 7 días es de una operación que Weir conoce",
            )));
        }
        let lines: Vec<_> = unknown
            .iter()
            .map(|(name, n)| format!("{name}: {n}"))
            .collect();
        let lines = some(language, &lines);
        Ok(Finding::warn(
            say!(
                language,
                "calls of operations that Weir does not know: {all} ({lines}); they name a model and are counted",
                "llamadas de operaciones que Weir no conoce: {all} ({lines}); nombran un modelo y se cuentan",
            ),
            say!(
                language,
                "see one with `weir invocation REQUEST_ID` and check its counts; a newer release may know the \
                 operation",
                "vea una con `weir invocation REQUEST_ID` y compruebe su recuento; una versión más nueva puede \
                 conocer la operación",
            ),
        ))
    }

    /// Whether all calls that AWS counts are on file. One incident is made of the same facts.
    pub(super) async fn check_coverage(&self, language: Language) -> Result<Finding, EngineError> {
        let view = self.coverage().await?;
        if let Some(silence) = &view.silence {
            return Ok(silent(language, silence));
        }
        let said = |place: &Coverage| {
            let Coverage {
                account,
                region,
                counted,
                reported,
            } = place;
            let share = place.percent();
            say!(
                language,
                "{account} in {region}: {share} ({counted} of {reported} calls)",
                "{account} en {region}: {share} ({counted} de {reported} llamadas)",
            )
        };
        let low = view.trouble().map(|trouble| trouble.low);
        let low = low.unwrap_or_default();
        let low: Vec<_> = low.iter().map(said).collect();
        if !low.is_empty() {
            let low = some(language, &low);
            return Ok(Finding::warn(
                say!(
                    language,
                    "calls of the last day are missing: {low}",
                    "faltan llamadas del último día: {low}",
                ),
                say!(
                    language,
                    "see that a trail and an EventBridge rule of that Region reach Weir; \
                     `weir ingest cloudtrail --from DATE --region REGION` brings back what is missing",
                    "compruebe que un trail y una regla de EventBridge de esa región llegan a Weir; \
                     `weir ingest cloudtrail --from FECHA --region REGIÓN` recupera lo que falta",
                ),
            ));
        }
        if !view.problems.is_empty() {
            let problems = some(language, &view.problems);
            return Ok(Finding::warn(
                say!(
                    language,
                    "AWS's own count cannot be read: {problems}",
                    "no se puede leer el recuento de AWS: {problems}",
                ),
                say!(
                    language,
                    "give Weir cloudwatch:GetMetricData in these accounts; `weir aws-policy --feature read`",
                    "dele a Weir cloudwatch:GetMetricData en estas cuentas; `weir aws-policy --feature read`",
                ),
            ));
        }
        Ok(Finding::ok(match (view.read_at, view.places.as_slice()) {
            (None, _) => say!(
                language,
                "not compared with CloudWatch yet: `weir serve` does once an hour, `weir coverage --read` now",
                "aún no se ha comparado con CloudWatch: `weir serve` lo hace una vez por hora, `weir coverage --read` ahora",
            ),
            (Some(_), []) => say!(
                language,
                "no calls in the last day, says CloudWatch",
                "CloudWatch dice que no hubo llamadas en el último día",
            ),
            (Some(_), places) => some(language, &places.iter().map(said).collect::<Vec<_>>()),
        }))
    }

    /// The local hour that contained the instant so long ago.
    async fn hour_before(&self, ago: SignedDuration) -> Result<Window, EngineError> {
        let at = self.now().saturating_sub(ago).unwrap_or(Timestamp::MIN);
        let rules = self.rules().await?;
        Ok(Window::containing(WindowKind::Hour, at, &rules.zone))
    }
}

/// Nothing comes in.
fn silent(language: Language, silence: &Silence) -> Finding {
    let Silence { since, because } = silence;
    let since = match since {
        None => say!(language, "ever", "nunca"),
        Some(at) => say!(language, "since {at}", "desde {at}"),
    };
    let why = match because {
        Because::Reported(calls) => say!(
            language,
            "CloudWatch reports {calls} calls meanwhile",
            "CloudWatch informa de {calls} llamadas entretanto",
        ),
        Because::Usual(calls) => say!(
            language,
            "one and two weeks ago there were {calls} calls or more in that time",
            "hace una y dos semanas hubo {calls} llamadas o más en ese tiempo",
        ),
    };
    Finding::fail(
        say!(
            language,
            "no record came {since}, and {why}",
            "no ha llegado ningún registro {since}, y {why}",
        ),
        say!(
            language,
            "see that trail, EventBridge rule, queues and log groups still deliver, and that \
             `weir serve` runs",
            "compruebe que el trail, la regla de EventBridge, las colas y los grupos de registro siguen \
             entregando, y que `weir serve` está en marcha",
        ),
    )
}

/// Regions on whose last day with tokens no invocation log came; rows by Region, then day.
fn without_log(rows: &[CoverageRow]) -> Vec<&Region> {
    let mut last = BTreeMap::new();
    for row in rows.iter().filter(|row| row.sums.has_tokens()) {
        last.insert(&row.region, row.sums.is_all_provisional());
    }
    last.into_iter()
        .filter(|(_, provisional)| *provisional)
        .map(|(region, _)| region)
        .collect()
}

#[cfg(test)]
mod tests {
    use weir_core::counter::Sums;

    use super::*;

    fn row(region: &str, tokens: i64, provisional_tokens: i64) -> CoverageRow {
        CoverageRow {
            region: region.into(),
            sums: Sums {
                requests: 1,
                input: tokens,
                provisional_tokens,
                ..Sums::default()
            },
        }
    }

    #[test]
    fn the_last_day_with_tokens_tells_whether_a_region_has_a_log() {
        let rows = [
            row("began", 5, 5),
            row("began", 9, 4),
            row("ended", 9, 0),
            row("ended", 5, 5),
            row("ended", 0, 0), // a day of images
            row("images", 0, 0),
            row("never", 7, 7),
        ];
        let regions: Vec<_> = without_log(&rows).iter().map(|r| r.as_str()).collect();
        assert_eq!(regions, ["ended", "never"]);
    }
}
