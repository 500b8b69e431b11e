//! Events of log groups, and how much of what there was has been read.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::fact::Gap;
use crate::text::Untrusted;

/// What a log group allows to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogClass {
    /// Everything.
    Standard,
    /// Logs Insights only.
    InfrequentAccess,
    /// Nothing: it only passes events on.
    Delivery,
    /// One that this program does not know.
    Other,
}

/// A log group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogGroup {
    /// Its name.
    pub name: Untrusted,
    /// What it allows to be asked.
    pub class: LogClass,
    /// When it was created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// Days after which events are deleted; never where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention_days: Option<u32>,
}

/// A page of log groups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogGroupPage {
    /// The groups.
    pub groups: Vec<LogGroup>,
    /// The token of the next page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// An event as CloudWatch Logs holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEvent {
    /// When it happened, in milliseconds since 1970.
    pub time: i64,
    /// When CloudWatch received it, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received: Option<i64>,
    /// The stream that it was written to. Only within one do events have an order of lines.
    pub stream: Untrusted,
    /// CloudWatch's id of it.
    pub id: String,
    /// Its text, of one line or many.
    pub message: Untrusted,
}

/// A page of events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEventPage {
    /// The events, as the provider ordered them.
    pub events: Vec<LogEvent>,
    /// The token of the next page. A page without events may have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Events that there are in the span, where the answer says it and may hold fewer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matched: Option<u64>,
    /// Bytes that Logs Insights scanned, for which it charges.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scanned_bytes: Option<u64>,
}

/// How a group was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogWay {
    /// `FilterLogEvents`: page by page, without charge.
    Filter,
    /// Logs Insights, charged by the gigabyte.
    Insights,
}

/// Why reading ended before the end of the span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogCut {
    /// The most events were read.
    Events,
    /// The most bytes were read.
    Bytes,
    /// The time limit was over.
    Time,
    /// It would have cost more than allowed.
    Cost,
    /// There are more events in a second than one query gives.
    Dense,
    /// A call failed; the gap says which.
    Failed,
    /// The beginning of the span is older than the group keeps its events.
    Deleted,
}

/// Why a group gave no events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogSilence {
    /// There is no such group; these names are nearest.
    NoSuchGroup(Vec<Untrusted>),
    /// It was created after the span.
    CreatedAfter(#[schemars(with = "String", extend("format" = "date-time"))] Timestamp),
    /// Events of the span are deleted already: it keeps them so many days.
    Expired(u32),
    /// It was read to the end, and holds nothing in the span.
    Empty,
    /// It could not be read.
    Unreadable,
    /// Its class does not allow reading.
    ClassForbids,
}

/// What was read of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LogGroupCoverage {
    /// Its name.
    pub group: Untrusted,
    /// What its name was taken from: `--group`, or what of which resource.
    pub named_by: Untrusted,
    /// How it was read; absent where it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub way: Option<LogWay>,
    /// Events that were read.
    pub events: u64,
    /// Bytes of their messages.
    pub bytes: u64,
    /// Bytes that the group took in during the span, by `AWS/Logs IncomingBytes`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_bytes: Option<u64>,
    /// Read without gaps up to here, from the start of the span on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub complete_to: Option<Timestamp>,
    /// Why it ends there, where that is before the end of the span.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut: Option<LogCut>,
    /// Why there are no events, where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silence: Option<LogSilence>,
    /// The call that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<Gap>,
    /// Bytes that Logs Insights scanned, for which it charges.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub scanned_bytes: u64,
}

impl LogGroupCoverage {
    /// Returns whether everything in the span was read, so that what is not in it is not there.
    pub fn is_complete(&self) -> bool {
        let silent = matches!(
            self.silence,
            Some(
                LogSilence::NoSuchGroup(_)
                    | LogSilence::Expired(_)
                    | LogSilence::Unreadable
                    | LogSilence::ClassForbids
            )
        );
        self.cut.is_none() && self.gap.is_none() && !silent && self.way.is_some()
    }
}

/// How much of the logs of a span was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LogCoverage {
    /// The start of the span.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub start: Timestamp,
    /// Its end, which is not part of it.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub end: Timestamp,
    /// The groups.
    pub groups: Vec<LogGroupCoverage>,
    /// Logs that exist and are not in CloudWatch, or whose group could not be found out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub elsewhere: Vec<LogsElsewhere>,
    /// When the last event that was read happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub last_event_at: Option<Timestamp>,
    /// Half of the events were received within so many milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lag_p50_ms: Option<u64>,
    /// 95 % of the events were received within so many milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lag_p95_ms: Option<u64>,
    /// Seconds before the end of the span whose events may still be arriving.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub still_arriving_seconds: u64,
}

impl LogCoverage {
    /// Returns whether everything was read, so that what is not there did not happen.
    pub fn is_complete(&self) -> bool {
        !self.groups.is_empty()
            && self.elsewhere.is_empty()
            && self.groups.iter().all(LogGroupCoverage::is_complete)
    }
}

impl LogCoverage {
    /// Returns whether every group was read to the end. Logs that are known to be elsewhere do
    /// not count.
    pub fn is_read(&self) -> bool {
        let unknown = self.elsewhere.iter().any(|one| one.gap.is_some());
        let none = self.groups.is_empty() && self.elsewhere.is_empty();
        !none && !unknown && self.groups.iter().all(LogGroupCoverage::is_complete)
    }
}

/// Logs of a resource that cannot be read here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LogsElsewhere {
    /// The resource, as people call it.
    pub resource: Untrusted,
    /// Where they are, or why it is not known: `container api logs through awsfirelens`.
    pub what: Untrusted,
    /// The call that failed, where that is why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<Gap>,
}

/// How grave an event is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum LogLevel {
    /// Of interest to nobody but a debugger.
    Trace,
    /// Of interest to the authors of the program.
    Debug,
    /// As expected.
    Info,
    /// Not as expected.
    Warn,
    /// Something failed.
    Error,
    /// The program or a large part of it cannot go on.
    Fatal,
}

impl LogLevel {
    /// Every level, the least grave first.
    pub const ALL: [Self; 6] = [
        Self::Trace,
        Self::Debug,
        Self::Info,
        Self::Warn,
        Self::Error,
        Self::Fatal,
    ];

    /// Returns its name, in capitals.
    pub fn word(self) -> &'static str {
        match self {
            Self::Trace => "TRACE",
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
            Self::Fatal => "FATAL",
        }
    }

    /// Returns the level that a word names, in any case: that of common loggers and of syslog.
    pub fn parse(word: &str) -> Option<Self> {
        let level = match word.to_ascii_uppercase().as_str() {
            "TRACE" | "FINEST" | "FINER" | "VERBOSE" => Self::Trace,
            "DEBUG" | "FINE" | "DBG" => Self::Debug,
            "INFO" | "INFORMATION" | "INFORMATIONAL" | "NOTICE" | "CONFIG" => Self::Info,
            "WARN" | "WARNING" => Self::Warn,
            "ERROR" | "ERR" | "SEVERE" => Self::Error,
            "FATAL" | "CRITICAL" | "CRIT" | "EMERG" | "EMERGENCY" | "PANIC" | "ALERT" => {
                Self::Fatal
            }
            _ => return None,
        };
        Some(level)
    }
}

/// An event as people read it: the lines of one exception are one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LogLine {
    /// When it happened.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// The group.
    pub group: Untrusted,
    /// The stream.
    pub stream: Untrusted,
    /// How grave it says that it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<LogLevel>,
    /// Its text, of one line or many.
    pub message: Untrusted,
    /// Events of CloudWatch that it was written as.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub events: u64,
}

/// The events of a span, and how much of it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LogLines {
    /// The events that fit, the earliest first.
    pub lines: Vec<LogLine>,
    /// Events that did not fit the filter.
    pub filtered_out: u64,
    /// Events that `--level` left out because they name no level.
    pub without_level: u64,
    /// How much was read.
    pub coverage: LogCoverage,
}

/// A line of `logs --format json`: an event, or at the end what was read.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[serde(tag = "kind")]
pub enum LogOutput<'a> {
    /// An event.
    #[serde(rename = "log-event")]
    Event(&'a LogLine),
    /// How much was read.
    #[serde(rename = "log-coverage")]
    Coverage(&'a LogCoverage),
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

fn one() -> u64 {
    1
}

fn is_one(count: &u64) -> bool {
    *count == 1
}
