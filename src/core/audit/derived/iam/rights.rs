//! What a principal may do: the union of its policies, less what is denied, within its boundary.

use crate::core::audit::estate::Estate;
use crate::core::audit::facts::{FactView, list_in, parse_policy, text_in};
use crate::core::known::{Known, Obstacles};
use crate::core::policy::{
    PatternSet, PolicyDocument, PolicyEffect, Statement, covers, matches, overlaps,
};
use crate::text::escape;

/// Policies of AWS that let their holder become more, with what they allow. Every other policy
/// of AWS allows nothing that the paths need unconditionally and together.
pub(super) const OF_AWS: [(&str, &str); 5] = [
    (
        "AdministratorAccess",
        r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#,
    ),
    (
        "AdministratorAccess-Amplify",
        r#"{"Statement":{"Effect":"Allow","Action":["iam:PassRole","iam:AttachRolePolicy","iam:PutRolePolicy","cloudformation:*","lambda:*"],"Resource":"*"}}"#,
    ),
    (
        "AWSMcpServiceActionsFullAccess",
        r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:IsMcpServiceAction":"true"}}}}"#,
    ),
    (
        "IAMFullAccess",
        r#"{"Statement":{"Effect":"Allow","Action":"iam:*","Resource":"*"}}"#,
    ),
    (
        "PowerUserAccess",
        r#"{"Statement":{"Effect":"Allow","NotAction":["iam:*","organizations:*","account:*"],"Resource":"*"}}"#,
    ),
];

/// What a principal may do.
#[derive(Debug, Default)]
pub(super) struct Rights {
    /// Statements, each with the name of the policy that it is in.
    pub(super) statements: Vec<(String, Statement)>,
    /// Statements of the boundary, where there is one.
    boundary: Option<Vec<Statement>>,
    /// What may hide more.
    pub(super) hidden: Obstacles,
}

/// What allows an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Grant {
    /// Name of the policy.
    pub(super) policy: String,
    /// Whether a condition has to hold that is not known here.
    pub(super) is_conditional: bool,
}

/// Returns what a user or a role may do.
pub(super) fn of_principal<'a>(estate: &Estate<'a>, view: FactView<'a>) -> Rights {
    let mut rights = Rights::default();
    rights.add_own(estate, view);
    if view.resource.resource_type == "aws_iam_user" {
        for name in groups(view, &mut rights.hidden) {
            match estate.find("aws_iam_group", "name", &name) {
                Ok(Some(group)) => rights.add_own(estate, group),
                Ok(None) => {}
                Err(obstacles) => rights.hidden.extend(obstacles),
            }
        }
    }
    match view.text("permissions_boundary") {
        Ok(None) => {}
        Ok(Some(arn)) => match document(estate, &arn) {
            Ok(policy) => {
                rights.boundary = Some(policy.map(|one| one.statements).unwrap_or_default())
            }
            Err(obstacles) => rights.hidden.extend(obstacles),
        },
        Err(obstacles) => rights.hidden.extend(obstacles),
    }
    rights
}

/// Returns the names of the groups of a user.
pub(super) fn groups(view: FactView<'_>, hidden: &mut Obstacles) -> Vec<String> {
    let found = view.get("group_membership").and_then(|found| match found {
        Some(value) => list_in(&value, "groups"),
        None => Ok(Default::default()),
    });
    match found {
        Ok(seen) => {
            hidden.extend(seen.hidden.clone());
            seen.texts()
        }
        Err(obstacles) => {
            hidden.extend(obstacles);
            Vec::new()
        }
    }
}

/// Returns the inline policies of a principal, each with its name, and what may hide others.
pub(super) fn inline(view: FactView<'_>) -> (Vec<(String, PolicyDocument)>, Obstacles) {
    let seen = match view.list("policies") {
        Ok(seen) => seen,
        Err(obstacles) => return (Vec::new(), obstacles),
    };
    let mut hidden = seen.hidden.clone();
    let mut documents = Vec::new();
    for item in &seen.items {
        let parsed: Known<Option<(String, PolicyDocument)>> = (|| {
            let name = text_in(item, "name")?.unwrap_or_default();
            let Some(text) = text_in(item, "policy")? else {
                return Ok(None);
            };
            Ok(Some((name, parse_policy(&text, "policies")?)))
        })();
        match parsed {
            Ok(found) => documents.extend(found),
            Err(obstacles) => hidden.extend(obstacles),
        }
    }
    (documents, hidden)
}

/// Returns the ARNs of the policies that are attached to a principal, and what may hide others.
pub(super) fn attached(view: FactView<'_>) -> Known<(Vec<String>, Obstacles)> {
    let seen = view.list("policy_attachments")?;
    let mut hidden = seen.hidden.clone();
    let mut arns = Vec::new();
    for item in &seen.items {
        match text_in(item, "policy_arn") {
            Ok(arn) => arns.extend(arn),
            Err(obstacles) => hidden.extend(obstacles),
        }
    }
    Ok((arns, hidden))
}

/// Returns a managed policy; `None` for one of AWS that does no harm.
fn document(estate: &Estate<'_>, arn: &str) -> Known<Option<PolicyDocument>> {
    if let Some((_, name)) = arn.split_once(":aws:policy/") {
        let name = name.rsplit('/').next().unwrap_or(name);
        let known = OF_AWS.iter().find(|(known, _)| *known == name);
        return known.map(|(_, text)| parse_policy(text, name)).transpose();
    }
    match estate.find("aws_iam_policy", "arn", arn)? {
        Some(found) => found.policy("policy"),
        None => Err(crate::core::known::unclear(format!(
            "the policy `{}` was not found",
            escape::cut(arn, 120)
        ))),
    }
}

impl Rights {
    fn add_own<'a>(&mut self, estate: &Estate<'a>, view: FactView<'a>) {
        let (documents, hidden) = inline(view);
        self.hidden.extend(hidden);
        for (name, policy) in documents {
            self.add(&name, policy);
        }
        let (arns, more) = match attached(view) {
            Ok(found) => found,
            Err(obstacles) => (Vec::new(), obstacles),
        };
        self.hidden.extend(more);
        for arn in arns {
            match document(estate, &arn) {
                Ok(Some(policy)) => {
                    let name = arn.rsplit('/').next().unwrap_or(&arn).to_owned();
                    self.add(&name, policy);
                }
                Ok(None) => {}
                Err(obstacles) => self.hidden.extend(obstacles),
            }
        }
    }

    fn add(&mut self, name: &str, policy: PolicyDocument) {
        let named = policy
            .statements
            .into_iter()
            .map(|one| (name.to_owned(), one));
        self.statements.extend(named);
    }

    /// Returns what allows an action on a resource; `None` where nothing does. A role may be
    /// passed to `service` alone, where a condition says so.
    pub(super) fn allows(
        &self,
        action: &str,
        resource: &str,
        service: Option<&str>,
    ) -> Option<Grant> {
        if self.is_denied(action, resource) {
            return None;
        }
        if let Some(boundary) = &self.boundary
            && !boundary
                .iter()
                .any(|one| fits(one, PolicyEffect::Allow, action, resource))
        {
            return None;
        }
        let allowing = self.statements.iter().filter_map(|(policy, one)| {
            if !fits(one, PolicyEffect::Allow, action, resource) {
                return None;
            }
            let is_conditional = conditional(one, service)?;
            Some(Grant {
                policy: policy.clone(),
                is_conditional,
            })
        });
        allowing.min_by_key(|grant| grant.is_conditional)
    }

    /// Whether anything allows an action on anything. Most principals need not be held against
    /// all the others, of which there may be thousands.
    pub(super) fn mentions(&self, action: &str) -> bool {
        let mut statements = self.statements.iter().map(|(_, one)| one);
        statements.any(|one| one.effect == PolicyEffect::Allow && matches(&one.actions, action))
    }

    fn is_denied(&self, action: &str, resource: &str) -> bool {
        let denies = |one: &Statement| {
            let on = one.resources.as_ref();
            one.effect == PolicyEffect::Deny
                && one.conditions.is_empty()
                && matches(&one.actions, action)
                && on.is_none_or(|set| {
                    set.patterns.iter().any(|pattern| covers(pattern, resource)) != set.is_negated
                })
        };
        let of_boundary = self.boundary.iter().flatten();
        self.statements
            .iter()
            .map(|(_, one)| one)
            .chain(of_boundary)
            .any(denies)
    }

    /// Whether there is an action that these rights hold and the others lack.
    pub(super) fn exceeds(&self, other: &Self) -> bool {
        let allowed = |rights: &Self| -> Vec<PatternSet> {
            let allows = rights.statements.iter().map(|(_, one)| one);
            allows
                .filter(|one| one.effect == PolicyEffect::Allow)
                .map(|one| one.actions.clone())
                .collect()
        };
        let have = allowed(other);
        allowed(self).iter().any(|set| !is_held(set, &have))
    }

    /// Whether everything is allowed on everything.
    pub(super) fn is_admin(&self) -> bool {
        self.boundary.is_none()
            && self
                .statements
                .iter()
                .any(|(_, one)| one.effect == PolicyEffect::Allow && super::is_full_admin(one))
    }
}

/// Whether a set of actions is part of what someone has.
fn is_held(set: &PatternSet, have: &[PatternSet]) -> bool {
    if set.is_negated {
        return have.iter().any(|one| {
            let is_all = !one.is_negated && one.patterns.iter().any(|pattern| pattern == "*");
            is_all || (one.is_negated && one.patterns == set.patterns)
        });
    }
    set.patterns.iter().all(|action| {
        have.iter().any(|one| match one.is_negated {
            false => one.patterns.iter().any(|pattern| covers(pattern, action)),
            true => !one.patterns.iter().any(|pattern| overlaps(pattern, action)),
        })
    })
}

/// Whether a statement speaks of an action on a resource, which may be a pattern.
fn fits(statement: &Statement, effect: PolicyEffect, action: &str, resource: &str) -> bool {
    let on = statement.resources.as_ref();
    statement.effect == effect
        && matches(&statement.actions, action)
        && on.is_none_or(|set| match set.is_negated {
            false => set
                .patterns
                .iter()
                .any(|pattern| overlaps(pattern, resource)),
            true => !set.patterns.iter().any(|pattern| covers(pattern, resource)),
        })
}

/// Whether a statement depends on something that is not known here; `None` where it does not
/// apply because it names other services.
fn conditional(statement: &Statement, service: Option<&str>) -> Option<bool> {
    let mut is_conditional = false;
    for condition in &statement.conditions {
        let is_service = condition.key.eq_ignore_ascii_case("iam:PassedToService");
        match service {
            Some(service) if is_service => {
                if !condition.values.iter().any(|value| covers(value, service)) {
                    return None;
                }
            }
            _ => is_conditional = true,
        }
    }
    Some(is_conditional)
}
