//! The answer of `fractary permissions propose`: what would have to be granted for what was denied.

use serde::Serialize;

use crate::model::preflight::GrantProposal;
use crate::text::Untrusted;

/// The report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct DeniedGrantReport {
    /// Of the layout of this document.
    pub version: String,
    /// `grants`.
    pub kind: String,
    /// One grant for each user or role that was denied.
    pub grants: Vec<PrincipalGrant>,
    /// What is not granted, and why.
    pub refused: Vec<RefusedGrant>,
}

/// A grant for one user or role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct PrincipalGrant {
    /// Who was denied; `None` where no message names it.
    pub principal: Option<Untrusted>,
    /// The grant.
    #[serde(flatten)]
    pub proposal: GrantProposal,
}

/// A denial for which nothing is granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct RefusedGrant {
    /// The action, where the message names one.
    pub action: Option<Untrusted>,
    /// What it was denied on.
    pub resource: Option<Untrusted>,
    /// Who was denied.
    pub principal: Option<Untrusted>,
    /// Why nothing is granted, as a sentence without a full stop.
    pub because: Untrusted,
}
