//! What a teardown would destroy, what would stop it half-way, and what lives on.

use crate::catalog::stateful::Stateful;
use crate::core::review::{DestroyObstacle, destroy_obstacles, wants_snapshot};
use crate::model::plan::{PlanAction, PlannedChange, TerraformPlan};
use crate::model::teardown::{TeardownNote, TeardownOutlook};
use crate::text::Untrusted;

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
    if let Some(lost) = stateful.lost(kind) {
        out.losses.push(note(change, lost.to_owned()));
    }
    let obstacles = destroy_obstacles(change);
    for obstacle in &obstacles {
        let (list, text) = match obstacle {
            DestroyObstacle::Protected(name) => (
                &mut out.obstacles,
                format!("`{name}` is on: AWS refuses to delete it"),
            ),
            DestroyObstacle::MayHoldSomething(name) => (
                &mut out.doubts,
                format!("it must be empty, which is not known here, and `{name}` is not set"),
            ),
            DestroyObstacle::NoSnapshotName => (
                &mut out.obstacles,
                "`skip_final_snapshot` is not set, and `final_snapshot_identifier` names no snapshot"
                    .to_owned(),
            ),
        };
        list.push(note(change, text));
    }
    if wants_snapshot(change) && !obstacles.contains(&DestroyObstacle::NoSnapshotName) {
        let text = "its last snapshot stays, and is paid for";
        out.survivors.push(note(change, text.to_owned()));
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

    use serde_json::{Value, json};

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
