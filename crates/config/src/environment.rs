//! What the process finds around it: variables, directories, and who runs it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use weir_core::secret::Secret;

use crate::settings::Asked;

/// Read once, when the process starts.
#[derive(Clone, Default)]
pub struct Environment {
    home: Option<PathBuf>,
    config_home: Option<PathBuf>,
    data_home: Option<PathBuf>,
    /// `WEIR_DATABASE_URL`, which the command line knows already: to tell where a value is from.
    pub database_url: Option<String>,
    /// `WEIR_DATABASE_SECRET`: the ARN of a secret that says who logs in to the database.
    pub(crate) database_secret: Option<String>,
    /// `WEIR_DATABASE_LOGIN`: `password` or `iam`.
    pub(crate) database_login: Option<String>,
    /// `WEIR_DATABASE_CA`: PEM of the authorities that vouch for the database server.
    pub(crate) database_ca: Option<PathBuf>,
    /// `WEIR_SERVER`, which the command line knows already: to tell where a value is from.
    pub server: Option<String>,
    /// `WEIR_TOKEN`: who a command is at the server it is sent to.
    pub token: Option<Secret>,
    /// `WEIR_SERVER_TOKEN`: the token senders must present.
    pub(crate) server_token: Option<String>,
    /// Secrets of channels and of single sign-on: `WEIR_SMTP_PASSWORD`, `WEIR_WEBHOOK_SECRET_…`,
    /// `WEIR_CHAT_URL_…`, `WEIR_OIDC_CLIENT_SECRET`.
    pub(crate) secrets: BTreeMap<String, String>,
    /// `WEIR_LOG`: what is logged.
    pub log: Option<String>,
    /// A receiver of traces is named by `OTEL_EXPORTER_OTLP_ENDPOINT` or
    /// `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, and `OTEL_SDK_DISABLED` does not say `true`.
    pub traces: bool,
    /// How this program is called, so that it can be called again.
    pub program: String,
    /// Who runs this: `ana@laptop`.
    pub actor: String,
}

impl Environment {
    /// Reads it.
    pub fn read() -> Self {
        Self {
            home: variable("HOME").map(PathBuf::from),
            config_home: variable("XDG_CONFIG_HOME").map(PathBuf::from),
            data_home: variable("XDG_DATA_HOME").map(PathBuf::from),
            database_url: variable("WEIR_DATABASE_URL"),
            database_secret: variable("WEIR_DATABASE_SECRET"),
            database_login: variable("WEIR_DATABASE_LOGIN"),
            database_ca: variable("WEIR_DATABASE_CA").map(PathBuf::from),
            server: variable("WEIR_SERVER"),
            token: variable("WEIR_TOKEN").map(Secret::new),
            server_token: variable("WEIR_SERVER_TOKEN"),
            secrets: secrets(),
            log: variable("WEIR_LOG"),
            traces: traces(),
            program: std::env::args().next().unwrap_or_else(|| "weir".to_owned()),
            actor: format!("{}@{}", user(), host()),
        }
    }

    /// Reads that of a Lambda function, whose name is who acts, and what it is asked for; `None` if
    /// this is none.
    pub fn of_lambda() -> Option<(Self, Asked)> {
        // Set by Lambda itself, and by nobody who could log in here.
        variable("AWS_LAMBDA_RUNTIME_API")?;
        let mut environment = Self::read();
        environment.actor = format!("lambda/{}", variable("AWS_LAMBDA_FUNCTION_NAME")?);
        let asked = Asked {
            config: variable("WEIR_CONFIG").map(PathBuf::from),
            text: variable("WEIR_CONFIG_TEXT"),
            database: environment.database_url.clone(),
        };
        Some((environment, asked))
    }

    /// Where configuration files usually are, in order.
    pub(crate) fn config_paths(&self) -> Vec<PathBuf> {
        let own = self.config_dir().map(|dir| dir.join("weir.toml"));
        let here = PathBuf::from("weir.toml");
        let system = PathBuf::from("/etc/weir/weir.toml");
        [Some(here), own, Some(system)]
            .into_iter()
            .flatten()
            .collect()
    }

    /// The keys of the configuration file that variables of their own go before.
    pub(crate) fn database_keys(&self) -> Vec<&'static str> {
        let said = [
            ("database_secret", self.database_secret.is_some()),
            ("database_login", self.database_login.is_some()),
            ("database_ca", self.database_ca.is_some()),
        ];
        said.into_iter()
            .filter_map(|(key, is_said)| is_said.then_some(key))
            .collect()
    }

    /// The directory for configuration of this user.
    pub fn config_dir(&self) -> Option<PathBuf> {
        let own = || Some(self.home.as_ref()?.join(".config"));
        self.config_home
            .clone()
            .or_else(own)
            .map(|dir| dir.join("weir"))
    }

    /// The directory for data of this user.
    pub(crate) fn data_dir(&self) -> Option<PathBuf> {
        let own = || Some(self.home.as_ref()?.join(".local/share"));
        self.data_home
            .clone()
            .or_else(own)
            .map(|dir| dir.join("weir"))
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the environment"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn traces() -> bool {
    let named = [
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    ];
    let is_off =
        variable("OTEL_SDK_DISABLED").is_some_and(|word| word.eq_ignore_ascii_case("true"));
    !is_off && named.iter().any(|name| variable(name).is_some())
}

fn secrets() -> BTreeMap<String, String> {
    const OURS: [&str; 4] = [
        "WEIR_OIDC_CLIENT_SECRET",
        "WEIR_SMTP_PASSWORD",
        "WEIR_WEBHOOK_SECRET_",
        "WEIR_CHAT_URL_",
    ];
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, value)| {
            !value.is_empty() && OURS.iter().any(|start| name.starts_with(start))
        })
        .collect()
}

/// The operating system's user: by the process's own id, which nobody can set by a variable.
fn user() -> String {
    let by_id = || {
        use std::os::unix::fs::MetadataExt;
        let id = std::fs::metadata("/proc/self").ok()?.uid().to_string();
        let users = std::fs::read_to_string("/etc/passwd").ok()?;
        let entry = users
            .lines()
            .find(|line| line.split(':').nth(2) == Some(id.as_str()));
        Some(
            entry
                .and_then(|line| line.split(':').next())
                .unwrap_or(&id)
                .to_owned(),
        )
    };
    by_id()
        .or_else(|| variable("USER"))
        .or_else(|| variable("LOGNAME"))
        .unwrap_or_else(|| "unknown".to_owned())
}

fn host() -> String {
    let of_kernel = || std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    of_kernel()
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .or_else(|| variable("HOSTNAME"))
        .unwrap_or_else(|| "localhost".to_owned())
}
