//! Policies as sets of permissions, so that two of them can be compared by what they allow.
//!
//! Statements are canonical: a text is a list of one, letters of actions do not count, order
//! and `Sid` are ignored, an account id is its root user's ARN, and `*` is `{"AWS": "*"}`.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::core::policy::covers_exactly;

/// One permission of a policy: one action on one resource for one principal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Permission {
    /// Whether it denies.
    pub(super) denies: bool,
    /// Empty in a policy of an identity.
    pub(super) principal: String,
    /// In lower case; behind a `!` what is left out (`NotAction`).
    pub(super) action: String,
    /// Behind a `!` what is left out (`NotResource`).
    pub(super) resource: String,
    /// Canonical JSON, empty where there is none.
    pub(super) condition: String,
    /// The action as it is written.
    pub(super) written: String,
}

/// What stands for a value that is not known before the apply.
pub(super) const LATER: &str = "(known after apply)";

/// The permissions of a policy document; `None` for anything else.
pub(super) fn permissions(document: &Value) -> Option<BTreeSet<Permission>> {
    let statements = match document.get("Statement")? {
        Value::Array(list) => list.as_slice(),
        one @ Value::Object(_) => std::slice::from_ref(one),
        _ => return None,
    };
    let mut out = BTreeSet::new();
    for statement in statements {
        expand(statement, &mut out);
    }
    Some(out)
}

/// Larger policies than AWS takes are not expanded further.
const MOST_PERMISSIONS: usize = 50_000;

fn expand(statement: &Value, out: &mut BTreeSet<Permission>) {
    let denies = statement.get("Effect").and_then(Value::as_str) == Some("Deny");
    let either = |plain: &str, negated: &str| match statement.get(negated) {
        Some(value) => vec![format!("!{}", texts(value).join(" "))],
        None => statement.get(plain).map_or(Vec::new(), texts),
    };
    let actions = either("Action", "NotAction");
    let mut resources = either("Resource", "NotResource");
    if resources.is_empty() {
        resources.push(String::new());
    }
    let principals = match (statement.get("Principal"), statement.get("NotPrincipal")) {
        (Some(value), _) => principals(value),
        (None, Some(value)) => vec![format!("!{}", principals(value).join(" "))],
        (None, None) => vec![String::new()],
    };
    let condition = statement.get("Condition").map_or(String::new(), canonical);
    for principal in &principals {
        for action in &actions {
            for resource in &resources {
                if out.len() >= MOST_PERMISSIONS {
                    return;
                }
                out.insert(Permission {
                    denies,
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

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

fn principals(value: &Value) -> Vec<String> {
    let Value::Object(kinds) = value else {
        return texts(value)
            .iter()
            .map(|text| principal("AWS", text))
            .collect();
    };
    let all = kinds.iter().flat_map(|(kind, value)| {
        texts(value)
            .into_iter()
            .map(move |text| principal(kind, &text))
    });
    all.collect()
}

fn principal(kind: &str, text: &str) -> String {
    let is_account = text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
    match (kind, text) {
        ("AWS", "*") | ("*", "*") => "*".to_owned(),
        ("AWS", account) if is_account => format!("arn:aws:iam::{account}:root"),
        (_, other) => other.to_owned(),
    }
}

/// JSON with sorted keys and lists, for comparing.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<String> = map
                .iter()
                .map(|(key, value)| format!("{}:{}", key.to_lowercase(), canonical(value)))
                .collect();
            entries.sort();
            format!("{{{}}}", entries.join(","))
        }
        Value::Array(items) if items.len() == 1 => canonical(&items[0]),
        Value::Array(items) => {
            let mut items: Vec<String> = items.iter().map(canonical).collect();
            items.sort();
            format!("[{}]", items.join(","))
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

impl Permission {
    /// Whether everything that `other` speaks of is in this one.
    fn covers(&self, other: &Self) -> bool {
        let same = |a: &str, b: &str| {
            a == b || (!a.starts_with('!') && !b.starts_with('!') && covers_exactly(a, b))
        };
        self.denies == other.denies
            && (self.principal == other.principal || self.principal == "*")
            && same(&self.action, &other.action)
            && same(&self.resource, &other.resource)
            && (self.condition.is_empty() || self.condition == other.condition)
    }

    /// Returns it as people write it, with a sign.
    pub(super) fn shown(&self, sign: &str) -> String {
        let deny = if self.denies { "Deny " } else { "" };
        let what = match self.written.strip_prefix('!') {
            Some(rest) => format!("everything but {rest}"),
            None => self.written.clone(),
        };
        let on = match (self.resource.as_str(), self.resource.strip_prefix('!')) {
            ("", _) => String::new(),
            (_, Some(rest)) => format!(" on everything but {rest}"),
            (plain, None) => format!(" on {plain}"),
        };
        let by = match self.principal.as_str() {
            "" => String::new(),
            "*" => " for everybody".to_owned(),
            other => format!(" for {other}"),
        };
        let only_if = if self.condition.is_empty() {
            ""
        } else {
            " (under a condition)"
        };
        format!("{sign} {deny}{what}{on}{by}{only_if}")
    }
}

/// What `after` allows and `before` did not.
pub(super) fn widened(
    before: &BTreeSet<Permission>,
    after: &BTreeSet<Permission>,
) -> Vec<Permission> {
    let allows = |one: &&Permission| !one.denies;
    let is_new = |one: &&Permission| !before.iter().any(|old| old.covers(one));
    after
        .iter()
        .filter(allows)
        .filter(is_new)
        .cloned()
        .collect()
}

/// What `before` denied and `after` does not.
pub(super) fn no_longer_denied(
    before: &BTreeSet<Permission>,
    after: &BTreeSet<Permission>,
) -> Vec<Permission> {
    let is_gone = |one: &&Permission| one.denies && !after.iter().any(|new| new.covers(one));
    before.iter().filter(is_gone).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn set(statement: Value) -> BTreeSet<Permission> {
        permissions(&json!({ "Statement": statement })).expect("a policy")
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
                trust(json!("123456789012")),
                trust(json!({"AWS": "arn:aws:iam::123456789012:root"})),
                vec![],
            ),
            (trust(json!("*")), trust(json!({"AWS": ["*"]})), vec![]),
            (
                trust(json!({"Service": "ec2.amazonaws.com"})),
                trust(json!("*")),
                vec!["+ sts:AssumeRole for everybody"],
            ),
            (
                json!({ "Effect": "Allow", "Action": "a:B", "Resource": "x", "Condition": {"StringEquals": {"k": ["v"]}} }),
                json!({ "Effect": "Allow", "Action": "a:B", "Resource": "x" }),
                vec!["+ a:B on x"],
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
