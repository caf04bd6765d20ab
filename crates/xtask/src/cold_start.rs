//! How long a Lambda function takes from its start until it asks for the first event.

use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::process::Command;
use tokio::time::timeout;
use weir_testkit::runtime_api::RuntimeApi;

use crate::bench::fresh;

/// Starts of each function. The one in the middle counts: the quickest says what a start may take with luck, and
/// the slowest what else ran on the machine.
const STARTS: usize = 20;
/// What the middle must stay below.
const MOST: Duration = Duration::from_millis(100);
/// Longer than any start that comes to its end.
const PATIENCE: Duration = Duration::from_secs(30);
/// Enough for every function: one of them needs a way to send mail.
const CONFIGURATION: &str = "[notify]\nfrom = \"weir@example.com\"\n[notify.smtp]\nhost = \"127.0.0.1\"\n\
                             port = 9\nsecurity = \"none\"\n";

/// Measures `NAME=BINARY …`.
pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    runtime.block_on(all(args))
}

async fn all(args: &[String]) -> Result<(), String> {
    let url = migrated().await?;
    let mut slow = Vec::new();
    for arg in args {
        let (name, binary) = arg
            .split_once('=')
            .ok_or_else(|| format!("`{arg}` is not NAME=BINARY"))?;
        let mut took = Vec::new();
        for _ in 0..STARTS {
            took.push(
                one(binary, &url)
                    .await
                    .map_err(|why| format!("{name}: {why}"))?,
            );
        }
        took.sort_unstable();
        let [quickest, middle, slowest] = spread(&took);
        println!(
            "{name}: cold start {middle:.1?} in the middle of {STARTS}, {quickest:.1?} at best, {slowest:.1?} at worst"
        );
        if middle >= MOST {
            slow.push(format!(
                "{name} takes {middle:.1?} to start, and {MOST:?} are allowed"
            ));
        }
    }
    if slow.is_empty() {
        Ok(())
    } else {
        Err(slow.join("\n"))
    }
}

/// The first, the upper one in the middle, and the last of what is sorted.
fn spread(took: &[Duration]) -> [Duration; 3] {
    [took[0], took[took.len() / 2], took[took.len() - 1]]
}

/// A database on a server, as functions have it: no package opens a file.
async fn migrated() -> Result<String, String> {
    let variable = "WEIR_TEST_MARIADB_URL";
    let server = std::env::vars().find(|(key, _)| key == variable);
    let (_, server) = server
        .ok_or_else(|| format!("{variable} is not set: run this under scripts/with-services.sh"))?;
    let url = fresh(&server, "weir_cold_start").await?;
    let store = weir_store::open(&url)
        .await
        .map_err(|error| error.to_string())?;
    store.migrate().await.map_err(|error| error.to_string())?;
    store
        .set_zone("Europe/Madrid")
        .await
        .map_err(|error| error.to_string())?;
    Ok(url)
}

#[expect(clippy::disallowed_methods, reason = "this measures time")]
async fn one(binary: &str, url: &str) -> Result<Duration, String> {
    let api = RuntimeApi::start()
        .await
        .map_err(|error| error.to_string())?;
    let mut command = Command::new(binary);
    command
        .env_clear()
        .env("AWS_LAMBDA_RUNTIME_API", &api.address)
        .env("AWS_LAMBDA_FUNCTION_NAME", "weir")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        // As Lambda gives a function its role.
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_REGION", "eu-west-1")
        .env("WEIR_DATABASE_URL", url)
        .env("WEIR_CONFIG_TEXT", CONFIGURATION)
        .env("WEIR_LOG", "error")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let began = Instant::now();
    let mut child = command
        .spawn()
        .map_err(|error| format!("{binary}: {error}"))?;
    let asked = timeout(PATIENCE, async {
        tokio::select! {
            () = api.ready() => true,
            _ = child.wait() => false,
        }
    });
    match asked.await {
        Ok(true) => Ok(began.elapsed()),
        Ok(false) => Err("it ended before it asked for an event".to_owned()),
        Err(_) => Err(format!("it did not ask for an event in {PATIENCE:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_quick_start_does_not_hide_that_most_are_slow() {
        let took = [10, 150, 160, 170, 900].map(Duration::from_millis);
        let [quickest, middle, slowest] = spread(&took);
        assert!(quickest < MOST && middle >= MOST && slowest > middle);
    }
}
