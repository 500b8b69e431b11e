//! What will fail during the apply, as far as the plan shows it.

use serde_json::Value;

use crate::core::review::obstacles::{DestroyObstacle, destroy_obstacles};
use crate::core::review::rules::{self, Findings, Said};
use crate::model::plan::{PlanAction, PlannedChange, TerraformPlan};
use crate::model::review::ReviewVerdict;
use crate::model::status::Severity;

pub(super) fn examine(plan: &TerraformPlan<'_>, findings: &mut Findings) {
    let destroyed = plan
        .changes
        .iter()
        .filter(|one| one.is_current() && one.action.destroys());
    for change in destroyed {
        for reason in reasons(change) {
            findings.add_part(
                &rules::PREDICTED_FAILURE,
                reason,
                Said {
                    severity: Severity::Medium,
                    effect: ReviewVerdict::Warn,
                    subject: change.address.clone(),
                    title: format!("the apply will fail, or wait: {reason}"),
                    evidence: Vec::new(),
                },
            );
        }
    }
}

fn reasons(change: &PlannedChange<'_>) -> Vec<&'static str> {
    let kind = change.resource_type.raw();
    let mut out: Vec<&'static str> = destroy_obstacles(change)
        .into_iter()
        .map(|one| match one {
            DestroyObstacle::Protected("disable_api_termination") => "termination protection is on",
            DestroyObstacle::Protected(_) => "deletion protection is on",
            DestroyObstacle::MayHoldSomething(_) => match kind {
                "aws_s3_bucket" => {
                    "a bucket that is not empty cannot be destroyed without `force_destroy`"
                }
                "aws_ecr_repository" => {
                    "a repository with images cannot be destroyed without `force_delete`"
                }
                _ => "a vault with recovery points cannot be destroyed without `force_destroy`",
            },
            DestroyObstacle::NoSnapshotName => {
                "a final snapshot is asked for, and `final_snapshot_identifier` is not set"
            }
        })
        .collect();
    let waits = || {
        change
            .before()
            .get("recovery_window_in_days")
            .and_then(Value::as_u64)
            != Some(0)
    };
    if kind == "aws_secretsmanager_secret"
        && change.action == PlanAction::DestroyThenCreate
        && waits()
    {
        out.push("the name stays taken for the recovery window of the old secret");
    }
    out
}
