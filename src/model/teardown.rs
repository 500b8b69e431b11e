//! What a teardown would destroy.

use serde::{Deserialize, Serialize};

use crate::text::Untrusted;

/// What a teardown would destroy, and what stands in its way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct TeardownOutlook {
    /// What holds data, and what of it is lost.
    pub losses: Vec<TeardownNote>,
    /// What would fail, and why.
    pub obstacles: Vec<TeardownNote>,
    /// What may fail: it is not known here.
    pub doubts: Vec<TeardownNote>,
    /// What lives on afterwards.
    pub survivors: Vec<TeardownNote>,
}

/// Something to know of one resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct TeardownNote {
    /// Its address.
    pub address: Untrusted,
    /// What there is to know.
    pub text: Untrusted,
}
