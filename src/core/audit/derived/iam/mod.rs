//! Users, groups, roles and their policies.

mod alone;
mod escalate;
mod held;
mod keys;
mod rights;
mod trust;

use crate::core::audit::estate::Estate;
use crate::core::audit::facts::FactView;
use crate::core::known::Obstacles;
use crate::core::policy::{PolicyDocument, PolicyEffect, Statement};

pub use alone::{allows_everything, dangerous_policy_of_aws, opened_by};
pub use held::{attached_policies, held_policies, managed_policies};

use super::ages::days_since;
use super::policies::{actions, statement_key};
use super::{DerivedFact, DerivedFacts, Place};

pub(super) fn user<'a>(estate: &Estate<'a>, view: FactView<'a>) -> DerivedFacts {
    let mut facts = keys::of_user(estate, view);
    facts.extend(grants(view));
    facts.insert("escalations", escalate::places(estate, view));
    facts
}

pub(super) fn role<'a>(estate: &Estate<'a>, view: FactView<'a>) -> DerivedFacts {
    let now = estate.now();
    let created = view.time("created");
    let age = created.clone().map(|moment| days_since(moment, now));
    let used = view.time("last_used").and_then(|used| match used {
        Some(used) => Ok(Some(used)),
        None => created,
    });
    let linked = view
        .text("path")
        .map(|path| path.is_some_and(|path| path.starts_with("/aws-service-role/")));
    let mut facts = grants(view);
    facts.extend(trust::of_role(estate, view));
    facts.insert("age_days", DerivedFact::number(age));
    facts.insert(
        "unused_days",
        DerivedFact::number(used.map(|moment| days_since(moment, now))),
    );
    facts.insert("service_linked", DerivedFact::from(linked));
    facts.insert("escalations", escalate::places(estate, view));
    facts
}

pub(super) fn group(view: FactView<'_>) -> DerivedFacts {
    grants(view)
}

pub(super) fn policy(view: FactView<'_>) -> DerivedFacts {
    let found = view.policy("policy");
    let facts = |pick: fn(&PolicyDocument) -> Vec<Place>| match &found {
        Ok(Some(policy)) => DerivedFact::Places(pick(policy), Obstacles::new()),
        Ok(None) => DerivedFact::Places(Vec::new(), Obstacles::new()),
        Err(obstacles) => DerivedFact::Unknown(obstacles.clone()),
    };
    DerivedFacts::from([
        ("full_admin", facts(full_admin)),
        ("wildcards", facts(wildcards)),
    ])
}

/// What inline policies allow too freely, and administrators by a policy of AWS.
fn grants(view: FactView<'_>) -> DerivedFacts {
    let (documents, hidden) = rights::inline(view);
    let mut admin: Vec<Place> = documents
        .iter()
        .flat_map(|(_, one)| full_admin(one))
        .collect();
    let mut unattached = hidden.clone();
    match rights::attached(view) {
        Ok((arns, more)) => {
            unattached.extend(more);
            if arns
                .iter()
                .any(|arn| arn.ends_with(":aws:policy/AdministratorAccess"))
            {
                let text = "`AdministratorAccess` is attached to it";
                admin.push(Place::new("AdministratorAccess", text));
            }
        }
        Err(obstacles) => unattached.extend(obstacles),
    }
    let free: Vec<Place> = documents
        .iter()
        .flat_map(|(_, one)| wildcards(one))
        .collect();
    DerivedFacts::from([
        ("full_admin", DerivedFact::Places(admin, unattached)),
        ("wildcards", DerivedFact::Places(free, hidden)),
    ])
}

/// Statements that allow everything on everything.
fn full_admin(policy: &PolicyDocument) -> Vec<Place> {
    let statements = policy.of_effect(PolicyEffect::Allow);
    let places = statements.filter(|one| is_full_admin(one)).map(|one| {
        Place::new(
            statement_key(one),
            "a statement allows every action on every resource",
        )
    });
    places.collect()
}

pub(super) fn is_full_admin(statement: &Statement) -> bool {
    let all = |patterns: &[String]| patterns.iter().any(|one| one == "*" || one == "*:*");
    statement.conditions.is_empty()
        && !statement.actions.is_negated
        && all(&statement.actions.patterns)
        && is_on_everything(statement)
}

fn is_on_everything(statement: &Statement) -> bool {
    let on = statement.resources.as_ref();
    on.is_some_and(|set| !set.is_negated && set.patterns.iter().any(|one| one == "*"))
}

/// Statements that allow all of a service, or everything but some things, on everything.
fn wildcards(policy: &PolicyDocument) -> Vec<Place> {
    let mut places = Vec::new();
    for one in policy.of_effect(PolicyEffect::Allow) {
        if !is_on_everything(one) || is_full_admin(one) {
            continue;
        }
        if one.actions.is_negated {
            let text = format!("a statement allows {} on every resource", actions(one));
            places.push(Place::new(statement_key(one), text));
            continue;
        }
        for action in &one.actions.patterns {
            if let Some((service, "*")) = action.split_once(':') {
                let service = service.to_lowercase();
                let text = format!("a statement allows `{service}:*` on every resource");
                places.push(Place::new(format!("{service}:*"), text));
            }
        }
    }
    places.dedup();
    places
}
