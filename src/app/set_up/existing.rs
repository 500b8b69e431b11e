//! An environments.json that is there already: it gains what it lacks and loses nothing. What it
//! has and what is asked for must agree, because nobody can say which of them is meant.

use crate::app::set_up::Scaffolding;
use crate::error::CommandError;
use crate::model::environments::{AwsNames, Environment, Environments};
use crate::render::scaffold::{self, Scaffold, Target};
use crate::state::Document;
use crate::state::documents::paths;

/// Adds the environments that it lacks, and to the others the account and the region that
/// these lack.
///
/// # Errors
/// An environment has another account or region than is asked for.
pub(super) fn update(
    document: &Document<Environments>,
    shared: Option<&AwsNames>,
    scaffold: &Scaffold,
    plan: &mut Scaffolding,
) -> Result<(), CommandError> {
    let files = scaffold::files(scaffold).map_err(CommandError::bug)?;
    let fresh = files
        .iter()
        .find(|(target, _)| *target == Target::Environments)
        .map_or("", |(_, text)| text);
    let fresh: Environments = serde_json::from_str(fresh).map_err(CommandError::bug)?;
    let mut value = document.value.clone();
    let mut conflicts = Vec::new();
    for (name, asked) in fresh.environments {
        match value.environments.get_mut(&name) {
            Some(there) => fill(there, &asked, shared, &mut conflicts, &mut plan.filled),
            None => {
                plan.added.push(name.to_string());
                value.environments.insert(name, asked);
            }
        }
    }
    if !conflicts.is_empty() {
        return Err(CommandError::usage(format!(
            "nothing was written, because {} says otherwise: {}",
            document.path,
            conflicts.join("; ")
        ))
        .hint(format!(
            "change {} (and {}, where it names the same), or leave out what it has already",
            document.path,
            paths::aws_credentials()
        )));
    }
    if !plan.added.is_empty() || !plan.filled.is_empty() {
        plan.kept.retain(|path| path != document.path.as_str());
        plan.transaction
            .write(document.path.clone(), document.updated(&value));
    }
    Ok(())
}

/// Fills in what an environment lacks; what it has otherwise is a conflict.
fn fill(
    there: &mut Environment,
    asked: &Environment,
    shared: Option<&AwsNames>,
    conflicts: &mut Vec<String>,
    filled: &mut Vec<String>,
) {
    let name = there.name.clone();
    if let Some(account) = &asked.account_id {
        match &there.account_id {
            Some(own) if own != account => {
                conflicts.push(format!("`{name}` has account {own}, not {account}"));
            }
            None if shared.and_then(|all| all.account_id.as_ref()) != Some(account) => {
                there.account_id = Some(account.clone());
                filled.push(format!("{name}: account_id"));
            }
            _ => {}
        }
    }
    if let Some(region) = &asked.region {
        let shared = shared.and_then(|all| all.region.as_ref());
        match &there.region {
            _ if there.regions.contains(region) => {}
            Some(own) if own != region => {
                conflicts.push(format!("`{name}` has region {own}, not {region}"));
            }
            None if !there.regions.is_empty() => {
                let own: Vec<&str> = there.regions.iter().map(|one| one.as_str()).collect();
                conflicts.push(format!(
                    "`{name}` has regions {}, not {region}",
                    own.join(", ")
                ));
            }
            None if shared != Some(region) => {
                there.region = Some(region.clone());
                filled.push(format!("{name}: region"));
            }
            _ => {}
        }
    }
}
