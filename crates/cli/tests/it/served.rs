//! A real `weir serve`, and commands that work through it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::world::{Ran, World};

pub(crate) const PASSWORD: &[u8] = b"correct horse battery\n";
const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// A server over a database that commands can also work with directly.
pub(crate) struct Served {
    pub(crate) world: World,
    pub(crate) url: String,
    pub(crate) database: String,
    child: Child,
}

impl Served {
    /// Over the database of a world, whose resets were run: the server then changes nothing by itself.
    pub(crate) fn of(world: World, database: &str) -> Self {
        world.weir(&["--database", database, "reset", "run"]).ok();
        let serve = ["--database", database, "serve", "--listen", "127.0.0.1:0"];
        let mut child = world
            .command(&serve)
            .env("WEIR_SERVER_TOKEN", TOKEN)
            .env("WEIR_LOG", "off")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
        let listening = said.find_map(|line| {
            let line = line.unwrap();
            line.strip_prefix("listening on ").map(str::to_owned)
        });
        Self {
            world,
            url: listening.unwrap(),
            database: database.to_owned(),
            child,
        }
    }

    /// Over a new `SQLite` file with the calls of some fixtures.
    pub(crate) fn with(fixtures: &[&str]) -> Self {
        let world = World::with(fixtures);
        let database = format!(
            "sqlite:{}",
            world.path(".local/share/weir/weir.db").display()
        );
        Self::of(world, &database)
    }

    /// With the database.
    pub(crate) fn directly(&self, args: &[&str]) -> Ran {
        self.world
            .weir(&[&["--database", &self.database], args].concat())
    }

    /// The same with something on standard input.
    pub(crate) fn directly_with(&self, args: &[&str], input: &[u8]) -> Ran {
        let args = [&["--database", &self.database], args].concat();
        fed(self.world.command(&args), input)
    }

    /// Through the server.
    pub(crate) fn through(&self, args: &[&str]) -> Ran {
        self.world.weir(&[&["--server", &self.url], args].concat())
    }

    /// Through the server, presenting a token.
    pub(crate) fn by(&self, token: &str, args: &[&str]) -> Ran {
        let args = [&["--server", &self.url], args].concat();
        let mut command = self.world.command(&args);
        Ran::of(command.env("WEIR_TOKEN", token).output().unwrap())
    }

    /// An operator of a role, who is made.
    pub(crate) fn operator(&self, name: &str, role: &str) {
        let mut args = vec!["operator", "create", name, "--role", role];
        if role == "team" {
            args.extend(["--team", "sap"]);
        }
        if role == "developer" {
            args.extend(["--user", "ana.lopez"]);
        }
        self.directly_with(&args, PASSWORD).ok();
    }

    /// A token of an operator of a role, who is made.
    pub(crate) fn token(&self, role: &str) -> String {
        self.operator(role, role);
        let made = self.directly(&["token", "create", role, "--label", "test"]);
        made.ok().out.trim().to_owned()
    }

    /// Logs in as an admin who is made.
    pub(crate) fn log_in(&self) -> Ran {
        self.operator("eva", "admin");
        let login = self.world.command(&["login", &self.url, "--user", "eva"]);
        fed(login, PASSWORD)
    }

    pub(crate) fn stop(&mut self) {
        let pid = self.child.id().to_string();
        let killed = Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        assert!(killed.success());
        self.child.wait().unwrap();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // A server that is stopped already cannot be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A command with something on standard input.
pub(crate) fn fed(mut command: Command, input: &[u8]) -> Ran {
    use std::io::Write;
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Whoever does not read it has refused before.
    let _ = child.stdin.take().unwrap().write_all(input);
    Ran::of(child.wait_with_output().unwrap())
}
