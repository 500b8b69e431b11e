//! Several actions at once: an intent of each is committed first, one after the other and under the
//! same brakes; then all are sent or run, and none waits for another; then each gets its
//! outcome.

use futures_util::future::join_all;

use super::send::SentWrites;
use super::{
    Application, Applied, NotApplied, conclude, evidence, first_entry, identity, intend,
    refuse_recordings, send_or_run,
};
use crate::app::App;
use crate::app::apply::Applier;
use crate::app::wait;
use crate::app::workspace::{Workspace, load};
use crate::error::{CommandError, ErrorKind};
use crate::model::remediation::RemediationEntry;
use crate::model::snapshot::Identity;

/// What one of them came to.
pub(crate) type AppliedTogether = Result<Applied, NotApplied>;

/// Applies actions of one environment. The workspace that comes back is that of the last outcome;
/// results are in the order of `applications`. What stands in the way of one does not stop the others.
///
/// # Errors
/// Where it is not known who would change the environment: nothing was sent then.
pub(crate) fn apply_together(
    app: &App,
    mut workspace: Workspace,
    applications: &[Application],
) -> Result<(Workspace, Vec<AppliedTogether>), CommandError> {
    refuse_recordings(app)?;
    let Some(first) = applications.first() else {
        return Ok((workspace, Vec::new()));
    };
    let environment = &first.prepared.chosen.environment;
    let identity = wait::wait_for(app, "asking whose credentials these are", async {
        identity::check(app, &workspace, environment).await
    })?;
    let (next, intents) = intend_all(app, workspace, applications, &identity)?;
    workspace = next;
    let sent = send_all(app, &workspace, applications, &intents)?;
    let mut sent = sent.into_iter();
    let mut results = Vec::new();
    for (application, intent) in applications.iter().zip(intents) {
        let (entry, id) = match intent {
            Ok(intent) => intent,
            Err(why) => {
                results.push(Err(why));
                continue;
            }
        };
        let Some(sent) = sent.next() else {
            let what = "an action was sent without a result";
            return Err(CommandError::say(ErrorKind::Bug, what));
        };
        let (next, applied) = conclude(app, workspace, application, entry, id, sent)?;
        workspace = next;
        results.push(Ok(applied));
    }
    Ok((workspace, results))
}

/// An intent that was committed with its id, or why there is none.
type CommittedIntent = Result<(RemediationEntry, String), NotApplied>;

fn intend_all(
    app: &App,
    mut workspace: Workspace,
    applications: &[Application],
    identity: &Identity,
) -> Result<(Workspace, Vec<CommittedIntent>), CommandError> {
    let repository = workspace.repository.clone();
    let mut intents = Vec::new();
    for application in applications {
        let mut entry = first_entry(application);
        entry.identity_arn = Some(identity.arn.clone());
        entry.evidence = evidence::collect(app, &workspace, application)?;
        match intend(app, workspace, application, &entry) {
            Ok((next, id)) => {
                workspace = next;
                intents.push(Ok((entry, id)));
            }
            Err(why) => {
                workspace = load::load_from(&app.ui, repository.clone())?;
                intents.push(Err(why));
            }
        }
    }
    Ok((workspace, intents))
}

/// Sends all that have an intent, and waits for all of them at once.
fn send_all(
    app: &App,
    workspace: &Workspace,
    applications: &[Application],
    intents: &[CommittedIntent],
) -> Result<Vec<SentWrites>, CommandError> {
    let applier = |application: &Application| {
        let chosen = &application.prepared.chosen;
        Applier::for_action(app, workspace, &chosen.environment.name, &chosen.action)
    };
    let appliers: Vec<Applier> = applications.iter().map(applier).collect();
    let each = applications.iter().zip(&appliers).zip(intents);
    let sending = each.filter_map(|((application, applier), intent)| {
        let (_, id) = intent.as_ref().ok()?;
        Some(send_or_run(app, workspace, application, applier, id))
    });
    let left = "some of them may have been sent: the next run asks AWS and closes their records; \
        programs among them were ended";
    wait::wait_for_sending(app, "changing resources", left, async {
        Ok(join_all(sending).await)
    })
}
