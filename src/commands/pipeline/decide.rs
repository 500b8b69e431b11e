//! Deciding: from snapshots and state to reports, issue changes and one transaction.
//!
//! Composes the pure functions of `core`; the same input gives the same bytes, so that it can
//! be done again when the head has moved.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::cloud::permissions::Command;
use crate::commands::pipeline::expire::expire;
use crate::commands::pipeline::load;
use crate::commands::pipeline::load::Loaded;
use crate::core::health::{EvaluateInput, HealthSettings, OpenChecks, evaluate};
use crate::core::issues::attach::{attach_ids, follow_up};
use crate::core::issues::priority::Weights;
use crate::core::issues::{IssueChange, ReconcileInput, reconcile};
use crate::core::quiet::{self, CommitWords, QuietInput, Reason};
use crate::core::{dashboard, deployed, history, registry};
use crate::error::CommandError;
use crate::git::Transaction;
use crate::model::dashboard::Dashboard;
use crate::model::history::History;
use crate::model::history::HistoryEntry;
use crate::model::ids::{Arn, DomainName, EnvironmentName, IssueId, RunId};
use crate::model::issue::Issue;
use crate::model::monitors::domain_prefix;
use crate::model::paths::RepoPath;
use crate::model::report::HealthReport;
use crate::model::snapshot::Snapshot;
use crate::render::markdown;
use crate::state::{self, paths};

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
    /// Where the report is stored, where it is.
    pub(crate) report_path: RepoPath,
}

/// What a whole run means.
pub(crate) struct Decision {
    /// By environment, in the order asked.
    pub(crate) environments: Vec<EnvironmentDecision>,
    /// All files that change. Empty for a quiet run.
    pub(crate) transaction: Transaction,
    /// The message of the commit.
    pub(crate) message: String,
}

/// Decides. `command` names the command in the commit message; `lands` says whether the issues
/// that the report names are recorded with it.
pub(crate) fn decide(
    loaded: &Loaded,
    snapshots: &[Snapshot],
    command: Command,
    lands: bool,
    now: Timestamp,
) -> Result<Decision, CommandError> {
    let mut transaction = Transaction::new();
    let environments = snapshots
        .iter()
        .map(|snapshot| decide_environment(loaded, snapshot, lands, now))
        .collect::<Result<Vec<_>, _>>()?;
    for decision in &environments {
        write_deployed(loaded, &decision.report.environment, &mut transaction)?;
    }
    let committing: Vec<EnvironmentName> = environments
        .iter()
        .filter(|decision| decision.reason.is_some())
        .map(|decision| decision.report.environment.clone())
        .collect();
    // A quiet run has no use for the world as it will be, which is dear to make.
    if !committing.is_empty() || loaded.lacks(&paths::dashboard_md())? {
        let mut world = World::of(loaded);
        for decision in &environments {
            world.apply(decision);
            if decision.reason.is_some() {
                write_environment(loaded, decision, &world, &mut transaction);
            }
        }
        if !committing.is_empty() {
            expire(loaded, &committing, &mut world, now, &mut transaction)?;
        }
        write_dashboard(loaded, &world, now, &mut transaction)?;
    }
    let message = message(command, &environments, &transaction);
    Ok(Decision {
        environments,
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
    let report = evaluate(&EvaluateInput {
        snapshot,
        catalog: &loaded.catalog,
        settings: &settings,
        domain: &domain,
        critical: environment.is_critical(),
        previous,
        open: &open_checks(loaded, name),
        last_window_end: loaded.last_window_end(name, now),
        run_id: &run_id(snapshot, now)?,
        now,
    });
    let reconciliation = reconcile(&ReconcileInput {
        report: &report,
        active: &values(&loaded.state.active),
        resolved: &values(&loaded.state.resolved),
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
    Ok(EnvironmentDecision {
        report_path: paths::report(name, now),
        entry: history::entry(&report, &reconciliation),
        report,
        changes: reconciliation.changes,
        reason,
    })
}

/// An environment that nothing changes in commits once in this time.
fn heartbeat_seconds(loaded: &Loaded) -> u64 {
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

fn values(documents: &BTreeMap<IssueId, state::Document<Issue>>) -> BTreeMap<IssueId, Issue> {
    documents
        .iter()
        .map(|(id, document)| (id.clone(), document.value.clone()))
        .collect()
}

/// The documents as they will be after the run.
pub(crate) struct World {
    pub(crate) latest: BTreeMap<EnvironmentName, HealthReport>,
    pub(crate) histories: BTreeMap<EnvironmentName, History>,
    pub(crate) active: BTreeMap<IssueId, Issue>,
    pub(crate) resolved: BTreeMap<IssueId, Issue>,
}

impl World {
    /// As it is in the repository.
    pub(crate) fn of(loaded: &Loaded) -> Self {
        Self {
            latest: loaded
                .state
                .latest
                .iter()
                .map(|(name, doc)| (name.clone(), doc.value.clone()))
                .collect(),
            histories: loaded
                .state
                .histories
                .iter()
                .map(|(name, doc)| (name.clone(), doc.value.clone()))
                .collect(),
            active: values(&loaded.state.active),
            resolved: values(&loaded.state.resolved),
        }
    }

    fn apply(&mut self, decision: &EnvironmentDecision) {
        for change in &decision.changes {
            self.apply_issue(change);
        }
        let report = &decision.report;
        let name = &report.environment;
        let history = self
            .histories
            .remove(name)
            .unwrap_or_else(|| history::empty(name.clone()));
        let history = history::append(history, decision.entry.clone(), report.generated_at);
        self.histories.insert(name.clone(), history);
        self.latest.insert(name.clone(), report.clone());
    }

    /// Moves an issue to where it belongs.
    pub(crate) fn apply_issue(&mut self, change: &IssueChange) {
        let id = change.after.id.clone();
        self.active.remove(&id);
        self.resolved.remove(&id);
        if change.after.status == crate::model::issue::IssueStatus::Resolved {
            self.resolved.insert(id, change.after.clone());
        } else {
            self.active.insert(id, change.after.clone());
        }
    }
}

/// Weights of the domains in the priority of issues.
pub(crate) fn weights(loaded: &Loaded) -> Weights {
    loaded
        .state
        .monitors
        .as_ref()
        .map(|doc| Weights::from_monitors(&doc.value.monitors))
        .unwrap_or_default()
}

/// `DASHBOARD.md` of a world.
pub(crate) fn write_dashboard(
    loaded: &Loaded,
    world: &World,
    now: Timestamp,
    transaction: &mut Transaction,
) -> Result<(), CommandError> {
    let dashboard = build_dashboard(loaded, world, None, None, now)?;
    let text = markdown::dashboard(&dashboard, &loaded.templates).map_err(load::template)?;
    transaction.write(paths::dashboard_md(), text);
    Ok(())
}

/// The dashboard of a world.
pub(crate) fn build_dashboard(
    loaded: &Loaded,
    world: &World,
    environment: Option<&EnvironmentName>,
    top: Option<usize>,
    now: Timestamp,
) -> Result<Dashboard, CommandError> {
    let helm = &loaded.helm;
    let no_monitors = Vec::new();
    let monitors = loaded
        .state
        .monitors
        .as_ref()
        .map_or(&no_monitors, |doc| &doc.value.monitors);
    let interval = loaded.monitoring.monitoring.health_check_interval;
    Ok(dashboard::build(&dashboard::DashboardInput {
        monitors,
        own_domain: &loaded.domain()?,
        environments: &loaded.monitored(),
        latest: &world.latest,
        histories: &world.histories,
        active: &world.active,
        resolved: &world.resolved,
        age_cap_hours: helm.priority.age_cap_hours,
        top: top.unwrap_or_else(|| helm.dashboard.top_issues.unwrap_or(5) as usize),
        stale_after_seconds: dashboard::stale_after(
            interval.map(|text| text.seconds),
            heartbeat_seconds(loaded),
        ),
        environment,
        domain: None,
        now,
    }))
}

fn write_environment(
    loaded: &Loaded,
    decision: &EnvironmentDecision,
    world: &World,
    transaction: &mut Transaction,
) {
    let report = &decision.report;
    let name = &report.environment;
    let bytes = state::to_bytes(report);
    transaction.write(decision.report_path.clone(), bytes.clone());
    let latest = loaded
        .state
        .latest
        .get(name)
        .map_or(bytes, |doc| doc.updated(report));
    transaction.write(paths::latest(name), latest);
    if let Some(history) = world.histories.get(name) {
        let bytes = loaded
            .state
            .histories
            .get(name)
            .map_or_else(|| state::to_bytes(history), |doc| doc.updated(history));
        transaction.write(paths::history(name), bytes);
    }
    for change in &decision.changes {
        write_issue(loaded, change, transaction);
    }
}

/// Writes an issue to where it belongs, and removes it from where it was.
pub(crate) fn write_issue(loaded: &Loaded, change: &IssueChange, transaction: &mut Transaction) {
    let id = &change.after.id;
    let document = loaded
        .state
        .active
        .get(id)
        .or_else(|| loaded.state.resolved.get(id));
    let path = if change.after.status == crate::model::issue::IssueStatus::Resolved {
        paths::issue_resolved(id)
    } else {
        paths::issue_active(id)
    };
    let bytes = document.map_or_else(
        || state::to_bytes(&change.after),
        |doc| doc.updated(&change.after),
    );
    if let Some(document) = document
        && document.path != path
    {
        transaction.delete(document.path.clone());
    }
    transaction.write(path, bytes);
}

/// `DEPLOYED.md`, where it is not what the registry says.
pub(crate) fn write_deployed(
    loaded: &Loaded,
    name: &EnvironmentName,
    transaction: &mut Transaction,
) -> Result<(), CommandError> {
    let Some(document) = loaded.state.registries.get(name) else {
        return Ok(());
    };
    // A page of edits that are not committed would contradict the commit that it is in.
    let registry = std::slice::from_ref(&document.path);
    if !document.derived && !loaded.repository.dirty(registry)?.is_empty() {
        return Ok(());
    }
    let text = deployed_text(loaded, name, &document.value)?;
    if loaded.text(&paths::deployed_md(name))?.as_deref() != Some(text.as_str()) {
        transaction.write(paths::deployed_md(name), text);
    }
    Ok(())
}

/// `DEPLOYED.md` of a registry, with what the user wrote around the generated part.
pub(crate) fn deployed_text(
    loaded: &Loaded,
    name: &EnvironmentName,
    value: &crate::model::registry::Registry,
) -> Result<String, CommandError> {
    let environment = loaded.environment(name)?;
    let environment = crate::commands::pipeline::connect::completed(loaded, &environment);
    let resources = registry::resources(value, &environment, &loaded.catalog);
    let titles = |terraform_type: &str| {
        loaded
            .catalog
            .by_terraform_type(terraform_type)
            .map(|kind| kind.plural.clone())
    };
    let deployed = deployed::build(value, &resources, &titles);
    let block = markdown::deployed(&deployed, &loaded.templates).map_err(load::template)?;
    Ok(markdown::splice(
        loaded.text(&paths::deployed_md(name))?.as_deref(),
        &block,
    ))
}

/// The message of one commit for all environments that are worth it.
fn message(
    command: Command,
    environments: &[EnvironmentDecision],
    transaction: &Transaction,
) -> String {
    let words = |decision: &EnvironmentDecision| {
        let reason = decision.reason?;
        Some(quiet::commit_message(&CommitWords {
            scope: "health",
            command: command.name(),
            report: &decision.report,
            changes: &decision.changes,
            reason,
        }))
    };
    let messages: Vec<String> = environments.iter().filter_map(words).collect();
    match messages.as_slice() {
        [] => rendered_message(command, environments, transaction),
        [one] => one.clone(),
        many => format!(
            "fractary(health): {} environments\n\n{}",
            many.len(),
            many.join("\n")
        ),
    }
}

/// The message of a quiet run that only brings generated files up to date, for instance after
/// somebody edited a registry by hand.
fn rendered_message(
    command: Command,
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
        command.name()
    );
    for name in names {
        text.push_str(&format!("Fractary-Env: {name}\n"));
    }
    text
}
