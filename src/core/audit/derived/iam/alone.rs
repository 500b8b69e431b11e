//! What one policy opens by itself: for a change of a policy, of which nobody knows yet who holds it
//! and what else there is.

use std::collections::BTreeSet;

use crate::catalog::escalations::{EscalationPath, EscalationTarget, built_in};
use crate::core::policy::{PolicyDocument, PolicyEffect, Statement};

use super::rights::{OF_AWS, Rights};

/// An account that is nobody's.
const NOBODY: &str = "000000000000";

/// Returns the ways to more permissions that a policy opens on whatever they are done to. Statements
/// that name a principal are not of whoever holds the policy, and conditions count as in the way.
pub fn opened_by(policy: &PolicyDocument) -> Vec<&'static EscalationPath> {
    let mut rights = Rights::default();
    let own = policy.statements.iter().filter(|one| is_of_holder(one));
    rights.statements = own.map(|one| (String::new(), one.clone())).collect();
    let accounts = accounts(policy);
    let is_open_in = |path: &EscalationPath, account: &str| {
        let anything = anything(path, account);
        path.actions.iter().all(|action| {
            let (resource, service) = match action.as_str() {
                "iam:PassRole" => (anything.as_str(), path.service.as_deref()),
                _ if path.target == EscalationTarget::Pass => ("*", None),
                _ => (anything.as_str(), None),
            };
            let grant = rights.allows(action, resource, service);
            grant.is_some_and(|grant| !grant.is_conditional)
        })
    };
    let is_open = |path: &&EscalationPath| accounts.iter().any(|one| is_open_in(path, one));
    built_in().iter().filter(is_open).collect()
}

/// Partition and account of every ARN in a policy, and of an account that is nobody's.
fn accounts(policy: &PolicyDocument) -> BTreeSet<String> {
    let sets = policy
        .statements
        .iter()
        .filter_map(|one| one.resources.as_ref());
    let arns = sets.flat_map(|set| &set.patterns);
    let named = arns.filter_map(|arn| {
        let account = arn.split(':').nth(4)?;
        let is_account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
        is_account.then(|| account.to_owned())
    });
    named.chain([NOBODY.to_owned()]).collect()
}

/// An ARN that only patterns for any name fit: the name in it is nobody's.
fn anything(path: &EscalationPath, account: &str) -> String {
    let kind = match (path.target, path.of.as_deref()) {
        (EscalationTarget::Own, Some("group")) => "group",
        (EscalationTarget::Own, Some("user")) | (EscalationTarget::User, _) => "user",
        (EscalationTarget::Own | EscalationTarget::Role | EscalationTarget::Pass, _) => "role",
        (EscalationTarget::Attached, _) => "policy",
        (EscalationTarget::Function, _) => {
            return format!("arn:aws:lambda:us-east-1:{account}:function:\u{1}");
        }
    };
    format!("arn:aws:iam::{account}:{kind}/\u{1}")
}

/// Whether a policy allows everything on everything, or everything but what leaves IAM open.
pub fn allows_everything(policy: &PolicyDocument) -> bool {
    let mut allows = policy.of_effect(PolicyEffect::Allow);
    allows.any(|one| {
        let leaves_iam = |pattern: &String| crate::core::policy::covers(pattern, "iam:PassRole");
        let is_negated = one.actions.is_negated && super::is_on_everything(one);
        let everything_but =
            is_negated && one.conditions.is_empty() && !one.actions.patterns.iter().any(leaves_iam);
        is_of_holder(one) && (super::is_full_admin(one) || everything_but)
    })
}

fn is_of_holder(statement: &Statement) -> bool {
    statement.principals.is_none()
}

/// Returns what a policy of AWS allows, where that is dangerous; `None` for every other policy.
pub fn dangerous_policy_of_aws(arn: &str) -> Option<PolicyDocument> {
    let (_, name) = arn.split_once(":iam::aws:policy/")?;
    let name = name.rsplit('/').next().unwrap_or(name);
    let (_, text) = OF_AWS.iter().find(|(known, _)| *known == name)?;
    PolicyDocument::parse(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn ids(statement: Value) -> Vec<&'static str> {
        let text = json!({ "Statement": statement }).to_string();
        let policy = PolicyDocument::parse(&text).expect("a policy");
        opened_by(&policy)
            .iter()
            .map(|path| path.id.as_str())
            .collect()
    }

    fn allow(action: Value, resource: &str) -> Value {
        json!({ "Effect": "Allow", "Action": action, "Resource": resource })
    }

    #[test]
    fn ways_are_opened_on_any_name_alone() {
        let key = || json!("iam:CreateAccessKey");
        for (resource, want) in [
            ("*", vec!["create-access-key"]),
            (
                "arn:aws:iam::111111111111:user/*",
                vec!["create-access-key"],
            ),
            ("arn:aws:iam::111111111111:user/alice", vec![]),
            ("arn:aws:iam::111111111111:user/ci/*", vec![]),
            ("arn:aws:iam::111111111111:role/*", vec![]),
        ] {
            assert_eq!(ids(allow(key(), resource)), want, "{resource}");
        }
        let deny = json!({ "Effect": "Deny", "Action": "iam:*", "Resource": "*" });
        assert_eq!(ids(json!([allow(key(), "*"), deny])), Vec::<&str>::new());
    }

    #[test]
    fn a_role_is_passed_to_a_service_that_can_be_started() {
        let pass = |condition: Value| json!({ "Effect": "Allow", "Action": "iam:PassRole", "Resource": "*", "Condition": condition });
        let run = || allow(json!("ec2:RunInstances"), "*");
        let to = |service: &str| json!({ "StringEquals": { "iam:PassedToService": service } });
        let ec2 = to("ec2.amazonaws.com");
        assert_eq!(ids(json!([pass(ec2), run()])), ["pass-role-ec2"]);
        let other = to("glue.amazonaws.com");
        assert_eq!(ids(json!([pass(other), run()])), Vec::<&str>::new());
        assert_eq!(ids(json!([pass(json!({}))])), Vec::<&str>::new());
    }

    #[test]
    fn who_is_named_in_a_policy_does_not_hold_it() {
        let of_key = json!({ "Effect": "Allow", "Action": "*", "Resource": "*",
            "Principal": { "AWS": "arn:aws:iam::111111111111:root" } });
        let text = json!({ "Statement": of_key }).to_string();
        let policy = PolicyDocument::parse(&text).expect("a policy");
        assert!(!allows_everything(&policy) && opened_by(&policy).is_empty());
    }

    #[test]
    fn policies_of_aws_are_known_by_what_they_allow() {
        let arn = |name: &str| format!("arn:aws:iam::aws:policy/{name}");
        let everything = |name: &str| {
            dangerous_policy_of_aws(&arn(name)).map(|policy| allows_everything(&policy))
        };
        assert_eq!(everything("AdministratorAccess"), Some(true));
        assert_eq!(everything("IAMFullAccess"), Some(false));
        assert_eq!(everything("ReadOnlyAccess"), None);
        let full = dangerous_policy_of_aws(&arn("IAMFullAccess")).expect("a policy");
        assert!(opened_by(&full).len() > 5);
        assert_eq!(
            dangerous_policy_of_aws("arn:aws:iam::111111111111:policy/IAMFullAccess"),
            None
        );
    }
}
