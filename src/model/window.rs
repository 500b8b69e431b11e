//! Spans of time.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The span that a check judges, aligned to the metric period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Window {
    /// First instant, included.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub start: Timestamp,
    /// Last instant, excluded.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub end: Timestamp,
    /// Length of one metric period, in seconds.
    pub period_seconds: u32,
}

impl Window {
    /// Length in seconds.
    pub fn seconds(&self) -> i64 {
        self.end.as_second() - self.start.as_second()
    }

    /// Number of whole periods.
    pub fn periods(&self) -> i64 {
        self.seconds() / i64::from(self.period_seconds.max(1))
    }
}
