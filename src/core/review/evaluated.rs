//! What checks are evaluated over, and what their verdicts are about.

use crate::core::audit::{AuditInput, Judgement};
use crate::core::review::Circumstances;
use crate::model::configuration::Configuration;
use crate::text::Untrusted;

/// Returns what checks are evaluated over.
pub(super) fn input<'a>(
    around: Circumstances<'a>,
    configuration: &'a Configuration,
) -> AuditInput<'a> {
    AuditInput {
        environment: around.environment.map_or("", |one| one.name.as_str()),
        critical: around.is_protected,
        configuration,
        rules: around.rules,
    }
}

/// Returns the address of what a verdict is about.
pub(super) fn address(judgement: &Judgement<'_>) -> String {
    let address = judgement.resource.address.as_ref();
    address.map_or("", Untrusted::raw).to_owned()
}
