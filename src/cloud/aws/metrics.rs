//! Metrics through `GetMetricData`: one query a metric, as many queries a call as it takes.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::types::Dimension;
use aws_sdk_cloudwatch::types::Metric as CloudwatchMetric;
use aws_sdk_cloudwatch::types::MetricDataQuery;
use aws_sdk_cloudwatch::types::MetricDataResult;
use aws_sdk_cloudwatch::types::MetricStat;
use aws_sdk_cloudwatch::types::ScanBy;
use aws_sdk_cloudwatch::types::StatusCode;
use aws_smithy_types::DateTime;
use futures_util::future::join_all;
use jiff::Timestamp;

use crate::catalog::Kind;
use crate::catalog::kinds::kind::Metric;
use crate::cloud::aws::client::{Aws, Deadline, RegionClient};
use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::errors::unknown_attribute;
use crate::cloud::aws::pages::next_page;
use crate::cloud::aws::parts;
use crate::cloud::aws::parts::Parts;
use crate::cloud::aws::seen::Seen;
use crate::cloud::question::ObserveQuestion;
use crate::model::fact::GapCause;
use crate::model::ids::Region;
use crate::model::resource::Resource;
use crate::model::snapshot::Series;
use crate::text::Untrusted;

pub(crate) const GET_METRIC_DATA: &str = "cloudwatch:GetMetricData";

/// Most queries that one call takes.
const QUERIES_PER_CALL: usize = 500;

/// Whole own periods that a metric with a longer period is looked back for: the newest point
/// of a daily metric may be more than a day old.
const PERIODS_BACK: i64 = 3;

/// Metrics of every resource, by its place in the list.
pub(crate) type BySource = Vec<BTreeMap<String, Seen<Series>>>;

/// Names and values of a series' dimensions.
type Dimensions = Vec<(String, String)>;

/// One metric to ask for.
#[derive(Debug, Clone)]
pub(super) struct MetricQuery {
    pub(super) resource: usize,
    pub(super) id: String,
    pub(super) statistic: String,
    pub(super) period: u32,
    pub(super) metric: MetricStat,
}

impl MetricQuery {
    /// One for what is at a place of a list.
    pub(super) fn new(
        place: usize,
        id: String,
        metric: CloudwatchMetric,
        statistic: &str,
        period: u32,
    ) -> Self {
        Self {
            resource: place,
            id,
            statistic: statistic.to_owned(),
            period,
            metric: MetricStat::builder()
                .metric(metric)
                .period(i32::try_from(period).unwrap_or(i32::MAX))
                .stat(statistic)
                .build(),
        }
    }
}

/// What the queries of one call share.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    pub(super) region: Region,
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
}

/// Asks for all metrics of these resources.
pub(crate) async fn observe(
    aws: &Aws,
    resources: &[Resource],
    request: &ObserveQuestion,
    deadline: Deadline,
) -> BySource {
    let mut sheet = MetricSheet::new(request, resources.len());
    let parts = parts::list(aws, resources, deadline).await;
    for (place, resource) in resources.iter().enumerate() {
        let Some(kind) = aws.kind(resource) else {
            continue;
        };
        for metric in &kind.metrics {
            let region = aws.metrics_region(kind, resource);
            match series_of(kind, metric, resource, (&parts, &region)) {
                Ok(all) => {
                    if metric.part.is_some() {
                        // All of them are asked for by themselves.
                        sheet.settle(place, metric, Ok(None));
                    }
                    for (id, dimensions) in all {
                        sheet.want(place, (kind, metric), &region, id, dimensions);
                    }
                }
                Err(failure) => sheet.settle(place, metric, Err(failure)),
            }
        }
    }
    sheet.send(aws, deadline).await
}

/// Metrics to ask for of the things in a list, and what is known of some without asking.
pub(crate) struct MetricSheet<'a> {
    request: &'a ObserveQuestion,
    found: BySource,
    queries: BTreeMap<Span, Vec<MetricQuery>>,
}

impl<'a> MetricSheet<'a> {
    /// An empty one, for a list of `count` things.
    pub(crate) fn new(request: &'a ObserveQuestion, count: usize) -> Self {
        Self {
            request,
            found: vec![BTreeMap::new(); count],
            queries: BTreeMap::new(),
        }
    }

    /// Notes what is known of a metric without asking.
    pub(crate) fn settle(&mut self, place: usize, metric: &Metric, seen: Seen<Series>) {
        self.found[place].insert(metric.id.clone(), seen);
    }

    /// Adds a series of a metric, which is found again under `id`.
    pub(crate) fn want(
        &mut self,
        place: usize,
        (kind, metric): (&Kind, &Metric),
        region: &Region,
        id: String,
        dimensions: Dimensions,
    ) {
        let span = Span {
            region: region.clone(),
            start: start(metric, self.request),
            end: self.request.window.end,
        };
        let period = metric.period_seconds;
        let period = period.unwrap_or(self.request.window.period_seconds);
        let namespace = kind.namespace.as_deref();
        let of = subject(namespace, &metric.metric, dimensions);
        let query = MetricQuery::new(place, id, of, &metric.stat, period);
        self.queries.entry(span).or_default().push(query);
    }

    /// Sends the queries, and puts what they give beside what was found without. Nothing is
    /// known of a window that ends in the provider's future.
    pub(crate) async fn send(self, aws: &Aws, deadline: Deadline) -> BySource {
        let mut found = self.found;
        for (query, seen) in ask_all(aws, &self.queries, deadline).await {
            found[query.resource].insert(query.id.clone(), seen);
        }
        let clocks = aws.guard.meter().clocks;
        let why = clocks.and_then(|clocks| clocks.hides(GET_METRIC_DATA, &self.request.window));
        if let Some(failure) = why {
            for metric in found.iter_mut().flat_map(BTreeMap::values_mut) {
                *metric = Err(failure.clone());
            }
        }
        found
    }
}

/// The series of a metric, by id: one, or one for each part of the resource.
fn series_of(
    kind: &Kind,
    metric: &Metric,
    resource: &Resource,
    (parts, region): (&Parts, &Region),
) -> Result<Vec<(String, Dimensions)>, Failure> {
    let own = kind
        .metric_dimensions(metric, resource)
        .map_err(|missing| unknown_attribute(GET_METRIC_DATA, &missing))?;
    let Some(name) = &metric.part else {
        return Ok(vec![(metric.id.clone(), own)]);
    };
    let parts = parts.of(region, kind, metric, &own)?;
    let each = parts.into_iter().map(|part| {
        let mut dimensions = own.clone();
        dimensions.push((name.clone(), part.clone()));
        (metric.part_key(&part), dimensions)
    });
    Ok(each.collect())
}

/// A metric with its dimensions, as CloudWatch calls it.
pub(super) fn subject(
    namespace: Option<&str>,
    name: &str,
    dimensions: impl IntoIterator<Item = (String, String)>,
) -> CloudwatchMetric {
    let dimensions = dimensions.into_iter();
    let dimensions =
        dimensions.map(|(name, value)| Dimension::builder().name(name).value(value).build());
    CloudwatchMetric::builder()
        .set_namespace(namespace.map(str::to_owned))
        .metric_name(name)
        .set_dimensions(Some(dimensions.collect()))
        .build()
}

/// From when on a metric is read.
fn start(metric: &Metric, request: &ObserveQuestion) -> Timestamp {
    let window = request.window;
    match metric.period_seconds {
        None => request.read_from.min(window.start),
        Some(period) if period > window.period_seconds => {
            let period = i64::from(period);
            let newest = window.end.as_second().div_euclid(period) * period;
            let back = newest - PERIODS_BACK * period;
            let covering = window.start.as_second().div_euclid(period) * period;
            Timestamp::from_second(back.min(covering)).unwrap_or(window.start)
        }
        Some(_) => window.start,
    }
}

/// Sends these queries, as few calls as it takes, all at once. Returns what each gave.
pub(super) async fn ask_all<'q>(
    aws: &Aws,
    queries: &'q BTreeMap<Span, Vec<MetricQuery>>,
    deadline: Deadline,
) -> Vec<(&'q MetricQuery, Seen<Series>)> {
    let calls = queries.iter().flat_map(|(span, queries)| {
        let chunks = queries.chunks(QUERIES_PER_CALL);
        chunks.map(move |chunk| (span, chunk))
    });
    let answers = join_all(calls.map(|(span, chunk)| async move {
        let region = aws.in_region(&span.region, deadline);
        (chunk, ask(region, span, chunk).await)
    }));
    let mut all: Vec<(&MetricQuery, Seen<Series>)> = Vec::new();
    for (chunk, answer) in answers.await {
        match answer {
            Ok(series) => all.extend(chunk.iter().zip(series)),
            Err(failure) => all.extend(chunk.iter().map(|query| (query, Err(failure.clone())))),
        }
    }
    all
}

/// One call with all its pages. Any failure is one of all its queries: what a page that
/// never came would have added cannot be known.
async fn ask(
    region: RegionClient<'_>,
    span: &Span,
    queries: &[MetricQuery],
) -> Result<Vec<Seen<Series>>, Failure> {
    let data_queries: Vec<MetricDataQuery> = queries
        .iter()
        .enumerate()
        .map(|(number, query)| {
            MetricDataQuery::builder()
                .id(format!("q{number}"))
                .metric_stat(query.metric.clone())
                .build()
        })
        .collect();
    let client = region.cloudwatch();
    let mut collected: Vec<Collected> = vec![Collected::default(); queries.len()];
    let mut token: Option<String> = None;
    loop {
        let send = client
            .get_metric_data()
            .set_metric_data_queries(Some(data_queries.clone()))
            .start_time(DateTime::from_secs(span.start.as_second()))
            .end_time(DateTime::from_secs(span.end.as_second()))
            .scan_by(ScanBy::TimestampAscending)
            .set_next_token(token.clone())
            .send();
        let page = region.call(GET_METRIC_DATA, send).await?;
        if let Some(message) = page.messages().first() {
            return Err(partial(message.code(), message.value()));
        }
        for result in page.metric_data_results() {
            let answer = result
                .id()
                .and_then(|id| id.strip_prefix('q')?.parse::<usize>().ok())
                .and_then(|number| collected.get_mut(number));
            if let Some(answer) = answer {
                answer.add(result, span);
            }
        }
        token = next_page(GET_METRIC_DATA, token.as_ref(), page.next_token)?;
        if token.is_none() {
            break;
        }
    }
    Ok(queries
        .iter()
        .zip(collected)
        .map(|(query, answer)| answer.finish(query))
        .collect())
}

pub(super) fn partial(code: Option<&str>, message: Option<&str>) -> Failure {
    Failure {
        code: code.map(Untrusted::from),
        ..Failure::ours(
            GET_METRIC_DATA,
            GapCause::Partial,
            message.unwrap_or("CloudWatch left something out"),
        )
    }
}

/// What the pages so far said about one query.
#[derive(Debug, Clone, Default)]
struct Collected {
    points: BTreeMap<Timestamp, f64>,
    status: Option<StatusCode>,
    code: Option<String>,
    message: Option<String>,
}

impl Collected {
    fn add(&mut self, result: &MetricDataResult, span: &Span) {
        // The last page that speaks of a query has the last word.
        self.status = result.status_code().cloned();
        if let Some(message) = result.messages().first() {
            self.code = message.code().map(str::to_owned);
            self.message = message.value().map(str::to_owned);
        }
        if result.timestamps().len() != result.values().len() {
            self.status = None;
            self.message = Some("timestamps and values do not fit together".to_owned());
            return;
        }
        for (at, value) in result.timestamps().iter().zip(result.values()) {
            let Ok(at) = Timestamp::from_second(at.secs()) else {
                continue;
            };
            if at >= span.start && at < span.end && value.is_finite() {
                self.points.insert(at, *value);
            }
        }
    }

    fn finish(self, query: &MetricQuery) -> Seen<Series> {
        let cause = match self.status {
            Some(StatusCode::Complete) => None,
            Some(StatusCode::Forbidden) => Some(GapCause::Denied),
            Some(StatusCode::InternalError) => Some(GapCause::ProviderError),
            _ => Some(GapCause::Partial),
        };
        if let Some(cause) = cause {
            let word = self.status.as_ref().map_or("no answer", StatusCode::as_str);
            let code = self.code.as_deref().or(Some(word));
            return Err(Failure {
                cause,
                missing_permission: (cause == GapCause::Denied).then(|| GET_METRIC_DATA.to_owned()),
                ..partial(code, self.message.as_deref())
            });
        }
        if self.points.is_empty() {
            return Ok(None);
        }
        let (at, values) = self.points.into_iter().unzip();
        Ok(Some(Series {
            statistic: query.statistic.clone(),
            period_seconds: query.period,
            at,
            values,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("an instant")
    }

    fn span() -> Span {
        Span {
            region: Region::new("eu-central-1").expect("a region"),
            start: at(600),
            end: at(1_200),
        }
    }

    fn query() -> MetricQuery {
        MetricQuery {
            resource: 0,
            id: "errors".to_owned(),
            statistic: "Sum".to_owned(),
            period: 300,
            metric: MetricStat::builder().stat("Sum").period(300).build(),
        }
    }

    fn page(status: &str, points: &[(i64, f64)]) -> MetricDataResult {
        MetricDataResult::builder()
            .id("q0")
            .status_code(StatusCode::from(status))
            .set_timestamps(Some(
                points
                    .iter()
                    .map(|(at, _)| DateTime::from_secs(*at))
                    .collect(),
            ))
            .set_values(Some(points.iter().map(|(_, value)| *value).collect()))
            .build()
    }

    fn finish(pages: &[MetricDataResult]) -> Seen<Series> {
        let mut answer = Collected::default();
        for page in pages {
            answer.add(page, &span());
        }
        answer.finish(&query())
    }

    #[test]
    fn pages_are_joined_and_points_outside_are_dropped() {
        let pages = [
            page("PartialData", &[(300, 9.0), (600, 1.0)]),
            page("Complete", &[(600, 1.0), (900, 2.0), (1_200, 9.0)]),
        ];
        let series = finish(&pages).expect("complete").expect("points");
        assert_eq!(series.at, [at(600), at(900)]);
        assert_eq!(series.values, [1.0, 2.0]);
    }

    #[test]
    fn only_a_complete_answer_counts() {
        let cases = [
            (vec![page("Complete", &[])], None),
            (
                vec![page("PartialData", &[(600, 1.0)])],
                Some(GapCause::Partial),
            ),
            (
                vec![page("InternalError", &[])],
                Some(GapCause::ProviderError),
            ),
            (vec![page("Forbidden", &[])], Some(GapCause::Denied)),
            (vec![page("Tired", &[])], Some(GapCause::Partial)),
            (vec![], Some(GapCause::Partial)),
            (
                vec![
                    page("PartialData", &[(600, 1.0)]),
                    page("InternalError", &[]),
                ],
                Some(GapCause::ProviderError),
            ),
        ];
        for (pages, expected) in cases {
            let seen = finish(&pages);
            assert_eq!(seen.as_ref().err().map(|f| f.cause), expected, "{pages:?}");
            assert!(seen.is_err() || seen == Ok(None));
        }
    }

    #[test]
    fn values_without_times_are_no_answer() {
        let odd = MetricDataResult::builder()
            .id("q0")
            .status_code(StatusCode::Complete)
            .values(1.0)
            .build();
        assert!(finish(&[odd]).is_err());
    }

    proptest! {
        #[test]
        fn a_series_is_sorted_inside_its_span_and_finite(
            points in proptest::collection::vec((0_i64..2_000, proptest::num::f64::ANY), 0..50),
        ) {
            if let Ok(Some(series)) = finish(&[page("Complete", &points)]) {
                prop_assert!(series.at.windows(2).all(|pair| pair[0] < pair[1]));
                prop_assert!(series.at.iter().all(|at| *at >= span().start && *at < span().end));
                prop_assert!(series.values.iter().all(|value| value.is_finite()));
                prop_assert_eq!(series.at.len(), series.values.len());
            }
        }
    }
}
