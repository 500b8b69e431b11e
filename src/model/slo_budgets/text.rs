//! Buckets as a document writes them: one line, runs of equal things once.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::monitoring::DurationText;

use super::{Bucket, Buckets, DAY};

/// Most buckets in one text: more than any document of ours has.
const MOST: usize = 4_096;

/// Why a text is no list of buckets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0} is not a list of sums: write `start/length` and a sum for each span, as \
     `2026-11-21T08:00:00Z/5m 120 95:2 -`"
)]
pub struct BucketsError(String);

impl fmt::Display for Buckets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut next: Option<(i64, u32)> = None;
        // What is to be written next, and how often it stands there.
        let mut same: Option<(Option<Bucket>, i64)> = None;
        for (start, bucket) in self.iter() {
            let length = i64::from(bucket.length.max(1));
            let missing = next.and_then(|(at, of)| {
                let gap = start - at;
                (of == bucket.length && gap >= 0 && gap % length == 0).then_some(gap / length)
            });
            match missing {
                Some(0) => {}
                // A long gap is shorter as a new start.
                Some(gap) if gap < 100 => {
                    write_run(f, same.replace((None, gap)))?;
                }
                _ => {
                    write_run(f, same.take())?;
                    let at = Timestamp::from_second(start).map_err(|_| fmt::Error)?;
                    let length = DurationText::seconds(bucket.length.into());
                    let space = if next.is_some() { " " } else { "" };
                    write!(f, "{space}{at}/{length}")?;
                }
            }
            match &mut same {
                Some((last, count)) if *last == Some(*bucket) => *count += 1,
                _ => write_run(f, same.replace((Some(*bucket), 1)))?,
            }
            next = Some((start + length, bucket.length));
        }
        write_run(f, same)
    }
}

/// ` 120:3~600*4`, or ` -` where nothing was observed.
fn write_run(f: &mut fmt::Formatter<'_>, run: Option<(Option<Bucket>, i64)>) -> fmt::Result {
    let Some((item, count)) = run else {
        return Ok(());
    };
    match item {
        None => f.write_str(" -")?,
        Some(bucket) => {
            write!(f, " {}", bucket.total)?;
            if bucket.bad > 0 {
                write!(f, ":{}", bucket.bad)?;
            }
            if bucket.observed != bucket.length {
                write!(f, "~{}", bucket.observed)?;
            }
        }
    }
    if count > 1 {
        write!(f, "*{count}")?;
    }
    Ok(())
}

impl FromStr for Buckets {
    type Err = BucketsError;

    fn from_str(text: &str) -> Result<Self, BucketsError> {
        let fault = |word: &str| BucketsError(format!("{:?}", crate::text::escape::cut(word, 60)));
        let mut out = Self::default();
        let mut place: Option<(i64, u32)> = None;
        let mut written = 0;
        for word in text.split_ascii_whitespace() {
            if let Some((start, length)) = word.split_once('/') {
                place = Some(span(start, length).ok_or_else(|| fault(word))?);
                continue;
            }
            let (item, count) = word.split_once('*').unwrap_or((word, "1"));
            let count: usize = count.parse().map_err(|_| fault(word))?;
            written += count.min(MOST + 1);
            let (start, length) = place.ok_or_else(|| fault(word))?;
            let bucket = sum(item, length).ok_or_else(|| fault(word))?;
            if count == 0 || written > MOST {
                return Err(fault(word));
            }
            let mut at = start;
            for _ in 0..count {
                if bucket.is_some_and(|bucket| !out.push(at, bucket)) {
                    return Err(fault(word));
                }
                at += i64::from(length);
            }
            place = Some((at, length));
        }
        Ok(out)
    }
}

/// Where a run of buckets starts, and how long each is.
fn span(start: &str, length: &str) -> Option<(i64, u32)> {
    let start: Timestamp = start.parse().ok()?;
    let length: DurationText = length.parse().ok()?;
    let length = u32::try_from(length.seconds).ok()?;
    let usable = (1..=DAY).contains(&i64::from(length));
    // Far from the ends of time, so that sums of starts and lengths stay in range.
    let sane = (0..253_000_000_000).contains(&start.as_second()) && start.subsec_nanosecond() == 0;
    (usable && sane).then_some((start.as_second(), length))
}

/// `120:3~600`, or `-` for a span that was not observed.
#[expect(clippy::option_option, reason = "a gap is not a fault")]
fn sum(text: &str, length: u32) -> Option<Option<Bucket>> {
    if text == "-" {
        return Some(None);
    }
    let (text, observed) = match text.split_once('~') {
        Some((text, observed)) => (text, observed.parse().ok()?),
        None => (text, length),
    };
    let (total, bad) = match text.split_once(':') {
        Some((total, bad)) => (total, bad.parse().ok()?),
        None => (text, 0),
    };
    let total = total.parse().ok()?;
    (observed <= length).then_some(Some(Bucket {
        observed,
        total,
        bad,
        length,
    }))
}

impl Serialize for Buckets {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Buckets {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Buckets {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Buckets".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "Sums over spans that follow one another.",
            "examples": ["2026-11-21T08:00:00Z/5m 120 95:2 0*4 - 77~240"]
        })
    }

    fn inline_schema() -> bool {
        true
    }
}
