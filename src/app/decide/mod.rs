//! Deciding: from snapshots and state to reports, issue changes and one transaction.
//!
//! Composes the pure functions of `core`; the same input gives the same bytes, so that it can
//! be done again when the head has moved. Knows documents by their views, and neither the
//! options of a command nor where a decision lands.

pub(crate) mod activity;
pub(crate) mod amend;
pub(crate) mod audits;
pub(crate) mod dashboard;
pub(crate) mod decision;
pub(crate) mod deployed;
pub(crate) mod domains;
pub(crate) mod environments;
pub(crate) mod expire;
pub(crate) mod generated;
mod inputs;
pub(crate) mod kpis;
pub(crate) mod links;
mod message;
pub(crate) mod outlook;
pub(crate) mod regenerate;
pub(crate) mod write;

use jiff::Timestamp;

use crate::app::decide::audits::AuditRead;
use crate::app::decide::dashboard::write_dashboard;
use crate::app::decide::decision::Decision;
use crate::app::decide::deployed::write_deployed;
use crate::app::decide::kpis::CollectedKpis;
use crate::app::decide::outlook::Outlook;
use crate::app::decide::write::{write_domain, write_environment};
use crate::app::occasion::Occasion;
use crate::app::workspace::views::Documents;
use crate::core::growth::{self, TimeDistance};
use crate::error::CommandError;
use crate::git::Transaction;
use crate::model::domain_health::MonitorAnswer;
use crate::model::ids::EnvironmentName;
use crate::model::snapshot::Snapshot;
use crate::state::documents::paths;

/// What a run has observed.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Observation {
    /// Of each environment, what its provider says.
    pub(crate) snapshots: Vec<Snapshot>,
    /// What the programs say that monitor other domains.
    pub(crate) answers: Vec<MonitorAnswer>,
    /// How environments that are due for an audit are configured.
    pub(crate) audits: Vec<AuditRead>,
    /// The key figures of environments where they are due.
    pub(crate) kpis: Vec<CollectedKpis>,
}

/// Decides. `occasion` names the command in the commit message; `lands` says whether anything is
/// recorded: the issues that the report names, and the files.
pub(crate) fn decide(
    documents: &Documents<'_>,
    observation: &Observation,
    occasion: Occasion,
    lands: bool,
    now: Timestamp,
) -> Result<Decision, CommandError> {
    let environments = environments::decide(documents, &observation.snapshots, lands, now)?;
    let domains = domains::decide(
        documents.settings,
        documents.records,
        documents.issues,
        &observation.answers,
        now,
    )?;
    let mut decision = Decision {
        environments,
        domains,
        audits: audits::decide(documents, &observation.audits, now)?,
        kpis: kpis::decide(documents, &observation.kpis, now)?,
        transaction: Transaction::new(),
        message: String::new(),
    };
    // To write what nobody keeps takes as long as to decide it.
    if lands {
        decision.transaction = write_files(documents, &decision, now)?;
    }
    decision.message = message::compose(occasion, &decision);
    Ok(decision)
}

/// Whether so much time lies between the last observation and now that the clock may be wrong.
fn is_far_behind(documents: &Documents<'_>, name: &EnvironmentName, now: Timestamp) -> bool {
    let latest = documents.records.latest(name);
    let distance = latest.map(|one| growth::distance(one.generated_at, now));
    matches!(distance, Some(TimeDistance::FarAfter(_)))
}

/// Writes the documents of what is worth a commit, and generated files that are not what they
/// are made from.
fn write_files(
    documents: &Documents<'_>,
    decision: &Decision,
    now: Timestamp,
) -> Result<Transaction, CommandError> {
    let (records, issues) = (documents.records, documents.issues);
    let mut transaction = Transaction::new();
    let mut committing: Vec<EnvironmentName> = Vec::new();
    for one in &decision.environments {
        let name = &one.report.environment;
        write_deployed(documents.deployed(), name, &mut transaction)?;
        if one.reason.is_some() {
            committing.push(name.clone());
        }
    }
    // A quiet run has no use for the outlook, which is expensive to make.
    let domain_commits = decision.domains.iter().any(|one| one.reason.is_some());
    let lacks_dashboard = || documents.dashboard.tree.lacks(&paths::dashboard_md());
    let is_quiet = committing.is_empty() && !domain_commits;
    let nothing = is_quiet && decision.audits.is_empty() && decision.kpis.is_empty();
    if nothing && !lacks_dashboard()? {
        return Ok(transaction);
    }
    let mut outlook = Outlook::read(records, issues, now)?;
    for one in &decision.environments {
        outlook.apply(one);
        if one.reason.is_some() {
            write_environment(records, issues, one, &outlook, &mut transaction)?;
        }
    }
    for one in &decision.domains {
        outlook.apply_domain(one);
        if one.reason.is_some() {
            write_domain(records, issues, one, &mut transaction)?;
        }
    }
    for one in &decision.audits {
        outlook.apply_audit(one);
        write::write_audit(documents, one, now, &mut transaction)?;
    }
    for one in &decision.kpis {
        outlook.apply_kpis(one);
        write::write_kpis(documents, one, &mut transaction)?;
    }
    let is_far = |name: &EnvironmentName| is_far_behind(documents, name, now);
    if !committing.is_empty() && !committing.iter().any(is_far) {
        expire::expire(
            documents.settings,
            documents.dashboard.tree,
            issues,
            &committing,
            &mut outlook,
            now,
            &mut transaction,
        )?;
    }
    write_dashboard(documents.dashboard, &outlook, now, &mut transaction)?;
    Ok(transaction)
}
