//! Whether a plan belongs to the environment that it would be applied to: what must not even be
//! asked about.

use crate::model::deployments::Deployment;
use crate::model::ids::EnvironmentName;
use crate::model::registry::Registry;
use crate::model::review::Review;
use crate::text::Untrusted;

/// The rule of reviews for what is of another environment.
const RULE: &str = "other-environment";

/// Returns what of a plan is of another environment or account.
pub fn of_other_environments(review: &Review) -> Vec<Untrusted> {
    let found = review.findings.iter().filter(|one| one.rule == RULE);
    found
        .flat_map(|one| {
            let evidence = one.evidence.iter().map(Untrusted::raw);
            let evidence: Vec<&str> = evidence.collect();
            let title = one.title.raw();
            std::iter::once(Untrusted::new(match evidence.is_empty() {
                true => title.to_owned(),
                false => format!("{title}: {}", evidence.join(", ")),
            }))
        })
        .collect()
}

/// Returns another environment that is known to have this very state: the backend then is the
/// same for both, and deploying one would change the other.
pub fn state_of_another<'a>(
    own: &EnvironmentName,
    lineage: &Untrusted,
    registries: impl Iterator<Item = &'a Registry>,
    deployments: &[Deployment],
) -> Option<EnvironmentName> {
    let source = format!("state:{}", lineage.raw());
    let is_source = |text: &String| {
        text.strip_prefix(source.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
    };
    let mut others = registries.filter(|one| one.environment != *own);
    let by_registry = others.find(|one| {
        one.resources
            .iter()
            .any(|entry| entry.sources.iter().any(is_source))
    });
    let deployed = deployments
        .iter()
        .rev()
        .filter(|one| one.environment != *own);
    let mut by_record = deployed.filter(|one| {
        let known = one
            .record
            .as_ref()
            .and_then(|record| record.lineage.as_ref());
        known == Some(lineage)
    });
    by_registry
        .map(|one| one.environment.clone())
        .or_else(|| by_record.next().map(|one| one.environment.clone()))
}
