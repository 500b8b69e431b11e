//! What `remediate` was asked for: an undo, one action on one resource, or on several.

use std::collections::BTreeMap;

use crate::app::App;
use crate::app::formats::AnswerFormat;
use crate::app::remediate::act::{self, Manner};
use crate::app::remediate::batch;
use crate::app::remediate::prepare::ActionRequest;
use crate::app::remediate::words::{self, Typed};
use crate::app::workspace::Workspace;
use crate::core::ask::AskContext;
use crate::error::{CommandError, ExitCode};
use crate::model::ids::EnvironmentName;
use crate::model::issue::Issue;

/// The options of `remediate`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AskedAction<'a> {
    /// Words that belong to no option.
    pub(crate) words: &'a [String],
    /// `--action`.
    pub(crate) action: Option<&'a str>,
    /// Each `--service`.
    pub(crate) services: &'a [String],
    /// Each `--set`.
    pub(crate) sets: &'a [(String, String)],
    /// `--issue`.
    pub(crate) issue: Option<&'a str>,
    /// `--undo`.
    pub(crate) undo: Option<&'a str>,
    /// `--yes`.
    pub(crate) yes: bool,
    /// `--propose`.
    pub(crate) propose: bool,
    /// `--max-errors`.
    pub(crate) max_errors: Option<usize>,
    /// `--format`.
    pub(crate) format: AnswerFormat,
}

/// Does it. `world` is what plain words may name.
pub(crate) fn run(
    app: &App,
    workspace: Workspace,
    asked: &AskedAction<'_>,
    world: impl FnOnce() -> AskContext,
) -> Result<ExitCode, CommandError> {
    let issue = asked.issue.map(|id| workspace.issues().find(id).cloned());
    let issue = issue.transpose()?;
    let manner = Manner {
        yes: asked.yes,
        propose: asked.propose,
        issue: issue.as_ref(),
        undoes: None,
        format: asked.format,
    };
    if let Some(id) = asked.undo {
        expect_nothing_else(asked)?;
        let names = workspace.settings().choose_or_all(&app.global.env)?;
        return act::undo(app, workspace, &names, id, manner);
    }
    if let [_, _, ..] = asked.services {
        let requests = requests(asked)?;
        let name = environment(app, &workspace, issue.as_ref())?;
        let limits = (manner, asked.max_errors);
        return batch::run(app, workspace, &name, &requests, limits);
    }
    if asked.max_errors.is_some() {
        let what = "`--max-errors` is for several resources";
        return Err(CommandError::usage(what).hint("give `--service` more than once"));
    }
    let of_issue = issue.as_ref().map(|issue| issue.resource.name.raw());
    let programs = &workspace.settings().monitoring.remediation.custom;
    let typed = Typed {
        programs: &programs.keys().cloned().collect(),
        words: asked.words,
        action: asked.action,
        resource: asked.services.first().map(String::as_str).or(of_issue),
        is_of_issue: asked.services.is_empty(),
        sets: asked.sets,
    };
    let request = words::read(typed, world)?;
    let name = environment(app, &workspace, issue.as_ref())?;
    act::run(app, workspace, &name, &request, manner)
}

/// What is accepted and ignored is believed to count.
fn expect_nothing_else(asked: &AskedAction<'_>) -> Result<(), CommandError> {
    let is_alone = asked.words.is_empty()
        && asked.action.is_none()
        && asked.sets.is_empty()
        && asked.max_errors.is_none();
    if is_alone {
        return Ok(());
    }
    let what = "`--undo` sets back what was before, and takes neither an action nor a parameter";
    Err(CommandError::usage(what).hint("give `--undo` and the id alone"))
}

fn environment(
    app: &App,
    workspace: &Workspace,
    issue: Option<&Issue>,
) -> Result<EnvironmentName, CommandError> {
    let given = match (&app.global.env[..], issue) {
        ([], Some(issue)) => vec![issue.environment.clone()],
        (given, _) => given.to_vec(),
    };
    let names = workspace.settings().choose(&given)?;
    match &names[..] {
        [one] => Ok(one.clone()),
        _ => Err(CommandError::usage("an action is for one environment").hint("give `--env` once")),
    }
}

/// The same for each resource.
fn requests(asked: &AskedAction<'_>) -> Result<Vec<ActionRequest>, CommandError> {
    let action = match (asked.action, asked.words) {
        (Some(action), []) => action,
        (None, [action]) => action,
        _ => {
            let what = "for several resources an action and nothing else is named";
            return Err(CommandError::usage(what)
                .hint("for instance: fractary remediate restart --service web --service api"));
        }
    };
    let given: BTreeMap<String, String> = asked.sets.iter().cloned().collect();
    let each = asked.services.iter().map(|resource| ActionRequest {
        action: action.to_owned(),
        resource: resource.clone(),
        given: given.clone(),
    });
    Ok(each.collect())
}
