//! `monitoring/<env>/slo-budgets.json`: the events that error budgets are made from.
//!
//! A series holds sums over spans that never overlap, the newer the finer: hours, then quarters
//! of a day, then days. Runs read the periods of whole hours, the last ones again and again, so
//! that an hour is the same however the runs divide the time. Single periods are not written:
//! they are most of what changes, and the provider keeps them for us.

mod buckets;
mod text;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::ids::{Arn, EnvironmentName};

pub use buckets::Buckets;
pub use text::BucketsError;

/// An hour, in seconds.
pub const HOUR: i64 = 3_600;
/// A quarter of a day, in seconds.
pub const QUARTER: i64 = 6 * HOUR;
/// A day, in seconds.
pub const DAY: i64 = 24 * HOUR;

/// How far back every run reads single periods, in seconds: what the shortest windows of burn
/// rates need, and the time in which late data are taken.
pub const PERIODS_READ: i64 = 2 * HOUR;
/// How long hours are kept.
const HOURS_KEPT: i64 = DAY;
/// How long quarters of days are kept.
const QUARTERS_KEPT: i64 = 3 * DAY;

/// The sums of one environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(title = "slo-budgets.json")]
pub struct SloBudgets {
    /// Version of this format, `1.0.0`.
    pub version: String,
    /// The environment.
    pub environment: EnvironmentName,
    /// End of the newest span that was evaluated, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub observed_to: Timestamp,
    /// One entry for each indicator of each resource, sorted by ARN and indicator.
    pub series: Vec<EventSeries>,
}

/// The events of one indicator of one resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "Series")]
pub struct EventSeries {
    /// The resource.
    pub arn: Arn,
    /// The indicator, for instance `error_rate_percent`.
    pub sli: String,
    /// From when on it is counted, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub since: Timestamp,
    /// When its past was asked for in vain, RFC 3339 UTC; absent where it was read, or never
    /// asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub back_fill_failed_at: Option<Timestamp>,
    /// Days (UTC): `start/length` and what was counted in each, one behind the other. `120` is
    /// 120 events, `120:3` has 3 bad ones among them, `~600` says that only 600 seconds of it
    /// were observed, `-` that none were, `*4` that four are alike.
    #[serde(default, skip_serializing_if = "Buckets::is_empty")]
    pub days: Buckets,
    /// Quarters of the last days.
    #[serde(default, skip_serializing_if = "Buckets::is_empty")]
    pub quarters: Buckets,
    /// Hours of the last day, and what there is of this one.
    #[serde(default, skip_serializing_if = "Buckets::is_empty")]
    pub hours: Buckets,
    /// What this run read and did not sum up yet.
    #[serde(skip)]
    pub periods: Buckets,
}

/// The events of one span.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bucket {
    /// Seconds of it that were observed.
    pub observed: u32,
    /// Events.
    pub total: u64,
    /// Bad events among them.
    pub bad: u64,
    /// Length in seconds.
    pub length: u32,
}

/// The sums of one fineness.
enum Tier {
    Days,
    Quarters,
    Hours,
}

/// From which second on sums are how fine.
struct Ages {
    quarters_before: i64,
    days_before: i64,
    dropped_before: Option<i64>,
}

impl Ages {
    /// For counts that end here.
    fn of(end: i64, keep_days: Option<u32>) -> Self {
        Self {
            quarters_before: floor(end - HOURS_KEPT, QUARTER),
            days_before: floor(end - QUARTERS_KEPT, DAY),
            dropped_before: keep_days.map(|days| window_start(end, days)),
        }
    }

    /// Where a sum belongs, and the length of the spans there; `None` where it is too old.
    fn place(&self, start: i64, bucket: &Bucket) -> Option<(Tier, i64)> {
        let length = i64::from(bucket.length);
        let old = self
            .dropped_before
            .is_some_and(|first| start + length <= first);
        (!old).then_some(if start < self.days_before || length >= DAY {
            (Tier::Days, DAY)
        } else if start < self.quarters_before || length >= QUARTER {
            (Tier::Quarters, QUARTER)
        } else {
            (Tier::Hours, HOUR)
        })
    }
}

/// Sums over a span of several buckets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// Events.
    pub total: u64,
    /// Bad events among them.
    pub bad: u64,
    /// Seconds that were observed.
    pub observed: u64,
}

impl Bucket {
    fn add(&mut self, other: &Self) {
        self.total = self.total.saturating_add(other.total);
        self.bad = self.bad.saturating_add(other.bad);
        self.observed = self
            .observed
            .saturating_add(other.observed)
            .min(self.length);
    }
}

impl SloBudgets {
    /// Nothing counted yet.
    pub fn new(environment: EnvironmentName, observed_to: Timestamp) -> Self {
        Self {
            version: "1.0.0".to_owned(),
            environment,
            observed_to,
            series: Vec::new(),
        }
    }

    /// The series of an indicator of a resource.
    pub fn find(&self, arn: &Arn, sli: &str) -> Option<&EventSeries> {
        let at = self.position(arn, sli).ok()?;
        self.series.get(at)
    }

    /// Its place among the series, or the place for it.
    pub fn position(&self, arn: &Arn, sli: &str) -> Result<usize, usize> {
        self.series
            .binary_search_by(|series| (&series.arn, series.sli.as_str()).cmp(&(arn, sli)))
    }
}

/// The start of the span of this length that a second lies in.
pub fn floor(second: i64, length: i64) -> i64 {
    second - second.rem_euclid(length)
}

/// The first second of the days of a window that ends here: today (UTC) is its last day.
pub fn window_start(end: i64, days: u32) -> i64 {
    floor(end - 1, DAY) - (i64::from(days) - 1) * DAY
}

impl EventSeries {
    /// Nothing counted yet.
    pub fn new(arn: Arn, sli: String, since: Timestamp) -> Self {
        Self {
            arn,
            sli,
            since,
            back_fill_failed_at: None,
            days: Buckets::default(),
            quarters: Buckets::default(),
            hours: Buckets::default(),
            periods: Buckets::default(),
        }
    }

    fn tiers(&self) -> [&Buckets; 4] {
        [&self.days, &self.quarters, &self.hours, &self.periods]
    }

    fn tier(&mut self, tier: Tier) -> &mut Buckets {
        match tier {
            Tier::Days => &mut self.days,
            Tier::Quarters => &mut self.quarters,
            Tier::Hours => &mut self.hours,
        }
    }

    /// All buckets with their starts; the tiers are disjoint in time.
    pub fn buckets(&self) -> impl Iterator<Item = (i64, &Bucket)> {
        self.tiers().into_iter().flat_map(Buckets::iter)
    }

    /// Counts the periods of whole hours, oldest first. Of an hour that was counted before, what
    /// saw more of it stands, and these periods where both saw as much: late data belong to
    /// them. Call [`EventSeries::settle`] when all are in.
    pub fn recount(&mut self, periods: &[(i64, Bucket)]) {
        let same_hour = |a: &(i64, Bucket), b: &(i64, Bucket)| floor(a.0, HOUR) == floor(b.0, HOUR);
        for of_hour in periods.chunk_by(same_hour) {
            let Some((first, _)) = of_hour.first() else {
                continue;
            };
            let hour = floor(*first, HOUR);
            let seen: i64 = of_hour.iter().map(|(_, one)| i64::from(one.observed)).sum();
            let before = self
                .hours
                .get(hour)
                .map_or(0, |sum| i64::from(sum.observed));
            if seen.min(HOUR) < before {
                continue;
            }
            self.hours.remove(hour);
            for (start, period) in of_hour {
                self.count(*start, *period);
            }
        }
    }

    /// Counts a period. One that is there already is replaced; one that overlaps anything else
    /// was counted before, and is not counted again.
    pub fn count(&mut self, start: i64, period: Bucket) {
        let end = start + i64::from(period.length);
        let overlaps = |(other, bucket): (i64, &Bucket)| {
            other < end
                && other + i64::from(bucket.length) > start
                && (other, bucket.length) != (start, period.length)
        };
        // Starts are in order within a tier: only the neighbours can overlap.
        let near = |tier: &Buckets| {
            let before = tier.last_before(start);
            before
                .into_iter()
                .chain(tier.range(start, end))
                .any(overlaps)
        };
        if !self.tiers().into_iter().any(near) && !self.is_coarse(start) {
            *self.periods.entry(start) = period;
        }
    }

    /// Whether a sum that may hold more than one period starts here.
    fn is_coarse(&self, start: i64) -> bool {
        let coarse = [&self.days, &self.quarters, &self.hours];
        coarse.into_iter().any(|tier| tier.get(start).is_some())
    }

    /// Sums up periods and what is old, for counts that end here, and drops what is older than
    /// `keep_days` days.
    pub fn settle(&mut self, end: i64, keep_days: Option<u32>) {
        let ages = Ages::of(end, keep_days);
        let old = std::mem::replace(
            self,
            Self::new(self.arn.clone(), self.sli.clone(), self.since),
        );
        self.back_fill_failed_at = old.back_fill_failed_at;
        for (start, bucket) in old.buckets() {
            let Some((tier, length)) = ages.place(start, bucket) else {
                continue;
            };
            let sum = self.tier(tier).entry(floor(start, length));
            sum.length = u32::try_from(length).unwrap_or(bucket.length);
            sum.add(bucket);
        }
    }

    /// Sums of what starts in a span.
    pub fn between(&self, start: i64, end: i64) -> Sums {
        let mut sums = Sums::default();
        for tier in self.tiers() {
            for (_, bucket) in tier.range(start, end) {
                sums.total = sums.total.saturating_add(bucket.total);
                sums.bad = sums.bad.saturating_add(bucket.bad);
                sums.observed = sums.observed.saturating_add(bucket.observed.into());
            }
        }
        sums
    }

    /// What two runs on different branches counted, each from what the provider reported. Of a
    /// span that both saw, the sums of the one that saw more of it; never both.
    pub fn joined(&self, other: &Self, end: i64) -> Self {
        let mut sides = [self.clone(), other.clone()];
        for side in &mut sides {
            side.settle(end, None);
        }
        let mut out = Self::new(
            self.arn.clone(),
            self.sli.clone(),
            self.since.min(other.since),
        );
        // Read on one side is read.
        out.back_fill_failed_at = match (self.back_fill_failed_at, other.back_fill_failed_at) {
            (Some(a), Some(b)) => Some(a.max(b)),
            _ => None,
        };
        let [a, b] = &sides;
        let tiers = [
            (&mut out.days, &a.days, &b.days),
            (&mut out.quarters, &a.quarters, &b.quarters),
            (&mut out.hours, &a.hours, &b.hours),
        ];
        for (out, a, b) in tiers {
            for (start, bucket) in a.iter().chain(b.iter()) {
                let best = out.entry(start);
                *best = (*best).max(*bucket);
            }
        }
        out.without_overlaps()
    }

    /// Without what overlaps an earlier bucket, as sums do that one side has in another tier.
    fn without_overlaps(mut self) -> Self {
        let mut all: Vec<(i64, Bucket)> = self.buckets().map(|(at, sum)| (at, *sum)).collect();
        all.sort_by_key(|(start, bucket)| (*start, std::cmp::Reverse(*bucket)));
        let mut until = i64::MIN;
        let mut kept = std::collections::BTreeSet::new();
        for (start, bucket) in all {
            if start >= until {
                until = start + i64::from(bucket.length);
                kept.insert((start, bucket.length));
            }
        }
        for tier in [&mut self.days, &mut self.quarters, &mut self.hours] {
            tier.retain(|start, bucket| kept.contains(&(start, bucket.length)));
        }
        self
    }
}

#[cfg(test)]
mod tests;
