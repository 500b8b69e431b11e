//! Metrics over a span, through `GetMetricData`.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricStat};
use futures_util::future::join_all;

use crate::cloud::aws::client::Aws;
use crate::cloud::aws::metrics::{MetricQuery, QUERIES_PER_CALL, Span, ask};
use crate::cloud::aws::seen::Seen;
use crate::cloud::question::{Answer, MetricOfSpan, MetricsQuestion, UtilisationReading};
use crate::model::ids::Region;
use crate::model::snapshot::Series;

/// Asks for all metrics.
pub(crate) async fn read(aws: &Aws, question: &MetricsQuestion) -> Answer {
    let deadline = aws.deadline_from_now();
    let mut by_region: BTreeMap<&Region, Vec<MetricQuery>> = BTreeMap::new();
    for (place, wanted) in question.metrics.iter().enumerate() {
        let region = aws.endpoint_region(&wanted.region);
        let query = query_of(place, wanted);
        by_region.entry(region).or_default().push(query);
    }
    let calls = by_region.iter().flat_map(|(region, queries)| {
        let chunks = queries.chunks(QUERIES_PER_CALL);
        chunks.map(move |chunk| (*region, chunk))
    });
    let answers = join_all(calls.map(|(region, chunk)| async move {
        let span = Span {
            region: region.clone(),
            start: question.start,
            end: question.end,
        };
        let answer = ask(aws.in_region(region, deadline), &span, chunk).await;
        (chunk, answer)
    }));
    let mut found: Vec<Seen<Series>> = vec![Ok(None); question.metrics.len()];
    for (chunk, answer) in answers.await {
        for (number, query) in chunk.iter().enumerate() {
            found[query.resource] = match &answer {
                Ok(series) => series[number].clone(),
                Err(failure) => Err(failure.clone()),
            };
        }
    }
    let each = found.into_iter().zip(&question.metrics);
    let readings = each.map(|(seen, wanted)| match seen {
        Ok(Some(series)) => UtilisationReading::Points(series),
        Ok(None) => UtilisationReading::NoPoints,
        Err(failure) => {
            let subject = format!("{} {}", wanted.namespace, wanted.metric);
            UtilisationReading::Unreadable(failure.into_gap(subject))
        }
    });
    Answer::Utilisation(readings.collect())
}

fn query_of(place: usize, wanted: &MetricOfSpan) -> MetricQuery {
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
