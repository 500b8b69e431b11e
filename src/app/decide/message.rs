//! The message of the commit.

use std::collections::BTreeSet;

use crate::app::decide::decision::{DomainDecision, EnvironmentDecision};
use crate::app::occasion::Occasion;
use crate::core::quiet::{self, CommitWords};
use crate::git::Transaction;
use crate::model::paths::RepoPath;

/// The message of one commit for all environments that are worth it.
pub(super) fn message(
    occasion: Occasion,
    environments: &[EnvironmentDecision],
    domains: &[DomainDecision],
    transaction: &Transaction,
) -> String {
    let words = |decision: &EnvironmentDecision| {
        let reason = decision.reason?;
        Some(quiet::commit_message(&CommitWords {
            scope: "health",
            command: occasion.command(),
            report: &decision.report,
            changes: &decision.changes,
            reason,
        }))
    };
    let mut messages: Vec<String> = environments.iter().filter_map(words).collect();
    let told = domain_messages(occasion, domains);
    let subject = match told.len() {
        0 => format!("{} environments", messages.len()),
        _ => format!("{} observations", messages.len() + told.len()),
    };
    messages.extend(told);
    match messages.as_slice() {
        [] => rendered_message(occasion, environments, transaction),
        [one] => one.clone(),
        many => format!("fractary(health): {subject}\n\n{}", many.join("\n")),
    }
}

/// The messages of the domains that are worth a commit.
fn domain_messages(occasion: Occasion, decisions: &[DomainDecision]) -> Vec<String> {
    let message = |decision: &DomainDecision| {
        Some(quiet::commit_message(&CommitWords {
            scope: decision.report.domain.as_str(),
            command: occasion.command(),
            report: &decision.health,
            changes: &decision.changes,
            reason: decision.reason?,
        }))
    };
    decisions.iter().filter_map(message).collect()
}

/// The message of a quiet run that only brings generated files up to date, for instance after
/// somebody edited a registry by hand.
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
