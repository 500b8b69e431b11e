//! What AWS refuses to destroy, by what is known before: one table for reviews and for teardowns.

use serde_json::Value;

use crate::model::plan::PlannedChange;

/// Attributes that keep AWS from deleting what has them.
const PROTECTION: [&str; 4] = [
    "deletion_protection",
    "deletion_protection_enabled",
    "disable_api_termination",
    "enable_deletion_protection",
];

/// Types that must be empty, and the attribute that empties them.
const EMPTY: [(&str, &str); 3] = [
    ("aws_backup_vault", "force_destroy"),
    ("aws_ecr_repository", "force_delete"),
    ("aws_s3_bucket", "force_destroy"),
];

/// Types that want a last snapshot, unless they are told otherwise.
const SNAPSHOTS: [&str; 4] = [
    "aws_db_instance",
    "aws_docdb_cluster",
    "aws_neptune_cluster",
    "aws_rds_cluster",
];

/// Why AWS refuses, or may refuse, to destroy something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DestroyObstacle {
    /// This attribute is on.
    Protected(&'static str),
    /// It must be empty, which is not known, and this attribute is not set.
    MayHoldSomething(&'static str),
    /// A last snapshot is wanted, and has no name.
    NoSnapshotName,
}

/// Returns what stands in the way of destroying something.
pub fn destroy_obstacles(change: &PlannedChange<'_>) -> Vec<DestroyObstacle> {
    let (kind, before) = (change.resource_type.raw(), change.before());
    let is_on = |name: &str| match before.get(name) {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::String(text)) => matches!(text.as_str(), "ACTIVE" | "true"),
        _ => false,
    };
    let mut out = Vec::new();
    let protected = PROTECTION.into_iter().filter(|name| is_on(name));
    out.extend(protected.map(DestroyObstacle::Protected));
    let empty = EMPTY.into_iter().find(|one| one.0 == kind);
    if let Some((_, name)) = empty
        && !is_on(name)
    {
        out.push(DestroyObstacle::MayHoldSomething(name));
    }
    if wants_snapshot(change) && snapshot_name(&before).is_none() {
        out.push(DestroyObstacle::NoSnapshotName);
    }
    out
}

/// Returns whether a last snapshot is made of it.
pub fn wants_snapshot(change: &PlannedChange<'_>) -> bool {
    let skips = change.before().get("skip_final_snapshot") == Some(&Value::Bool(true));
    SNAPSHOTS.contains(&change.resource_type.raw()) && !skips
}

fn snapshot_name(before: &Value) -> Option<&str> {
    let name = before.get("final_snapshot_identifier")?.as_str();
    name.filter(|name| !name.is_empty())
}
