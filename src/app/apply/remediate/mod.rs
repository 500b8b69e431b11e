//! Applying an action: intent, write, outcome. The intent is committed (and pushed, where commits
//! are) before anything is sent; whatever happens then, a later run finds it.

mod evidence;
mod identity;
mod program;
pub(crate) mod record;
mod send;
pub(crate) mod together;

use jiff::Timestamp;

use crate::app::App;
use crate::app::apply::Applier;
use crate::app::apply::remediate::record::{EntryDraft, LogAddition};
use crate::app::remediate::prepare::Prepared;
use crate::app::wait;
use crate::app::workspace::landing::{self, Landed, Landing};
use crate::app::workspace::{Workspace, load, push};
use crate::core::remediate::brakes::{Brake, BrakeInput, Brakes};
use crate::core::remediate::history::Remediation;
use crate::core::remediate::plan::ReadyPlan;
use crate::core::remediate::protocol::{self, Held};
use crate::error::{CommandError, ErrorKind};
use crate::model::ids::IssueId;
use crate::model::remediation::{
    ConsentRecord, HealthReading, PlanRecord, RemediationEntry, RemediationOutcome,
    VerificationRecord,
};
use crate::text::Untrusted;

use send::SentWrites;

/// An action that someone has agreed to.
pub(crate) struct Application {
    /// What is meant, and how the resource was.
    pub(crate) prepared: Prepared,
    /// What is done.
    pub(crate) ready: ReadyPlan,
    /// Who agreed.
    pub(crate) consent: ConsentRecord,
    /// The issue that it addresses.
    pub(crate) issue: Option<IssueId>,
    /// The remediation that it undoes.
    pub(crate) undoes: Option<String>,
    /// The proposal that it is.
    pub(crate) proposal: Option<String>,
    /// What was seen before.
    pub(crate) before: HealthReading,
    /// The stricter brakes of checkout and default branch.
    pub(crate) brakes: Brakes,
}

/// What it came to.
#[derive(Debug, Clone)]
pub(crate) struct Applied {
    /// The id of the remediation.
    pub(crate) id: String,
    /// The outcome.
    pub(crate) outcome: RemediationOutcome,
    /// Why, in one sentence.
    pub(crate) reason: Untrusted,
    /// When AWS had made the change; `None` where it has not, or that is not known.
    pub(crate) applied_at: Option<Timestamp>,
}

/// Why nothing was sent.
#[derive(Debug)]
pub(crate) enum NotApplied {
    /// A brake holds.
    Held(Brake),
    /// Another run has it.
    Taken(String),
    /// Something else stands in the way.
    Error(CommandError),
}

impl From<CommandError> for NotApplied {
    fn from(error: CommandError) -> Self {
        Self::Error(error)
    }
}

impl NotApplied {
    /// Says what stands in the way.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Held(brake) => brake.words(),
            Self::Taken(why) => why.clone(),
            Self::Error(error) => error.in_one_line(),
        }
    }

    /// Returns the error that a command ends with.
    pub(crate) fn into_error(self) -> CommandError {
        match self {
            Self::Error(error) => error,
            Self::Held(brake) => CommandError::say(
                ErrorKind::Refused,
                format!("{}; nothing was changed", brake.words()),
            ),
            Self::Taken(why) => {
                CommandError::say(ErrorKind::Refused, format!("{why}; nothing was changed"))
            }
        }
    }
}

/// Applies an action. The workspace that comes back is that of the outcome.
pub(crate) fn apply(
    app: &App,
    workspace: Workspace,
    application: &Application,
) -> Result<(Workspace, Applied), NotApplied> {
    refuse_recordings(app)?;
    let environment = &application.prepared.chosen.environment;
    let identity = wait::wait_for(app, "asking whose credentials these are", async {
        identity::check(app, &workspace, environment).await
    })?;
    let mut entry = first_entry(application);
    entry.identity_arn = Some(identity.arn);
    entry.evidence = evidence::collect(app, &workspace, application)?;
    let (workspace, id) = intend(app, workspace, application, &entry)?;
    let action = &application.prepared.chosen.action;
    let applier = Applier::for_action(app, &workspace, &environment.name, action);
    let sent = send_or_run(app, &workspace, application, &applier, &id);
    let sent = match &action.program {
        // An interrupt is passed on to it, and what came of it is recorded.
        Some(_) => wait::runtime()?.block_on(sent),
        None => {
            let left = "it may have been sent: the next run asks AWS and closes the record";
            let sent = async { Ok(sent.await) };
            wait::wait_for_sending(app, "changing the resource", left, sent)?
        }
    };
    Ok(conclude(app, workspace, application, entry, id, sent)?)
}

/// Does what an action is: sends its writes, or runs its program.
async fn send_or_run(
    app: &App,
    workspace: &Workspace,
    application: &Application,
    applier: &Applier,
    id: &str,
) -> SentWrites {
    match &application.prepared.chosen.action.program {
        Some(program) => program::run(app, workspace, application, program, id).await,
        None => send::send(app, workspace, application, applier, id).await,
    }
}

/// A recording is of another time: what it says must not decide about the world of now.
fn refuse_recordings(app: &App) -> Result<(), CommandError> {
    match app.global.replay {
        Some(_) => Err(CommandError::usage(
            "a recording shows plans, and nothing is applied by it",
        )
        .hint("`--dry-run` shows the plan")),
        None => Ok(()),
    }
}

fn first_entry(application: &Application) -> RemediationEntry {
    let chosen = &application.prepared.chosen;
    let plan = &application.ready.plan;
    RemediationEntry {
        environment: chosen.environment.name.clone(),
        of: None,
        outcome: RemediationOutcome::Started,
        reason: None,
        issue_id: application.issue.clone(),
        resource: chosen.resource.name.clone(),
        kind: plan.resource.kind.clone(),
        arn: chosen.resource.arn.clone(),
        action: chosen.action.id.clone(),
        parameters: plan.parameters.clone(),
        safety: chosen.level.word().to_owned(),
        consent: application.consent.clone(),
        plan: PlanRecord {
            from: plan.from.clone(),
            to: plan.to.clone(),
            impact: plan.interruption.clone(),
            facts_hash: plan.facts_hash.clone(),
        },
        verification: Some(VerificationRecord {
            before: application.before.clone(),
            ..VerificationRecord::default()
        }),
        applied_at: None,
        time_to_resolution_seconds: None,
        identity_arn: None,
        api: Default::default(),
        undo: plan.undo.clone(),
        undoes: application.undoes.clone(),
        proposal: application.proposal.clone(),
        drift_expected: None,
        evidence: Vec::new(),
        facts: record::facts(&application.prepared.situation.facts),
    }
}

/// Commits the intent, and pushes it where commits are pushed. Only then may anything be sent.
fn intend(
    app: &App,
    workspace: Workspace,
    application: &Application,
    entry: &RemediationEntry,
) -> Result<(Workspace, String), NotApplied> {
    let id = record::new_id('r', app.clock.now());
    let held = std::cell::RefCell::new(None);
    let (workspace, (), landed) =
        landing::decide_and_land(app, workspace, Landing::Commit, |workspace| {
            let done = workspace.remediations().read(&entry.environment)?;
            // Whoever was faster has decided it.
            let held_by = hold(application, &done, None, app.clock.now());
            if held_by.is_some() {
                held.replace(held_by);
                return Ok(landing::Proposal {
                    transaction: crate::git::Transaction::new(),
                    message: String::new(),
                    facts: (),
                });
            }
            let addition = LogAddition {
                drafts: vec![EntryDraft::new(id.clone(), entry.clone())],
                gone: application.proposal_path(),
                refused: None,
            };
            record::propose(app, workspace, &entry.environment, addition)
        })?;
    if let Some(held) = held.take() {
        return Err(held);
    }
    if !matches!(landed, Landed::Commit(_)) {
        let error = CommandError::say(
            ErrorKind::Git,
            "the intent could not be committed; nothing was changed",
        );
        return Err(error.into());
    }
    push_intent(app, &workspace, &landed)?;
    let workspace = load::load_from(&app.ui, workspace.repository)?;
    let done = workspace.remediations().read(&entry.environment)?;
    match hold(application, &done, Some(&id), app.clock.now()) {
        None => Ok((workspace, id)),
        Some(held) => {
            stand_back(app, workspace, entry, &id, &held.words())?;
            Err(held)
        }
    }
}

/// An intent that others cannot see guards nothing.
fn push_intent(app: &App, workspace: &Workspace, landed: &Landed) -> Result<(), NotApplied> {
    push::push_record(app, &workspace.repository, landed).map_err(|error| {
        let error = error
            .hint("nothing was changed: the intent has to be pushed first; the next run closes it");
        NotApplied::Error(error)
    })
}

impl Application {
    fn proposal_path(&self) -> Option<crate::model::paths::RepoPath> {
        let name = &self.prepared.chosen.environment.name;
        let id = self.proposal.as_ref()?;
        Some(crate::state::documents::paths::proposal(name, id))
    }
}

/// What holds an action by what others have done so far; `own` is its intent, once there is one.
fn hold(
    application: &Application,
    done: &[Remediation],
    own: Option<&str>,
    now: Timestamp,
) -> Option<NotApplied> {
    let chosen = &application.prepared.chosen;
    let input = BrakeInput {
        done: done.iter().collect(),
        arn: &chosen.resource.arn,
        kind: &application.ready.plan.resource.kind,
        of_kind: chosen.of_kind,
        action: &chosen.action.id,
        issue: application.issue.as_ref(),
        way: application.consent.how,
        is_undo: application.undoes.is_some(),
        now,
    };
    let proposal = application.proposal.as_deref();
    let held = protocol::claim(&application.brakes, &input, proposal, own).err()?;
    Some(match held {
        Held::Brake(brake) => NotApplied::Held(brake),
        Held::Applied(by) => NotApplied::Taken(format!("the proposal was applied as {by}")),
    })
}

/// Closes an intent that another run has beaten.
fn stand_back(
    app: &App,
    workspace: Workspace,
    entry: &RemediationEntry,
    id: &str,
    why: &str,
) -> Result<(), CommandError> {
    let entry = RemediationEntry {
        of: Some(id.to_owned()),
        outcome: RemediationOutcome::Refused,
        reason: Some(Untrusted::from(why)),
        facts: Default::default(),
        evidence: Vec::new(),
        ..entry.clone()
    };
    record::close(app, workspace, entry).map(drop)
}

/// Commits what came of it.
fn conclude(
    app: &App,
    workspace: Workspace,
    application: &Application,
    first: RemediationEntry,
    id: String,
    sent: SentWrites,
) -> Result<(Workspace, Applied), CommandError> {
    let is_applied = sent.applied_at.is_some();
    let entry = RemediationEntry {
        of: Some(id.clone()),
        outcome: sent.outcome,
        reason: Some(sent.reason.clone()),
        applied_at: sent.applied_at,
        api: sent.api.clone(),
        drift_expected: application.ready.plan.drift.clone().filter(|_| is_applied),
        facts: Default::default(),
        evidence: Vec::new(),
        ..first
    };
    let undone = application.undoes.as_ref().filter(|_| is_applied).cloned();
    let refused = sent.refused.as_ref();
    let mut workspace = record::close_refused(app, workspace, entry, refused)?;
    if let Some(of) = undone {
        workspace = record::undone(
            app,
            workspace,
            &application.prepared.chosen.environment.name,
            &of,
            &id,
        )?;
    }
    Ok((
        workspace,
        Applied {
            id,
            outcome: sent.outcome,
            reason: sent.reason,
            applied_at: sent.applied_at,
        },
    ))
}
