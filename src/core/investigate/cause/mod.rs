//! Follows what users wait for and lose down the call graph, to where it is not explained further.
//!
//! Volumes add up, deviations do not. A node's extra volume is (value now − normal value) ×
//! requests: seconds waited, requests lost. A caller's extra volume is explained by the extra
//! volume of what it calls; what is left is its own. Blame starts at the node with the symptom,
//! flows to callees that are out of the ordinary, and rests where nothing below explains it. No
//! node, service or metric is special but for the direction in which a metric is bad.

mod baseline;
mod blame;

use std::collections::BTreeMap;

pub use blame::{BlameVerdict, Graph, Suspect, rank};

/// The values of one metric of one node, one for each period. A missing value is a gap.
pub type MetricValues = Vec<Option<f64>>;

/// What is measured at a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Seconds a request takes, on average. More is worse.
    Latency,
    /// Percent of requests that succeed. Less is worse.
    Availability,
    /// Requests in the period.
    Requests,
}

/// The metrics of all nodes over the same periods.
#[derive(Debug, Clone, Default)]
pub struct Metrics {
    /// The beginning of each period, in seconds since 1970.
    pub times: Vec<f64>,
    pub series: BTreeMap<(String, Measure), MetricValues>,
}

impl Metrics {
    fn get(&self, node: &str, measure: Measure) -> Option<&MetricValues> {
        self.series.get(&(node.to_owned(), measure))
    }

    /// The usual seconds between two periods.
    fn period(&self) -> f64 {
        let mut steps: Vec<f64> = self
            .times
            .windows(2)
            .map(|pair| pair[1] - pair[0])
            .collect();
        steps.sort_by(f64::total_cmp);
        steps.get(steps.len() / 2).copied().unwrap_or(0.0)
    }
}

/// The symptom that is asked about.
#[derive(Debug, Clone, PartialEq)]
pub struct Symptom {
    pub node: String,
    pub measure: Measure,
    /// When it was noticed, in seconds since 1970.
    pub at: f64,
}

#[cfg(test)]
mod tests;
