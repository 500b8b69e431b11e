//! Everything that decides whether something may be granted: who grants, to whom, and what there
//! is already.

use std::collections::BTreeSet;

use serde_json::json;

use crate::app::App;
use crate::app::permissions::granting::{self, Granting};
use crate::app::permissions::preflight;
use crate::app::remediate::safety::TrustedSafety;
use crate::app::workspace::Workspace;
use crate::core::permissions::atoms::{GrantAtom, put_together};
use crate::core::permissions::held::{AskedCall, HeldVerdict};
use crate::core::permissions::limits::{self, GrantSurroundings};
use crate::core::permissions::policies::{GrantPlace, PolicyUpdate};
use crate::core::permissions::{GrantScope, HeldPolicies, iam_identity, identities, opened};
use crate::core::policy::PolicyDocument;
use crate::error::{CommandError, ErrorKind};
use crate::model::denied_grant::RefusedGrant;
use crate::model::environments::Environment;
use crate::model::ids::{Arn, EnvironmentName};
use crate::text::Untrusted;

/// What decides about a grant in one environment.
pub(crate) struct GrantContext {
    /// The environment, with its account and region.
    pub(crate) environment: Environment,
    /// Whether every change needs somebody at a terminal.
    pub(crate) is_protected: bool,
    /// Where the account, the region and the names of the environment are from.
    pub(crate) scope: GrantScope,
    /// Who grants.
    pub(crate) granting: Granting,
    /// To whom.
    pub(crate) principal: Arn,
    /// Where its grants are.
    pub(crate) place: GrantPlace,
    /// What it may do.
    pub(crate) held: HeldPolicies,
    around: GrantSurroundings,
}

/// A grant that may be made.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ReadyGrant {
    /// What is added.
    pub(crate) atoms: BTreeSet<GrantAtom>,
    /// The policies that change; none where everything is there.
    pub(crate) updates: Vec<PolicyUpdate>,
    /// What is not granted, and why.
    pub(crate) refused: Vec<RefusedGrant>,
}

impl GrantContext {
    /// Asks who grants and who deploys, and refuses whoever may not. `named` is an ARN that
    /// somebody gave, `deploying` who deploys, where that is known already.
    pub(crate) fn open(
        app: &App,
        workspace: &Workspace,
        name: &EnvironmentName,
        named: Option<&str>,
        deploying: Option<Arn>,
    ) -> Result<Self, CommandError> {
        let settings = workspace.settings();
        let environment = settings.complete(&settings.environment(name)?);
        let scope = preflight::scope(workspace, &environment)?;
        let granting = Granting::open(app, workspace, &environment)?;
        let deploying = deploying.or_else(|| granting::deploying(app, workspace, &environment));
        let named = named
            .map(|text| Arn::new(text).map_err(|error| CommandError::usage(error.to_string())))
            .transpose()?;
        let principal = named.or_else(|| deploying.clone()).ok_or_else(|| {
            CommandError::usage(format!("which identity deploys to {name} is not known"))
                .hint("name it with `--identity ARN`")
                .hint(format!("or set `handlers.hosting.aws.profiles.{name}_deploy` of devops.json to the profile that deploys"))
        })?;
        let all = settings.environments().map(|one| &one.name);
        let others = all.filter(|one| *one != name);
        let others: Vec<&EnvironmentName> = others.collect();
        let account = granting::account(&environment)?;
        identities::check_granted(&principal, name, account, deploying.as_ref(), &others)
            .map_err(refused)?;
        let place = granting.place(&principal, &environment)?;
        Ok(Self {
            is_protected: protects(workspace, &environment)?,
            around: surroundings(workspace, &scope, &others),
            held: granting.held(&principal),
            environment,
            scope,
            granting,
            principal,
            place,
        })
    }

    /// Says what of these permissions may be granted, and what changes for it. `at_will` says that
    /// somebody knows what powerful permissions mean.
    pub(crate) fn ready(
        &self,
        app: &App,
        atoms: &BTreeSet<GrantAtom>,
        at_will: bool,
    ) -> Result<ReadyGrant, CommandError> {
        let (mut fine, refusals) = limits::sort(atoms, &self.place, &self.around);
        let mut refused: Vec<RefusedGrant> = refusals
            .into_iter()
            .map(|(atom, why)| self.refusal(&atom, why))
            .collect();
        fine.retain(|atom| match self.verdict(atom) {
            HeldVerdict::Denied { by } => {
                refused.push(self.refusal(atom, format!("a grant does not help: {by}")));
                false
            }
            _ => true,
        });
        let ways = match at_will {
            true => Vec::new(),
            false => self.escalations(&fine),
        };
        if !ways.is_empty() {
            let why = format!(
                "it would open a way to more permissions: {}",
                ways.join("; ")
            );
            refused.extend(fine.iter().map(|atom| self.refusal(atom, why.clone())));
            fine.clear();
        }
        let updates = self
            .place
            .change(&fine, &BTreeSet::new(), app.clock.now())
            .map_err(|error| {
                CommandError::new(ErrorKind::Refused, error).hint("nothing was granted")
            })?;
        Ok(ReadyGrant {
            atoms: fine,
            updates,
            refused,
        })
    }

    /// What the policies of the identity say about a permission now.
    pub(crate) fn verdict(&self, atom: &GrantAtom) -> HeldVerdict {
        let condition: serde_json::Value =
            serde_json::from_str(&atom.condition).unwrap_or_default();
        let passed_to = condition["StringEquals"]["iam:PassedToService"].as_str();
        self.held.verdict(AskedCall {
            action: &atom.action,
            resource: &atom.resource,
            passed_to,
            region: Some(&self.scope.region),
        })
    }

    /// Ways to more permissions that these would open. An end of the grant is no hindrance to
    /// whoever uses it before.
    fn escalations(&self, atoms: &BTreeSet<GrantAtom>) -> Vec<String> {
        let lasting: BTreeSet<GrantAtom> = atoms
            .iter()
            .map(|atom| GrantAtom {
                condition: match atom.until() {
                    Some(_) => String::new(),
                    None => atom.condition.clone(),
                },
                ..atom.clone()
            })
            .collect();
        let policy = json!({ "Version": "2012-10-17", "Statement": put_together(&lasting) });
        match PolicyDocument::parse(&policy.to_string()) {
            Ok(document) => opened(&self.held, document),
            Err(why) => vec![format!("the grant could not be checked: {why}")],
        }
    }

    fn refusal(&self, atom: &GrantAtom, why: String) -> RefusedGrant {
        RefusedGrant {
            action: Some(Untrusted::new(atom.action.as_str())),
            resource: Some(Untrusted::new(atom.resource.as_str())),
            principal: Some(Untrusted::new(self.principal.as_str())),
            because: Untrusted::new(why),
        }
    }

    /// The block of Terraform that has the role or user, where one of the registries knows it: a
    /// grant beside it would be drift.
    pub(crate) fn managed_by_terraform(&self, workspace: &Workspace) -> Option<String> {
        let of_type = match self.place.of {
            "user" => "aws_iam_user",
            _ => "aws_iam_role",
        };
        let registries = workspace.state.registries.values();
        let mut entries = registries.flat_map(|one| &one.value.resources);
        let found = entries.find(|entry| {
            let named = iam_identity(entry.arn.as_str()).map(|(_, name)| name);
            entry.resource_type == of_type
                && (entry.aws_id.raw() == self.place.name
                    || named.as_ref() == Some(&self.place.name))
        })?;
        let address = found.terraform_address.as_ref();
        Some(address.map_or_else(|| of_type.to_owned(), |one| one.raw().to_owned()))
    }
}

/// Whether nothing is granted there without somebody at a terminal, or a merged proposal.
pub(crate) fn protects(
    workspace: &Workspace,
    environment: &Environment,
) -> Result<bool, CommandError> {
    let safety = TrustedSafety::read(&workspace.repository)?;
    let devops = workspace.state.devops.as_ref();
    let rules = devops.and_then(|one| one.value.environments.get(&environment.name));
    Ok(safety.protects(environment) || rules.is_some_and(|one| one.require_confirmation))
}

fn surroundings(
    workspace: &Workspace,
    scope: &GrantScope,
    others: &[&EnvironmentName],
) -> GrantSurroundings {
    let devops = workspace.state.devops.as_ref().map(|one| &one.value);
    let prefixes = others.iter().filter_map(|other| {
        let prefix = preflight::prefix(devops?, other)?;
        Some((other.to_string(), prefix))
    });
    GrantSurroundings {
        account: scope.account.clone(),
        prefix: scope.prefix.clone(),
        others: prefixes.collect(),
    }
}

fn refused(why: identities::WrongRole) -> CommandError {
    let error = CommandError::new(ErrorKind::Refused, why);
    error.hint("nothing was granted")
}
