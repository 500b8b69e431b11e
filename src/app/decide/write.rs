//! From decisions to files: which document goes where, and what is rendered from it.

use jiff::Timestamp;

use crate::app::answer::faults;
use crate::app::decide::activity;
use crate::app::decide::budgets;
use crate::app::decide::decision::EnvironmentDecision;
use crate::app::decide::inputs::heartbeat_seconds;
use crate::app::decide::outlook::World;
use crate::app::workspace::environment;
use crate::app::workspace::load::Loaded;
use crate::core::issues::IssueChange;
use crate::core::{dashboard, deployed, registry};
use crate::error::CommandError;
use crate::git::Transaction;
use crate::model::dashboard::Dashboard;
use crate::model::ids::{DomainName, EnvironmentName};
use crate::render::markdown;
use crate::state;
use crate::state::documents::paths;

/// `DASHBOARD.md` of a world.
pub(crate) fn write_dashboard(
    loaded: &Loaded,
    world: &World,
    now: Timestamp,
    transaction: &mut Transaction,
) -> Result<(), CommandError> {
    let dashboard = build_dashboard(loaded, world, &Show::default(), now)?;
    let text = markdown::dashboard(&dashboard, &loaded.templates).map_err(faults::template)?;
    transaction.write(paths::dashboard_md(), text);
    Ok(())
}

/// What of a world a dashboard shows; everything by default.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Show<'a> {
    /// Only this environment.
    pub(crate) environment: Option<&'a EnvironmentName>,
    /// Only this domain.
    pub(crate) domain: Option<&'a DomainName>,
    /// So many issues, and not what helm.toml says.
    pub(crate) top: Option<usize>,
}

/// The dashboard of a world.
pub(crate) fn build_dashboard(
    loaded: &Loaded,
    world: &World,
    show: &Show<'_>,
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
        reports: &world.domains,
        histories: &world.histories,
        budgets: &world.budgets,
        active: &world.active,
        resolved: &world.resolved,
        age_cap_hours: helm.priority.age_cap_hours,
        top: show
            .top
            .unwrap_or_else(|| helm.dashboard.top_issues.unwrap_or(5) as usize),
        stale_after_seconds: dashboard::stale_after(
            interval.map(|text| text.seconds),
            heartbeat_seconds(loaded),
        ),
        environment: show.environment,
        domain: show.domain,
        activity: &activity::of(loaded)?,
        now,
    }))
}

/// Report, history and issues of one environment.
pub(crate) fn write_environment(
    loaded: &Loaded,
    decision: &EnvironmentDecision,
    world: &World,
    transaction: &mut Transaction,
) -> Result<(), CommandError> {
    let report = &decision.report;
    let name = &report.environment;
    let bytes = state::to_bytes(report);
    transaction.write(decision.report_path.clone(), bytes.clone());
    let latest = loaded
        .state
        .latest
        .get(name)
        .filter(|doc| !doc.is_exact())
        .map_or(bytes, |doc| doc.updated(report));
    transaction.write(paths::latest(name), latest);
    if let Some(history) = world.histories.get(name) {
        let bytes = loaded.past()?.histories.get(name).map_or_else(
            || state::to_bytes(history),
            |doc| doc.updated_numbers(history),
        );
        transaction.write(paths::history(name), bytes);
    }
    if decision.budgets_due {
        budgets::write(loaded, name, &decision.budgets, transaction);
    }
    for change in &decision.changes {
        write_issue(loaded, change, transaction)?;
    }
    Ok(())
}

/// Writes an issue to where it belongs, and removes it from where it was.
pub(crate) fn write_issue(
    loaded: &Loaded,
    change: &IssueChange,
    transaction: &mut Transaction,
) -> Result<(), CommandError> {
    let id = &change.after.id;
    let document = match loaded.state.active.get(id) {
        Some(document) => Some(document),
        None => loaded.past()?.resolved.get(id),
    };
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
    Ok(())
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
    let text = deployed_text(loaded, name, &document.value)?;
    if loaded.text(&paths::deployed_md(name))?.as_deref() == Some(text.as_str()) {
        return Ok(());
    }
    // A page of edits that are not committed would contradict the commit that it is in.
    let registry = std::slice::from_ref(&document.path);
    if document.derived || loaded.dirty(registry)?.is_empty() {
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
    let environment = environment::completed(loaded, &environment);
    let resources = registry::resources(value, &environment, &loaded.catalog);
    let titles = |terraform_type: &str| {
        loaded
            .catalog
            .by_terraform_type(terraform_type)
            .map(|kind| kind.plural.clone())
    };
    let deployed = deployed::build(value, &resources, &titles);
    let block = markdown::deployed(&deployed, &loaded.templates).map_err(faults::template)?;
    Ok(markdown::splice(
        loaded.text(&paths::deployed_md(name))?.as_deref(),
        &block,
    ))
}
