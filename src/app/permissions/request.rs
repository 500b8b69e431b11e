//! What `permissions grant` is asked for: the text of an error, actions by name, the fix of an
//! UNKNOWN, or a proposal that was merged.

use std::path::Path;

use jiff::Timestamp;

use crate::app::App;
use crate::app::command::Effect;
use crate::app::permissions;
use crate::app::permissions::context::GrantContext;
use crate::app::permissions::grant::{self, GrantManner, WantedGrant};
use crate::app::permissions::{holder, merged, unknown};
use crate::app::workspace::Workspace;
use crate::app::workspace::landing::{self, Landed};
use crate::error::CommandError;
use crate::model::iam_audit::GrantReport;
use crate::model::ids::EnvironmentName;

/// What is asked for, as options say it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GrantRequest<'a> {
    /// The text of an error.
    pub(crate) error: Option<&'a str>,
    /// A file with it.
    pub(crate) file: Option<&'a Path>,
    /// Actions.
    pub(crate) actions: &'a [String],
    /// What they are on.
    pub(crate) resource: Option<&'a str>,
    /// A resource that is UNKNOWN.
    pub(crate) unknown: Option<&'a str>,
    /// To whom.
    pub(crate) identity: Option<&'a str>,
    /// Why.
    pub(crate) reason: Option<&'a str>,
    /// Consent on the command line.
    pub(crate) yes: bool,
    /// Somebody knows what powerful permissions mean.
    pub(crate) at_will: bool,
    /// When it ends by itself.
    pub(crate) until: Option<Timestamp>,
}

/// A request with everything that decides about it.
struct OpenRequest<'a> {
    context: GrantContext,
    wanted: WantedGrant,
    manner: GrantManner<'a>,
}

fn open<'a>(
    app: &App,
    workspace: &Workspace,
    name: &EnvironmentName,
    request: GrantRequest<'a>,
) -> Result<OpenRequest<'a>, CommandError> {
    let manner = |why: &'a str| GrantManner {
        yes: request.yes,
        at_will: request.at_will,
        reason: request.reason.unwrap_or(why),
        until: request.until,
        proposal: None,
    };
    if let Some(resource) = request.unknown {
        let cause = unknown::read(workspace, name, resource)?;
        let reader = unknown::reader(app, workspace, name)?;
        let context = GrantContext::open(app, workspace, name, None, Some(reader))?;
        let manner = manner("a resource is UNKNOWN without it");
        let wanted = unknown::wanted(workspace, &context, &cause, manner);
        return Ok(OpenRequest {
            context,
            wanted,
            manner,
        });
    }
    let said = match request.actions.is_empty() {
        true => Some(permissions::said(request.error, request.file)?),
        false => None,
    };
    if let Some(said) = &said
        && permissions::explain(said).denials.is_empty()
    {
        let error = CommandError::usage("nothing was granted: no denial of AWS is in this text");
        return Err(error.hint("give what the tool printed, or name actions with `--action`"));
    }
    let context = GrantContext::open(app, workspace, name, request.identity, None)?;
    let (manner, wanted) = match said {
        Some(said) => {
            let wanted = grant::from_text(&context, &said, request.until);
            (manner("it was denied"), wanted)
        }
        None => {
            let manner = manner("asked for by name");
            let (actions, resource) = (request.actions, request.resource);
            let wanted = grant::from_actions(&context, actions, resource, manner);
            (manner, wanted)
        }
    };
    Ok(OpenRequest {
        context,
        wanted,
        manner,
    })
}

/// Grants it.
pub(crate) fn grant(
    app: &App,
    workspace: Workspace,
    name: &EnvironmentName,
    request: GrantRequest<'_>,
) -> Result<GrantReport, CommandError> {
    let open = open(app, &workspace, name, request)?;
    let OpenRequest {
        context,
        wanted,
        manner,
    } = open;
    grant::run(app, workspace, &context, wanted, manner, None)
}

/// Writes a proposal of it. Returns its id; nothing where all of it is granted already.
pub(crate) fn propose(
    app: &App,
    workspace: Workspace,
    name: &EnvironmentName,
    request: GrantRequest<'_>,
) -> Result<Option<(String, Landed)>, CommandError> {
    let open = open(app, &workspace, name, request)?;
    let landing = landing::choose(app, Effect::Commits);
    let OpenRequest {
        context,
        wanted,
        manner,
    } = open;
    merged::propose(app, workspace, &context, &wanted, manner, landing)
}

/// Grants a proposal that somebody else has merged.
pub(crate) fn grant_merged(
    app: &App,
    workspace: Workspace,
    name: &EnvironmentName,
    id: &str,
) -> Result<GrantReport, CommandError> {
    let (document, consent) = merged::read(app, &workspace, name, id)?;
    let (context, is_reader) = holder::open(app, &workspace, name, &document.principal)?;
    let manner = GrantManner {
        yes: false,
        at_will: document.i_know,
        reason: document.reason.raw(),
        until: document.ends_at,
        proposal: Some(id),
    };
    let wanted = match is_reader {
        true => unknown::only_reading(&workspace, merged::wanted(&document)),
        false => merged::wanted(&document),
    };
    grant::run(app, workspace, &context, wanted, manner, Some(consent))
}
