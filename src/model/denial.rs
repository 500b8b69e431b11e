//! What a message says about a call that AWS denied.

use serde::Serialize;

use crate::text::Untrusted;

/// Which policy denied. `unspecified` where the message does not say.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum DenyType {
    /// The message does not say.
    Unspecified,
    /// No policy of the caller allows it.
    ImplicitIdentity,
    /// No policy of the resource allows it.
    ImplicitResource,
    /// The permissions boundary of the caller does not allow it.
    ImplicitBoundary,
    /// The policy of the session does not allow it.
    ImplicitSession,
    /// No service control policy of the organization allows it.
    ImplicitScp,
    /// No policy of the VPC endpoint allows it.
    ImplicitVpce,
    /// The trust policy of the role does not allow it.
    ImplicitTrust,
    /// A policy of the caller denies it.
    ExplicitIdentity,
    /// A policy of the resource denies it.
    ExplicitResource,
    /// The permissions boundary of the caller denies it.
    ExplicitBoundary,
    /// The policy of the session denies it.
    ExplicitSession,
    /// A service control policy of the organization denies it.
    ExplicitScp,
    /// A resource control policy of the organization denies it.
    ExplicitRcp,
    /// The policy of the VPC endpoint denies it.
    ExplicitVpce,
    /// Some policy denies it; the message does not say which.
    ExplicitUnspecified,
    /// A KMS key is missing in the region, or its policy does not allow, or it denies.
    AmbiguousResourcePolicy,
    /// S3 Block Public Access prevents it.
    BlockPublicAccess,
    /// A declarative policy of the organization prevents it.
    DeclarativePolicy,
    /// It is no matter of permissions: the account is not subscribed, enabled or linked.
    NotIam,
}

/// One denial of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Denial {
    /// The IAM action that the message names, as it is spelt there.
    pub action: Option<Untrusted>,
    /// Other actions that the message names beside it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_actions: Vec<Untrusted>,
    /// The action that the operation usually needs, where the message names none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub implied_action: Option<Untrusted>,
    /// The operation that was called (`RunInstances`), where the message names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<Untrusted>,
    /// What it was denied on.
    pub resource: Option<Untrusted>,
    /// Who was denied.
    pub principal: Option<Untrusted>,
    /// Which policy denied, as the message states it.
    pub deny_type: DenyType,
    /// Which policy it must have been, where that follows from the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub likely_deny_type: Option<DenyType>,
    /// The policy that denied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_arn: Option<Untrusted>,
    /// Is there an authorization id in the message? The id itself is sensitive: it opens the
    /// details of the request, with addresses. It is not kept.
    pub has_authorization_id: bool,
    /// Is there an encoded message?
    pub has_encoded_message: bool,
}

/// Can a permission be granted that makes the call work?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GrantHelps {
    /// A policy of the caller has to allow it.
    Yes,
    /// A policy of the resource has to allow it.
    OnTheResource,
    /// The message does not say enough.
    Maybe,
    /// Something else has to change first.
    No,
}

/// A denial, and what can be done about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct ExplainedDenial {
    /// What the message says.
    #[serde(flatten)]
    pub denial: Denial,
    /// Can a grant help?
    pub grant_helps: GrantHelps,
    /// What denied it, as a sentence.
    pub explanation: String,
    /// Who has to act.
    pub who: String,
    /// What to do and to look at, the likeliest first.
    pub steps: Vec<DenialStep>,
}

/// Something to do about a denial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct DenialStep {
    /// What, as a sentence without its full stop.
    pub what: String,
    /// The command that does or shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<Untrusted>,
}

/// The answer of `fractary permissions explain`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct DenialReport {
    /// Of the layout of this document.
    pub version: String,
    /// `denials`.
    pub kind: String,
    /// In the order of the text.
    pub denials: Vec<ExplainedDenial>,
}
