//! Taking a grant back.

use std::collections::BTreeSet;

use crate::app::App;
use crate::app::apply::grants::{self, GrantApplication};
use crate::app::permissions::audit_log;
use crate::app::permissions::context::GrantContext;
use crate::app::permissions::grant::{self, GrantManner};
use crate::app::workspace::Workspace;
use crate::core::permissions::atoms::{GrantAtom, put_together};
use crate::core::permissions::grant_history::{is_in_force, only_in};
use crate::error::{CommandError, ErrorKind};
use crate::model::iam_audit::{GrantRecord, GrantReport, GrantStatus, ListedGrant};
use crate::model::ids::Arn;
use crate::text::Untrusted;
use crate::text::phrases::counted;
use crate::text::similar::nearest;

/// Finds a grant that can be taken back.
pub(crate) fn find(all: &[ListedGrant], id: &str) -> Result<ListedGrant, CommandError> {
    let found = all.iter().find(|one| one.id == id);
    let found = found.ok_or_else(|| {
        let error = CommandError::usage(format!("there is no grant `{id}` in iam-audit.json"));
        let known = all.iter().map(|one| one.id.as_str());
        match nearest(id, known) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint("`fractary permissions list` shows them"),
        }
    })?;
    match is_in_force(found) {
        true => Ok(found.clone()),
        false => Err(CommandError::say(
            ErrorKind::Refused,
            format!(
                "the grant `{id}` is not in force: it is {}",
                found.record.status.word()
            ),
        )),
    }
}

/// Takes a grant back, but for what other grants in force have too.
pub(crate) fn run(
    app: &App,
    workspace: Workspace,
    id: &str,
    manner: GrantManner<'_>,
) -> Result<GrantReport, CommandError> {
    let all = audit_log::grants(app, &workspace)?;
    let found = find(&all, id)?;
    let name = &found.record.environment;
    let principal = found.record.principal.raw().to_owned();
    // Whoever has it loses it: who deploys today does not matter.
    let holder = Arn::new(&principal).ok();
    let context = GrantContext::open(app, &workspace, name, Some(&principal), holder)?;
    let gone = only_in(&found, &all);
    let updates = context
        .place
        .change(&BTreeSet::new(), &gone, app.clock.now())
        .map_err(|error| CommandError::new(ErrorKind::Refused, error))?;
    let report = GrantReport {
        version: "1.0.0".to_owned(),
        kind: "revocation".to_owned(),
        environment: name.clone(),
        principal: Untrusted::new(principal),
        status: "planned".to_owned(),
        id: Some(found.id.clone()),
        statement: put_together(&gone),
        policies: Vec::new(),
        refused: Vec::new(),
        notes: what_stays(&found, &gone),
        terraform: None,
    };
    grant::show(app, &report);
    if app.global.dry_run {
        return Ok(report);
    }
    let consent = grant::agree(app, &workspace, &context, manner.yes)?;
    let application = GrantApplication {
        environment: &context.environment,
        principal: &context.principal,
        place: &context.place,
        updates: &updates,
        record: GrantRecord {
            of: Some(found.id.clone()),
            status: GrantStatus::Revoking,
            granted_by: consent.by.clone(),
            profile: context.granting.profile.clone(),
            identity_arn: Some(context.granting.identity.arn.clone()),
            because: Some(Untrusted::new(manner.reason)),
            consent: Some(consent),
            ..found.record.clone()
        },
    };
    let (_, outcome) = grants::apply(app, workspace, &application)?;
    Ok(grant::finished(report, outcome))
}

/// What of a grant others in force have too.
fn what_stays(found: &ListedGrant, gone: &BTreeSet<GrantAtom>) -> Vec<String> {
    let all = found.record.statement.len();
    let shared = all.saturating_sub(put_together(gone).len());
    let stays = format!(
        "other grants have {} of it too, which stays",
        counted(shared as u64, "statement")
    );
    Vec::from_iter((shared > 0).then_some(stays))
}
