//! Checks of code without Terraform: what its plan would be on an empty state, as far as that is
//! known, so that what reviews plans reviews code.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::catalog::configuration::filled_in;
use crate::hcl::{Block, Scope, plan};

/// Makes the plan of a directory, with the values of variables that are given.
pub fn planned(blocks: &[&Block], values: &BTreeMap<String, Value>) -> Value {
    let scope = plan::scope(blocks, values);
    let mut made = plan::plan(blocks, &scope, &filled_in);
    let tags = default_tags(blocks, &scope);
    let changes = made
        .get_mut("resource_changes")
        .and_then(Value::as_array_mut);
    for change in changes.into_iter().flatten() {
        add_tags(change, &tags);
    }
    made
}

/// The tags that the provider puts on everything.
fn default_tags(blocks: &[&Block], scope: &Scope) -> BTreeMap<String, Value> {
    let is_aws = |block: &&&Block| {
        block.kind == "provider" && block.labels == ["aws"] && block.attribute("alias").is_none()
    };
    let inner = blocks
        .iter()
        .filter(is_aws)
        .flat_map(|block| block.blocks());
    let tags = inner.filter(|block| block.kind == "default_tags");
    let known = tags.filter_map(|block| scope.known(block.attribute("tags")?));
    let entries = known
        .filter_map(|value| value.as_object().cloned())
        .flatten();
    entries.collect()
}

fn add_tags(change: &mut Value, tags: &BTreeMap<String, Value>) {
    let kind = change["type"].as_str().unwrap_or_default().to_owned();
    if tags.is_empty() || !filled_in(&kind).contains("tags_all") {
        return;
    }
    if change["change"]["after_unknown"]["tags"] == Value::Bool(true) {
        return;
    }
    let mut all: BTreeMap<String, Value> = tags.clone();
    let own = change["change"]["after"]["tags"].as_object().cloned();
    all.extend(own.into_iter().flatten());
    let unknown: BTreeMap<&String, bool> = all.keys().map(|key| (key, false)).collect();
    change["change"]["after_unknown"]["tags_all"] = serde_json::json!(unknown);
    change["change"]["after"]["tags_all"] = serde_json::json!(all);
}

/// A name in the code that does not follow the pattern, or that of another environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameFault {
    /// The address.
    pub address: String,
    /// The attribute.
    pub attribute: String,
    /// The name.
    pub name: String,
}

/// Attributes that are names in AWS which people choose.
const NAMES: &[&str] = &[
    "alarm_name",
    "bucket",
    "cluster_identifier",
    "dashboard_name",
    "function_name",
    "identifier",
    "name",
    "repository_name",
];
/// Types whose `name` is not a name in AWS, or is that of something else.
const OTHER_NAMES: &[&str] = &[
    "aws_apigatewayv2_authorizer",
    "aws_apigatewayv2_stage",
    "aws_cloudwatch_log_metric_filter",
    "aws_iam_role_policy",
    "aws_route53_record",
    "aws_route53_zone",
    "aws_s3_bucket_metric",
];

/// Returns the names of planned resources that are no names of the environment. Names that are
/// known after the apply are not judged; the second result counts them.
pub fn misnamed(planned: &Value, fits: &dyn Fn(&str) -> bool) -> (Vec<NameFault>, usize) {
    let (mut found, mut unknown) = (Vec::new(), 0);
    for change in planned["resource_changes"].as_array().into_iter().flatten() {
        let kind = change["type"].as_str().unwrap_or_default();
        let is_companion = kind.starts_with("aws_s3_bucket_");
        if !kind.starts_with("aws_") || OTHER_NAMES.contains(&kind) || is_companion {
            continue;
        }
        for attribute in NAMES {
            if change["change"]["after_unknown"][attribute] == Value::Bool(true) {
                let is_filled = change["change"]["after"].get(attribute).is_none();
                unknown += usize::from(!is_filled);
                continue;
            }
            let Some(name) = change["change"]["after"][attribute].as_str() else {
                continue;
            };
            // Names with a path, as those of log groups, end with the name.
            let last = name.rsplit('/').next().unwrap_or(name);
            if !fits(last) && !fits(name) {
                found.push(NameFault {
                    address: change["address"].as_str().unwrap_or_default().to_owned(),
                    attribute: (*attribute).to_owned(),
                    name: name.to_owned(),
                });
            }
        }
    }
    (found, unknown)
}

/// Returns the tags that a planned resource lacks, by address. Tags that are known after the apply
/// are not judged.
pub fn missing_tags(planned: &Value, required: &BTreeSet<String>) -> BTreeMap<String, Vec<String>> {
    let mut out = BTreeMap::new();
    for change in planned["resource_changes"].as_array().into_iter().flatten() {
        let kind = change["type"].as_str().unwrap_or_default();
        let unknown = &change["change"]["after_unknown"];
        let is_unknown = |name: &str| unknown[name] == Value::Bool(true);
        let is_filled = change["change"]["after"].get("tags_all").is_none();
        if !filled_in(kind).contains("tags_all")
            || is_unknown("tags")
            || !is_filled && is_unknown("tags_all")
        {
            continue;
        }
        let after = &change["change"]["after"];
        let has =
            |tag: &String| after["tags_all"].get(tag).is_some() || after["tags"].get(tag).is_some();
        let missing: Vec<String> = required.iter().filter(|tag| !has(tag)).cloned().collect();
        if !missing.is_empty() {
            out.insert(
                change["address"].as_str().unwrap_or_default().to_owned(),
                missing,
            );
        }
    }
    out
}

/// Returns the addresses of planned resources that name the account of another environment, with
/// that environment. `accounts` are the ids of the others.
pub fn foreign_accounts(
    planned: &Value,
    accounts: &BTreeMap<String, String>,
) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for change in planned["resource_changes"].as_array().into_iter().flatten() {
        for (account, environment) in accounts {
            if names_account(&change["change"]["after"], account) {
                let address = change["address"].as_str().unwrap_or_default();
                out.push((address.to_owned(), environment.clone()));
            }
        }
    }
    out
}

/// Whether a text in a value has the account between characters that are no digits.
fn names_account(value: &Value, account: &str) -> bool {
    match value {
        Value::String(text) => text.match_indices(account).any(|(at, _)| {
            let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
            let before = text[..at].chars().next_back();
            let after = text[at + account.len()..].chars().next();
            !is_digit(before) && !is_digit(after)
        }),
        Value::Array(items) => items.iter().any(|item| names_account(item, account)),
        Value::Object(fields) => fields.values().any(|field| names_account(field, account)),
        _ => false,
    }
}
