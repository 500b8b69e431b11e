//! Showing plans.

use crate::app::App;
use crate::app::answer::output;
use crate::app::formats::AnswerFormat;
use crate::app::remediate::custom::CustomActions;
use crate::app::remediate::prepare::Prepared;
use crate::app::remediate::safety::TrustedSafety;
use crate::app::workspace::Workspace;
use crate::catalog::actions::Actions;
use crate::core::remediate::permit::SafetyLevel;
use crate::core::remediate::plan::PlanOutcome;
use crate::error::{CommandError, ErrorKind, ExitCode};
use crate::model::answers::ListedAction;
use crate::model::remediation::{ActionPlan, PlanAnswer};
use crate::render::{json, text};
use crate::text::Untrusted;

/// Returns what planning came to, as a document.
pub(crate) fn answer(prepared: &Prepared) -> PlanAnswer {
    let (verdict, because, instead, plan) = match &prepared.planned {
        PlanOutcome::Ready(ready) => ("ready", Vec::new(), None, Some(ready.plan.clone())),
        PlanOutcome::Nothing(says) => ("nothing", vec![says.clone()], None, None),
        PlanOutcome::Impossible { because, instead } => {
            ("impossible", vec![because.clone()], instead.clone(), None)
        }
        PlanOutcome::Unknown(why) => ("unknown", why.clone(), None, None),
    };
    PlanAnswer {
        version: "1.0.0",
        kind: "remediation-plan",
        environment: prepared.chosen.environment.name.clone(),
        verdict,
        because,
        instead,
        safety: prepared.chosen.level.word(),
        is_protected: prepared.chosen.is_protected,
        plan,
    }
}

/// Returns the plan as text, with the steps by hand where nothing else may do it.
pub(crate) fn plan_text(app: &App, prepared: &Prepared, plan: &ActionPlan) -> String {
    let style = app.ui.style();
    let environment = prepared.chosen.environment.name.as_str();
    let mut out = text::action_plan(plan, environment, prepared.chosen.is_protected, &style);
    if prepared.chosen.level == SafetyLevel::Never {
        out.push('\n');
        out.push_str(&text::manual_steps(plan, &style));
    }
    out
}

/// Shows what ends before anything could be applied; `None` where there is a plan.
pub(crate) fn unready(
    app: &App,
    prepared: &Prepared,
    format: AnswerFormat,
) -> Result<Option<ExitCode>, CommandError> {
    let as_json = format == AnswerFormat::Json;
    if as_json && !matches!(prepared.planned, PlanOutcome::Ready(_)) {
        output::write(
            app,
            &json::pretty(&answer(prepared)).map_err(CommandError::bug)?,
        )?;
    }
    let name = prepared.chosen.resource.name.terminal();
    let action = &prepared.chosen.action.id;
    match &prepared.planned {
        PlanOutcome::Ready(_) => Ok(None),
        PlanOutcome::Nothing(says) => {
            if !as_json {
                output::write(app, &format!("Nothing to do: {}.\n", says.terminal()))?;
            }
            Ok(Some(ExitCode::Ok))
        }
        PlanOutcome::Impossible { because, instead } => {
            let error = CommandError::usage(format!(
                "`{action}` is not possible for `{name}`: {}",
                because.terminal()
            ));
            Err(match instead {
                Some(other) => error.hint(format!(
                    "this would do it: fractary remediate {other} {name} --env {}",
                    prepared.chosen.environment.name
                )),
                None => error,
            })
        }
        PlanOutcome::Unknown(why) => {
            let error = CommandError::say(
                ErrorKind::Unknown,
                format!("what `{action}` would do to `{name}` is not known"),
            );
            let why = why.iter().map(Untrusted::terminal);
            Err(why
                .fold(error, CommandError::hint)
                .hint("fractary iam-policy remediate prints the permissions that it needs"))
        }
    }
}

/// Shows the actions that there are, with what each requires.
pub(crate) fn list(
    app: &App,
    format: AnswerFormat,
    workspace: &Workspace,
) -> Result<ExitCode, CommandError> {
    let safety = TrustedSafety::read(&workspace.repository)?;
    let custom = CustomActions::read(workspace)?.all(app, workspace);
    let shown = Actions::built_in().iter().chain(&custom);
    let shown = shown.filter(|one| !one.is_undo_only);
    let lines: Vec<text::ActionLine<'_>> = shown
        .map(|action| text::ActionLine {
            action,
            safety: safety.level(workspace.settings(), action).word(),
        })
        .collect();
    let answer = match format {
        AnswerFormat::Text => text::action_list(&lines, &app.ui.style()),
        AnswerFormat::Json => {
            let rows: Vec<ListedAction> = lines.iter().map(row).collect();
            json::pretty(&rows).map_err(CommandError::bug)?
        }
    };
    output::write(app, &answer)?;
    Ok(ExitCode::Ok)
}

fn row(line: &text::ActionLine<'_>) -> ListedAction {
    let action = line.action;
    let parameters = action.parameters.iter();
    let operations = action.write_operations().into_iter();
    ListedAction {
        action: action.id.clone(),
        title: action.title.clone(),
        kinds: action.kinds.clone(),
        aliases: action.aliases.clone(),
        risk: action.risk.word(),
        safety: line.safety.to_owned(),
        interruption: action.interruption.clone(),
        parameters: parameters
            .map(|(name, one)| (name.clone(), one.about.clone()))
            .collect(),
        operations: operations.map(str::to_owned).collect(),
    }
}
