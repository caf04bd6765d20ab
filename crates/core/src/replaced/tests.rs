use super::*;

fn terms() -> Terms {
    Terms {
        account: "111122223333".into(),
        home: None,
        written_in: None,
        unnumbered_until: None,
    }
}

#[expect(clippy::unnecessary_wraps, reason = "what a cell holds")]
fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// 2026-11-20T11:00:00.250Z
const AT: &str = "1795172400.250";

fn row() -> CallRow {
    CallRow {
        id: 7,
        user: some("sap_003"),
        team: some("team_sap_group"),
        person: some("Ana"),
        at: some(AT),
        model: some("anthropic.claude-3-5-sonnet-20240620-v1:0"),
        kind: some("converse-stream"),
        input: some("1000"),
        output: some("20"),
        region: some("eu-west-1"),
        source_ip: some("192.0.2.7"),
        user_agent: some("boto3/1.34"),
        request: some("r-1"),
        status: some("200"),
        error: None,
    }
}

fn taken(row: &CallRow, terms: &Terms) -> Evidence {
    match call(row, terms).unwrap() {
        Call::Taken(evidence) => *evidence,
        Call::Unnumbered => panic!("{row:?}"),
    }
}

#[test]
fn a_row_becomes_the_call_it_was() {
    let evidence = taken(&row(), &terms());
    let record = evidence.api_call.as_ref().unwrap();
    assert_eq!(record.request.as_str(), "r-1");
    assert_eq!(record.at.to_string(), "2026-11-20T11:00:00.25Z");
    assert_eq!(record.operation, "ConverseStream");
    let tokens = record.tokens.unwrap();
    assert_eq!((tokens.input, tokens.output), (1_000, 20));
    assert_eq!(record.failure, None);
    let facts = evidence.sighting.caller.found().unwrap();
    assert_eq!(
        facts.team_tag.as_deref(),
        Some("team_sap_group"),
        "of its time"
    );
    assert_eq!(facts.person.as_deref(), Some("Ana"));
}

#[test]
fn what_the_old_system_did_not_know_is_not_zero() {
    let unknown = CallRow {
        input: some("0"),
        output: None,
        ..row()
    };
    assert_eq!(taken(&unknown, &terms()).api_call.unwrap().tokens, None);
}

#[test]
fn failures_are_known_by_their_status() {
    for (status, error, code) in [
        (
            some("403"),
            some("not authorized"),
            Some("AccessDeniedException"),
        ),
        (some("429"), None, Some("ThrottlingException")),
        (some("500"), None, Some("HTTP 500")),
        (None, some("boom"), Some("Error")),
        (None, some(" "), None),
    ] {
        let failed = CallRow {
            status,
            error,
            ..row()
        };
        let failure = taken(&failed, &terms()).api_call.unwrap().failure;
        assert_eq!(failure.map(|failure| failure.code).as_deref(), code);
    }
}

#[test]
fn a_call_without_id_is_taken_only_where_nothing_can_have_counted_it() {
    let unnumbered = CallRow {
        request: some(" "),
        ..row()
    };
    assert_eq!(call(&unnumbered, &terms()), Ok(Call::Unnumbered));
    let until = |text: &str| Terms {
        unnumbered_until: Some(text.parse().unwrap()),
        ..terms()
    };
    assert_eq!(
        call(&unnumbered, &until("2026-11-20T11:00:00Z")),
        Ok(Call::Unnumbered)
    );
    let evidence = taken(&unnumbered, &until("2026-11-21T00:00:00Z"));
    assert_eq!(evidence.api_call.unwrap().request.as_str(), "replaced-7");
}

#[test]
fn wall_times_become_instants_in_their_zone() {
    let madrid = Terms {
        written_in: Some(Zone::named("Europe/Madrid").unwrap()),
        ..terms()
    };
    for (written, instant) in [
        // 12:00 in winter and in summer, and 02:30 of the night with two of them.
        ("1795176000", "2026-11-20T11:00:00Z"),
        ("1784462400", "2026-07-19T10:00:00Z"),
        ("1792895400", "2026-10-25T00:30:00Z"),
    ] {
        let written = CallRow {
            at: some(written),
            ..row()
        };
        let record = taken(&written, &madrid).api_call.unwrap();
        assert_eq!(record.at.to_string(), instant);
    }
}

#[test]
fn a_bad_cell_is_named() {
    type Spoil = fn(&mut CallRow);
    let spoils: [(Spoil, &str); 9] = [
        (
            |row| row.at = some("0.000"),
            "request_timestamp `0.000` is no time",
        ),
        (|row| row.at = None, "request_timestamp is empty"),
        (|row| row.user = some(""), "user_id is empty"),
        (|row| row.user = some("*"), "no name of an IAM user"),
        (|row| row.model = None, "model_id is empty"),
        (|row| row.region = None, "region is empty"),
        (
            |row| row.kind = some("batch"),
            "request_type `batch` is not known",
        ),
        (
            |row| row.input = some("-5"),
            "input_tokens `-5` is not a number",
        ),
        (
            |row| row.status = some("x"),
            "status_code `x` is not a number",
        ),
    ];
    for (spoil, why) in spoils {
        let mut bad = row();
        spoil(&mut bad);
        let found = call(&bad, &terms()).unwrap_err();
        assert!(found.contains(why), "{found}");
    }
}

fn blocked() -> UserRow {
    UserRow {
        user: some("sap_003"),
        daily: some("250"),
        monthly: some("5000"),
        warning: some("60"),
        critical: some("85"),
        blocked: some("1"),
        reason: some("Daily limit exceeded"),
        until: some(AT),
        blocked_by: some("system"),
    }
}

#[test]
fn limits_become_quotas_and_blocks_keep_their_end() {
    let now = "2026-11-20T10:00:00Z".parse().unwrap();
    let of = |row: &UserRow| old_user(row, &terms(), "eva", now).unwrap();
    let user = of(&blocked());
    let limits: Vec<_> = user
        .quotas
        .iter()
        .map(|quota| (quota.window, quota.limit))
        .collect();
    assert_eq!(
        limits,
        [
            (WindowKind::Day, Limit::Of(250)),
            (WindowKind::Month, Limit::Of(5_000))
        ]
    );
    assert!(
        user.quotas
            .iter()
            .all(|quota| quota.warn == [60, 85] && quota.action == Action::Block)
    );
    let block = user.block.unwrap();
    assert_eq!(block.reason, "taken over: Daily limit exceeded");
    assert_eq!(
        block.until,
        Until::At("2026-11-20T11:00:00.250Z".parse().unwrap())
    );
    assert_eq!(block.by.as_deref(), Some("system"));

    let without_end = UserRow {
        until: None,
        reason: None,
        ..blocked()
    };
    assert_eq!(of(&without_end).block.unwrap().until, Until::Indefinite);
    let free = UserRow {
        blocked: some("0"),
        ..blocked()
    };
    assert_eq!(of(&free).block, None);
    let later = "2026-11-20T12:00:00Z".parse().unwrap();
    assert_eq!(
        old_user(&blocked(), &terms(), "eva", later).unwrap().block,
        None,
        "it is over"
    );
    let unlimited = UserRow {
        daily: None,
        warning: None,
        critical: None,
        ..blocked()
    };
    let [monthly] = of(&unlimited).quotas.try_into().unwrap();
    assert_eq!(monthly.warn, DEFAULT_WARN);
}

fn tables() -> BTreeMap<String, Vec<String>> {
    let columns = |columns: &[&str]| columns.iter().map(|column| (*column).to_owned()).collect();
    TABLES
        .iter()
        .map(|(table, names)| ((*table).to_owned(), columns(names)))
        .collect()
}

#[test]
fn a_form_that_cannot_be_understood_is_refused() {
    assert_eq!(check(&tables()), Ok(()));
    let mut other = tables();
    other.insert("user_limits".to_owned(), Vec::new());
    assert!(check(&other).unwrap_err().contains("never published"));
    let mut empty = tables();
    empty.remove("users");
    assert!(check(&empty).unwrap_err().contains("no table `users`"));
    let mut old = tables();
    old.insert(
        "users".to_owned(),
        vec!["user_id".to_owned(), "team".to_owned()],
    );
    let why = check(&old).unwrap_err();
    assert!(why.contains("no column person_tag, daily_limit"), "{why}");
}

#[test]
fn users_of_another_account_than_the_home_go_by_both_names() {
    let row = UserRow {
        user: some("sap_003"),
        daily: some("100"),
        ..UserRow::default()
    };
    for (home, name) in [
        (None, "sap_003"),
        (Some("111122223333"), "sap_003"),
        (Some("444455556666"), "111122223333/sap_003"),
    ] {
        let terms = Terms {
            home: home.map(AccountId::new),
            ..terms()
        };
        let user = old_user(&row, &terms, "eva", Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(user.user.as_str(), name);
        assert_eq!(user.quotas[0].scope, Scope::User(name.into()));
        assert_eq!(user.principal.name, "sap_003");
    }
}

#[test]
fn the_old_statement_is_known_by_its_name_and_that_it_denies() {
    let of = |statement: &str| format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#);
    let denies = r#"{"Sid":"DailyLimitBlock","Effect":"Deny","Action":"bedrock:*","Resource":"*"}"#;
    let allows =
        r#"{"Sid":"DailyLimitBlock","Effect":"Allow","Action":"bedrock:*","Resource":"*"}"#;
    let other = r#"{"Sid":"Other","Effect":"Deny","Action":"bedrock:*","Resource":"*"}"#;
    assert!(is_old_deny(&of(denies)));
    assert!(is_old_deny(&of(&format!("[{other},{denies}]"))));
    for text in [of(allows), of(other), of("[]"), "no JSON".to_owned()] {
        assert!(!is_old_deny(&text), "{text}");
    }
}

#[test]
fn the_old_statement_is_taken_out_and_the_rest_of_the_policy_stays() {
    let of = |statements: &str| format!(r#"{{"Version":"2012-10-17","Statement":{statements}}}"#);
    let denies = r#"{"Sid":"DailyLimitBlock","Effect":"Deny","Action":"bedrock:*","Resource":"*"}"#;
    let allows = r#"{"Sid":"Allow","Effect":"Allow","Action":["bedrock:InvokeModel"],"Resource":["*"],
        "Condition":{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}}"#;
    let read = |text: &str| -> serde_json::Value { serde_json::from_str(text).unwrap() };
    let left = without_old_deny(&of(&format!("[{denies},{allows},{denies}]"))).unwrap();
    assert_eq!(read(&left), read(&of(&format!("[{allows}]"))));
    for nothing_else in [of(denies), of(&format!("[{denies}]"))] {
        assert_eq!(without_old_deny(&nothing_else), None);
    }
    let single = of(allows);
    assert_eq!(read(&without_old_deny(&single).unwrap()), read(&single));
}
