//! What was recorded of grants, held against AWS, and making them agree in either direction.

use std::collections::BTreeSet;

use crate::app::App;
use crate::app::apply::grants::{self, GrantApplication, record};
use crate::app::permissions::audit_log;
use crate::app::permissions::context::GrantContext;
use crate::app::permissions::grant::{self, WantedGrant};
use crate::app::permissions::granting::{self, Granting};
use crate::app::permissions::{holder, unknown};
use crate::app::workspace::Workspace;
use crate::app::workspace::landing::{Landed, Landing};
use crate::core::permissions::atoms::{GrantAtom, put_together};
use crate::core::permissions::compare::{Difference, compare};
use crate::core::permissions::grant_history::{atoms, is_in_force};
use crate::core::permissions::import::{self, ImportScope};
use crate::error::{CommandError, ErrorKind};
use crate::model::environments::Environment;
use crate::model::iam_audit::{GrantDifferenceReport, GrantRecord, GrantStatus, ListedGrant};
use crate::model::ids::{Arn, EnvironmentName};
use crate::text::Untrusted;
use crate::text::phrases::{counted, counted_as};

/// The differences of one environment.
pub(crate) struct Compared {
    /// The environment.
    pub(crate) environment: Environment,
    /// All grants of it.
    pub(crate) grants: Vec<ListedGrant>,
    /// By identity, those that differ.
    pub(crate) differences: Vec<(Arn, Difference)>,
}

impl Compared {
    /// Returns it as commands show it.
    pub(crate) fn report(&self, synced: Option<String>) -> GrantDifferenceReport {
        let differences = self.differences.iter();
        GrantDifferenceReport {
            version: "1.0.0".to_owned(),
            kind: "grant_difference".to_owned(),
            environment: self.environment.name.clone(),
            differences: differences
                .map(|(arn, difference)| difference.shown(arn.as_str()))
                .collect(),
            synced,
        }
    }
}

/// Reads both sides.
pub(crate) fn read(
    app: &App,
    workspace: &Workspace,
    name: &EnvironmentName,
) -> Result<Compared, CommandError> {
    let settings = workspace.settings();
    let environment = settings.complete(&settings.environment(name)?);
    let mut grants = audit_log::grants(app, workspace)?;
    grants.retain(|one| one.record.environment == *name);
    let recorded = grants
        .iter()
        .filter_map(|one| Arn::new(one.record.principal.raw()).ok());
    let mut principals: BTreeSet<Arn> = recorded.collect();
    let granting = Granting::open(app, workspace, &environment)?;
    if principals.is_empty() {
        principals.extend(granting::deploying(app, workspace, &environment));
    }
    let mut differences = Vec::new();
    for principal in principals {
        let place = granting.place(&principal, &environment)?;
        let own: Vec<&ListedGrant> = grants
            .iter()
            .filter(|one| one.record.principal.raw() == principal.as_str())
            .collect();
        let difference =
            compare(&place, &own).map_err(|error| CommandError::new(ErrorKind::Unknown, error))?;
        if !difference.is_none() {
            differences.push((principal, difference));
        }
    }
    Ok(Compared {
        environment,
        grants,
        differences,
    })
}

/// Writes into the record what AWS has: what nobody recorded, and what is gone.
pub(crate) fn to_record(
    app: &App,
    workspace: Workspace,
    compared: &Compared,
    landing: Landing,
) -> Result<(String, Landed), CommandError> {
    let mut records = Vec::new();
    for (principal, difference) in &compared.differences {
        let own = compared
            .grants
            .iter()
            .filter(|one| one.record.principal.raw() == principal.as_str() && is_in_force(one));
        for grant in own {
            records.extend(corrected(grant, &difference.missing));
        }
        if !difference.unexplained.is_empty() {
            records.push(found(
                &compared.environment.name,
                principal,
                &difference.unexplained,
            ));
        }
    }
    let what = counted(records.len() as u64, "entry");
    let subject = format!("{} sync the record with AWS", compared.environment.name);
    let landed = record::note(app, workspace, landing, &records, &subject)?;
    Ok((format!("{what} added to iam-audit.json"), landed))
}

/// What AWS shows of a grant, where that is less than was recorded, or where nobody has recorded
/// how it ended.
fn corrected(grant: &ListedGrant, missing: &BTreeSet<GrantAtom>) -> Vec<GrantRecord> {
    let own = atoms(&grant.record);
    let left: BTreeSet<GrantAtom> = own.difference(missing).cloned().collect();
    let is_open = matches!(
        grant.record.status,
        GrantStatus::Started | GrantStatus::Revoking | GrantStatus::Unconfirmed
    );
    if left.len() == own.len() && !is_open {
        return Vec::new();
    }
    let record = &grant.record;
    // Who took it back, and why, is known only where a revocation was under way.
    let is_ours = record.status == GrantStatus::Revoking;
    let gone = "AWS does not have it, and no record says why";
    let (status, granted_by, because) = match (left.is_empty(), is_ours) {
        (true, true) => {
            let (by, because) = (record.granted_by.clone(), record.because.clone());
            (GrantStatus::Revoked, by, because)
        }
        (true, false) => (GrantStatus::Revoked, None, Some(Untrusted::from(gone))),
        (false, _) => {
            let because = Some(Untrusted::from("AWS shows it so"));
            (GrantStatus::Granted, record.granted_by.clone(), because)
        }
    };
    vec![GrantRecord {
        of: Some(grant.id.clone()),
        status,
        granted_by,
        statement: put_together(&left),
        because,
        ..record.clone()
    }]
}

/// What AWS has and nobody recorded.
fn found(
    environment: &EnvironmentName,
    principal: &Arn,
    atoms: &BTreeSet<GrantAtom>,
) -> GrantRecord {
    let names = |of: fn(&GrantAtom) -> &String| -> Vec<String> {
        let all: BTreeSet<String> = atoms.iter().map(|one| of(one).clone()).collect();
        all.into_iter().collect()
    };
    GrantRecord {
        environment: environment.clone(),
        of: None,
        status: GrantStatus::Imported,
        granted_by: None,
        profile: None,
        identity_arn: None,
        principal: Untrusted::new(principal.as_str()),
        action: names(|one| &one.action),
        resource: names(|one| &one.resource),
        statement: put_together(atoms),
        reason: Untrusted::from("found in AWS, and in no record"),
        terraform_error: None,
        policy_arn: None,
        policy_version: None,
        policies: Vec::new(),
        expires_at: None,
        consent: None,
        proposal: None,
        origin: Some(Untrusted::from("AWS")),
        first_granted_at: None,
        because: None,
    }
}

/// Reads an older record into `iam-audit.json`. What is there already is not added again.
pub(crate) fn import(
    app: &App,
    workspace: Workspace,
    name: &EnvironmentName,
    (file, text): (&str, &str),
    landing: Landing,
) -> Result<(usize, Landed), CommandError> {
    let settings = workspace.settings();
    let environment = settings.complete(&settings.environment(name)?);
    let account = granting::account(&environment)?.to_string();
    let names: Vec<EnvironmentName> = settings
        .environments()
        .map(|one| one.name.clone())
        .collect();
    let scope = ImportScope {
        environments: &names,
        default: name,
        account: &account,
        file,
    };
    let shown = Untrusted::from(file).terminal();
    let read = import::read(text, &scope);
    let read = read.map_err(|why| CommandError::usage(format!("{shown}: {why}")))?;
    if read.left_out > 0 {
        let left_out = counted_as(read.left_out as u64, "entry", "entries");
        app.ui
            .warn(&format!("{shown}: left out {left_out} without an action"));
    }
    let mut records = read.records;
    let there = audit_log::grants(app, &workspace)?;
    records.retain(|one| {
        !there.iter().any(|known| {
            known.record.origin == one.origin && known.record.statement == one.statement
        })
    });
    let subject = format!("import {}", counted(records.len() as u64, "older grant"));
    let landed = match records.is_empty() {
        true => Landed::Nothing,
        false => record::note(app, workspace, landing, &records, &subject)?,
    };
    Ok((records.len(), landed))
}

/// Writes into AWS what the record has: what is missing is granted again, and what nobody recorded
/// is taken back.
pub(crate) fn to_aws(
    app: &App,
    mut workspace: Workspace,
    compared: &Compared,
    yes: bool,
) -> Result<String, CommandError> {
    let name = &compared.environment.name;
    let none = BTreeSet::new();
    let mut done = Vec::new();
    for (principal, difference) in &compared.differences {
        for (add, remove) in [
            (&difference.missing, &none),
            (&none, &difference.unexplained),
        ] {
            if add.is_empty() && remove.is_empty() {
                continue;
            }
            let side = SyncSide {
                name,
                principal,
                add,
                remove,
            };
            let (next, what) = send(app, workspace, side, yes)?;
            workspace = next;
            done.push(what);
        }
    }
    Ok(match done.is_empty() {
        true => "nothing to change".to_owned(),
        false => done.join(", "),
    })
}

/// What is granted again, or taken back.
struct SyncSide<'a> {
    name: &'a EnvironmentName,
    principal: &'a Arn,
    add: &'a BTreeSet<GrantAtom>,
    remove: &'a BTreeSet<GrantAtom>,
}

/// Everything that decides about it. Whoever has something may lose it, as with a revocation: who
/// deploys today matters only for what is added.
fn open(
    app: &App,
    workspace: &Workspace,
    side: &SyncSide<'_>,
) -> Result<(GrantContext, bool), CommandError> {
    if !side.add.is_empty() {
        return holder::open(app, workspace, side.name, side.principal);
    }
    let holder = Some(side.principal.clone());
    let context = GrantContext::open(app, workspace, side.name, None, holder)?;
    Ok((context, false))
}

fn send(
    app: &App,
    workspace: Workspace,
    side: SyncSide<'_>,
    yes: bool,
) -> Result<(Workspace, String), CommandError> {
    let (context, is_reader) = open(app, &workspace, &side)?;
    let add = WantedGrant {
        atoms: side.add.clone(),
        ..WantedGrant::default()
    };
    let add = match is_reader {
        true => unknown::only_reading(&workspace, add),
        false => add,
    };
    let mut ready = context.ready(app, &add.atoms, false)?;
    ready.refused.extend(add.refused);
    if let Some(one) = ready.refused.first() {
        let why = one.because.terminal();
        let what = format!("the record cannot be granted again: {why}");
        return Err(CommandError::say(ErrorKind::Refused, what));
    }
    let updates = context
        .place
        .change(side.add, side.remove, app.clock.now())
        .map_err(|error| CommandError::new(ErrorKind::Refused, error))?;
    let all: BTreeSet<GrantAtom> = side.add.union(side.remove).cloned().collect();
    if app.global.dry_run {
        return Ok((workspace, counted(all.len() as u64, "permission")));
    }
    let consent = grant::agree(app, &workspace, &context, yes)?;
    let record = GrantRecord {
        status: match side.add.is_empty() {
            false => GrantStatus::Started,
            true => GrantStatus::Revoking,
        },
        reason: Untrusted::from("AWS differed from the record"),
        origin: None,
        granted_by: consent.by.clone(),
        profile: context.granting.profile.clone(),
        identity_arn: Some(context.granting.identity.arn.clone()),
        consent: Some(consent),
        ..found(side.name, side.principal, &all)
    };
    let application = GrantApplication {
        environment: &context.environment,
        principal: &context.principal,
        place: &context.place,
        updates: &updates,
        record,
    };
    let (next, outcome) = grants::apply(app, workspace, &application)?;
    let what = format!("{} {}", outcome.id, outcome.record.status.word());
    Ok((next, what))
}
