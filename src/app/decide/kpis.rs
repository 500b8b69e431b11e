//! What the key figures of an environment mean: a report, what is kept, and issues.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::app::workspace::views::Documents;
use crate::core::issues::{IssueChange, ReconcileInput, reconcile};
use crate::core::kpi::Measurement;
use crate::core::kpi::history;
use crate::core::kpi::issues::{KpiExamineInput, examine};
use crate::core::kpi::report::{KpiInput, definitions};
use crate::error::CommandError;
use crate::model::delivery::DeliveryReport;
use crate::model::ids::EnvironmentName;
use crate::model::kpi::Kpi;
use crate::model::kpi_history::KpiHistory;
use crate::model::kpi_report::KpiReport;

/// The key figures of an environment, read and not yet compared with what is recorded.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CollectedKpis {
    /// The environment.
    pub(crate) environment: EnvironmentName,
    /// When.
    pub(crate) at: Timestamp,
    /// All key figures, as they were configured then.
    pub(crate) kpis: Vec<Kpi>,
    /// Values, or why there is none, by name.
    pub(crate) measured: BTreeMap<String, Measurement>,
    /// Where they are from, in words, by name.
    pub(crate) sources: BTreeMap<String, String>,
    /// Delivery, where deployments of the environment are recorded.
    pub(crate) delivery: Option<DeliveryReport>,
}

/// What they mean.
pub(crate) struct KpiDecision {
    /// The report.
    pub(crate) report: KpiReport,
    /// The history with them; `None` where no key figure has a source.
    pub(crate) history: Option<KpiHistory>,
    /// What happens to issues.
    pub(crate) changes: Vec<IssueChange>,
}

impl CollectedKpis {
    /// Returns what a report is made of.
    pub(crate) fn input<'a>(&'a self, history: Option<&'a KpiHistory>) -> KpiInput<'a> {
        KpiInput {
            environment: &self.environment,
            at: self.at,
            kpis: &self.kpis,
            measured: &self.measured,
            sources: &self.sources,
            history,
            delivery: self.delivery.clone(),
        }
    }
}

/// Decides on what was collected.
pub(crate) fn decide(
    documents: &Documents<'_>,
    collected: &[CollectedKpis],
    now: Timestamp,
) -> Result<Vec<KpiDecision>, CommandError> {
    let each = collected.iter().map(|one| decide_one(documents, one, now));
    each.collect()
}

fn decide_one(
    documents: &Documents<'_>,
    collected: &CollectedKpis,
    now: Timestamp,
) -> Result<KpiDecision, CommandError> {
    let name = &collected.environment;
    let previous = documents.records.kpis(name).map(|document| &document.value);
    let input = collected.input(previous);
    let report = input.report();
    let definitions = definitions(&collected.kpis);
    let is_on = !definitions.is_empty();
    let history = is_on.then(|| history::with(previous, name, definitions, input.collection()));
    let settings = documents.settings.health();
    let domain = documents.settings.domain()?;
    let examination = examine(&KpiExamineInput {
        report: &report,
        domain: &domain,
        open_after: settings.open_after,
    })
    .map_err(CommandError::bug)?;
    let (issues, active) = (documents.issues, documents.issues.all_active());
    let reconciliation = reconcile(&ReconcileInput {
        examination: &examination,
        active: &active,
        resolved: &issues.resolved_for(&examination, &active, settings.open_after)?,
        prefix: &documents.settings.issue_prefix(&domain),
        open_after: settings.open_after,
        resolve_after: settings.resolve_after,
        now,
    });
    Ok(KpiDecision {
        report,
        history,
        changes: reconciliation.changes,
    })
}
