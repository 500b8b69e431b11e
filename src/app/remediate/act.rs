//! `remediate` from the plan to the record: shown, agreed to, applied.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::app::App;
use crate::app::answer::output;
use crate::app::apply::remediate::{self as apply, Application, Applied};
use crate::app::formats::AnswerFormat;
use crate::app::remediate::consent;
use crate::app::remediate::context::{before, issue_of};
use crate::app::remediate::prepare::{self, ActionRequest, Prepared};
use crate::app::remediate::propose;
use crate::app::remediate::safety;
use crate::app::remediate::show;
use crate::app::workspace::Workspace;
use crate::core::remediate::history::{self, Remediation};
use crate::core::remediate::offer;
use crate::core::remediate::plan::{PlanOutcome, ReadyPlan};
use crate::error::{CommandError, ErrorKind, ExitCode};
use crate::model::answers::RemediationHistory;
use crate::model::ids::EnvironmentName;
use crate::model::issue::Issue;
use crate::model::log::LogEntry;
use crate::model::remediation::{ActionPlan, RemediationOutcome, UndoStep};
use crate::render::{json, text};
use crate::text::Untrusted;
use crate::text::phrases::{counted, counted_as};

/// How an action is to be run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner<'a> {
    /// `--yes`.
    pub(crate) yes: bool,
    /// `--propose`.
    pub(crate) propose: bool,
    /// `--issue`.
    pub(crate) issue: Option<&'a Issue>,
    /// The remediation that it undoes.
    pub(crate) undoes: Option<&'a Remediation>,
    /// The format of the answer.
    pub(crate) format: AnswerFormat,
}

/// Plans, asks, applies and shows.
pub(crate) fn run(
    app: &App,
    workspace: Workspace,
    name: &EnvironmentName,
    request: &ActionRequest,
    manner: Manner<'_>,
) -> Result<ExitCode, CommandError> {
    let chosen = prepare::choose(&workspace, name, request)?;
    let mut prepared = prepare::prepare(app, &workspace, chosen, "plan")?;
    note_changes_since(&mut prepared, manner.undoes);
    note_cause(&workspace, name, &mut prepared, manner.issue);
    note_unproven(&workspace, &mut prepared)?;
    if let Some(code) = show::unready(app, &prepared, manner.format)? {
        return Ok(code);
    }
    let PlanOutcome::Ready(ready) = &prepared.planned else {
        return Ok(ExitCode::Ok);
    };
    let ready = ReadyPlan::clone(ready);
    if manner.propose {
        let (issue, format) = (manner.issue, manner.format);
        return propose::propose(app, workspace, &prepared, &ready, issue, format);
    }
    show_plan(app, &prepared, &ready.plan, manner.format)?;
    if app.global.dry_run {
        return Ok(ExitCode::Ok);
    }
    let freeze = safety::freeze(&workspace)?;
    let consent = consent::obtain(
        app,
        &workspace,
        &prepared.chosen,
        freeze.as_ref(),
        manner.yes,
    )?;
    let application = Application {
        issue: issue_of(&workspace, name, &prepared, manner.issue),
        undoes: manner.undoes.map(|one| one.id.clone()),
        proposal: None,
        before: before(&workspace, name, &prepared),
        consent,
        brakes: prepared.chosen.brakes,
        prepared,
        ready,
    };
    app.ui.lines(&["Applying remediation...".to_owned()]);
    let (_, applied) =
        apply::apply(app, workspace, &application).map_err(apply::NotApplied::into_error)?;
    show_applied(app, &application, &applied, manner.format)
}

/// Says where what is to be undone was changed since.
fn note_changes_since(prepared: &mut Prepared, undoes: Option<&Remediation>) {
    let (Some(one), PlanOutcome::Ready(ready)) = (undoes, &mut prepared.planned) else {
        return;
    };
    let is_mirror = ready.plan.action == one.first.action;
    if is_mirror && ready.plan.from.redacted() != one.first.plan.to.redacted() {
        let (is, was) = (ready.plan.from.raw(), one.first.plan.to.raw());
        let text = format!(
            "it was changed since: it is {is}, and {} had made it {was}",
            one.id
        );
        ready.plan.warnings.push(Untrusted::new(text));
    }
}

/// Says where the cause that was found is one that the action cannot help against.
pub(super) fn note_cause(
    workspace: &Workspace,
    name: &EnvironmentName,
    prepared: &mut Prepared,
    named: Option<&Issue>,
) {
    let id = issue_of(workspace, name, prepared, named);
    let issue = id.and_then(|id| workspace.issues().document(&id).ok().flatten());
    let warning = issue.and_then(|document| {
        let gate = offer::gate(&document.value, &prepared.chosen.action);
        gate.warning()
    });
    if let (Some(warning), PlanOutcome::Ready(ready)) = (warning, &mut prepared.planned) {
        ready.plan.warnings.push(warning);
    }
}

/// Says where an action of a protected environment has not helped in any other one yet.
pub(super) fn note_unproven(
    workspace: &Workspace,
    prepared: &mut Prepared,
) -> Result<(), CommandError> {
    let chosen = &prepared.chosen;
    let PlanOutcome::Ready(ready) = &mut prepared.planned else {
        return Ok(());
    };
    if !chosen.is_protected {
        return Ok(());
    }
    let all = workspace.settings().environments();
    let mut others = all
        .filter(|other| other.name != chosen.environment.name)
        .peekable();
    // Nothing can be tried elsewhere first.
    if others.peek().is_none() {
        return Ok(());
    }
    let mut done = Vec::new();
    for other in others {
        done.extend(workspace.remediations().read_all(&other.name)?);
    }
    if !history::is_proven(&done, &chosen.action.id, &ready.plan.resource.kind) {
        let text = "it has not helped a resource of this kind in another environment yet";
        ready.plan.warnings.push(Untrusted::from(text));
    }
    Ok(())
}

fn show_plan(
    app: &App,
    prepared: &Prepared,
    plan: &ActionPlan,
    format: AnswerFormat,
) -> Result<(), CommandError> {
    let shown = show::plan_text(app, prepared, plan);
    match (format, app.global.dry_run) {
        (AnswerFormat::Text, true) => output::write(app, &shown),
        (AnswerFormat::Json, true) => {
            let answer = show::answer(prepared);
            output::write(app, &json::pretty(&answer).map_err(CommandError::bug)?)
        }
        // The answer is what came of it; the plan is for whoever is asked.
        (_, false) => {
            let lines: Vec<String> = shown.lines().map(str::to_owned).collect();
            app.ui.lines(&lines);
            Ok(())
        }
    }
}

fn show_applied(
    app: &App,
    application: &Application,
    applied: &Applied,
    format: AnswerFormat,
) -> Result<ExitCode, CommandError> {
    let plan = &application.ready.plan;
    let environment = &application.prepared.chosen.environment.name;
    let answer = match format {
        AnswerFormat::Text => text::applied(
            &text::AppliedText {
                plan,
                environment: environment.as_str(),
                id: &applied.id,
                outcome: applied.outcome,
                reason: &applied.reason,
                judged_from: judged_from(application, applied),
            },
            &app.ui.style(),
        ),
        AnswerFormat::Json => json::pretty(&serde_json::json!({
            "version": "1.0.0",
            "kind": "remediation",
            "id": applied.id,
            "environment": environment,
            "outcome": applied.outcome,
            "reason": applied.reason,
            "plan": plan,
        }))
        .map_err(CommandError::bug)?,
    };
    output::write(app, &answer)?;
    Ok(match (applied.outcome, applied.applied_at) {
        (RemediationOutcome::Failed, _) => ExitCode::Found,
        // What nobody knows to have been done is no success to go on from.
        (_, None) => ExitCode::Unknown,
        (_, Some(_)) => ExitCode::Ok,
    })
}

/// From when on what is measured says whether it helped.
fn judged_from(application: &Application, applied: &Applied) -> Option<Timestamp> {
    let settle = application.prepared.chosen.action.settle_seconds;
    let settle = SignedDuration::from_secs(i64::from(settle));
    applied.applied_at?.checked_add(settle).ok()
}

/// Undoes a remediation.
pub(crate) fn undo(
    app: &App,
    workspace: Workspace,
    names: &[EnvironmentName],
    id: &str,
    manner: Manner<'_>,
) -> Result<ExitCode, CommandError> {
    let one = find(&workspace, names, id)?;
    let step = undo_step(&one)?;
    let request = ActionRequest::recorded(&step.action, &one.first.arn, &step.parameters);
    let name = one.first.environment.clone();
    let manner = Manner {
        undoes: Some(&one),
        ..manner
    };
    run(app, workspace, &name, &request, manner)
}

/// Finds a remediation by its id, or the start of it.
pub(crate) fn find(
    workspace: &Workspace,
    names: &[EnvironmentName],
    id: &str,
) -> Result<Remediation, CommandError> {
    // Of an empty one every id is a start, as where a variable of a script is not set.
    if id.is_empty() {
        return Err(CommandError::usage("the id of the remediation is empty")
            .hint("`fractary remediate --history` shows them"));
    }
    let logs = workspace.remediations();
    let mut found: Vec<Remediation> = Vec::new();
    for name in names {
        let done = logs.read(name)?;
        found.extend(done.into_iter().filter(|one| one.id.starts_with(id)));
    }
    if found.is_empty() {
        // It may be older than what is read as a rule.
        for name in names {
            let done = logs.read_all(name)?;
            found.extend(done.into_iter().filter(|one| one.id.starts_with(id)));
        }
    }
    only_one(&found, id)
}

fn only_one(found: &[Remediation], id: &str) -> Result<Remediation, CommandError> {
    let shown = crate::text::escape::terminal(id);
    match found {
        [one] => Ok(one.clone()),
        [] => Err(
            CommandError::usage(format!("no remediation `{shown}` is in the log"))
                .hint("`fractary remediate --history` shows them"),
        ),
        _ => {
            let ids: Vec<&str> = found.iter().map(|one| one.id.as_str()).collect();
            Err(
                CommandError::usage(format!("`{shown}` is the start of several ids"))
                    .hint(ids.join(", ")),
            )
        }
    }
}

/// How a remediation is undone.
fn undo_step(one: &Remediation) -> Result<UndoStep, CommandError> {
    match (one.outcome(), &one.first.undo) {
        (RemediationOutcome::Undone, _) => {
            Err(CommandError::usage(format!("{} is undone already", one.id)))
        }
        (RemediationOutcome::Refused, _) => {
            Err(CommandError::usage(format!("{} was never sent", one.id)))
        }
        (RemediationOutcome::Started, _) => {
            let message = format!("{} is under way, or was interrupted", one.id);
            Err(CommandError::say(ErrorKind::Refused, message).hint("the next run closes it"))
        }
        (_, None) => {
            let message = format!("`{}` cannot be undone", one.first.action);
            Err(CommandError::usage(message))
        }
        (_, Some(step)) => Ok(step.clone()),
    }
}

/// Shows what was done.
pub(crate) fn show_history(
    app: &App,
    workspace: &Workspace,
    names: &[EnvironmentName],
    format: AnswerFormat,
) -> Result<ExitCode, CommandError> {
    let logs = workspace.remediations();
    let mut rows = Vec::new();
    let mut figures = BTreeMap::new();
    let (mut unread, mut strange) = (0, 0);
    for name in names {
        let entries = logs.entries(name, 1)?;
        let is_strange = |entry: &&LogEntry| history::read_entry(entry).is_none();
        strange += entries.iter().filter(is_strange).count();
        unread += logs.archives(name)?.len().saturating_sub(1);
        rows.extend(history::fold(&entries));
        figures.insert(name.to_string(), logs.statistics(name)?);
    }
    note_unshown(app, unread as u64, strange as u64);
    rows.sort_by(|a, b| {
        b.started_at
            .cmp(&a.started_at)
            .then_with(|| b.id.cmp(&a.id))
    });
    let answer = match format {
        AnswerFormat::Text if rows.is_empty() && strange > 0 => String::new(),
        AnswerFormat::Text => {
            let rows: Vec<text::HistoryLine<'_>> = rows.iter().map(line).collect();
            text::remediations(&rows, &figures, &app.ui.style())
        }
        AnswerFormat::Json => {
            let history = RemediationHistory {
                version: "1.0.0",
                kind: "remediation-history",
                remediations: rows.iter().map(row).collect(),
                statistics: figures,
            };
            json::pretty(&history).map_err(CommandError::bug)?
        }
    };
    output::write(app, &answer)?;
    Ok(ExitCode::Ok)
}

/// Says what of the log is not shown.
fn note_unshown(app: &App, unread: u64, strange: u64) {
    if strange > 0 {
        app.ui.warn(&format!(
            "{} of the log not shown: written by another version, or edited; see `fractary check`",
            counted_as(strange, "entry", "entries")
        ));
    }
    if unread > 0 {
        app.ui.note(&format!(
            "older remediations are in {} beside the log; `--undo` and `--patch` find them by id",
            counted(unread, "archive")
        ));
    }
}

fn line(one: &Remediation) -> text::HistoryLine<'_> {
    text::HistoryLine {
        id: &one.id,
        at: one.started_at,
        entry: &one.last,
        plan: &one.first.plan,
    }
}

fn row(one: &Remediation) -> serde_json::Map<String, serde_json::Value> {
    let entry = serde_json::to_value(&one.last).unwrap_or_default();
    let mut row = match entry {
        serde_json::Value::Object(row) => row,
        _ => serde_json::Map::new(),
    };
    row.insert("id".to_owned(), one.id.as_str().into());
    row.insert("started_at".to_owned(), one.started_at.to_string().into());
    row.insert("ended_at".to_owned(), one.last_at.to_string().into());
    row.shift_remove("of");
    row.shift_remove("facts");
    row
}
