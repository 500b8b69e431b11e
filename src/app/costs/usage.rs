//! How resources are configured and used, for what could be saved.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::cloud::Cloud;
use crate::cloud::question::{ConfigurationQuestion, UtilisationQuestion, UtilisationReading};
use crate::core::cost::Utilisation;
use crate::model::configuration::{Configuration, Extent, TypeCoverage};
use crate::model::cost::UtilisationMetric;
use crate::model::fact::{Gap, GapId};
use crate::model::ids::{EnvironmentName, Region};

/// Metrics of one question: what a call takes, so that no answer is too long to hold.
const METRICS_AT_ONCE: usize = 500;

/// Reads metrics.
pub(super) async fn read(
    cloud: &dyn Cloud,
    environment: &EnvironmentName,
    needed: BTreeSet<UtilisationMetric>,
) -> Utilisation {
    let needed: Vec<UtilisationMetric> = needed.into_iter().collect();
    let mut all = Utilisation::new();
    for metrics in needed.chunks(METRICS_AT_ONCE) {
        let question = UtilisationQuestion {
            environment: environment.clone(),
            metrics: metrics.to_vec(),
        };
        match cloud.utilisation(&question).await {
            Ok(readings) => {
                let each = metrics.iter().cloned().zip(readings);
                all.extend(each.map(|(metric, reading)| {
                    let answer = match reading {
                        UtilisationReading::Points(series) => Ok(Some(series)),
                        UtilisationReading::NoPoints => Ok(None),
                        UtilisationReading::Unreadable(gap) => Err(gap),
                    };
                    (metric, answer)
                }));
            }
            Err(gap) => {
                all.extend(
                    metrics
                        .iter()
                        .map(|metric| (metric.clone(), Err(gap.clone()))),
                );
            }
        }
    }
    all
}

/// Reads how resources of these types are configured.
pub(super) async fn configuration(
    cloud: &dyn Cloud,
    question: &ConfigurationQuestion,
) -> Configuration {
    match cloud.configuration(question).await {
        Ok(configuration) => configuration,
        Err(gap) => not_read(question.at, &question.types, gap),
    }
}

/// A configuration of which nothing was read, for this reason.
pub(super) fn not_read(now: Timestamp, types: &[String], gap: Gap) -> Configuration {
    let mut configuration = Configuration::new(now);
    let id = configuration.add_gap(gap);
    let everywhere = Region::new("global").expect("it is one");
    configuration
        .coverage
        .extend(types.iter().map(|of| TypeCoverage {
            resource_type: of.clone(),
            region: everywhere.clone(),
            extent: Extent::Unread(id),
        }));
    configuration
}

/// Returns why resources may be missing in a configuration. Other gaps matter only where a rule
/// needs what they hide, and it says so then.
pub(super) fn missing(configuration: &Configuration) -> Vec<Gap> {
    let hidden = configuration
        .coverage
        .iter()
        .filter_map(|one| one.extent.gap());
    let ids: BTreeSet<GapId> = hidden.collect();
    let gaps = ids.into_iter().filter_map(|id| configuration.gap(id));
    gaps.cloned().collect()
}
