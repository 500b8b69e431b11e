//! Permissions that a plan gives: what is allowed anew, to whom, and what that opens.
//!
//! Policies are read, compared and judged by `core::policy` and by the paths of the audit; what is
//! here says which policies of a plan change, and what that asks for.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::catalog::escalations::{EscalationPath, EscalationTarget};
use crate::core::audit::{allows_everything, dangerous_policy_of_aws, opened_by};
use crate::core::known::{Known, Obstacle};
use crate::core::policy::{
    Permission, PolicyDocument, PolicyEffect, covers, no_longer_denied, permissions,
    permissions_of, public_statements, widened,
};
use crate::core::review::Circumstances;
use crate::core::review::configured::{Configured, LATER};
use crate::core::review::difference::as_json;
use crate::core::review::rules::{self, Findings, ReviewRule, Said};
use crate::model::plan::{PlanAction, PlannedChange, TerraformPlan};
use crate::model::review::ReviewVerdict;
use crate::model::status::Severity;

/// Most permissions that are listed for a resource.
const MOST_LISTED: usize = 12;

/// Attributes that hold a policy.
const ATTRIBUTES: &[&str] = &[
    "access_policies",
    "assume_role_policy",
    "policy",
    "policy_document",
    "resource_policy",
];

pub(super) fn examine(
    plan: &TerraformPlan<'_>,
    configured: &Configured<'_>,
    around: Circumstances<'_>,
    findings: &mut Findings,
) {
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
        let mut changed = ChangedPolicies::default();
        changed.collect(String::new(), &before, &after);
        for (path, old, new) in changed.0 {
            let of = PolicyOf {
                change,
                path: &path,
                is_whole: true,
                around,
            };
            match new {
                Ok(new) => of.compare(&old, &new, findings),
                Err(error) => of.unclear(&error, findings),
            }
        }
        for path in ATTRIBUTES
            .iter()
            .filter(|name| unknown.get(**name) == Some(&Value::Bool(true)))
            .filter(|name| !has_default(change, configured, name))
        {
            let old = before.get(path).and_then(read).and_then(Result::ok);
            let of = PolicyOf {
                change,
                path,
                is_whole: false,
                around,
            };
            match configured.document(change, path) {
                Some(new) => of.compare(&old.unwrap_or_else(nothing), &new, findings),
                None => of.unknown(findings),
            }
        }
    }
}

/// Types that let everybody in where no policy is written.
const OPEN_BY_DEFAULT: &[&str] = &["aws_api_gateway_rest_api", "aws_vpc_endpoint"];

/// Whether something is created without a policy: it gets the one that AWS gives, which lets nobody in
/// but its own account. What a resource of its own adds is looked at there.
fn has_default(change: &PlannedChange<'_>, configured: &Configured<'_>, path: &str) -> bool {
    let is_new = change.action != PlanAction::Update;
    let is_open = OPEN_BY_DEFAULT.contains(&change.resource_type.raw());
    is_new && !is_open && configured.is_written(change, path) == Some(false)
}

/// A policy that allows nothing.
fn nothing() -> PolicyDocument {
    PolicyDocument {
        statements: Vec::new(),
    }
}

/// Reads a policy; `None` for what is none.
fn read(value: &Value) -> Option<Result<PolicyDocument, String>> {
    let text = value.as_str()?;
    let is_policy = text.contains("Statement") && as_json(text)?.get("Statement").is_some();
    is_policy.then(|| PolicyDocument::parse(text))
}

/// A policy that is no JSON: without this, one that is nested too deep would be none.
fn broken(path: &str, value: &Value) -> Option<Result<PolicyDocument, String>> {
    let name = path.rsplit('.').next()?;
    let text = value.as_str()?;
    let is_broken = ATTRIBUTES.contains(&name)
        && text.trim_start().starts_with(['{', '['])
        && as_json(text).is_none();
    is_broken.then(|| Err("it is no JSON, or nested too deep".to_owned()))
}

/// Policies of an object before and afterwards, by the path of their attribute.
#[derive(Default)]
struct ChangedPolicies(Vec<(String, PolicyDocument, Result<PolicyDocument, String>)>);

impl ChangedPolicies {
    fn collect(&mut self, path: String, before: &Value, after: &Value) {
        match after {
            Value::String(_) if before != after => {
                if let Some(new) = read(after).or_else(|| broken(&path, after)) {
                    let old = read(before).and_then(Result::ok);
                    self.0.push((path, old.unwrap_or_else(nothing), new));
                }
            }
            Value::Object(fields) => {
                for (name, value) in fields {
                    let dot = if path.is_empty() { "" } else { "." };
                    let old = before.get(name).unwrap_or(&Value::Null);
                    self.collect(format!("{path}{dot}{name}"), old, value);
                }
            }
            // Blocks that hold policies are sets: what was in any of them is not new.
            Value::Array(items) => {
                for (at, value) in items.iter().enumerate() {
                    let same = before.as_array().is_some_and(|old| old.contains(value));
                    if !same {
                        let old = before.get(at).unwrap_or(&Value::Null);
                        self.collect(format!("{path}[{at}]"), old, value);
                    }
                }
            }
            _ => {}
        }
    }
}

/// A policy of a change.
struct PolicyOf<'a> {
    change: &'a PlannedChange<'a>,
    path: &'a str,
    /// Whether all of it is known.
    is_whole: bool,
    around: Circumstances<'a>,
}

/// What a policy asks for.
struct PolicyJudgement {
    rule: &'static ReviewRule,
    severity: Severity,
    effect: ReviewVerdict,
    /// What follows the address.
    words: String,
    /// What more has to be said.
    because: Vec<String>,
}

impl PolicyJudgement {
    fn new(
        rule: &'static ReviewRule,
        severity: Severity,
        effect: ReviewVerdict,
        words: impl Into<String>,
    ) -> Self {
        Self {
            rule,
            severity,
            effect,
            words: words.into(),
            because: Vec::new(),
        }
    }
}

impl PolicyOf<'_> {
    fn compare(&self, old: &PolicyDocument, new: &PolicyDocument, findings: &mut Findings) {
        let (before, after) = (permissions(old), permissions(new));
        let added = widened(&before, &after);
        let freed = no_longer_denied(&before, &after);
        if added.is_empty() && freed.is_empty() {
            return;
        }
        let mut judged = self.judge(old, new, &added);
        let evidence = self.evidence(&added, &freed);
        judged.because.extend(evidence);
        self.add(judged, findings);
    }

    fn judge(
        &self,
        old: &PolicyDocument,
        new: &PolicyDocument,
        added: &[Permission],
    ) -> PolicyJudgement {
        let (block, critical) = (ReviewVerdict::Block, Severity::Critical);
        if allows_everything(new) && !allows_everything(old) {
            return PolicyJudgement::new(&rules::IAM_ADMIN, critical, block, "allows everything");
        }
        let (is_public, doubts) = opened_to_everybody(new, added);
        if is_public {
            let words = "opens it to everybody";
            return PolicyJudgement::new(&rules::PUBLIC_POLICY, critical, block, words);
        }
        if let Some(judged) = self.escalation(old, new) {
            return judged;
        }
        if !doubts.is_empty() {
            let words = "may open it to everybody";
            let effect = self.around.of_unknown();
            let mut judged =
                PolicyJudgement::new(&rules::PUBLIC_POLICY, Severity::High, effect, words);
            judged.because = doubts;
            return judged;
        }
        // What is created needs some permissions.
        match old.statements.is_empty() {
            true => PolicyJudgement::new(
                &rules::IAM_WIDENED,
                Severity::Low,
                ReviewVerdict::Pass,
                "allows what nothing allowed before",
            ),
            false => PolicyJudgement::new(
                &rules::IAM_WIDENED,
                Severity::High,
                ReviewVerdict::Warn,
                "allows more than before",
            ),
        }
    }

    /// A way to more permissions that was not open before.
    fn escalation(&self, old: &PolicyDocument, new: &PolicyDocument) -> Option<PolicyJudgement> {
        let known = opened_by(old);
        let is_new = |path: &&EscalationPath| !known.contains(path);
        if let Some(path) = worst(opened_by(new).into_iter().filter(is_new)) {
            // What a function may do is not known here; the checks of roles look at that.
            let effect = match path.target {
                EscalationTarget::Function => ReviewVerdict::Warn,
                _ => ReviewVerdict::Block,
            };
            return Some(opening(path, "opens a way to more permissions", effect));
        }
        let maybe = anywhere(new)?;
        let paths = opened_by(&maybe).into_iter().filter(is_new);
        // Who refers to a role in a policy passes that one.
        let path = worst(paths.filter(|path| path.target != EscalationTarget::Pass))?;
        if is_wild(new) {
            let words = "opens a way to more permissions";
            return Some(opening(path, words, ReviewVerdict::Block));
        }
        let effect = self.around.unknown;
        let mut judged = opening(path, "may open a way to more permissions", effect);
        judged.rule = &rules::IAM_UNKNOWN;
        judged.severity = Severity::Medium;
        Some(judged)
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

    /// A protected environment has its own rule for losses; a policy is looked at by people.
    fn unknown(&self, findings: &mut Findings) {
        let effect = self.around.unknown;
        let address = self.change.address.raw();
        let title = format!("what {address} allows is known only after the apply");
        self.say(
            &rules::IAM_UNKNOWN,
            Severity::Medium,
            effect,
            title,
            Vec::new(),
            findings,
        );
    }

    /// What is only half understood does not pass for harmless.
    fn unclear(&self, error: &str, findings: &mut Findings) {
        let title = format!("the policy of {} cannot be read", self.change.address.raw());
        self.say(
            &rules::IAM_UNKNOWN,
            Severity::Medium,
            self.around.unknown,
            title,
            vec![error.to_owned()],
            findings,
        );
    }

    fn add(&self, judged: PolicyJudgement, findings: &mut Findings) {
        let title = format!("{} {}", self.change.address.raw(), judged.words);
        self.say(
            judged.rule,
            judged.severity,
            judged.effect,
            title,
            judged.because,
            findings,
        );
    }

    fn say(
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

/// Whether something is open to everybody that was not, and why that may be so.
fn opened_to_everybody(new: &PolicyDocument, added: &[Permission]) -> (bool, Vec<String>) {
    let added: BTreeSet<&Permission> = added.iter().collect();
    let is_new = |of: &BTreeSet<Permission>| of.iter().any(|one| added.contains(one));
    let verdicts: Vec<Known<bool>> = public_statements(new)
        .filter(|(statement, _)| is_new(&permissions_of(statement)))
        .map(|(_, verdict)| verdict)
        .collect();
    let is_public = verdicts.contains(&Ok(true));
    let doubts = verdicts.into_iter().filter_map(Result::err).flatten();
    let sentences = doubts.filter_map(|one| match one {
        Obstacle::Unclear(text) => Some(text),
        Obstacle::Gap(_) | Obstacle::NotRead(_) => None,
    });
    (is_public, sentences.collect())
}

fn opening(path: &EscalationPath, words: &str, effect: ReviewVerdict) -> PolicyJudgement {
    let target = match path.target {
        EscalationTarget::Own => "its group",
        EscalationTarget::Attached => "a policy that it has",
        EscalationTarget::User => "any user",
        EscalationTarget::Role | EscalationTarget::Pass => "any role",
        EscalationTarget::Function => "any function",
    };
    let can = path.words.replace("{target}", target);
    let words = format!("{words}: whoever has it {can}");
    let mut judged = PolicyJudgement::new(&rules::IAM_ADMIN, Severity::High, effect, words);
    judged.because = vec![format!("by {}", path.actions.join(", "))];
    judged
}

/// What needs nothing of others is worse than what needs a role or a function.
fn worst<'p>(paths: impl Iterator<Item = &'p EscalationPath>) -> Option<&'p EscalationPath> {
    paths.min_by_key(|path| match path.target {
        EscalationTarget::Function => 2,
        EscalationTarget::Pass => 1,
        _ => 0,
    })
}

/// The policy with everything in place of what is known only after the apply; `None` where all of
/// it is known.
fn anywhere(policy: &PolicyDocument) -> Option<PolicyDocument> {
    let mut open = policy.clone();
    let sets = open
        .statements
        .iter_mut()
        .filter_map(|one| one.resources.as_mut());
    let later = sets.flat_map(|set| &mut set.patterns);
    let later = later.filter(|pattern| *pattern == LATER);
    let count = later.map(|pattern| "*".clone_into(pattern)).count();
    (count > 0).then_some(open)
}

/// Whether everything of IAM is allowed on something.
fn is_wild(policy: &PolicyDocument) -> bool {
    policy.of_effect(PolicyEffect::Allow).any(|one| {
        let of = |pattern: &String| covers(pattern, "iam:*");
        one.principals.is_none()
            && one.conditions.is_empty()
            && !one.actions.is_negated
            && one.actions.patterns.iter().any(of)
    })
}

/// Dangerous policies of AWS that are attached.
fn attached(change: &PlannedChange<'_>, before: &Value, after: &Value, findings: &mut Findings) {
    let arns = |values: &Value| -> BTreeSet<String> {
        let one = ["policy_arn", "managed_policy_arn"]
            .into_iter()
            .filter_map(|name| values.get(name).and_then(Value::as_str));
        let many = values.get("managed_policy_arns").and_then(Value::as_array);
        let many = many.into_iter().flatten().filter_map(Value::as_str);
        one.chain(many).map(str::to_owned).collect()
    };
    for arn in arns(after).difference(&arns(before)) {
        let Some(policy) = dangerous_policy_of_aws(arn) else {
            continue;
        };
        let name = arn.rsplit('/').next().unwrap_or(arn);
        let (severity, effect) = match (allows_everything(&policy), opened_by(&policy).is_empty()) {
            (true, _) => (Severity::Critical, ReviewVerdict::Block),
            (false, false) => (Severity::High, ReviewVerdict::Block),
            // It allows that under a condition.
            (false, true) => (Severity::High, ReviewVerdict::Warn),
        };
        findings.add_part(
            &rules::IAM_ADMIN,
            name,
            Said {
                severity,
                effect,
                subject: change.address.clone(),
                title: format!("{} attaches {name}", change.address.raw()),
                evidence: vec![format!("+ {arn}")],
            },
        );
    }
}
