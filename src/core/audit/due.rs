//! When an audit is due.

use jiff::Timestamp;

/// Longest time that an audit may come early, so that a schedule that starts some seconds
/// earlier today than yesterday does not leave out a day.
const MOST_SLACK_SECONDS: u64 = 600;

/// Returns which of these is due for an audit, if any: the one whose last audit is oldest, one
/// that was never audited first. `every` is in seconds. Only one at a time, so that audits are
/// spread over runs.
pub fn due<N>(
    names: &[N],
    last: impl Fn(&N) -> Option<Timestamp>,
    every: u64,
    now: Timestamp,
) -> Option<&N> {
    let slack = (every / 20).min(MOST_SLACK_SECONDS);
    let wait = i64::try_from(every - slack).unwrap_or(i64::MAX);
    let is_due = |at: Option<Timestamp>| {
        at.is_none_or(|at| now.as_second().saturating_sub(at.as_second()) >= wait)
    };
    let all = names.iter().map(|name| (last(name), name));
    let oldest = all.filter(|(at, _)| is_due(*at)).min_by_key(|(at, _)| *at);
    oldest.map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 86_400;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a moment")
    }

    fn next(last: &[(&'static str, Option<&str>)], now: &str) -> Option<&'static str> {
        let names: Vec<&'static str> = last.iter().map(|(name, _)| *name).collect();
        let of = |name: &&'static str| {
            let found = last.iter().find(|(known, _)| known == name)?;
            found.1.map(at)
        };
        due(&names, of, DAY, at(now)).copied()
    }

    #[test]
    fn who_waited_longest_is_next_and_only_one_is() {
        let now = "2026-11-30T10:00:00Z";
        let yesterday = Some("2026-11-29T10:00:00Z");
        assert_eq!(
            next(&[("test", None), ("prod", yesterday)], now),
            Some("test")
        );
        let before = Some("2026-11-28T10:00:00Z");
        assert_eq!(
            next(&[("test", yesterday), ("prod", before)], now),
            Some("prod")
        );
        assert_eq!(next(&[("test", Some("2026-11-30T09:00:00Z"))], now), None);
        assert_eq!(next(&[], now), None);
    }

    #[test]
    fn a_schedule_that_starts_a_little_early_leaves_out_no_day() {
        let last = [("prod", Some("2026-11-29T10:00:40Z"))];
        assert_eq!(next(&last, "2026-11-30T10:00:02Z"), Some("prod"));
        assert_eq!(next(&last, "2026-11-30T09:50:39Z"), None);
    }

    #[test]
    fn the_clock_of_another_machine_does_no_harm() {
        let last = [("prod", Some("2026-12-24T10:00:00Z"))];
        assert_eq!(next(&last, "2026-11-30T10:00:00Z"), None);
    }
}
