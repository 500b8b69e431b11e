//! Statements of a grant taken apart into single permissions, and put together again.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::core::policy::{covers, covers_exactly};

/// What the ids of our statements begin with.
const SID: &str = "Fractary";

/// One action on one resource under one condition.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GrantAtom {
    /// The condition as IAM writes it, as JSON; empty where there is none.
    pub condition: String,
    /// IAM action.
    pub action: String,
    /// ARN pattern; `*` for actions that take no resource.
    pub resource: String,
}

impl GrantAtom {
    /// When it ends by itself.
    pub fn until(&self) -> Option<Timestamp> {
        let condition: Value = serde_json::from_str(&self.condition).ok()?;
        let end = condition
            .get("DateLessThan")?
            .get("aws:CurrentTime")?
            .as_str()?;
        end.parse().ok()
    }

    /// Whether another permission allows all that this one does, and as long.
    pub fn is_within(&self, other: &Self) -> bool {
        let same = other.condition == self.condition || other.condition.is_empty();
        same && covers(&other.action, &self.action)
            && covers_exactly(&other.resource, &self.resource)
    }
}

/// Texts of a member that IAM writes alone or in a list.
fn texts(statement: &Map<String, Value>, key: &str) -> Option<Vec<String>> {
    match statement.get(key)? {
        Value::String(one) => Some(vec![one.clone()]),
        Value::Array(all) => all
            .iter()
            .map(|one| one.as_str().map(str::to_owned))
            .collect(),
        _ => None,
    }
}

/// The permissions of a statement that a grant wrote; `None` of every other statement.
fn own(statement: &Value) -> Option<Vec<GrantAtom>> {
    let number = statement.get("Sid")?.as_str()?.strip_prefix(SID)?;
    let is_ours = !number.is_empty() && number.bytes().all(|one| one.is_ascii_digit());
    if is_ours {
        permissions_of(statement)
    } else {
        None
    }
}

/// The permissions of a statement that anybody wrote; `None` where it allows more, or less, than
/// actions on resources.
pub fn permissions_of(statement: &Value) -> Option<Vec<GrantAtom>> {
    let fields = statement.as_object()?;
    let known = ["Sid", "Effect", "Action", "Resource", "Condition"];
    let is_plain = fields.get("Effect")?.as_str()? == "Allow"
        && fields.keys().all(|key| known.contains(&key.as_str()));
    if !is_plain {
        return None;
    }
    let condition = fields.get("Condition").map(Value::to_string);
    let condition = condition.unwrap_or_default();
    let resources = texts(fields, "Resource")?;
    let mut atoms = Vec::new();
    for action in texts(fields, "Action")? {
        for resource in &resources {
            atoms.push(GrantAtom {
                condition: condition.clone(),
                action: action.clone(),
                resource: resource.clone(),
            });
        }
    }
    Some(atoms)
}

/// Takes the statements of a policy apart: permissions of grants, and the statements that others
/// wrote, which stay as they are.
pub fn take_apart(statements: &[Value]) -> (BTreeSet<GrantAtom>, Vec<Value>) {
    let (mut atoms, mut foreign) = (BTreeSet::new(), Vec::new());
    for statement in statements {
        match own(statement) {
            Some(found) => atoms.extend(found),
            None => foreign.push(statement.clone()),
        }
    }
    (atoms, foreign)
}

/// One statement for each set of resources under one condition, sorted. No statement allows a
/// combination that is not among the permissions.
pub fn put_together<'a>(atoms: impl IntoIterator<Item = &'a GrantAtom>) -> Vec<Value> {
    let mut resources: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for atom in atoms {
        let key = (atom.condition.as_str(), atom.action.as_str());
        resources.entry(key).or_default().insert(&atom.resource);
    }
    let mut statements: BTreeMap<(&str, BTreeSet<&str>), BTreeSet<&str>> = BTreeMap::new();
    for ((condition, action), on) in resources {
        let key = (condition, without_covered(&on));
        statements.entry(key).or_default().insert(action);
    }
    let mut all = Vec::new();
    for (index, ((condition, on), actions)) in statements.into_iter().enumerate() {
        let mut statement = json!({
            "Sid": format!("{SID}{}", index + 1),
            "Effect": "Allow",
            "Action": actions,
            "Resource": on,
        });
        if let Ok(condition) = serde_json::from_str::<Value>(condition) {
            statement["Condition"] = condition;
        }
        all.push(statement);
    }
    all
}

/// Resources without those that another one covers.
fn without_covered<'a>(on: &BTreeSet<&'a str>) -> BTreeSet<&'a str> {
    let is_covered = |one: &&&str| {
        let mut others = on.iter().filter(|other| other != one);
        others.any(|other| covers_exactly(other, one))
    };
    on.iter().filter(|one| !is_covered(one)).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn atom(condition: &str, action: &str, resource: &str) -> GrantAtom {
        GrantAtom {
            condition: condition.to_owned(),
            action: action.to_owned(),
            resource: resource.to_owned(),
        }
    }

    #[test]
    fn statements_of_others_are_kept_as_they_are() {
        let foreign =
            json!({ "Sid": "ByHand", "Effect": "Allow", "Resource": "*", "Action": "s3:Get*" });
        let denies =
            json!({ "Sid": "Fractary1", "Effect": "Deny", "Action": "s3:*", "Resource": "*" });
        let ours = json!({ "Sid": "Fractary2", "Effect": "Allow", "Action": "sqs:A", "Resource": ["b", "a"] });
        let (atoms, kept) = take_apart(&[foreign.clone(), ours, denies.clone()]);
        assert_eq!(kept, [foreign, denies]);
        assert_eq!(atoms.len(), 2);
    }

    #[test]
    fn an_end_belongs_to_its_permission() {
        let end = r#"{"DateLessThan":{"aws:CurrentTime":"2026-01-01T04:00:00Z"}}"#;
        let ends = atom(end, "sqs:A", "arn:a");
        assert_eq!(ends.until(), "2026-01-01T04:00:00Z".parse().ok());
        let lasts = atom("", "sqs:A", "arn:*");
        assert!(ends.is_within(&lasts) && !lasts.is_within(&ends));
    }

    proptest! {
        #[test]
        fn what_is_put_together_is_what_was_there(
            picked in proptest::collection::btree_set((0_usize..2, 0_usize..4, 0_usize..4), 0..20),
        ) {
            let conditions = ["", r#"{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}"#];
            let all: BTreeSet<GrantAtom> = picked
                .into_iter()
                .map(|(c, a, r)| atom(conditions[c], &format!("sqs:A{a}"), &format!("arn:{r}")))
                .collect();
            let (again, foreign) = take_apart(&put_together(&all));
            prop_assert_eq!(again, all);
            prop_assert!(foreign.is_empty());
        }
    }
}
