//! What an identity may do by the text of its policies.

use crate::core::policy::{
    PatternSet, PolicyCondition, PolicyDocument, PolicyEffect, Statement, covers, matches, overlaps,
};

/// The policies of an identity.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeldPolicies {
    /// Policies with their names.
    pub policies: Vec<(String, PolicyDocument)>,
    /// The permissions boundary, where there is one.
    pub boundary: Option<PolicyDocument>,
    /// What could not be read and may allow or deny more. Sentences without a full stop.
    pub hidden: Vec<String>,
}

/// A call that is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AskedCall<'a> {
    /// IAM action.
    pub action: &'a str,
    /// ARN, or a pattern of ARNs that all have to be allowed; `*` for actions without resources.
    pub resource: &'a str,
    /// The service that a role is passed to.
    pub passed_to: Option<&'a str>,
    /// The region that the call is sent to.
    pub region: Option<&'a str>,
}

/// What the policies say about a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeldVerdict {
    /// A policy allows it, and none denies it.
    Allowed {
        /// Name of the policy.
        by: String,
    },
    /// No policy allows it.
    NotAllowed,
    /// A policy denies it, or the boundary does not allow it: a grant does not help.
    Denied {
        /// What does, as a sentence without a full stop.
        by: String,
    },
    /// The text does not say.
    Unknown {
        /// Why, as a sentence without a full stop.
        because: String,
    },
}

/// How far a statement applies to a call.
enum Applies {
    Fully,
    Partly(String),
    No,
}

impl HeldPolicies {
    /// Says whether a call is allowed.
    pub fn verdict(&self, call: AskedCall<'_>) -> HeldVerdict {
        let mut doubt = None;
        for (name, policy) in self.all() {
            match applies(policy.of_effect(PolicyEffect::Deny), call, true) {
                Applies::Fully => {
                    let by = format!("`{name}` denies it");
                    return HeldVerdict::Denied { by };
                }
                Applies::Partly(why) => doubt = Some(format!("`{name}` may deny it: {why}")),
                Applies::No => {}
            }
        }
        if let Some(boundary) = &self.boundary {
            match applies(boundary.of_effect(PolicyEffect::Allow), call, false) {
                Applies::Fully => {}
                Applies::Partly(why) => {
                    doubt = Some(format!("the permissions boundary may not allow it: {why}"))
                }
                Applies::No => {
                    let by = "the permissions boundary does not allow it".to_owned();
                    return HeldVerdict::Denied { by };
                }
            }
        }
        self.allowing(call, doubt)
    }

    fn allowing(&self, call: AskedCall<'_>, doubt: Option<String>) -> HeldVerdict {
        let mut partly = None;
        for (name, policy) in &self.policies {
            match applies(policy.of_effect(PolicyEffect::Allow), call, false) {
                Applies::Fully => {
                    return match (doubt, self.hidden.first()) {
                        (None, None) => HeldVerdict::Allowed { by: name.clone() },
                        (Some(because), _) => HeldVerdict::Unknown { because },
                        (None, Some(hidden)) => HeldVerdict::Unknown {
                            because: format!("`{name}` allows it, but {hidden}"),
                        },
                    };
                }
                Applies::Partly(why) => partly = Some(format!("`{name}` may allow it: {why}")),
                Applies::No => {}
            }
        }
        let hidden = self.hidden.first().cloned();
        match partly.or(hidden) {
            Some(because) => HeldVerdict::Unknown { because },
            None => HeldVerdict::NotAllowed,
        }
    }

    /// All policies, the boundary among them.
    fn all(&self) -> impl Iterator<Item = (&str, &PolicyDocument)> {
        let own = self
            .policies
            .iter()
            .map(|(name, policy)| (name.as_str(), policy));
        own.chain(
            self.boundary
                .iter()
                .map(|policy| ("the permissions boundary", policy)),
        )
    }
}

/// How far the best of some statements applies. A Deny on one part of a pattern matters as much
/// as one on all of it.
fn applies<'a>(
    statements: impl Iterator<Item = &'a Statement>,
    call: AskedCall<'_>,
    is_deny: bool,
) -> Applies {
    let mut best = Applies::No;
    for one in statements.filter(|one| one.principals.is_none()) {
        if !matches(&one.actions, call.action) {
            continue;
        }
        let on = one
            .resources
            .as_ref()
            .map_or(Applies::Fully, |set| reaches(set, call.resource, is_deny));
        let under = holds(&one.conditions, call);
        match (on, under) {
            (Applies::Fully, Applies::Fully) => return Applies::Fully,
            (Applies::No, _) | (_, Applies::No) => {}
            (Applies::Partly(why), _) | (_, Applies::Partly(why)) => best = Applies::Partly(why),
        }
    }
    best
}

/// How far a set of resources holds what is asked for.
fn reaches(set: &PatternSet, resource: &str, is_deny: bool) -> Applies {
    // A call without a resource is held against the text `*`, which no ARN pattern fits.
    let may_fit = |pattern: &String| resource != "*" && overlaps(pattern, resource);
    let holds = set.patterns.iter().any(|pattern| covers(pattern, resource));
    let touches = holds || set.patterns.iter().any(may_fit);
    let part = || Applies::Partly("it names a part of what is asked for".to_owned());
    match (set.is_negated, holds, touches) {
        (false, true, _) | (true, false, false) => Applies::Fully,
        (false, false, true) if is_variable(set) => {
            Applies::Partly("it has a policy variable".to_owned())
        }
        (false, false, true) | (true, false, true) => part(),
        (false, false, false) if is_variable(set) && !is_deny => {
            Applies::Partly("it has a policy variable".to_owned())
        }
        (false, false, false) | (true, true, _) => Applies::No,
    }
}

fn is_variable(set: &PatternSet) -> bool {
    set.patterns.iter().any(|pattern| pattern.contains("${"))
}

/// Whether the conditions hold, as far as a call says it.
fn holds(conditions: &[PolicyCondition], call: AskedCall<'_>) -> Applies {
    let mut worst = Applies::Fully;
    for condition in conditions {
        let key = condition.key.to_ascii_lowercase();
        let given = match key.as_str() {
            "iam:passedtoservice" => call.passed_to,
            "aws:requestedregion" => call.region,
            _ => None,
        };
        let is_plain = matches!(condition.operator.as_str(), "StringEquals" | "StringLike");
        let fits = |value: &str| condition.values.iter().any(|one| covers(one, value));
        match given {
            Some(value) if is_plain && fits(value) => {}
            Some(_) if is_plain => return Applies::No,
            _ => worst = Applies::Partly(format!("it depends on `{}`", condition.key)),
        }
    }
    worst
}
