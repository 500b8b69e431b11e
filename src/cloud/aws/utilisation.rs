//! Metrics over whole days, for how much resources are used.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::cloud::aws::client::{Aws, Deadline};
use crate::cloud::aws::metrics::{MetricQuery, Span, ask_all, partial, subject};
use crate::cloud::aws::seen::Seen;
use crate::model::cost::UtilisationMetric;
use crate::model::snapshot::Series;

/// Asks for metrics over days, in their order.
pub(crate) async fn utilisation(
    aws: &Aws,
    metrics: &[UtilisationMetric],
    deadline: Deadline,
) -> Vec<Seen<Series>> {
    let mut by_span: BTreeMap<Span, Vec<MetricQuery>> = BTreeMap::new();
    let mut found: Vec<Seen<Series>> = vec![Ok(None); metrics.len()];
    for (place, wanted) in metrics.iter().enumerate() {
        match midnight(wanted.days.start).zip(midnight(wanted.days.end)) {
            Some((start, end)) => {
                let region = wanted.region.clone();
                let span = Span { region, start, end };
                by_span
                    .entry(span)
                    .or_default()
                    .push(query_of(place, wanted));
            }
            None => found[place] = Err(partial(None, Some("the days are out of range"))),
        }
    }
    for (query, seen) in ask_all(aws, &by_span, deadline).await {
        found[query.resource] = seen;
    }
    found
}

fn midnight(day: jiff::civil::Date) -> Option<Timestamp> {
    let zoned = day.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(zoned.timestamp())
}

fn query_of(place: usize, wanted: &UtilisationMetric) -> MetricQuery {
    let name = &wanted.metric;
    let namespace = Some(wanted.namespace.as_str());
    let of = subject(namespace, name, wanted.dimensions.clone());
    let period = wanted.period_seconds;
    MetricQuery::new(place, name.clone(), of, &wanted.statistic, period)
}
