//! What commands ask of AWS. A connection is opened for one purpose, and may send the
//! operations of that purpose alone.

use crate::catalog::Catalog;
use crate::cloud::aws::guard::Operations;
use crate::cloud::policy;

/// A purpose for which requests are sent to AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Access {
    /// Asks who these credentials belong to.
    Identify,
    /// Finds resources by their tags.
    Discover,
    /// Reads the status, metrics and alarms of resources.
    Observe,
    /// Publishes alerts to the topics of helm.toml.
    Publish,
}

impl Access {
    /// Returns the operations that may be sent for this purpose; all others are refused before
    /// they leave the process.
    pub(crate) fn operations(self, catalog: &Catalog) -> Operations {
        match self {
            Self::Identify => policy::identifying(),
            Self::Discover => policy::discovering(),
            Self::Observe => policy::observing(catalog),
            Self::Publish => policy::publishing(),
        }
    }
}
