//! The database dies in the middle of work, and comes back.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use tempfile::TempDir;

use super::company::{Company, Server, wait_for, wall};
use serde_json::Value;

/// Where the scripts are.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
/// Calls between one death of the database and the next.
const ROUND: u32 = 12;
const ROUNDS: u32 = 4;

/// A MariaDB of the test's own, which keeps what it committed when it is killed.
struct Database {
    directory: TempDir,
    port: String,
    process: Child,
}

impl Database {
    fn new() -> Self {
        let directory = TempDir::new().unwrap();
        // Of a range in which no other server, and no outgoing connection, gets its port.
        let port = script("free_port 8000", &[]).output().unwrap();
        let port = String::from_utf8(port.stdout).unwrap().trim().to_owned();
        let process = run("run_mariadb", directory.path(), &port);
        let database = Self {
            directory,
            port,
            process,
        };
        database.wait();
        database
    }

    fn url(&self) -> String {
        format!("mysql://root@127.0.0.1:{}/", self.port)
    }

    fn wait(&self) {
        let address = format!("127.0.0.1:{}", self.port);
        wait_for("MariaDB", || std::net::TcpStream::connect(&address).ok());
    }

    /// As if its machine lost power.
    fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    fn start_again(&mut self) {
        self.process = run("serve_mariadb", self.directory.path(), &self.port);
        self.wait();
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // It may be dead already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A function of `scripts/services.sh`.
fn script(function: &str, args: &[&str]) -> Command {
    let mut command = Command::new("bash");
    command
        .args([
            "-c",
            &format!(". \"$0/scripts/services.sh\"; {function} \"$@\""),
            ROOT,
        ])
        .args(args)
        .stdin(Stdio::null());
    command
}

/// A server that flushes each commit to disk, as production does.
fn run(function: &str, directory: &Path, port: &str) -> Child {
    let directory = directory.to_str().unwrap();
    script(
        &format!("services_durability=(); {function}"),
        &[directory, port],
    )
    .env("TMPDIR", directory)
    .stdout(Stdio::null())
    .stderr(Stdio::null())
    .spawn()
    .unwrap()
}

/// Sends the same calls again and again, whatever is answered, until told that the database is back;
/// then until they are counted.
fn send(server: &Server, calls: &[Value], counted: &AtomicU32, is_back: &AtomicBool) {
    while !is_back.load(Ordering::SeqCst) {
        for call in calls {
            if server.send(std::slice::from_ref(call)) == Some(200) {
                counted.fetch_add(1, Ordering::SeqCst);
            }
        }
    }
    server.send_until_counted(calls);
}

#[test]
fn a_database_that_dies_in_the_middle_loses_and_doubles_nothing() {
    let mut database = Database::new();
    let company = Company::of_today(&database.url(), ROUND * 3 / 2);
    let servers = [company.serve(), company.serve()];
    wait_for("the daily reset", || {
        let resets = company.weir(&["reset", "history", "--json"]).ok().json();
        resets[0]["finished_at"].is_string().then_some(())
    });
    let calls = company.calls(wall(), 0..ROUND * ROUNDS);
    for round in calls.chunks(ROUND as usize) {
        let (counted, is_back) = (AtomicU32::new(0), AtomicBool::new(false));
        std::thread::scope(|scope| {
            for server in &servers {
                scope.spawn(|| send(server, round, &counted, &is_back));
            }
            // Half of the round is counted, the other half on its way, when it dies.
            wait_for("calls to be counted", || {
                (counted.load(Ordering::SeqCst) >= ROUND / 2).then_some(())
            });
            database.kill();
            database.start_again();
            is_back.store(true, Ordering::SeqCst);
        });
    }
    // Usually at once; after a lease of five minutes if it died just as work was claimed.
    company.settles_denied();
    for server in servers {
        server.end();
    }
    company.is_exact(ROUND * ROUNDS);
}
