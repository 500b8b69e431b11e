//! Proposing an action: a file that somebody else merges.

use crate::app::App;
use crate::app::answer::output;
use crate::app::apply::remediate::record;
use crate::app::formats::AnswerFormat;
use crate::app::remediate::context::issue_of;
use crate::app::remediate::prepare::Prepared;
use crate::app::workspace::Workspace;
use crate::app::workspace::landing::{self, Landed, Landing, Proposal};
use crate::app::workspace::push;
use crate::core::remediate::permit::SafetyLevel;
use crate::core::remediate::plan::ReadyPlan;
use crate::core::remediate::proposal::{LASTS, digest};
use crate::error::{CommandError, ErrorKind, ExitCode};
use crate::git::Transaction;
use crate::model::issue::Issue;
use crate::model::proposal::ProposalDocument;
use crate::render::json;
use crate::state;
use crate::state::documents::paths;
use crate::text::Untrusted;
use crate::text::times;

/// Writes the proposal of a plan.
pub(crate) fn propose(
    app: &App,
    workspace: Workspace,
    prepared: &Prepared,
    ready: &ReadyPlan,
    named: Option<&Issue>,
    format: AnswerFormat,
) -> Result<ExitCode, CommandError> {
    let name = &prepared.chosen.environment.name;
    let landing = landing::choose(app, crate::app::command::Effect::Commits);
    let id = record::new_id('p', app.clock.now());
    let (workspace, document, landed) = write(
        app,
        workspace,
        &NewProposal {
            id,
            prepared,
            ready,
            named,
        },
        landing,
    )?;
    let path = paths::proposal(name, &document.id);
    let (landed, pushed) = push::push_landed(app, &workspace.repository, landed);
    let answer = match format {
        AnswerFormat::Json => json::pretty(&document).map_err(CommandError::bug)?,
        AnswerFormat::Text => format!(
            "Proposed {} of {} in {name} as {}.\nIt is applied once by the next `fractary run` on the default branch after someone else\nhas merged {path} there, until {}.\n",
            document.action,
            prepared.chosen.resource.name.terminal(),
            document.id,
            times::time(document.expires_at),
        ),
    };
    output::write(app, &answer)?;
    if landing != Landing::Nothing {
        landing::report(app, &landed);
    }
    let on_default = workspace.repository.default_branch()? == workspace.repository.head()?.branch;
    if on_default && matches!(landing, Landing::Commit) {
        app.ui.warn("this is the default branch: a proposal counts only where someone else merges it from another");
    }
    pushed.map(|()| ExitCode::Ok)
}

/// What is proposed.
pub(crate) struct NewProposal<'a> {
    /// Its id.
    pub(crate) id: String,
    /// What is meant, and how the resource is.
    pub(crate) prepared: &'a Prepared,
    /// What would be done.
    pub(crate) ready: &'a ReadyPlan,
    /// The issue that was named.
    pub(crate) named: Option<&'a Issue>,
}

/// Writes the file of a proposal.
pub(crate) fn write(
    app: &App,
    workspace: Workspace,
    new: &NewProposal<'_>,
    landing: Landing,
) -> Result<(Workspace, ProposalDocument, Landed), CommandError> {
    let prepared = new.prepared;
    if prepared.chosen.level == SafetyLevel::Never {
        let message = "it is in `never_auto`, so it cannot be proposed either";
        return Err(CommandError::say(ErrorKind::Refused, message));
    }
    let document = document(app, &workspace, new)?;
    let name = &prepared.chosen.environment.name;
    let path = paths::proposal(name, &document.id);
    let (workspace, (), landed) = landing::decide_and_land(app, workspace, landing, |_| {
        let mut transaction = Transaction::new();
        transaction.write(path.clone(), state::to_bytes(&document));
        let resource =
            crate::text::escape::commit_message_line(prepared.chosen.resource.name.raw());
        let message = format!(
            "fractary(remediate): propose {} {resource} in {name}\n\n{} -> {}\n\nFractary-Command: remediate\nFractary-Env: {name}\n",
            document.action,
            crate::text::escape::commit_message_line(document.plan.from.raw()),
            crate::text::escape::commit_message_line(document.plan.to.raw()),
        );
        Ok(Proposal {
            transaction,
            message,
            facts: (),
        })
    })?;
    Ok((workspace, document, landed))
}

fn document(
    app: &App,
    workspace: &Workspace,
    new: &NewProposal<'_>,
) -> Result<ProposalDocument, CommandError> {
    let NewProposal {
        prepared,
        ready,
        named,
        ..
    } = *new;
    let now = app.clock.now();
    let chosen = &prepared.chosen;
    let name = &chosen.environment.name;
    let issue_id = issue_of(workspace, name, prepared, named);
    let issue = issue_id
        .as_ref()
        .map(|id| workspace.issues().document(id))
        .transpose()?;
    let issue = issue.flatten().map(|document| &document.value);
    let mut evidence: Vec<Untrusted> = issue.map(|issue| issue.title.clone()).into_iter().collect();
    evidence.extend(
        issue
            .iter()
            .flat_map(|issue| issue.symptoms.iter().take(5).cloned()),
    );
    let expires_at = now.checked_add(LASTS).map_err(CommandError::bug)?;
    let mail = workspace.repository.user_mail();
    let mut document = ProposalDocument {
        version: "1.0.0".to_owned(),
        id: new.id.clone(),
        environment: name.clone(),
        created_at: now,
        expires_at,
        proposed_by: mail.map(Untrusted::new),
        issue_id,
        action: chosen.action.id.clone(),
        resource: chosen.resource.arn.clone(),
        parameters: ready.plan.parameters.clone(),
        plan: ready.plan.clone(),
        evidence,
        digest: String::new(),
        refused: None,
    };
    document.digest = digest(&document);
    Ok(document)
}
