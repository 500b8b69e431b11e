//! What a teardown would destroy, what would stop it half-way, and what lives on.

use serde_json::Value;

use crate::catalog::stateful::Stateful;
use crate::model::plan::{PlanAction, PlannedChange, TerraformPlan};
use crate::model::teardown::{TeardownNote, TeardownOutlook};
use crate::text::Untrusted;

/// Types, the attribute that keeps AWS from deleting them, and the value with which it does.
const PROTECTED: [(&str, &str, bool); 12] = [
    ("aws_alb", "enable_deletion_protection", true),
    ("aws_cognito_user_pool", "deletion_protection", true),
    ("aws_db_instance", "deletion_protection", true),
    ("aws_docdb_cluster", "deletion_protection", true),
    ("aws_dynamodb_table", "deletion_protection_enabled", true),
    ("aws_ec2_instance", "disable_api_termination", true),
    ("aws_instance", "disable_api_termination", true),
    ("aws_lb", "enable_deletion_protection", true),
    ("aws_neptune_cluster", "deletion_protection", true),
    ("aws_rds_cluster", "deletion_protection", true),
    ("aws_rds_global_cluster", "deletion_protection", true),
    ("aws_redshift_cluster", "deletion_protection", true),
];

/// Types that must be empty, and the attribute that empties them.
const EMPTY: [(&str, &str); 3] = [
    ("aws_ecr_repository", "force_delete"),
    ("aws_s3_bucket", "force_destroy"),
    ("aws_backup_vault", "force_destroy"),
];

/// Types that want a last snapshot, unless they are told otherwise.
const SNAPSHOTS: [&str; 4] = [
    "aws_db_instance",
    "aws_docdb_cluster",
    "aws_neptune_cluster",
    "aws_rds_cluster",
];

/// Looks at a plan that destroys.
pub fn outlook(plan: &TerraformPlan<'_>, stateful: &Stateful) -> TeardownOutlook {
    let mut out = TeardownOutlook::default();
    for change in plan.changes.iter().filter(|one| one.is_current()) {
        match change.action {
            PlanAction::Forget => out.survivors.push(note(
                change,
                "it leaves Terraform, and goes on running and costing".to_owned(),
            )),
            PlanAction::Destroy => destroyed(change, stateful, &mut out),
            _ => {}
        }
    }
    out
}

fn destroyed(change: &PlannedChange<'_>, stateful: &Stateful, out: &mut TeardownOutlook) {
    let kind = change.resource_type.raw();
    let values = change.before();
    let flag = |name: &str| match values.get(name) {
        Some(Value::Bool(flag)) => Some(*flag),
        Some(Value::String(text)) => Some(matches!(text.as_str(), "ACTIVE" | "true")),
        _ => None,
    };
    if let Some(lost) = stateful.lost(kind) {
        out.losses.push(note(change, lost.to_owned()));
    }
    let protected = PROTECTED.iter().find(|one| one.0 == kind);
    if let Some((_, name, value)) = protected
        && flag(name) == Some(*value)
    {
        let text = format!("`{name}` is on: AWS refuses to delete it");
        out.obstacles.push(note(change, text));
    }
    let empty = EMPTY.iter().find(|one| one.0 == kind);
    if let Some((_, name)) = empty
        && flag(name) != Some(true)
    {
        let text = format!("it must be empty, which is not known here, and `{name}` is not set");
        out.doubts.push(note(change, text));
    }
    if SNAPSHOTS.contains(&kind) {
        let has_name = values
            .get("final_snapshot_identifier")
            .and_then(Value::as_str)
            .is_some_and(|name| !name.is_empty());
        match (flag("skip_final_snapshot"), has_name) {
            (Some(true), _) => {}
            (_, true) => out.survivors.push(note(
                change,
                "its last snapshot stays, and is paid for".to_owned(),
            )),
            (_, false) => out.obstacles.push(note(
                change,
                "`skip_final_snapshot` is not set, and `final_snapshot_identifier` names no snapshot"
                    .to_owned(),
            )),
        }
    }
    if kind == "aws_secretsmanager_secret" || kind == "aws_kms_key" {
        let text = "AWS keeps it for its waiting period, in which its name is taken";
        out.survivors.push(note(change, text.to_owned()));
    }
}

fn note(change: &PlannedChange<'_>, text: String) -> TeardownNote {
    TeardownNote {
        address: change.address.clone(),
        text: Untrusted::new(text),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;

    fn said(kind: &str, before: Value) -> Vec<String> {
        let text = before.to_string();
        let change = PlannedChange {
            address: format!("{kind}.a").into(),
            previous_address: None,
            is_data: false,
            resource_type: kind.into(),
            name: "a".into(),
            index: None,
            deposed: None,
            action: PlanAction::Destroy,
            reason: None,
            replace_paths: Vec::new(),
            triggers: BTreeSet::new(),
            importing: None,
            before_json: Some(&text),
            after_json: None,
            after_unknown_json: None,
            before_sensitive_json: None,
            after_sensitive_json: None,
        };
        let plan = TerraformPlan {
            changes: vec![change],
            ..TerraformPlan::default()
        };
        let out = outlook(&plan, &Stateful::built_in());
        [
            ("lost", &out.losses),
            ("fails", &out.obstacles),
            ("may fail", &out.doubts),
            ("stays", &out.survivors),
        ]
        .into_iter()
        .flat_map(|(word, list)| {
            list.iter()
                .map(move |one| format!("{word}: {}", one.text.raw()))
        })
        .collect()
    }

    #[test]
    fn what_would_stop_it_is_known_before() {
        let bucket = |force: bool| said("aws_s3_bucket", json!({ "force_destroy": force }));
        let lost = "lost: all objects and versions; the name may go to someone else";
        let empty =
            "may fail: it must be empty, which is not known here, and `force_destroy` is not set";
        assert_eq!(bucket(false), [lost, empty]);
        assert_eq!(bucket(true), [lost]);
        let protected = "fails: `deletion_protection` is on: AWS refuses to delete it";
        let no_snapshot = "fails: `skip_final_snapshot` is not set, and `final_snapshot_identifier` names no snapshot";
        let stays = "stays: its last snapshot stays, and is paid for";
        for (kind, values, wanted) in [
            (
                "aws_db_instance",
                json!({ "deletion_protection": true, "skip_final_snapshot": true }),
                protected,
            ),
            (
                "aws_db_instance",
                json!({ "deletion_protection": false, "skip_final_snapshot": false }),
                no_snapshot,
            ),
            (
                "aws_rds_cluster",
                json!({ "skip_final_snapshot": false, "final_snapshot_identifier": "last" }),
                stays,
            ),
            (
                "aws_cognito_user_pool",
                json!({ "deletion_protection": "ACTIVE" }),
                protected,
            ),
        ] {
            let last = said(kind, values).pop();
            assert_eq!(last.as_deref(), Some(wanted), "{kind}");
        }
        assert!(said("aws_iam_role", json!({})).is_empty());
    }
}
