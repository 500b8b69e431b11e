//! Entries of `iam-audit.json`, and what `fractary permissions` shows of grants.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::denied_grant::RefusedGrant;
use crate::model::ids::{Arn, EnvironmentName};
use crate::model::last_use::GrantUse;
use crate::model::remediation::ConsentRecord;
use crate::text::Untrusted;

/// How far a grant is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GrantStatus {
    /// It is about to be sent.
    Started,
    /// AWS has it.
    Granted,
    /// AWS refused it.
    Failed,
    /// It was sent, and whether AWS took it is not known.
    Unconfirmed,
    /// It is about to be taken back.
    Revoking,
    /// It was taken back.
    Revoked,
    /// It was read from an older record, or found in AWS.
    Imported,
}

impl GrantStatus {
    /// Returns the word of reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Granted => "granted",
            Self::Failed => "failed",
            Self::Unconfirmed => "unconfirmed",
            Self::Revoking => "revoking",
            Self::Revoked => "revoked",
            Self::Imported => "imported",
        }
    }
}

/// One entry: a grant, or what became of one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct GrantRecord {
    /// The environment.
    pub environment: EnvironmentName,
    /// The grant that this entry goes on with; none in its first entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// How far it is.
    pub status: GrantStatus,
    /// Who asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted_by: Option<Untrusted>,
    /// The profile of the identity that grants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// The identity that grants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity_arn: Option<Arn>,
    /// To whom.
    pub principal: Untrusted,
    /// The actions, sorted.
    #[serde(default)]
    pub action: Vec<String>,
    /// What they are on, sorted.
    #[serde(default)]
    pub resource: Vec<String>,
    /// The statements: which action on what, under which condition.
    #[serde(default)]
    pub statement: Vec<Value>,
    /// Why.
    pub reason: Untrusted,
    /// What was denied, where an error asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terraform_error: Option<Untrusted>,
    /// The first policy that it went into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_arn: Option<String>,
    /// The version of it that has the grant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_version: Option<String>,
    /// All policies that changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<ChangedPolicy>,
    /// When it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub expires_at: Option<Timestamp>,
    /// Who agreed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<ConsentRecord>,
    /// The proposal that it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposal: Option<String>,
    /// Where an older record has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Untrusted>,
    /// When the older record says that it was granted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub first_granted_at: Option<Timestamp>,
    /// Why it failed, or was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<Untrusted>,
}

/// A grant that waits for someone to merge it:
/// `deployments/<env>/grants/<id>.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct GrantProposalDocument {
    /// Of the layout of this document.
    pub version: String,
    /// Its id, the name of its file.
    pub id: String,
    /// The environment.
    pub environment: EnvironmentName,
    /// When it was proposed.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub created_at: Timestamp,
    /// When it is none any more.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub expires_at: Timestamp,
    /// The mail address of whoever proposed it: someone else has to merge it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposed_by: Option<Untrusted>,
    /// To whom.
    pub principal: Arn,
    /// What.
    pub statement: Vec<Value>,
    /// When the grant ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub ends_at: Option<Timestamp>,
    /// Whether powerful permissions were meant.
    #[serde(default)]
    pub i_know: bool,
    /// Why.
    pub reason: Untrusted,
    /// What was denied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terraform_error: Option<Untrusted>,
    /// SHA-256 of everything above as JSON, in hexadecimal.
    pub digest: String,
}

/// A policy that a grant changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ChangedPolicy {
    /// Its ARN.
    pub arn: String,
    /// The version that counts since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The version that was removed to make room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed_version: Option<String>,
    /// SHA-256 of the text of that version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed_sha256: Option<String>,
}

/// A grant as `permissions list` shows it.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct ListedGrant {
    /// Its id.
    pub id: String,
    /// When it was made.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub granted_at: Timestamp,
    /// When its newest entry was written.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub changed_at: Timestamp,
    /// Whether it has ended by itself.
    pub has_ended: bool,
    /// How its actions were used, where that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_use: Option<GrantUse>,
    /// Its newest entry.
    #[serde(flatten)]
    pub record: GrantRecord,
}

/// The answer of `permissions list`.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct GrantListReport {
    /// Of the layout of this document.
    pub version: String,
    /// `grant_list`.
    pub kind: String,
    /// Newest first.
    pub grants: Vec<ListedGrant>,
}

/// The answer of `permissions grant` and `permissions revoke`.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct GrantReport {
    /// Of the layout of this document.
    pub version: String,
    /// `grant` or `revocation`.
    pub kind: String,
    /// The environment.
    pub environment: EnvironmentName,
    /// To whom.
    pub principal: Untrusted,
    /// `granted`, `revoked`, `planned`, `unchanged`, `failed`, `unconfirmed` or `refused`.
    pub status: String,
    /// Its id in iam-audit.json.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What is granted, or taken back.
    pub statement: Vec<Value>,
    /// The policies that change.
    pub policies: Vec<ChangedPolicy>,
    /// What is not granted, and why.
    pub refused: Vec<RefusedGrant>,
    /// What to know about it.
    pub notes: Vec<String>,
    /// A change of the Terraform configuration in place of a grant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terraform: Option<String>,
}

/// How the record of one identity differs from AWS.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct GrantDifference {
    /// Whose permissions.
    pub principal: Untrusted,
    /// Recorded, and not in AWS.
    pub missing: Vec<Value>,
    /// In AWS, and in no record.
    pub unexplained: Vec<Value>,
    /// Statements that someone else wrote into the policies of grants.
    pub foreign: Vec<Value>,
    /// Grants whose outcome was never recorded.
    pub open: Vec<String>,
}

/// The answer of `permissions diff` and `permissions sync`.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct GrantDifferenceReport {
    /// Of the layout of this document.
    pub version: String,
    /// `grant_difference`.
    pub kind: String,
    /// The environment.
    pub environment: EnvironmentName,
    /// One for each identity whose record and policies differ.
    pub differences: Vec<GrantDifference>,
    /// What was done about it; none of `permissions diff`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub synced: Option<String>,
}
