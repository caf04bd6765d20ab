//! The functions with AWS behind them: objects, secrets, denials.

use std::io::Write;
use std::time::Duration;

use aws_config::sts::AssumeRoleProvider;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_iam::types::Tag;
use aws_sdk_s3::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use weir_testkit::records::call;
use weir_testkit::runtime_api::{Answer, Invocation};
use weir_testkit::wire::{envelope, lines};

use crate::world::{CONTROLLER, Function, World, batch, fresh, seconds_ago, variable};

/// The account of credentials that moto does not know.
const ACCOUNT: &str = "123456789012";

async fn config() -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .endpoint_url(variable("WEIR_TEST_AWS_URL"))
        .region(Region::from_static("eu-west-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .load()
        .await
}

fn with_aws(world: &mut World) {
    world.set("AWS_ENDPOINT_URL", &variable("WEIR_TEST_AWS_URL"));
    world.set("AWS_ACCESS_KEY_ID", "test");
    world.set("AWS_SECRET_ACCESS_KEY", "test");
    world.set("AWS_REGION", "eu-west-1");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

struct Bucket {
    client: aws_sdk_s3::Client,
    name: String,
}

/// Credentials of the role in an account.
async fn config_in(account: &str) -> SdkConfig {
    let home = config().await;
    let role = AssumeRoleProvider::builder(role_in(account))
        .session_name("test")
        .configure(&home)
        .build()
        .await;
    let credentials = SharedCredentialsProvider::new(role);
    home.into_builder()
        .credentials_provider(credentials)
        .build()
}

fn role_in(account: &str) -> String {
    format!("arn:aws:iam::{account}:role/weir")
}

/// Twelve digits that are nobody else's.
fn fresh_account() -> String {
    let digits = fresh("");
    let digits: u64 = digits.rsplit('-').next().unwrap().parse().unwrap();
    (200_000_000_000 + digits).to_string()
}

impl Bucket {
    async fn new() -> Self {
        Self::of(&config().await).await
    }

    async fn of(config: &SdkConfig) -> Self {
        let config = aws_sdk_s3::config::Builder::from(config)
            .force_path_style(true)
            .build();
        let client = aws_sdk_s3::Client::from_conf(config);
        let name = fresh("weir-lambda");
        let place = CreateBucketConfiguration::builder()
            .location_constraint(BucketLocationConstraint::EuWest1)
            .build();
        let made = client.create_bucket().bucket(&name);
        made.create_bucket_configuration(place)
            .send()
            .await
            .unwrap();
        Self { client, name }
    }

    /// A gzipped object with the log record of one request.
    async fn put(&self, key: &str, request: &str) {
        let record = call(request)
            .at_time(seconds_ago(60))
            .tokens(5, 7)
            .log_entry();
        self.put_bytes(key, gzip(&lines(&[record]))).await;
    }

    async fn put_bytes(&self, key: &str, bytes: Vec<u8>) {
        let put = self.client.put_object().bucket(&self.name).key(key);
        put.body(bytes.into()).send().await.unwrap();
    }

    fn told(&self, key: &str) -> Value {
        json!({ "Records": [{ "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "eu-west-1",
            "eventName": "ObjectCreated:Put",
            "s3": { "bucket": { "name": self.name }, "object": { "key": key, "size": 1 } } }] })
    }
}

#[tokio::test]
async fn an_object_is_read_whatever_way_its_word_comes() {
    let mut world = World::new().await;
    with_aws(&mut world);
    let function = world.start(CONTROLLER).await;
    let bucket = Bucket::new().await;
    let place = "AWSLogs/111122223333/BedrockModelInvocationLogs/eu-west-1/2026/11/20/09";
    for (n, key) in [
        "a b.json.gz",
        "c.json.gz",
        "d.json.gz",
        "e.json.gz",
        "f.json.gz",
    ]
    .iter()
    .enumerate()
    {
        bucket
            .put(&format!("{place}/{key}"), &format!("r{n}"))
            .await;
    }
    bucket
        .put(&format!("{place}/data/r9_input.json.gz"), "r9")
        .await;
    let told = |key: &str| bucket.told(&format!("{place}/{key}"));
    let topic = |message: &Value| {
        json!({ "Type": "Notification", "MessageId": "n", "TopicArn": "arn:aws:sns:eu-west-1:1:t",
                "Message": message.to_string() })
    };
    let by_event_bridge = json!({ "version": "0", "id": "x", "detail-type": "Object Created", "source": "aws.s3",
        "account": "111122223333", "time": "2026-11-20T09:15:02Z", "region": "eu-west-1", "resources": [],
        "detail": { "bucket": { "name": bucket.name }, "object": { "key": format!("{place}/e.json.gz") } } });
    let nothing_left = json!({ "batchItemFailures": [] });
    for (way, event, answer) in [
        ("directly", told("a+b.json.gz"), None),
        (
            "through a queue",
            batch(&[told("c.json.gz").to_string()]),
            Some(&nothing_left),
        ),
        (
            "through a topic and a queue",
            batch(&[topic(&told("d.json.gz")).to_string()]),
            Some(&nothing_left),
        ),
        ("by EventBridge", by_event_bridge, None),
        (
            "through a topic",
            json!({ "Records": [{ "EventSource": "aws:sns",
            "Sns": topic(&told("f.json.gz")) }] }),
            None,
        ),
    ] {
        let before = world.invocations().await;
        let found = function.answer(&event).await;
        assert_eq!(world.invocations().await, before + 1, "{way}: {found}");
        if let Some(answer) = answer {
            assert_eq!(&found, answer, "{way}");
        }
        // Again: nothing new.
        function.answer(&event).await;
        assert_eq!(world.invocations().await, before + 1, "{way}");
    }
    function.answer(&told("data/r9_input.json.gz")).await;
    assert_eq!(world.invocations().await, 5, "prompts hold no records");

    let (_, error) = function.failure(told("gone.json.gz").to_string()).await;
    assert!(error.contains("gone.json.gz"), "{error}");
}

#[tokio::test]
async fn what_is_broken_in_an_object_has_its_answer_and_the_next_is_counted() {
    let mut world = World::new().await;
    with_aws(&mut world);
    let function = world.start(CONTROLLER).await;
    let bucket = Bucket::new().await;
    let whole = gzip(&lines(&[call("r0").at_time(seconds_ago(60)).log_entry()]));
    for (what, bytes, letter) in [
        ("nothing.json.gz", Vec::new(), None),
        (
            "text.json.gz",
            b"hello".to_vec(),
            Some("unreadable: input at line 1: begins with neither `{` nor `[`"),
        ),
        (
            "cut-off.json.gz",
            whole[..whole.len() / 2].to_vec(),
            Some("truncated: JSON at line 1: the gzip stream ends in the middle inside a record"),
        ),
        (
            "no-json.json.gz",
            gzip(b"hello\n"),
            Some("unreadable: input at line 1: begins with neither `{` nor `[`"),
        ),
        (
            "another-form.json",
            b"{\"hello\":\"world\"}".to_vec(),
            Some("unknown_form: JSON at line 1: is none of the forms that are read here"),
        ),
    ] {
        let key = format!("AWSLogs/{what}");
        bucket.put_bytes(&key, bytes).await;
        let before = world.dead_letters().await;
        function.answer(&bucket.told(&key)).await;
        let mut found = world.dead_letters().await;
        found.retain(|letter| !before.contains(letter));
        let place = format!("s3://{}/{key}, line 1: ", bucket.name);
        let wanted = letter.map(|reason| format!("{place}{reason}"));
        assert_eq!(found, Vec::from_iter(wanted), "{what}");
    }
    bucket.put("AWSLogs/good.json.gz", "r1").await;
    function.answer(&bucket.told("AWSLogs/good.json.gz")).await;
    assert_eq!(world.invocations().await, 1);
}

#[tokio::test]
async fn objects_of_another_account_are_opened_by_the_role_there() {
    let theirs = fresh_account();
    let bucket = Bucket::of(&config_in(&theirs).await).await;
    let accounts = format!(
        "[aws]\nhome_account = \"{ACCOUNT}\"\n[enforcement]\nmode = \"off\"\n\
         [enforcement.accounts.{theirs}]\nrole_arn = \"{}\"\n",
        role_in(&theirs)
    );
    let of_lambda = format!("[lambda]\nobjects_account = \"{theirs}\"\n");
    let of_queue = format!(
        "[intake]\nqueues = [{{ url = \"https://sqs.eu-west-1.amazonaws.com/111122223333/weir\", \
         objects_account = \"{theirs}\" }}]\n"
    );
    let key = "AWSLogs/a.json.gz";
    bucket.put(key, "r1").await;
    let told = bucket.told(key);
    let ours = batch(&[told.to_string()]);
    let mut by_their_queue = ours.clone();
    by_their_queue["Records"][0]["eventSourceARN"] =
        format!("arn:aws:sqs:eu-west-1:{theirs}:weir").into();
    for (what, configured, event, is_opened) in [
        ("a queue of ours", "", &ours, false),
        (
            "a queue of ours, whose objects are there",
            &*of_queue,
            &ours,
            true,
        ),
        ("a queue of theirs", "", &by_their_queue, true),
        ("word of S3", "", &told, false),
        ("word of S3, by the setting", &of_lambda, &told, true),
        ("a queue of ours, by the setting", &of_lambda, &ours, true),
    ] {
        let mut world = World::new().await;
        with_aws(&mut world);
        world.configure(&format!("{accounts}{configured}"));
        let function = world.start(CONTROLLER).await;
        let answer = function.answer_to(&event.to_string()).await;
        let counted = world.invocations().await;
        assert_eq!(counted, u64::from(is_opened), "{what}: {answer:?}");
    }
}

#[tokio::test]
async fn a_manual_block_is_read_back_in_iam_before_the_answer() {
    let mut world = World::new().await;
    with_aws(&mut world);
    world.configure(
        "[enforcement]\nmode = \"iam\"\niam_user = \"inline\"\n[lambda]\nmanual = true\n",
    );
    let iam = aws_sdk_iam::Client::new(&config().await);
    let user = fresh("ana");
    // A person, whom a quota or an administrator may block.
    let person = Tag::builder().key("Person").value("Ana").build().unwrap();
    let made = iam.create_user().user_name(&user).tags(person);
    made.send().await.unwrap();
    let function = world.start(CONTROLLER).await;
    let event = call("r1")
        .by(&user)
        .in_account(ACCOUNT)
        .at_time(seconds_ago(60));
    function.answer(&envelope(&event.api_event(), 1)).await;
    let manual = async |action: &str| {
        let answer = function
            .answer(&json!({ "action": action, "user_id": user, "reason": "a test", "performed_by": "eva" }))
            .await;
        assert_eq!(answer["statusCode"], 200, "{answer}");
        let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
        let listed = iam
            .list_user_policies()
            .user_name(&user)
            .send()
            .await
            .unwrap();
        (body["verified"] == true, listed.policy_names)
    };
    assert_eq!(manual("block").await, (true, vec!["WeirBlock".to_owned()]));
    assert_eq!(manual("unblock").await, (false, Vec::<String>::new()));
}

/// A line to AWS that can fall silent: what is asked then waits.
struct Line {
    url: String,
    silent: watch::Sender<bool>,
    /// It ends with this.
    _proxy: JoinSet<()>,
}

impl Line {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (silent, heard) = watch::channel(false);
        let mut proxy = JoinSet::new();
        proxy.spawn(async move {
            let mut lines = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                lines.spawn(forward(client, heard.clone()));
            }
        });
        Self {
            url,
            silent,
            _proxy: proxy,
        }
    }
}

async fn forward(client: TcpStream, mut silent: watch::Receiver<bool>) {
    let server = variable("WEIR_TEST_AWS_URL");
    let server = server.trim_start_matches("http://").trim_end_matches('/');
    let (mut from_client, mut to_client) = client.into_split();
    let server = TcpStream::connect(server).await.unwrap();
    let (mut from_server, mut to_server) = server.into_split();
    let back = tokio::io::copy(&mut from_server, &mut to_client);
    let there = async {
        let mut bytes = vec![0; 64 << 10];
        while let Ok(n @ 1..) = from_client.read(&mut bytes).await {
            let heard = silent.wait_for(|silent| !silent).await.is_ok();
            if !heard || to_server.write_all(&bytes[..n]).await.is_err() {
                return;
            }
        }
    };
    let _ = tokio::join!(there, back);
}

/// What a function answers within so many seconds.
async fn within(function: &Function, seconds: u64, event: Value) -> Value {
    let invocation = Invocation {
        time: Duration::from_secs(seconds),
        ..Invocation::of(event.to_string())
    };
    match function.take(invocation).await {
        Answer::Response(text) => serde_json::from_str(&text).unwrap(),
        Answer::Error(text) => panic!("{event} failed: {text}"),
    }
}

#[tokio::test]
async fn what_is_settled_while_aws_is_silent_is_said_and_made_real_by_a_later_tick() {
    let mut world = World::new().await;
    with_aws(&mut world);
    let line = Line::new().await;
    world.set("AWS_ENDPOINT_URL", &line.url);
    world.configure(
        "[enforcement]\nmode = \"iam\"\niam_user = \"inline\"\n[lambda]\nmanual = true\n",
    );
    let iam = aws_sdk_iam::Client::new(&config().await);
    let user = fresh("ana");
    let person = Tag::builder().key("Person").value("Ana").build().unwrap();
    let made = iam.create_user().user_name(&user).tags(person);
    made.send().await.unwrap();
    let function = world.start(CONTROLLER).await;
    let event = |request: &str| {
        let draft = call(request).by(&user).in_account(ACCOUNT);
        envelope(&draft.at_time(seconds_ago(60)).api_event(), 1)
    };
    within(&function, 60, event(&fresh("r"))).await;
    let tick = json!({ "action": "tick" });

    line.silent.send_replace(true);
    let block =
        json!({ "action": "block", "user_id": user, "reason": "a test", "performed_by": "eva" });
    let answer = within(&function, 4, block).await;
    assert_eq!(answer["statusCode"], 200, "{answer}");
    let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    let said = (&body["state"], &body["enforcement"], &body["verified"]);
    let expected = (&json!("BLOCKED_ADM"), &json!("requested"), &json!(false));
    assert_eq!(said, expected, "{body}");
    let note = body["note"].as_str().unwrap();
    assert!(note.starts_with("settled, enforcement pending"), "{note}");
    // Events are counted and answered as well, and ticks come to their end.
    let counted = within(&function, 4, event(&fresh("r"))).await;
    assert_eq!(counted["new"], 1, "{counted}");
    within(&function, 4, tick.clone()).await;

    line.silent.send_replace(false);
    loop {
        within(&function, 60, tick.clone()).await;
        let listed = iam.list_user_policies().user_name(&user).send().await;
        if listed.unwrap().policy_names == ["WeirBlock"] {
            break;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

#[tokio::test]
async fn the_password_of_the_database_comes_from_a_secret_and_may_rotate() {
    let mut world = World::on("WEIR_TEST_MARIADB_URL").await;
    with_aws(&mut world);
    let secrets = aws_sdk_secretsmanager::Client::new(&config().await);
    let (user, server) = (
        fresh("weir").replace('-', "_"),
        variable("WEIR_TEST_MARIADB_URL"),
    );
    let name = world.url.rsplit('/').next().unwrap().to_owned();
    let mut root = sqlx::MySqlConnection::connect(&server).await.unwrap();
    let run = async |root: &mut sqlx::MySqlConnection, sql: String| {
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(root)
            .await
            .unwrap();
    };
    run(
        &mut root,
        format!("CREATE USER {user}@'%' IDENTIFIED BY 'first'"),
    )
    .await;
    run(&mut root, format!("GRANT ALL ON {name}.* TO {user}@'%'")).await;
    let (host, port) = server
        .trim_end_matches('/')
        .rsplit_once('@')
        .unwrap()
        .1
        .split_once(':')
        .unwrap();
    let secret = |password: &str| {
        json!({ "username": user, "password": password, "engine": "mysql", "host": host,
                "port": port.parse::<u16>().unwrap(), "dbname": name })
        .to_string()
    };
    let made = secrets
        .create_secret()
        .name(&user)
        .secret_string(secret("first"));
    let arn = made.send().await.unwrap().arn.unwrap();
    // The secret says all there is to say.
    world.set("WEIR_DATABASE_URL", "");
    world.set("WEIR_DATABASE_SECRET", &arn);
    let function = world.start(CONTROLLER).await;
    let event = |request: &str| envelope(&call(request).at_time(seconds_ago(60)).api_event(), 1);
    function.answer(&event("r1")).await;
    assert_eq!(world.invocations().await, 1);

    // It rotates, and every connection of before ends.
    run(
        &mut root,
        format!("ALTER USER {user}@'%' IDENTIFIED BY 'second'"),
    )
    .await;
    let put = secrets.put_secret_value().secret_id(&arn);
    put.secret_string(secret("second")).send().await.unwrap();
    run(&mut root, format!("KILL USER {user}")).await;
    // A connection that was ended is noticed by using it; the messages come again.
    let messages = [event("r2").to_string()];
    // The secret is not asked for more often than every few seconds, so not at the first one.
    while function.answer(&batch(&messages)).await != json!({ "batchItemFailures": [] }) {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(world.invocations().await, 2);
    let said = function.end().await;
    assert!(
        !said.contains("\"first\"") && !said.contains("\"second\""),
        "{said}"
    );
}
