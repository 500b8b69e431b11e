//! What somebody asks to be granted, as single permissions.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;

use crate::catalog::access::{AccessReference, IamAction};
use crate::core::permissions::atoms::{GrantAtom, take_apart};
use crate::core::permissions::by_pattern::by_pattern;
use crate::core::permissions::need::GrantScope;
use crate::core::permissions::propose::BY_HAND;
use crate::core::permissions::statement::{GrantedAction, policy};
use crate::core::policy::covers;
use crate::model::denial::ExplainedDenial;
use crate::model::preflight::PreflightReport;

/// The permissions of a policy of ours.
pub fn atoms_of(policy: &Value) -> BTreeSet<GrantAtom> {
    let statements = policy.get("Statement").and_then(Value::as_array);
    take_apart(statements.map_or(&[][..], Vec::as_slice)).0
}

/// An action that somebody names.
///
/// # Errors
/// Why it is not granted, as a sentence without a full stop.
pub fn named(
    action: &str,
    resource: Option<&str>,
    scope: &GrantScope,
    until: Option<Timestamp>,
) -> Result<BTreeSet<GrantAtom>, String> {
    let reference = AccessReference::built_in();
    let Some(known) = reference.action(action) else {
        return Err(format!(
            "`{action}` is not in the reference of actions of {}",
            reference.date
        ));
    };
    let takes_none = known.required.is_empty() && (known.is_list || known.optional.is_empty());
    let resources = match resource {
        Some(arn) if takes_none && arn != "*" => {
            return Err(format!(
                "`{}` takes no resource, so a statement on `{arn}` would never fit: leave \
                 `--resource` out",
                known.name
            ));
        }
        Some("*") if !takes_none => {
            return Err(format!(
                "`{}` can be narrowed: name the resource",
                known.name
            ));
        }
        Some(arn) => vec![arn.to_owned()],
        None => by_pattern(&known, scope)?,
    };
    if known.name == "iam:PassRole" {
        return Err(
            "a role is passed to one service: grant it with the error that names the operation, \
             or by a plan"
                .to_owned(),
        );
    }
    let granted: Vec<GrantedAction> = resources
        .into_iter()
        .map(|resource| GrantedAction {
            action: known.name.clone(),
            resource,
            passed_to: None,
        })
        .collect();
    Ok(atoms_of(&policy(&granted, &scope.region, until)))
}

/// Whether nobody grants this without having been told what it means.
pub fn is_powerful(action: &str) -> bool {
    BY_HAND.iter().any(|pattern| covers(pattern, action))
}

/// What AWS denied while a plan was applied, at an address that the plan has: on what the other
/// actions of that address are, so that a message without a resource is no reason to grant more.
pub fn of_plan(
    one: &ExplainedDenial,
    address: Option<&str>,
    report: &PreflightReport,
    scope: &GrantScope,
) -> Option<BTreeSet<GrantAtom>> {
    let action = one.denial.action.as_ref()?;
    let known = AccessReference::built_in().action(action.raw())?;
    if known.required.is_empty() && (known.is_list || known.optional.is_empty()) {
        return None;
    }
    let service = known.name.split(':').next()?.to_owned() + ":";
    let at = |addresses: &[crate::text::Untrusted]| {
        address.is_some_and(|wanted| addresses.iter().any(|one| one.raw() == wanted))
    };
    let beside = report.needed.iter().filter(|needed| {
        needed.action.starts_with(&service) && needed.scope.raw() != "*" && at(&needed.addresses)
    });
    let resources: BTreeSet<&str> = beside.map(|needed| needed.scope.raw()).collect();
    let granted: Vec<GrantedAction> = resources
        .into_iter()
        .filter(|arn| known.required.is_empty() || has_form(&known, arn))
        .map(|arn| GrantedAction {
            action: known.name.clone(),
            resource: arn.to_owned(),
            passed_to: None,
        })
        .collect();
    (!granted.is_empty()).then(|| atoms_of(&policy(&granted, &scope.region, None)))
}

/// Whether an ARN names a type of resource that an action takes.
fn has_form(action: &IamAction<'_>, arn: &str) -> bool {
    let shape = |text: &str| -> Option<String> {
        let resource = text.splitn(6, ':').nth(5)?;
        let end = resource.find(['/', ':', '$', '*'])?;
        Some(resource[..end].to_owned())
    };
    let all = action.required.iter().chain(&action.optional);
    let mut shapes = all.map(|form| shape(form.arn));
    shapes.any(|one| one == shape(arn) || one.as_deref() == Some(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(prefix: Option<&str>) -> GrantScope {
        GrantScope {
            partition: "aws".to_owned(),
            account: "123456789012".to_owned(),
            region: "eu-central-1".to_owned(),
            prefix: prefix.map(str::to_owned),
        }
    }

    fn shown(action: &str, resource: Option<&str>) -> Vec<String> {
        let found = named(action, resource, &scope(Some("shop-test-")), None);
        let atoms = found.unwrap_or_else(|why| panic!("{action}: {why}"));
        atoms
            .into_iter()
            .map(|atom| format!("{} {} {}", atom.action, atom.resource, atom.condition))
            .collect()
    }

    #[test]
    fn an_action_is_granted_in_its_own_form_of_arn() {
        let queue = "sqs:CreateQueue arn:aws:sqs:eu-central-1:123456789012:shop-test-* ";
        assert_eq!(shown("sqs:createqueue", None), [queue]);
        assert_eq!(
            shown("lambda:UpdateFunctionCode", None),
            [
                "lambda:UpdateFunctionCode arn:aws:lambda:eu-central-1:123456789012:function:shop-test-* "
            ]
        );
        assert_eq!(
            shown("s3:PutObject", None),
            ["s3:PutObject arn:aws:s3:::shop-test-*/* "]
        );
        // An action without resources is on everything, in one region.
        let all = shown("sqs:ListQueues", None);
        assert_eq!(
            all,
            ["sqs:ListQueues * {\"StringEquals\":{\"aws:RequestedRegion\":\"eu-central-1\"}}"]
        );
    }

    #[test]
    fn what_would_never_fit_or_is_too_wide_is_refused() {
        let refused = |action: &str, resource: Option<&str>, prefix: Option<&str>| {
            named(action, resource, &scope(prefix), None).expect_err("it is refused")
        };
        let prefix = Some("shop-test-");
        assert!(refused("sqs:Nothing", None, prefix).contains("reference"));
        assert!(refused("sqs:ListQueues", Some("arn:aws:sqs:*:1:a"), prefix).contains("never fit"));
        assert!(refused("sqs:CreateQueue", Some("*"), prefix).contains("narrowed"));
        assert!(refused("sqs:CreateQueue", None, None).contains("resource_naming"));
        assert!(refused("iam:PassRole", None, prefix).contains("one service"));
        assert!(is_powerful("iam:PutRolePolicy") && !is_powerful("iam:CreateRole"));
    }
}
