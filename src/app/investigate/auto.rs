//! Investigations that a run makes by itself: of incidents that became HIGH or CRITICAL in it,
//! within a budget.
//!
//! What it finds lands in the commit of the run. Nothing that goes wrong here keeps the issues
//! from being recorded: it is said, in the issue and to whoever watches the run.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::app::App;
use crate::app::decide::amend;
use crate::app::decide::decision::Decision;
use crate::app::investigate::gather::{self, InvestigationBudget};
use crate::app::investigate::target::{InvestigationTarget, WantedSpan};
use crate::app::occasion::Occasion;
use crate::app::workspace::Workspace;
use crate::app::workspace::landing::Landing;
use crate::app::workspace::views::issues::IssueStore;
use crate::core::incidents::{DueIncident, due};
use crate::core::issues::IssueChange;
use crate::core::issues::investigated;
use crate::error::{CommandError, ErrorKind};
use crate::git::Transaction;
use crate::model::ids::{EnvironmentName, IssueId};
use crate::model::incident::IncidentReport;
use crate::model::issue::{Issue, IssueStatus};
use crate::model::monitoring::InvestigateSection;
use crate::model::paths::RepoPath;
use crate::render::markdown;
use crate::state;
use crate::state::documents::paths;
use crate::text::escape;

/// What all investigations of a run may take, where monitoring.toml says nothing else.
const CALLS: u64 = 300;
const DOLLARS: f64 = 0.5;
const SECONDS: u64 = 120;
/// Incidents of one run that are investigated under one name.
const MOST_ALIKE: u32 = 100;

/// What came of one investigation: a report, or why there is none.
type AutoOutcome = Result<Box<IncidentReport>, String>;

/// The investigations of one run, over all its attempts to land.
pub(crate) struct AutoInvestigation<'a> {
    app: &'a App,
    manner: AutoManner,
    done: RefCell<BTreeMap<IssueId, AutoOutcome>>,
    spent: RefCell<Spent>,
}

/// What a run does about incidents that are due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AutoManner {
    /// Nothing: it is no scheduled job, or it records nothing.
    Nothing,
    /// A rehearsal names them: asking AWS costs, and nothing of it would be kept.
    Names,
    Investigates,
}

/// What they have taken so far.
#[derive(Debug, Clone, Copy, Default)]
struct Spent {
    calls: u64,
    dollars: f64,
    time: Duration,
    was_interrupted: bool,
}

impl<'a> AutoInvestigation<'a> {
    /// Only the scheduled job investigates, and only where it records what it finds.
    pub(crate) fn new(app: &'a App, occasion: Occasion, landing: Landing) -> Self {
        let manner = match (occasion, landing) {
            (Occasion::Run, Landing::Commit | Landing::Files) => AutoManner::Investigates,
            (Occasion::Run, Landing::Diff) => AutoManner::Names,
            _ => AutoManner::Nothing,
        };
        Self {
            app,
            manner,
            done: RefCell::default(),
            spent: RefCell::default(),
        }
    }

    /// Investigates what is due, and adds what was found to what lands.
    pub(crate) fn attach(
        &self,
        workspace: &Workspace,
        decision: &mut Decision,
    ) -> Result<(), CommandError> {
        let section = &workspace.settings().monitoring.investigate;
        if self.manner == AutoManner::Nothing || section.auto != Some(true) {
            return Ok(());
        }
        let documents = workspace.documents();
        let mut changed: Vec<(Issue, Issue)> = Vec::new();
        let mut transaction = std::mem::take(&mut decision.transaction);
        for one in &decision.environments {
            let name = &one.report.environment;
            let open = open_after(documents.issues, &one.changes, name);
            for incident in due(&one.changes, &open) {
                if self.manner == AutoManner::Names {
                    self.name(name, &incident);
                    continue;
                }
                let looked = self.look(workspace, section, &incident);
                changed.extend(self.write(name, &incident, &looked, &mut transaction));
            }
        }
        decision.transaction = transaction;
        if changed.is_empty() {
            return Ok(());
        }
        amend::amend_issues(&documents, decision, &changed)?;
        amend::redraw_dashboard(&documents, decision, &changed, self.app.clock.now())
    }

    /// Says what a run would investigate that is no rehearsal.
    fn name(&self, environment: &EnvironmentName, incident: &DueIncident<'_>) {
        let felt = incident.felt_first();
        let Some(first) = felt.first() else {
            return;
        };
        let others = match felt.len() - 1 {
            0 => String::new(),
            1 => " and one more issue".to_owned(),
            more => format!(" and {more} more issues"),
        };
        self.app.ui.note(&format!(
            "would investigate in {environment}: {}{others} ({}); a rehearsal asks nothing of it",
            first.id,
            first.title.terminal()
        ));
    }

    /// Investigates an incident, once in a run.
    fn look(
        &self,
        workspace: &Workspace,
        section: &InvestigateSection,
        incident: &DueIncident<'_>,
    ) -> AutoOutcome {
        let felt = incident.felt_first();
        let Some(first) = felt.first() else {
            return Err("it has no issue".to_owned());
        };
        let known = self.done.borrow().get(&first.id).cloned();
        known.unwrap_or_else(|| {
            let looked = self.investigate(workspace, section, &felt);
            let mut done = self.done.borrow_mut();
            done.insert(first.id.clone(), looked.clone());
            looked
        })
    }

    fn investigate(
        &self,
        workspace: &Workspace,
        section: &InvestigateSection,
        felt: &[&Issue],
    ) -> AutoOutcome {
        let budget = self.budget_left(section)?;
        let mut target = Err("none of its issues is about a resource of AWS".to_owned());
        for issue in felt {
            target = InvestigationTarget::of_issue(workspace, (*issue).clone())
                .map_err(|error| error.error.to_string());
            if target.is_ok() {
                break;
            }
        }
        let target = target?;
        let started = Instant::now();
        let wanted = WantedSpan::default();
        let report = gather::run(self.app, workspace, &target, wanted, budget);
        let mut spent = self.spent.borrow_mut();
        spent.time += started.elapsed();
        match report {
            Ok(report) => {
                if let Some(details) = &report.details {
                    spent.calls += details.api.calls;
                    spent.dollars += details.api.estimated_cost_usd;
                }
                Ok(Box::new(report))
            }
            Err(error) if error.kind == ErrorKind::Interrupted => {
                spent.was_interrupted = true;
                Err("it was interrupted".to_owned())
            }
            Err(error) => Err(error.error.to_string()),
        }
    }

    /// What is left of the budget of this run; an error where it is used up.
    fn budget_left(&self, section: &InvestigateSection) -> Result<InvestigationBudget, String> {
        let spent = *self.spent.borrow();
        let calls = section.max_calls.unwrap_or(CALLS);
        let seconds = section.timeout.map_or(SECONDS, |timeout| timeout.seconds);
        let time = Duration::from_secs(seconds);
        if spent.was_interrupted {
            return Err("it was interrupted".to_owned());
        }
        if spent.calls >= calls {
            return Err(format!(
                "the {calls} calls that `max_calls` of [investigate] allows in one run were made"
            ));
        }
        if spent.time >= time {
            return Err(format!(
                "the {seconds} s that `timeout` of [investigate] allows in one run are over"
            ));
        }
        Ok(InvestigationBudget {
            calls: calls - spent.calls,
            dollars: (section.max_cost.unwrap_or(DOLLARS) - spent.dollars).max(0.0),
            time: Some(time - spent.time),
        })
    }

    /// Writes what was found, and returns the issues of the incident before and after it.
    fn write(
        &self,
        name: &EnvironmentName,
        incident: &DueIncident<'_>,
        looked: &AutoOutcome,
        transaction: &mut Transaction,
    ) -> Vec<(Issue, Issue)> {
        let now = self.app.clock.now();
        let each = incident.issues.iter().map(|issue| (*issue).clone());
        match looked {
            Ok(report) => {
                let (json, page) = self.free_paths(name, report, transaction);
                transaction.write(json, state::to_bytes(report.as_ref()));
                transaction.write(page.clone(), markdown::incident(report).into_bytes());
                let summary = report.summary.terminal();
                self.app
                    .ui
                    .note(&format!("investigated in {name}: {summary}; see {page}"));
                each.map(|issue| {
                    let after = investigated::found(issue.clone(), report, &page, now);
                    (issue, after)
                })
                .collect()
            }
            Err(why) => {
                let felt = incident.felt_first();
                let id = felt.first().map_or("", |issue| issue.id.as_str());
                self.app.ui.warn(&format!(
                    "{id} was not investigated: {}; `fractary investigate {id}` does",
                    escape::terminal(why)
                ));
                each.map(|issue| {
                    let after = investigated::not_found_out(issue.clone(), why, now);
                    (issue, after)
                })
                .collect()
            }
        }
    }

    /// Where a report is stored. Two incidents of one run may be felt at resources of one name.
    fn free_paths(
        &self,
        name: &EnvironmentName,
        report: &IncidentReport,
        transaction: &Transaction,
    ) -> (RepoPath, RepoPath) {
        let now = self.app.clock.now();
        let felt = report.symptom.resource.redacted();
        let numbered = (1..MOST_ALIKE).map(|number| match number {
            1 => felt.clone(),
            number => format!("{felt}-{number}"),
        });
        let mut free = numbered.map(|felt| {
            let json = paths::incident(name, now, &felt);
            (json, paths::incident_md(name, now, &felt))
        });
        let found = free.find(|(json, _)| !transaction.edits().contains_key(json));
        found.unwrap_or_else(|| {
            let json = paths::incident(name, now, &felt);
            (json, paths::incident_md(name, now, &felt))
        })
    }
}

/// The issues of an environment that are open after a run.
fn open_after(
    store: IssueStore<'_>,
    changes: &[IssueChange],
    name: &EnvironmentName,
) -> BTreeMap<IssueId, Issue> {
    let before = store.active().filter(|issue| issue.environment == *name);
    let mut open: BTreeMap<IssueId, Issue> = before
        .map(|issue| (issue.id.clone(), issue.clone()))
        .collect();
    for change in changes {
        open.insert(change.after.id.clone(), change.after.clone());
    }
    open.retain(|_, issue| issue.status != IssueStatus::Resolved);
    open
}
