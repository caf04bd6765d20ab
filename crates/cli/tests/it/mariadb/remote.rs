//! Commands through a server whose database is MariaDB or `MySQL`.

use sqlx::{AssertSqlSafe, Connection};

use super::company::{skipped, variable};
use crate::served::Served;
use crate::world::{World, fixture};

fn every_verb_reads_alike(server: &str) {
    use std::hash::{BuildHasher, Hasher};
    let state = std::collections::hash_map::RandomState::new();
    let name = format!("weir_remote_{:08x}", state.build_hasher().finish() >> 32);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let mut root = sqlx::MySqlConnection::connect(server).await.unwrap();
        let make = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::raw_sql(make).execute(&mut root).await.unwrap();
    });
    let database = format!("{}/{name}", server.trim_end_matches('/'));
    let world = World::new();
    world.weir(&["--database", &database, "db", "migrate"]).ok();
    let paths = crate::remote::alike::CALLS.map(fixture);
    let mut ingest = vec!["--database", &database, "ingest"];
    ingest.extend(paths.iter().map(|path| path.to_str().unwrap()));
    world.at(&ingest).ok();
    crate::remote::alike::every_verb_reads_alike(&Served::of(world, &database));
}

#[test]
fn every_verb_prints_the_same_bytes_through_a_server() {
    every_verb_reads_alike(&variable("WEIR_TEST_MARIADB_URL"));
}

#[test]
fn every_verb_prints_the_same_bytes_through_a_server_over_real_mysql() {
    if !skipped("WEIR_TEST_MYSQL_SKIPPED") {
        every_verb_reads_alike(&variable("WEIR_TEST_MYSQL_URL"));
    }
}
