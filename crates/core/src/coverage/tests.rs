use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// An hour of 2026-11-20 that was read at an instant.
fn hour(start: u8, counted: u64, reported: u64, read_at: &str) -> HourCoverage {
    HourCoverage {
        account: "111122223333".into(),
        region: "eu-west-1".into(),
        hour: at(&format!("2026-11-20T{start:02}:00:00Z")),
        counted,
        reported,
        read_at: at(&format!("2026-11-20T{read_at}:00Z")),
    }
}

#[test]
fn like_is_compared_with_like() {
    for (operation, failed, error, alike) in [
        ("Converse", false, None, true),
        ("InvokeModelWithResponseStream", false, None, true),
        // An error, and output all the same.
        (
            "ConverseStream",
            false,
            Some("ModelStreamErrorException"),
            true,
        ),
        ("InvokeModel", true, Some("ModelTimeoutException"), true),
        (
            "InvokeModel",
            true,
            Some("ServiceUnavailableException"),
            true,
        ),
        ("InvokeModel", true, Some("InternalServerException"), true),
        ("Converse", true, Some("ThrottlingException"), false),
        ("Converse", true, Some("AccessDenied"), false),
        ("Converse", true, Some("ValidationException"), false),
        ("Converse", true, None, false),
        // AWS/Bedrock does not count these: mantle, batch, media, speech.
        ("CreateInference", false, None, false),
        ("CreateModelInvocationJob", false, None, false),
        ("StartAsyncInvoke", false, None, false),
        ("InvokeModelWithBidirectionalStream", false, None, false),
    ] {
        let called = Called {
            account: "1".into(),
            region: "r".into(),
            operation: operation.to_owned(),
            failed,
            error: error.map(str::to_owned),
            calls: 1,
        };
        assert_eq!(called.is_alike(), alike, "{operation} {error:?}");
    }
}

#[test]
fn low_needs_enough_calls_to_tell() {
    for (counted, reported, percent, verdict) in [
        (0, 0, "-", Verdict::TooFew),
        (1, 2, "50.0 %", Verdict::TooFew),
        (0, 19, "0.0 %", Verdict::TooFew),
        (0, 20, "0.0 %", Verdict::Low),
        (949, 1_000, "94.9 %", Verdict::Low),
        (950, 1_000, "95.0 %", Verdict::Enough),
        // CloudWatch books a long call in another hour than we do.
        (1_010, 1_000, "100.0 %", Verdict::Enough),
        (u64::MAX, u64::MAX, "100.0 %", Verdict::Enough),
    ] {
        let place = Coverage {
            account: "1".into(),
            region: "r".into(),
            counted,
            reported,
        };
        assert_eq!(place.percent(), percent, "{counted} of {reported}");
        assert_eq!(place.verdict(), verdict, "{counted} of {reported}");
    }
}

#[test]
fn an_hour_counts_when_it_was_over_for_half_an_hour() {
    let hours = [
        hour(8, 90, 100, "10:00"),
        hour(9, 90, 100, "10:30"),
        hour(9, 0, 50, "10:29"),
        hour(10, 0, 50, "10:40"),
    ];
    let places = judge(&hours);
    assert_eq!(places.len(), 1);
    assert_eq!((places[0].counted, places[0].reported), (180, 200));
    let trouble = trouble(None, &places).unwrap();
    assert_eq!((trouble.silence, trouble.low), (None, places));
}

#[test]
fn silence_is_when_calls_are_made_and_nothing_comes() {
    let reported = |missed| vec![hour(9, 40, 40, "11:00"), hour(10, 0, missed, "11:00")];
    let said = |last: Option<&str>, hours: Vec<HourCoverage>, usual| {
        let heard = Heard {
            now: at("2026-11-20T11:00:00Z"),
            last: last.map(|last| at(&format!("2026-11-20T{last}:00Z"))),
            hours: &hours,
            usual,
        };
        heard.silence().map(|silence| silence.because)
    };
    // Records still come.
    assert_eq!(said(Some("10:01"), reported(500), None), None);
    // Nothing comes, and nobody calls: it is night.
    assert_eq!(said(Some("10:00"), reported(0), Some([900, 900])), None);
    assert_eq!(said(Some("10:00"), reported(9), None), None);
    assert_eq!(
        said(Some("10:00"), reported(10), None),
        Some(Because::Reported(10))
    );
    // The last record came in the middle of an hour: what was counted of it was counted.
    assert_eq!(
        said(Some("09:59"), reported(10), None),
        Some(Because::Reported(10))
    );
    // A database that never had a record.
    assert_eq!(said(None, reported(10), None), Some(Because::Reported(10)));
    // CloudWatch cannot be read, or has not been for a while: what is usual tells.
    assert_eq!(said(Some("09:00"), vec![], None), None);
    assert_eq!(said(Some("09:00"), vec![], Some([300, 19])), None);
    assert_eq!(
        said(Some("09:00"), vec![], Some([300, 20])),
        Some(Because::Usual(20))
    );
    let old = vec![hour(7, 0, 500, "08:00")];
    assert_eq!(
        said(Some("07:00"), old, Some([30, 40])),
        Some(Because::Usual(30))
    );
}

#[test]
fn hours_are_those_of_utc() {
    for (instant, start) in [
        ("2026-11-20T10:59:59.9Z", "2026-11-20T10:00:00Z"),
        ("2026-11-20T11:00:00Z", "2026-11-20T11:00:00Z"),
        ("1969-12-31T23:30:00Z", "1969-12-31T23:00:00Z"),
    ] {
        assert_eq!(hour_of(at(instant)), at(start));
    }
}
