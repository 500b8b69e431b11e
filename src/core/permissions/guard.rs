//! Grants that would let their holder become more are found before they are proposed.

use crate::core::audit::opened_by;
use crate::core::permissions::held::HeldPolicies;
use crate::core::policy::PolicyDocument;
use crate::model::preflight::PreflightReport;

/// Adds to a report the ways to more permissions that its grant opens: those that the policies
/// and the grant open together, and the policies alone do not.
pub fn guard(mut report: PreflightReport, held: &HeldPolicies) -> PreflightReport {
    if let Some(grant) = &mut report.grant {
        grant.escalations = match PolicyDocument::parse(&grant.policy.to_string()) {
            Ok(granted) => opened(held, granted),
            Err(why) => vec![format!("the grant could not be checked: {why}")],
        };
    }
    report
}

/// The ways that a grant opens for whoever holds these policies, as sentences.
pub fn opened(held: &HeldPolicies, granted: PolicyDocument) -> Vec<String> {
    let all = held.policies.iter().map(|(_, policy)| policy);
    let statements = all.flat_map(|policy| policy.statements.clone()).collect();
    let mut together = PolicyDocument { statements };
    let before = opened_by(&together);
    together.statements.extend(granted.statements);
    let after = opened_by(&together);
    let new = after.into_iter().filter(|path| !before.contains(path));
    new.map(|path| {
        format!(
            "its holder {}",
            path.words.replace("{target}", "anything of that type")
        )
    })
    .collect()
}
