//! Whether a policy is open to everyone.
//!
//! Follows what AWS calls public
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>,
//! "The meaning of public"), with the same meaning for every service: `*` is public unless a
//! condition ties it to fixed values of a key that the caller cannot choose.

use crate::core::known::{Known, all, any, not, unclear};

use super::cidr::{covers_everything, parse_cidr};
use super::document::{PatternSet, PolicyCondition, PolicyDocument, PolicyEffect, Statement};
use super::pattern::{covers, matches};

/// Keys that say where a request comes from or on whose behalf, which a caller cannot choose.
const RESTRICTING: [&str; 20] = [
    "aws:sourcevpce",
    "aws:sourcevpc",
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "aws:sourceip",
    "aws:vpcsourceip",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:userid",
    "aws:sourcevpcarn",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "kms:calleraccount",
    "lambda:sourcefunctionarn",
    "ecs:sourcearn",
];

/// Operators that fit only what is listed.
const POSITIVE: [&str; 6] = [
    "stringequals",
    "stringequalsignorecase",
    "stringlike",
    "arnequals",
    "arnlike",
    "ipaddress",
];

/// Operators that fit everything but what is listed.
const NEGATIVE: [&str; 6] = [
    "stringnotequals",
    "stringnotequalsignorecase",
    "stringnotlike",
    "arnnotequals",
    "arnnotlike",
    "notipaddress",
];

/// Whether a policy lets everyone do something; with an action, whether it lets everyone do that.
pub fn is_public(policy: &PolicyDocument, action: Option<&str>) -> Known<bool> {
    any(public_statements(policy)
        .filter(|(statement, _)| action.is_none_or(|one| matches(&statement.actions, one)))
        .map(|(_, verdict)| verdict))
}

/// Returns the statements that allow something to everyone, each with whether it really does:
/// conditions and denials may take it back.
pub fn public_statements(
    policy: &PolicyDocument,
) -> impl Iterator<Item = (&Statement, Known<bool>)> {
    let allows = policy.of_effect(PolicyEffect::Allow);
    allows.filter(|one| one.is_for_anyone()).map(|one| {
        let open = not(any(one.conditions.iter().map(restricts)));
        let denied = any(policy
            .of_effect(PolicyEffect::Deny)
            .filter(|deny| deny.is_for_anyone() && takes_back(deny, one))
            .map(|deny| all(deny.conditions.iter().map(complements))));
        (one, all([open, not(denied)]))
    })
}

/// Whether a condition ties a statement to someone or somewhere.
pub fn restricts(condition: &PolicyCondition) -> Known<bool> {
    let operator = condition.operator.to_lowercase();
    if operator.strip_suffix("ifexists").is_some() || operator.starts_with("forallvalues:") {
        // Both hold where the key is missing.
        return Ok(false);
    }
    let operator = operator.strip_prefix("foranyvalue:").unwrap_or(&operator);
    if is_access_by_mount(operator, condition) {
        return Ok(true);
    }
    if !POSITIVE.contains(&operator) {
        return known_operator(operator, &condition.operator).map(|()| false);
    }
    ties(operator, condition)
}

/// Whether a Deny with this condition leaves only what is tied to someone or somewhere.
fn complements(condition: &PolicyCondition) -> Known<bool> {
    let operator = condition.operator.to_lowercase();
    let operator = operator.strip_suffix("ifexists").unwrap_or(&operator);
    let operator = operator.rsplit(':').next().unwrap_or(operator);
    match NEGATIVE.iter().position(|known| *known == operator) {
        Some(place) => ties(POSITIVE[place], condition),
        None => known_operator(operator, &condition.operator).map(|()| false),
    }
}

fn known_operator(operator: &str, written: &str) -> Known<()> {
    let starts = ["numeric", "date", "bool", "null", "binaryequals"];
    let known = POSITIVE.contains(&operator)
        || NEGATIVE.contains(&operator)
        || starts.iter().any(|start| operator.starts_with(start));
    match known {
        true => Ok(()),
        false => Err(unclear(format!(
            "the condition operator `{}` is not known",
            crate::text::escape::cut(written, 60)
        ))),
    }
}

/// EFS: only reachable through a mount target, so from inside the VPC.
fn is_access_by_mount(operator: &str, condition: &PolicyCondition) -> bool {
    operator == "bool"
        && condition
            .key
            .eq_ignore_ascii_case("elasticfilesystem:AccessedViaMountTarget")
        && condition
            .values
            .iter()
            .all(|value| value.eq_ignore_ascii_case("true"))
}

fn ties(operator: &str, condition: &PolicyCondition) -> Known<bool> {
    let key = condition.key.to_lowercase();
    if !RESTRICTING.contains(&key.as_str()) || condition.values.is_empty() {
        return Ok(false);
    }
    if operator == "ipaddress" || key.ends_with("sourceip") {
        let blocks: Option<Vec<_>> = condition.values.iter().map(|one| parse_cidr(one)).collect();
        let blocks = blocks.ok_or_else(|| unclear("a condition has an address that is none"))?;
        return Ok(covers_everything(&blocks).is_none());
    }
    Ok(condition.values.iter().all(|value| is_fixed(value)))
}

/// Whether a value names something, rather than anything.
fn is_fixed(value: &str) -> bool {
    if value.contains("${") || value.bytes().all(|byte| b"*?:/".contains(&byte)) {
        return false;
    }
    let Some(arn) = value.strip_prefix("arn:") else {
        return !value.starts_with('*');
    };
    let parts: Vec<&str> = arn.splitn(5, ':').collect();
    let [_, service, _, account, resource] = parts[..] else {
        return false;
    };
    // Names of buckets are unique in the world, so they need no account.
    match service {
        "s3" => !resource.starts_with(['*', '?']),
        _ => !account.is_empty() && !account.contains(['*', '?']),
    }
}

/// Whether a Deny speaks of everything that an Allow speaks of.
fn takes_back(deny: &Statement, allow: &Statement) -> bool {
    let covered = |deny: &PatternSet, allow: &PatternSet| match (deny.is_negated, allow.is_negated)
    {
        (false, false) => allow
            .patterns
            .iter()
            .all(|one| deny.patterns.iter().any(|pattern| covers(pattern, one))),
        (false, true) => deny.patterns.iter().any(|pattern| pattern == "*"),
        (true, _) => false,
    };
    let of_resources = match (&deny.resources, &allow.resources) {
        (Some(deny), Some(allow)) => covered(deny, allow),
        (deny, _) => deny.is_none(),
    };
    covered(&deny.actions, &allow.actions) && of_resources
}

/// Whether a policy denies every request to these resources that does not use TLS. Of `enough`, which
/// is in lower case, a Deny of one is taken for all.
pub fn requires_tls(policy: &PolicyDocument, resources: &[String], enough: &[&str]) -> bool {
    let denies: Vec<&Statement> = policy
        .of_effect(PolicyEffect::Deny)
        .filter(|one| one.is_for_anyone() && one.conditions.len() == 1)
        .filter(|one| is_without_tls(&one.conditions[0]) && !one.actions.is_negated)
        .filter(|one| {
            one.actions
                .patterns
                .iter()
                .map(|action| action.to_lowercase())
                .any(|action| {
                    is_every_action(&action) || enough.iter().any(|one| covers(&action, one))
                })
        })
        .collect();
    resources.iter().all(|resource| {
        denies.iter().any(|one| match &one.resources {
            Some(set) => {
                let fits = |pattern: &String| covers(pattern, resource);
                set.patterns.iter().any(fits) != set.is_negated
            }
            None => true,
        })
    })
}

/// `*`, or everything of one service (`s3:*`).
fn is_every_action(action: &str) -> bool {
    action == "*" || action.split_once(':').is_some_and(|(_, rest)| rest == "*")
}

fn is_without_tls(condition: &PolicyCondition) -> bool {
    let operator = condition.operator.to_lowercase();
    let values = &condition.values;
    let is_transport = condition.key.eq_ignore_ascii_case("aws:SecureTransport")
        && operator.trim_end_matches("ifexists") == "bool"
        && values
            .iter()
            .any(|value| value.eq_ignore_ascii_case("false"));
    // A version below 1.2 or 1.3 is refused; no TLS at all has no version and is not.
    is_transport && values.len() == 1
}
