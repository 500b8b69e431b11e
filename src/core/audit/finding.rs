//! What findings have in common, whoever makes them: their ids, the resource that they are about,
//! and what they are made from.

use sha2::{Digest, Sha256};

use crate::catalog::checks::Check;
use crate::catalog::configuration::Shapes;
use crate::model::attestations::Attestations;
use crate::model::audit::{AuditedResource, Suppressions};
use crate::model::audit_history::AuditHistory;
use crate::model::configuration::{Configuration, ConfiguredResource};
use crate::model::ids::EnvironmentName;
use crate::model::receipt::Receipt;

/// Everything that a report is made from besides the verdicts.
#[derive(Debug, Clone, Copy)]
pub struct ReportInput<'a> {
    /// `security`, `compliance` or `all`.
    pub audit_type: &'a str,
    /// The environment.
    pub environment: &'a EnvironmentName,
    /// What was evaluated.
    pub configuration: &'a Configuration,
    /// Findings that are accepted.
    pub suppressions: &'a Suppressions,
    /// Whether suppressions of protected checks count.
    pub allow_protected: bool,
    /// What people have answered for.
    pub attestations: &'a Attestations,
    /// What the audits before this one knew.
    pub previous: Option<&'a AuditHistory>,
    /// Frameworks that are reported.
    pub frameworks: &'a [String],
    /// Checks that were evaluated.
    pub checks: &'a [&'a Check],
    /// Whether these are some checks alone, and what is about others is left out.
    pub is_part: bool,
    /// What it cost.
    pub receipt: &'a Receipt,
}

/// Returns the id of a finding: the same for the same check, resource and place in it.
pub fn finding_id(check: &str, resource: &ConfiguredResource, key: Option<&str>) -> String {
    let mut hash = Sha256::new();
    for part in [check, resource.identity().raw(), key.unwrap_or_default()] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hex::encode(hash.finalize())[..12].to_owned()
}

pub(super) fn audited(resource: &ConfiguredResource) -> AuditedResource {
    let shape = Shapes::built_in().get(&resource.resource_type);
    AuditedResource {
        resource_type: resource.resource_type.clone(),
        service: shape
            .map_or("other", |shape| shape.service.as_str())
            .to_owned(),
        name: resource.name.clone(),
        arn: resource.arn.clone(),
        address: resource.address.clone(),
        region: resource.region.clone(),
    }
}

/// What is found about the files of people. No check has such a name.
pub(super) const NOTICES: [&str; 3] = [
    "suppression-expired",
    "suppression-unused",
    "attestation-expired",
];

/// Whether a finding is about a file of people, and not about a resource.
pub(super) fn is_notice(check: &str) -> bool {
    NOTICES.contains(&check)
}
