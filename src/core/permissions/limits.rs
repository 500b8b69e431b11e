//! What a grant may never name: another environment, another account, or the very policies that
//! hold the permissions of whoever gets it.

use std::collections::BTreeSet;

use crate::core::permissions::atoms::GrantAtom;
use crate::core::permissions::policies::GrantPlace;
use crate::core::policy::{covers, overlaps};

/// Beginnings of actions of IAM that only look.
const LOOKING: [&str; 4] = ["Get", "List", "Simulate", "Generate"];

/// What else there is beside the environment of a grant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GrantSurroundings {
    /// The account of the environment.
    pub account: String,
    /// What names of the environment begin with.
    pub prefix: Option<String>,
    /// What names of other environments begin with.
    pub others: Vec<(String, String)>,
}

/// Why a permission is refused; `None` where it may be granted.
pub fn refusal(atom: &GrantAtom, place: &GrantPlace, around: &GrantSurroundings) -> Option<String> {
    let account = atom.resource.split(':').nth(4).unwrap_or_default();
    let is_account = account.len() == 12 && account.bytes().all(|one| one.is_ascii_digit());
    if is_account && account != around.account {
        return Some(format!(
            "it is in account {account}, and the environment is account {}",
            around.account
        ));
    }
    if let Some(other) = other_environment(&atom.resource, around) {
        return Some(format!("it belongs to the environment `{other}`"));
    }
    if writes_own(atom, place) {
        return Some(
            "it would let the identity that deploys change its own permissions".to_owned(),
        );
    }
    None
}

/// The environment that a resource is named after, where it is another one.
fn other_environment<'a>(resource: &str, around: &'a GrantSurroundings) -> Option<&'a str> {
    let own = around.prefix.as_deref();
    let is_own = own.is_some_and(|prefix| named_after(resource, prefix));
    let others = around.others.iter().filter(|_| !is_own);
    let mut found = others.filter(|(_, prefix)| named_after(resource, prefix));
    found.next().map(|(name, _)| name.as_str())
}

fn named_after(resource: &str, prefix: &str) -> bool {
    match resource.find(prefix) {
        Some(at) => at > 0 && resource[..at].ends_with([':', '/']),
        None => false,
    }
}

/// Whether it can change what its holder may do itself.
pub fn writes_own(atom: &GrantAtom, place: &GrantPlace) -> bool {
    let Some(action) = atom.action.strip_prefix("iam:") else {
        return false;
    };
    if LOOKING.iter().any(|start| action.starts_with(start)) || action == "PassRole" {
        return false;
    }
    let GrantPlace {
        partition,
        account,
        of,
        name,
        ..
    } = place;
    let itself = format!("arn:{partition}:iam::{account}:{of}/{name}");
    let in_path = format!("arn:{partition}:iam::{account}:{of}/*/{name}");
    covers(&atom.resource, &itself)
        || covers(&atom.resource, &in_path)
        || overlaps(&atom.resource, &place.own_policies())
        || place.attached.iter().any(|arn| covers(&atom.resource, arn))
}

/// Permissions that may be granted, and the refusals.
pub fn sort(
    atoms: &BTreeSet<GrantAtom>,
    place: &GrantPlace,
    around: &GrantSurroundings,
) -> (BTreeSet<GrantAtom>, Vec<(GrantAtom, String)>) {
    let (mut fine, mut refused) = (BTreeSet::new(), Vec::new());
    for atom in atoms {
        match refusal(atom, place, around) {
            None => drop(fine.insert(atom.clone())),
            Some(why) => refused.push((atom.clone(), why)),
        }
    }
    (fine, refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_stays_in_its_environment_and_off_its_own_policies() {
        let place = GrantPlace {
            of: "role",
            name: "shop-test-deploy".to_owned(),
            partition: "aws".to_owned(),
            account: "123456789012".to_owned(),
            attached: BTreeSet::new(),
            policies: Vec::new(),
        };
        let around = GrantSurroundings {
            account: "123456789012".to_owned(),
            prefix: Some("shop-test-".to_owned()),
            others: vec![("prod".to_owned(), "shop-prod-".to_owned())],
        };
        let why = |action: &str, resource: &str| {
            let atom = GrantAtom {
                condition: String::new(),
                action: action.to_owned(),
                resource: resource.to_owned(),
            };
            refusal(&atom, &place, &around)
        };
        let iam = |rest: &str| format!("arn:aws:iam::123456789012:{rest}");
        assert_eq!(
            why(
                "sqs:CreateQueue",
                "arn:aws:sqs:us-east-1:123456789012:shop-test-*"
            ),
            None
        );
        let prod = why(
            "sqs:CreateQueue",
            "arn:aws:sqs:us-east-1:123456789012:shop-prod-orders",
        );
        assert!(prod.expect("refused").contains("`prod`"));
        let bucket = why("s3:PutObject", "arn:aws:s3:::shop-prod-files/*");
        assert!(bucket.expect("refused").contains("`prod`"));
        let other = why(
            "sqs:CreateQueue",
            "arn:aws:sqs:us-east-1:210987654321:shop-test-a",
        );
        assert!(other.expect("refused").contains("210987654321"));
        // The pattern of names covers the deploying role itself.
        for (action, resource) in [
            ("iam:PutRolePolicy", "role/shop-test-*"),
            ("iam:AttachRolePolicy", "role/*"),
            ("iam:CreatePolicyVersion", "policy/*"),
            (
                "iam:CreatePolicyVersion",
                "policy/fractary/shop-test-deploy-grants",
            ),
            ("iam:PutRolePolicy", "*shop-test-deploy"),
        ] {
            let found = why(action, &iam(resource));
            assert!(found.expect(resource).contains("its own permissions"));
        }
        assert_eq!(
            why("iam:PutRolePolicy", &iam("role/shop-test-orders")),
            None
        );
        assert_eq!(why("iam:CreatePolicy", &iam("policy/shop-test-*")), None);
        assert_eq!(why("iam:GetRole", &iam("role/shop-test-*")), None);
        assert_eq!(why("iam:PassRole", &iam("role/shop-test-*")), None);
    }
}
