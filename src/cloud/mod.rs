//! The provider behind one trait. Never knows how facts are judged, stored or shown.

pub(crate) mod actions;
pub mod aws;
pub mod bundle;
pub mod policy;
pub mod record;
pub mod replay;

use futures_util::future::LocalBoxFuture;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::fact::Gap;
use crate::model::ids::{Arn, EnvironmentName, Region};
use crate::model::monitoring::EnabledCheck;
use crate::model::receipt::Receipt;
use crate::model::resource::Resource;
use crate::model::snapshot::{Identity, Snapshot};
use crate::model::window::Window;
use crate::text::Untrusted;

/// A cloud that can be asked. Answers never fail as a whole: what could not be read is a
/// [`Gap`] in the answer.
pub trait Cloud {
    /// Who we are, as the provider says.
    fn identity(&self) -> LocalBoxFuture<'_, Result<Identity, Gap>>;

    /// Facts about these resources over this window.
    fn observe<'a>(&'a self, ask: &'a ObserveRequest) -> LocalBoxFuture<'a, Snapshot>;

    /// What exists with these tags.
    fn discover<'a>(
        &'a self,
        ask: &'a DiscoverRequest,
    ) -> LocalBoxFuture<'a, Result<Vec<Discovered>, Gap>>;

    /// What all calls so far cost.
    fn receipt(&self) -> Receipt;
}

/// What to observe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ObserveRequest {
    /// The environment.
    pub environment: EnvironmentName,
    /// Resources, in the order of the registry.
    pub resources: Vec<Resource>,
    /// The span that is judged.
    pub window: Window,
    /// From when on metrics that come in the window's own periods are read: its start, or
    /// before.
    pub read_from: Timestamp,
    /// Kinds of checks that are on.
    pub checks: Vec<EnabledCheck>,
    /// The answer of [`Cloud::identity`], which is always asked first.
    pub identity: Identity,
}

/// What to look for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DiscoverRequest {
    /// The environment.
    pub environment: EnvironmentName,
    /// Regions to look in.
    pub regions: Vec<Region>,
    /// Tags that the resources carry, all of them.
    pub tags: Vec<(String, String)>,
}

/// Something that exists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Discovered {
    /// Its ARN.
    pub arn: Arn,
    /// Its tags.
    pub tags: Vec<(Untrusted, Untrusted)>,
}
