//! The pictures of the page: numbers for SVG, and the same in words.

use jiff::Timestamp;
use serde::Serialize;

use crate::model::dashboard::{HistoryCell, HistorySpan, SpanLength};
use crate::model::report::ResourceCounts;
use crate::model::status::Status;
use crate::text::times;

/// Units of one part of a strip, of which one stays empty on each side.
const CELL: usize = 10;
/// Height of a strip.
pub(super) const HEIGHT: usize = 40;

/// A strip of status over time.
#[derive(Debug, Serialize)]
pub(super) struct Strip {
    /// `Last 24 hours`.
    title: &'static str,
    width: usize,
    bars: Vec<Bar>,
    /// What is seen, in a sentence.
    summary: String,
    /// When it was not healthy, newest first.
    episodes: Vec<Episode>,
    /// Where it begins, as a label.
    from: String,
}

/// One part. Taller is worse, so that colour is not needed.
#[derive(Debug, Serialize)]
struct Bar {
    x: usize,
    y: usize,
    height: usize,
    class: &'static str,
    title: String,
}

/// Neighbouring parts with the same problem.
#[derive(Debug, Serialize)]
struct Episode {
    when: String,
    class: &'static str,
    word: &'static str,
}

/// Class of a status in the style sheet.
pub(super) fn class(status: Option<Status>) -> &'static str {
    match status {
        None => "gap",
        Some(Status::Healthy) => "healthy",
        Some(Status::Unknown) => "unknown",
        Some(Status::Degraded) => "degraded",
        Some(Status::Unhealthy) => "unhealthy",
    }
}

fn word(status: Option<Status>) -> &'static str {
    match status {
        None => "not observed",
        some => class(some),
    }
}

fn height(status: Option<Status>) -> usize {
    match status {
        None => 2,
        Some(Status::Healthy) => 12,
        Some(Status::Unknown) => 18,
        Some(Status::Degraded) => 26,
        Some(Status::Unhealthy) => HEIGHT,
    }
}

/// Draws a span.
pub(super) fn strip(span: &HistorySpan) -> Strip {
    let bar = |(index, cell): (usize, &HistoryCell)| Bar {
        x: index * CELL + 1,
        y: HEIGHT - height(cell.worst),
        height: height(cell.worst),
        class: class(cell.worst),
        title: format!("{}: {}", when(span.span, cell.start, 1), word(cell.worst)),
    };
    Strip {
        title: match span.span {
            SpanLength::Day => "Last 24 hours",
            SpanLength::Week => "Last 7 days",
            SpanLength::Month => "Last 30 days",
        },
        width: span.cells.len() * CELL,
        bars: span.cells.iter().enumerate().map(bar).collect(),
        summary: summary(span),
        episodes: episodes(span),
        from: span
            .cells
            .first()
            .map_or(String::new(), |cell| start(span.span, cell.start)),
    }
}

/// `Of 48 half hours 45 were healthy, 1 degraded and 2 not observed.`
fn summary(span: &HistorySpan) -> String {
    let unit = match span.span {
        SpanLength::Day => "half hours",
        SpanLength::Week => "three-hour parts",
        SpanLength::Month => "days",
    };
    let kinds = [
        Some(Status::Healthy),
        Some(Status::Degraded),
        Some(Status::Unhealthy),
        Some(Status::Unknown),
        None,
    ];
    let counts = kinds.map(|kind| {
        let cells = span.cells.iter().filter(|cell| cell.worst == kind);
        (cells.count(), word(kind))
    });
    let parts: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    format!("{} of {} {unit}", list(&parts), span.cells.len())
}

/// `a`, `a and b`, `a, b and c`.
fn list(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn episodes(span: &HistorySpan) -> Vec<Episode> {
    let same = |a: &HistoryCell, b: &HistoryCell| a.worst == b.worst;
    let mut out: Vec<Episode> = span
        .cells
        .chunk_by(same)
        .filter(|run| run[0].worst.is_some_and(|worst| worst != Status::Healthy))
        .map(|run| Episode {
            when: when(span.span, run[0].start, run.len()),
            class: class(run[0].worst),
            word: word(run[0].worst),
        })
        .collect();
    out.reverse();
    out
}

/// `2026-11-21 09:30`, or the day alone.
fn start(length: SpanLength, at: Timestamp) -> String {
    match length {
        SpanLength::Month => times::date(at),
        _ => format!("{} {}", times::date(at), times::clock(at)),
    }
}

/// The time that so many parts from a start take.
fn when(length: SpanLength, at: Timestamp, parts: usize) -> String {
    let seconds = length
        .cell_seconds()
        .saturating_mul(i64::try_from(parts).unwrap_or(i64::MAX));
    let end = at.as_second().saturating_add(seconds);
    let Ok(end) = Timestamp::from_second(end) else {
        return start(length, at);
    };
    if length == SpanLength::Month {
        let last = Timestamp::from_second(end.as_second() - 1).unwrap_or(end);
        let (first, last) = (times::date(at), times::date(last));
        return if first == last {
            first
        } else {
            format!("{first} to {last}")
        };
    }
    let same_day = times::date(at) == times::date(end);
    let end = if same_day {
        times::clock(end)
    } else {
        start(length, end)
    };
    format!("{} to {end} UTC", start(length, at))
}

/// Part of a bar of 100 units.
#[derive(Debug, Serialize)]
pub(super) struct Segment {
    x: u32,
    width: u32,
    class: &'static str,
}

/// Resources by status, the worst first. What there is of a status always shows.
pub(super) fn segments(counts: &ResourceCounts) -> Vec<Segment> {
    let kinds = [
        (counts.unhealthy, "unhealthy"),
        (counts.degraded, "degraded"),
        (counts.unknown, "unknown"),
        (counts.healthy, "healthy"),
    ];
    let total = u64::from(counts.total.max(1));
    let mut x = 0;
    let mut out = Vec::new();
    for (count, class) in kinds.into_iter().filter(|(count, _)| *count > 0) {
        let share = u32::try_from(u64::from(count) * 100 / total).unwrap_or(100);
        let width = share.max(3).min(100_u32.saturating_sub(x));
        out.push(Segment { x, width, class });
        x += width;
    }
    // Rounding leaves a rest, which belongs to the last.
    if let Some(last) = out.last_mut() {
        last.width = 100_u32.saturating_sub(last.x);
    }
    out
}

/// A line of what is left of a budget, in a box of 100 by 24.
#[derive(Debug, Default, Serialize)]
pub(super) struct Line {
    /// Points of each unbroken piece.
    pieces: Vec<String>,
    /// Days alone between gaps.
    dots: Vec<(String, String)>,
    /// Where nothing is left.
    zero: String,
}

/// Draws it; `None` where there are fewer than two days to draw.
pub(super) fn line(days: &[Option<f64>]) -> Option<Line> {
    let known: Vec<f64> = days
        .iter()
        .flatten()
        .copied()
        .filter(|v| v.is_finite())
        .collect();
    if known.len() < 2 {
        return None;
    }
    let low = known.iter().copied().fold(0.0, f64::min);
    let high = known.iter().copied().fold(100.0, f64::max);
    let y = |value: f64| format!("{:.1}", 23.0 - 22.0 * (value - low) / (high - low));
    #[expect(clippy::cast_precision_loss, reason = "days are a few dozen")]
    let x = |index: usize| format!("{:.1}", 1.0 + 98.0 * index as f64 / (days.len() - 1) as f64);
    let mut line = Line {
        zero: y(0.0),
        ..Line::default()
    };
    let mut piece: Vec<(String, String)> = Vec::new();
    let mut finish = |piece: &mut Vec<(String, String)>| {
        match piece.as_slice() {
            [] => {}
            [dot] => line.dots.push(dot.clone()),
            many => {
                let points: Vec<String> = many.iter().map(|(x, y)| format!("{x},{y}")).collect();
                line.pieces.push(points.join(" "));
            }
        }
        piece.clear();
    };
    for (index, day) in days.iter().enumerate() {
        match day.filter(|value| value.is_finite()) {
            Some(value) => piece.push((x(index), y(value))),
            None => finish(&mut piece),
        }
    }
    finish(&mut piece);
    Some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_there_is_of_a_status_always_shows() {
        let counts = ResourceCounts {
            total: 1_000,
            healthy: 998,
            degraded: 0,
            unhealthy: 1,
            unknown: 1,
        };
        let shown: Vec<_> = segments(&counts)
            .iter()
            .map(|s| (s.class, s.x, s.width))
            .collect();
        assert_eq!(
            shown,
            [("unhealthy", 0, 3), ("unknown", 3, 3), ("healthy", 6, 94)]
        );
        assert!(segments(&ResourceCounts::default()).is_empty());
    }

    #[test]
    fn a_line_breaks_where_nothing_was_observed() {
        let drawn = line(&[
            Some(100.0),
            Some(50.0),
            None,
            Some(25.0),
            None,
            Some(-100.0),
        ]);
        let drawn = drawn.expect("days to draw");
        assert_eq!(drawn.pieces, ["1.0,1.0 20.6,6.5"]);
        assert_eq!(drawn.dots.len(), 2);
        assert_eq!(drawn.zero, "12.0");
        assert!(line(&[None, Some(1.0), None]).is_none());
        assert!(line(&[Some(f64::NAN), Some(1.0)]).is_none());
    }
}
