//! One file a question: how AWS is asked it. None of them can change anything: what they are
//! given sends only the operations of the command's purpose.

pub(crate) mod alarm_history;
pub(crate) mod changes;
pub(crate) mod cloudtrail;
pub(crate) mod clues;
pub(crate) mod discover;
pub(crate) mod identity;
pub(crate) mod insights;
pub(crate) mod last_use;
pub(crate) mod log_groups;
pub(crate) mod log_sources;
pub(crate) mod logs;
pub(crate) mod metrics;
pub(crate) mod observe;
pub(crate) mod situation;
pub(crate) mod spend;
pub(crate) mod utilisation;
