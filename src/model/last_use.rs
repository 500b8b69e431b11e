//! When an identity last used what it may do, as IAM's access advisor says it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Days without use after which a permission counts as unused.
pub const UNUSED_DAYS: i64 = 90;

/// What the access advisor knows of one user or role.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastUse {
    /// When AWS has put it together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Timestamp>,
    /// The services that its policies allow something of.
    pub services: Vec<ServiceUse>,
}

/// One service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceUse {
    /// What its actions begin with: `sqs`.
    pub service: String,
    /// When the identity last tried anything of it; none where it has not within the time that AWS
    /// looks back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Timestamp>,
    /// The actions that AWS follows one by one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<ActionUse>,
}

/// One action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionUse {
    /// Its name within the service: `CreateQueue`.
    pub action: String,
    /// When the identity last tried it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Timestamp>,
}

/// How the actions of a grant were used.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct GrantUse {
    /// Used in the last days, each with when.
    pub used: Vec<UsedAction>,
    /// Not used for as long.
    pub unused: Vec<String>,
    /// Not used, and needed seldom: what takes away, restores or ends.
    pub rare: Vec<String>,
    /// Of which nothing is known, each with why.
    pub unknown: Vec<UnknownUse>,
}

impl GrantUse {
    /// Whether everything of a grant is unused, so that it may be taken back.
    pub fn is_idle(&self) -> bool {
        !self.unused.is_empty()
            && self.used.is_empty()
            && self.rare.is_empty()
            && self.unknown.is_empty()
    }
}

/// An action that was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct UsedAction {
    /// The action.
    pub action: String,
    /// When it was tried last.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub last: Timestamp,
}

/// An action of which AWS does not say when it was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct UnknownUse {
    /// The action.
    pub action: String,
    /// Why it is not known.
    pub because: String,
}
