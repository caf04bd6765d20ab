//! What is wrong and what to do about it: facts for `weir doctor`.

mod enforcement;
mod finding;
mod identity_center;
mod people;
mod records;
mod rights;
mod sessions;
mod ways;

pub(crate) use self::enforcement::change_mode;
use self::finding::{Finding, say, some};
use crate::notify::Language;
use crate::report::Check;
use crate::{Engine, EngineError};
use jiff::SignedDuration;

/// Clocks that differ by more decide windows differently.
const SKEW: SignedDuration = SignedDuration::from_secs(5);

/// What is checked, in English and Spanish, in the order in which it is checked.
const NAMES: [(&str, &str); 26] = [
    ("database", "base de datos"),
    ("clock", "reloj"),
    ("rules", "reglas"),
    ("home account", "cuenta propia"),
    ("enforcement mode", "modo de aplicación"),
    ("AWS access", "acceso a AWS"),
    ("AWS rights", "permisos en AWS"),
    ("enforcement", "aplicación"),
    ("Identity Center", "Identity Center"),
    ("held blocks", "bloqueos retenidos"),
    ("not enforceable", "no aplicable"),
    ("ways around Deny", "formas de eludir el Deny"),
    ("intake", "entrada"),
    ("coverage", "cobertura"),
    ("invocation logs", "registros de invocación"),
    ("counts", "recuentos"),
    ("operations", "operaciones"),
    ("prices", "precios"),
    ("callers", "quién llama"),
    ("teams", "equipos"),
    ("addresses", "direcciones"),
    ("classes", "clases"),
    ("session names", "nombres de sesión"),
    ("names", "nombres"),
    ("dead letters", "cartas muertas"),
    ("outbox", "bandeja de salida"),
];

impl Engine {
    /// Checks database, clock, rules, AWS and the ledger. A check that cannot be made fails; it
    /// does not stop the others. In English.
    pub async fn doctor(&self) -> Vec<Check> {
        self.doctor_in(Language::En).await
    }

    /// The same in a language.
    pub async fn doctor_in(&self, language: Language) -> Vec<Check> {
        let found = [
            self.check_database(language).await,
            self.check_clock(language).await,
            self.check_rules(language).await,
            self.check_home(language).await,
            self.check_mode(language).await,
            self.check_aws(language).await,
            self.check_rights(language).await,
            self.check_targets(language).await,
            self.check_identity_center(language).await,
            self.check_held(language).await,
            self.check_deniable(language).await,
            self.check_ways(language).await,
            self.check_intake(language).await,
            self.check_coverage(language).await,
            self.check_logs(language).await,
            self.check_counts(language).await,
            self.check_operations(language).await,
            self.check_prices(language).await,
            self.check_callers(language).await,
            self.check_teams(language).await,
            self.check_addresses(language).await,
            self.check_classes(language).await,
            self.check_session_names(language).await,
            self.check_names(language).await,
            self.check_dead_letters(language).await,
            self.check_outbox(language).await,
        ];
        let names = NAMES.into_iter().map(|(english, spanish)| match language {
            Language::En => english,
            Language::Es => spanish,
        });
        let checks = names.zip(found).map(|(name, found)| match found {
            Ok(finding) => finding.named(name),
            Err(error) => {
                let see = say!(language, "see the message", "vea el mensaje");
                Finding::fail(error.to_string(), see).named(name)
            }
        });
        checks.collect()
    }

    async fn check_database(&self, language: Language) -> Result<Finding, EngineError> {
        let health = self.store.health().await?;
        let migrations = self.store.migrations().await?;
        let (engine, invocations) = (health.engine, health.invocations);
        let found = say!(
            language,
            "{engine}, {invocations} invocations",
            "{engine}, {invocations} invocaciones",
        );
        if let Some(why) = migrations.refusal() {
            return Ok(Finding::fail(found, why));
        }
        Ok(match (migrations.pending.len(), migrations.unknown.len()) {
            (0, 0) => Finding::ok(found),
            (0, unknown) => Finding::warn(
                say!(
                    language,
                    "{found}; {unknown} migrations of a newer release",
                    "{found}; {unknown} migraciones de una versión más nueva",
                ),
                say!(language, "update this binary", "actualice este programa"),
            ),
            (pending, _) => Finding::fail(
                say!(
                    language,
                    "{found}; {pending} migrations are pending",
                    "{found}; hay {pending} migraciones pendientes",
                ),
                "weir db migrate".to_owned(),
            ),
        })
    }

    async fn check_clock(&self, language: Language) -> Result<Finding, EngineError> {
        let health = self.store.health().await?;
        let skew = health.clock.duration_since(self.wall()).abs();
        let seconds = skew.as_secs();
        let found = say!(
            language,
            "{seconds} s between this machine and the database",
            "{seconds} s entre esta máquina y la base de datos",
        );
        Ok(if skew > SKEW {
            Finding::warn(
                found,
                say!(
                    language,
                    "synchronise both clocks: windows begin and end by them",
                    "sincronice ambos relojes: las ventanas empiezan y acaban según ellos",
                ),
            )
        } else {
            Finding::ok(found)
        })
    }

    async fn check_rules(&self, language: Language) -> Result<Finding, EngineError> {
        let rules = self.reload_rules().await?;
        let (zone, version) = (rules.zone.name(), rules.version);
        Ok(Finding::ok(say!(
            language,
            "version {version}, business zone {zone}",
            "versión {version}, zona horaria del negocio {zone}",
        )))
    }

    async fn check_home(&self, language: Language) -> Result<Finding, EngineError> {
        let rules = self.rules().await?;
        Ok(match &rules.settings.attribution.home_account {
            Some(account) => Finding::ok(say!(
                language,
                "{account}: its users carry no prefix",
                "{account}: sus usuarios no llevan prefijo",
            )),
            None => Finding::warn(
                say!(
                    language,
                    "not known: users of all accounts share one name space",
                    "no se conoce: los usuarios de todas las cuentas comparten un espacio de nombres",
                ),
                say!(
                    language,
                    "set aws.home_account, or give Weir AWS credentials and ingest something",
                    "fije aws.home_account, o dele a Weir credenciales de AWS e ingiera algo",
                ),
            ),
        })
    }

    async fn check_prices(&self, language: Language) -> Result<Finding, EngineError> {
        let unpriced = self.store.unpriced().await?;
        let lines: Vec<_> = unpriced
            .iter()
            .map(|(model, region, count)| {
                say!(
                    language,
                    "{model} in {region}: {count} invocations",
                    "{model} en {region}: {count} invocaciones",
                )
            })
            .collect();
        Ok(match lines.as_slice() {
            [] => Finding::ok(say!(
                language,
                "every invocation with counts has a price",
                "toda invocación con recuento tiene precio",
            )),
            lines => {
                let lines = some(language, lines);
                let found = say!(language, "no price for {lines}", "sin precio: {lines}");
                Finding::warn(found, "weir pricing set".to_owned())
            }
        })
    }

    async fn check_callers(&self, language: Language) -> Result<Finding, EngineError> {
        let unresolved = self.store.unresolved_requests(1_000).await?.len();
        Ok(match unresolved {
            0 => Finding::ok(say!(
                language,
                "every caller that was looked up is known",
                "se conoce a todos los que se han consultado",
            )),
            count => Finding::warn(
                say!(
                    language,
                    "{count} invocations count under the last known team",
                    "{count} invocaciones cuentan en el último equipo conocido",
                ),
                say!(
                    language,
                    "they move by themselves once AWS answers; see the log for its errors",
                    "se mueven solas cuando AWS responda; sus errores están en el registro",
                ),
            ),
        })
    }

    async fn check_names(&self, language: Language) -> Result<Finding, EngineError> {
        let newcomers = self.newcomers().await?;
        let lines: Vec<_> = newcomers
            .iter()
            .map(|one| {
                let (principal, user) = (&one.principal, &one.user);
                say!(
                    language,
                    "{principal} is another identity now, `{user}`",
                    "{principal} es ahora otra identidad, `{user}`",
                )
            })
            .collect();
        Ok(match newcomers.first() {
            None => Finding::ok(say!(
                language,
                "every name is borne by whom it was first seen with, or confirmed",
                "cada nombre lo lleva quien lo llevaba al principio, o está confirmado",
            )),
            Some(one) => {
                let (becomes, user, principal) = (&one.becomes, &one.user, &one.principal);
                let remedy = say!(
                    language,
                    "if it is still `{becomes}`: weir user confirm '{user}'; else: weir user link \
                     '{principal}' NAME",
                    "si sigue siendo `{becomes}`: weir user confirm '{user}'; si no: weir user link \
                     '{principal}' NOMBRE",
                );
                Finding::warn(lines.join("; "), remedy)
            }
        })
    }

    async fn check_dead_letters(&self, language: Language) -> Result<Finding, EngineError> {
        let letters = self.store.dead_letters(1_000).await?;
        let count: u64 = letters.iter().map(|row| row.count).sum();
        Ok(match letters.first() {
            None => Finding::ok(say!(language, "none", "ninguna")),
            Some(newest) => {
                let reason = &newest.letter.reason;
                let found = say!(
                    language,
                    "{count} records could not be counted; the newest: {reason}",
                    "{count} registros no se pudieron contar; el más reciente: {reason}",
                );
                Finding::warn(found, "weir dead-letters".to_owned())
            }
        })
    }

    async fn check_outbox(&self, language: Language) -> Result<Finding, EngineError> {
        let health = self.store.health().await?;
        let (failed, waiting) = (health.mail_failed, health.mail_waiting);
        if failed > 0 {
            return Ok(Finding::warn(
                say!(
                    language,
                    "{failed} letters were given up",
                    "se desistió de {failed} cartas",
                ),
                say!(
                    language,
                    "weir outbox list --state failed; then weir outbox retry --failed",
                    "weir outbox list --state failed; después weir outbox retry --failed",
                ),
            ));
        }
        let late = health.mail_oldest.is_some_and(|oldest| {
            self.wall().duration_since(oldest) > jiff::SignedDuration::from_hours(1)
        });
        if late {
            return Ok(Finding::warn(
                say!(
                    language,
                    "{waiting} messages and letters wait for more than an hour",
                    "{waiting} mensajes y cartas esperan desde hace más de una hora",
                ),
                say!(
                    language,
                    "`weir serve` sends them: see `weir outbox list --state waiting` and --state untold",
                    "los envía `weir serve`: vea `weir outbox list --state waiting` y --state untold",
                ),
            ));
        }
        Ok(match health.outbox_due {
            0 => Finding::ok(say!(language, "nothing is due", "no hay nada pendiente")),
            due => Finding::warn(
                say!(
                    language,
                    "{due} evaluations are due",
                    "hay {due} evaluaciones pendientes",
                ),
                say!(
                    language,
                    "they run with the next command that counts or changes, or all the time in `weir serve`",
                    "se hacen con la próxima orden que cuente o cambie algo, o siempre en `weir serve`",
                ),
            ),
        })
    }
}
