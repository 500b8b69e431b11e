//! All that rules are evaluated over.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::catalog::opportunities::OpportunityRule;
use crate::catalog::registry::Registry;
use crate::core::cost::bill::Bill;
use crate::core::cost::days::CostWindows;
use crate::core::cost::prices::PriceBook;
use crate::model::configuration::Configuration;
use crate::model::cost::UtilisationMetric;
use crate::model::fact::Gap;
use crate::model::snapshot::Series;

/// What CloudWatch answered: the points of a metric, `None` where it has none, or why it is unknown.
pub type Utilisation = BTreeMap<UtilisationMetric, Result<Option<Series>, Gap>>;

/// What was read of an environment, and what is known of it.
pub(super) struct CostWorld<'a> {
    pub(super) now: Timestamp,
    pub(super) windows: CostWindows,
    pub(super) is_critical: bool,
    pub(super) rules: &'a Registry<OpportunityRule>,
    pub(super) configuration: &'a Configuration,
    pub(super) utilisation: &'a Utilisation,
    pub(super) bill: Option<Bill<'a>>,
    pub(super) prices: &'a PriceBook,
}
