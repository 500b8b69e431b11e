//! Metrics over a span, through `GetMetricData`.

use std::collections::BTreeMap;

use crate::cloud::aws::client::Aws;
use crate::cloud::aws::metrics::{MetricQuery, Span, ask_all, subject};
use crate::cloud::aws::seen::Seen;
use crate::cloud::question::{Answer, MetricOfSpan, MetricsQuestion, UtilisationReading};
use crate::model::snapshot::Series;

/// Asks for all metrics.
pub(crate) async fn read(aws: &Aws, question: &MetricsQuestion) -> Answer {
    let deadline = aws.deadline_from_now();
    let mut by_span: BTreeMap<Span, Vec<MetricQuery>> = BTreeMap::new();
    for (place, wanted) in question.metrics.iter().enumerate() {
        let span = Span {
            region: aws.endpoint_region(&wanted.region).clone(),
            start: question.start,
            end: question.end,
        };
        let query = query_of(place, wanted);
        by_span.entry(span).or_default().push(query);
    }
    let mut found: Vec<Seen<Series>> = vec![Ok(None); question.metrics.len()];
    for (query, seen) in ask_all(aws, &by_span, deadline).await {
        found[query.resource] = seen;
    }
    let each = found.into_iter().zip(&question.metrics);
    let readings = each.map(|(seen, wanted)| reading(seen, &wanted.namespace, &wanted.metric));
    Answer::Utilisation(readings.collect())
}

/// What was read of a metric.
pub(super) fn reading(seen: Seen<Series>, namespace: &str, metric: &str) -> UtilisationReading {
    match seen {
        Ok(Some(series)) => UtilisationReading::Points(series),
        Ok(None) => UtilisationReading::NoPoints,
        Err(failure) => {
            UtilisationReading::Unreadable(failure.into_gap(format!("{namespace} {metric}")))
        }
    }
}

fn query_of(place: usize, wanted: &MetricOfSpan) -> MetricQuery {
    let name = &wanted.metric;
    let namespace = Some(wanted.namespace.as_str());
    let of = subject(namespace, name, wanted.dimensions.clone());
    let period = wanted.period_seconds;
    MetricQuery::new(place, name.clone(), of, &wanted.statistic, period)
}
