//! The document that describes the API.

use expect_test::expect_file;

use crate::world::World;

#[tokio::test]
async fn the_document_is_the_one_on_file_and_the_one_that_is_served() {
    let text = weir_server::document_text();
    expect_file!["../../../../docs/api/openapi.json"].assert_eq(&text);
    let served = World::new().await.get("/api/v1/openapi.json").await.json();
    let on_file: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(served, on_file);
    assert_eq!(served["openapi"], "3.1.0");
}

/// Two types of one name would be one form in the document, and one of them a lie.
#[test]
fn no_two_forms_have_one_name() {
    let mut names = Vec::new();
    let mut left = vec![std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(path) = left.pop() {
        if path.is_dir() {
            let entries = std::fs::read_dir(&path).unwrap();
            left.extend(entries.map(|entry| entry.unwrap().path()));
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for described in text.split("ToSchema)]").skip(1) {
            let words: Vec<_> = described.split_whitespace().take(60).collect();
            let kind = words
                .iter()
                .position(|word| matches!(*word, "struct" | "enum"));
            let name = words[kind.unwrap() + 1];
            names.push(name.split('<').next().unwrap().to_owned());
        }
    }
    names.sort_unstable();
    let twice: Vec<_> = names.windows(2).filter(|two| two[0] == two[1]).collect();
    assert!(twice.is_empty(), "{twice:?}");
    assert!(names.len() > 50, "{}", names.len());
}
