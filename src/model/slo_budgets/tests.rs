use proptest::prelude::*;

use super::*;

fn at(text: &str) -> i64 {
    let time: Timestamp = format!("2026-11-{text}Z").parse().expect("a time");
    time.as_second()
}

fn series() -> EventSeries {
    let arn = Arn::new("arn:aws:lambda:eu-central-1:123456789012:function:api").expect("an ARN");
    let since = Timestamp::from_second(at("01T00:00:00")).expect("a time");
    EventSeries::new(arn, "error_rate_percent".to_owned(), since)
}

fn seen(total: u64, bad: u64, length: u32) -> Bucket {
    Bucket {
        observed: length,
        total,
        bad,
        length,
    }
}

#[test]
fn sums_are_one_short_line() {
    let text = "2026-11-21T08:00:00Z/5m 120 95:2 0*4 -*2 77~240 2026-11-22T00:00:00Z/1h 5";
    let buckets: Buckets = text.parse().expect("sums");
    assert_eq!(buckets.len(), 8);
    assert_eq!(buckets.get(at("21T08:05:00")), Some(&seen(95, 2, 300)));
    assert_eq!(
        buckets.get(at("21T08:40:00")).map(|sum| sum.observed),
        Some(240)
    );
    assert_eq!(buckets.get(at("22T00:00:00")), Some(&seen(5, 0, 3_600)));
    assert_eq!(buckets.to_string(), text);
    assert_eq!(Buckets::default().to_string(), "");
    assert_eq!("".parse(), Ok(Buckets::default()));
}

#[test]
fn what_is_no_list_of_sums_is_refused() {
    let head = "2026-11-21T08:00:00Z/5m";
    for bad in [
        "5".to_owned(),
        "x/5m 5".to_owned(),
        format!("{head} x"),
        format!("{head} 5:x"),
        format!("{head} 5~301"),
        format!("{head} 5*0"),
        format!("{head} 0*99999999999"),
        format!("{head} -1"),
        format!("{head} 0*4096 0"),
        format!("{head} 18446744073709551616"),
        format!("{head} 5 {head} 5"),
        "2026-11-21T08:00:00Z/2d 5".to_owned(),
        "2026-11-21T08:00:00Z/0s 5".to_owned(),
        "2026-11-21T08:00:00.5Z/5m 5".to_owned(),
        "9999-12-30T00:00:00Z/5m 5".to_owned(),
    ] {
        assert!(bad.parse::<Buckets>().is_err(), "{bad}");
    }
}

#[test]
fn a_period_is_counted_once() {
    let mut one = series();
    let start = at("21T08:00:00");
    one.count(start, seen(100, 1, 300));
    one.count(start, seen(120, 2, 300));
    // What overlaps was counted.
    one.count(start, seen(500, 500, 900));
    one.count(start + 60, seen(500, 500, 60));
    one.count(start - 300, seen(7, 0, 600));
    let sums = one.between(start - 3_600, start + 3_600);
    assert_eq!((sums.total, sums.bad, sums.observed), (120, 2, 300));
    // Nor is what has become part of a larger sum.
    one.settle(at("21T12:00:00"), None);
    assert_eq!(one.hours.len(), 1);
    one.count(start, seen(500, 500, 300));
    one.count(start + 1_800, seen(500, 500, 300));
    assert_eq!(one.between(start, start + 3_600).total, 120);
}

#[test]
fn of_an_hour_the_reading_that_saw_more_stands() {
    let hour = at("21T08:00:00");
    let five = |from: i64, to: i64, total: u64| -> Vec<(i64, Bucket)> {
        (from..to)
            .map(|number| (hour + number * 300, seen(total, 1, 300)))
            .collect()
    };
    let mut one = series();
    let mut read = |periods: &[(i64, Bucket)]| {
        one.recount(periods);
        one.settle(hour + 3_600, None);
        let sums = one.between(hour, hour + 3_600);
        (sums.total, sums.bad, sums.observed)
    };
    assert_eq!(read(&five(0, 6, 10)), (60, 6, 1_800));
    // Half of it is known, a third was read: the answer came in part.
    assert_eq!(read(&five(2, 6, 10)), (60, 6, 1_800));
    assert_eq!(read(&[]), (60, 6, 1_800));
    // As much, with what came late.
    assert_eq!(read(&five(0, 6, 11)), (66, 6, 1_800));
    assert_eq!(read(&five(0, 12, 11)), (132, 12, 3_600));
    assert_eq!(read(&five(1, 12, 99)), (132, 12, 3_600));
}

#[test]
fn old_sums_get_coarser_and_go() {
    let mut one = series();
    let end = at("21T10:15:00");
    let mut start = at("11T00:00:00");
    while start < end {
        one.count(start, seen(10, 0, 300));
        start += 300;
    }
    one.settle(end, Some(5));
    let first = |tier: &Buckets| tier.iter().next().expect("some").0;
    assert_eq!(first(&one.days), at("17T00:00:00"), "today and four days");
    assert_eq!(first(&one.quarters), at("18T00:00:00"));
    assert_eq!(first(&one.hours), at("20T06:00:00"));
    let counts = [&one.days, &one.quarters, &one.hours, &one.periods].map(|t| t.len());
    assert_eq!(counts, [1, 9, 29, 0]);
    assert_eq!(
        one.hours.get(at("21T10:00:00")),
        Some(&Bucket {
            observed: 900,
            ..seen(30, 0, 3_600)
        })
    );
    // 4 days and 10¼ hours of 120 events an hour.
    let all = one.between(at("17T00:00:00"), end);
    assert_eq!(all.total, (4 * 24 * 4 + 41) * 30);
    assert_eq!(all.observed, (4 * 24 * 4 + 41) * 900);
    let line = serde_json::to_string(&one).expect("JSON");
    assert!(line.len() < 400, "{} bytes: {line}", line.len());
}

/// Periods of 5 minutes, of about four days.
fn periods() -> impl Strategy<Value = Vec<(u64, u64, bool)>> {
    prop::collection::vec((0_u64..500, 0_u64..5, prop::bool::weighted(0.9)), 1..1_200)
}

/// Reads from the hour of one period to another.
fn counted(all: &[(u64, u64, bool)], from: usize, to: usize, into: &mut EventSeries) {
    let start = at("11T00:00:00");
    let hour = from - from % 12;
    let mut periods = Vec::new();
    for (number, (total, bad, is_seen)) in all.iter().enumerate().take(to).skip(hour) {
        if *is_seen {
            let number = i64::try_from(number).expect("small");
            periods.push((start + number * 300, seen(*total, *bad, 300)));
        }
    }
    into.recount(&periods);
    let end = start + i64::try_from(to).expect("small") * 300;
    into.settle(end, None);
}

proptest! {
    /// Runs may come in any rhythm, overlap, and be repeated: the sums are the same.
    #[test]
    fn any_division_of_time_gives_the_same_sums(
        all in periods(),
        cuts in prop::collection::vec((0_usize..1_200, 0_usize..288), 0..12),
    ) {
        let mut once = series();
        counted(&all, 0, all.len(), &mut once);
        let mut runs = series();
        let mut cuts: Vec<(usize, usize)> = cuts
            .into_iter()
            .map(|(to, overlap)| (to.min(all.len()), overlap))
            .collect();
        cuts.sort_unstable();
        cuts.push((all.len(), 20));
        let mut from = 0_usize;
        for (to, overlap) in cuts {
            counted(&all, from.saturating_sub(overlap), to, &mut runs);
            from = to;
        }
        prop_assert_eq!(runs, once);
    }

    /// Two runs that began from the same state and saw the same provider.
    #[test]
    fn branches_join_to_what_one_run_would_have_counted(
        all in periods(),
        parted in 0_usize..1_200,
        shorter in 0_usize..288,
    ) {
        let parted = parted.min(all.len());
        let mut base = series();
        counted(&all, 0, parted, &mut base);
        let (mut a, mut b) = (base.clone(), base);
        let length = all.len();
        counted(&all, parted, length, &mut a);
        counted(&all, parted, length.saturating_sub(shorter).max(parted), &mut b);
        let end = at("11T00:00:00") + i64::try_from(length).expect("small") * 300;
        let joined = a.joined(&b, end);
        prop_assert_eq!(&joined, &b.joined(&a, end));
        prop_assert_eq!(&joined, &joined.joined(&b, end));
        let mut once = series();
        counted(&all, 0, length, &mut once);
        prop_assert_eq!(joined, once);
    }

    #[test]
    fn what_is_written_is_read(all in periods()) {
        let mut one = series();
        counted(&all, 0, all.len(), &mut one);
        let text = serde_json::to_string(&one).expect("JSON");
        prop_assert_eq!(serde_json::from_str::<EventSeries>(&text).expect("a series"), one);
    }

    #[test]
    fn no_text_panics(text in "[-0-9TZ:/dhms*~ ]{0,60}") {
        drop(text.parse::<Buckets>());
    }
}
