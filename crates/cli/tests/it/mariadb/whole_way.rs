//! The whole way: records into MariaDB, or `MySQL`, a Deny in IAM, a mail from a real server, midnight, and
//! everything back.

use jiff::tz::TimeZone;
use jiff::{ToSpan, Zoned};
use serde_json::json;

use super::company::{Company, enforcement, skipped, variable, wall};

#[test]
fn calls_block_the_deny_is_in_iam_a_mail_says_until_when_and_midnight_lifts_it() {
    the_whole_way(&variable("WEIR_TEST_MARIADB_URL"));
}

#[test]
fn the_whole_way_is_the_same_over_real_mysql() {
    if !skipped("WEIR_TEST_MYSQL_SKIPPED") {
        the_whole_way(&variable("WEIR_TEST_MYSQL_URL"));
    }
}

fn the_whole_way(server: &str) {
    let company = Company::new(server, "", 3);
    // Today, so that no mail is too old to be sent; at noon, so that the day does not end meanwhile.
    let today = wall().to_zoned(TimeZone::get("Europe/Madrid").unwrap());
    let noon = today
        .date()
        .at(12, 0, 0, 0)
        .to_zoned(today.time_zone().clone());
    let noon = noon.unwrap();
    let midnight = noon.tomorrow().unwrap().start_of_day().unwrap();
    let user = company.user.clone();
    let enforcement = |at: &Zoned| {
        let status = company.at(at, &["status", &user, "--json"]).ok();
        enforcement(&status)
    };
    company.hire(|args| company.at(&noon, args));

    let calls = company.calls(noon.timestamp(), 0..4);
    let lines: Vec<_> = calls.iter().map(ToString::to_string).collect();
    company.world.write("calls.json", lines.join("\n"));
    let counted = company.at(&noon, &["ingest", "calls.json", "--json"]).ok();
    assert_eq!(counted.json()["blocked"], json!([user]), "{counted:?}");
    let blocked = ("BLOCKED".to_owned(), "verified".to_owned());
    assert_eq!(enforcement(&noon), blocked);
    let until = midnight.strftime("%a %-d %b %Y, 00:00 %Z").to_string();
    let lost = format!("Your access is blocked until {until}");
    assert_eq!(company.subjects().last(), Some(&lost));
    let told = company.subjects().len();

    // The same again is nothing new, and nobody is told twice.
    company.at(&noon, &["ingest", "calls.json"]).ok();
    assert_eq!(company.subjects().len(), told);

    let next = &midnight + 30.seconds();
    company.at(&next, &["reset", "run"]).ok();
    let active = ("ACTIVE".to_owned(), "none".to_owned());
    assert_eq!(enforcement(&next), active);
    let back = "You have access to Amazon Bedrock again".to_owned();
    assert_eq!(company.subjects().last(), Some(&back));
    company.at(&next, &["reset", "run"]).ok();
    assert_eq!(company.subjects().len(), told + 1);
    company.at(&next, &["audit", "verify"]).ok();
}

#[test]
fn the_way_of_mail_is_tried_by_sending_one() {
    let company = Company::new(&variable("WEIR_TEST_MARIADB_URL"), "", 3);
    let to = company.address();
    company
        .weir(&["notify", "test", "smtp", "--to", &to])
        .ok()
        .says(&[&format!("channel `smtp` works: sent to {to}")]);
    let subjects = company.subjects();
    assert_eq!(subjects.len(), 1, "{subjects:?}");
    assert!(subjects[0].contains("smtp"), "{subjects:?}");
    // A server that knows the user by another password says so; the password is not shown.
    let mut command = company
        .world
        .command(&["notify", "test", "smtp", "--to", &to]);
    command.envs(company.environment());
    command.env("WEIR_SMTP_PASSWORD", "hunter2");
    let ran = crate::world::Ran::of(command.output().unwrap()).ends(1);
    assert!(
        ran.err.contains("channel `smtp` does not work") && !ran.err.contains("hunter2"),
        "{ran:?}"
    );
    assert_eq!(company.subjects().len(), 1);
}

/// Noon of a day whose month goes on for two more: today, or the first of the next month.
fn noon_within_a_month() -> Zoned {
    let today = wall().to_zoned(TimeZone::get("Europe/Madrid").unwrap());
    let in_two_days = &today + 2.days();
    let day = if in_two_days.month() == today.month() {
        today
    } else {
        today.last_of_month().unwrap().tomorrow().unwrap()
    };
    let noon = day.with().hour(12).minute(0).second(0);
    noon.subsec_nanosecond(0).build().unwrap()
}

#[test]
fn a_monthly_offender_stays_blocked_untold_and_is_blocked_again_when_protection_ends() {
    a_monthly_offender(&variable("WEIR_TEST_MARIADB_URL"));
}

#[test]
fn a_monthly_offender_is_the_same_over_real_mysql() {
    if !skipped("WEIR_TEST_MYSQL_SKIPPED") {
        a_monthly_offender(&variable("WEIR_TEST_MYSQL_URL"));
    }
}

fn a_monthly_offender(server: &str) {
    let company = Company::new(server, "", 1_000);
    let noon = noon_within_a_month();
    let midnight = noon.tomorrow().unwrap().start_of_day().unwrap();
    let user = company.user.clone();
    let enforcement = |at: &Zoned| {
        let status = company.at(at, &["status", &user, "--json"]).ok();
        enforcement(&status)
    };
    let is = |state: &str, enforcement: &str| (state.to_owned(), enforcement.to_owned());
    company.hire(|args| company.at(&noon, args));
    let scope = format!("user:{user}");
    company
        .at(&noon, &["quota", "set", &scope, "requests", "month", "3"])
        .ok();
    let calls = company.calls(noon.timestamp(), 0..3);
    let lines: Vec<_> = calls.iter().map(ToString::to_string).collect();
    company.world.write("calls.json", lines.join("\n"));
    company.at(&noon, &["ingest", "calls.json"]).ok();
    assert_eq!(enforcement(&noon), is("BLOCKED", "verified"));
    let told = company.subjects();
    let month = noon.last_of_month().unwrap().tomorrow().unwrap();
    let until = month.strftime("%a %-d %b %Y, 00:00 %Z").to_string();
    let lost = format!("Your access is blocked until {until}");
    assert_eq!(told.last(), Some(&lost));

    let reset = |midnight: &Zoned| {
        let at = midnight + 30.seconds();
        company.at(&at, &["reset", "run"]).ok();
        enforcement(&at)
    };
    assert_eq!(reset(&midnight), is("BLOCKED", "verified"));
    assert_eq!(company.subjects(), told, "the month is not over");

    let noon = &noon + 1.days();
    company
        .at(&noon, &["unblock", &user, "--reason", "a release"])
        .ok();
    assert_eq!(enforcement(&noon), is("ACTIVE_ADM", "none"));
    assert_eq!(company.subjects().len(), told.len() + 1);
    let midnight = noon.tomorrow().unwrap().start_of_day().unwrap();
    assert_eq!(reset(&midnight), is("BLOCKED", "verified"));
    assert_eq!(company.subjects().last(), Some(&lost), "protection ended");
    company.at(&midnight, &["audit", "verify"]).ok();
}

#[test]
fn an_indefinite_block_outlasts_the_daily_reset() {
    let company = Company::new(&variable("WEIR_TEST_MARIADB_URL"), "", 1_000);
    let noon = noon_within_a_month();
    let next = noon.tomorrow().unwrap().start_of_day().unwrap() + 30.seconds();
    company.hire(|args| company.at(&noon, args));
    let user = company.user.clone();
    let call = company.calls(noon.timestamp(), 0..1)[0].to_string();
    company.world.write("call.json", call);
    company.at(&noon, &["ingest", "call.json"]).ok();
    let block = ["block", &user, "--indefinite", "--reason", "a lost laptop"];
    company.at(&noon, &block).ok();
    let told = company.subjects();
    let last = told.last().map(String::as_str);
    assert_eq!(
        last,
        Some("An administrator has blocked your access to Amazon Bedrock")
    );
    company.at(&next, &["reset", "run"]).ok();
    let status = company.at(&next, &["status", &user, "--json"]).ok();
    let blocked = ("BLOCKED_ADM".to_owned(), "verified".to_owned());
    assert_eq!(enforcement(&status), blocked);
    assert_eq!(company.subjects(), told);
}
