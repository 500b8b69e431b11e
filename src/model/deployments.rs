//! `registry/deployments.json`: every deployment there was.

use serde::{Deserialize, Serialize};

use crate::model::ids::{DomainName, EnvironmentName};
use crate::model::registry::RegistryEntry;
use crate::text::Untrusted;

/// The deployments of all environments, oldest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(title = "deployments.json")]
pub struct Deployments {
    /// Version of this format, `1.0.0`.
    pub version: String,
    /// When this file was made, RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub created_at: Option<jiff::Timestamp>,
    /// The deployments.
    pub deployments: Vec<Deployment>,
}

/// One deployment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Deployment {
    /// Its id, unique in this file.
    pub id: String,
    /// Where it went.
    pub environment: EnvironmentName,
    /// The domain (default `infrastructure`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<DomainName>,
    /// When, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub deployed_at: jiff::Timestamp,
    /// By whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployed_by: Option<Untrusted>,
    /// The commit that was deployed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// `success`, `failed`, `partial` or `adopted`.
    pub status: String,
    /// What it left behind.
    #[serde(default)]
    pub resources: Vec<RegistryEntry>,
    /// SHA-256 of the plan that was applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan_sha256: Option<String>,
}
