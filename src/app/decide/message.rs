//! The message of the commit.

use std::collections::BTreeSet;

use crate::app::decide::audits::AuditDecision;
use crate::app::decide::decision::{Decision, DomainDecision, EnvironmentDecision};
use crate::app::decide::kpis::KpiDecision;
use crate::app::occasion::Occasion;
use crate::core::quiet::{self, CommitWords};
use crate::git::Transaction;
use crate::model::paths::RepoPath;

/// Composes the message of one commit for all that is worth it.
pub(super) fn compose(occasion: Occasion, decision: &Decision) -> String {
    let environments = &decision.environments;
    let message = |one| environment_message(occasion, one);
    let mut messages: Vec<String> = environments.iter().filter_map(message).collect();
    let of_domains: Vec<String> = decision
        .domains
        .iter()
        .filter_map(|one| domain_message(occasion, one))
        .collect();
    let of_audits: Vec<String> = decision
        .audits
        .iter()
        .map(|one| audit_message(occasion, one))
        .collect();
    let of_kpis: Vec<String> = decision
        .kpis
        .iter()
        .map(|one| kpi_message(occasion, one))
        .collect();
    let subject = match of_domains.len() + of_audits.len() + of_kpis.len() {
        0 => format!("{} environments", messages.len()),
        more => format!("{} observations", messages.len() + more),
    };
    messages.extend(of_domains);
    messages.extend(of_audits);
    messages.extend(of_kpis);
    match messages.as_slice() {
        [] => rendered_message(occasion, environments, &decision.transaction),
        [one] => one.clone(),
        many => format!("fractary(health): {subject}\n\n{}", many.join("\n")),
    }
}

/// The message of an environment that is worth a commit.
fn environment_message(occasion: Occasion, decision: &EnvironmentDecision) -> Option<String> {
    Some(quiet::commit_message(&CommitWords {
        scope: "health",
        command: occasion.command(),
        environment: &decision.report.environment,
        status: decision.report.overall_health,
        run_id: &decision.report.run_id,
        changes: &decision.changes,
        reason: decision.reason?,
    }))
}

/// The message of an audit, which is always worth a commit.
fn audit_message(occasion: Occasion, decision: &AuditDecision) -> String {
    let report = &decision.report;
    let (name, status) = (&report.environment, report.summary.overall_status.word());
    format!(
        "fractary(audit): {name} {status} — {}\n\nFractary-Command: {}\nFractary-Env: {name}\n",
        decision.words(),
        occasion.command()
    )
}

/// The message of key figures, which are always worth a commit.
fn kpi_message(occasion: Occasion, decision: &KpiDecision) -> String {
    let report = &decision.report;
    let (name, status) = (&report.environment, report.status.word());
    let measured = report.kpis.iter().filter(|row| row.value.is_some()).count();
    let all = report.kpis.len();
    format!(
        "fractary(kpi): {name} {status} — {measured} of {all} key figures measured\n\nFractary-Command: {}\nFractary-Env: {name}\n",
        occasion.command()
    )
}

/// The message of a domain that is worth a commit.
fn domain_message(occasion: Occasion, decision: &DomainDecision) -> Option<String> {
    Some(quiet::commit_message(&CommitWords {
        scope: decision.report.domain.as_str(),
        command: occasion.command(),
        environment: &decision.report.environment,
        status: decision.report.status,
        run_id: &decision.run_id,
        changes: &decision.changes,
        reason: decision.reason?,
    }))
}

/// The message of a quiet run that only brings generated files up to date, for instance after
/// a registry was edited by hand.
fn rendered_message(
    occasion: Occasion,
    environments: &[EnvironmentDecision],
    transaction: &Transaction,
) -> String {
    let files: BTreeSet<&str> = transaction
        .edits()
        .keys()
        .map(RepoPath::file_name)
        .collect();
    let names: Vec<&str> = environments
        .iter()
        .map(|decision| decision.report.environment.as_str())
        .collect();
    let mut text = format!(
        "fractary(render): {} — {}\n\nFractary-Command: {}\n",
        names.join(", "),
        files.into_iter().collect::<Vec<_>>().join(", "),
        occasion.command()
    );
    for name in names {
        text.push_str(&format!("Fractary-Env: {name}\n"));
    }
    text
}
