//! Resource policies: whether everyone may do something, and whether TLS is required.

use sha2::{Digest, Sha256};

use crate::core::audit::facts::FactView;
use crate::core::known::{Known, Obstacles};
use crate::core::policy::{
    PolicyDocument, Statement, canonical, is_public, public_statements, requires_tls,
};
use crate::text::escape;

use super::{DerivedFact, DerivedFacts};

/// What the policy of a resource opens to everyone.
pub(super) fn of_fact(view: FactView<'_>, name: &str) -> DerivedFacts {
    let policy = view.policy(name);
    let public = policy.as_ref().map_err(Obstacles::clone);
    let public = public.and_then(|found| match found {
        Some(policy) => is_public(policy, None),
        None => Ok(false),
    });
    let because = match &policy {
        Ok(Some(policy)) => public_because(policy),
        _ => Vec::new(),
    };
    DerivedFacts::from([
        ("policy_public", DerivedFact::from(public)),
        ("policy_public_because", DerivedFact::from(because)),
    ])
}

/// The same, and whether requests without TLS are denied.
pub(super) fn queue_or_topic(view: FactView<'_>) -> DerivedFacts {
    let mut facts = of_fact(view, "policy");
    facts.insert("tls_only", DerivedFact::from(tls_only(view, &[])));
    facts
}

/// Whether the policy denies requests without TLS to these resources, or to the resource itself.
pub(super) fn tls_only(view: FactView<'_>, resources: &[String]) -> Known<bool> {
    let own = view.resource.arn.iter().map(|arn| arn.as_str().to_owned());
    let own: Vec<String> = own.collect();
    let resources = if resources.is_empty() {
        &own
    } else {
        resources
    };
    let policy = view.policy("policy")?;
    // What a topic is sent is all that it carries, and what AWS's own example denies.
    Ok(policy.is_some_and(|policy| requires_tls(&policy, resources, &["sns:publish"])))
}

/// The policy of an endpoint: without one, or with one that allows everything, it is open.
pub(super) fn endpoint(view: FactView<'_>) -> DerivedFacts {
    let open = view.policy("policy").and_then(|found| match found {
        Some(policy) => is_public(&policy, None),
        None => Ok(true),
    });
    DerivedFacts::from([("policy_open", DerivedFact::from(open))])
}

/// Sentences on the statements that everyone may use.
pub(super) fn public_because(policy: &PolicyDocument) -> Vec<String> {
    public_statements(policy)
        .filter(|(_, verdict)| *verdict == Ok(true))
        .map(|(statement, _)| format!("the policy allows everyone {}", actions(statement)))
        .collect()
}

/// The actions of a statement, for people.
pub(super) fn actions(statement: &Statement) -> String {
    let shown: Vec<String> = statement
        .actions
        .patterns
        .iter()
        .take(3)
        .map(|one| escape::cut(one, 60))
        .collect();
    let more = statement.actions.patterns.len().saturating_sub(shown.len());
    let not = if statement.actions.is_negated {
        "everything but "
    } else {
        ""
    };
    let rest = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!("{not}`{}`{rest}", shown.join("`, `"))
}

/// A key for a statement: the same for statements that say the same.
pub(super) fn statement_key(statement: &Statement) -> String {
    let hash = Sha256::digest(canonical(statement).as_bytes());
    format!("statement-{}", &hex::encode(hash)[..12])
}
