//! The policies of one user or role, out of everything that was read of an account.

use std::collections::BTreeSet;

use crate::core::audit::estate::Estate;
use crate::core::audit::facts::{FactView, text_in};
use crate::core::known::{Known, Obstacle, Obstacles, unclear};
use crate::core::permissions::policies::ManagedPolicy;
use crate::core::permissions::{HeldPolicies, iam_identity};
use crate::core::policy::PolicyDocument;
use crate::model::configuration::Configuration;
use crate::text::escape;

use super::rights;

/// Returns the policies of a user or role by its ARN; that of a session stands for its role.
/// Those of AWS are among them, with their text.
///
/// # Errors
/// Why they are not known: a sentence without a full stop.
pub fn held_policies(configuration: &Configuration, arn: &str) -> Result<HeldPolicies, String> {
    let estate = Estate::new(configuration);
    let shown = escape::cut(arn, 160);
    let (of, name) =
        iam_identity(arn).ok_or_else(|| format!("`{shown}` is neither a user nor a role"))?;
    let resource_type = match of {
        "user" => "aws_iam_user",
        _ => "aws_iam_role",
    };
    let view = match estate.find(resource_type, "name", &name) {
        Ok(Some(view)) => view,
        Ok(None) => {
            let shown = escape::cut(&name, 120);
            return Err(format!("the {of} `{shown}` was not found"));
        }
        Err(obstacles) => return Err(words(configuration, &obstacles)),
    };
    let mut reader = PolicyReader {
        estate: &estate,
        policies: Vec::new(),
        hidden: Obstacles::new(),
    };
    reader.add(view);
    if of == "user" {
        for group in rights::groups(view, &mut reader.hidden) {
            match estate.find("aws_iam_group", "name", &group) {
                Ok(Some(group)) => reader.add(group),
                Ok(None) => {
                    let shown = escape::cut(&group, 120);
                    reader
                        .hidden
                        .extend(unclear(format!("the group `{shown}` was not found")));
                }
                Err(obstacles) => reader.hidden.extend(obstacles),
            }
        }
    }
    let boundary = reader.boundary(view);
    let hidden = match reader.hidden.is_empty() {
        true => Vec::new(),
        false => vec![words(configuration, &reader.hidden)],
    };
    Ok(HeldPolicies {
        policies: reader.policies,
        boundary,
        hidden,
    })
}

struct PolicyReader<'e, 'a> {
    estate: &'e Estate<'a>,
    policies: Vec<(String, PolicyDocument)>,
    hidden: Obstacles,
}

impl PolicyReader<'_, '_> {
    /// Adds the policies of a user, group or role.
    fn add(&mut self, view: FactView<'_>) {
        let (inline, hidden) = rights::inline(view);
        self.policies.extend(inline);
        self.hidden.extend(hidden);
        let arns = match rights::attached(view) {
            Ok((arns, hidden)) => {
                self.hidden.extend(hidden);
                arns
            }
            Err(obstacles) => {
                self.hidden.extend(obstacles);
                Vec::new()
            }
        };
        for arn in arns {
            match self.managed(&arn) {
                Ok(policy) => {
                    let name = arn.rsplit('/').next().unwrap_or(&arn).to_owned();
                    self.policies.push((name, policy));
                }
                Err(obstacles) => self.hidden.extend(obstacles),
            }
        }
    }

    /// The boundary, where there is one that can be read.
    fn boundary(&mut self, view: FactView<'_>) -> Option<PolicyDocument> {
        let found = match view.text("permissions_boundary") {
            Ok(None) => return None,
            Ok(Some(arn)) => self.managed(&arn),
            Err(obstacles) => Err(obstacles),
        };
        found
            .map_err(|obstacles| self.hidden.extend(obstacles))
            .ok()
    }

    /// The text of a managed policy.
    fn managed(&self, arn: &str) -> Known<PolicyDocument> {
        let missing = || {
            unclear(format!(
                "the policy `{}` was not found",
                escape::cut(arn, 120)
            ))
        };
        let found = self.estate.find("aws_iam_policy", "arn", arn)?;
        found
            .ok_or_else(missing)?
            .policy("policy")?
            .ok_or_else(missing)
    }
}

/// What stands in the way, in words.
fn words(configuration: &Configuration, obstacles: &Obstacles) -> String {
    let one = |obstacle: &Obstacle| match obstacle {
        Obstacle::Gap(id) => configuration
            .gap(*id)
            .map_or_else(|| "a call gave no answer".to_owned(), |gap| gap.sentence()),
        Obstacle::NotRead(what) => format!("`{what}` was not read"),
        Obstacle::Unclear(why) => why.clone(),
    };
    let all: Vec<String> = obstacles.iter().map(one).collect();
    all.join("; ")
}

/// The managed policies of the account, with all their versions.
///
/// # Errors
/// Why they are not known, as a sentence without a full stop.
pub fn managed_policies(configuration: &Configuration) -> Result<Vec<ManagedPolicy>, String> {
    let estate = Estate::new(configuration);
    let (seen, hidden) = estate.of_type("aws_iam_policy");
    if !hidden.is_empty() {
        return Err(words(configuration, &hidden));
    }
    let read = |view: FactView<'_>| -> Known<ManagedPolicy> {
        let mut versions = Vec::new();
        for version in view.list("versions")?.items {
            let id = text_in(&version, "id")?.unwrap_or_default();
            let text = text_in(&version, "policy")?.unwrap_or_default();
            versions.push((id, text));
        }
        Ok(ManagedPolicy {
            arn: view.text("arn")?.unwrap_or_default(),
            text: view.text("policy")?.unwrap_or_default(),
            version: view.text("version")?.unwrap_or_default(),
            versions,
        })
    };
    let all: Known<Vec<ManagedPolicy>> = seen.iter().map(|one| read(estate.view(one))).collect();
    all.map_err(|obstacles| words(configuration, &obstacles))
}

/// ARNs of the managed policies that are attached to a user or role, by the ARN of its identity.
///
/// # Errors
/// Why they are not known, as a sentence without a full stop.
pub fn attached_policies(
    configuration: &Configuration,
    arn: &str,
) -> Result<BTreeSet<String>, String> {
    let estate = Estate::new(configuration);
    let shown = escape::cut(arn, 160);
    let (of, name) =
        iam_identity(arn).ok_or_else(|| format!("`{shown}` is neither a user nor a role"))?;
    let resource_type = if of == "user" {
        "aws_iam_user"
    } else {
        "aws_iam_role"
    };
    let found = estate.find(resource_type, "name", &name);
    let found = found.map_err(|obstacles| words(configuration, &obstacles))?;
    let view = found.ok_or_else(|| format!("the {of} `{shown}` was not found"))?;
    let (arns, hidden) =
        rights::attached(view).map_err(|obstacles| words(configuration, &obstacles))?;
    match hidden.is_empty() {
        true => Ok(arns.into_iter().collect()),
        false => Err(words(configuration, &hidden)),
    }
}
