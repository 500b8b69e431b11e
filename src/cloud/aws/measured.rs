//! Metrics of the parts of resources, once it is known which parts there are: one more
//! `GetMetricData` for 500 of them.

use std::collections::BTreeMap;

use crate::catalog::Kind;
use crate::catalog::kinds::kind::{Metric, PartDefinition};
use crate::cloud::aws::client::{Aws, Deadline};
use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::errors::unknown_attribute;
use crate::cloud::aws::metrics::{GET_METRIC_DATA, MetricSheet};
use crate::cloud::aws::seen::{LearnedPart, Seen, SeenPart, SeenStatus};
use crate::cloud::question::ObserveQuestion;
use crate::model::fact::GapCause;
use crate::model::resource::Resource;
use crate::model::snapshot::Series;
use crate::text::Untrusted;

/// A part that is looked at.
struct Asked<'a> {
    owner: usize,
    kind: &'a Kind,
    definition: &'a PartDefinition,
    learned: &'a LearnedPart,
    /// Its resource with its own attributes.
    resource: Resource,
    metrics: Vec<&'a Metric>,
    /// How many parts of this sort its resource has.
    count: usize,
    number: usize,
}

impl Asked<'_> {
    fn is_measured(&self) -> bool {
        self.number < self.definition.most
    }

    /// Adds its metrics to what is asked for.
    fn ask(&self, aws: &Aws, place: usize, sheet: &mut MetricSheet<'_>) {
        let region = self.learned.region.clone();
        let region = region.unwrap_or_else(|| aws.metrics_region(self.kind, &self.resource));
        for metric in &self.metrics {
            let own = self
                .kind
                .part_dimensions(self.definition, metric, &self.resource);
            match own {
                Ok(dimensions) => {
                    let id = metric.id.clone();
                    sheet.want(place, (self.kind, metric), &region, id, dimensions);
                }
                Err(missing) => {
                    let failure = unknown_attribute(GET_METRIC_DATA, &missing);
                    sheet.settle(place, metric, Err(failure));
                }
            }
        }
    }
}

/// Reads the metrics of the parts that these statuses of `resources` tell of.
pub(crate) async fn measure(
    aws: &Aws,
    resources: &[&Resource],
    mut statuses: Vec<SeenStatus>,
    request: &ObserveQuestion,
    deadline: Deadline,
) -> Vec<SeenStatus> {
    for (resource, status) in resources.iter().zip(&mut statuses) {
        let unseen: Vec<SeenPart> = hidden_parts(aws, resource, status).collect();
        status.measured.extend(unseen);
    }
    let mut asked = Vec::new();
    for (owner, (resource, status)) in resources.iter().zip(&statuses).enumerate() {
        asked.extend(parts_of(aws, owner, resource, status));
    }
    if asked.is_empty() {
        return statuses;
    }
    let mut sheet = MetricSheet::new(request, asked.len());
    for (place, part) in asked.iter().enumerate() {
        if part.is_measured() {
            part.ask(aws, place, &mut sheet);
        }
    }
    let found = sheet.send(aws, deadline).await;
    let seen: Vec<(usize, SeenPart)> = asked
        .iter()
        .zip(found)
        .map(|(part, metrics)| {
            let metrics = match part.is_measured() {
                true => metrics,
                false => too_many(part),
            };
            let (sort, name) = (part.learned.sort.clone(), part.learned.name.clone());
            (
                part.owner,
                SeenPart {
                    sort,
                    name,
                    metrics,
                },
            )
        })
        .collect();
    for (owner, part) in seen {
        statuses[owner].measured.push(part);
    }
    statuses
}

fn parts_of<'a>(
    aws: &'a Aws,
    owner: usize,
    resource: &Resource,
    status: &'a SeenStatus,
) -> Vec<Asked<'a>> {
    let found = resource.kind.as_ref();
    let Some((kind, programs)) = found.and_then(|id| aws.catalog.kind_with_programs(id)) else {
        return Vec::new();
    };
    let mut parts = Vec::new();
    for definition in &kind.parts {
        let ids = programs.part_metrics(kind, definition);
        let metrics: Vec<&Metric> = kind
            .metrics
            .iter()
            .filter(|m| ids.contains(&m.id))
            .collect();
        let of_sort = || {
            status
                .parts
                .iter()
                .filter(|part| part.sort == definition.id)
        };
        let count = of_sort().count();
        parts.extend(of_sort().enumerate().map(|(number, learned)| Asked {
            owner,
            kind,
            definition,
            learned,
            resource: with_attributes(resource, status, learned),
            metrics: metrics.clone(),
            count,
            number,
        }));
    }
    parts
}

/// What stands for parts of which it is not known which there are: their metrics are unreadable.
fn hidden_parts<'a>(
    aws: &'a Aws,
    resource: &Resource,
    status: &'a SeenStatus,
) -> impl Iterator<Item = SeenPart> + use<'a> {
    let found = resource.kind.as_ref();
    let found = found.and_then(|id| aws.catalog.kind_with_programs(id));
    status.hidden.iter().filter_map(move |hidden| {
        let (kind, programs) = found?;
        let ids = programs.part_metrics(kind, kind.part(&hidden.sort)?);
        let metrics = ids.into_iter().map(|id| (id, Err(hidden.failure.clone())));
        Some(SeenPart {
            sort: hidden.sort.clone(),
            name: hidden.name.clone(),
            metrics: metrics.collect(),
        })
    })
}

/// The resource with what was learned of it and of one of its parts.
fn with_attributes(resource: &Resource, status: &SeenStatus, part: &LearnedPart) -> Resource {
    let mut resource = resource.clone();
    let learned = status
        .learned
        .iter()
        .map(|(name, value)| (name.as_str(), value));
    let own = part.attributes.iter();
    let own = own.map(|(name, value)| (name.as_str(), value));
    for (name, value) in learned.chain(own) {
        let value = Untrusted::from(value.as_str());
        resource.attributes.insert(name.to_owned(), value);
    }
    resource
}

fn too_many(part: &Asked<'_>) -> BTreeMap<String, Seen<Series>> {
    let why = format!(
        "{} has {} parts of the sort `{}`, and metrics are read of {}",
        part.resource.arn, part.count, part.definition.id, part.definition.most
    );
    let failure = Failure::ours(GET_METRIC_DATA, GapCause::NotAsked, why);
    let each = part.metrics.iter();
    each.map(|metric| (metric.id.clone(), Err(failure.clone())))
        .collect()
}

/// The metrics of a whole from those of its parts: sums add up, of one part all are the whole's,
/// and of several a percentile or a mean cannot be made.
pub(crate) fn total(
    whole: BTreeMap<String, Seen<Series>>,
    parts: &[SeenPart],
) -> BTreeMap<String, Seen<Series>> {
    let of = |id: &str| {
        parts
            .iter()
            .map(|part| part.metrics.get(id).cloned())
            .collect()
    };
    whole
        .into_keys()
        .map(|id| {
            let made = match parts {
                [only] => only.metrics.get(&id).cloned().unwrap_or(Ok(None)),
                _ => sum(of(&id)),
            };
            (id, made)
        })
        .collect()
}

fn sum(parts: Vec<Option<Seen<Series>>>) -> Seen<Series> {
    let mut total: Option<(Series, BTreeMap<jiff::Timestamp, f64>)> = None;
    for series in parts {
        let Some(series) = series.unwrap_or(Ok(None))? else {
            continue;
        };
        if series.statistic != "Sum" {
            return Ok(None);
        }
        let points = series.at.iter().copied().zip(series.values.iter().copied());
        let (_, sums) = total.get_or_insert_with(|| (series.clone(), BTreeMap::new()));
        for (at, value) in points {
            *sums.entry(at).or_insert(0.0) += value;
        }
    }
    Ok(total.map(|(series, sums)| {
        let (at, values) = sums.into_iter().unzip();
        Series {
            at,
            values,
            ..series
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(name: &str, statistic: &str, points: &[(i64, f64)]) -> SeenPart {
        let at = |second: &i64| jiff::Timestamp::from_second(*second).expect("a time");
        let series = Series {
            statistic: statistic.to_owned(),
            period_seconds: 60,
            at: points.iter().map(|(second, _)| at(second)).collect(),
            values: points.iter().map(|(_, value)| *value).collect(),
        };
        SeenPart {
            sort: "stage".to_owned(),
            name: name.to_owned(),
            metrics: BTreeMap::from([("errors".to_owned(), Ok(Some(series)))]),
        }
    }

    fn errors(parts: &[SeenPart]) -> Option<Vec<f64>> {
        let whole = BTreeMap::from([("errors".to_owned(), Ok(None))]);
        let made = total(whole, parts)
            .remove("errors")
            .expect("it is asked for");
        made.expect("no failure").map(|series| series.values)
    }

    #[test]
    fn sums_of_parts_add_up_by_period() {
        let dev = part("dev", "Sum", &[(0, 1.0), (60, 2.0)]);
        let live = part("live", "Sum", &[(60, 5.0), (120, 7.0)]);
        assert_eq!(errors(&[dev.clone(), live]), Some(vec![1.0, 7.0, 7.0]));
        assert_eq!(errors(std::slice::from_ref(&dev)), Some(vec![1.0, 2.0]));
        // Percentiles of several cannot be put together; of one they need not be.
        let slow = part("slow", "p95", &[(0, 900.0)]);
        assert_eq!(errors(&[slow.clone(), slow.clone()]), None);
        assert_eq!(errors(&[slow]), Some(vec![900.0]));
    }

    #[test]
    fn a_part_that_could_not_be_read_leaves_the_total_unknown() {
        let failure = Failure::ours(GET_METRIC_DATA, GapCause::Denied, "no");
        let mut hidden = part("live", "Sum", &[]);
        hidden.metrics.insert("errors".to_owned(), Err(failure));
        let parts = [part("dev", "Sum", &[(0, 1.0)]), hidden];
        let whole = BTreeMap::from([("errors".to_owned(), Ok(None))]);
        assert!(total(whole, &parts)["errors"].is_err());
    }
}
