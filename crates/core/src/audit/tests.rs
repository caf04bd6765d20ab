use super::*;
use crate::forget::Names;
use crate::ids::UserId;

fn salts(n: u8) -> Salts {
    let mut next = n.wrapping_mul(16);
    std::array::from_fn(|_| {
        next = next.wrapping_add(1);
        [next; 16]
    })
}

fn chained(entries: Vec<Entry>) -> Vec<Chained> {
    chain((0, GENESIS), entries.into_iter().zip((0..).map(salts)))
}

fn entries(n: usize) -> Vec<Entry> {
    (0..n)
        .map(|i| Entry {
            operation: "block".into(),
            reason: i.to_string(),
            ..Entry::default()
        })
        .collect()
}

/// How many entries hold replaced texts, or what is wrong.
fn check(chain: &[Chained]) -> Result<u64, Broken> {
    let mut head = (0, GENESIS.to_owned());
    let mut replacements = Replacements::default();
    for next in chain {
        verify((head.0, &head.1), next)?;
        replacements.read(next);
        head = (next.seq, next.hash.clone());
    }
    replacements.check()
}

#[test]
fn any_change_of_the_past_is_seen() {
    let good = chained(entries(4));
    assert_eq!(check(&good), Ok(0));

    let mut altered = good.clone();
    altered[1].entry.reason = "other".into();
    assert_eq!(check(&altered), Err(Broken::Altered { seq: 2 }));

    let mut removed = good.clone();
    removed.remove(2);
    assert_eq!(
        check(&removed),
        Err(Broken::Gap {
            expected: 3,
            found: 4
        })
    );

    let mut rehashed = good.clone();
    let second = &mut rehashed[1];
    second.entry.reason = "other".into();
    second.hash = hash(2, &second.prev_hash, &second.entry, &second.seals);
    assert_eq!(check(&rehashed), Err(Broken::Link { seq: 3 }));
}

#[test]
fn every_field_is_in_the_hash() {
    type Change = fn(&mut Entry);
    let changes: [Change; 11] = [
        |entry| entry.operation.push('x'),
        |entry| entry.subject.push('x'),
        |entry| entry.reason.push('x'),
        |entry| entry.actor.push('x'),
        |entry| entry.claimed_by = Some(String::new()),
        |entry| entry.at = Timestamp::from_second(1).unwrap(),
        |entry| entry.origin.push('x'),
        |entry| entry.expires_at = Some(Timestamp::UNIX_EPOCH),
        |entry| entry.before = Some(String::new()),
        |entry| entry.after = Some(String::new()),
        |entry| entry.evidence = Some(String::new()),
    ];
    let seals = Seals::whole(salts(1));
    let untouched = hash(1, GENESIS, &Entry::default(), &seals);
    for (place, change) in changes.into_iter().enumerate() {
        let mut entry = Entry::default();
        change(&mut entry);
        assert_ne!(hash(1, GENESIS, &entry, &seals), untouched, "{place}");
    }
}

#[test]
fn fields_do_not_run_into_each_other() {
    let seals = Seals::whole([[0; 16]; FIELDS]);
    let a = Entry {
        subject: "ab".into(),
        reason: "c".into(),
        ..Entry::default()
    };
    let b = Entry {
        subject: "a".into(),
        reason: "bc".into(),
        ..Entry::default()
    };
    assert_ne!(hash(1, GENESIS, &a, &seals), hash(1, GENESIS, &b, &seals));
}

#[test]
fn seals_are_read_as_they_were_written() {
    let mut seals = Seals::whole(salts(3));
    seals.0[2] = Seal::Replaced([7; 32], [9; 16]);
    assert_eq!(seals.to_string().parse(), Ok(seals));
    for wrong in ["", "00", "zz", &seals.to_string()[1..]] {
        assert!(wrong.parse::<Seals>().is_err(), "{wrong}");
    }
}

fn names() -> Names {
    Names::new(
        &UserId::new("ana"),
        &UserId::new("forgotten/1"),
        ["ana", "ana@example.com"].map(str::to_owned),
    )
}

/// A chain in which ana was named and forgotten.
fn forgotten() -> Vec<Chained> {
    let mut chain = chained(vec![
        Entry {
            operation: "block".into(),
            subject: "user:ana".into(),
            reason: "ana@example.com asked for it".into(),
            after: Some(r#"{"limit":350}"#.into()),
            ..Entry::default()
        },
        Entry {
            operation: "block".into(),
            subject: "user:ben".into(),
            ..Entry::default()
        },
    ]);
    let replaced = chain[0].replace(&names(), salts(8));
    assert_eq!(
        chain[0].entry.reason, "forgotten/1 asked for it",
        "{replaced:?}"
    );
    let said = announce(Entry::default(), &replaced);
    let head = (2, chain[1].hash.clone());
    chain.extend(super::chain((head.0, &head.1), [(said, salts(9))]));
    chain
}

#[test]
fn who_is_forgotten_leaves_the_chain_as_it_was() {
    let chain = forgotten();
    assert_eq!(check(&chain), Ok(1));
    let fields = |one: &Replaced| one.field;
    let mut again = chain.clone();
    assert!(again[0].replace(&names(), salts(5)).is_empty(), "once");
    // Somebody else in the same text, later.
    again[0].entry.reason = chain[0].entry.reason.clone();
    let other = Names::new(&UserId::new("asked"), &UserId::new("forgotten/2"), []);
    let second = again[0].replace(&other, salts(6));
    assert_eq!(second.iter().map(fields).collect::<Vec<_>>(), ["reason"]);
    let said = announce(Entry::default(), &second);
    let head = (3, again[2].hash.clone());
    again.extend(super::chain((head.0, &head.1), [(said, salts(7))]));
    assert_eq!(check(&again), Ok(1));
}

#[test]
fn whoever_forges_under_cover_of_a_replacement_is_found() {
    let good = forgotten();
    // What was not replaced still has to be what was written.
    let mut forged = good.clone();
    forged[0].entry.after = Some(r#"{"limit":999}"#.into());
    assert_eq!(check(&forged), Err(Broken::Altered { seq: 1 }));
    // What was replaced has to be what the record says.
    let mut forged = good.clone();
    forged[0].entry.reason = "forgotten/1 did not ask for it".into();
    let wrong = Broken::Replaced {
        seq: 1,
        field: "reason",
    };
    assert_eq!(check(&forged), Err(wrong));
    // And the record has to say so.
    let mut forged = good.clone();
    forged[1].entry.subject = "user:eva".into();
    let original = good[1].seals.0[0].commitment(Some("user:ben"));
    forged[1].seals.0[0] = Seal::Replaced(original, [1; 16]);
    let wrong = Broken::Replaced {
        seq: 2,
        field: "subject",
    };
    assert_eq!(check(&forged), Err(wrong));
    // What says so is an entry like the others.
    let mut forged = good.clone();
    forged.pop();
    assert!(matches!(
        check(&forged),
        Err(Broken::Replaced { seq: 1, .. })
    ));
}

#[test]
fn the_salt_of_a_text_leaves_with_the_text() {
    let chain = forgotten();
    let left = chain[0].seals.to_string();
    let first = seals::hex(&salts(0)[0]);
    assert!(!left.contains(&first), "{left}");
    assert!(left.contains(&seals::hex(&salts(0)[5])), "the others stay");
}

/// Ten entries of which the first so many left, and the entry that says so.
fn trimmed(gone: usize) -> (Vec<Chained>, Start) {
    let mut chain = chained(entries(10));
    let last = &chain[gone - 1];
    let to = Start {
        seq: last.seq,
        hash: last.hash.clone(),
    };
    let older_than = Timestamp::from_second(9).unwrap();
    let said = announce_trim(Entry::default(), &Start::default(), &to, older_than);
    let head = (10, chain[9].hash.clone());
    chain.extend(super::chain((head.0, &head.1), [(said, salts(99))]));
    (chain.split_off(gone), to)
}

/// What left of a chain that begins there, or what is wrong.
fn check_from(start: &Start, chain: &[Chained]) -> Result<Option<Trimmed>, Broken> {
    let mut at = (start.seq, start.hash.clone());
    let mut trims = Trims::default();
    for next in chain {
        verify((at.0, &at.1), next)?;
        trims.read(next);
        at = (next.seq, next.hash.clone());
    }
    trims.check(start)
}

#[test]
fn what_left_after_its_term_is_in_the_record() {
    let (chain, start) = trimmed(4);
    let gone = check_from(&start, &chain).unwrap().unwrap();
    assert_eq!((gone.to.seq, gone.said_by), (4, 11));
    assert_eq!(gone.older_than, Timestamp::from_second(9).unwrap());
    assert_eq!(
        check_from(&Start::default(), &chained(entries(3))),
        Ok(None)
    );
}

#[test]
fn whoever_removes_more_than_the_record_says_is_found() {
    let (chain, start) = trimmed(4);
    // One more, and the anchor moved along.
    let further = Start {
        seq: chain[0].seq,
        hash: chain[0].hash.clone(),
    };
    assert_eq!(
        check_from(&further, &chain[1..]),
        Err(Broken::Start { first: 6 })
    );
    // One more, and the anchor where it was.
    let gap = Broken::Gap {
        expected: 5,
        found: 6,
    };
    assert_eq!(check_from(&start, &chain[1..]), Err(gap));
    // The anchor with another hash, or back at the beginning.
    let forged = Start {
        hash: GENESIS.to_owned(),
        ..start.clone()
    };
    assert_eq!(check_from(&forged, &chain), Err(Broken::Link { seq: 5 }));
    assert!(check_from(&Start::default(), &chain).is_err());
    // What says so is an entry like the others.
    assert_eq!(
        check_from(&start, &chain[..6]),
        Err(Broken::Start { first: 5 })
    );
}
