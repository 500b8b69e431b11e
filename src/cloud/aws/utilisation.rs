//! Metrics over whole days, for how much resources are used.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricStat};
use futures_util::future::join_all;
use jiff::Timestamp;

use crate::cloud::aws::client::{Aws, Deadline};
use crate::cloud::aws::metrics::{MetricQuery, QUERIES_PER_CALL, Span, ask, partial};
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
    let calls = by_span.iter().flat_map(|(span, queries)| {
        let chunks = queries.chunks(QUERIES_PER_CALL);
        chunks.map(move |chunk| (span, chunk))
    });
    let answers = join_all(calls.map(|(span, chunk)| async move {
        (
            chunk,
            ask(aws.in_region(&span.region, deadline), span, chunk).await,
        )
    }));
    for (chunk, answer) in answers.await {
        for (number, query) in chunk.iter().enumerate() {
            found[query.resource] = match &answer {
                Ok(series) => series[number].clone(),
                Err(failure) => Err(failure.clone()),
            };
        }
    }
    found
}

fn midnight(day: jiff::civil::Date) -> Option<Timestamp> {
    let zoned = day.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(zoned.timestamp())
}

fn query_of(place: usize, wanted: &UtilisationMetric) -> MetricQuery {
    let dimensions = wanted.dimensions.iter();
    let dimensions =
        dimensions.map(|(name, value)| Dimension::builder().name(name).value(value).build());
    let metric = Metric::builder()
        .namespace(&wanted.namespace)
        .metric_name(&wanted.metric)
        .set_dimensions(Some(dimensions.collect()))
        .build();
    MetricQuery {
        resource: place,
        id: wanted.metric.clone(),
        statistic: wanted.statistic.clone(),
        period: wanted.period_seconds,
        metric: MetricStat::builder()
            .metric(metric)
            .period(i32::try_from(wanted.period_seconds).unwrap_or(i32::MAX))
            .stat(&wanted.statistic)
            .build(),
    }
}
