//! Who may get a permission that a file of the repository names: the one that deploys, or the one
//! that reads, which gets nothing but what reading sends.

use crate::app::App;
use crate::app::permissions::context::GrantContext;
use crate::app::permissions::{granting, unknown};
use crate::app::workspace::Workspace;
use crate::core::permissions::iam_identity;
use crate::error::CommandError;
use crate::model::ids::{Arn, EnvironmentName};

/// Everything that decides about grants to a user or role that a proposal or a record names.
/// Returns it, and whether it is the one that reads.
pub(crate) fn open(
    app: &App,
    workspace: &Workspace,
    name: &EnvironmentName,
    principal: &Arn,
) -> Result<(GrantContext, bool), CommandError> {
    let settings = workspace.settings();
    let environment = settings.complete(&settings.environment(name)?);
    let is_it = |arn: &Arn| iam_identity(arn.as_str()) == iam_identity(principal.as_str());
    let deploying = granting::deploying(app, workspace, &environment);
    let named = Some(principal.as_str());
    if deploying.as_ref().is_some_and(is_it) {
        let context = GrantContext::open(app, workspace, name, named, deploying)?;
        return Ok((context, false));
    }
    // That nobody knows who reads is no reason against a grant to the one that deploys.
    let reader = unknown::reader(app, workspace, name).ok();
    match reader.filter(is_it) {
        Some(reader) => {
            let context = GrantContext::open(app, workspace, name, named, Some(reader))?;
            Ok((context, true))
        }
        None => {
            let context = GrantContext::open(app, workspace, name, named, deploying)?;
            Ok((context, false))
        }
    }
}
