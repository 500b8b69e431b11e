//! What decisions are made of: plain data, out of the documents.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::app::workspace::views::Documents;
use crate::catalog::Catalog;
use crate::core::health::OpenChecks;
use crate::core::remediate::history::Remediation;
use crate::core::remediate::verify;
use crate::core::targets::HealthSettings;
use crate::error::CommandError;
use crate::model::ids::{Arn, DomainName, EnvironmentName, IssueId, RunId};
use crate::model::issue::Issue;
use crate::model::report::HealthReport;
use crate::model::slo_budgets::SloBudgets;

/// What an environment is judged with, besides what was observed.
pub(super) struct EnvironmentInput<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) settings: HealthSettings,
    pub(super) domain: DomainName,
    /// Prefix of the ids of its issues.
    pub(super) prefix: String,
    pub(super) critical: bool,
    /// The newest report.
    pub(super) previous: Option<&'a HealthReport>,
    /// What error budgets have counted.
    pub(super) budgets: Option<&'a SloBudgets>,
    pub(super) last_window_end: Option<Timestamp>,
    pub(super) open: OpenChecks,
    pub(super) active: BTreeMap<IssueId, Issue>,
    pub(super) registered: BTreeSet<Arn>,
    /// Names of all environments, after which alarms are called.
    pub(super) environments: Vec<EnvironmentName>,
    pub(super) heartbeat_seconds: u64,
    /// What was done about its resources.
    pub(super) remediations: Vec<Remediation>,
    /// When something was deployed to it.
    pub(super) deployed: Vec<Timestamp>,
}

impl<'a> EnvironmentInput<'a> {
    /// Collects it.
    pub(super) fn collect(
        documents: &Documents<'a>,
        name: &EnvironmentName,
        now: Timestamp,
    ) -> Result<Self, CommandError> {
        let (settings, records) = (documents.settings, documents.records);
        let environment = settings.environment(name)?;
        let domain = settings.domain()?;
        Ok(Self {
            catalog: documents.registries.catalog,
            settings: settings.health(),
            prefix: settings.issue_prefix(&domain),
            domain,
            critical: environment.is_critical(),
            previous: records.latest(name),
            budgets: records.budgets(name).map(|document| &document.value),
            last_window_end: records.last_window_end(name, now)?,
            open: documents.issues.open_checks(name),
            active: documents.issues.all_active(),
            registered: documents.registries.arns(name),
            environments: settings
                .environments()
                .map(|one| one.name.clone())
                .collect(),
            heartbeat_seconds: settings.heartbeat_seconds(),
            remediations: documents.remediations.read(name)?,
            deployed: documents.remediations.deployed(name),
        })
    }

    /// Whether a report says something of a remediation, or lets the next one say it.
    pub(super) fn counts_for_remediations(&self, report: &HealthReport) -> bool {
        self.remediations.iter().any(|one| {
            let kept_until = self.previous.map(|previous| previous.window.end);
            verify::is_dividing(one, report, kept_until)
                || verify::news(one, report, &self.deployed, &self.remediations).is_some()
        })
    }
}

/// Names a run: the same facts at the same time are the same run.
pub(super) fn run_id(facts: &impl Serialize, now: Timestamp) -> Result<RunId, CommandError> {
    let facts = serde_json::to_vec(facts).map_err(CommandError::bug)?;
    let digest = Sha256::digest(&facts);
    let hex = hex::encode(&digest[..4]);
    let time = now.strftime("%Y%m%dt%H%M%Sz").to_string();
    RunId::new(format!("{time}-{hex}")).map_err(CommandError::bug)
}
