//! Escalation: how a principal can come to do more than it may, as a sentence.

use crate::catalog::escalations::{EscalationPath, EscalationTarget, built_in};
use crate::core::audit::derived::{DerivedFact, Place};
use crate::core::audit::estate::Estate;
use crate::core::audit::facts::FactView;
use crate::core::known::{Known, Obstacles};
use crate::core::policy::{PolicyEffect, Trustee, matches};
use crate::model::status::Severity;

use super::rights::{self, Grant, Rights};

/// A target that a path leads to.
struct EscalationStep {
    name: String,
    grants: Vec<Grant>,
    is_admin: bool,
}

/// Everything that paths from one principal look at.
struct Start<'e, 'a> {
    estate: &'e Estate<'a>,
    view: FactView<'a>,
    rights: Rights,
}

/// Returns the paths from a principal. Administrators have nothing to gain.
pub(super) fn places<'a>(estate: &Estate<'a>, view: FactView<'a>) -> DerivedFact {
    let rights = rights::of_principal(estate, view);
    if rights.is_admin() {
        return DerivedFact::Places(Vec::new(), Obstacles::new());
    }
    // A policy or boundary that could not be read may deny what the others allow.
    let own = rights.hidden.clone();
    let mut hidden = own.clone();
    let start = Start {
        estate,
        view,
        rights,
    };
    let mut places = Vec::new();
    for path in built_in() {
        let steps = start.steps(path, &mut hidden);
        places.extend(start.place(path, &steps));
    }
    match own.is_empty() || places.is_empty() {
        true => DerivedFact::Places(places, hidden),
        false => DerivedFact::Unknown(own),
    }
}

impl<'a> Start<'_, 'a> {
    fn steps(&self, path: &EscalationPath, hidden: &mut Obstacles) -> Vec<EscalationStep> {
        if !path
            .actions
            .iter()
            .all(|action| self.rights.mentions(action))
        {
            return Vec::new();
        }
        let is_user = self.view.resource.resource_type == "aws_iam_user";
        match (path.target, path.of.as_deref()) {
            (EscalationTarget::Own, Some("group")) => self.own_groups(path, is_user),
            (EscalationTarget::Own, Some(of)) if (of == "user") != is_user => Vec::new(),
            (EscalationTarget::Own, _) => {
                let arn = self.view.resource.arn.as_ref().map(|arn| arn.as_str());
                self.step(path, "itself", arn.unwrap_or("*"), true)
                    .into_iter()
                    .collect()
            }
            (EscalationTarget::Attached, _) => {
                let found = rights::attached(self.view);
                let arns = found.map(|(arns, _)| arns).unwrap_or_default();
                let own = arns.iter().filter(|arn| !arn.contains(":aws:policy/"));
                own.filter_map(|arn| {
                    let name = arn.rsplit(':').next().unwrap_or(arn);
                    self.step(path, name, arn, true)
                })
                .collect()
            }
            (EscalationTarget::User, _) => self.stronger(path, "aws_iam_user", hidden),
            (EscalationTarget::Role, _) => self.stronger(path, "aws_iam_role", hidden),
            (EscalationTarget::Pass, _) => self.passable(path, hidden),
            (EscalationTarget::Function, _) => self.functions(path, hidden),
        }
    }

    /// One target, where every action is allowed on it.
    fn step(
        &self,
        path: &EscalationPath,
        name: &str,
        resource: &str,
        is_admin: bool,
    ) -> Option<EscalationStep> {
        let grants = path.actions.iter().map(|action| {
            let (resource, service) = match action.as_str() {
                "iam:PassRole" => (resource, path.service.as_deref()),
                _ if path.target == EscalationTarget::Pass => ("*", None),
                _ => (resource, None),
            };
            self.rights.allows(action, resource, service)
        });
        let grants = grants.collect::<Option<Vec<Grant>>>()?;
        Some(EscalationStep {
            name: name.to_owned(),
            grants,
            is_admin,
        })
    }

    fn own_groups(&self, path: &EscalationPath, is_user: bool) -> Vec<EscalationStep> {
        if !is_user {
            return Vec::new();
        }
        let account = self
            .view
            .resource
            .arn
            .as_ref()
            .map_or("*", |arn| arn.account());
        let names = rights::groups(self.view, &mut Obstacles::new());
        let steps = names.iter().filter_map(|name| {
            let arn = format!("arn:aws:iam::{account}:group/{name}");
            self.step(path, &format!("group/{name}"), &arn, true)
        });
        steps.collect()
    }

    /// Other principals that may do more.
    fn stronger(
        &self,
        path: &EscalationPath,
        of: &'static str,
        hidden: &mut Obstacles,
    ) -> Vec<EscalationStep> {
        let (seen, more) = self.estate.of_type(of);
        let mut steps = Vec::new();
        for other in seen.iter().filter(|one| **one != self.view.resource) {
            let other = self.estate.view(other);
            let Some(arn) = &other.resource.arn else {
                continue;
            };
            let name = named(other);
            if let Some(step) = self.step(path, &name, arn.as_str(), false) {
                steps.extend(self.if_stronger(step, other, hidden));
            }
        }
        self.add_hidden(path, more, hidden);
        steps
    }

    /// Only who may do it to anything at all has to know everything.
    fn add_hidden(&self, path: &EscalationPath, more: Obstacles, hidden: &mut Obstacles) {
        if self.step(path, "", "*", false).is_some() {
            hidden.extend(more);
        }
    }

    fn if_stronger(
        &self,
        step: EscalationStep,
        other: FactView<'a>,
        hidden: &mut Obstacles,
    ) -> Option<EscalationStep> {
        let rights = rights::of_principal(self.estate, other);
        if rights.exceeds(&self.rights) {
            let is_admin = rights.is_admin();
            return Some(EscalationStep { is_admin, ..step });
        }
        hidden.extend(rights.hidden);
        None
    }

    /// Roles that may do more and trust the service that they are passed to.
    fn passable(&self, path: &EscalationPath, hidden: &mut Obstacles) -> Vec<EscalationStep> {
        let service = path.service.as_deref().unwrap_or_default();
        let wanted = Trustee::Service(service.to_owned());
        let trusts = |role: FactView<'a>| -> Known<bool> {
            let policy = role.policy("assume_role_policy")?;
            let statements = policy.into_iter().flat_map(|policy| policy.statements);
            Ok(statements.into_iter().any(|one| {
                let of = one.principals.as_ref();
                one.effect == PolicyEffect::Allow
                    && matches(&one.actions, "sts:AssumeRole")
                    && of.is_some_and(|all| all.of.contains(&wanted) != all.is_negated)
            }))
        };
        let (seen, mut more) = self.estate.of_type("aws_iam_role");
        let mut steps = Vec::new();
        for role in seen.iter().map(|role| self.estate.view(role)) {
            let Some(arn) = &role.resource.arn else {
                continue;
            };
            if role.resource == self.view.resource {
                continue;
            }
            match trusts(role) {
                Ok(true) => {
                    if let Some(step) = self.step(path, &named(role), arn.as_str(), false) {
                        steps.extend(self.if_stronger(step, role, hidden));
                    }
                }
                Ok(false) => {}
                Err(obstacles) => more.extend(obstacles),
            }
        }
        self.add_hidden(path, more, hidden);
        steps
    }

    fn functions(&self, path: &EscalationPath, hidden: &mut Obstacles) -> Vec<EscalationStep> {
        let (seen, mut more) = self.estate.of_type("aws_lambda_function");
        let mut steps = Vec::new();
        for function in seen.iter().map(|one| self.estate.view(one)) {
            let Some(arn) = &function.resource.arn else {
                continue;
            };
            let name = format!("function `{}`", function.name().raw());
            let Some(step) = self.step(path, &name, arn.as_str(), false) else {
                continue;
            };
            let role = function.text("role").and_then(|role| match role {
                Some(role) => self.estate.find("aws_iam_role", "arn", &role),
                None => Ok(None),
            });
            match role {
                Ok(Some(role)) if role.resource != self.view.resource => {
                    steps.extend(self.if_stronger(step, role, hidden));
                }
                Ok(_) => {}
                Err(obstacles) => more.extend(obstacles),
            }
        }
        self.add_hidden(path, more, hidden);
        steps
    }

    /// The sentence about a path, where it leads anywhere.
    fn place(&self, path: &EscalationPath, steps: &[EscalationStep]) -> Option<Place> {
        let best = steps.iter().max_by_key(|step| {
            let is_sure = step.grants.iter().all(|grant| !grant.is_conditional);
            (step.is_admin, is_sure)
        })?;
        let mut text = format!(
            "{} {}",
            named(self.view),
            path.words.replace("{target}", &best.name)
        );
        if steps.len() > 1 {
            text.push_str(&format!(" (and {} more like it)", steps.len() - 1));
        }
        let mut policies: Vec<&str> = best
            .grants
            .iter()
            .map(|grant| grant.policy.as_str())
            .collect();
        policies.sort_unstable();
        policies.dedup();
        let cut = &path.actions[0];
        text.push_str(&format!(
            "; allowed by `{}`, and impossible without `{cut}` there",
            policies.join("`, `")
        ));
        let mut severity = if best.is_admin {
            Severity::Critical
        } else {
            Severity::High
        };
        if best.grants.iter().any(|grant| grant.is_conditional) {
            text.push_str("; a condition has to hold");
            severity = lower(severity);
        }
        let account = self.estate.account();
        let seen =
            account.is_some_and(|view| view.flag("service_control_policies_seen") == Ok(true));
        if !seen {
            text.push_str("; possible, as service control policies were not seen");
            severity = lower(severity);
        }
        Some(Place {
            severity: Some(severity),
            ..Place::new(path.id.clone(), text)
        })
    }
}

fn lower(severity: Severity) -> Severity {
    match severity {
        Severity::Critical => Severity::High,
        Severity::High => Severity::Medium,
        Severity::Medium | Severity::Low => Severity::Low,
    }
}

/// `role/ci`, `user/alice`.
fn named(view: FactView<'_>) -> String {
    let name = view.name().raw();
    match view.resource.resource_type.as_str() {
        "aws_iam_user" => format!("user/{name}"),
        _ => format!("role/{name}"),
    }
}
