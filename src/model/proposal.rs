//! `remediations/<env>/proposals/<id>.json`: an action that waits for someone to merge it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::ids::{Arn, EnvironmentName, IssueId};
use crate::model::remediation::ActionPlan;
use crate::text::Untrusted;

/// A proposed action. Merging its file into the default branch is consent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(title = "proposal.json")]
pub struct ProposalDocument {
    /// Version of this format, `1.0.0`.
    pub version: String,
    /// Its id, the name of its file.
    #[schemars(regex(pattern = r"^p-[0-9]{8}-[0-9]{6}-[0-9a-f]{8}$"))]
    pub id: String,
    /// The environment.
    pub environment: EnvironmentName,
    /// When it was proposed, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub created_at: Timestamp,
    /// When it is none any more: 24 hours later, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub expires_at: Timestamp,
    /// The mail address of whoever proposed it: someone else has to merge it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposed_by: Option<Untrusted>,
    /// The issue that it addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue_id: Option<IssueId>,
    /// The action.
    pub action: String,
    /// The ARN of the resource.
    pub resource: Arn,
    /// Its parameters by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, Untrusted>,
    /// What it would do.
    pub plan: ActionPlan,
    /// What speaks for it, in sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Untrusted>,
    /// SHA-256 of everything above as JSON, in hexadecimal: who edits it is found out.
    #[schemars(regex(pattern = r"^[0-9a-f]{64}$"))]
    pub digest: String,
    /// Why it was refused; in `refused/` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<ProposalRefusal>,
}

/// Why a proposal was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ProposalRefusal {
    /// When, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// Why.
    pub reason: Untrusted,
}
