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
