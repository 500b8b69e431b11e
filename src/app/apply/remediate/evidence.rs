//! What AWS forgets, or what a change replaces, read before anything is sent: why tasks stopped, for
//! instance. Logs stay where they are, and so do metrics. It never stands in the way of a change.

use std::time::Duration;

use super::Application;
use crate::app::App;
use crate::app::remediate::prepare;
use crate::app::wait;
use crate::app::workspace::Workspace;
use crate::cloud::question::CluesQuestion;
use crate::error::{CommandError, ErrorKind};
use crate::model::fact::Gap;
use crate::model::investigation::Clue;
use crate::text::{Untrusted, escape, times};

/// How long it is asked for.
const PATIENCE: Duration = Duration::from_secs(10);
/// The most that is kept, the newest.
const MOST: usize = 20;
/// The longest that one of them is, in characters.
const LONGEST: usize = 300;

/// Reads it; what could not be read is said in its place.
///
/// # Errors
/// Where somebody has interrupted it: nothing is sent then.
pub(super) fn collect(
    app: &App,
    workspace: &Workspace,
    application: &Application,
) -> Result<Vec<Untrusted>, CommandError> {
    let resource = &application.prepared.chosen.resource;
    let kind = resource.kind.as_ref();
    let kind = kind.and_then(|kind| workspace.catalog.kind(kind));
    if kind.is_none_or(|kind| kind.clues.is_empty()) {
        return Ok(Vec::new());
    }
    let asked = wait::wait_for(app, "reading what AWS keeps of what went wrong", async {
        let read = tokio::time::timeout(PATIENCE, ask(app, workspace, application));
        Ok(read.await)
    });
    let said = |why: String| {
        vec![Untrusted::new(format!(
            "what AWS keeps of it is not known: {why}"
        ))]
    };
    Ok(match asked {
        Err(error) if error.kind == ErrorKind::Interrupted => return Err(error),
        Ok(Ok(Ok(Ok(clues)))) => lines(clues),
        Ok(Ok(Ok(Err(gap)))) => said(gap.sentence()),
        Ok(Ok(Err(error))) | Err(error) => said(error.in_one_line()),
        Ok(Err(_)) => said(format!("no answer within {} seconds", PATIENCE.as_secs())),
    })
}

async fn ask(
    app: &App,
    workspace: &Workspace,
    application: &Application,
) -> Result<Result<Vec<Clue>, Gap>, CommandError> {
    let chosen = &application.prepared.chosen;
    let connection = prepare::open(app, workspace, &chosen.environment).await?;
    let question = CluesQuestion {
        environment: chosen.environment.name.clone(),
        arn: chosen.resource.arn.clone(),
        at: app.clock.now(),
        resource: chosen.resource.clone(),
    };
    let clues = connection.cloud.clues(&question).await;
    connection.finish(app)?;
    Ok(clues)
}

fn lines(mut clues: Vec<Clue>) -> Vec<Untrusted> {
    clues.sort_by_key(|clue| clue.at);
    let surplus = clues.len().saturating_sub(MOST);
    let newest = clues.into_iter().skip(surplus);
    newest
        .map(|clue| {
            let at = clue
                .at
                .map_or_else(String::new, |at| format!("{}: ", times::time(at)));
            Untrusted::new(format!("{at}{}", escape::cut(clue.text.raw(), LONGEST)))
        })
        .collect()
}
