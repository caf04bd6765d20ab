//! The examples of the page that describes the API, as they stand there.

use axum::body::Body;
use axum::http::{Request, header};
use weir_core::ids::UserId;
use weir_core::operator::{OperatorName, Rights, Role};
use weir_engine::Actor;

use crate::office::{Office, quota, token_of};
use crate::world::{Answer, World};

/// A command: what it looks up before it asks, and where it asks.
struct Example {
    text: String,
    looked_up: Option<LookedUp>,
    address: String,
    signed: bool,
}

/// `NAME=$(curl -s … "$WEIR/api/v1/users" | jq -r '.users[0].user_id | @uri')`
struct LookedUp {
    variable: String,
    address: String,
    list: String,
    field: String,
}

impl Example {
    fn of(text: &str) -> Self {
        let between = |text: &str, from: &str, to: &str| {
            let (_, rest) = text
                .split_once(from)
                .unwrap_or_else(|| panic!("{from}: {text}"));
            rest.split_once(to).unwrap().0.to_owned()
        };
        let (before, command) = match text.split_once(" | @uri')\n") {
            Some((before, command)) => (Some(before), command),
            None => (None, text),
        };
        let looked_up = before.map(|before| LookedUp {
            variable: format!("${}", before.split_once('=').unwrap().0),
            address: between(before, "\"$WEIR", "\""),
            list: between(before, "jq -r '.", "[0]"),
            field: before.rsplit_once("[0].").unwrap().1.to_owned(),
        });
        Self {
            text: text.to_owned(),
            looked_up,
            address: between(command, "\"$WEIR", "\""),
            signed: command.starts_with("curl -H \"Authorization: Bearer $TOKEN\""),
        }
    }

    async fn run(&self, world: &World, token: &str) -> Answer {
        let mut address = self.address.clone();
        if let Some(LookedUp {
            variable,
            address: at,
            list,
            field,
        }) = &self.looked_up
        {
            let found = ask(world, Some(token), at).await;
            assert_eq!(found.status, 200, "{}: {}", self.text, found.text);
            let found = found.json()[list][0][field].clone();
            let found = found.as_str().unwrap_or_else(|| panic!("{at} has none"));
            address = address.replace(variable, &found.replace('/', "%2F").replace(':', "%3A"));
        }
        ask(world, self.signed.then_some(token), &address).await
    }
}

async fn ask(world: &World, token: Option<&str>, path: &str) -> Answer {
    let mut request = Request::get(path);
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let goes_on = path == "/api/v1/events";
    world
        .head_of(request.body(Body::empty()).unwrap(), goes_on)
        .await
}

/// The examples of a page, as a browser shows them.
fn examples(page: &str) -> Vec<Example> {
    let (_, sections) = page.split_once("<section").unwrap();
    let blocks = sections.split("<pre><code>").skip(1);
    let shown = blocks.map(|block| block.split_once("</code></pre>").unwrap().0);
    let read = shown.map(|text| {
        text.replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&amp;", "&")
    });
    let reads = read.filter(|text| !text.contains(" -X "));
    reads.map(|text| Example::of(&text)).collect()
}

#[tokio::test]
async fn every_example_that_reads_works_as_it_stands() {
    let office = Office::new().await;
    let world = &office.world;
    // A message needs something to tell.
    let change = quota(&office.users[0], 1);
    let engine = &world.state.engine;
    let by = Actor::default();
    let quota = engine.change_quotas(vec![change], "to be told of", &by);
    quota.await.unwrap();
    let boss = OperatorName::new("boss").unwrap();
    let made = engine.create_operator(&boss, Rights::admin(), "correct horse battery", &by);
    made.await.unwrap();
    let admin = token_of(world, boss).await;
    let dev = OperatorName::new("dev").unwrap();
    let own = Some(UserId::new(&office.users[0]));
    let own = Rights::new(Role::Developer, None, own).unwrap();
    let made = engine.create_operator(&dev, own, "correct horse battery", &by);
    made.await.unwrap();
    let developer = token_of(world, dev).await;

    let page = world.get("/api/docs").await;
    let examples = examples(&page.text);
    assert!(examples.len() > 30, "{}", examples.len());
    for example in examples {
        let own = example.address.starts_with("/api/v1/my/");
        let token = if own { &developer } else { &admin };
        let answer = example.run(world, token).await;
        assert_eq!(answer.status, 200, "{}\n{}", example.text, answer.text);
    }
}
