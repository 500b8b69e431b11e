//! Whose turn it is: an entry without an outcome is the lease of an environment.

use jiff::{SignedDuration, Timestamp};

use crate::model::deployments::Deployment;
use crate::model::ids::EnvironmentName;
use crate::text::times;

/// The status of an entry without an outcome.
pub const STARTED: &str = "started";
/// The status of one that did all that it was to do.
const SUCCEEDED: &str = "success";

/// Whether nothing says how it ended.
pub fn is_open(deployment: &Deployment) -> bool {
    deployment.status == STARTED
}

/// A deployment that has the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenDeployment {
    /// Its id.
    pub id: String,
    /// Who began it.
    pub by: String,
    /// When.
    pub since: Timestamp,
    /// Where it runs, where it says so.
    pub run: Option<String>,
    /// Until when nobody else may.
    pub until: Option<Timestamp>,
}

impl OpenDeployment {
    /// Reads it from its entry.
    pub fn new(deployment: &Deployment) -> Self {
        let record = deployment.record.as_ref();
        let by = deployment.deployed_by.as_ref();
        Self {
            id: deployment.id.clone(),
            by: by.map_or_else(|| "someone".to_owned(), |by| by.terminal()),
            since: deployment.deployed_at,
            run: record.and_then(|one| one.run.as_ref().map(|run| run.terminal())),
            until: record.map(|one| one.lease_until),
        }
    }

    /// Returns a sentence without a full stop.
    pub fn words(&self) -> String {
        let run = self
            .run
            .as_ref()
            .map_or_else(String::new, |run| format!(" ({run})"));
        let until = self.until.map_or_else(String::new, |until| {
            format!(", its lease lasts until {}", times::time(until))
        });
        format!(
            "{} by {}{run} has the environment since {}{until}",
            self.id,
            self.by,
            times::time(self.since)
        )
    }
}

/// Returns who has the environment before `own` does: of all that are open, the first one.
pub fn held_by(all: &[Deployment], own: &Deployment) -> Option<OpenDeployment> {
    let rank = |one: &Deployment| (one.deployed_at, one.id.clone());
    let is_in = all.iter().any(|one| one.id == own.id);
    let others = all.iter().filter(|one| {
        is_open(one)
            && one.environment == own.environment
            && one.id != own.id
            // Before it is written down, any other one is first.
            && (!is_in || rank(one) < rank(own))
    });
    others.min_by_key(|one| rank(one)).map(OpenDeployment::new)
}

/// An apply takes the lock of the state within this time from the record that it begins.
const LOCKS_WITHIN: SignedDuration = SignedDuration::from_mins(10);

/// A deployment that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedDeployment {
    began: Timestamp,
    status: String,
    /// The same as of one that is not over.
    who: OpenDeployment,
}

impl EndedDeployment {
    /// Returns what it was, and how it ended.
    pub fn words(&self) -> String {
        let run = self.who.run.as_ref();
        let run = run.map_or_else(String::new, |run| format!(" ({run})"));
        let ended = match self.status.as_str() {
            "interrupted" => "was interrupted",
            "failed" => "failed",
            _ => "has ended",
        };
        format!(
            "{} by {}{run}, which began {} and {ended}",
            self.who.id,
            self.who.by,
            times::time(self.began)
        )
    }
}

/// Returns the deployments of an environment that are over.
pub fn ended(all: &[Deployment], environment: &EnvironmentName) -> Vec<EndedDeployment> {
    let own = all.iter().filter(|one| one.environment == *environment);
    let over = own.filter(|one| one.record.is_some() && !is_open(one));
    over.map(|one| EndedDeployment {
        began: one.deployed_at,
        status: one.status.clone(),
        who: OpenDeployment::new(one),
    })
    .collect()
}

/// Returns which of these seems to have left a lock that was created then, as Terraform writes it
/// (`2026-03-01 12:00:01.5 +0000 UTC`). One that succeeded has given its lock back: a lock of that
/// time is of another run.
pub fn left_by<'d>(all: &'d [EndedDeployment], created: &str) -> Option<&'d EndedDeployment> {
    let mut words = created.split_whitespace();
    let (date, time, offset) = (words.next()?, words.next()?, words.next()?);
    let created: Timestamp = format!("{date}T{time}{offset}").parse().ok()?;
    let could = all.iter().filter(|one| {
        let after = created.duration_since(one.began);
        one.status != SUCCEEDED && !after.is_negative() && after <= LOCKS_WITHIN
    });
    could.max_by_key(|one| one.began)
}

/// Keeps the newest entries of an environment. What a deployment left behind is said by the
/// newest one alone; open ones stay.
pub fn tidy(all: &mut Vec<Deployment>, environment: &EnvironmentName, most: usize) {
    let is_own = |one: &Deployment| one.environment == *environment && one.record.is_some();
    let newest = all.iter().rposition(|one| is_own(one) && !is_open(one));
    for (at, one) in all.iter_mut().enumerate() {
        if Some(at) != newest && is_own(one) {
            one.resources.clear();
        }
    }
    let mut surplus = all
        .iter()
        .filter(|one| is_own(one))
        .count()
        .saturating_sub(most);
    all.retain(|one| {
        let goes = surplus > 0 && is_own(one) && !is_open(one);
        surplus -= usize::from(goes);
        !goes
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry(id: &str, minute: u32, status: &str) -> Deployment {
        serde_json::from_value(json!({
            "id": id, "environment": "test", "deployed_at": format!("2026-03-01T12:{minute:02}:00Z"),
            "deployed_by": "Ada", "status": status,
            "resources": [{ "type": "aws_sqs_queue", "aws_id": "q", "arn": "arn:aws:sqs:eu-west-1:123456789012:q" }],
            "record": { "operation": "deploy", "directory": "infra", "tool": "terraform 1.15.5",
                "consent": { "how": "flag", "at": "2026-03-01T12:00:00Z" }, "clone": "c",
                "lease_until": "2026-03-01T14:00:00Z", "planned": [] }
        }))
        .expect("a deployment")
    }

    #[test]
    fn of_two_the_first_one_has_the_environment() {
        let first = entry("d-1", 1, STARTED);
        let second = entry("d-2", 2, STARTED);
        let both = [first.clone(), second.clone()];
        assert_eq!(held_by(&both, &first), None);
        let holder = held_by(&both, &second).expect("the first");
        insta::assert_snapshot!(holder.words(), @"d-1 by Ada has the environment since 2026-03-01 12:01 UTC, its lease lasts until 2026-03-01 14:00 UTC");
        // Whoever is not written down yet comes last, whatever its clock says.
        assert_eq!(
            held_by(&[second], &first).map(|one| one.id),
            Some("d-2".to_owned())
        );
        assert_eq!(
            held_by(&[entry("d-1", 1, "failed")], &entry("d-2", 2, STARTED)),
            None
        );
    }

    #[test]
    fn a_lock_is_of_the_deployment_that_had_just_begun() {
        let all = [
            entry("d-1", 1, "failed"),
            entry("d-2", 4, "interrupted"),
            entry("d-3", 5, STARTED),
            entry("d-4", 20, SUCCEEDED),
        ];
        let name = EnvironmentName::new("test").expect("a name");
        let ended = ended(&all, &name);
        let left = |created: &str| left_by(&ended, created).map(EndedDeployment::words);
        insta::assert_snapshot!(
            left("2026-03-01 12:04:02.343848201 +0000 UTC").expect("one"),
            @"d-2 by Ada, which began 2026-03-01 12:04 UTC and was interrupted"
        );
        insta::assert_snapshot!(
            left("2026-03-01 12:01:02 +0000 UTC").expect("one"),
            @"d-1 by Ada, which began 2026-03-01 12:01 UTC and failed"
        );
        for other in [
            "2026-03-01 12:00:59 +0000 UTC",
            "2026-03-01 12:14:01 +0000 UTC",
            "2026-03-01 12:21:00 +0000 UTC",
            "yesterday",
            "",
        ] {
            assert_eq!(left(other), None, "{other}");
        }
    }

    #[test]
    fn old_entries_go_and_open_ones_stay() {
        let mut all = vec![
            entry("d-1", 1, STARTED),
            entry("d-2", 2, "success"),
            entry("d-3", 3, "success"),
            entry("d-4", 4, "failed"),
            entry("d-5", 5, STARTED),
        ];
        let name = EnvironmentName::new("test").expect("a name");
        tidy(&mut all, &name, 3);
        let left: Vec<(&str, usize)> = all
            .iter()
            .map(|one| (one.id.as_str(), one.resources.len()))
            .collect();
        assert_eq!(left, [("d-1", 0), ("d-4", 1), ("d-5", 0)]);
    }
}
