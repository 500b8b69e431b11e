//! What a run does about remediations once it has landed what it saw: closes what was interrupted,
//! judges what was applied, applies what somebody has merged, and what `auto_remediate` allows.

use jiff::Timestamp;

use crate::app::App;
use crate::app::apply::remediate::record;
use crate::app::remediate::prepare::{self, ActionRequest};
use crate::app::remediate::{automatic, merged};
use crate::app::wait;
use crate::app::workspace::Workspace;
use crate::app::workspace::load;
use crate::core::remediate::case::ActionCase;
use crate::core::remediate::history::Remediation;
use crate::core::remediate::plan;
use crate::core::remediate::protocol;
use crate::core::remediate::verify::{self, HelpVerdict};
use crate::error::CommandError;
use crate::git::Repository;
use crate::model::ids::EnvironmentName;
use crate::model::remediation::{ActionSituation, RemediationEntry, RemediationOutcome};
use crate::text::Untrusted;

/// What is said first of one that was interrupted.
const ENDED: &str = "the run ended before it could say";
/// Seconds that no action takes longer than.
const LONGEST_SECONDS: u32 = 3600;

/// Whether there is anything to do: runs that find nothing read no more than this.
pub(crate) fn is_due(
    workspace: &Workspace,
    names: &[EnvironmentName],
    now: Timestamp,
) -> Result<bool, CommandError> {
    if automatic::is_on(workspace) {
        return Ok(true);
    }
    for name in names {
        if !merged::waiting(workspace, name)?.is_empty() {
            return Ok(true);
        }
        let done = workspace.remediations().read(name)?;
        if done
            .iter()
            .any(|one| one.is_open() || verify::may_be_news(one, now))
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Does it, environment by environment. What fails in one is said, and the others go on.
pub(crate) fn run(
    app: &App,
    repository: Repository,
    names: &[EnvironmentName],
) -> Result<(), CommandError> {
    let mut first = Ok(());
    for name in names {
        let result = in_environment(app, &repository, name);
        if let Err(error) = result {
            for line in error.lines() {
                app.ui.warn(&line);
            }
            first = first.and(Err(error));
        }
    }
    first
}

fn in_environment(
    app: &App,
    repository: &Repository,
    name: &EnvironmentName,
) -> Result<(), CommandError> {
    let mut workspace = load::load_from(&app.ui, repository.clone())?;
    for one in workspace.remediations().read(name)? {
        if one.is_open() {
            workspace = close_interrupted(app, workspace, name, &one)?;
        } else if verify::may_be_news(&one, app.clock.now()) {
            workspace = judge(app, workspace, name, &one)?;
        }
    }
    let workspace = merged::apply_all(app, workspace, name)?;
    automatic::apply_all(app, workspace, name).map(drop)
}

/// Closes an intent without an outcome, by what AWS shows. Nothing is ever sent again.
fn close_interrupted(
    app: &App,
    workspace: Workspace,
    name: &EnvironmentName,
    one: &Remediation,
) -> Result<Workspace, CommandError> {
    let first = &one.first;
    let request = ActionRequest::recorded(&first.action, &first.arn, &first.parameters);
    let chosen = match prepare::choose(&workspace, name, &request) {
        Ok(chosen) => chosen,
        // Nothing waits for ever, as when the resource is not registered any more.
        Err(error) if protocol::may_close(one, LONGEST_SECONDS, app.clock.now()) => {
            let why = format!(
                "{ENDED}, and what it was about is not known any more: {}",
                error.in_one_line()
            );
            return interrupted(app, workspace, one, why);
        }
        Err(error) => return Err(error),
    };
    if !protocol::may_close(one, chosen.action.limit_seconds, app.clock.now()) {
        return Ok(workspace);
    }
    if chosen.action.program.is_some() {
        let why = format!("{ENDED}; what its program did is not known");
        return interrupted(app, workspace, one, why);
    }
    let what = format!("looking at what became of {}", one.id);
    let read = wait::wait_for(app, &what, async {
        let opened = prepare::open(app, &workspace, &chosen.environment).await?;
        Ok(opened.cloud.situation(&chosen.question()).await)
    })?;
    let Ok(situation) = read else {
        app.ui.warn(&format!(
            "{} was interrupted, and AWS does not say what became of it; the next run asks again",
            one.id
        ));
        return Ok(workspace);
    };
    let (outcome, reason, is_applied) = what_became(app, one, &chosen, &situation);
    let entry = RemediationEntry {
        of: Some(one.id.clone()),
        outcome,
        reason: Some(Untrusted::new(reason)),
        applied_at: is_applied.then(|| app.clock.now()),
        evidence: Vec::new(),
        facts: Default::default(),
        ..one.last.clone()
    };
    record::close(app, workspace, entry)
}

/// Closes one of which nothing more will be known.
fn interrupted(
    app: &App,
    workspace: Workspace,
    one: &Remediation,
    why: String,
) -> Result<Workspace, CommandError> {
    let entry = RemediationEntry {
        of: Some(one.id.clone()),
        outcome: RemediationOutcome::Interrupted,
        reason: Some(Untrusted::new(why)),
        evidence: Vec::new(),
        facts: Default::default(),
        ..one.last.clone()
    };
    record::close(app, workspace, entry)
}

fn what_became(
    app: &App,
    one: &Remediation,
    chosen: &prepare::Chosen,
    situation: &ActionSituation,
) -> (RemediationOutcome, String, bool) {
    let interrupted = |text: String| (RemediationOutcome::Interrupted, text, false);
    // What was kept went through a file; what is read now goes the same way.
    let was = record::kept_facts(&one.first.facts);
    let now = record::kept_facts(&record::facts(&situation.facts));
    let (Some(was), Some(now)) = (was, now) else {
        return interrupted(format!("{ENDED}, and its facts cannot be read"));
    };
    let parameters = chosen
        .action
        .parameters
        .iter()
        .filter_map(|(name, parameter)| {
            let text = one.first.parameters.get(name)?;
            let value = parameter.kind.read(name, text.raw()).ok()?;
            Some((name.clone(), value))
        });
    let now = ActionSituation {
        facts: now,
        gaps: situation.gaps.clone(),
    };
    let case = ActionCase {
        action: &chosen.action,
        resource: &chosen.resource,
        situation: &now,
        was: &was,
        parameters: parameters.collect(),
        made: Default::default(),
        token: &one.id,
        now: app.clock.now(),
    };
    match plan::is_done(&case) {
        Ok(true) if !plan::can_tell(&case, &chosen.action.done) => interrupted(format!(
            "{ENDED}, and AWS does not show whether it was made: {}",
            case.fill(&chosen.action.from).raw()
        )),
        Ok(true) => (
            RemediationOutcome::Unverified,
            format!("{ENDED}; AWS has made the change"),
            true,
        ),
        Ok(false) => interrupted(format!(
            "{ENDED}; AWS does not show the change: {}{}",
            case.fill(&chosen.action.from).raw(),
            goes_on(app, one, &case)
        )),
        Err(why) => {
            let why: Vec<String> = why.iter().map(Untrusted::redacted).collect();
            interrupted(format!(
                "{ENDED}, and it is not known whether AWS has made the change: {}",
                why.join("; ")
            ))
        }
    }
}

/// Says where AWS still makes the change, and how people stop it: nobody watches it any more.
fn goes_on(app: &App, one: &Remediation, case: &ActionCase<'_>) -> String {
    let stop = case.action.stop.as_ref();
    let running = stop.filter(|stop| matches!(case.holds(&stop.running), Ok(true)));
    running.map_or_else(String::new, |stop| {
        let how = case.fill(&stop.by_hand);
        app.ui.warn(&format!(
            "{} was interrupted and still goes on, and nothing watches it; to stop it: {}",
            one.id,
            how.raw()
        ));
        format!("; it still goes on, and this stops it: {}", how.raw())
    })
}

/// Judges what was applied by the newest report.
fn judge(
    app: &App,
    workspace: Workspace,
    name: &EnvironmentName,
    one: &Remediation,
) -> Result<Workspace, CommandError> {
    let Some(report) = workspace.records().latest(name) else {
        return Ok(workspace);
    };
    let deployed = workspace.remediations().deployed(name);
    let done = workspace.remediations().read(name)?;
    let Some(judged) = verify::news(one, report, &deployed, &done) else {
        return Ok(workspace);
    };
    app.ui.note(&verdict_words(one, &judged));
    let helped = judged.outcome == RemediationOutcome::Success;
    let entry = RemediationEntry {
        of: Some(one.id.clone()),
        outcome: judged.outcome,
        reason: Some(judged.reason),
        verification: Some(judged.verification),
        time_to_resolution_seconds: helped.then(|| resolution(&workspace, one, report.window.end)),
        evidence: Vec::new(),
        facts: Default::default(),
        ..one.last.clone()
    };
    record::close(app, workspace, entry)
}

/// What a verdict is called for people.
fn verdict_words(one: &Remediation, judged: &HelpVerdict) -> String {
    let what = format!(
        "{} of {} ({})",
        one.first.action,
        one.first.resource.terminal(),
        one.id
    );
    let reason = judged.reason.terminal();
    match judged.outcome {
        RemediationOutcome::Success => {
            format!("health check passed after {what}: {reason}; service operational")
        }
        RemediationOutcome::Failed => format!("health check failed after {what}: {reason}"),
        _ => format!("{what} stays unverified: {reason}"),
    }
}

/// Seconds from the detection of the issue, or from consent, to the end of the window that shows
/// that it is over.
fn resolution(workspace: &Workspace, one: &Remediation, end: jiff::Timestamp) -> u64 {
    let issue = one.first.issue_id.as_ref();
    let issue = issue.and_then(|id| workspace.issues().document(id).ok().flatten());
    let since = issue.map_or(one.first.consent.at, |document| document.value.detected_at);
    u64::try_from(end.as_second() - since.as_second()).unwrap_or_default()
}
