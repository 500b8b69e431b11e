//! How the span of a query is split, and how late events arrive.

/// The most rows that one query of Logs Insights gives.
pub const MOST_ROWS: usize = 10_000;
/// Milliseconds of the shortest span that can be asked for.
const SHORTEST: i64 = 1_000;

/// A part of a span, in milliseconds since 1970, the end not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SpanPart {
    /// Its start.
    pub start: i64,
    /// Its end, which is not part of it.
    pub end: i64,
}

/// The parts of a span that are still to be asked for, the earliest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpanParts {
    /// The next one last.
    stack: Vec<SpanPart>,
}

impl SpanParts {
    /// Splits a span into so many parts of equal length, on whole seconds where it can.
    pub fn new(whole: SpanPart, parts: u64) -> Self {
        let mut stack = Vec::new();
        let length = whole.end.saturating_sub(whole.start).max(0);
        let count = i64::try_from(parts)
            .unwrap_or(i64::MAX)
            .clamp(1, (length / SHORTEST).max(1));
        let mut start = whole.start;
        for number in 1..=count {
            let end = if number == count {
                whole.end
            } else {
                on_second(whole.start + length / count * number).max(start)
            };
            if end > start {
                stack.push(SpanPart { start, end });
            }
            start = end;
        }
        stack.reverse();
        Self { stack }
    }

    /// Returns the next part to ask for.
    pub fn next_part(&mut self) -> Option<SpanPart> {
        self.stack.pop()
    }

    /// Puts the halves of a part in its place, where it can be halved: it had more rows than one
    /// query gives. Returns whether it could.
    pub fn halve(&mut self, part: SpanPart) -> bool {
        if part.end - part.start < 2 * SHORTEST {
            return false;
        }
        let middle = on_second(part.start + (part.end - part.start) / 2);
        if middle <= part.start || middle >= part.end {
            return false;
        }
        self.stack.push(SpanPart {
            start: middle,
            end: part.end,
        });
        self.stack.push(SpanPart {
            start: part.start,
            end: middle,
        });
        true
    }
}

fn on_second(time: i64) -> i64 {
    time.div_euclid(SHORTEST) * SHORTEST
}

/// How late events were received, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lag {
    /// Half came within this time.
    pub p50: u64,
    /// 95 % came within this time.
    pub p95: u64,
}

/// Returns how late events were received; `None` without any. Sorts them.
pub fn lag(delays: &mut [u64]) -> Option<Lag> {
    delays.sort_unstable();
    let last = delays.len().checked_sub(1)?;
    let at = |percent: usize| delays[last * percent / 100];
    Some(Lag {
        p50: at(50),
        p95: at(95),
    })
}
