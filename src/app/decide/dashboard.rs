//! The dashboard of an outlook.

use jiff::Timestamp;

use crate::app::answer::faults;
use crate::app::decide::activity;
use crate::app::decide::outlook::Outlook;
use crate::app::workspace::views::{DashboardSources, Documents};
use crate::core::dashboard;
use crate::error::CommandError;
use crate::git::Transaction;
use crate::model::dashboard::Dashboard;
use crate::model::ids::{DomainName, EnvironmentName};
use crate::render::markdown;
use crate::state::documents::paths;
use crate::text::stamp::stamp;

/// Issues on a dashboard, where helm.toml names no number.
const TOP_ISSUES: u32 = 5;

/// What of an outlook a dashboard shows; everything by default.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Show<'a> {
    /// Only this environment.
    pub(crate) environment: Option<&'a EnvironmentName>,
    /// Only this domain.
    pub(crate) domain: Option<&'a DomainName>,
    /// So many issues, and not what helm.toml says.
    pub(crate) top: Option<usize>,
}

/// Builds the dashboard of an outlook.
pub(crate) fn build_dashboard(
    sources: DashboardSources<'_>,
    outlook: &Outlook,
    show: &Show<'_>,
    now: Timestamp,
) -> Result<Dashboard, CommandError> {
    let settings = sources.settings;
    let helm = settings.helm;
    let interval = settings.monitoring.monitoring.health_check_interval;
    let top = || helm.dashboard.top_issues.unwrap_or(TOP_ISSUES) as usize;
    Ok(dashboard::build(&dashboard::DashboardInput {
        monitors: settings.monitors,
        own_domain: &settings.domain()?,
        environments: &settings.monitored(),
        latest: &outlook.latest,
        reports: &outlook.domains,
        histories: &outlook.histories,
        budgets: &outlook.budgets,
        audits: &outlook.audits,
        kpis: &outlook.kpis,
        optimizations: &outlook.optimizations,
        audit_every_seconds: settings.monitoring.audit.every.map(|every| every.seconds),
        active: &outlook.active,
        resolved: &outlook.resolved,
        age_cap_hours: helm.priority.age_cap_hours,
        top: show.top.unwrap_or_else(top),
        stale_after_seconds: dashboard::stale_after(
            interval.map(|text| text.seconds),
            settings.heartbeat_seconds(),
        ),
        environment: show.environment,
        domain: show.domain,
        activity: &activity::read(sources)?,
        now,
    }))
}

/// Writes `DASHBOARD.md` of the documents as they are.
pub(crate) fn render_stored(
    documents: &Documents<'_>,
    now: Timestamp,
    transaction: &mut Transaction,
) -> Result<(), CommandError> {
    let outlook = Outlook::read(documents.records, documents.issues, now)?;
    write_dashboard(documents.dashboard, &outlook, now, transaction)
}

/// Writes `DASHBOARD.md`.
pub(crate) fn write_dashboard(
    sources: DashboardSources<'_>,
    outlook: &Outlook,
    now: Timestamp,
    transaction: &mut Transaction,
) -> Result<(), CommandError> {
    let dashboard = build_dashboard(sources, outlook, &Show::default(), now)?;
    let text = markdown::dashboard(&dashboard, sources.templates).map_err(faults::template)?;
    transaction.write(paths::dashboard_md(), stamp(&text));
    Ok(())
}
