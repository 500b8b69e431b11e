//! What an error is compared with.

use jiff::Timestamp;

use crate::catalog::errors::KnownErrors;
use crate::model::issue_log::IssueLog;

/// What an error is compared with.
#[derive(Debug, Clone, Copy)]
pub struct Experience<'a> {
    /// The built-in errors.
    pub known: &'a KnownErrors,
    /// What was recorded.
    pub log: Option<&'a IssueLog>,
    /// The environment that is asked about.
    pub environment: Option<&'a str>,
    /// Now.
    pub now: Timestamp,
}
