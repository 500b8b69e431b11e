//! What `auto_remediate` allows: a run applies it by itself, within the brakes.

use crate::app::App;
use crate::app::apply::remediate::{self as apply, Application, NotApplied};
use crate::app::escalate::{self, EscalationRequest};
use crate::app::remediate::context;
use crate::app::remediate::custom::CustomActions;
use crate::app::remediate::prepare::{self, ActionRequest, Chosen};
use crate::app::remediate::safety::{self, TrustedSafety};
use crate::app::workspace::landing::{self, Landing};
use crate::app::workspace::{Workspace, load, push};
use crate::catalog::actions::{Action, Actions};
use crate::core::remediate::brakes::MOST_FAILURES;
use crate::core::remediate::offer;
use crate::core::remediate::permit::{Forbidden, SafetyLevel};
use crate::core::remediate::plan::PlanOutcome;
use crate::error::CommandError;
use crate::model::ids::EnvironmentName;
use crate::model::issue::Issue;
use crate::model::remediation::{ConsentRecord, ConsentWay};
use crate::text::Untrusted;

/// Whether a configuration lets runs act at all.
pub(crate) fn is_on(workspace: &Workspace) -> bool {
    !workspace
        .settings()
        .monitoring
        .remediation
        .auto_remediate
        .is_empty()
}

/// Whether that counts here. Where it does not, it is said.
fn counts(app: &App, workspace: &Workspace) -> Result<bool, CommandError> {
    if !is_on(workspace) {
        return Ok(false);
    }
    let is_unknown = TrustedSafety::read(&workspace.repository)?.is_unknown();
    if is_unknown {
        app.ui.warn(
            "`auto_remediate` does not count: the default branch of `origin` is not known here; git remote set-head origin --auto",
        );
    }
    Ok(!is_unknown)
}

/// Applies what is allowed, one issue after the other; what stands in the way is said.
pub(crate) fn apply_all(
    app: &App,
    mut workspace: Workspace,
    name: &EnvironmentName,
) -> Result<Workspace, CommandError> {
    if !counts(app, &workspace)? {
        return Ok(workspace);
    }
    let issues: Vec<Issue> = offer::issues(workspace.issues().active(), name)
        .into_iter()
        .cloned()
        .collect();
    let done = workspace.remediations().read(name)?;
    let custom = CustomActions::read(&workspace)?.all(app, &workspace);
    for issue in issues {
        let mut why = offer::given_up(&issue, &done)
            .map(|action| format!("{action} did not help {MOST_FAILURES} times"));
        let all = Actions::built_in().iter().chain(&custom);
        for action in offer::for_issue(all, &issue, &done) {
            let repository = workspace.repository.clone();
            let Some(application) = application(app, &workspace, name, &issue, action)? else {
                continue;
            };
            match apply::apply(app, workspace, &application) {
                Ok((next, applied)) => {
                    app.ui.note(&format!(
                        "applied {} for {} as {}: {}",
                        action.id,
                        issue.id,
                        applied.id,
                        applied.outcome.word()
                    ));
                    workspace = next;
                    why = None;
                    break;
                }
                Err(NotApplied::Held(brake)) => {
                    app.ui.note(&format!(
                        "{} is not applied for {}: {}",
                        action.id,
                        issue.id,
                        brake.words()
                    ));
                    if brake.escalates() {
                        why = Some(format!("{}: {}", action.id, brake.words()));
                    }
                }
                Err(other) => app.ui.warn(&other.into_error().in_one_line()),
            }
            workspace = load::load_from(&app.ui, repository)?;
        }
        if let Some(why) = why {
            workspace = hand_over(app, workspace, &issue, &why)?;
        }
    }
    Ok(workspace)
}

/// Hands an issue over to people, as `escalate` does. Where that fails, it is said, and the next run
/// tries again.
fn hand_over(
    app: &App,
    workspace: Workspace,
    issue: &Issue,
    why: &str,
) -> Result<Workspace, CommandError> {
    let repository = workspace.repository.clone();
    let request = &EscalationRequest {
        id: issue.id.as_str(),
        priority: None,
        reason: Some(why),
    };
    let landing = Landing::Commit;
    let handed_over = escalate::make(app, request, &workspace.documents(), issue, landing)
        .and_then(|made| {
            let (workspace, _, landed) =
                landing::decide_and_land(app, workspace, landing, |workspace| {
                    escalate::propose(app, request, &workspace.documents(), None, &made)
                })?;
            push::push_record(app, &workspace.repository, &landed)?;
            Ok(made)
        });
    match handed_over {
        Ok(made) => app.ui.note(&format!(
            "{} needs people ({why}); the work item is {}",
            issue.id,
            made.url.terminal()
        )),
        Err(error) => {
            app.ui.warn(&error.in_one_line());
            app.ui.warn(&format!(
                "{} needs people ({why}): fractary escalate {}",
                issue.id, issue.id
            ));
        }
    }
    load::load_from(&app.ui, repository)
}

/// Whether nobody has to be asked.
fn is_permitted(app: &App, workspace: &Workspace, chosen: &Chosen) -> Result<bool, CommandError> {
    let freeze = safety::freeze(workspace)?;
    let permitted = chosen.permit(ConsentWay::Automatic, freeze.as_ref(), app.clock.now());
    if let Err(forbidden) = &permitted {
        let why = forbidden.words();
        tracing::debug!(action = %chosen.action.id, %why, "not automatic");
        if let Forbidden::Overdue(_) = forbidden {
            let (action, name) = (&chosen.action.id, chosen.resource.name.terminal());
            app.ui.warn(&format!(
                "{action} would be tried for {name}, and is not: {why}; fractary remediate {action} {name} --env {} --propose",
                chosen.environment.name
            ));
        }
    }
    Ok(permitted.is_ok())
}

/// Says why an action that runs may apply cannot be. Of the others nothing is missing.
fn note_unusable(
    app: &App,
    workspace: &Workspace,
    issue: &Issue,
    action: &Action,
    error: &CommandError,
) -> Result<(), CommandError> {
    let safety = TrustedSafety::read(&workspace.repository)?;
    if safety.level(workspace.settings(), action) == SafetyLevel::Auto {
        let why = error.in_one_line();
        app.ui.warn(&format!(
            "{} is not applied for {}: {why}",
            action.id, issue.id
        ));
    }
    Ok(())
}

/// The application, where the action may be run and there is something to do.
fn application(
    app: &App,
    workspace: &Workspace,
    name: &EnvironmentName,
    issue: &Issue,
    action: &Action,
) -> Result<Option<Application>, CommandError> {
    let Some(arn) = issue.resource.subject.arn() else {
        return Ok(None);
    };
    let request = ActionRequest {
        action: action.id.clone(),
        resource: arn.to_string(),
        given: Default::default(),
    };
    let chosen = match prepare::choose(workspace, name, &request) {
        Ok(chosen) => chosen,
        Err(error) => {
            note_unusable(app, workspace, issue, action, &error)?;
            return Ok(None);
        }
    };
    if !is_permitted(app, workspace, &chosen)? {
        return Ok(None);
    }
    let now = app.clock.now();
    let prepared = prepare::prepare(app, workspace, chosen, "plan")?;
    let ready = match &prepared.planned {
        PlanOutcome::Ready(ready) => ready.as_ref().clone(),
        PlanOutcome::Nothing(_) | PlanOutcome::Impossible { .. } => return Ok(None),
        PlanOutcome::Unknown(why) => {
            let why: Vec<String> = why.iter().map(Untrusted::terminal).collect();
            app.ui.warn(&format!(
                "{} is not applied for {}: {}",
                action.id,
                issue.id,
                why.join("; ")
            ));
            return Ok(None);
        }
    };
    Ok(Some(Application {
        issue: Some(issue.id.clone()),
        undoes: None,
        proposal: None,
        before: context::before(workspace, name, &prepared),
        consent: ConsentRecord {
            by: None,
            how: ConsentWay::Automatic,
            at: now,
            reference: Some("auto_remediate".to_owned()),
        },
        brakes: prepared.chosen.brakes,
        prepared,
        ready,
    }))
}
