//! What was done, from the log: entries of one remediation are one thing.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

use crate::model::debug::percent;
use crate::model::log::LogEntry;
use crate::model::remediation::{RemediationEntry, RemediationOutcome};

/// One remediation: what was meant, and what came of it so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Remediation {
    /// The id of its first entry.
    pub id: String,
    /// Its first entry.
    pub first: RemediationEntry,
    /// When that was written.
    pub started_at: Timestamp,
    /// Its newest entry.
    pub last: RemediationEntry,
    /// When that was written.
    pub last_at: Timestamp,
    /// How many entries it has.
    pub entries: u32,
}

impl Remediation {
    /// Returns what it came to so far.
    pub fn outcome(&self) -> RemediationOutcome {
        self.last.outcome
    }

    /// Whether nothing is known beyond that it was about to be sent.
    pub fn is_open(&self) -> bool {
        self.outcome() == RemediationOutcome::Started
    }
}

/// Whether it was applied, and it is not known yet whether it helped. One that was given up says
/// what was seen last.
pub fn is_waiting(one: &Remediation) -> bool {
    let given_up = one.last.verification.as_ref();
    let given_up = given_up.is_some_and(|seen| seen.after.is_some());
    one.outcome() == RemediationOutcome::Unverified && one.last.applied_at.is_some() && !given_up
}

/// Whether an action has helped a resource of a kind before.
pub fn is_proven(done: &[Remediation], action: &str, kind: &str) -> bool {
    done.iter().any(|one| {
        one.outcome() == RemediationOutcome::Success
            && one.first.action == action
            && one.first.kind == kind
    })
}

/// Reads an entry; `None` for one that another version has written.
pub fn read_entry(entry: &LogEntry) -> Option<RemediationEntry> {
    serde_json::from_value(Json::Object(entry.rest.clone())).ok()
}

/// Returns an entry as the log keeps it.
pub fn write_entry(entry: &RemediationEntry) -> Map<String, Json> {
    match serde_json::to_value(entry) {
        Ok(Json::Object(map)) => map,
        _ => Map::new(),
    }
}

/// Joins the entries of each remediation, in the order in which they began.
pub fn fold(entries: &[LogEntry]) -> Vec<Remediation> {
    let mut all = Vec::new();
    entries.iter().for_each(|entry| add(&mut all, entry));
    all
}

/// Adds an entry to what is known.
pub fn add(all: &mut Vec<Remediation>, entry: &LogEntry) {
    let (Some(said), Some(at)) = (read_entry(entry), entry.time()) else {
        return;
    };
    let of = said.of.as_ref();
    let known = of.and_then(|of| all.iter_mut().rev().find(|one| one.id == *of));
    match known {
        Some(one) => {
            one.last = said;
            one.last_at = at;
            one.entries += 1;
        }
        // Its beginning is in an archive, or it is one.
        None => all.push(Remediation {
            id: said.of.clone().unwrap_or_else(|| entry.id.clone()),
            first: said.clone(),
            started_at: at,
            last: said,
            last_at: at,
            entries: 1,
        }),
    }
}

/// Counts and times of one action, or of all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct ActionTally {
    attempts: u64,
    success: u64,
    failed: u64,
    unverified: u64,
    interrupted: u64,
    undone: u64,
    refused: u64,
    automated: u64,
    resolved: u64,
    resolution_seconds: u64,
}

impl ActionTally {
    fn write(self) -> Json {
        let judged = self.success + self.failed;
        let mean = self.resolution_seconds.checked_div(self.resolved);
        let rate = percent(self.success, judged);
        let mut map = json!({
            "attempts": self.attempts,
            "success": self.success,
            "failed": self.failed,
            "unverified": self.unverified,
            "interrupted": self.interrupted,
            "undone": self.undone,
            "refused": self.refused,
            "automated": self.automated,
            "manual": self.attempts.saturating_sub(self.automated),
            "resolved": self.resolved,
            "resolution_seconds": self.resolution_seconds,
        });
        if let Some(map) = map.as_object_mut() {
            if let Some(rate) = rate {
                map.insert("success_rate_percent".to_owned(), rate.into());
            }
            if let Some(mean) = mean {
                map.insert("mean_time_to_resolution_seconds".to_owned(), mean.into());
            }
        }
        map
    }

    /// Counts one entry more; `before` is what the remediation had come to.
    fn add(&mut self, entry: &RemediationEntry, before: Option<RemediationOutcome>) {
        if entry.of.is_none() {
            self.attempts += 1;
            self.automated += u64::from(!entry.consent.how.is_manual());
        }
        for (outcome, is_now) in [(before, false), (Some(entry.outcome), true)] {
            let count = match outcome {
                Some(RemediationOutcome::Success) => &mut self.success,
                Some(RemediationOutcome::Failed) => &mut self.failed,
                Some(RemediationOutcome::Unverified) => &mut self.unverified,
                Some(RemediationOutcome::Interrupted) => &mut self.interrupted,
                Some(RemediationOutcome::Undone) => &mut self.undone,
                Some(RemediationOutcome::Refused) => &mut self.refused,
                Some(RemediationOutcome::Started) | None => continue,
            };
            *count = match is_now {
                true => *count + 1,
                false => count.saturating_sub(1),
            };
        }
        let won = entry.outcome == RemediationOutcome::Success
            && before != Some(RemediationOutcome::Success);
        if let Some(seconds) = entry.time_to_resolution_seconds.filter(|_| won) {
            self.resolved += 1;
            self.resolution_seconds += seconds;
        }
    }
}

/// Returns the figures over entries: those of all archives too, oldest first.
pub fn statistics<'a>(
    entries: impl Iterator<Item = (&'a str, &'a RemediationEntry)>,
) -> Map<String, Json> {
    let mut all = ActionTally::default();
    let mut by_action: BTreeMap<&str, ActionTally> = BTreeMap::new();
    let mut before: BTreeMap<&str, RemediationOutcome> = BTreeMap::new();
    for (id, entry) in entries {
        let of = entry.of.as_deref().unwrap_or(id);
        let was = before.insert(of, entry.outcome);
        all.add(entry, was);
        by_action.entry(&entry.action).or_default().add(entry, was);
    }
    let by_action: Map<String, Json> = by_action
        .into_iter()
        .map(|(action, figures)| (action.to_owned(), figures.write()))
        .collect();
    let mut map = match all.write() {
        Json::Object(map) => map,
        _ => Map::new(),
    };
    map.insert("by_action".to_owned(), Json::Object(by_action));
    map
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_of_success_are_rounded() {
        for (success, failed, wanted) in [(2, 1, Some(66.7)), (1, 2, Some(33.3)), (0, 0, None)] {
            let tally = ActionTally {
                success,
                failed,
                ..ActionTally::default()
            };
            let rate = tally.write()["success_rate_percent"].as_f64();
            assert_eq!(rate, wanted, "{success} of {}", success + failed);
        }
    }
}
