//! What `fractary logs` found: the patterns of log lines.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::log_events::LogCoverage;
use crate::text::Untrusted;

/// The patterns of log lines, and how much was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LogReport {
    /// Of the layout of this document.
    pub version: String,
    /// `log-patterns`.
    pub kind: String,
    /// What was read.
    pub sources: Vec<LogSource>,
    /// Lines in all sources.
    pub lines: u64,
    /// Lines of the span before, when there is one to compare with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline_lines: Option<u64>,
    /// Lines that have no pattern, because too many distinct ones came.
    pub unbounded: u64,
    /// Lines of metrics in CloudWatch's embedded format, which are no patterns.
    pub metric_lines: u64,
    /// How much of the span was read, where log groups were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<LogCoverage>,
    /// How much of the span before was read. Where that is not all of it, nothing is compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline_coverage: Option<LogCoverage>,
    /// The most surprising first, then the most frequent.
    pub patterns: Vec<PatternRow>,
}

/// A source of lines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LogSource {
    /// The file.
    pub name: Untrusted,
    /// Lines that were read.
    pub lines: u64,
    /// Bytes that were read.
    pub bytes: u64,
    /// Whether these lines are the span before.
    pub baseline: bool,
}

/// How a pattern stands against the span before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PatternKind {
    /// Not seen before.
    New,
    /// More frequent than before.
    Rising,
    /// As frequent as before, with other values.
    Shifted,
    /// Seen before, and no more.
    Gone,
    /// As before, or nothing to compare with.
    Steady,
}

/// A template with what was counted of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PatternRow {
    /// Made from the words of the template.
    pub id: String,
    /// The line with `<*>` where lines differ.
    pub template: Untrusted,
    /// Lines in the span.
    pub count: u64,
    /// Lines in the span before; absent when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline_count: Option<u64>,
    /// Against the span before.
    pub kind: PatternKind,
    /// How unlikely the change is by chance: the likelihood ratio G² of the two rates.
    pub surprise: f64,
    /// The severity that the lines name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// When the first line was written, where the lines say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub first_seen: Option<Timestamp>,
    /// When the last line was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub last_seen: Option<Timestamp>,
    /// The number of the first line, from 1 over all sources.
    pub first_line: u64,
    /// The number of the last line.
    pub last_line: u64,
    /// What stands where lines differ, from a sample of distinct lines.
    pub slots: Vec<SlotRow>,
    /// Lines, without their header.
    pub examples: Vec<Untrusted>,
}

/// What stands in one place of a template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SlotRow {
    /// The place, from 1.
    pub position: usize,
    /// The part, from 1, when several values stand in a row.
    pub part: usize,
    /// `number`, `identifier` or `word`.
    pub kind: String,
    /// Distinct values in the sample.
    pub distinct: usize,
    /// The smallest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// The middle number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub median: Option<f64>,
    /// The largest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// The most frequent values.
    pub top: Vec<SlotShare>,
    /// The most frequent values in the span before, when they have moved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<SlotShare>,
}

/// A value and its share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SlotShare {
    /// The value.
    pub value: Untrusted,
    /// From 0 to 1, in the sample.
    pub share: f64,
}
