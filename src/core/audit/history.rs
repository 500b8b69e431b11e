//! From a report to the history that the next audit is compared with.

use crate::catalog::checks::Check;
use crate::model::audit::{AuditFinding, AuditReport};
use crate::model::audit_history::{AuditEntry, AuditHistory, KnownFinding};

use super::opinions;

/// Audits that a history keeps: a year of daily ones.
pub const MOST_AUDITS: usize = 400;

/// Returns the history after an audit of everything. `checks` are all checks: what one found
/// that is no longer among them is forgotten, as nothing could ever say that it is fixed.
pub fn next_history(
    previous: Option<&AuditHistory>,
    report: &AuditReport,
    checks: &[&Check],
) -> AuditHistory {
    let mut audits: Vec<AuditEntry> = previous.map_or_else(Vec::new, |it| it.audits.clone());
    audits.push(entry(report));
    let surplus = audits.len().saturating_sub(MOST_AUDITS);
    audits.drain(..surplus);
    let is_evaluated = |one: &&KnownFinding| {
        opinions::is_theirs(&one.check) || checks.iter().any(|check| check.id == one.check)
    };
    let kept = report.unverified.iter().filter(is_evaluated).cloned();
    let found = report.findings.iter().map(|one| known(report, one));
    let mut findings: Vec<KnownFinding> = found.chain(kept).collect();
    findings.sort_by(|one, other| one.id.cmp(&other.id));
    findings.dedup_by(|one, other| one.id == other.id);
    AuditHistory {
        version: "1.0.0".to_owned(),
        environment: report.environment.clone(),
        audits,
        findings,
    }
}

fn entry(report: &AuditReport) -> AuditEntry {
    let summary = &report.summary;
    AuditEntry {
        generated_at: report.generated_at,
        audit_type: report.audit_type.clone(),
        overall_status: summary.overall_status,
        score: summary.score,
        unknown_percent: summary.unknown_percent,
        open: summary.open.clone(),
        new: summary.new,
        fixed: summary.fixed,
        suppressed: summary.suppressed,
        calls: report.api.calls,
    }
}

fn known(report: &AuditReport, one: &AuditFinding) -> KnownFinding {
    let resource = &one.resource;
    KnownFinding {
        id: one.id.clone(),
        check: one.check.clone(),
        severity: one.severity,
        subject: resource.identity(),
        resource: resource.name.clone(),
        resource_type: resource.resource_type.clone(),
        region: resource.region.clone(),
        first_seen: one.first_seen,
        last_seen: report.generated_at,
    }
}
