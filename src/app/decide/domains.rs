//! Domains that programs monitor, in the pipeline: asked while the cloud is observed, decided
//! like its environments, and shown as they are now.

use std::collections::BTreeMap;

use clap::Args;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::app::decide;
use crate::app::decide::outlook::{World, values};
use crate::app::decide::write;
use crate::app::observe::{environments, monitors};
use crate::app::occasion::Occasion;
use crate::app::workspace::load;
use crate::app::workspace::load::Loaded;
use crate::core::domains::{self, DomainQuiet, SettleInput};
use crate::core::issues::IssueChange;
use crate::core::quiet::{self, CommitWords, Reason};
use crate::core::targets::HealthSettings;
use crate::error::CommandError;
use crate::git::Transaction;
use crate::model::domain_health::{DomainReport, MonitorAnswer};
use crate::model::ids::{DomainName, EnvironmentName, RunId};
use crate::model::monitors::DomainMonitor;
use crate::model::report::HealthReport;
use crate::model::snapshot::Snapshot;
use crate::state;
use crate::state::documents::paths;

/// Whom commands that show the state ask.
#[derive(Debug, Clone, Default, Args)]
pub struct AskArgs {
    /// Ask nobody; show what the last run recorded
    #[arg(long)]
    pub stored: bool,
    /// Ask AWS, too, instead of showing the last run's report
    #[arg(long, conflicts_with = "stored")]
    pub refresh: bool,
}

/// What the answer of one domain's monitor means.
pub(crate) struct DomainDecision {
    /// The observation.
    pub(crate) report: DomainReport,
    /// The same as a health report.
    pub(crate) health: HealthReport,
    /// What happens to issues.
    pub(crate) changes: Vec<IssueChange>,
    /// Why this is worth a commit; `None` for a quiet one.
    pub(crate) reason: Option<Reason>,
}

/// Observes environments and, where this is the scheduled job, asks the monitors of
/// their domains at the same time.
pub(crate) fn observe(
    app: &App,
    loaded: &Loaded,
    names: &[EnvironmentName],
    occasion: Occasion,
    only: Option<&str>,
) -> Result<(Vec<Snapshot>, Vec<MonitorAnswer>), CommandError> {
    if occasion != Occasion::Run || only.is_some() {
        return Ok((
            environments::all(app, loaded, names, occasion, only)?,
            Vec::new(),
        ));
    }
    let both = async {
        futures_util::future::try_join(
            environments::each(app, loaded, names, occasion, only),
            monitors::ask_all(app, loaded, names, None),
        )
        .await
    };
    environments::wait_for(app, &environments::observing(names), both)
}

/// Asks the monitors of these environments, where the cloud was observed elsewhere.
pub(crate) fn answers(
    app: &App,
    loaded: &Loaded,
    names: &[EnvironmentName],
) -> Result<Vec<MonitorAnswer>, CommandError> {
    if monitors::to_ask(loaded, names, None)?.is_empty() {
        return Ok(Vec::new());
    }
    let asked = monitors::ask_all(app, loaded, names, None);
    environments::wait_for(app, "asking the monitors", asked)
}

/// Decides on the answers.
pub(crate) fn decide(
    loaded: &Loaded,
    answers: &[MonitorAnswer],
    now: Timestamp,
) -> Result<Vec<DomainDecision>, CommandError> {
    let active = values(&loaded.state.active);
    let settings = HealthSettings::resolve(&loaded.monitoring);
    let mut out = Vec::new();
    for answer in answers {
        // The file may have changed since it was asked, when the head has moved.
        let Some(monitor) = monitor(loaded, answer) else {
            continue;
        };
        let environment = loaded.environment(&answer.environment)?;
        let previous = previous(loaded, answer);
        let report = domains::judge(answer, monitor, previous, now);
        let mut input = SettleInput {
            report: &report,
            answered: answer.health.is_some(),
            run_id: &run_id(answer, now)?,
            active: &active,
            resolved: &BTreeMap::new(),
            prefix: &decide::prefix(loaded, &answer.domain),
            critical: environment.is_critical(),
            open_after: settings.open_after,
            resolve_after: settings.resolve_after,
            now,
        };
        let (mut health, mut reconciliation) = domains::settle(&input);
        let resolved = decide::resolved_for(loaded, &health, &active, settings.open_after)?;
        if !resolved.is_empty() {
            input.resolved = &resolved;
            (health, reconciliation) = domains::settle(&input);
        }
        let reason = domains::worth_committing(&DomainQuiet {
            previous,
            new: &report,
            changes: &reconciliation.changes,
            open_after: settings.open_after,
            heartbeat_seconds: decide::heartbeat_seconds(loaded),
            now,
        });
        out.push(DomainDecision {
            report,
            health,
            changes: reconciliation.changes,
            reason,
        });
    }
    Ok(out)
}

fn monitor<'a>(loaded: &'a Loaded, answer: &MonitorAnswer) -> Option<&'a DomainMonitor> {
    let monitors = &loaded.state.monitors.as_ref()?.value.monitors;
    monitors.iter().find(|m| m.domain == answer.domain)
}

fn previous<'a>(loaded: &'a Loaded, answer: &MonitorAnswer) -> Option<&'a DomainReport> {
    let key = (answer.domain.clone(), answer.environment.clone());
    loaded.state.domains.get(&key).map(|doc| &doc.value)
}

fn run_id(answer: &MonitorAnswer, now: Timestamp) -> Result<RunId, CommandError> {
    let digest = Sha256::digest(serde_json::to_vec(answer).map_err(load::bug)?);
    let hex: String = digest.iter().take(4).map(|b| format!("{b:02x}")).collect();
    let time = now.strftime("%Y%m%dt%H%M%Sz").to_string();
    RunId::new(format!("{time}-{hex}")).map_err(load::bug)
}

/// What the decisions make of the world, and the files of those that are worth a commit.
pub(crate) fn apply(
    loaded: &Loaded,
    decisions: &[DomainDecision],
    world: &mut World,
    transaction: &mut Transaction,
) -> Result<(), CommandError> {
    for decision in decisions {
        for change in &decision.changes {
            world.apply_issue(change);
        }
        let report = &decision.report;
        let key = (report.domain.clone(), report.environment.clone());
        if decision.reason.is_some() {
            let bytes = match loaded.state.domains.get(&key) {
                Some(document) => document.updated(report),
                None => state::to_bytes(report),
            };
            transaction.write(paths::domain_latest(&key.0, &key.1), bytes);
            for change in &decision.changes {
                write::write_issue(loaded, change, transaction)?;
            }
        }
        world.domains.insert(key, report.clone());
    }
    Ok(())
}

/// The messages of the domains that are worth a commit.
pub(crate) fn messages(occasion: Occasion, decisions: &[DomainDecision]) -> Vec<String> {
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

/// The world as it is now: programs are asked, and AWS where that is wanted. Nothing of it is
/// recorded; issues are those of the last run.
pub(crate) fn world_now(
    app: &App,
    loaded: &Loaded,
    ask: &AskArgs,
    environments: &[EnvironmentName],
    only: Option<&DomainName>,
) -> Result<World, CommandError> {
    let now = app.clock.now();
    let mut world = World::of(loaded, now)?;
    if ask.stored {
        return Ok(world);
    }
    let asked = monitors::to_ask(loaded, environments, only)?;
    if ask.refresh {
        let occasion = Occasion::Look;
        let both = async {
            futures_util::future::try_join(
                environments::each(app, loaded, environments, occasion, None),
                monitors::ask_all(app, loaded, environments, only),
            )
            .await
        };
        let (snapshots, answers) =
            environments::wait_for(app, &environments::observing(environments), both)?;
        let decision = decide::decide(loaded, &snapshots, &[], occasion, false, now)?;
        for one in decision.environments {
            let name = one.report.environment.clone();
            world.latest.insert(name, one.report);
        }
        add(loaded, &answers, now, &mut world);
    } else if !asked.is_empty() {
        let count = asked.len();
        let what = format!(
            "asking {count} monitor{}",
            if count == 1 { "" } else { "s" }
        );
        let answers = monitors::ask_all(app, loaded, environments, only);
        let answers = environments::wait_for(app, &what, answers)?;
        add(loaded, &answers, now, &mut world);
    }
    Ok(world)
}

fn add(loaded: &Loaded, answers: &[MonitorAnswer], now: Timestamp, world: &mut World) {
    for answer in answers {
        if let Some(monitor) = monitor(loaded, answer) {
            let mut report = domains::judge(answer, monitor, previous(loaded, answer), now);
            domains::say_unrecorded(&mut report, &world.active);
            let key = (report.domain.clone(), report.environment.clone());
            world.domains.insert(key, report);
        }
    }
}
