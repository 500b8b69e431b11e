//! Consent to a deployment without a terminal: a proposal that somebody else merges.

use crate::app::App;
use crate::app::apply::remediate::record;
use crate::app::infra::preview::{InfraSession, ReadyBytes};
use crate::app::remediate::merged;
use crate::app::workspace::landing::{self, Landing, Proposal};
use crate::app::workspace::{Workspace, push};
use crate::core::infra::deploy_proposal::{self, PlanOfNow};
use crate::core::remediate::proposal::{self, LASTS, MergeCase};
use crate::error::{CommandError, ErrorKind};
use crate::git::Transaction;
use crate::model::deploy_proposal::DeployProposal;
use crate::model::deployments::DeploymentOperation;
use crate::model::ids::EnvironmentName;
use crate::model::paths::{Files, RepoPath};
use crate::model::remediation::{ConsentRecord, ConsentWay};
use crate::state;
use crate::state::documents::paths;
use crate::text::Untrusted;
use crate::text::escape;

/// What merged proposals come to.
#[derive(Default)]
pub(crate) struct MergedConsent {
    /// Consent, and the id of the proposal.
    pub(crate) consent: Option<(ConsentRecord, String)>,
    /// Why the others are none.
    reasons: Vec<String>,
}

impl MergedConsent {
    /// Adds to an error of missing consent how there could be some.
    pub(crate) fn explain(self, error: CommandError, name: &EnvironmentName) -> CommandError {
        let error = self.reasons.into_iter().fold(error, CommandError::hint);
        error.hint(format!(
            "or propose it, for someone else to merge: `fractary infra deploy --env {name} --propose`"
        ))
    }
}

/// Commits a proposal of what was shown, and returns its id.
pub(crate) fn propose(
    app: &App,
    workspace: Workspace,
    session: &InfraSession,
    ready: &ReadyBytes,
) -> Result<String, CommandError> {
    let now = app.clock.now();
    let review = &ready.preview.review;
    let mail = workspace.repository.user_mail();
    let mut document = DeployProposal {
        version: "1.0.0".to_owned(),
        id: record::new_id('p', now),
        environment: session.target.name().clone(),
        created_at: now,
        expires_at: now.checked_add(LASTS).map_err(CommandError::bug)?,
        proposed_by: mail.map(Untrusted::new),
        directory: session.target.directory.clone(),
        source_sha256: ready.kept.kept.basis.source_sha256.clone(),
        serial: session.view.serial,
        summary: review.plans.iter().map(|one| one.summary.clone()).collect(),
        changes: deploy_proposal::changes(review),
        findings: deploy_proposal::findings(review),
        shown_sha256: deploy_proposal::shown_hash(review, &ready.steps),
        digest: String::new(),
    };
    document.digest = proposal::digest(&document);
    let name = session.target.name();
    let path = paths::deploy_proposal(name, &document.id);
    let (workspace, (), landed) = landing::decide_and_land(
        app,
        workspace,
        Landing::Commit,
        |_| {
            let mut transaction = Transaction::new();
            transaction.write(path.clone(), state::to_bytes(&document));
            Ok(Proposal {
                transaction,
                message: format!(
                    "fractary(infra): propose a deployment of {name}\n\n{}\n\nFractary-Command: infra deploy\nFractary-Env: {name}\n",
                    escape::commit_message_line(&document.summary.join("; "))
                ),
                facts: (),
            })
        },
    )?;
    let (landed, pushed) = push::push_landed(app, &workspace.repository, landed);
    landing::report(app, &landed);
    let repository = &workspace.repository;
    if repository.default_branch()? == repository.head()?.branch {
        app.ui.warn("this is the default branch: a proposal counts only where someone else merges it from another");
    }
    pushed.map(|()| document.id)
}

/// Looks for a merged proposal that agrees to this plan.
pub(crate) fn merged(
    app: &App,
    workspace: &Workspace,
    (session, ready): (&InfraSession, &ReadyBytes),
) -> Result<MergedConsent, CommandError> {
    let mut found = MergedConsent::default();
    if ready.kept.kept.operation != DeploymentOperation::Deploy {
        return Ok(found);
    }
    let name = session.target.name();
    let listed = merged::committed(workspace)?.list(&paths::deploy_proposals_dir(name));
    let mut listed = listed.map_err(|error| CommandError::new(ErrorKind::Usage, error))?;
    listed.retain(|path| path.file_name().ends_with(".json"));
    if listed.is_empty() {
        return Ok(found);
    }
    if let Some(why) = merged::not_here(app, workspace)? {
        found.reasons.push(why);
        return Ok(found);
    }
    for path in listed {
        match consent(app, workspace, (session, ready), &path)? {
            Ok(agreed) => {
                found.consent = Some(agreed);
                return Ok(found);
            }
            Err(why) => found.reasons.push(format!(
                "the proposal {} is no consent: {why}",
                escape::terminal(path.file_stem())
            )),
        }
    }
    Ok(found)
}

/// Consent by one proposal, or why it is none.
fn consent(
    app: &App,
    workspace: &Workspace,
    (session, ready): (&InfraSession, &ReadyBytes),
    path: &RepoPath,
) -> Result<Result<(ConsentRecord, String), String>, CommandError> {
    let bytes = merged::committed(workspace)?.read(path);
    let bytes = bytes.map_err(|error| CommandError::new(ErrorKind::Usage, error))?;
    let document: DeployProposal = match serde_json::from_slice(&bytes.unwrap_or_default()) {
        Ok(document) => document,
        Err(error) => return Ok(Err(format!("it could not be read: {error}"))),
    };
    let Some(arrival) = workspace.repository.arrival(path)? else {
        return Ok(Err(
            "its history is not here: a deeper checkout is needed".to_owned()
        ));
    };
    let history = workspace.state.deployments.as_ref();
    let history = history.map_or(&[][..], |one| &one.value.deployments);
    let was_applied = history.iter().any(|one| {
        let record = one.record.as_ref();
        record.and_then(|one| one.proposal.as_deref()) == Some(document.id.as_str())
    });
    let fork_of = merged::fork_of(app, &workspace.repository, &arrival)?;
    let case = MergeCase {
        proposal: &document,
        file: path.file_stem(),
        merged_by: arrival.by.mail.raw(),
        written_by: arrival.written_by.as_ref().map(|by| by.mail.raw()),
        fork_of: fork_of.as_deref(),
        is_untouched: arrival.is_untouched && document.environment == *session.target.name(),
        was_applied,
        bot_merge: false,
        now: app.clock.now(),
    };
    if let Err(fault) = proposal::check(&case) {
        return Ok(Err(fault.to_string()));
    }
    let now = PlanOfNow {
        source_sha256: &ready.kept.kept.basis.source_sha256,
        directory: &session.target.directory,
        shown_sha256: &deploy_proposal::shown_hash(&ready.preview.review, &ready.steps),
    };
    if let Some(why) = deploy_proposal::differs(&document, now) {
        return Ok(Err(why.to_owned()));
    }
    let consent = ConsentRecord {
        by: Some(arrival.by.name.clone()),
        how: ConsentWay::Merged,
        at: app.clock.now(),
        reference: Some(arrival.commit.to_string()),
    };
    Ok(Ok((consent, document.id)))
}
