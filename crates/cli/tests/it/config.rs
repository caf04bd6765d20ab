//! Configuration: precedence, errors that name the line, and no secrets.

use crate::world::{Ran, World, fixture};

fn value<'a>(items: &'a serde_json::Value, key: &str) -> (&'a str, &'a str) {
    let item = items
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["key"] == key)
        .unwrap();
    (
        item["value"].as_str().unwrap(),
        item["source"].as_str().unwrap(),
    )
}

#[test]
fn a_flag_wins_over_a_variable_over_the_file_over_the_default() {
    let world = World::new();
    let show = |world: &World, args: &[&str], env: Option<&str>| {
        let mut command = world.command(&[args, &["--json", "config", "show"]].concat());
        if let Some(url) = env {
            command.env("WEIR_DATABASE_URL", url);
        }
        let output = command.output().unwrap();
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()
    };
    let items = show(&world, &[], None);
    let (url, source) = value(&items, "database");
    assert!(
        url.ends_with("/.local/share/weir/weir.db") && source == "default",
        "{url} {source}"
    );

    world.write(
        "weir.toml",
        "# ours\ndatabase = \"sqlite:file.db\"\n[usage]\nsettle_after = \"20m\"\n",
    );
    let items = show(&world, &[], None);
    assert_eq!(value(&items, "database"), ("sqlite:file.db", "weir.toml:2"));
    assert_eq!(value(&items, "usage.settle_after"), ("20m", "weir.toml:4"));
    assert_eq!(
        value(&items, "enforcement.mode"),
        ("what is in force in the database", "default")
    );
    let items = show(&world, &[], Some("sqlite:variable.db"));
    assert_eq!(
        value(&items, "database"),
        ("sqlite:variable.db", "WEIR_DATABASE_URL")
    );
    let items = show(
        &world,
        &["--database", "mysql://weir:s3cret@db/weir"],
        Some("sqlite:variable.db"),
    );
    assert_eq!(value(&items, "database").0, "mysql://weir:…@db/weir");
}

#[test]
fn errors_name_the_file_and_the_line() {
    let world = World::new();
    for (text, line, words) in [
        ("zone = \"Europe/Madrid\"\ncolour = \"red\"\n", 2, "colour"),
        ("zone = \"Mars/Olympus\"\n", 1, "IANA"),
        ("[aws]\n\nhome_account = \"1234\"\n", 3, "twelve digits"),
        ("[usage]\nsettle_after = \"soon\"\n", 2, "12h"),
        ("[pricing]\nunknown = \"guess\"\n", 2, "flag"),
        ("[enforcement]\nmode = \"on\"\n", 2, "dry-run"),
        ("[enforcement]\npolicy_name = \"a b\"\n", 2, "policy name"),
        (
            "[enforcement.accounts.prod]\nrole_arn = \"x\"\n",
            1,
            "111122223333",
        ),
        (
            "[attribution]\nteam_group_pattern = \"^team\"\n",
            2,
            "parentheses",
        ),
        (
            "[attribution]\nteam_group_pattern = \"(\"\n",
            2,
            "regular expression",
        ),
        ("[server]\nlisten = \"8080\"\n", 2, "127.0.0.1:8080"),
        ("[intake]\nqueues = [\"weir\"]\n", 2, "https://sqs."),
        (
            "[intake]\nlog_groups = [\"/aws/bedrock\"]\n",
            2,
            "log-group:/aws/bedrock",
        ),
        (
            "[[quotas]]\nscope = \"defaults\"\nmetric = \"money\"\n",
            3,
            "cost",
        ),
        ("this is not TOML\n", 1, ""),
    ] {
        let path = world.write("weir.toml", text);
        let ran = world.weir(&["config", "check"]).ends(2);
        let place = format!("weir.toml:{line}: ");
        assert!(
            ran.err.contains(&place) && ran.err.contains(words),
            "{text}\n{ran:#?}"
        );
        std::fs::remove_file(path).unwrap();
    }
    let missing = world
        .weir(&["--config", "missing.toml", "config", "check"])
        .ends(2);
    assert!(
        missing.err.contains("--config") && missing.err.contains("missing.toml"),
        "{missing:?}"
    );
}

#[test]
fn who_cannot_read_is_an_error_that_says_what_to_do() {
    let world = World::new();
    let queue = |more: &str| {
        let url = "https://sqs.eu-west-1.amazonaws.com/111122223333/weir";
        format!("queues = [{{ url = \"{url}\", {more} }}]")
    };
    let arn = "arn:aws:logs:eu-west-1:111122223333:log-group:bedrock";
    for (text, words) in [
        ("queues = [{ url = \"weir\" }]".to_owned(), "https://sqs."),
        (queue("role = \"weir\""), "objects_account"),
        (queue("account = \"prod\""), "twelve digits, or `home`"),
        (
            queue("account = \"444455556666\""),
            "enforcement.accounts.444455556666.role_arn",
        ),
        (
            queue("objects_account = \"444455556666\""),
            "enforcement.accounts.444455556666.role_arn",
        ),
        (
            format!("log_groups = [{{ arn = \"{arn}\", account = \"444455556666\" }}]"),
            "account = \"home\"",
        ),
    ] {
        world.write("weir.toml", format!("[intake]\n{text}\n"));
        let ran = world.weir(&["config", "check"]).ends(2);
        ran.says(&["weir.toml:2: ", words]);
    }
}

#[test]
fn what_is_in_another_account_is_read_by_the_role_there_unless_the_file_says_who() {
    let world = World::new();
    let (ours, theirs) = ("111122223333", "444455556666");
    let url = |account: &str| format!("https://sqs.eu-west-1.amazonaws.com/{account}/weir");
    let arn = |account: &str| format!("arn:aws:logs:eu-west-1:{account}:log-group:bedrock");
    let write = |queue: &str, group: &str| {
        let text = format!(
            "[aws]\nhome_account = \"{ours}\"\n[intake]\nqueues = [{queue}]\nlog_groups = [{group}]\n\
             [enforcement.accounts.{theirs}]\nrole_arn = \"arn:aws:iam::{theirs}:role/weir\"\n"
        );
        world.write("weir.toml", text);
    };
    let entry = |name: &str, text: &str, more: &str| format!("{{ {name} = \"{text}\"{more} }}");
    let role = format!("by the role in {theirs}");
    for (account, says, queue, group) in [
        (ours, "", String::new(), String::new()),
        ("999999999999", "", String::new(), String::new()),
        (theirs, "", format!(" {role}"), format!(" {role}")),
        (theirs, ", account = \"home\"", String::new(), String::new()),
        (
            theirs,
            ", account = \"111122223333\"",
            String::new(),
            String::new(),
        ),
        (
            ours,
            ", account = \"444455556666\"",
            format!(" {role}"),
            format!(" {role}"),
        ),
    ] {
        let (url, arn) = (url(account), arn(account));
        write(&entry("url", &url, says), &entry("arn", &arn, says));
        let items = world.weir(&["--json", "config", "show"]).ok().json();
        assert_eq!(value(&items, "intake.queues").0, format!("{url}{queue}"));
        assert_eq!(
            value(&items, "intake.log_groups").0,
            format!("{arn}{group}")
        );
    }
    // Word of objects comes to us, and the objects are there.
    let (queue, group) = (url(ours), arn(ours));
    let more = ", objects_account = \"444455556666\"";
    write(&entry("url", &queue, more), &entry("arn", &group, ""));
    let items = world.weir(&["--json", "config", "show"]).ok().json();
    let want = format!("{queue} by our own credentials, objects {role}");
    assert_eq!(value(&items, "intake.queues").0, want);
}

#[test]
fn each_account_is_asked_for_the_rights_that_are_used_there() {
    let world = World::new();
    let theirs = "444455556666";
    world.write(
        "weir.toml",
        format!(
            "[aws]\nhome_account = \"111122223333\"\n[intake]\n\
             queues = [{{ url = \"https://sqs.eu-west-1.amazonaws.com/111122223333/weir\", objects_account = \"{theirs}\" }}]\n\
             log_groups = [\"arn:aws:logs:eu-west-1:{theirs}:log-group:bedrock\"]\n\
             [enforcement.accounts.{theirs}]\nrole_arn = \"arn:aws:iam::{theirs}:role/weir\"\n"
        ),
    );
    let live = |account: Option<&str>| {
        let mut args = vec!["aws-policy", "--feature", "read"];
        args.extend(account.map(|_| "--account"));
        args.extend(account);
        let policy = world.weir(&args).ok().json();
        let statements = policy["Statement"].as_array().unwrap().clone();
        let sids = statements.iter().map(|one| one["Sid"].as_str().unwrap());
        let always = [
            "WeirWhoIsWho",
            "WeirBackfills",
            "WeirLooksAround",
            "WeirComparesWithCloudWatch",
        ];
        let sids = sids.filter(|sid| !always.contains(sid));
        sids.map(str::to_owned).collect::<Vec<_>>()
    };
    let ours = ["WeirReadsItsQueues", "WeirReachesOtherAccounts"];
    assert_eq!(live(None), ours);
    assert_eq!(live(Some("111122223333")), ours);
    let there = ["WeirReadsWhatQueuesName", "WeirFollowsItsLogGroups"];
    assert_eq!(live(Some(theirs)), there);
}

#[test]
fn who_opens_objects_for_the_lambda_controller_is_said_once_and_asked_for_the_right() {
    let world = World::new();
    let theirs = "444455556666";
    let write = |said: &str| {
        let role = format!("role_arn = \"arn:aws:iam::{theirs}:role/weir\"");
        let text = format!(
            "[lambda]\n{said}\n[aws]\nhome_account = \"111122223333\"\n\
             [enforcement.accounts.{theirs}]\n{role}\n"
        );
        world.write("weir.toml", text);
    };
    for (said, shown) in [
        ("", "(that of the queue)"),
        ("objects_account = \"home\"", "home"),
        ("objects_account = \"111122223333\"", "home"),
        ("objects_account = \"444455556666\"", theirs),
    ] {
        write(said);
        let items = world.weir(&["--json", "config", "show"]).ok().json();
        assert_eq!(value(&items, "lambda.objects_account").0, shown);
        let policy = world.weir(&["aws-policy", "--feature", "read", "--account", theirs]);
        let reads = policy.ok().out.contains("WeirReadsWhatQueuesName");
        assert_eq!(reads, shown == theirs, "{said}");
    }
    write("objects_account = \"999999999999\"");
    let ran = world.weir(&["config", "check"]).ends(2);
    ran.says(&[
        "weir.toml:2: lambda.objects_account: ",
        "enforcement.accounts.999999999999.role_arn",
    ]);
}

#[test]
fn quotas_of_the_file_are_in_force_and_commands_win() {
    let world = World::new();
    let quota = |limit: u32| {
        format!(
            "[[quotas]]\nscope = \"defaults\"\nmetric = \"requests\"\nwindow = \"day\"\nlimit = {limit}\n"
        )
    };
    world.write("weir.toml", quota(7));
    let ingest = |world: &World| -> Ran {
        let path = fixture("ct_invokemodel_iamuser.json");
        world.at(&["ingest", path.to_str().unwrap()]).ok()
    };
    let shown = |world: &World| {
        let status = world.at(&["--json", "status", "ana.lopez"]).ok().json();
        (
            status["quotas"][0]["limit"].clone(),
            status["quotas"][0]["scope"].clone(),
        )
    };
    ingest(&world);
    assert_eq!(shown(&world).0, 7);
    world.write("weir.toml", quota(9));
    ingest(&world);
    assert_eq!(shown(&world).0, 9);
    world
        .at(&["quota", "set", "defaults", "requests", "day", "20"])
        .ok();
    ingest(&world);
    assert_eq!(shown(&world).0, 20);
}

#[test]
fn the_sample_configuration_is_good() {
    let world = World::new();
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/weir.sample.toml");
    let ran = world
        .weir(&["--config", sample, "--json", "config", "show"])
        .ok()
        .json();
    let (quotas, _) = value(&ran, "quotas");
    assert_eq!(
        quotas,
        "defaults requests day 350 block, defaults requests month 5000 block"
    );
    // What is commented out is good too.
    let text = std::fs::read_to_string(sample).unwrap();
    let all: Vec<_> = text
        .lines()
        .map(|line| line.strip_prefix("#: ").unwrap_or(line))
        .collect();
    let path = world.write("all.toml", all.join("\n"));
    world
        .weir(&["--config", path.to_str().unwrap(), "config", "check"])
        .ok();
}

#[test]
fn a_mechanism_for_identity_center_names_what_it_writes_to() {
    let world = World::new();
    let arn = "arn:aws:organizations::111122223333:policy/o-a1/service_control_policy/p-b2";
    for (lines, code, word) in [
        ("identity_center = \"permission-set-policy\"", 0, "good"),
        ("identity_center = \"scp\"", 2, "identity_center_scp"),
        ("identity_center_scp = \"p-b2\"", 2, "organizations"),
        ("identity_center_policies = 11", 2, "1 to 10"),
        ("identity_center = \"groups\"", 2, "permission-set-policy"),
    ] {
        world.write("weir.toml", format!("[enforcement]\n{lines}\n"));
        let ran = world.weir(&["config", "check"]).ends(code);
        let said = format!("{}{}", ran.out, ran.err);
        assert!(code == 0 || said.contains(word), "{lines}: {said}");
    }
    let lines = format!("identity_center = \"scp\"\nidentity_center_scp = \"{arn}\"\n");
    world.write("weir.toml", format!("[enforcement]\n{lines}"));
    let shown = world.weir(&["--json", "config", "show"]).ok().json();
    let scp = value(&shown, "enforcement.identity_center_scp");
    assert_eq!(scp, ("p-b2 of 111122223333", "weir.toml:3"));
}

#[test]
fn who_logs_in_to_the_database_is_said_by_a_secret_or_a_token_not_by_both() {
    let world = World::new();
    let arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:weir-AbCdEf";
    let show = |variables: &[(&str, &str)]| {
        let mut command = world.command(&["--json", "config", "show"]);
        command.envs(variables.iter().copied());
        Ran::of(command.output().unwrap())
    };
    let all_in_secret = show(&[("WEIR_DATABASE_SECRET", arn)]).ok().json();
    assert_eq!(
        value(&all_in_secret, "database"),
        ("mysql://", "the secret")
    );
    assert_eq!(
        value(&all_in_secret, "database_secret"),
        (arn, "WEIR_DATABASE_SECRET")
    );

    world.write(
        "weir.toml",
        "database = \"mysql://weir@db/weir\"\ndatabase_login = \"iam\"\ndatabase_ca = \"rds.pem\"\n",
    );
    let by_token = show(&[]).ok().json();
    assert_eq!(value(&by_token, "database_login"), ("iam", "weir.toml:2"));
    assert_eq!(value(&by_token, "database_ca"), ("rds.pem", "weir.toml:3"));

    show(&[("WEIR_DATABASE_SECRET", arn)])
        .ends(2)
        .says(&["keep one of the two"]);
    show(&[("WEIR_DATABASE_LOGIN", "kerberos")])
        .ends(2)
        .says(&["WEIR_DATABASE_LOGIN", "password or iam"]);
}
