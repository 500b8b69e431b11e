//! The managed policies that hold what an identity was granted: which of them change, and how.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::core::permissions::atoms::{GrantAtom, permissions_of, put_together, take_apart};
use crate::core::permissions::statement::{MOST_CHARACTERS, characters};
use crate::model::iam_audit::ChangedPolicy;

/// Most managed policies of a user or role, as accounts have it before they ask for more.
const MOST_ATTACHED: usize = 10;
/// Most versions of a managed policy.
const MOST_VERSIONS: usize = 5;
/// Most policies of grants for one identity.
const MOST_POLICIES: usize = 8;
/// The path of these policies. No naming pattern of resources covers it, so that whoever may write
/// the policies of applications may not write these.
const PATH: &str = "/fractary/";

/// A managed policy as AWS has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagedPolicy {
    /// Its ARN.
    pub arn: String,
    /// Its text.
    pub text: String,
    /// The version that counts.
    pub version: String,
    /// All versions with their texts.
    pub versions: Vec<(String, String)>,
}

/// Where grants of an identity go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantPlace {
    /// `user` or `role`.
    pub of: &'static str,
    /// Its name.
    pub name: String,
    /// Partition.
    pub partition: String,
    /// The account.
    pub account: String,
    /// ARNs of the managed policies that are attached to it.
    pub attached: BTreeSet<String>,
    /// All managed policies of the account.
    pub policies: Vec<ManagedPolicy>,
}

/// A version that has to go before another one fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldVersion {
    /// Its id.
    pub id: String,
    /// SHA-256 of its text, in hexadecimal.
    pub sha256: String,
}

/// How a policy changes.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyUpdate {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// Its text afterwards.
    pub document: Value,
    /// Whether it has to be made.
    pub is_new: bool,
    /// Whether it has to be attached.
    pub attach: bool,
    /// The version that has to go first.
    pub drop: Option<OldVersion>,
}

impl PolicyUpdate {
    /// Returns what the record keeps of it. The version is known once AWS shows it.
    pub fn recorded(&self) -> ChangedPolicy {
        ChangedPolicy {
            arn: self.arn.clone(),
            version: None,
            removed_version: self.drop.as_ref().map(|old| old.id.clone()),
            removed_sha256: self.drop.as_ref().map(|old| old.sha256.clone()),
        }
    }
}

/// What stands in the way of a grant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoRoom {
    /// Too many policies are attached.
    #[error(
        "{0} has {1} managed policies attached, and {MOST_ATTACHED} are the most: detach one, or ask for a higher quota"
    )]
    Attached(String, usize),
    /// All policies of grants are full.
    #[error(
        "the policies of earlier grants to {0} are full: revoke what is not needed (`fractary permissions list`)"
    )]
    Full(String),
    /// A policy of grants cannot be read.
    #[error("the policy `{0}` cannot be read: {1}")]
    Unreadable(String, String),
}

impl GrantPlace {
    /// The name of the policy with this number, from 1.
    fn policy_name(&self, number: usize) -> String {
        match number {
            1 => format!("{}-grants", self.name),
            _ => format!("{}-grants-{number}", self.name),
        }
    }

    /// ARN of a policy.
    fn arn(&self, name: &str) -> String {
        format!(
            "arn:{}:iam::{}:policy{PATH}{name}",
            self.partition, self.account
        )
    }

    /// The path of its policies.
    pub fn path() -> &'static str {
        PATH
    }

    /// ARN pattern of the policies that hold its grants.
    pub fn own_policies(&self) -> String {
        self.arn(&format!("{}-grants*", self.name))
    }

    /// The policies of grants that there are, with their numbers.
    fn existing(&self) -> Result<Vec<GrantPolicy<'_>>, NoRoom> {
        let mut all = Vec::new();
        for number in 1..=MOST_POLICIES {
            let name = self.policy_name(number);
            let arn = self.arn(&name);
            let Some(policy) = self.policies.iter().find(|one| one.arn == arn) else {
                continue;
            };
            let (atoms, foreign) =
                read(policy).map_err(|why| NoRoom::Unreadable(policy.arn.clone(), why))?;
            all.push(GrantPolicy {
                number,
                policy: Some(policy),
                before: atoms.clone(),
                atoms,
                foreign,
            });
        }
        Ok(all)
    }

    /// Everything that is granted, as AWS has it.
    ///
    /// # Errors
    /// Where a policy cannot be read.
    pub fn granted(&self) -> Result<BTreeSet<GrantAtom>, NoRoom> {
        let all = self.existing()?.into_iter();
        Ok(all.flat_map(|one| one.atoms).collect())
    }

    /// Statements that somebody else wrote into the policies of grants.
    ///
    /// # Errors
    /// Where a policy cannot be read.
    pub fn foreign(&self) -> Result<Vec<Value>, NoRoom> {
        let all = self.existing()?.into_iter();
        Ok(all.flat_map(|one| one.foreign).collect())
    }

    /// The permissions of a policy that was not written by grants, as far as they are plain.
    pub fn permissions_in(&self, arn: &str) -> BTreeSet<GrantAtom> {
        let found = self.policies.iter().find(|one| one.arn == arn);
        let document = found.and_then(|one| serde_json::from_str::<Value>(&one.text).ok());
        let statements = document.and_then(|one| match one.get("Statement")? {
            Value::Array(all) => Some(all.clone()),
            one => Some(vec![one.clone()]),
        });
        let statements = statements.unwrap_or_default();
        let plain = statements.iter().filter_map(permissions_of);
        plain.flatten().collect()
    }

    /// How the policies change so that these permissions are added and those removed. What is
    /// covered by another one is not added, and what has ended is removed.
    ///
    /// # Errors
    /// Where there is no room.
    pub fn change(
        &self,
        add: &BTreeSet<GrantAtom>,
        remove: &BTreeSet<GrantAtom>,
        now: Timestamp,
    ) -> Result<Vec<PolicyUpdate>, NoRoom> {
        let mut all = self.existing()?;
        let has_ended = |atom: &GrantAtom| atom.until().is_some_and(|end| end <= now);
        for one in &mut all {
            one.atoms
                .retain(|atom| !remove.contains(atom) && !has_ended(atom));
        }
        for atom in add {
            let mut there = all.iter().flat_map(|one| &one.atoms);
            if there.any(|other| atom.is_within(other)) {
                continue;
            }
            self.add(&mut all, atom)?;
        }
        let attached = self.attached.len();
        let updates: Vec<PolicyUpdate> = all
            .iter()
            .filter(|one| one.policy.is_none() || one.atoms != one.before || self.is_loose(one))
            .map(|one| self.update(one))
            .collect();
        let more = updates.iter().filter(|one| one.attach).count();
        match attached + more > MOST_ATTACHED && more > 0 {
            true => Err(NoRoom::Attached(self.name.clone(), attached)),
            false => Ok(updates),
        }
    }

    /// Whether a policy has permissions and is attached to nobody here.
    fn is_loose(&self, one: &GrantPolicy<'_>) -> bool {
        let arn = self.arn(&self.policy_name(one.number));
        !one.atoms.is_empty() && !self.attached.contains(&arn)
    }

    /// Puts a permission into the first policy that has room for it.
    fn add<'a>(&'a self, all: &mut Vec<GrantPolicy<'a>>, atom: &GrantAtom) -> Result<(), NoRoom> {
        for one in all.iter_mut() {
            one.atoms.insert(atom.clone());
            if characters(&one.document()) <= MOST_CHARACTERS {
                return Ok(());
            }
            one.atoms.remove(atom);
        }
        let taken: BTreeSet<usize> = all.iter().map(|one| one.number).collect();
        let free = (1..=MOST_POLICIES).find(|number| !taken.contains(number));
        all.push(GrantPolicy {
            number: free.ok_or_else(|| NoRoom::Full(self.name.clone()))?,
            policy: None,
            before: BTreeSet::new(),
            atoms: BTreeSet::from([atom.clone()]),
            foreign: Vec::new(),
        });
        Ok(())
    }

    fn update(&self, one: &GrantPolicy<'_>) -> PolicyUpdate {
        let name = self.policy_name(one.number);
        let arn = self.arn(&name);
        PolicyUpdate {
            document: one.document(),
            is_new: one.policy.is_none(),
            attach: !self.attached.contains(&arn),
            drop: one.policy.and_then(oldest),
            name,
            arn,
        }
    }
}

/// A policy of grants, and what it will hold.
#[derive(Debug, Clone)]
struct GrantPolicy<'a> {
    number: usize,
    policy: Option<&'a ManagedPolicy>,
    before: BTreeSet<GrantAtom>,
    atoms: BTreeSet<GrantAtom>,
    foreign: Vec<Value>,
}

impl GrantPolicy<'_> {
    fn document(&self) -> Value {
        let mut statements = self.foreign.clone();
        statements.extend(put_together(&self.atoms));
        if statements.is_empty() {
            // A policy has at least one statement; this one allows what nobody needs permission for.
            statements.push(json!({
                "Sid": "NothingIsGranted",
                "Effect": "Allow",
                "Action": "sts:GetCallerIdentity",
                "Resource": "*",
            }));
        }
        json!({ "Version": "2012-10-17", "Statement": statements })
    }
}

/// The permissions of a policy, and the statements of others in it.
fn read(policy: &ManagedPolicy) -> Result<(BTreeSet<GrantAtom>, Vec<Value>), String> {
    let document: Value = serde_json::from_str(&policy.text).map_err(|why| why.to_string())?;
    let statements = match document.get("Statement") {
        Some(Value::Array(all)) => all.clone(),
        Some(one @ Value::Object(_)) => vec![one.clone()],
        _ => return Err("it has no statements".to_owned()),
    };
    let (atoms, mut foreign) = take_apart(&statements);
    foreign.retain(|one| one.get("Sid").and_then(Value::as_str) != Some("NothingIsGranted"));
    Ok((atoms, foreign))
}

/// The oldest version that does not count, where there is no room for another one.
fn oldest(policy: &ManagedPolicy) -> Option<OldVersion> {
    let number = |id: &str| {
        id.trim_start_matches('v')
            .parse::<u64>()
            .unwrap_or(u64::MAX)
    };
    let others = policy
        .versions
        .iter()
        .filter(|(id, _)| *id != policy.version);
    let (id, text) = others.min_by_key(|(id, _)| number(id))?;
    (policy.versions.len() >= MOST_VERSIONS).then(|| OldVersion {
        id: id.clone(),
        sha256: hex::encode(Sha256::digest(text.as_bytes())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> GrantPlace {
        GrantPlace {
            of: "user",
            name: "shop-test-deploy".to_owned(),
            partition: "aws".to_owned(),
            account: "123456789012".to_owned(),
            attached: BTreeSet::new(),
            policies: Vec::new(),
        }
    }

    fn atom(action: &str, resource: &str) -> GrantAtom {
        GrantAtom {
            condition: String::new(),
            action: action.to_owned(),
            resource: resource.to_owned(),
        }
    }

    fn now() -> Timestamp {
        "2026-11-30T10:00:00Z".parse().expect("a time")
    }

    fn none() -> BTreeSet<GrantAtom> {
        BTreeSet::new()
    }

    /// The place after an update.
    fn done(mut place: GrantPlace, updates: &[PolicyUpdate]) -> GrantPlace {
        for update in updates {
            place.attached.insert(update.arn.clone());
            let text = update.document.to_string();
            let known = place.policies.iter_mut().find(|one| one.arn == update.arn);
            match known {
                None => place.policies.push(ManagedPolicy {
                    arn: update.arn.clone(),
                    text: text.clone(),
                    version: "v1".to_owned(),
                    versions: vec![("v1".to_owned(), text)],
                }),
                Some(one) => {
                    let gone = update.drop.as_ref().map(|old| old.id.clone());
                    one.versions.retain(|(id, _)| Some(id) != gone.as_ref());
                    let number: u64 = one.version[1..].parse().expect("a number");
                    one.version = format!("v{}", number + 1);
                    one.text.clone_from(&text);
                    one.versions.push((one.version.clone(), text));
                    assert!(one.versions.len() <= MOST_VERSIONS);
                }
            }
        }
        place
    }

    #[test]
    fn the_first_grant_makes_a_policy_and_attaches_it() {
        let add = BTreeSet::from([atom("sqs:A", "arn:aws:sqs:*:1:shop-test-*")]);
        let updates = place().change(&add, &none(), now()).expect("room");
        let [one] = &updates[..] else {
            panic!("{updates:?}")
        };
        assert!(one.is_new && one.attach);
        assert_eq!(
            one.arn,
            "arn:aws:iam::123456789012:policy/fractary/shop-test-deploy-grants"
        );
        let place = done(place(), &updates);
        // What is covered is not granted again.
        let within = BTreeSet::from([atom("sqs:A", "arn:aws:sqs:*:1:shop-test-orders")]);
        assert_eq!(place.change(&within, &none(), now()), Ok(Vec::new()));
        let all = place.granted().expect("readable");
        let gone = place.change(&none(), &all, now()).expect("room");
        assert!(gone[0].document.to_string().contains("NothingIsGranted"));
        assert_eq!(done(place, &gone).granted(), Ok(none()));
    }

    #[test]
    fn the_oldest_version_goes_first_and_its_hash_is_kept() {
        let mut place = place();
        for number in 0..12 {
            let add = BTreeSet::from([atom(&format!("sqs:A{number}"), "arn:q")]);
            let updates = place.change(&add, &none(), now()).expect("room");
            if number == 5 {
                let old = updates[0].drop.as_ref().expect("five are there");
                assert_eq!(old.id, "v1");
                assert_eq!(old.sha256.len(), 64);
            }
            place = done(place, &updates);
        }
        assert_eq!(place.granted().expect("readable").len(), 12);
        // The oldest one counts: then the next one goes.
        place.policies[0].version = place.policies[0].versions[0].0.clone();
        place.policies[0].text = place.policies[0].versions[0].1.clone();
        let second = place.policies[0].versions[1].0.clone();
        let add = BTreeSet::from([atom("sqs:More", "arn:q")]);
        let updates = place.change(&add, &none(), now()).expect("room");
        assert_eq!(updates[0].drop.as_ref().map(|old| &old.id), Some(&second));
    }

    #[test]
    fn what_does_not_fit_goes_into_another_policy() {
        let many: BTreeSet<GrantAtom> = (0..120)
            .map(|n| {
                atom(
                    &format!("sqs:A{n}"),
                    &format!("arn:aws:sqs:us-east-1:1:shop-test-queue-with-a-name-{n}"),
                )
            })
            .collect();
        let updates = place().change(&many, &none(), now()).expect("room");
        assert!(updates.len() > 1, "{}", updates.len());
        assert!(updates[1].arn.ends_with("-grants-2"));
        for one in &updates {
            assert!(characters(&one.document) <= MOST_CHARACTERS);
        }
        assert_eq!(done(place(), &updates).granted(), Ok(many.clone()));
        let mut full = place();
        full.attached = (0..9).map(|n| format!("arn:{n}")).collect();
        let refused = full.change(&many, &none(), now()).expect_err("the quota");
        assert_eq!(refused, NoRoom::Attached("shop-test-deploy".to_owned(), 9));
    }

    #[test]
    fn what_others_wrote_stays_and_what_has_ended_goes() {
        let by_hand = json!({ "Sid": "ByHand", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*" });
        let ended = GrantAtom {
            condition: json!({ "DateLessThan": { "aws:CurrentTime": "2026-11-30T09:00:00Z" } })
                .to_string(),
            ..atom("sqs:Old", "arn:q")
        };
        let mut statements = vec![by_hand.clone()];
        statements.extend(put_together(&BTreeSet::from([ended])));
        let text = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
        let mut place = place();
        let arn = "arn:aws:iam::123456789012:policy/fractary/shop-test-deploy-grants";
        place.attached.insert(arn.to_owned());
        place.policies.push(ManagedPolicy {
            arn: arn.to_owned(),
            text: text.clone(),
            version: "v1".to_owned(),
            versions: vec![("v1".to_owned(), text)],
        });
        let add = BTreeSet::from([atom("sqs:New", "arn:q")]);
        let updates = place.change(&add, &none(), now()).expect("room");
        let statements = &updates[0].document["Statement"];
        assert_eq!(statements[0], by_hand);
        assert_eq!(statements[1]["Action"], json!(["sqs:New"]));
        assert_eq!(statements.as_array().map(Vec::len), Some(2));
    }
}
