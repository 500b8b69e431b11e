//! Trust policies: who may become a role.

use crate::core::audit::derived::policies::statement_key;
use crate::core::audit::derived::{DerivedFact, DerivedFacts, Place};
use crate::core::audit::estate::Estate;
use crate::core::audit::facts::FactView;
use crate::core::known::Obstacles;
use crate::core::policy::{
    PolicyCondition, PolicyDocument, PolicyEffect, Statement, Trustee, public_statements, restricts,
};

const GITHUB: &str = "token.actions.githubusercontent.com";
const FACT: &str = "assume_role_policy";

pub(super) fn of_role<'a>(estate: &Estate<'a>, view: FactView<'a>) -> DerivedFacts {
    let policy = match view.policy(FACT) {
        Ok(found) => found.unwrap_or(PolicyDocument {
            statements: Vec::new(),
        }),
        Err(obstacles) => {
            let unknown = || DerivedFact::Unknown(obstacles.clone());
            return DerivedFacts::from([
                ("open_trust", unknown()),
                ("unconfirmed_trust", unknown()),
                ("open_federation", unknown()),
            ]);
        }
    };
    let mut hidden = Obstacles::new();
    let mut open = Vec::new();
    for (statement, verdict) in public_statements(&policy) {
        match verdict {
            Ok(true) => open.push(Place::new(
                statement_key(statement),
                "the trust policy lets everyone with an AWS account assume it",
            )),
            Ok(false) => {}
            Err(obstacles) => hidden.extend(obstacles),
        }
    }
    let account = view.resource.account.as_ref();
    let account = account.or(estate.configuration.account.as_ref());
    let own = account.map(|id| id.as_str().to_owned());
    DerivedFacts::from([
        ("open_trust", DerivedFact::Places(open, hidden)),
        (
            "unconfirmed_trust",
            DerivedFact::Places(unconfirmed(&policy, own.as_deref()), Obstacles::new()),
        ),
        (
            "open_federation",
            DerivedFact::Places(federation(&policy), Obstacles::new()),
        ),
    ])
}

/// Other accounts that may assume a role without an external id: a third party that serves
/// several customers can be made to assume it for another one.
fn unconfirmed(policy: &PolicyDocument, own: Option<&str>) -> Vec<Place> {
    let Some(own) = own else {
        return Vec::new();
    };
    let mut places = Vec::new();
    for statement in policy.of_effect(PolicyEffect::Allow) {
        if statement.conditions.iter().any(confirms) {
            continue;
        }
        for one in statement.principals.iter().flat_map(|all| &all.of) {
            let Trustee::Aws(arn) = one else { continue };
            let account = arn.split(':').nth(4).unwrap_or_default();
            if account.len() == 12 && account != own && arn.ends_with(":root") {
                let text =
                    format!("everyone in account {account} may assume it, without an external id");
                places.push(Place::new(format!("account:{account}"), text));
            }
        }
    }
    places
}

fn confirms(condition: &PolicyCondition) -> bool {
    let key = condition.key.to_lowercase();
    let known = [
        "sts:externalid",
        "aws:multifactorauthpresent",
        "aws:principaltag",
    ];
    known.iter().any(|start| key.starts_with(start)) || restricts(condition) != Ok(false)
}

/// Workflows of repositories that nobody named.
fn federation(policy: &PolicyDocument) -> Vec<Place> {
    let of_github = |statement: &&Statement| {
        let mut all = statement.principals.iter().flat_map(|all| &all.of);
        all.any(|one| matches!(one, Trustee::Federated(name) if name.ends_with(GITHUB)))
    };
    let statements = policy.of_effect(PolicyEffect::Allow).filter(of_github);
    let open = statements.filter(|one| !one.conditions.iter().any(names_repository));
    let places = open.map(|one| {
        let text = "workflows of every repository on GitHub may assume it";
        Place::new(statement_key(one), text)
    });
    places.collect()
}

fn names_repository(condition: &PolicyCondition) -> bool {
    let operator = condition.operator.to_lowercase();
    let is_positive = [
        "stringequals",
        "stringlike",
        "foranyvalue:stringequals",
        "foranyvalue:stringlike",
    ]
    .contains(&operator.as_str());
    let key = condition.key.to_lowercase();
    let is_sub = key == format!("{GITHUB}:sub");
    let is_repository = [":repository", ":repository_owner", ":repository_id"]
        .iter()
        .any(|end| key == format!("{GITHUB}{end}"));
    // `repo:owner/…`: the owner is written out.
    let is_fixed = |value: &String| match value.strip_prefix("repo:") {
        Some(rest) => rest
            .split_once('/')
            .is_some_and(|(owner, _)| !owner.is_empty() && !owner.contains(['*', '?'])),
        None => is_repository && !value.starts_with(['*', '?']),
    };
    is_positive && (is_sub || is_repository) && condition.values.iter().all(is_fixed)
}
