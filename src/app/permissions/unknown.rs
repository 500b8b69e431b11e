//! The fix of an UNKNOWN: what the identity that reads lacks, as the last report has it.

use std::collections::BTreeSet;

use crate::app::App;
use crate::app::access::Access;
use crate::app::observe::connect;
use crate::app::permissions::context::GrantContext;
use crate::app::permissions::grant::{GrantManner, WantedGrant};
use crate::app::wait;
use crate::app::workspace::Workspace;
use crate::cloud::actions::Actions;
use crate::core::permissions::atoms::GrantAtom;
use crate::core::permissions::{self, wanted};
use crate::error::{CommandError, ErrorKind};
use crate::model::denied_grant::RefusedGrant;
use crate::model::ids::{Arn, EnvironmentName};
use crate::model::report::{HealthReport, ResourceHealth};
use crate::model::status::Status;
use crate::state::documents::paths;
use crate::text::Untrusted;

/// Why something is not granted to whoever reads.
const NO_READ: &str = "it is not among what reading an environment needs";

/// Permissions that would make a resource known, and its ARN.
pub(crate) struct UnknownCause {
    permissions: BTreeSet<String>,
    arn: Arn,
}

/// Reads why a resource is UNKNOWN in the newest report of an environment.
pub(crate) fn read(
    workspace: &Workspace,
    name: &EnvironmentName,
    wanted: &str,
) -> Result<UnknownCause, CommandError> {
    let text = workspace.tree().read_text(&paths::latest(name))?;
    let text = text.ok_or_else(|| {
        CommandError::usage(format!("there is no report of {name} yet")).hint(format!(
            "`fractary health --env {name} --commit` writes one"
        ))
    })?;
    let report: HealthReport = serde_json::from_str(&text).map_err(|error| {
        CommandError::usage(format!(
            "{} could not be read: {error}",
            paths::latest(name)
        ))
    })?;
    let shown = Untrusted::from(wanted).terminal();
    let is_it = |one: &&ResourceHealth| {
        one.resource.name.raw() == wanted || one.resource.arn.as_str() == wanted
    };
    let found = report.checks.iter().find(is_it);
    let found = found.ok_or_else(|| {
        CommandError::usage(format!(
            "there is no resource `{shown}` in the newest report of {name}"
        ))
    })?;
    if found.status != Status::Unknown {
        return Err(CommandError::usage(format!(
            "`{shown}` is not UNKNOWN in the newest report of {name}"
        )));
    }
    let missing = report
        .errors
        .iter()
        .filter_map(|gap| gap.missing_permission.clone());
    let named = missing.filter(|one| found.reasons.iter().any(|why| why.raw().contains(one)));
    let permissions: BTreeSet<String> = named.collect();
    match permissions.is_empty() {
        true => Err(CommandError::say(
            ErrorKind::Refused,
            format!("a grant does not help: no permission is missing for `{shown}`"),
        )
        .hint(format!(
            "`fractary health --env {name}` says why it is UNKNOWN"
        ))),
        false => Ok(UnknownCause {
            permissions,
            arn: found.resource.arn.clone(),
        }),
    }
}

/// The user or role that reads an environment.
pub(crate) fn reader(
    app: &App,
    workspace: &Workspace,
    name: &EnvironmentName,
) -> Result<Arn, CommandError> {
    let settings = workspace.settings();
    let environment = settings.complete(&settings.environment(name)?);
    if let Some(role) = &environment.role_arn {
        return Ok(role.clone());
    }
    wait::wait_for(app, "asking who reads", async {
        let catalog = &workspace.catalog;
        let connection =
            connect::connect(app, settings, catalog, &environment, Access::Identify).await?;
        let identity = connection.cloud.identity(name).await;
        let identity = identity.map_err(|gap| {
            let what = format!("who reads {name} is not known: {}", gap.sentence());
            CommandError::say(ErrorKind::Unknown, what).hint(gap.message.terminal())
        })?;
        connection.finish(app)?;
        let arn = permissions::identity_arn(identity.arn.as_str());
        let arn = arn.unwrap_or_else(|| identity.arn.to_string());
        Arn::new(arn).map_err(|error| CommandError::usage(error.to_string()))
    })
}

/// What is granted of it: only what reading an environment sends anyway, whatever the report says.
pub(crate) fn wanted(
    workspace: &Workspace,
    context: &GrantContext,
    cause: &UnknownCause,
    manner: GrantManner<'_>,
) -> WantedGrant {
    let known = sent_by_reading(workspace);
    let mut all = WantedGrant::default();
    for permission in &cause.permissions {
        let found = match known.contains(permission) {
            false => Err(NO_READ.to_owned()),
            true => {
                let on_it = wanted::named(
                    permission,
                    Some(cause.arn.as_str()),
                    &context.scope,
                    manner.until,
                );
                on_it.or_else(|_| wanted::named(permission, None, &context.scope, manner.until))
            }
        };
        match found {
            Ok(atoms) => all.atoms.extend(atoms),
            Err(why) => all.refused.push(RefusedGrant {
                action: Some(Untrusted::new(permission.as_str())),
                resource: None,
                principal: None,
                because: Untrusted::new(why),
            }),
        }
    }
    all
}

/// Keeps what reading an environment sends, whoever proposed or recorded it.
pub(crate) fn only_reading(workspace: &Workspace, mut wanted: WantedGrant) -> WantedGrant {
    let known = sent_by_reading(workspace);
    let (kept, others): (BTreeSet<GrantAtom>, BTreeSet<GrantAtom>) = wanted
        .atoms
        .into_iter()
        .partition(|atom| known.contains(&atom.action));
    wanted.atoms = kept;
    wanted
        .refused
        .extend(others.iter().map(|atom| RefusedGrant {
            action: Some(Untrusted::new(atom.action.as_str())),
            resource: Some(Untrusted::new(atom.resource.as_str())),
            principal: None,
            because: Untrusted::from(NO_READ),
        }));
    wanted
}

/// The permissions of what reading an environment sends.
fn sent_by_reading(workspace: &Workspace) -> BTreeSet<String> {
    let actions = Actions::new(&workspace.catalog);
    let sent = Access::Observe.operations(&workspace.catalog);
    sent.iter().map(|one| actions.action_of(one)).collect()
}
