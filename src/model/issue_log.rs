//! `issue-log.json`: errors of Terraform and AWS that were met, and what has solved them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::debug::{ErrorCategory, SolutionCategory, SolutionStep, SuccessRate};
use crate::model::log::{Head, Log, LogEntry};
use crate::text::Untrusted;

/// `issue-log.json`: errors of Terraform and AWS that were met, and what has solved them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "issue-log.json")]
pub struct IssueLog {
    /// Version of this format, `1.0.0`.
    pub version: String,
    /// What is known of each issue. Not in archives.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub issues: Vec<LoggedIssue>,
    /// Where the chain of entries ends; not in archives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<Head>,
    /// What was recorded, oldest first: occurrences and attempts, each with the hash of the one
    /// before it. Older months are in `issue-log.<YYYY-MM>.json`.
    pub entries: Vec<LogEntry>,
    /// Figures over all issues.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub statistics: Map<String, Value>,
}

impl IssueLog {
    /// The entries with their chain.
    pub fn log(&self) -> Log {
        Log {
            version: self.version.clone(),
            head: self.head.clone(),
            entries: self.entries.clone(),
            statistics: self.statistics.clone(),
        }
    }

    /// These issues, with the entries of a log.
    pub fn new(issues: Vec<LoggedIssue>, log: Log, statistics: Map<String, Value>) -> Self {
        Self {
            version: log.version,
            issues,
            head: log.head,
            entries: log.entries,
            statistics,
        }
    }

    /// The issue with this id, or with this alias.
    pub fn find(&self, id: &str) -> Option<&LoggedIssue> {
        Some(&self.issues[position(&self.issues, id)?])
    }
}

/// Where the issue with this id is, or the one with this alias.
pub fn position(issues: &[LoggedIssue], id: &str) -> Option<usize> {
    let exact = issues.iter().position(|issue| issue.issue_id == id);
    exact.or_else(|| {
        let has = |issue: &LoggedIssue| issue.aliases.iter().any(|alias| alias == id);
        issues.iter().position(has)
    })
}

/// An issue of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LoggedIssue {
    /// Its id: 12 hexadecimal digits of a hash of code, action, type of resource and message.
    #[schemars(regex(pattern = r"^[0-9a-f]{12}$"))]
    pub issue_id: String,
    /// Ids that it had before messages were normalized in another way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// What it is called, in a few words.
    pub title: Untrusted,
    /// Its entry in the catalogue of known errors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_error: Option<String>,
    /// When it was recorded first, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub first_seen: Timestamp,
    /// When it was recorded last, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub last_seen: Timestamp,
    /// Since when it has occurred without a solution that worked; null where the last attempt did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub open_since: Option<Timestamp>,
    /// How often it was recorded.
    pub occurrence_count: u64,
    /// What was said, the last time.
    pub error: LoggedError,
    /// What was tried.
    #[serde(default)]
    pub solutions: Vec<LoggedSolution>,
    /// Issues that were in the same text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related_issues: Vec<String>,
    /// Words of people to find it by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Untrusted>,
    /// What people wrote about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Untrusted>,
}

/// What was said of an issue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LoggedError {
    /// What it is about.
    pub category: ErrorCategory,
    /// The innermost message, without secrets, account numbers, addresses, and ids of requests and
    /// authorizations.
    pub message: Untrusted,
    /// The message with placeholders for names, numbers and ids.
    pub normalized_message: String,
    /// The code of AWS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Untrusted>,
    /// Where it happened, the last time.
    pub context: LoggedContext,
}

/// Where an error happened.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LoggedContext {
    /// Environment of the last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// How often in which environment; without those of no environment.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub environments: BTreeMap<String, u64>,
    /// The command of this program that met it the last time; without it, another program did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// What was done: `create`, `read`, `update`, `delete`, `wait`, `other`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub action: String,
    /// The operation of AWS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<Untrusted>,
    /// Terraform's type of the resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_type: Option<Untrusted>,
    /// What AWS calls the resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_name: Option<Untrusted>,
    /// Terraform's address of the resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Untrusted>,
    /// The module that the resource is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terraform_module: Option<Untrusted>,
}

/// A solution that was tried.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LoggedSolution {
    /// Its id: of the catalogue, `wait-and-retry`, or made of its description.
    #[schemars(length(min = 1))]
    pub solution_id: String,
    /// What it does.
    pub description: Untrusted,
    /// What it changes.
    pub category: SolutionCategory,
    /// What to do, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<SolutionStep>,
    /// Whether a program did it.
    #[serde(default)]
    pub automation: Automation,
    /// How it did, in all environments.
    pub success_rate: SuccessRate,
    /// How it did in each environment; without attempts in no environment.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub environments: BTreeMap<String, SuccessRate>,
    /// When it was tried first, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub first_used: Timestamp,
    /// When it was tried last, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub last_used: Timestamp,
    /// When it worked last, RFC 3339 UTC; null where it never did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub last_success: Option<Timestamp>,
    /// From the first occurrence that was open until it worked, in seconds, on average of the
    /// successes for which that is known; null where there are none.
    pub avg_resolution_time_seconds: Option<u64>,
    /// The successes that the average is of.
    #[serde(default)]
    pub timed_successes: u64,
}

/// What a program did of a solution.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Automation {
    /// Attempts that a program made by itself.
    pub automated_attempts: u64,
    /// Those of them that worked.
    pub automated_successes: u64,
}

/// The answer of `fractary debug --list` and `--stats`.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct IssueLogReport {
    /// Of the layout of this document.
    pub version: String,
    /// `issue-log-list`.
    pub kind: String,
    /// The issues, those seen last first; without them where only figures were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issues: Option<Vec<LoggedIssue>>,
    /// Figures over all issues.
    pub statistics: Map<String, Value>,
}
