//! Closing what an earlier run began and never ended: it says what is known of it, and no more.

use crate::app::App;
use crate::app::infra::folder;
use crate::app::infra::preview::InfraSession;
use crate::app::infra::record::{self, DeploymentEnd};
use crate::app::workspace::Workspace;
use crate::core::infra::events::StreamTally;
use crate::core::infra::lease::OpenDeployment;
use crate::core::infra::outcome::{self, ApplyFacts};
use crate::error::{CommandError, ErrorKind};
use crate::model::deployments::{Deployment, DeploymentOutcome};
use crate::process;
use crate::text::phrases::counted;

/// Closes the open deployments of the environment.
///
/// # Errors
/// One of them still runs, or may still run.
pub(crate) fn close_open(
    app: &App,
    mut workspace: Workspace,
    session: &mut InfraSession,
) -> Result<Workspace, CommandError> {
    let open = record::open(&workspace, &session.target.environment);
    if open.is_empty() {
        return Ok(workspace);
    }
    let own = session.folder.clone_id()?;
    for deployment in open {
        expect_directory(session, &deployment)?;
        let is_own = deployment
            .record
            .as_ref()
            .is_some_and(|one| one.clone == own);
        match is_own {
            true => expect_ended(session, &deployment)?,
            false => expect_expired(app, &deployment)?,
        }
        // What it changed until it ended is in the state by now.
        session.refresh(app)?;
        let outcome = conclude(session, &deployment, is_own)?;
        say(app, &deployment, &outcome);
        let ended = DeploymentEnd {
            id: &deployment.id,
            environment: &session.target.environment,
            status: "interrupted",
            outcome,
            state: Some((&session.state, &session.view)),
        };
        (workspace, _) = record::end(app, workspace, &ended)?;
        session
            .folder
            .clear(session.target.name(), &deployment.id)?;
    }
    session.runner.know(&workspace);
    Ok(workspace)
}

/// Only the state of its own directory says what became of it.
fn expect_directory(session: &InfraSession, deployment: &Deployment) -> Result<(), CommandError> {
    let record = deployment.record.as_ref();
    match record.map(|one| one.directory.as_str()) {
        Some(directory) if directory != session.target.directory => Err(CommandError::say(
            ErrorKind::Refused,
            format!(
                "{} was begun in the directory {directory}, and never ended; nothing was changed",
                deployment.id
            ),
        )
        .hint(format!(
            "close its record first: `fractary infra deploy --dir {directory}`"
        ))),
        _ => Ok(()),
    }
}

/// In this clone, it is known whether the tool is still at work.
fn expect_ended(session: &InfraSession, deployment: &Deployment) -> Result<(), CommandError> {
    let files = session
        .folder
        .outputs(session.target.name(), &deployment.id)?;
    let text = folder::read(&files.process)?.unwrap_or_default();
    let process: Option<i32> = String::from_utf8_lossy(&text).trim().parse().ok();
    let Some(process) = process.filter(|id| *id > 1) else {
        return Ok(());
    };
    if process::is_alive(process) && process::is_group_alive(process) {
        return Err(CommandError::say(
            ErrorKind::Refused,
            format!(
                "the run that began {} was killed, and its `{}` is still at work as process {process}; nothing was changed",
                deployment.id,
                session.runner.program_name()
            ),
        )
        .hint("wait until it has ended: it records what it does in its state")
        .hint(format!("to stop it in order, once and not twice: `kill -INT {process}`")));
    }
    // The tool is gone; a provider that it left behind does nothing that anybody would record.
    process::end_group(process);
    Ok(())
}

/// Elsewhere, only time says it.
fn expect_expired(app: &App, deployment: &Deployment) -> Result<(), CommandError> {
    let open = OpenDeployment::new(deployment);
    match open.until.is_some_and(|until| until <= app.clock.now()) {
        true => Ok(()),
        false => Err(record::held(&open)),
    }
}

fn conclude(
    session: &InfraSession,
    deployment: &Deployment,
    is_own: bool,
) -> Result<DeploymentOutcome, CommandError> {
    let files = session
        .folder
        .outputs(session.target.name(), &deployment.id)?;
    let said = match is_own {
        true => folder::read(&files.output)?,
        false => None,
    };
    let said = said.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let was_started = !is_own || said.is_some();
    let tally = said.and_then(|text| StreamTally::read(&text).ok());
    let planned = deployment.record.as_ref();
    let planned = planned.map_or(&[][..], |record| &record.planned);
    if !was_started {
        // Its file is made before the tool is started.
        return Ok(DeploymentOutcome {
            not_begun: planned.iter().map(|step| step.address.clone()).collect(),
            reason: Some("the run was killed before it changed anything".into()),
            ..DeploymentOutcome::default()
        });
    }
    // A whole stream of an apply that went well ends with its summary.
    let is_whole = tally.as_ref().is_some_and(|tally| tally.summary.is_some());
    let mut outcome = outcome::conclude(ApplyFacts {
        planned,
        stream: tally.as_ref(),
        is_whole,
        state: Some(&session.view),
    });
    let by = match tally.is_some() {
        true => {
            "the run was killed; what is said here is from the events of the tool and from the state"
        }
        false => {
            "the run never ended, and nothing is known of its events; what is said here is from the state"
        }
    };
    outcome.reason = Some(by.into());
    Ok(outcome)
}

fn say(app: &App, deployment: &Deployment, outcome: &DeploymentOutcome) {
    let count = |list: &[crate::text::Untrusted], word: &str| {
        (!list.is_empty()).then(|| format!("{} {word}", counted(list.len() as u64, "change")))
    };
    let parts: Vec<String> = [
        count(&outcome.done, "done"),
        count(&outcome.failed, "failed"),
        count(&outcome.not_begun, "not begun"),
        count(&outcome.unknown, "unknown"),
    ]
    .into_iter()
    .flatten()
    .collect();
    app.ui.warn(&format!(
        "{} was interrupted: {}",
        deployment.id,
        match parts.is_empty() {
            true => "it had nothing to change".to_owned(),
            false => parts.join(", "),
        }
    ));
    let lines = outcome.unknown.iter().map(|one| {
        format!(
            "  {}: it may be in AWS and in no state; look for it by its name and tags, then import it or delete it",
            one.terminal()
        )
    });
    app.ui.lines(&lines.collect::<Vec<_>>());
}
