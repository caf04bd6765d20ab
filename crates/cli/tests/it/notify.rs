//! Looking at messages.

use crate::world::World;

#[test]
fn every_message_can_be_looked_at_in_both_languages() {
    let world = World::new();
    let help = world.weir(&["notify", "preview", "--help"]).ok().out;
    let types = help.split("[possible values: ").nth(1).unwrap();
    let types: Vec<_> = types
        .split(']')
        .next()
        .unwrap()
        .split([',', '\n'])
        .collect();
    let types = types.iter().map(|word| word.trim());
    let types: Vec<_> = types.filter(|word| !word.is_empty()).collect();
    assert!(types.contains(&"blocked") && types.len() > 10, "{types:?}");
    for kind in types {
        let es = world.weir(&["notify", "preview", kind]).ok();
        let en = world
            .weir(&["notify", "preview", kind, "--lang", "en"])
            .ok();
        assert!(
            es.err.starts_with("Subject: ") && es.err != en.err,
            "{es:?}"
        );
        assert!(es.out.contains("Qué pasa ahora") && en.out.contains("What happens next"));
        let html = world
            .weir(&["notify", "preview", kind, "--format", "html"])
            .ok();
        assert!(html.out.starts_with("<!doctype html>"), "{kind}");
    }
}

#[test]
fn a_preview_goes_by_the_configuration_and_needs_no_database() {
    let world = World::new();
    world.write(
        "weir.toml",
        "zone = \"America/Bogota\"\n[notify]\nlanguage = \"en\"\ncontact = \"bedrock@example.com\"\n",
    );
    let shown = world
        .weir(&["--json", "notify", "preview", "blocked"])
        .ok()
        .json();
    assert_eq!(shown["language"], "en");
    assert_eq!(shown["message"]["event_type"], "blocked");
    let text = shown["text"].as_str().unwrap();
    assert!(text.contains("Until: Fri 20 Nov 2026, 18:00 -05"), "{text}");
    assert!(text.contains("Questions? Write to bedrock@example.com."));
    assert!(!world.path(".local").exists());
    world.write("weir.toml", "[notify]\nlanguage = \"fr\"\n");
    world
        .weir(&["config", "check"])
        .ends(2)
        .says(&["weir.toml:2", "es or en"]);
}
