//! One action on several resources: agreed to once, sent in steps that begin with one resource, and
//! ended where too many fail.

use serde_json::{Value, json};

use crate::app::App;
use crate::app::answer::output;
use crate::app::apply::remediate::together::{AppliedTogether, apply_together};
use crate::app::apply::remediate::{Application, NotApplied};
use crate::app::formats::AnswerFormat;
use crate::app::remediate::act::Manner;
use crate::app::remediate::context::{before, issue_of};
use crate::app::remediate::prepare::{self, ActionRequest, Chosen, Prepared};
use crate::app::remediate::{consent, safety, show};
use crate::app::workspace::Workspace;
use crate::core::remediate::batch::{BatchProgress, default_max_errors};
use crate::core::remediate::plan::{PlanOutcome, ReadyPlan};
use crate::error::{CommandError, ErrorKind, ExitCode};
use crate::model::ids::EnvironmentName;
use crate::model::remediation::{ConsentRecord, RemediationOutcome};
use crate::render::{json, text};
use crate::text::Untrusted;

/// A resource of a batch, with what would be done.
struct BatchMember {
    prepared: Prepared,
    ready: ReadyPlan,
}

/// What became of a resource.
struct BatchRow {
    resource: Untrusted,
    action: String,
    id: Option<String>,
    outcome: &'static str,
    reason: Untrusted,
}

/// Plans all, asks once, applies step by step and shows.
pub(crate) fn run(
    app: &App,
    workspace: Workspace,
    name: &EnvironmentName,
    requests: &[ActionRequest],
    (manner, max_errors): (Manner<'_>, Option<usize>),
) -> Result<ExitCode, CommandError> {
    if manner.propose || manner.issue.is_some() {
        let what = "a proposal, and an action for an issue, is about one resource";
        return Err(CommandError::usage(what).hint("give `--service` once"));
    }
    let (members, settled) = plan_all(app, &workspace, name, requests)?;
    if app.global.dry_run {
        return show_dry_run(app, &members, &settled, manner.format);
    }
    show_plans(app, &members);
    let mut rows: Vec<BatchRow> = settled.iter().map(nothing).collect();
    let Some(first) = members.first() else {
        return show_rows(app, name, &rows, manner.format);
    };
    let chosen = &first.prepared.chosen;
    let consent = agree(app, &workspace, &members, manner.yes)?;
    let max_errors = max_errors.unwrap_or_else(|| default_max_errors(chosen.is_protected));
    rows.extend(apply_all(app, workspace, members, &consent, max_errors)?);
    show_rows(app, name, &rows, manner.format)
}

/// Plans everything before anything is sent: what cannot be planned is said, and nothing is begun.
/// Returns what would be changed, and those with nothing to do.
fn plan_all(
    app: &App,
    workspace: &Workspace,
    name: &EnvironmentName,
    requests: &[ActionRequest],
) -> Result<(Vec<BatchMember>, Vec<Prepared>), CommandError> {
    let mut members: Vec<BatchMember> = Vec::new();
    let mut settled = Vec::new();
    for request in requests {
        let chosen = prepare::choose(workspace, name, request)?;
        let arn = &chosen.resource.arn;
        let mut known = members.iter().map(|one| &one.prepared.chosen.resource.arn);
        if known.any(|one| one == arn) {
            let name = chosen.resource.name.terminal();
            return Err(CommandError::usage(format!("`{name}` is named twice")));
        }
        let prepared = prepare::prepare(app, workspace, chosen, "plan")?;
        match &prepared.planned {
            PlanOutcome::Nothing(_) => settled.push(prepared),
            PlanOutcome::Ready(ready) => members.push(BatchMember {
                ready: ReadyPlan::clone(ready),
                prepared,
            }),
            // It ends with the error that says why.
            PlanOutcome::Impossible { .. } | PlanOutcome::Unknown(_) => {
                show::unready(app, &prepared, AnswerFormat::Text)?;
            }
        }
    }
    Ok((members, settled))
}

/// The row of a resource with nothing to do.
fn nothing(prepared: &Prepared) -> BatchRow {
    row(&prepared.chosen, "nothing", why_nothing(prepared))
}

/// Why there is nothing to do; empty where there is something.
fn why_nothing(prepared: &Prepared) -> Untrusted {
    match &prepared.planned {
        PlanOutcome::Nothing(says) => says.clone(),
        _ => Untrusted::from(""),
    }
}

fn row(chosen: &Chosen, outcome: &'static str, reason: Untrusted) -> BatchRow {
    BatchRow {
        resource: chosen.resource.name.clone(),
        action: chosen.action.id.clone(),
        id: None,
        outcome,
        reason,
    }
}

fn plan_texts(app: &App, members: &[BatchMember]) -> String {
    let texts = members
        .iter()
        .map(|one| show::plan_text(app, &one.prepared, &one.ready.plan));
    texts.collect::<Vec<_>>().join("\n")
}

/// Shows on standard error what would be changed, before consent to it is asked.
fn show_plans(app: &App, members: &[BatchMember]) {
    let shown = plan_texts(app, members);
    let lines: Vec<String> = shown.lines().map(str::to_owned).collect();
    app.ui.lines(&lines);
}

/// Answers with every plan, and with each resource that has nothing to do.
fn show_dry_run(
    app: &App,
    members: &[BatchMember],
    settled: &[Prepared],
    format: AnswerFormat,
) -> Result<ExitCode, CommandError> {
    let answer = match format {
        AnswerFormat::Text => {
            let mut shown = plan_texts(app, members);
            for one in settled {
                let name = one.chosen.resource.name.terminal();
                let says = why_nothing(one).terminal();
                shown.push_str(&format!("Nothing to do for {name}: {says}.\n"));
            }
            shown
        }
        AnswerFormat::Json => {
            let plans = members.iter().map(|one| &one.prepared).chain(settled);
            let plans: Vec<_> = plans.map(show::answer).collect();
            json::pretty(&plans).map_err(CommandError::bug)?
        }
    };
    output::write(app, &answer)?;
    Ok(ExitCode::Ok)
}

/// Consent to all of them, where each may be run.
fn agree(
    app: &App,
    workspace: &Workspace,
    members: &[BatchMember],
    yes: bool,
) -> Result<ConsentRecord, CommandError> {
    let freeze = safety::freeze(workspace)?;
    // The one that requires most is asked about.
    let strictest = members.iter().map(|one| &one.prepared.chosen);
    let strictest = strictest.max_by_key(|chosen| chosen.level);
    let strictest =
        strictest.ok_or_else(|| CommandError::say(ErrorKind::Bug, "a batch of nothing"))?;
    consent::obtain(app, workspace, strictest, freeze.as_ref(), yes)
}

fn apply_all(
    app: &App,
    mut workspace: Workspace,
    members: Vec<BatchMember>,
    consent: &ConsentRecord,
    max_errors: usize,
) -> Result<Vec<BatchRow>, CommandError> {
    let most = members.iter().map(|one| most_at_once(&one.prepared.chosen));
    let mut progress = BatchProgress {
        left: members.len(),
        last_step: 0,
        failed: 0,
        max_errors,
        most: most.min().unwrap_or(1),
    };
    let mut waiting = members.into_iter();
    let mut rows = Vec::new();
    while let Some(step) = progress.next() {
        let members: Vec<BatchMember> = waiting.by_ref().take(step).collect();
        let is_first = progress.last_step == 0;
        progress.left -= members.len();
        progress.last_step = step;
        let (next, done) = apply_step(app, workspace, members, consent, is_first)?;
        workspace = next;
        progress.failed += done.iter().filter(|row| row.is_failure()).count();
        rows.extend(done);
    }
    let failed = progress.failed;
    let why = Untrusted::new(format!("{failed} failed, and {max_errors} may"));
    rows.extend(waiting.map(|one| row(&one.prepared.chosen, "not_started", why.clone())));
    Ok(rows)
}

/// How many of these may be changed at once.
fn most_at_once(chosen: &Chosen) -> usize {
    let most = chosen.brakes.max_concurrent;
    let most = most.min(chosen.brakes.most_of(chosen.of_kind));
    usize::try_from(most).unwrap_or(usize::MAX)
}

fn apply_step(
    app: &App,
    workspace: Workspace,
    members: Vec<BatchMember>,
    consent: &ConsentRecord,
    is_first: bool,
) -> Result<(Workspace, Vec<BatchRow>), CommandError> {
    let mut rows = Vec::new();
    let mut applications = Vec::new();
    for member in members {
        // The first step follows the plan at once; the others come later.
        let member = match is_first {
            true => Ok(member),
            false => still(app, &workspace, member)?,
        };
        match member {
            Ok(member) => applications.push(application(&workspace, member, consent)),
            Err(row) => rows.push(row),
        }
    }
    let (workspace, results) = apply_together(app, workspace, &applications)?;
    let done = applications.iter().zip(results);
    rows.extend(done.map(|(application, result)| applied(&application.prepared.chosen, result)));
    Ok((workspace, rows))
}

/// The member, where its resource is as it was when somebody agreed; else why it is left.
fn still(
    app: &App,
    workspace: &Workspace,
    member: BatchMember,
) -> Result<Result<BatchMember, BatchRow>, CommandError> {
    let chosen = member.prepared.chosen.clone();
    let prepared = prepare::prepare(app, workspace, chosen, "plan")?;
    let same = |ready: &ReadyPlan| ready.plan.facts_hash == member.ready.plan.facts_hash;
    match &prepared.planned {
        PlanOutcome::Ready(ready) if same(ready) => Ok(Ok(BatchMember {
            ready: ReadyPlan::clone(ready),
            prepared,
        })),
        _ => {
            let why = Untrusted::from("it was changed since it was planned");
            Ok(Err(row(&prepared.chosen, "stale", why)))
        }
    }
}

fn application(workspace: &Workspace, member: BatchMember, consent: &ConsentRecord) -> Application {
    let BatchMember { prepared, ready } = member;
    let name = prepared.chosen.environment.name.clone();
    Application {
        issue: issue_of(workspace, &name, &prepared, None),
        undoes: None,
        proposal: None,
        before: before(workspace, &name, &prepared),
        consent: consent.clone(),
        brakes: prepared.chosen.brakes,
        prepared,
        ready,
    }
}

fn applied(chosen: &Chosen, result: AppliedTogether) -> BatchRow {
    match result {
        Ok(applied) => {
            // What AWS did not confirm is no success to go on from.
            let outcome = match (applied.outcome, applied.applied_at) {
                (RemediationOutcome::Unverified, None) => "unknown",
                (outcome, _) => outcome.word(),
            };
            BatchRow {
                id: Some(applied.id),
                ..row(chosen, outcome, applied.reason)
            }
        }
        Err(why) => row(chosen, "held", Untrusted::new(NotApplied::words(&why))),
    }
}

impl BatchRow {
    fn is_failure(&self) -> bool {
        !matches!(self.outcome, "unverified" | "success" | "nothing")
    }

    fn json(&self) -> Value {
        json!({
            "resource": self.resource,
            "action": self.action,
            "id": self.id,
            "outcome": self.outcome,
            "reason": self.reason,
        })
    }
}

fn show_rows(
    app: &App,
    name: &EnvironmentName,
    rows: &[BatchRow],
    format: AnswerFormat,
) -> Result<ExitCode, CommandError> {
    let answer = match format {
        AnswerFormat::Json => {
            let rows: Vec<Value> = rows.iter().map(BatchRow::json).collect();
            let answer = json!({ "version": "1.0.0", "kind": "remediation-batch",
                "environment": name, "resources": rows });
            json::pretty(&answer).map_err(CommandError::bug)?
        }
        AnswerFormat::Text => {
            let lines = rows.iter().map(|row| text::BatchLine {
                resource: &row.resource,
                action: &row.action,
                id: row.id.as_deref(),
                outcome: row.outcome,
                reason: &row.reason,
            });
            text::batch(&lines.collect::<Vec<_>>(), name.as_str(), &app.ui.style())
        }
    };
    output::write(app, &answer)?;
    let failed = rows.iter().any(BatchRow::is_failure);
    Ok(match failed {
        true => ExitCode::Found,
        false => ExitCode::Ok,
    })
}
