//! The playbooks of kpis.toml, with what the environment says of each: whether it may be run now, and
//! what it would do.

use crate::app::App;
use crate::app::apply::remediate::Application;
use crate::app::optimize::CycleRequest;
use crate::app::remediate::context;
use crate::app::remediate::prepare::{self, ActionRequest, Chosen, Prepared};
use crate::app::remediate::safety;
use crate::app::workspace::Workspace;
use crate::core::optimize::choose::{
    ChoiceInput, ChosenPlaybook, MOST_TASKS, PlaybookCandidate, PlaybookChoice, choose,
};
use crate::core::remediate::brakes::{self, BrakeInput};
use crate::core::remediate::history::Remediation;
use crate::core::remediate::permit::{Forbidden, Freeze};
use crate::core::remediate::plan::{PlanOutcome, ReadyPlan};
use crate::error::CommandError;
use crate::model::ids::{EnvironmentName, IssueId};
use crate::model::kpi::Kpis;
use crate::model::optimization::{KpiEffect, OptimizationTask, TaskVerdict, TerraformChange};
use crate::model::playbook::{OptimizeSection, Playbook};
use crate::model::remediation::{ConsentRecord, ConsentWay};
use crate::text::Untrusted;
use crate::text::times;

/// A playbook with what is known of it.
struct PlaybookCase<'a> {
    playbook: &'a Playbook,
    chosen: Option<Chosen>,
    held: Option<String>,
    plan: Option<(Prepared, ReadyPlan)>,
}

/// The playbooks of an environment.
pub(super) struct PlaybookCases<'a> {
    app: &'a App,
    workspace: &'a Workspace,
    name: &'a EnvironmentName,
    all: Vec<PlaybookCase<'a>>,
}

impl<'a> PlaybookCases<'a> {
    /// Finds out which of them may be run now. Nothing is asked of AWS yet.
    pub(super) fn new(
        app: &'a App,
        workspace: &'a Workspace,
        name: &'a EnvironmentName,
        kpis: &'a Kpis,
        way: ConsentWay,
    ) -> Result<Self, CommandError> {
        let freeze = safety::freeze(workspace)?;
        let done = workspace.remediations().read(name)?;
        let section = kpis.optimize.clone().unwrap_or_default();
        let each = kpis.playbooks.iter().map(|playbook| {
            let request = ActionRequest {
                action: playbook.action.clone(),
                resource: playbook.resource.clone(),
                given: playbook.parameters.clone(),
            };
            let (chosen, held) = match prepare::choose(workspace, name, &request) {
                Ok(chosen) => {
                    let gate = Gate {
                        done: &done,
                        section: &section,
                        freeze: freeze.as_ref(),
                        issue: issue_of(workspace, name, &playbook.kpis),
                        way,
                    };
                    let held = gate.holds(app, &chosen);
                    (Some(chosen), held)
                }
                Err(error) => (None, Some(error.in_one_line())),
            };
            PlaybookCase {
                playbook,
                chosen,
                held,
                plan: None,
            }
        });
        Ok(Self {
            app,
            workspace,
            name,
            all: each.collect(),
        })
    }

    /// Chooses, and asks AWS what each of the chosen would do; what cannot be done makes room for
    /// another.
    pub(super) fn choose(
        &mut self,
        input: &ChoiceInput<'_>,
    ) -> Result<PlaybookChoice, CommandError> {
        loop {
            let candidates: Vec<PlaybookCandidate<'_>> =
                self.all.iter().map(PlaybookCase::candidate).collect();
            let choice = choose(&ChoiceInput {
                candidates: &candidates,
                ..*input
            });
            let mut is_settled = true;
            for one in &choice.chosen {
                is_settled &= self.plan(one.index)?;
            }
            if is_settled {
                return Ok(choice);
            }
        }
    }

    /// Plans one; `false` where nothing comes of it.
    fn plan(&mut self, index: usize) -> Result<bool, CommandError> {
        let case = &mut self.all[index];
        let Some(chosen) = case.chosen.clone().filter(|_| case.plan.is_none()) else {
            return Ok(case.plan.is_some());
        };
        let prepared = prepare::prepare(self.app, self.workspace, chosen, "plan")?;
        case.held = match &prepared.planned {
            PlanOutcome::Ready(ready) => {
                let ready = ReadyPlan::clone(ready);
                case.plan = Some((prepared, ready));
                return Ok(true);
            }
            PlanOutcome::Nothing(says) => Some(format!("nothing to do: {}", says.raw())),
            PlanOutcome::Impossible { because, .. } => {
                Some(format!("not possible: {}", because.raw()))
            }
            PlanOutcome::Unknown(why) => {
                let why: Vec<&str> = why.iter().map(Untrusted::raw).collect();
                Some(format!("what it would do is not known: {}", why.join("; ")))
            }
        };
        Ok(false)
    }

    /// How many may be under way at once.
    pub(super) fn most(&self) -> usize {
        let brakes = self.all.iter().filter_map(|case| case.chosen.as_ref());
        let most = brakes.map(|chosen| chosen.brakes.max_concurrent).min();
        most.map_or(MOST_TASKS, |most| {
            usize::try_from(most).unwrap_or(MOST_TASKS)
        })
    }

    /// The plans of what was chosen.
    pub(super) fn plans(
        &self,
        choice: &PlaybookChoice,
    ) -> impl Iterator<Item = (&Prepared, &ReadyPlan)> {
        let chosen = choice.chosen.iter();
        chosen.filter_map(|one| {
            let (prepared, ready) = self.all[one.index].plan.as_ref()?;
            Some((prepared, ready))
        })
    }

    /// Returns the tasks of what was chosen.
    pub(super) fn tasks(
        &self,
        choice: &PlaybookChoice,
        measured: &[&str],
    ) -> Vec<OptimizationTask> {
        let chosen = choice.chosen.iter();
        chosen.filter_map(|one| self.task(one, measured)).collect()
    }

    fn task(&self, one: &ChosenPlaybook, measured: &[&str]) -> Option<OptimizationTask> {
        let case = &self.all[one.index];
        let (prepared, ready) = case.plan.as_ref()?;
        let chosen = &prepared.chosen;
        let settle = case.playbook.settle.map(|text| text.seconds);
        let settle = settle.and_then(|seconds| u32::try_from(seconds).ok());
        let bound = case.playbook.kpis.iter();
        let bound = bound.filter(|name| measured.contains(&name.as_str()));
        Some(OptimizationTask {
            playbook: case.playbook.name.clone(),
            action: chosen.action.id.clone(),
            resource: chosen.resource.name.clone(),
            arn: chosen.resource.arn.clone(),
            swarm: one.swarm,
            kpi: one.kpi.clone(),
            effects: bound
                .map(|name| (name.clone(), KpiEffect::default()))
                .collect(),
            explored: one.explored,
            remediation: None,
            applied_at: None,
            settle_seconds: settle.unwrap_or(chosen.action.settle_seconds),
            verdict: TaskVerdict::Planned,
            reason: None,
            looks: 0,
            undo: ready.plan.undo.clone(),
            undone_by: None,
            drift: ready.plan.drift.clone().map(|place| TerraformChange {
                place,
                to: ready.plan.to.clone(),
            }),
        })
    }

    /// Returns what is applied, with the consent to it.
    pub(super) fn applications(
        &self,
        choice: &PlaybookChoice,
        consent: &ConsentRecord,
    ) -> Vec<Application> {
        let chosen = choice.chosen.iter();
        let each = chosen.filter_map(|one| {
            let case = &self.all[one.index];
            let (prepared, ready) = case.plan.clone()?;
            Some(Application {
                issue: issue_of(self.workspace, self.name, std::slice::from_ref(&one.kpi)),
                undoes: None,
                proposal: None,
                before: context::before(self.workspace, self.name, &prepared),
                consent: consent.clone(),
                brakes: prepared.chosen.brakes,
                prepared,
                ready,
            })
        });
        each.collect()
    }
}

impl PlaybookCase<'_> {
    fn candidate(&self) -> PlaybookCandidate<'_> {
        let chosen = self.chosen.as_ref();
        PlaybookCandidate {
            playbook: self.playbook,
            action: chosen.map_or(self.playbook.action.as_str(), |one| one.action.id.as_str()),
            arn: chosen.map(|one| &one.resource.arn),
            kind: chosen.map(|one| (kind_of(one), one.brakes.most_of(one.of_kind))),
            held: self.held.clone(),
        }
    }
}

/// The open issue of the first of these key figures that has one.
fn issue_of(workspace: &Workspace, name: &EnvironmentName, kpis: &[String]) -> Option<IssueId> {
    let checks: Vec<String> = kpis.iter().map(|kpi| format!("kpi_target/{kpi}")).collect();
    let mut open = workspace.issues().active();
    let found = open.find(|issue| issue.environment == *name && checks.contains(&issue.check))?;
    Some(found.id.clone())
}

fn kind_of(chosen: &Chosen) -> &str {
    let kind = chosen.resource.kind.as_ref();
    kind.map_or(chosen.resource.resource_type.as_str(), |kind| kind.as_str())
}

/// How a cycle is agreed to: what runs by itself is allowed by `auto_remediate` alone.
pub(super) fn way(request: &CycleRequest) -> ConsentWay {
    match (request.yes, request.asks) {
        (true, _) => ConsentWay::Flag,
        (false, true) => ConsentWay::Typed,
        (false, false) => ConsentWay::Automatic,
    }
}

/// What every task passes. Whoever agrees to a cycle has not chosen its actions, so the brakes of
/// automatic actions hold for all of them, and so does FREEZE.
pub(super) struct Gate<'a> {
    pub(super) done: &'a [Remediation],
    pub(super) section: &'a OptimizeSection,
    pub(super) freeze: Option<&'a Freeze>,
    pub(super) issue: Option<IssueId>,
    pub(super) way: ConsentWay,
}

impl Gate<'_> {
    /// Returns why it may not be run now.
    fn holds(&self, app: &App, chosen: &Chosen) -> Option<String> {
        let now = app.clock.now();
        if let Err(why) = chosen.permit(self.way, self.freeze, now) {
            let mut said = why.words();
            if why == Forbidden::NeedsConsent && !chosen.is_protected {
                said += ": `--yes`, or `auto_remediate` of monitoring.toml";
            }
            return Some(said);
        }
        if let Some(freeze) = self.freeze.filter(|freeze| freeze.counts(now)) {
            return Some(Forbidden::Frozen(freeze.reason.clone()).words());
        }
        let input = BrakeInput {
            done: self.done.iter().collect(),
            arn: &chosen.resource.arn,
            kind: kind_of(chosen),
            of_kind: chosen.of_kind,
            action: &chosen.action.id,
            issue: self.issue.as_ref(),
            way: ConsentWay::Automatic,
            is_undo: false,
            now,
        };
        if let Some(brake) = brakes::check(&chosen.brakes, &input) {
            return Some(brake.words());
        }
        self.cools_down(chosen, now)
    }

    /// The pause between two uses of one action on one resource, from the outcome of the first.
    fn cools_down(&self, chosen: &Chosen, now: jiff::Timestamp) -> Option<String> {
        let same = |one: &&Remediation| {
            one.first.action == chosen.action.id && one.first.arn == chosen.resource.arn
        };
        let last = self.done.iter().filter(same).map(|one| one.last_at).max()?;
        let until = last
            .as_second()
            .saturating_add(self.section.cooldown_seconds());
        let until = jiff::Timestamp::from_second(until).unwrap_or(jiff::Timestamp::MAX);
        (now < until).then(|| {
            format!(
                "it was used a short time ago: wait until {}",
                times::time(until)
            )
        })
    }
}
