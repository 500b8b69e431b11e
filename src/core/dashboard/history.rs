//! Status over the last day, week and month, from the runs of the last week and the sums of
//! the runs before it. A time that was not observed is a gap: neither health nor failure.

use jiff::Timestamp;

use crate::model::dashboard::{HistoryCell, HistorySpan, SpanLength};
use crate::model::history::{History, HistoryEntry};
use crate::model::status::Status;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// An observation: from when on, up to when, and what.
type Seen = (i64, i64, Status);

/// The spans that say anything: the shortest, and each longer one that reaches further back
/// than anything before it was observed. None where nothing was observed at all.
pub fn spans(history: &History, now: Timestamp) -> Vec<HistorySpan> {
    let now = now.as_second();
    let seen: Vec<Seen> = observations(history)
        // A clock that was wrong wrote of the future.
        .filter(|(from, _, _)| *from <= now)
        .collect();
    let mut out: Vec<HistorySpan> = Vec::new();
    for length in SpanLength::ALL {
        let begin = begin(length, now);
        let before = out.last().and_then(|shorter| shorter.cells.first());
        let older = |limit: i64| {
            seen.iter()
                .any(|(from, to, _)| *from < limit && *to > begin)
        };
        if before.is_none_or(|cell| older(cell.start.as_second())) {
            out.push(HistorySpan {
                span: length,
                cells: cells(&seen, length, begin),
            });
        }
    }
    let empty = |span: &HistorySpan| span.cells.iter().all(|cell| cell.worst.is_none());
    if out.iter().all(empty) {
        out.clear();
    }
    out
}

/// Where the first part of a span begins, so that the last one holds `now`.
fn begin(length: SpanLength, now: i64) -> i64 {
    let seconds = length.cell_seconds();
    let last = now.saturating_sub(now.rem_euclid(seconds));
    last.saturating_sub(seconds.saturating_mul(length.cells() - 1))
}

fn cells(seen: &[Seen], length: SpanLength, begin: i64) -> Vec<HistoryCell> {
    let seconds = length.cell_seconds();
    let mut worst: Vec<Option<Status>> = (0..length.cells()).map(|_| None).collect();
    for (from, to, status) in seen {
        let first = from.saturating_sub(begin).div_euclid(seconds).max(0);
        let last = to
            .saturating_sub(begin)
            .saturating_sub(1)
            .div_euclid(seconds);
        for index in first..=last.min(length.cells() - 1) {
            let cell = usize::try_from(index).ok().and_then(|i| worst.get_mut(i));
            if let Some(cell) = cell {
                *cell = (*cell).max(Some(*status));
            }
        }
    }
    let starts = (0..).map(|index| begin.saturating_add(seconds.saturating_mul(index)));
    starts
        .zip(worst)
        .filter_map(|(start, worst)| {
            let start = Timestamp::from_second(start).ok()?;
            Some(HistoryCell { start, worst })
        })
        .collect()
}

fn observations(history: &History) -> impl Iterator<Item = Seen> {
    let sums = |unit: i64| {
        move |sum: &crate::model::history::RollUp| {
            let start = sum.start.as_second();
            (start, start.saturating_add(unit), sum.worst)
        }
    };
    let daily = history.daily.iter().map(sums(DAY));
    let hourly = history.hourly.iter().map(sums(HOUR));
    daily
        .chain(hourly)
        .chain(history.entries.iter().map(of_entry))
}

/// What a run speaks for: the time that it judged, and the instant in which it looked.
fn of_entry(entry: &HistoryEntry) -> Seen {
    let (start, end) = (entry.window_start.as_second(), entry.window_end.as_second());
    let from = start.min(end);
    let looked = entry.at.as_second().saturating_add(1);
    (from, end.max(looked), entry.overall_health)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::history::empty;
    use crate::core::issue_fixtures::environment;
    use crate::model::history::{RollUp, RunsByStatus};
    use crate::model::ids::RunId;
    use crate::model::report::ResourceCounts;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn run(from: &str, to: &str, status: Status) -> HistoryEntry {
        HistoryEntry {
            run_id: RunId::new("r").expect("an id"),
            at: at(to),
            window_start: at(from),
            window_end: at(to),
            overall_health: status,
            resources: ResourceCounts::default(),
            issues_opened: 0,
            issues_resolved: 0,
            issues_active: 0,
            requests_total: None,
            requests_failed: None,
            partial: false,
            estimated_cost_usd: 0.0,
        }
    }

    fn sum(start: &str, worst: Status) -> RollUp {
        RollUp {
            start: at(start),
            runs: 4,
            worst,
            by_status: RunsByStatus::default(),
            requests_total: None,
            requests_failed: None,
            issues_opened: 0,
            issues_resolved: 0,
            partial_runs: 0,
            estimated_cost_usd: 0.0,
        }
    }

    fn shown(history: &History, now: &str) -> String {
        let sign = |cell: &HistoryCell| match cell.worst {
            None => '.',
            Some(Status::Healthy) => 'h',
            Some(Status::Unknown) => '?',
            Some(Status::Degraded) => 'd',
            Some(Status::Unhealthy) => 'X',
        };
        let lines = spans(history, at(now)).into_iter().map(|span| {
            let strip: String = span.cells.iter().map(sign).collect();
            format!("{} {}", span.span.word(), strip)
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn gaps_stay_gaps_and_the_worst_of_a_part_is_shown() {
        let mut history = empty(environment("prod"));
        assert_eq!(shown(&history, "2026-11-21T10:15:00Z"), "");
        history.entries = vec![
            run(
                "2026-11-21T08:00:00Z",
                "2026-11-21T09:00:00Z",
                Status::Healthy,
            ),
            run(
                "2026-11-21T09:30:00Z",
                "2026-11-21T09:35:00Z",
                Status::Healthy,
            ),
            run(
                "2026-11-21T09:35:00Z",
                "2026-11-21T09:40:00Z",
                Status::Unhealthy,
            ),
            run(
                "2026-11-21T10:10:00Z",
                "2026-11-21T10:15:00Z",
                Status::Unknown,
            ),
        ];
        insta::assert_snapshot!(
            shown(&history, "2026-11-21T10:15:00Z"),
            @"24h ...........................................hhhX?"
        );
        // The same until the next half hour begins.
        assert_eq!(
            shown(&history, "2026-11-21T10:16:00Z"),
            shown(&history, "2026-11-21T10:29:59Z"),
        );
        assert_ne!(
            shown(&history, "2026-11-21T10:16:00Z"),
            shown(&history, "2026-11-21T10:30:00Z"),
        );
        // What a wrong clock wrote of the future is not now.
        history.entries = vec![run(
            "2027-01-01T00:00:00Z",
            "2027-01-01T00:05:00Z",
            Status::Healthy,
        )];
        assert_eq!(shown(&history, "2026-11-21T10:15:00Z"), "");
    }

    #[test]
    fn sums_of_hours_and_days_fill_the_month() {
        let mut history = empty(environment("prod"));
        history.daily = vec![sum("2026-10-24T00:00:00Z", Status::Degraded)];
        history.hourly = vec![
            sum("2026-11-12T23:00:00Z", Status::Unhealthy),
            sum("2026-11-13T00:00:00Z", Status::Healthy),
        ];
        history.entries = vec![run(
            "2026-11-20T00:00:00Z",
            "2026-11-20T03:00:00Z",
            Status::Healthy,
        )];
        insta::assert_snapshot!(shown(&history, "2026-11-21T10:15:00Z"), @r"
        24h ................................................
        7d ............................................hh..........
        30d .d..................Xh......h.
        ");
    }
}
