//! Proposals that somebody has merged: each is applied once, or refused and kept with the reason.

use crate::app::App;
use crate::app::apply::remediate::{self as apply, Application, NotApplied};
use crate::app::remediate::context;
use crate::app::remediate::prepare::{self, ActionRequest};
use crate::app::remediate::safety;
use crate::app::workspace::landing::{self, Landing};
use crate::app::workspace::{Workspace, load, push};
use crate::core::remediate::plan::PlanOutcome;
use crate::core::remediate::proposal::{self, MergeCase, ProposalFault};
use crate::error::{CommandError, ErrorKind};
use crate::forge::RepositoryName;
use crate::git::{Arrival, CommitFiles, Repository, Transaction};
use crate::model::ids::EnvironmentName;
use crate::model::paths::{Files, RepoPath};
use crate::model::proposal::{ProposalDocument, ProposalRefusal};
use crate::model::remediation::{ConsentRecord, ConsentWay};
use crate::state;
use crate::state::documents::paths;
use crate::text::Untrusted;
use crate::text::escape;

/// Why a proposal was not applied now.
enum Refused {
    /// It never will be, for this reason.
    ForGood(String),
    /// It may be by a later run.
    ForNow(String),
}

impl From<CommandError> for Refused {
    fn from(error: CommandError) -> Self {
        Self::ForNow(error.in_one_line())
    }
}

/// Lists the proposals in the commit that is checked out. What is not committed was merged by
/// nobody.
pub(crate) fn waiting(
    workspace: &Workspace,
    name: &EnvironmentName,
) -> Result<Vec<RepoPath>, CommandError> {
    let found = committed(workspace)?.list(&paths::proposals_dir(name));
    let mut found = found.map_err(|error| CommandError::new(ErrorKind::Usage, error))?;
    found.retain(|path| path.file_name().ends_with(".json"));
    Ok(found)
}

/// The files of the commit that is checked out.
pub(crate) fn committed(workspace: &Workspace) -> Result<CommitFiles, CommandError> {
    let head = workspace.repository.head()?.commit;
    Ok(workspace.repository.files_at(head.as_ref())?)
}

/// Applies what may be applied, one after the other.
pub(crate) fn apply_all(
    app: &App,
    mut workspace: Workspace,
    name: &EnvironmentName,
) -> Result<Workspace, CommandError> {
    for path in waiting(&workspace, name)? {
        let id = path.file_stem().to_owned();
        let repository = workspace.repository.clone();
        match apply_one(app, workspace, name, &path) {
            Ok(done) => workspace = done,
            Err(Refused::ForNow(why)) => {
                app.ui.warn(&format!(
                    "the proposal {} is not applied: {why}",
                    escape::terminal(&id)
                ));
                workspace = load::load_from(&app.ui, repository)?;
            }
            Err(Refused::ForGood(why)) => {
                app.ui.warn(&format!(
                    "the proposal {} is refused: {why}",
                    escape::terminal(&id)
                ));
                let again = load::load_from(&app.ui, repository)?;
                workspace = keep_refused(app, again, name, &path, &why)?;
            }
        }
    }
    Ok(workspace)
}

fn apply_one(
    app: &App,
    workspace: Workspace,
    name: &EnvironmentName,
    path: &RepoPath,
) -> Result<Workspace, Refused> {
    expect_default_branch(app, &workspace)?;
    let document = read(&workspace, path)?;
    let repository = &workspace.repository;
    let arrival = repository.arrival(path).map_err(CommandError::from)?;
    let arrival = arrival.ok_or_else(|| {
        Refused::ForNow("its history is not here: a deeper checkout is needed".to_owned())
    })?;
    let done = workspace.remediations().read(name)?;
    let section = &workspace.settings().monitoring.remediation;
    let fork_of = fork_of(app, repository, &arrival)?;
    let case = MergeCase {
        proposal: &document,
        file: path.file_stem(),
        merged_by: arrival.by.mail.raw(),
        fork_of: fork_of.as_deref(),
        written_by: arrival.written_by.as_ref().map(|by| by.mail.raw()),
        is_untouched: arrival.is_untouched,
        was_applied: done
            .iter()
            .any(|one| one.first.proposal.as_ref() == Some(&document.id)),
        bot_merge: section.bot_merge.contains(&document.action),
        now: app.clock.now(),
    };
    proposal::check(&case).map_err(|fault| match fault {
        ProposalFault::Early(_) => Refused::ForNow(fault.to_string()),
        _ => Refused::ForGood(fault.to_string()),
    })?;
    let application = application(app, &workspace, name, (&document, &arrival))?;
    match apply::apply(app, workspace, &application) {
        Ok((workspace, applied)) => {
            app.ui.note(&format!(
                "applied the proposal {} as {}: {}",
                document.id,
                applied.id,
                applied.outcome.word()
            ));
            Ok(workspace)
        }
        Err(NotApplied::Taken(why)) => Err(Refused::ForNow(why)),
        Err(NotApplied::Held(brake)) => Err(Refused::ForNow(brake.words())),
        Err(NotApplied::Error(error)) => Err(error.into()),
    }
}

/// Whose fork a proposal came from, where it did.
pub(crate) fn fork_of(
    app: &App,
    repository: &Repository,
    arrival: &Arrival,
) -> Result<Option<String>, CommandError> {
    let subject = repository.subject(&arrival.commit)?;
    let owner = owner(app, repository);
    let fork = owner.and_then(|owner| proposal::fork_owner(&subject, &owner).map(str::to_owned));
    Ok(fork)
}

/// Whose repository this is on GitHub, where it is there.
fn owner(app: &App, repository: &Repository) -> Option<String> {
    let named = app.environment.github_repository.clone();
    let named = named.or_else(|| {
        let name = RepositoryName::of_remote(&repository.remote_url()?)?;
        Some(name.to_string())
    })?;
    named.split_once('/').map(|(owner, _)| owner.to_owned())
}

/// Everything else that has to hold: the resource is as it was, and the action may be run.
fn application(
    app: &App,
    workspace: &Workspace,
    name: &EnvironmentName,
    (document, arrival): (&ProposalDocument, &Arrival),
) -> Result<Application, Refused> {
    let request =
        ActionRequest::recorded(&document.action, &document.resource, &document.parameters);
    let chosen = prepare::choose(workspace, name, &request)?;
    let freeze = safety::freeze(workspace)?;
    let permitted = chosen.permit(ConsentWay::Merged, freeze.as_ref(), app.clock.now());
    permitted.map_err(|why| Refused::ForGood(why.words()))?;
    let prepared = prepare::prepare(app, workspace, chosen, &document.id)?;
    let ready = match &prepared.planned {
        PlanOutcome::Ready(ready) => ready.as_ref().clone(),
        PlanOutcome::Nothing(says) => {
            return Err(Refused::ForGood(format!(
                "there is nothing to do: {}",
                says.raw()
            )));
        }
        PlanOutcome::Impossible { because, .. } => {
            return Err(Refused::ForGood(format!(
                "it is not possible any more: {}",
                because.raw()
            )));
        }
        PlanOutcome::Unknown(why) => {
            let why: Vec<String> = why.iter().map(Untrusted::redacted).collect();
            return Err(Refused::ForNow(why.join("; ")));
        }
    };
    proposal::check_facts(document, &ready.plan.facts_hash, &ready.plan.from)
        .map_err(|fault| Refused::ForGood(fault.to_string()))?;
    Ok(Application {
        issue: document.issue_id.clone(),
        undoes: None,
        proposal: Some(document.id.clone()),
        before: context::before(workspace, name, &prepared),
        consent: ConsentRecord {
            by: Some(arrival.by.name.clone()),
            how: ConsentWay::Merged,
            at: app.clock.now(),
            reference: Some(arrival.commit.to_string()),
        },
        brakes: prepared.chosen.brakes,
        prepared,
        ready,
    })
}

/// Says why proposals are not applied here: they count on the default branch, in a run whose commits
/// everybody sees.
pub(crate) fn not_here(app: &App, workspace: &Workspace) -> Result<Option<String>, CommandError> {
    match expect_default_branch(app, workspace) {
        Ok(()) => Ok(None),
        Err(Refused::ForNow(why) | Refused::ForGood(why)) => Ok(Some(why)),
    }
}

/// A proposal counts on the default branch, in a run whose commits everybody sees.
fn expect_default_branch(app: &App, workspace: &Workspace) -> Result<(), Refused> {
    match not_applied_here(app, workspace)? {
        Some(why) => Err(Refused::ForNow(why)),
        None => Ok(()),
    }
}

/// Why proposals are not applied in this checkout, where they are not.
pub(crate) fn not_applied_here(
    app: &App,
    workspace: &Workspace,
) -> Result<Option<String>, CommandError> {
    let repository = &workspace.repository;
    let default = repository.default_branch()?;
    let here = repository.head()?.branch;
    let Some(here) = &here else {
        let why = "proposals are applied on the default branch, and this checkout is on none";
        return Ok(Some(why.to_owned()));
    };
    let Some(default) = &default else {
        let why = "proposals are applied on the default branch, and that of `origin` is not known \
                   here; git remote set-head origin --auto";
        return Ok(Some(why.to_owned()));
    };
    if default != here {
        return Ok(Some(format!(
            "proposals are applied on the default branch `{default}`, and this is `{}`",
            escape::terminal(here)
        )));
    }
    if repository.remote_url().is_some() && !app.global.push {
        let why = "without `--push` another run could apply it too";
        return Ok(Some(why.to_owned()));
    }
    Ok(None)
}

fn read(workspace: &Workspace, path: &RepoPath) -> Result<ProposalDocument, Refused> {
    let bytes = committed(workspace)?.read(path);
    let bytes = bytes.map_err(|error| CommandError::new(ErrorKind::Usage, error))?;
    let text = String::from_utf8(bytes.unwrap_or_default()).unwrap_or_default();
    serde_json::from_str(&text)
        .map_err(|error| Refused::ForGood(format!("it could not be read: {error}")))
}

/// Moves a refused proposal aside, with the reason.
fn keep_refused(
    app: &App,
    workspace: Workspace,
    name: &EnvironmentName,
    path: &RepoPath,
    why: &str,
) -> Result<Workspace, CommandError> {
    let (workspace, (), landed) = landing::decide_and_land(
        app,
        workspace,
        Landing::Commit,
        |workspace| {
            let mut transaction = Transaction::new();
            let kept = paths::refused_proposal(name, path.file_stem());
            let bytes = match read(workspace, path) {
                Ok(mut document) => {
                    document.refused = Some(ProposalRefusal {
                        at: app.clock.now(),
                        reason: Untrusted::from(why),
                    });
                    state::to_bytes(&document)
                }
                // What cannot be read is kept as it is, where nobody applies it.
                Err(_) => workspace
                    .tree()
                    .read_text(path)?
                    .unwrap_or_default()
                    .into_bytes(),
            };
            transaction.write(kept, bytes);
            transaction.delete(path.clone());
            let message = format!(
                "fractary(remediate): {name} refuse {}\n\n{}\n\nFractary-Command: run\nFractary-Env: {name}\n",
                path.file_stem(),
                escape::commit_message_line(why)
            );
            Ok(landing::Proposal {
                transaction,
                message,
                facts: (),
            })
        },
    )?;
    push::push_record(app, &workspace.repository, &landed)?;
    load::load_from(&app.ui, workspace.repository)
}
