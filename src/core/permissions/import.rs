//! Older records of grants, in three formats that were in use before `iam-audit.json`.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::core::permissions::atoms::{GrantAtom, permissions_of, put_together};
use crate::model::iam_audit::{GrantRecord, GrantStatus};
use crate::model::ids::EnvironmentName;
use crate::text::Untrusted;

/// Where an older record belongs, for what it does not say itself.
#[derive(Debug, Clone)]
pub struct ImportScope<'a> {
    /// The environments that there are.
    pub environments: &'a [EnvironmentName],
    /// The environment of records that name none.
    pub default: &'a EnvironmentName,
    /// The account.
    pub account: &'a str,
    /// Name of the file.
    pub file: &'a str,
}

/// What a file has.
#[derive(Debug)]
pub struct OlderRecords {
    /// Its grants.
    pub records: Vec<GrantRecord>,
    /// How many entries name no action, and so are no grants.
    pub left_out: usize,
}

impl From<Vec<Option<GrantRecord>>> for OlderRecords {
    fn from(all: Vec<Option<GrantRecord>>) -> Self {
        let left_out = all.iter().filter(|one| one.is_none()).count();
        let records = all.into_iter().flatten().collect();
        Self { records, left_out }
    }
}

/// Reads a file in whichever of the formats it is.
///
/// # Errors
/// Where it is none of them, as a sentence without a full stop.
pub fn read(text: &str, scope: &ImportScope<'_>) -> Result<OlderRecords, String> {
    let document: Value =
        serde_json::from_str(text).map_err(|why| format!("it is no JSON: {why}"))?;
    if let Some(profiles) = document.get("profiles").and_then(Value::as_object) {
        let each = profiles.iter().flat_map(|(profile, value)| {
            let all = value.get("permissions").and_then(Value::as_array);
            let all = all.into_iter().flatten();
            all.map(move |one| entry(one, profile, "profiles", scope))
        });
        return Ok(each.collect::<Vec<_>>().into());
    }
    if document.get("audit_version").is_some()
        && let Some(entries) = document.get("entries").and_then(Value::as_array)
    {
        let granted = entries.iter().filter(|one| {
            let action = one.get("action").and_then(Value::as_str);
            action == Some("grant_permission")
        });
        let each = granted.map(|one| {
            let profile = text_of(one, &["target_profile", "profile"]).unwrap_or_default();
            entry(one, &profile, "audit_version", scope)
        });
        return Ok(each.collect::<Vec<_>>().into());
    }
    if document.get("permissions").is_some() && document.get("audit_trail").is_some() {
        return Ok(OlderRecords {
            records: vec![with_trail(&document, scope)],
            left_out: 0,
        });
    }
    Err("it is none of the formats that are known: `profiles`, `audit_version` with `entries`, or `permissions` with `audit_trail`".to_owned())
}

/// One permission of the first two formats.
fn entry(one: &Value, profile: &str, format: &str, scope: &ImportScope<'_>) -> Option<GrantRecord> {
    let actions = match one {
        Value::String(action) => vec![action.clone()],
        _ => [
            "permission",
            "permissions",
            "actions",
            "iam_action",
            "action",
        ]
        .iter()
        .map(|key| texts(one.get(key)))
        .find(|found| found.iter().any(|action| action.contains(':')))?,
    };
    let actions: Vec<String> = actions
        .into_iter()
        .filter(|one| one.contains(':'))
        .collect();
    if actions.is_empty() {
        return None;
    }
    let resources = ["resource_scope", "resource", "resources"]
        .iter()
        .map(|key| texts(one.get(key)))
        .find(|found| !found.is_empty())
        .unwrap_or_else(|| vec!["*".to_owned()]);
    let statement = json!({ "Effect": "Allow", "Action": actions, "Resource": resources });
    Some(record(Some(one), profile, vec![statement], format, scope))
}

/// The document of the third format is one grant, with the newest entry of its trail.
fn with_trail(document: &Value, scope: &ImportScope<'_>) -> GrantRecord {
    let trail = document.get("audit_trail").and_then(Value::as_array);
    let last = trail.and_then(|all| all.last());
    let statement = match document.get("permissions") {
        Some(Value::Object(policy)) => policy.get("Statement").cloned().unwrap_or_default(),
        Some(other) => other.clone(),
        None => Value::Null,
    };
    let statement = match statement {
        Value::Array(all) => all,
        one @ Value::Object(_) => vec![one],
        _ => Vec::new(),
    };
    let who = text_of(document, &["deploy_user"]).unwrap_or_default();
    let mut record = record(last, &who, statement, "audit_trail", scope);
    record.policy_arn = text_of(document, &["policy_arn"]);
    if let Some(named) = text_of(document, &["environment", "env"])
        && let Ok(name) = EnvironmentName::new(named)
    {
        record.environment = name;
    }
    record
}

fn record(
    said: Option<&Value>,
    profile: &str,
    statement: Vec<Value>,
    format: &str,
    scope: &ImportScope<'_>,
) -> GrantRecord {
    let text = |keys: &[&str]| said.and_then(|said| text_of(said, keys));
    let named = text(&["environment", "env"]).and_then(|name| EnvironmentName::new(name).ok());
    let environment = named.or_else(|| by_name(profile, scope));
    let principal = match profile.starts_with("arn:") {
        true => profile.to_owned(),
        false => format!("arn:aws:iam::{}:user/{profile}", scope.account),
    };
    let statement = in_our_form(statement);
    let all = |key: &str| -> Vec<String> {
        let found: BTreeSet<String> = statement
            .iter()
            .flat_map(|one| texts(one.get(key)))
            .collect();
        found.into_iter().collect()
    };
    GrantRecord {
        environment: environment.unwrap_or_else(|| scope.default.clone()),
        of: None,
        status: GrantStatus::Imported,
        granted_by: text(&["granted_by", "user", "by"]).map(Untrusted::new),
        profile: text(&["granted_by_profile"]),
        identity_arn: None,
        principal: Untrusted::new(principal),
        action: all("Action"),
        resource: all("Resource"),
        reason: Untrusted::new(
            text(&["reason", "description", "changes"])
                .unwrap_or_else(|| "read from an older record".to_owned()),
        ),
        terraform_error: text(&["terraform_error", "error"])
            .map(|said| Untrusted::new(crate::text::redact::redact(&said))),
        policy_arn: text(&["policy_arn"]),
        policy_version: text(&["policy_version"]),
        policies: Vec::new(),
        expires_at: None,
        consent: None,
        proposal: None,
        origin: Some(Untrusted::new(match text(&["id"]) {
            Some(id) => format!("{} ({format}), {id}", scope.file),
            None => format!("{} ({format})", scope.file),
        })),
        first_granted_at: said.and_then(time),
        because: None,
        statement,
    }
}

/// The environment that a profile is named after.
fn by_name(profile: &str, scope: &ImportScope<'_>) -> Option<EnvironmentName> {
    let is_it = |name: &&EnvironmentName| {
        let mut parts = profile.split(['-', '_']);
        parts.any(|part| part == name.as_str())
    };
    scope.environments.iter().find(is_it).cloned()
}

/// Statements in the form of grants, so that they can be compared and taken back; others stay as
/// they are.
fn in_our_form(statement: Vec<Value>) -> Vec<Value> {
    let plain = statement.iter().filter_map(permissions_of);
    let plain: BTreeSet<GrantAtom> = plain.flatten().collect();
    match plain.is_empty() {
        true => statement,
        false => put_together(&plain),
    }
}

fn time(one: &Value) -> Option<Timestamp> {
    text_of(one, &["granted_at", "timestamp", "date"])?
        .parse()
        .ok()
}

fn text_of(one: &Value, keys: &[&str]) -> Option<String> {
    let mut found = keys.iter().filter_map(|key| one.get(key)?.as_str());
    found.next().map(str::to_owned)
}

fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(all)) => {
            let all = all.iter().filter_map(Value::as_str);
            all.map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imported(document: &Value) -> Vec<GrantRecord> {
        let names = ["test", "prod"].map(|name| EnvironmentName::new(name).expect("a name"));
        let scope = ImportScope {
            environments: &names,
            default: &names[0],
            account: "123456789012",
            file: "old.json",
        };
        let read = read(&document.to_string(), &scope).expect("it is known");
        assert_eq!(read.left_out, 0);
        read.records
    }

    #[test]
    fn what_names_no_action_is_counted() {
        let name = EnvironmentName::new("test").expect("a name");
        let scope = ImportScope {
            environments: std::slice::from_ref(&name),
            default: &name,
            account: "123456789012",
            file: "old.json",
        };
        for document in [
            json!({ "profiles": { "x": { "permissions": ["sqs:A", "queues", null, { "permission": 7 }] } } }),
            json!({ "audit_version": "1.0", "entries": [
                { "action": "grant_permission", "permission": "sqs:A" },
                { "action": "grant_permission" },
                { "action": "grant_permission", "permission": [] },
                { "action": "grant_permission", "permission": "queues" },
            ] }),
        ] {
            let read = read(&document.to_string(), &scope).expect("it is known");
            assert_eq!((read.records.len(), read.left_out), (1, 3), "{document}");
        }
    }

    #[test]
    fn three_older_formats_become_entries_with_their_origin() {
        let first = imported(&json!({ "profiles": {
            "shop-core-prod-deploy": { "permissions": [
                { "action": "s3:PutObject", "resource": "arn:aws:s3:::shop-prod-*/*",
                  "granted_at": "2025-10-28T10:00:00Z", "reason": "uploads" },
                "sqs:ListQueues",
            ] } } }));
        assert_eq!(first.len(), 2);
        assert_eq!(first[0].environment.as_str(), "prod");
        assert_eq!(first[0].action, ["s3:PutObject"]);
        assert_eq!(
            first[0].first_granted_at,
            "2025-10-28T10:00:00Z".parse().ok()
        );
        assert_eq!(first[1].resource, ["*"]);
        let second = imported(
            &json!({ "audit_version": "1.0", "project": "shop", "entries": [
            { "id": "20251028-001", "timestamp": "2025-10-28T11:00:00Z", "action": "grant_permission",
              "target_profile": "shop-core-test-deploy", "permission": "lambda:CreateFunction",
              "resource_scope": "arn:aws:lambda:*:*:function:shop-test-*",
              "granted_by_profile": "shop-core-discover-deploy", "reason": "deploy" },
            { "id": "20251028-002", "action": "create_profile" },
        ] }),
        );
        assert_eq!(second.len(), 1);
        assert!(
            second[0]
                .origin
                .as_ref()
                .expect("an origin")
                .raw()
                .ends_with("20251028-001")
        );
        assert_eq!(
            second[0].profile.as_deref(),
            Some("shop-core-discover-deploy")
        );
        assert_eq!(second[0].action, ["lambda:CreateFunction"]);
        let third = imported(&json!({
            "environment": "test", "policy_arn": "arn:aws:iam::123456789012:policy/shop-test",
            "deploy_user": "shop-test-deploy",
            "permissions": { "Version": "2012-10-17", "Statement": [
                { "Effect": "Allow", "Action": ["sqs:CreateQueue"], "Resource": "*" } ] },
            "audit_trail": [ { "timestamp": "2025-11-01T00:00:00Z", "reason": "queues" } ],
        }));
        assert_eq!(
            third[0].principal.raw(),
            "arn:aws:iam::123456789012:user/shop-test-deploy"
        );
        assert_eq!(third[0].reason.raw(), "queues");
        for one in first.iter().chain(&second).chain(&third) {
            let origin = one.origin.as_ref().expect("an origin");
            assert!(origin.raw().starts_with("old.json ("), "{origin:?}");
            assert_eq!(one.status, GrantStatus::Imported);
        }
    }
}
