//! Migrations of a released version never change: databases out there were made by them.

use std::collections::BTreeMap;
use std::path::Path;

use super::read;

const LIST: &str = "crates/store/migrations/released.sha256";

pub(super) fn check(root: &Path) -> Vec<String> {
    let digests = weir_store::inspect::migration_digests();
    against(&read(&root.join(LIST)), &digests.into_iter().collect())
}

/// Holds the list of what is released, in the format of `sha256sum`, against what there is.
fn against(list: &str, known: &BTreeMap<String, String>) -> Vec<String> {
    let mut found = Vec::new();
    let mut released = BTreeMap::new();
    let lines = list.lines().filter(|line| !line.starts_with('#'));
    for line in lines.filter(|line| !line.is_empty()) {
        let Some((digest, file)) = line.split_once("  ") else {
            found.push(format!("{LIST}: `{line}` is not a line of sha256sum"));
            continue;
        };
        match known.get(file) {
            Some(now) if now == digest => {}
            Some(_) => found.push(format!(
                "crates/store/migrations/{file} is released and was changed; write a new migration"
            )),
            None => found.push(format!(
                "crates/store/migrations/{file} is released and is gone"
            )),
        }
        released.insert(file, digest);
    }
    let Some(newest) = released.keys().filter_map(|file| name(file)).max() else {
        return found;
    };
    let open = known
        .keys()
        .filter(|file| !released.contains_key(file.as_str()));
    found.extend(open.filter(|file| name(file) <= Some(newest)).map(|file| {
        format!("crates/store/migrations/{file} must come after {newest}, which is released")
    }));
    found
}

/// `sqlite/0001_rules.sql` → `0001_rules.sql`
fn name(file: &str) -> Option<&str> {
    file.split_once('/').map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_released_stays_and_the_rest_comes_after() {
        let known = [
            ("mysql/0001_a.sql", "11"),
            ("mysql/0002_b.sql", "22"),
            ("sqlite/0001_a.sql", "33"),
            ("sqlite/0002_b.sql", "44"),
        ];
        let known = known
            .into_iter()
            .map(|(file, digest)| (file.to_owned(), digest.to_owned()))
            .collect();
        for (list, wrong) in [
            ("", vec![]),
            ("# nothing yet\n\n", vec![]),
            ("11  mysql/0001_a.sql\n33  sqlite/0001_a.sql\n", vec![]),
            (
                "11  mysql/0001_a.sql",
                vec!["sqlite/0001_a.sql must come after 0001_a.sql"],
            ),
            (
                "12  mysql/0001_a.sql\n33  sqlite/0001_a.sql",
                vec!["mysql/0001_a.sql is released and was changed"],
            ),
            (
                "11  mysql/0001_a.sql\n33  sqlite/0001_a.sql\n55  mysql/0000_z.sql",
                vec!["mysql/0000_z.sql is released and is gone"],
            ),
            (
                "22  mysql/0002_b.sql\n44  sqlite/0002_b.sql",
                vec![
                    "mysql/0001_a.sql must come after",
                    "sqlite/0001_a.sql must come after",
                ],
            ),
            ("11 mysql/0001_a.sql", vec!["is not a line of sha256sum"]),
        ] {
            let found = against(list, &known);
            assert_eq!(found.len(), wrong.len(), "{list}: {found:?}");
            for (found, wrong) in found.iter().zip(wrong) {
                assert!(found.contains(wrong), "{found}");
            }
        }
    }
}
