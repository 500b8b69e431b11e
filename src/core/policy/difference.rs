//! What one policy allows that another does not.
//!
//! Both are taken apart into permissions: one action on one resource for one principal. So the
//! order of statements and lists, `Sid`, and one statement in place of two make no difference.

use std::collections::BTreeSet;

use super::document::{
    PatternSet, PolicyCondition, PolicyDocument, PolicyEffect, Principals, Statement, Trustee,
};
use super::pattern::covers_exactly;

/// Larger policies than AWS takes are not taken apart further.
const MOST_PERMISSIONS: usize = 50_000;

/// One permission of a policy: one action on one resource for one principal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permission {
    effect: PolicyEffect,
    /// Empty in a policy of an identity; behind a `!` who is left out (`NotPrincipal`).
    principal: String,
    /// In lower case; behind a `!` what is left out (`NotAction`).
    action: String,
    /// Behind a `!` what is left out (`NotResource`); empty in a trust policy.
    resource: String,
    /// All conditions in one form, empty where there is none.
    condition: String,
    /// The action as it is written.
    written: String,
}

/// Returns the permissions of a policy.
pub fn permissions(policy: &PolicyDocument) -> BTreeSet<Permission> {
    let mut out = BTreeSet::new();
    for statement in &policy.statements {
        take_apart(statement, &mut out);
    }
    out
}

/// Returns those of one statement.
pub fn permissions_of(statement: &Statement) -> BTreeSet<Permission> {
    let mut out = BTreeSet::new();
    take_apart(statement, &mut out);
    out
}

fn take_apart(statement: &Statement, out: &mut BTreeSet<Permission>) {
    let none = || vec![String::new()];
    let principals = statement.principals.as_ref().map_or_else(none, principals);
    let resources = statement.resources.as_ref().map_or_else(none, each);
    let condition = condition(&statement.conditions);
    for principal in &principals {
        for action in each(&statement.actions) {
            for resource in &resources {
                if out.len() >= MOST_PERMISSIONS {
                    return;
                }
                out.insert(Permission {
                    effect: statement.effect,
                    principal: principal.clone(),
                    action: action.to_lowercase(),
                    resource: resource.clone(),
                    condition: condition.clone(),
                    written: action.clone(),
                });
            }
        }
    }
}

fn each(set: &PatternSet) -> Vec<String> {
    match set.is_negated {
        true => vec![format!("!{}", set.patterns.join(" "))],
        false => set.patterns.clone(),
    }
}

fn principals(all: &Principals) -> Vec<String> {
    let names: Vec<String> = all.of.iter().map(named).collect();
    match all.is_negated {
        true => vec![format!("!{}", names.join(" "))],
        false => names,
    }
}

fn named(one: &Trustee) -> String {
    match one {
        Trustee::Anyone => "*".to_owned(),
        Trustee::Aws(name)
        | Trustee::Service(name)
        | Trustee::Federated(name)
        | Trustee::Canonical(name) => name.clone(),
    }
}

fn condition(conditions: &[PolicyCondition]) -> String {
    let mut all: Vec<String> = conditions
        .iter()
        .map(|one| {
            let mut values = one.values.clone();
            values.sort_unstable();
            let (operator, key) = (one.operator.to_lowercase(), one.key.to_lowercase());
            format!("{operator}({key})={}", values.join(","))
        })
        .collect();
    all.sort_unstable();
    all.join(" ")
}

impl Permission {
    /// Whether everything that `other` speaks of is in this one.
    fn covers(&self, other: &Self) -> bool {
        let same = |a: &str, b: &str| {
            a == b || (!a.starts_with('!') && !b.starts_with('!') && covers_exactly(a, b))
        };
        self.effect == other.effect
            && (self.principal == other.principal || self.principal == "*")
            && same(&self.action, &other.action)
            && same(&self.resource, &other.resource)
            && (self.condition.is_empty() || self.condition == other.condition)
    }

    /// Returns it as people write it, with a sign.
    pub fn shown(&self, sign: &str) -> String {
        let deny = match self.effect {
            PolicyEffect::Allow => "",
            PolicyEffect::Deny => "Deny ",
        };
        let what = match self.written.strip_prefix('!') {
            Some(rest) => format!("everything but {rest}"),
            None => self.written.clone(),
        };
        let on = match (self.resource.as_str(), self.resource.strip_prefix('!')) {
            ("", _) => String::new(),
            (_, Some(rest)) => format!(" on everything but {rest}"),
            (plain, None) => format!(" on {plain}"),
        };
        let by = match (self.principal.as_str(), self.principal.strip_prefix('!')) {
            ("", _) => String::new(),
            ("*", _) => " for everybody".to_owned(),
            (_, Some(rest)) => format!(" for everybody but {rest}"),
            (other, None) => format!(" for {other}"),
        };
        let only_if = if self.condition.is_empty() {
            ""
        } else {
            " (under a condition)"
        };
        format!("{sign} {deny}{what}{on}{by}{only_if}")
    }
}

/// Returns what `after` allows and `before` did not.
pub fn widened(before: &BTreeSet<Permission>, after: &BTreeSet<Permission>) -> Vec<Permission> {
    let is_new = |one: &&Permission| {
        one.effect == PolicyEffect::Allow && !before.iter().any(|old| old.covers(one))
    };
    after.iter().filter(is_new).cloned().collect()
}

/// Returns what `before` denied and `after` does not.
pub fn no_longer_denied(
    before: &BTreeSet<Permission>,
    after: &BTreeSet<Permission>,
) -> Vec<Permission> {
    let is_gone = |one: &&Permission| {
        one.effect == PolicyEffect::Deny && !after.iter().any(|new| new.covers(one))
    };
    before.iter().filter(is_gone).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn set(statement: Value) -> BTreeSet<Permission> {
        let text = json!({ "Statement": statement }).to_string();
        permissions(&PolicyDocument::parse(&text).expect("a policy"))
    }

    fn new(before: Value, after: Value) -> Vec<String> {
        widened(&set(before), &set(after))
            .iter()
            .map(|one| one.shown("+"))
            .collect()
    }

    #[test]
    fn only_what_is_allowed_anew_counts() {
        let one = |action: Value| json!([{ "Effect": "Allow", "Action": action, "Resource": "*" }]);
        let trust = |principal: Value| json!({ "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal });
        let under = |condition: Value| json!({ "Effect": "Allow", "Action": "a:B", "Resource": "x", "Condition": condition });
        for (before, after, want) in [
            (
                one(json!("s3:getobject")),
                one(json!(["s3:GetObject"])),
                vec![],
            ),
            (
                one(json!("s3:*")),
                one(json!(["s3:Get*", "s3:GetObject"])),
                vec![],
            ),
            (
                one(json!("s3:Get*")),
                one(json!("s3:*")),
                vec!["+ s3:* on *"],
            ),
            (
                one(json!(["a:B", "c:D"])),
                one(json!(["c:D", "a:B"])),
                vec![],
            ),
            (
                trust(json!({"AWS": "123456789012"})),
                trust(json!({"AWS": ["arn:aws:iam::123456789012:root"]})),
                vec![],
            ),
            (trust(json!("*")), trust(json!({"AWS": ["*"]})), vec![]),
            (
                trust(json!({"Service": "ec2.amazonaws.com"})),
                trust(json!("*")),
                vec!["+ sts:AssumeRole for everybody"],
            ),
            (
                under(json!({"StringEquals": {"k": ["v"]}})),
                json!({ "Effect": "Allow", "Action": "a:B", "Resource": "x" }),
                vec!["+ a:B on x"],
            ),
            (
                under(json!({"StringEquals": {"K": ["v", "w"]}})),
                under(json!({"stringequals": {"k": ["w", "v"]}})),
                vec![],
            ),
            (
                one(json!("iam:*")),
                json!({ "Effect": "Allow", "NotAction": "iam:*", "Resource": "*" }),
                vec!["+ everything but iam:* on *"],
            ),
        ] {
            assert_eq!(new(before.clone(), after), want, "{before}");
        }
        let deny = set(json!({ "Effect": "Deny", "Action": "s3:*", "Resource": "*" }));
        let gone = no_longer_denied(&deny, &BTreeSet::new());
        assert_eq!(gone[0].shown("-"), "- Deny s3:* on *");
    }

    proptest! {
        #[test]
        fn what_is_there_already_is_never_new(actions in proptest::collection::vec("[a-c]:[A-C*]{1,3}", 1..6)) {
            let policy = json!({ "Effect": "Allow", "Action": actions, "Resource": "*" });
            prop_assert!(new(policy.clone(), policy).is_empty());
        }

        #[test]
        fn what_a_covered_pattern_fits_its_cover_fits(
            wide in "[ab*?]{0,5}", narrow in "[ab*?]{0,5}", text in "[ab]{0,6}",
        ) {
            if covers_exactly(&wide, &narrow) && covers_exactly(&narrow, &text) {
                prop_assert!(covers_exactly(&wide, &text), "{wide} {narrow} {text}");
            }
        }
    }
}
