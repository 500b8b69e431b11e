//! What is known of the outside world, and what is not.

use serde::{Deserialize, Serialize};

pub use crate::expr::{Fact, FactName, GapId, List, Map, Value};
use crate::text::Untrusted;

/// A call that did not answer, so that something is unknown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Gap {
    /// The call as IAM names it, for instance `cloudwatch:GetMetricData`.
    pub operation: String,
    /// What was not seen because of it, for instance `metrics of 12 resources`.
    pub subject: String,
    /// The kind of failure.
    pub cause: GapCause,
    /// The provider's error code, where it gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Untrusted>,
    /// The provider's words.
    pub message: Untrusted,
    /// The IAM permission that would fix it, where that is the cause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_permission: Option<String>,
}

impl Gap {
    /// Returns what stands in the way, in a sentence without a full stop: the permission that
    /// is missing, or why the call failed.
    pub fn sentence(&self) -> String {
        match &self.missing_permission {
            Some(permission) => format!("permission `{permission}` is missing"),
            None => format!("`{}`: {}", self.operation, self.cause.words()),
        }
    }
}

/// Why a call gave no answer.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum GapCause {
    /// Credentials are missing, expired or not accepted.
    Credentials,
    /// The clock of this machine differs from the provider's.
    Clock,
    /// The identity may not make this call.
    Denied,
    /// The provider asked to slow down, after all retries.
    Throttled,
    /// No answer within the deadline.
    TimedOut,
    /// No connection.
    Unreachable,
    /// An answer that could not be understood.
    Garbled,
    /// An answer that was cut short (pages or points missing).
    Partial,
    /// The provider reported an error of its own.
    ProviderError,
    /// The recording being replayed holds no reply to this request.
    NotRecorded,
    /// Not asked, because an earlier failure made it pointless.
    NotAsked,
    /// The shard that was to ask left no result.
    ShardMissing,
}

impl GapCause {
    /// A few words for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Credentials => "credentials are missing or refused",
            Self::Clock => "the clock of this machine is wrong",
            Self::Denied => "access denied",
            Self::Throttled => "throttled",
            Self::TimedOut => "timed out",
            Self::Unreachable => "unreachable",
            Self::Garbled => "answer could not be understood",
            Self::Partial => "answer was incomplete",
            Self::ProviderError => "provider error",
            Self::NotRecorded => "not in the recording",
            Self::NotAsked => "not asked",
            Self::ShardMissing => "shard missing",
        }
    }
}
