//! Granting permissions and taking them back: intent, writes, outcome, each in `iam-audit.json`.
//!
//! The intent is committed (and pushed, where commits are) before anything is sent, so that a
//! grant that AWS has is never one that no record knows of.

pub(crate) mod record;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value};
use tokio::sync::OnceCell;

use crate::app::App;
use crate::app::access::Access;
use crate::app::apply::{Applier, ApplyError, ChangeTarget, is_in_doubt};
use crate::app::permissions::granting::{self, Granting};
use crate::app::wait;
use crate::app::workspace::Workspace;
use crate::cloud::change::{Change, OperationCall};
use crate::core::permissions::policies::{GrantPlace, PolicyUpdate};
use crate::error::CommandError;
use crate::model::environments::Environment;
use crate::model::fact::{Gap, GapCause};
use crate::model::iam_audit::{GrantRecord, GrantStatus};
use crate::model::ids::{Arn, Region};
use crate::text::Untrusted;

/// Pauses between looks at what was written: IAM shows it after a moment.
const PAUSES: [u64; 6] = [1, 2, 4, 8, 15, 30];

/// A change of what an identity is granted, to which somebody has agreed.
pub(crate) struct GrantApplication<'a> {
    /// The environment.
    pub(crate) environment: &'a Environment,
    /// To whom.
    pub(crate) principal: &'a Arn,
    /// Where its grants are.
    pub(crate) place: &'a GrantPlace,
    /// The policies that change.
    pub(crate) updates: &'a [PolicyUpdate],
    /// The entry of the log, with the status of the intent.
    pub(crate) record: GrantRecord,
}

/// What became of it.
pub(crate) struct GrantOutcome {
    /// The id of the grant.
    pub(crate) id: String,
    /// Its last entry.
    pub(crate) record: GrantRecord,
}

/// Records the intent, writes the policies, and records the outcome.
pub(crate) fn apply(
    app: &App,
    workspace: Workspace,
    application: &GrantApplication<'_>,
) -> Result<(Workspace, GrantOutcome), CommandError> {
    let (workspace, id) = record::intend(app, workspace, &application.record)?;
    let applier = Applier::for_grants(app, &workspace, application.environment);
    let left = "it may have been sent: `fractary permissions diff` says what AWS has";
    let sent = wait::wait_for_sending(app, "writing policies", left, async {
        Ok(send(&applier, application).await)
    })?;
    let mut record = GrantRecord {
        of: Some(id.clone()),
        status: application.record.status,
        policies: application
            .updates
            .iter()
            .map(PolicyUpdate::recorded)
            .collect(),
        ..application.record.clone()
    };
    let refused = sent.err();
    conclude(app, &workspace, application, refused.as_ref(), &mut record);
    let workspace = record::close(app, workspace, &record, refused.as_ref())?;
    Ok((workspace, GrantOutcome { id, record }))
}

/// Sets the outcome: what AWS shows decides, and not that a call was answered.
fn conclude(
    app: &App,
    workspace: &Workspace,
    application: &GrantApplication<'_>,
    refused: Option<&Gap>,
    record: &mut GrantRecord,
) {
    let is_revocation = application.record.status == GrantStatus::Revoking;
    let done = match is_revocation {
        true => GrantStatus::Revoked,
        false => GrantStatus::Granted,
    };
    let in_doubt = refused.is_none_or(|gap| is_in_doubt(gap.cause));
    let seen = in_doubt.then(|| confirm(app, workspace, application));
    let because = refused.map(|gap| {
        let said = gap.message.redacted();
        format!("{}: {said}", gap.sentence())
    });
    record.status = match (&seen, refused) {
        (Some(Ok(versions)), _) => {
            for policy in &mut record.policies {
                policy.version = versions.get(&policy.arn).cloned();
            }
            // Why it was taken back stays; that a call was not answered does not count any more.
            record.because = application.record.because.clone();
            done
        }
        (Some(Err(why)), _) => {
            record.because = Some(Untrusted::new(because.unwrap_or_else(|| why.clone())));
            GrantStatus::Unconfirmed
        }
        (None, _) => {
            record.because = because.map(Untrusted::new);
            GrantStatus::Failed
        }
    };
    let first = record.policies.first();
    record.policy_arn = first.map(|one| one.arn.clone());
    record.policy_version = first.and_then(|one| one.version.clone());
}

/// Looks until AWS shows every policy as it was written. Returns the versions that count.
fn confirm(
    app: &App,
    workspace: &Workspace,
    application: &GrantApplication<'_>,
) -> Result<BTreeMap<String, String>, String> {
    let mut why = String::new();
    for pause in std::iter::once(0).chain(PAUSES) {
        let rest = async {
            tokio::time::sleep(Duration::from_secs(pause)).await;
            Ok(())
        };
        wait::wait_for(app, "waiting until IAM shows it", rest)
            .map_err(|error| error.to_string())?;
        match look(app, workspace, application) {
            Ok(Ok(versions)) => return Ok(versions),
            Ok(Err(reason)) => why = reason,
            Err(error) => return Err(error.to_string()),
        }
    }
    Err(why)
}

fn look(
    app: &App,
    workspace: &Workspace,
    application: &GrantApplication<'_>,
) -> Result<Result<BTreeMap<String, String>, String>, CommandError> {
    let granting = Granting::open(app, workspace, application.environment)?;
    let place = granting.place(application.principal, application.environment)?;
    let mut versions = BTreeMap::new();
    for update in application.updates {
        let found = place.policies.iter().find(|one| one.arn == update.arn);
        let is_written = found.is_some_and(|one| {
            serde_json::from_str::<Value>(&one.text).is_ok_and(|text| text == update.document)
        });
        let is_attached = place.attached.contains(&update.arn);
        match (found, is_written && is_attached) {
            (Some(found), true) => {
                versions.insert(update.arn.clone(), found.version.clone());
            }
            _ => {
                return Ok(Err(format!(
                    "AWS does not show the policy `{}` as it was written",
                    update.name
                )));
            }
        }
    }
    Ok(Ok(versions))
}

/// Sends the writes of all policies, one after the other. The first refusal ends it.
async fn send(applier: &Applier, application: &GrantApplication<'_>) -> Result<(), Gap> {
    for update in application.updates {
        for (operation, input) in writes(update, application.place) {
            let call = OperationCall {
                operation: operation.to_owned(),
                subject: update.arn.clone(),
                region: region(application.environment),
                input,
                keep: None,
                entry_value: String::new(),
            };
            let name = &application.environment.name;
            let made = applier
                .apply(name, &call.region.clone(), &Change::Operate(call))
                .await;
            made.map_err(|error| match error {
                ApplyError::NotConfirmed(gap) => gap,
                other => Gap {
                    operation: operation.to_owned(),
                    subject: update.arn.clone(),
                    cause: GapCause::NotAsked,
                    code: None,
                    message: Untrusted::new(other.to_string()),
                    missing_permission: None,
                },
            })?;
        }
    }
    Ok(())
}

/// The writes of one policy, in the order in which IAM takes them.
fn writes(update: &PolicyUpdate, place: &GrantPlace) -> Vec<(&'static str, Map<String, Value>)> {
    let input = |members: &[(&str, &str)]| -> Map<String, Value> {
        let members = members.iter();
        members
            .map(|(name, value)| ((*name).to_owned(), Value::from(*value)))
            .collect()
    };
    let document = update.document.to_string();
    let mut all = Vec::new();
    match (update.is_new, &update.drop) {
        (true, _) => all.push((
            "iam:CreatePolicy",
            input(&[
                ("PolicyName", &update.name),
                ("Path", GrantPlace::path()),
                ("PolicyDocument", &document),
                (
                    "Description",
                    "Written by fractary permissions; iam-audit.json says why",
                ),
            ]),
        )),
        (false, old) => {
            if let Some(old) = old {
                let gone = input(&[("PolicyArn", &update.arn), ("VersionId", &old.id)]);
                all.push(("iam:DeletePolicyVersion", gone));
            }
            let new = input(&[
                ("PolicyArn", &update.arn),
                ("PolicyDocument", &document),
                ("SetAsDefault", "true"),
            ]);
            all.push(("iam:CreatePolicyVersion", new));
        }
    }
    if update.attach {
        let (operation, key) = match place.of {
            "user" => ("iam:AttachUserPolicy", "UserName"),
            _ => ("iam:AttachRolePolicy", "RoleName"),
        };
        let attached = input(&[(key, &place.name), ("PolicyArn", &update.arn)]);
        all.push((operation, attached));
    }
    all
}

/// IAM is asked in one place whatever the region is.
fn region(environment: &Environment) -> Region {
    let own = environment.region.clone();
    own.unwrap_or_else(|| Region::new("us-east-1").expect("a region of AWS"))
}

impl Applier {
    /// Prepares to write policies of grants as the identity that grants, and to do nothing else.
    fn for_grants(app: &App, workspace: &Workspace, environment: &Environment) -> Self {
        let allowed = Access::Grant.operations(&workspace.catalog);
        let mut settings = granting::settings(app, workspace, environment, allowed);
        // A version that was made twice would push another one out.
        settings.max_attempts = 1;
        let changer = OnceCell::new();
        let target = ChangeTarget { settings, changer };
        Self {
            environments: BTreeMap::from([(environment.name.clone(), target)]),
            catalog: workspace.catalog.clone(),
        }
    }
}
