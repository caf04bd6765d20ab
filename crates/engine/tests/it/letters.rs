//! Every message in every language, as people get it.

use weir_core::calendar::Zone;
use weir_core::message::{About, Audience, Kind, Message, News};
use weir_engine::notify::{Language, Letter, Reader, Stationery};

fn stationery() -> Stationery {
    let zone = Zone::named("Europe/Madrid").unwrap();
    Stationery::new(zone, Some("bedrock@example.com".to_owned()))
}

fn reader(kind: Kind, language: Language) -> Reader {
    Reader {
        audience: if kind.is_personal() {
            Audience::User
        } else {
            Audience::Admins
        },
        language,
        name: Some("Ana López".to_owned()),
    }
}

pub(crate) fn write(message: &Message, language: Language) -> Letter {
    let reader = reader(message.kind(), language);
    stationery().write(message, &reader).unwrap()
}

/// Subject, notice and text of every message in one file per language: what a reviewer reads. To
/// accept a change: `UPDATE_EXPECT=1 cargo nextest run -p weir-engine -E 'test(letters)'`.
#[test]
fn every_message_reads_like_this() {
    for language in Language::ALL {
        let pages = Message::samples().into_iter().map(|message| {
            let Letter {
                subject,
                text,
                html: _,
                notice,
            } = write(&message, language);
            let kind = message.kind();
            format!("##### {kind}\nSubject: {subject}\nNotice:  {notice}\n\n{text}\n")
        });
        let all = pages.collect::<Vec<_>>().join("\n");
        let path = format!("letters.{language}.txt");
        expect_test::expect_file![path].assert_eq(&all);
    }
}

/// The markup once; the words are looked at above.
#[test]
fn the_layout_is_this() {
    let letter = write(&Message::sample(Kind::Blocked), Language::En);
    expect_test::expect_file!["letters.blocked.en.html"].assert_eq(&letter.html);
}

#[test]
fn html_and_text_say_the_same_in_the_colours_of_the_rules() {
    for message in Message::samples() {
        for language in Language::ALL {
            let kind = message.kind();
            let letter = write(&message, language);
            let bare = |word: &'_ str| word.trim_end_matches([':', '.', ',']).to_owned();
            let words: Vec<_> = letter.html.split(['<', '>', ' ', '\n']).map(bare).collect();
            for word in letter.text.split([' ', '\n']).map(bare) {
                let plain = word
                    .chars()
                    .all(|c| c.is_alphanumeric() || ".,:".contains(c));
                assert!(
                    !plain || words.contains(&word),
                    "{kind} {language}: `{word}` is in the text and not in the HTML"
                );
            }
            let colour = match kind {
                Kind::NewUser
                | Kind::Digest
                | Kind::DailySummary
                | Kind::WeeklySummary
                | Kind::MonthlySummary
                | Kind::ChannelTest => "#CBD2D9",
                Kind::QuotaWarning
                | Kind::TeamQuotaWarning
                | Kind::ProtectedOverLimit
                | Kind::ProtectionEnded
                | Kind::UnpricedModel
                | Kind::UserSuccession => "#F4B860",
                Kind::Unblocked
                | Kind::UnblockedByAdministrator
                | Kind::ProtectionGranted
                | Kind::IncidentClosed => "#9CD286",
                _ => "#EC7266",
            };
            assert!(letter.html.contains(colour), "{kind}");
            assert!(
                !letter.html.contains("{{") && !letter.html.contains("{%"),
                "{kind}"
            );
            assert!(!letter.text.contains("\n\n\n"), "{kind}: {}", letter.text);
            assert!(letter.subject.chars().count() <= 120, "{}", letter.subject);
        }
    }
}

#[test]
fn until_when_is_said_as_stored_and_in_local_time() {
    let letter = write(&Message::sample(Kind::Blocked), Language::En);
    assert!(letter.text.contains("Until: Sat 21 Nov 2026, 00:00 CET"));
    let letter = write(&Message::sample(Kind::BlockedByAdministrator), Language::Es);
    assert!(
        letter
            .text
            .contains("Hasta: que un administrador lo levante")
    );
}

#[test]
fn nothing_a_user_writes_becomes_markup_or_a_header() {
    let evil =
        "</p><script>alert(1)</script>\r\nBcc: all@example.com\u{202e}\u{2028}{{ 7*7 }} & <b>";
    let mut message = Message::sample(Kind::BlockedByAdministrator);
    if let News::BlockedByAdministrator { by, reason, .. } = &mut message.news {
        evil.clone_into(by);
        evil.clone_into(reason);
    }
    message.about = About::User {
        user: evil.into(),
        team: Some(evil.into()),
    };
    for audience in [Audience::User, Audience::Admins] {
        for language in Language::ALL {
            let reader = Reader {
                audience,
                language,
                name: Some(evil.to_owned()),
            };
            let letter = stationery().write(&message, &reader).unwrap();
            assert!(!letter.html.contains("<script"), "{}", letter.html);
            assert!(
                letter
                    .html
                    .contains("&lt;script&gt;alert(1)&lt;&#x2f;script&gt;")
            );
            assert!(letter.html.contains("{{ 7*7 }} &amp; &lt;b&gt;"));
            for line in [&letter.subject, &letter.notice] {
                assert!(
                    !line.contains(['\r', '\n', '\u{2028}', '\u{202e}']),
                    "{line}"
                );
            }
            assert!(!letter.text.contains("\nBcc:"), "{}", letter.text);
            assert!(!letter.html.contains('\u{202e}') && !letter.text.contains('\u{202e}'));
        }
    }
}

#[test]
fn a_long_text_of_somebody_else_is_cut() {
    let mut message = Message::sample(Kind::EnforcementFailed);
    if let News::EnforcementFailed { error, .. } = &mut message.news {
        *error = "é".repeat(10_000);
    }
    let letter = write(&message, Language::Es);
    assert!(letter.text.contains("é…") && letter.text.len() < 3_000);
}

#[test]
fn others_get_one_line_and_the_facts_of_a_personal_message() {
    let reader = Reader {
        audience: Audience::Admins,
        language: Language::En,
        name: Some("Marta Ruiz".to_owned()),
    };
    let letter = stationery()
        .write(&Message::sample(Kind::Blocked), &reader)
        .unwrap();
    assert_eq!(letter.subject, letter.notice);
    assert!(letter.subject.starts_with("ana.lopez: access blocked"));
    assert!(!letter.text.contains("Your") && !letter.text.contains("You"));
    assert!(letter.text.contains("Until: Sat 21 Nov 2026, 00:00 CET"));
}

#[test]
fn the_document_lists_every_message_as_it_is() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/messages.md");
    let document = std::fs::read_to_string(path).unwrap();
    for kind in Kind::ALL {
        let people = kind.audiences().iter().map(|audience| match audience {
            Audience::User => "the user",
            Audience::TeamOwner => "the team's owner",
            Audience::Admins => "administrators",
        });
        let people = people.collect::<Vec<_>>().join("; ");
        let row = format!("| `{kind}` | {} | {people} |", kind.severity().as_str());
        assert!(document.contains(&row), "{row}");
    }
}
