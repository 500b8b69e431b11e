//! Deciding: from snapshots and state to reports, issue changes and one transaction.
//!
//! Composes the pure functions of `core`; the same input gives the same bytes, so that it can
//! be done again when the head has moved.

pub(crate) mod activity;
pub(crate) mod budgets;
pub(crate) mod domains;
pub(crate) mod expire;
pub(crate) mod links;
pub(crate) mod outlook;
pub(crate) mod write;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::app::decide::domains::DomainDecision;
use crate::app::decide::expire::expire;
use crate::app::decide::outlook::{World, values};
use crate::app::decide::write::{write_dashboard, write_deployed, write_environment};
use crate::app::occasion::Occasion;
use crate::app::workspace::load;
use crate::app::workspace::load::Loaded;
use crate::core::health::{EvaluateInput, OpenChecks, evaluate};
use crate::core::history;
use crate::core::issues::attach::{attach_ids, follow_up};
use crate::core::issues::{IssueChange, ReconcileInput, needs_resolved, reconcile};
use crate::core::quiet::{self, CommitWords, QuietInput, Reason};
use crate::core::targets::HealthSettings;
use crate::error::CommandError;
use crate::git::Transaction;
use crate::model::domain_health::MonitorAnswer;
use crate::model::history::HistoryEntry;
use crate::model::ids::{Arn, DomainName, EnvironmentName, IssueId, RunId};
use crate::model::issue::Issue;
use crate::model::monitors::domain_prefix;
use crate::model::paths::RepoPath;
use crate::model::report::HealthReport;
use crate::model::slo_budgets::SloBudgets;
use crate::model::snapshot::Snapshot;
use crate::state::documents::paths;

/// What one environment's observation means.
pub(crate) struct EnvironmentDecision {
    /// The report, issue ids filled in.
    pub(crate) report: HealthReport,
    /// What happens to issues.
    pub(crate) changes: Vec<IssueChange>,
    /// Its line in the history.
    pub(crate) entry: HistoryEntry,
    /// Why this is worth a commit; `None` for a quiet run.
    pub(crate) reason: Option<Reason>,
    /// The events behind its error budgets.
    pub(crate) budgets: SloBudgets,
    /// Whether they are written with what is committed.
    pub(crate) budgets_due: bool,
    /// Where the report is stored, where it is.
    pub(crate) report_path: RepoPath,
}

/// What a whole run means.
pub(crate) struct Decision {
    /// By environment, in the order asked.
    pub(crate) environments: Vec<EnvironmentDecision>,
    /// By domain that a program monitors, and environment.
    pub(crate) domains: Vec<DomainDecision>,
    /// All files that change. Empty for a quiet run.
    pub(crate) transaction: Transaction,
    /// The message of the commit.
    pub(crate) message: String,
}

/// Decides. `occasion` names the command in the commit message; `lands` says whether the issues
/// that the report names are recorded with it.
pub(crate) fn decide(
    loaded: &Loaded,
    snapshots: &[Snapshot],
    answers: &[MonitorAnswer],
    occasion: Occasion,
    lands: bool,
    now: Timestamp,
) -> Result<Decision, CommandError> {
    let mut transaction = Transaction::new();
    let environments = snapshots
        .iter()
        .map(|snapshot| decide_environment(loaded, snapshot, lands, now))
        .collect::<Result<Vec<_>, _>>()?;
    let domains = domains::decide(loaded, answers, now)?;
    for decision in &environments {
        write_deployed(loaded, &decision.report.environment, &mut transaction)?;
    }
    let committing: Vec<EnvironmentName> = environments
        .iter()
        .filter(|decision| decision.reason.is_some())
        .map(|decision| decision.report.environment.clone())
        .collect();
    // A quiet run has no use for the world as it will be, which is dear to make.
    let told = domains.iter().any(|decision| decision.reason.is_some());
    if !committing.is_empty() || told || loaded.lacks(&paths::dashboard_md())? {
        let mut world = World::of(loaded, now)?;
        for decision in &environments {
            world.apply(decision);
            if decision.reason.is_some() {
                write_environment(loaded, decision, &world, &mut transaction)?;
            }
        }
        domains::apply(loaded, &domains, &mut world, &mut transaction)?;
        if !committing.is_empty() {
            expire(loaded, &committing, &mut world, now, &mut transaction)?;
        }
        write_dashboard(loaded, &world, now, &mut transaction)?;
    }
    let message = message(occasion, &environments, &domains, &transaction);
    Ok(Decision {
        environments,
        domains,
        transaction,
        message,
    })
}

fn decide_environment(
    loaded: &Loaded,
    snapshot: &Snapshot,
    lands: bool,
    now: Timestamp,
) -> Result<EnvironmentDecision, CommandError> {
    let name = &snapshot.environment;
    let environment = loaded.environment(name)?;
    let settings = HealthSettings::resolve(&loaded.monitoring);
    let domain = loaded.domain()?;
    let previous = loaded.state.latest.get(name).map(|doc| &doc.value);
    let budgets = budgets::account(loaded, snapshot, &settings);
    let report = evaluate(&EvaluateInput {
        snapshot,
        catalog: &loaded.catalog,
        settings: &settings,
        domain: &domain,
        critical: environment.is_critical(),
        previous,
        open: &open_checks(loaded, name),
        budgets: Some(&budgets),
        last_window_end: loaded.last_window_end(name, now)?,
        run_id: &run_id(snapshot, now)?,
        now,
    });
    let active = values(&loaded.state.active);
    let reconciliation = reconcile(&ReconcileInput {
        report: &report,
        active: &active,
        resolved: &resolved_for(loaded, &report, &active, settings.open_after)?,
        registered: &registered(loaded, name),
        checks: &settings.checks,
        prefix: &prefix(loaded, &domain),
        critical: environment.is_critical(),
        open_after: settings.open_after,
        resolve_after: settings.resolve_after,
        now,
    });
    let report = attach_ids(report, &reconciliation);
    let report = follow_up(report, &reconciliation, lands);
    let reason = quiet::worth_committing(&QuietInput {
        previous,
        new: &report,
        changes: &reconciliation.changes,
        open_after: settings.open_after,
        last_commit_at: previous.map(|report| report.generated_at),
        heartbeat_seconds: heartbeat_seconds(loaded),
        now,
    });
    let reason = reason.or(budgets.back_filled.then_some(Reason::Budgets));
    Ok(EnvironmentDecision {
        report_path: paths::report(name, now),
        budgets: budgets.document,
        budgets_due: budgets.due,
        entry: history::entry(&report, &reconciliation),
        report,
        changes: reconciliation.changes,
        reason,
    })
}

/// The resolved issues, where they matter to a report.
pub(crate) fn resolved_for(
    loaded: &Loaded,
    report: &HealthReport,
    active: &BTreeMap<IssueId, Issue>,
    open_after: u32,
) -> Result<BTreeMap<IssueId, Issue>, CommandError> {
    if needs_resolved(report, active, &loaded.state.resolved_ids, open_after) {
        Ok(values(&loaded.past()?.resolved))
    } else {
        Ok(BTreeMap::new())
    }
}

/// An environment that nothing changes in commits once in this time.
pub(crate) fn heartbeat_seconds(loaded: &Loaded) -> u64 {
    loaded.helm.git.heartbeat.map_or(3_600, |text| text.seconds)
}

fn open_checks(loaded: &Loaded, name: &EnvironmentName) -> OpenChecks {
    let mut open = OpenChecks::new();
    let issues = loaded.state.active.values().map(|document| &document.value);
    for issue in issues.filter(|issue| &issue.environment == name) {
        let checks = open.entry(issue.resource.arn.clone()).or_default();
        checks.insert(issue.check.clone());
    }
    open
}

fn registered(loaded: &Loaded, name: &EnvironmentName) -> BTreeSet<Arn> {
    let entries = loaded
        .state
        .registries
        .get(name)
        .into_iter()
        .flat_map(|doc| &doc.value.resources);
    entries.map(|entry| entry.arn.clone()).collect()
}

/// Prefix of the issues of a domain: from its monitor, else from its name.
pub(crate) fn prefix(loaded: &Loaded, domain: &DomainName) -> String {
    loaded
        .state
        .monitors
        .as_ref()
        .and_then(|doc| {
            doc.value
                .monitors
                .iter()
                .find(|monitor| &monitor.domain == domain)
        })
        .map_or_else(
            || domain_prefix(domain),
            crate::model::monitors::DomainMonitor::prefix,
        )
}

/// The same facts at the same time are the same run.
fn run_id(snapshot: &Snapshot, now: Timestamp) -> Result<RunId, CommandError> {
    use sha2::{Digest, Sha256};
    let facts = serde_json::to_vec(snapshot).map_err(load::bug)?;
    let digest = Sha256::digest(&facts);
    let hex: String = digest
        .iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let time = now.strftime("%Y%m%dt%H%M%Sz").to_string();
    RunId::new(format!("{time}-{hex}")).map_err(load::bug)
}

/// The message of one commit for all environments that are worth it.
fn message(
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
    let told = domains::messages(occasion, domains);
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
