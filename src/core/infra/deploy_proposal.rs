//! Proposed deployments: what a merged one agrees to, and whether the plan of now is that.

use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::core::remediate::proposal::{MergeableProposal, digest};
use crate::model::deploy_proposal::DeployProposal;
use crate::model::deployments::PlannedStep;
use crate::model::review::Review;
use crate::text::Untrusted;

/// Most changes and findings that a proposal lists. Its hash is over all of them.
const MOST: usize = 100;

impl MergeableProposal for DeployProposal {
    fn id(&self) -> &str {
        &self.id
    }

    fn is_whole(&self) -> bool {
        digest(self) == self.digest
    }

    fn span(&self) -> (Timestamp, Timestamp) {
        (self.created_at, self.expires_at)
    }

    fn proposed_by(&self) -> Option<&str> {
        self.proposed_by.as_ref().map(Untrusted::raw)
    }
}

/// Returns the hash of what people see of a plan, with secrets masked: a plan of another machine
/// that does the same has the same.
pub fn shown_hash(review: &Review, steps: &[PlannedStep]) -> String {
    let plans = review.plans.iter().map(|one| {
        json!({
            "summary": one.summary,
            "changes": one.changes,
            "outputs": one.outputs,
        })
    });
    hash(&json!({ "plans": plans.collect::<Vec<_>>(), "steps": steps }))
}

fn hash(tree: &Value) -> String {
    hex::encode(Sha256::digest(tree.to_string().as_bytes()))
}

/// Returns the changes of a plan in lines.
pub fn changes(review: &Review) -> Vec<Untrusted> {
    let all = review.plans.iter().flat_map(|one| &one.changes);
    let lines = all.map(|one| format!("{} {}", one.sign, one.address.raw()));
    lines.take(MOST).map(Untrusted::new).collect()
}

/// Returns the findings of a review in lines.
pub fn findings(review: &Review) -> Vec<Untrusted> {
    let all = review.findings.iter();
    let lines = all.map(|one| format!("{} [{}, {}]", one.title.raw(), one.severity, one.rule));
    lines.take(MOST).map(Untrusted::new).collect()
}

/// What is about to be deployed.
#[derive(Debug, Clone, Copy)]
pub struct PlanOfNow<'a> {
    /// SHA-256 of the files of the directory.
    pub source_sha256: &'a str,
    /// The directory.
    pub directory: &'a str,
    /// As [`shown_hash`].
    pub shown_sha256: &'a str,
}

/// Says why the plan of now is not what was agreed to; `None` where it is.
pub fn differs(proposal: &DeployProposal, now: PlanOfNow<'_>) -> Option<&'static str> {
    if proposal.directory != now.directory {
        return Some("it is about another directory");
    }
    if proposal.source_sha256 != now.source_sha256 {
        return Some("the files of the directory have changed since it was proposed");
    }
    if proposal.shown_sha256 != now.shown_sha256 {
        return Some("the plan of now does not do what was proposed");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proposal_is_of_one_plan_of_one_source() {
        let proposal: DeployProposal = serde_json::from_value(json!({
            "version": "1.0.0", "id": "p-20260301-120000-0000000a", "environment": "prod",
            "created_at": "2026-03-01T12:00:00Z", "expires_at": "2026-03-02T12:00:00Z",
            "directory": "infra", "source_sha256": "aa", "summary": [], "changes": ["+ a.b"],
            "shown_sha256": "bb", "digest": "",
        }))
        .expect("a proposal");
        let same = PlanOfNow {
            source_sha256: "aa",
            directory: "infra",
            shown_sha256: "bb",
        };
        assert_eq!(differs(&proposal, same), None);
        for other in [
            PlanOfNow {
                source_sha256: "ab",
                ..same
            },
            PlanOfNow {
                directory: "other",
                ..same
            },
            PlanOfNow {
                shown_sha256: "bc",
                ..same
            },
        ] {
            assert!(differs(&proposal, other).is_some(), "{other:?}");
        }
        let mut edited = proposal.clone();
        edited.changes = vec!["~ a.b".into()];
        assert_ne!(digest(&edited), digest(&proposal));
        edited.clone_from(&proposal);
        edited.digest = "anything".to_owned();
        assert_eq!(digest(&edited), digest(&proposal));
    }
}
