//! Granting what was denied, what a plan needs, or what somebody names.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;

use crate::app::App;
use crate::app::apply::grants::{self, GrantApplication, GrantOutcome};
use crate::app::permissions::audit_log;
use crate::app::permissions::context::{GrantContext, ReadyGrant};
use crate::app::remediate::consent;
use crate::app::workspace::Workspace;
use crate::app::workspace::landing;
use crate::core::permissions::atoms::{GrantAtom, put_together};
use crate::core::permissions::grant_history::taken_back;
use crate::core::permissions::policies::PolicyUpdate;
use crate::core::permissions::{self, ProposalScope, wanted};
use crate::error::{CommandError, ErrorKind, ExitCode};
use crate::model::denial::ExplainedDenial;
use crate::model::denied_grant::RefusedGrant;
use crate::model::iam_audit::{GrantRecord, GrantReport, GrantStatus};
use crate::model::remediation::{ConsentRecord, ConsentWay};
use crate::render::text;
use crate::text::Untrusted;

/// Most characters of an error that are kept in the record.
const MOST_ERROR: usize = 600;

/// How a grant is made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GrantManner<'a> {
    /// Consent on the command line.
    pub(crate) yes: bool,
    /// Somebody knows what powerful permissions mean.
    pub(crate) at_will: bool,
    /// Why it is granted.
    pub(crate) reason: &'a str,
    /// When it ends by itself.
    pub(crate) until: Option<Timestamp>,
    /// The proposal that it is.
    pub(crate) proposal: Option<&'a str>,
}

/// Permissions that somebody asks for, and what is not granted of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct WantedGrant {
    /// The permissions.
    pub(crate) atoms: BTreeSet<GrantAtom>,
    /// What is not granted.
    pub(crate) refused: Vec<RefusedGrant>,
    /// What AWS said.
    pub(crate) error: Option<Untrusted>,
    /// What to know about it.
    pub(crate) notes: Vec<String>,
}

/// What a text says was denied to the identity of the context.
pub(crate) fn from_text(
    context: &GrantContext,
    text: &str,
    until: Option<Timestamp>,
) -> WantedGrant {
    let scope = ProposalScope {
        account: Some(context.scope.account.clone()),
        region: Some(context.scope.region.clone()),
        prefix: context.scope.prefix.clone(),
        until,
        pattern: Some(context.scope.clone()),
    };
    let explained: Vec<_> = permissions::denials(text)
        .into_iter()
        .map(permissions::explain)
        .collect();
    let error = shortened(text, &explained);
    let own = permissions::iam_identity(context.principal.as_str());
    // A message without a principal is about whoever sees it: the one that deploys.
    let (mine, others): (Vec<_>, Vec<_>) = explained.into_iter().partition(|one| {
        let said = one.denial.principal.as_ref();
        said.is_none_or(|said| permissions::iam_identity(said.raw()) == own)
    });
    let report = permissions::propose(&mine, &scope);
    let mut wanted = WantedGrant {
        refused: report.refused,
        error: Some(error),
        ..WantedGrant::default()
    };
    for grant in &report.grants {
        wanted
            .atoms
            .extend(wanted::atoms_of(&grant.proposal.policy));
        wanted.notes.extend(grant.proposal.notes.iter().cloned());
    }
    for other in others {
        wanted.refused.push(RefusedGrant {
            action: other.denial.action.clone(),
            resource: other.denial.resource.clone(),
            principal: other.denial.principal.clone(),
            because: Untrusted::new(format!(
                "it was denied to another identity than the one that deploys to {}: a permission of an \
                 application belongs in the configuration of Terraform, beside its role",
                context.environment.name
            )),
        });
    }
    wanted
}

/// Actions that somebody names, on a resource or on what is named after the pattern.
pub(crate) fn from_actions(
    context: &GrantContext,
    actions: &[String],
    resource: Option<&str>,
    manner: GrantManner<'_>,
) -> WantedGrant {
    let mut all = WantedGrant::default();
    for action in actions {
        let found = wanted::named(action, resource, &context.scope, manner.until);
        let found = match wanted::is_powerful(action) && !manner.at_will {
            true => Err("it changes what others may do or cannot be undone: grant it by hand, or with `--i-know`".to_owned()),
            false => found,
        };
        match found {
            Ok(atoms) => all.atoms.extend(atoms),
            Err(why) => all.refused.push(RefusedGrant {
                action: Some(Untrusted::new(action.as_str())),
                resource: resource.map(Untrusted::new),
                principal: None,
                because: Untrusted::new(why),
            }),
        }
    }
    all
}

/// The text without secrets. Where it has an id that opens the details of a request, or an encoded
/// message, what was understood of it is kept instead: lines that were cut may hide where they end.
fn shortened(text: &str, denials: &[ExplainedDenial]) -> Untrusted {
    let is_open =
        |one: &ExplainedDenial| one.denial.has_authorization_id || one.denial.has_encoded_message;
    let kept = match denials.iter().any(is_open) {
        true => denials
            .iter()
            .map(understood)
            .collect::<Vec<_>>()
            .join("; "),
        false => text.split_whitespace().collect::<Vec<_>>().join(" "),
    };
    let redacted = crate::text::redact::redact(&kept);
    Untrusted::from(crate::text::escape::cut(&redacted, MOST_ERROR))
}

fn understood(one: &ExplainedDenial) -> String {
    let named = |value: &Option<Untrusted>, none: &str| {
        value
            .as_ref()
            .map_or_else(|| none.to_owned(), |value| value.raw().to_owned())
    };
    format!(
        "{} is not authorized to perform: {} on resource: {}",
        named(&one.denial.principal, "someone who is not named"),
        named(&one.denial.action, "an action that is not named"),
        named(&one.denial.resource, "something that is not named"),
    )
}

/// Grants it: with consent, as the identity that grants, and on record.
pub(crate) fn run(
    app: &App,
    workspace: Workspace,
    context: &GrantContext,
    wanted: WantedGrant,
    manner: GrantManner<'_>,
    merged: Option<ConsentRecord>,
) -> Result<GrantReport, CommandError> {
    let mut ready = context.ready(app, &wanted.atoms, manner.at_will)?;
    let mut refused = wanted.refused.clone();
    refused.append(&mut ready.refused);
    let history = audit_log::grants(app, &workspace)?;
    let mut notes = wanted.notes.clone();
    let before = taken_back(&ready.atoms, context.principal.as_str(), &history);
    notes.extend(before);
    let report = GrantReport {
        refused,
        notes,
        ..report(context, &ready)
    };
    if ready.atoms.is_empty() {
        let status = if report.refused.is_empty() {
            "unchanged"
        } else {
            "refused"
        };
        return Ok(GrantReport {
            status: status.to_owned(),
            ..report
        });
    }
    if let Some(address) = context.managed_by_terraform(&workspace) {
        let patch = text::grant_as_terraform(&address, &context.place.name, &report.statement);
        return Ok(GrantReport {
            status: "refused".to_owned(),
            terraform: Some(patch),
            ..report
        });
    }
    if ready.updates.is_empty() {
        return Ok(report);
    }
    show(app, &report);
    if app.global.dry_run {
        return Ok(GrantReport {
            status: "planned".to_owned(),
            policies: ready.updates.iter().map(PolicyUpdate::recorded).collect(),
            ..report
        });
    }
    let consent = match merged {
        Some(consent) => consent,
        None => agree(app, &workspace, context, manner.yes)?,
    };
    let (_, outcome) = make(app, workspace, context, &ready, &wanted, (manner, consent))?;
    Ok(finished(report, outcome))
}

/// A report of what would be granted.
pub(crate) fn report(context: &GrantContext, ready: &ReadyGrant) -> GrantReport {
    GrantReport {
        version: "1.0.0".to_owned(),
        kind: "grant".to_owned(),
        environment: context.environment.name.clone(),
        principal: Untrusted::new(context.principal.as_str()),
        status: "unchanged".to_owned(),
        id: None,
        statement: put_together(&ready.atoms),
        policies: Vec::new(),
        refused: Vec::new(),
        notes: Vec::new(),
        terraform: None,
    }
}

/// A report with its outcome.
pub(crate) fn finished(report: GrantReport, outcome: GrantOutcome) -> GrantReport {
    let mut notes = report.notes.clone();
    let because = outcome.record.because.as_ref();
    notes.extend(because.map(Untrusted::redacted));
    GrantReport {
        status: outcome.record.status.word().to_owned(),
        id: Some(outcome.id),
        policies: outcome.record.policies,
        notes,
        ..report
    }
}

/// Shows to people what would be granted, before anything is asked.
pub(crate) fn show(app: &App, report: &GrantReport) {
    let shown = text::grant_ahead(report, &app.ui.style());
    let lines: Vec<String> = shown.lines().map(str::to_owned).collect();
    app.ui.lines(&lines);
}

/// Makes a grant that somebody has agreed to.
pub(crate) fn make(
    app: &App,
    workspace: Workspace,
    context: &GrantContext,
    ready: &ReadyGrant,
    wanted: &WantedGrant,
    (manner, consent): (GrantManner<'_>, ConsentRecord),
) -> Result<(Workspace, GrantOutcome), CommandError> {
    let statement = put_together(&ready.atoms);
    let record = GrantRecord {
        environment: context.environment.name.clone(),
        of: None,
        status: GrantStatus::Started,
        granted_by: consent.by.clone(),
        profile: context.granting.profile.clone(),
        identity_arn: Some(context.granting.identity.arn.clone()),
        principal: Untrusted::new(context.principal.as_str()),
        action: sorted(&statement, "Action"),
        resource: sorted(&statement, "Resource"),
        statement,
        reason: Untrusted::new(manner.reason),
        terraform_error: wanted.error.clone(),
        policy_arn: None,
        policy_version: None,
        policies: Vec::new(),
        expires_at: manner.until,
        consent: Some(consent),
        proposal: manner.proposal.map(str::to_owned),
        origin: None,
        first_granted_at: None,
        because: None,
    };
    let application = GrantApplication {
        environment: &context.environment,
        principal: &context.principal,
        place: &context.place,
        updates: &ready.updates,
        record,
    };
    grants::apply(app, workspace, &application)
}

/// All values of a member of statements, each once.
fn sorted(statements: &[Value], key: &str) -> Vec<String> {
    let lists = statements.iter().filter_map(|one| one.get(key)?.as_array());
    let all: BTreeSet<String> = lists
        .flatten()
        .filter_map(|one| one.as_str().map(str::to_owned))
        .collect();
    all.into_iter().collect()
}

/// Asks for consent, where the environment does not take `--yes`.
pub(crate) fn agree(
    app: &App,
    workspace: &Workspace,
    context: &GrantContext,
    yes: bool,
) -> Result<ConsentRecord, CommandError> {
    let name = &context.environment.name;
    if yes && context.is_protected {
        return Err(CommandError::say(
            ErrorKind::Refused,
            format!(
                "{name} is protected, and `--yes` alone is no consent there; nothing was granted"
            ),
        )
        .hint(format!(
            "run it without `--yes` at a terminal, and type `yes` and `{name}`, or with `--propose`"
        )));
    }
    if !yes {
        consent::ask(app, name, context.is_protected)?;
    }
    Ok(ConsentRecord {
        by: landing::find_person(app, workspace)?,
        how: if yes {
            ConsentWay::Flag
        } else {
            ConsentWay::Typed
        },
        at: app.clock.now(),
        reference: None,
    })
}

/// The exit code of a grant or a revocation.
pub(crate) fn exit_code(report: &GrantReport) -> ExitCode {
    match report.status.as_str() {
        "unconfirmed" => ExitCode::Unknown,
        "failed" | "refused" => ExitCode::Found,
        _ if !report.refused.is_empty() => ExitCode::Found,
        _ => ExitCode::Ok,
    }
}
