//! What a plan needs, held against what an identity may do.

use crate::catalog::access::AccessReference;
use crate::core::permissions::held::{AskedCall, HeldPolicies, HeldVerdict};
use crate::core::permissions::need::{GrantScope, PlanNeeds};
use crate::core::permissions::statement::{GrantedAction, MOST_CHARACTERS, characters, policy};
use crate::model::preflight::{
    CheckedAction, GrantProposal, NeededAction, PreflightReport, UnknownNeed,
};
use crate::text::Untrusted;

/// Actions that decide what others may do, also where they are narrowed to names.
const POWERFUL: [&str; 6] = [
    "iam:AttachRolePolicy",
    "iam:CreatePolicy",
    "iam:CreatePolicyVersion",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
    "iam:UpdateAssumeRolePolicy",
];

/// Holds the needs of a plan against the policies of an identity. What is missing becomes one
/// grant; ways to more permissions that it would open are not looked for here.
pub fn preflight(needs: PlanNeeds, held: &HeldPolicies, scope: &GrantScope) -> PreflightReport {
    let mut report = PreflightReport {
        version: "1.0.0".to_owned(),
        kind: "preflight".to_owned(),
        identity: None,
        reference_date: AccessReference::built_in().date.clone(),
        needed: needs.needed,
        allowed: Vec::new(),
        missing: Vec::new(),
        unknown: needs.unknown,
        grant: None,
    };
    for needed in &report.needed {
        let verdict = held.verdict(AskedCall {
            action: &needed.action,
            resource: needed.resource.raw(),
            passed_to: needed.passed_to.as_deref(),
            region: Some(&scope.region),
        });
        let checked = |because: &str, grant_helps| CheckedAction {
            needed: needed.clone(),
            because: Untrusted::new(because),
            grant_helps,
        };
        match verdict {
            HeldVerdict::Allowed { by } => report
                .allowed
                .push(checked(&format!("`{by}` allows it"), false)),
            HeldVerdict::NotAllowed => report.missing.push(checked("no policy allows it", true)),
            HeldVerdict::Denied { by } => report.missing.push(checked(&by, false)),
            HeldVerdict::Unknown { because } => report.unknown.push(UnknownNeed {
                needed: Some(needed.clone()),
                resource_type: None,
                because: Untrusted::new(because),
            }),
        }
    }
    report.grant = proposal(&report.missing, scope);
    report
}

/// One grant for everything that is missing and that a grant helps with.
fn proposal(missing: &[CheckedAction], scope: &GrantScope) -> Option<GrantProposal> {
    let helped = missing
        .iter()
        .filter(|one| one.grant_helps)
        .map(|one| &one.needed);
    let granted: Vec<GrantedAction> = helped.clone().map(granted).collect();
    if granted.is_empty() {
        return None;
    }
    let policy = policy(&granted, &scope.region, None);
    let characters = characters(&policy);
    let mut notes = Vec::new();
    if characters > MOST_CHARACTERS {
        notes.push(format!(
            "a managed policy holds {MOST_CHARACTERS} characters and this one has {characters}; \
             split it at a statement"
        ));
    }
    let is_any =
        |one: &&NeededAction| one.scope.raw().ends_with(":*") || one.scope.raw().ends_with("/*");
    let any = helped.filter(is_any).count();
    if any > 0 {
        notes.push(format!(
            "{any} {} a name or an id that only the apply gives: the grant is for all of that \
             type in account {}",
            if any == 1 {
                "permission is on"
            } else {
                "permissions are on"
            },
            scope.account
        ));
    }
    if granted
        .iter()
        .any(|one| POWERFUL.contains(&one.action.as_str()))
    {
        notes.push(
            "it lets its holder write what other roles may do: give the holder a permissions \
             boundary, or demand one with the condition `iam:PermissionsBoundary`"
                .to_owned(),
        );
    }
    Some(GrantProposal {
        policy,
        characters,
        escalations: Vec::new(),
        notes,
    })
}

fn granted(needed: &NeededAction) -> GrantedAction {
    GrantedAction {
        action: needed.action.clone(),
        resource: needed.scope.raw().to_owned(),
        passed_to: needed.passed_to.clone(),
    }
}
