//! Changes that the repository knows of, as facts for a timeline and for causes.

use jiff::Timestamp;
use serde_json::Value;

use crate::hcl::files::decides_plans;
use crate::model::deployments::Deployment;
use crate::model::ids::EnvironmentName;
use crate::model::investigation::{ChangeRecord, ChangeSource};
use crate::model::log::LogEntry;
use crate::text::Untrusted;

/// Characters of a commit's id that people see.
const SHORT: usize = 8;

/// The span that is looked at; its end is not part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChangeSpan {
    /// Its start.
    pub start: Timestamp,
    /// Its end.
    pub end: Timestamp,
}

impl ChangeSpan {
    /// Returns whether a moment is in it.
    pub fn holds(self, at: Timestamp) -> bool {
        at >= self.start && at < self.end
    }
}

/// Returns the deployments of an environment in a span.
pub fn deployments(
    all: &[Deployment],
    environment: &EnvironmentName,
    span: ChangeSpan,
) -> Vec<ChangeRecord> {
    let fitting = all
        .iter()
        .filter(|one| one.environment == *environment && span.holds(one.deployed_at))
        // What was adopted was there before; nothing was deployed.
        .filter(|one| one.status != "adopted");
    let record = |one: &Deployment| {
        let commit = one.commit.as_deref();
        let commit = commit.map_or_else(String::new, |id| format!(" {}", short(id)));
        ChangeRecord {
            at: one.deployed_at,
            source: ChangeSource::Deployment,
            summary: Untrusted::new(format!("deployed{commit}: {}", one.status)),
            resources: one
                .resources
                .iter()
                .map(|entry| Untrusted::from(entry.arn.as_str()))
                .collect(),
            actor: one.deployed_by.clone(),
            reference: Untrusted::from(one.id.as_str()),
            includes: 0,
        }
    };
    fitting.map(record).collect()
}

/// Returns a commit, by the paths that it changes; `None` where none of them is infrastructure.
pub fn commit(id: &str, subject: &str, at: Timestamp, paths: &[String]) -> Option<ChangeRecord> {
    let touched = paths.iter().filter(|path| decides_plans(path)).count();
    (touched > 0).then(|| ChangeRecord {
        at,
        source: ChangeSource::Commit,
        summary: Untrusted::new(format!("commit {}: {subject}", short(id))),
        resources: Vec::new(),
        actor: None,
        reference: Untrusted::from(id),
        includes: 0,
    })
}

/// Returns the remediations in a span. `issue_arn` says which resource an issue is about.
pub fn remediations(
    entries: &[LogEntry],
    span: ChangeSpan,
    issue_arn: impl Fn(&str) -> Option<String>,
) -> Vec<ChangeRecord> {
    let records = entries.iter().filter_map(|entry| {
        let at = entry.time().filter(|at| span.holds(*at))?;
        let text = |name: &str| entry.rest.get(name).and_then(Value::as_str);
        let action = text("action").unwrap_or("remediation");
        let outcome = text("outcome").map_or_else(String::new, |word| format!(": {word}"));
        let arn = text("resource_arn")
            .or_else(|| text("arn"))
            .map(str::to_owned);
        let arn = arn.or_else(|| issue_arn(text("issue_id")?));
        Some(ChangeRecord {
            at,
            source: ChangeSource::Remediation,
            summary: Untrusted::new(format!("{action}{outcome}")),
            resources: arn.map(Untrusted::new).into_iter().collect(),
            actor: text("approved_by").map(Untrusted::from),
            reference: Untrusted::from(entry.id.as_str()),
            includes: 0,
        })
    });
    records.collect()
}

fn short(id: &str) -> &str {
    id.get(..SHORT).unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    const SPAN: fn() -> ChangeSpan = || ChangeSpan {
        start: at(100),
        end: at(200),
    };

    #[test]
    fn a_commit_counts_where_it_touches_infrastructure() {
        let paths = |names: &[&str]| {
            names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>()
        };
        let found = commit(
            "0123456789abcdef",
            "raise the limit",
            at(1),
            &paths(&["a/main.tf"]),
        );
        let found = found.expect("a change");
        assert_eq!(found.summary.raw(), "commit 01234567: raise the limit");
        for none in [&["README.md"][..], &[".terraform/x.tf"], &[]] {
            assert_eq!(commit("0", "x", at(1), &paths(none)), None);
        }
        assert_eq!(
            commit("é", "x", at(1), &paths(&["x.tfvars"])).map(|one| one.reference),
            Some(Untrusted::from("é"))
        );
    }

    #[test]
    fn deployments_are_those_of_the_environment_in_the_span() {
        let deployment = |id: &str, env: &str, second: i64, status: &str| -> Deployment {
            serde_json::from_value(serde_json::json!({
                "id": id, "environment": env, "deployed_at": at(second), "status": status,
                "commit": "0123456789abcdef", "deployed_by": "ci",
            }))
            .expect("a deployment")
        };
        let all = [
            deployment("a", "prod", 150, "success"),
            deployment("b", "test", 150, "success"),
            deployment("c", "prod", 200, "success"),
            deployment("d", "prod", 100, "failed"),
            deployment("e", "prod", 120, "adopted"),
        ];
        let prod = EnvironmentName::new("prod").expect("a name");
        let found = deployments(&all, &prod, SPAN());
        let said: Vec<&str> = found.iter().map(|one| one.summary.raw()).collect();
        assert_eq!(
            said,
            ["deployed 01234567: success", "deployed 01234567: failed"]
        );
    }

    #[test]
    fn a_remediation_is_about_the_resource_of_its_issue() {
        let entry = |second: i64| -> LogEntry {
            serde_json::from_value(serde_json::json!({
                "seq": 1, "id": "r-1", "at": at(second), "prev": "0", "hash": "0",
                "issue_id": "infra-1", "action": "restart_lambda", "outcome": "success",
            }))
            .expect("an entry")
        };
        let arn = |issue: &str| (issue == "infra-1").then(|| "arn:x".to_owned());
        let found = remediations(&[entry(150), entry(20)], SPAN(), arn);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].summary.raw(), "restart_lambda: success");
        assert_eq!(found[0].resources, [Untrusted::from("arn:x")]);
    }
}
