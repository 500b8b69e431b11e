//! Months that are over move out of a log.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::model::log::{Log, LogEntry};

/// Entries for one archive.
#[derive(Debug, Clone, PartialEq)]
pub struct Archived {
    /// The month, `YYYY-MM`.
    pub month: String,
    /// To be appended to what the archive holds.
    pub entries: Vec<LogEntry>,
}

/// Takes the entries of months before that of `now` out of a log. The newest entry always
/// stays, so the chain goes on from the log alone; so do the head and the statistics.
/// `newest` is the newest month there is an archive of: a clock that went back must not put
/// later entries into an earlier archive.
pub fn archive(log: &mut Log, newest: Option<&str>, now: Timestamp) -> Vec<Archived> {
    let current = month(now);
    let mut latest = newest.unwrap_or_default().to_owned();
    let mut out: Vec<Archived> = Vec::new();
    let most = log.entries.len().saturating_sub(1);
    let over = log
        .entries
        .iter()
        .take(most)
        .take_while(|entry| entry.time().is_some_and(|at| month(at) < current));
    let over = over.count();
    for entry in log.entries.drain(..over) {
        latest = latest.max(entry.time().map(month).unwrap_or_default());
        match out.last_mut().filter(|last| last.month == latest) {
            Some(last) => last.entries.push(entry),
            None => out.push(Archived {
                month: latest.clone(),
                entries: vec![entry],
            }),
        }
    }
    out
}

fn month(at: Timestamp) -> String {
    let at = at.to_zoned(TimeZone::UTC);
    format!("{:04}-{:02}", at.year().max(0), at.month())
}
