//! `deployments/<env>/proposals/<id>.json`: a deployment that waits for someone to merge it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::ids::EnvironmentName;
use crate::text::Untrusted;

/// A proposed deployment. Merging its file into the default branch is consent to these changes,
/// and to no others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeployProposal {
    /// Version of this format, `1.0.0`.
    pub version: String,
    /// Its id, the name of its file.
    pub id: String,
    /// The environment.
    pub environment: EnvironmentName,
    /// When it was proposed.
    pub created_at: Timestamp,
    /// When it is none any more: 24 hours later.
    pub expires_at: Timestamp,
    /// The mail address of whoever proposed it: someone else has to merge it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposed_by: Option<Untrusted>,
    /// The directory of the configuration.
    pub directory: String,
    /// SHA-256 of its files.
    pub source_sha256: String,
    /// Serial number of the state that was planned on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<u64>,
    /// Terraform's own line.
    pub summary: Vec<String>,
    /// What it would do, in lines: the sign and the address.
    pub changes: Vec<Untrusted>,
    /// What a review says of it, the worst first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Untrusted>,
    /// SHA-256 of everything that was shown of the changes, attributes included.
    pub shown_sha256: String,
    /// SHA-256 of everything above as JSON: who edits it is found out.
    pub digest: String,
}
