//! Permissions that a plan gives: what is allowed anew, to whom, and what that opens.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::core::policy::covers_exactly;
use crate::core::review::Circumstances;
use crate::core::review::configured::Configured;
use crate::core::review::difference::as_json;
use crate::core::review::policy::{self, LATER, Permission};
use crate::core::review::rules::{self, Findings, ReviewRule, Said};
use crate::model::plan::{PlanAction, PlannedChange, TerraformPlan};
use crate::model::review::ReviewVerdict;
use crate::model::status::Severity;

/// Most permissions that are listed for a resource.
const MOST_LISTED: usize = 12;

/// Policies of AWS that allow everything, or to become everything.
const ADMINISTRATORS: &[&str] = &[
    "AdministratorAccess",
    "AdministratorAccess-Amplify",
    "AWSMcpServiceActionsFullAccess",
    "IAMFullAccess",
    "PowerUserAccess",
    "AIDevOpsAgentActionsPolicy",
];

/// Actions with which who may do them to anybody becomes anybody. After Rhino Security Labs,
/// "AWS IAM Privilege Escalation", and pathfinding.cloud.
const ESCALATIONS: &[&str] = &[
    "iam:addusertogroup",
    "iam:attachgrouppolicy",
    "iam:attachrolepolicy",
    "iam:attachuserpolicy",
    "iam:createaccesskey",
    "iam:createloginprofile",
    "iam:createpolicyversion",
    "iam:passrole",
    "iam:putgrouppolicy",
    "iam:putrolepolicy",
    "iam:putuserpolicy",
    "iam:setdefaultpolicyversion",
    "iam:updateassumerolepolicy",
    "iam:updateloginprofile",
];

pub(super) fn examine(
    plan: &TerraformPlan<'_>,
    around: Circumstances<'_>,
    findings: &mut Findings,
) {
    let mut configured = Configured::new(plan.configuration);
    for change in plan.changes.iter().filter(|change| change.is_current()) {
        let gives = matches!(
            change.action,
            PlanAction::Create | PlanAction::Update | PlanAction::CreateThenForget
        ) || change.action.is_replace();
        if !gives {
            continue;
        }
        let (before, after, unknown) = (change.before(), change.after(), change.after_unknown());
        attached(change, &before, &after, findings);
        for (path, old, new) in documents(&before, &after) {
            let judged = PolicyChange {
                change,
                path: &path,
                is_whole: true,
            };
            judged.compare(&old, &new, findings);
        }
        for path in unknown_documents(&unknown) {
            let old = before.get(path).and_then(Value::as_str).and_then(as_json);
            let old = old
                .as_ref()
                .and_then(policy::permissions)
                .unwrap_or_default();
            let judged = PolicyChange {
                change,
                path,
                is_whole: false,
            };
            match configured.document(change, path) {
                Some(new) => judged.compare(&old, &new, findings),
                None => judged.unknown(around, findings),
            }
        }
    }
}

/// Policies of an object before and afterwards, by the path of their attribute.
type PolicyChanges = Vec<(String, BTreeSet<Permission>, BTreeSet<Permission>)>;

fn documents(before: &Value, after: &Value) -> PolicyChanges {
    let mut found = Vec::new();
    collect(String::new(), before, after, &mut found);
    found
}

fn collect(path: String, before: &Value, after: &Value, found: &mut PolicyChanges) {
    match after {
        Value::String(text) if text.contains("Statement") && before != after => {
            let of = |value: &Value| {
                value
                    .as_str()
                    .and_then(as_json)
                    .and_then(|d| policy::permissions(&d))
            };
            if let Some(new) = of(after) {
                found.push((path, of(before).unwrap_or_default(), new));
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                let inner = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                collect(
                    inner,
                    before.get(name).unwrap_or(&Value::Null),
                    value,
                    found,
                );
            }
        }
        // Blocks that hold policies are sets: what was in any of them is not new.
        Value::Array(items) => {
            for (at, value) in items.iter().enumerate() {
                let same = before.as_array().is_some_and(|old| old.contains(value));
                if !same {
                    let old = before.get(at).unwrap_or(&Value::Null);
                    collect(format!("{path}[{at}]"), old, value, found);
                }
            }
        }
        _ => {}
    }
}

/// Attributes that hold a policy which is known only after the apply.
fn unknown_documents(unknown: &Value) -> Vec<&'static str> {
    const ATTRIBUTES: &[&str] = &[
        "access_policies",
        "assume_role_policy",
        "policy",
        "policy_document",
        "resource_policy",
    ];
    let is_unknown = |name: &&&str| unknown.get(**name) == Some(&Value::Bool(true));
    ATTRIBUTES.iter().filter(is_unknown).copied().collect()
}

/// One policy of one change.
struct PolicyChange<'a> {
    change: &'a PlannedChange<'a>,
    path: &'a str,
    /// Whether all of it is known.
    is_whole: bool,
}

impl PolicyChange<'_> {
    fn compare(
        &self,
        old: &BTreeSet<Permission>,
        new: &BTreeSet<Permission>,
        findings: &mut Findings,
    ) {
        let added = policy::widened(old, new);
        let freed = policy::no_longer_denied(old, new);
        if added.is_empty() && freed.is_empty() {
            return;
        }
        let evidence = self.evidence(&added, &freed);
        let (rule, severity, effect, title) = self.judge(&added, old.is_empty());
        self.add(rule, severity, effect, title, evidence, findings);
    }

    fn judge(
        &self,
        added: &[Permission],
        is_new: bool,
    ) -> (&'static ReviewRule, Severity, ReviewVerdict, String) {
        let address = self.change.address.raw();
        match worst(added) {
            Some(Opening::Everything) => {
                let title = format!("{address} allows everything");
                (
                    &rules::IAM_ADMIN,
                    Severity::Critical,
                    ReviewVerdict::Block,
                    title,
                )
            }
            Some(Opening::Everybody) => {
                let title = format!("{address} opens it to everybody");
                (
                    &rules::PUBLIC_POLICY,
                    Severity::Critical,
                    ReviewVerdict::Block,
                    title,
                )
            }
            Some(Opening::Escalation(action)) => {
                let title =
                    format!("{address} opens a way to more permissions: {action} on anything");
                (
                    &rules::IAM_ADMIN,
                    Severity::High,
                    ReviewVerdict::Block,
                    title,
                )
            }
            // What is created needs some permissions.
            None if is_new => {
                let title = format!("{address} allows what nothing allowed before");
                (
                    &rules::IAM_WIDENED,
                    Severity::Low,
                    ReviewVerdict::Pass,
                    title,
                )
            }
            None => {
                let title = format!("{address} allows more than before");
                (
                    &rules::IAM_WIDENED,
                    Severity::High,
                    ReviewVerdict::Warn,
                    title,
                )
            }
        }
    }

    fn evidence(&self, added: &[Permission], freed: &[Permission]) -> Vec<String> {
        let mut evidence: Vec<String> = added.iter().map(|one| one.shown("+")).collect();
        evidence.extend(freed.iter().map(|one| one.shown("-")));
        let more = evidence.len().saturating_sub(MOST_LISTED);
        evidence.truncate(MOST_LISTED);
        if more > 0 {
            evidence.push(format!("… and {more} more"));
        }
        if !self.is_whole {
            evidence.push("resources and conditions are known only after the apply".to_owned());
        }
        evidence
    }

    fn unknown(&self, around: Circumstances<'_>, findings: &mut Findings) {
        let title = format!(
            "what {} allows is known only after the apply",
            self.change.address.raw()
        );
        // A protected environment has its own rule for losses; a policy is looked at by people.
        let effect = around.unknown;
        self.add(
            &rules::IAM_UNKNOWN,
            Severity::Medium,
            effect,
            title,
            Vec::new(),
            findings,
        );
    }

    fn add(
        &self,
        rule: &ReviewRule,
        severity: Severity,
        effect: ReviewVerdict,
        title: String,
        evidence: Vec<String>,
        findings: &mut Findings,
    ) {
        findings.add_part(
            rule,
            self.path,
            Said {
                severity,
                effect,
                subject: self.change.address.clone(),
                title,
                evidence,
            },
        );
    }
}

/// What new permissions open, the worst first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Opening {
    Everything,
    Everybody,
    Escalation(String),
}

fn worst(added: &[Permission]) -> Option<Opening> {
    added.iter().filter_map(opening).min()
}

fn opening(one: &Permission) -> Option<Opening> {
    let is_free = one.condition.is_empty();
    if one.principal == "*" || one.principal.starts_with('!') {
        return is_free.then_some(Opening::Everybody);
    }
    // In a trust policy or one of a resource, the resource is the thing itself.
    if !one.principal.is_empty() {
        return None;
    }
    let anything = matches!(one.resource.as_str(), "*" | LATER) || one.resource.starts_with('!');
    if !anything {
        return None;
    }
    let is_everything = matches!(one.action.as_str(), "*" | "*:*" | "iam:*");
    if is_everything && is_free {
        return Some(Opening::Everything);
    }
    let negated = one.action.strip_prefix('!');
    if let Some(but) = negated {
        let spares_iam = but
            .split(' ')
            .any(|action| covers_exactly(action, "iam:passrole"));
        return (!spares_iam && is_free).then_some(Opening::Everything);
    }
    // `iam:PassedToService` and its like are what makes passing roles safe.
    let reached = ESCALATIONS
        .iter()
        .find(|known| is_free && covers_exactly(&one.action, known));
    let is_passing = |action: &str| action == "iam:passrole" && one.resource == LATER;
    reached
        .filter(|action| !is_passing(action))
        .map(|_| Opening::Escalation(one.written.clone()))
}

/// A policy of AWS that is attached.
fn attached(change: &PlannedChange<'_>, before: &Value, after: &Value, findings: &mut Findings) {
    let arns = |values: &Value| -> BTreeSet<String> {
        let one = values.get("policy_arn").and_then(Value::as_str);
        let many = values.get("managed_policy_arns").and_then(Value::as_array);
        let many = many.into_iter().flatten().filter_map(Value::as_str);
        one.into_iter().chain(many).map(str::to_owned).collect()
    };
    for arn in arns(after).difference(&arns(before)) {
        let name = arn.rsplit('/').next().unwrap_or(arn);
        if arn.contains(":iam::aws:policy/") && ADMINISTRATORS.contains(&name) {
            findings.add_part(
                &rules::IAM_ADMIN,
                name,
                Said {
                    severity: Severity::Critical,
                    effect: ReviewVerdict::Block,
                    subject: change.address.clone(),
                    title: format!("{} attaches {name}", change.address.raw()),
                    evidence: vec![format!("+ {arn}")],
                },
            );
        }
    }
}
