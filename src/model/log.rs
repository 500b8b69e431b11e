//! Append-only logs: `iam-audit.json`, `remediation-log.json` and their archives by month.
//!
//! Every entry carries the hash of the one before it. What an entry says beside that is its
//! command's business, and is kept as it is.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// `iam-audit.json`: every grant and revocation of permissions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(title = "iam-audit.json")]
pub struct IamAudit(pub Log);

/// `remediation-log.json`: every remediation of one environment, what was meant and what came
/// of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(title = "remediation-log.json")]
pub struct RemediationLog(pub Log);

/// A log, or the archive of one month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Log {
    /// Version of this format, `1.0.0`.
    pub version: String,
    /// Where the chain ends; not in archives. Without it, entries cut off the end would not
    /// be missed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<Head>,
    /// Entries, oldest first. Older months lie in `<name>.<YYYY-MM>.json`.
    pub entries: Vec<LogEntry>,
    /// Figures over all entries, archived ones included.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub statistics: Map<String, Value>,
}

/// The newest entry of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Head {
    /// Its number.
    pub seq: u64,
    /// Its hash.
    #[schemars(regex(pattern = r"^[0-9a-f]{64}$"))]
    pub hash: String,
}

/// One entry, with what its command says in keys of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LogEntry {
    /// Its number: 1, 2, 3 and so on, over all archives.
    #[schemars(range(min = 1))]
    pub seq: u64,
    /// Its id.
    #[schemars(length(min = 1))]
    pub id: String,
    /// When it was written, RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub at: Option<Timestamp>,
    /// The same, as `iam-audit.json` calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub granted_at: Option<Timestamp>,
    /// Hash of the entry before it; 64 zeros in the first one.
    #[schemars(regex(pattern = r"^[0-9a-f]{64}$"))]
    pub prev: String,
    /// SHA-256 of the canonical JSON (RFC 8785) of this entry without `hash`, in hexadecimal.
    #[schemars(regex(pattern = r"^[0-9a-f]{64}$"))]
    pub hash: String,
    /// What else it says.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl LogEntry {
    /// When it was written, whatever its log calls that.
    pub fn time(&self) -> Option<Timestamp> {
        self.at.or(self.granted_at)
    }
}

impl AsRef<Log> for IamAudit {
    fn as_ref(&self) -> &Log {
        &self.0
    }
}

impl AsRef<Log> for RemediationLog {
    fn as_ref(&self) -> &Log {
        &self.0
    }
}

impl From<Log> for IamAudit {
    fn from(log: Log) -> Self {
        Self(log)
    }
}

impl From<Log> for RemediationLog {
    fn from(log: Log) -> Self {
        Self(log)
    }
}
