//! What will fail during the apply, as far as the plan shows it.

use serde_json::Value;

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
    let before = change.before();
    let is = |name: &str, wanted: bool| before.get(name).and_then(Value::as_bool) == Some(wanted);
    let lacks = |name: &str| {
        before
            .get(name)
            .and_then(Value::as_str)
            .is_none_or(str::is_empty)
    };
    let mut out = Vec::new();
    if [
        "deletion_protection",
        "deletion_protection_enabled",
        "enable_deletion_protection",
    ]
    .iter()
    .any(|name| is(name, true))
    {
        out.push("deletion protection is on");
    }
    if is("disable_api_termination", true) {
        out.push("termination protection is on");
    }
    match change.resource_type.raw() {
        "aws_s3_bucket" if !is("force_destroy", true) => {
            out.push("a bucket that is not empty cannot be destroyed without `force_destroy`");
        }
        "aws_ecr_repository" if !is("force_delete", true) => {
            out.push("a repository with images cannot be destroyed without `force_delete`");
        }
        "aws_db_instance" | "aws_rds_cluster" | "aws_docdb_cluster" | "aws_neptune_cluster"
            if is("skip_final_snapshot", false) && lacks("final_snapshot_identifier") =>
        {
            out.push("a final snapshot is asked for, and `final_snapshot_identifier` is not set");
        }
        "aws_secretsmanager_secret"
            if change.action == PlanAction::DestroyThenCreate
                && before
                    .get("recovery_window_in_days")
                    .and_then(Value::as_u64)
                    != Some(0) =>
        {
            out.push("the name stays taken for the recovery window of the old secret");
        }
        "aws_backup_vault" if !is("force_destroy", true) => {
            out.push("a vault with recovery points cannot be destroyed");
        }
        _ => {}
    }
    out
}
