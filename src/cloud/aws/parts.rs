//! Which parts of a resource CloudWatch has a metric for: the target groups of a load balancer,
//! the indexes of a table. One paged `ListMetrics` for each such metric and region.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use aws_sdk_cloudwatch::types::{DimensionFilter, RecentlyActive};
use futures_util::future::join_all;

use crate::catalog::Kind;
use crate::catalog::kinds::kind::Metric;
use crate::cloud::aws::client::{Aws, Deadline, RegionClient};
use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::pages::all_pages;
use crate::model::ids::Region;
use crate::model::resource::Resource;

pub(crate) const LIST_METRICS: &str = "cloudwatch:ListMetrics";

/// A metric in a region: namespace, name, and the dimension that tells its parts apart.
type Key = (Region, String, String, String);

/// The dimensions of a series.
pub(crate) type Dimensions = BTreeMap<String, String>;

/// The dimensions of every series of the metrics that have parts.
pub(crate) struct Parts(BTreeMap<Key, Result<Vec<Dimensions>, Failure>>);

/// Lists the series of the metrics of these resources that have parts.
pub(crate) async fn list(aws: &Aws, resources: &[Resource], deadline: Deadline) -> Parts {
    let mut keys = BTreeSet::new();
    for resource in resources {
        let Some(kind) = aws.kind(resource) else {
            continue;
        };
        let region = aws.metrics_region(kind, resource);
        let keys_of = kind.metrics.iter().filter_map(|m| key(&region, kind, m));
        keys.extend(keys_of);
    }
    let answers = keys.into_iter().map(|key| async move {
        let (region, namespace, metric, part) = &key;
        let client = aws.in_region(region, deadline);
        let series = series(client, namespace, metric, part, None).await;
        (key, series)
    });
    Parts(join_all(answers).await.into_iter().collect())
}

fn key(region: &Region, kind: &Kind, metric: &Metric) -> Option<Key> {
    let part = metric.part.clone()?;
    let namespace = kind.namespace.clone()?;
    Some((region.clone(), namespace, metric.metric.clone(), part))
}

/// The dimensions of every series of a metric that has this dimension.
pub(crate) async fn series(
    region: RegionClient<'_>,
    namespace: &str,
    metric: &str,
    dimension: &str,
    recent: Option<RecentlyActive>,
) -> Result<Vec<Dimensions>, Failure> {
    let client = region.cloudwatch();
    let listed = all_pages(LIST_METRICS, async |token| {
        let list = client
            .list_metrics()
            .namespace(namespace)
            .metric_name(metric)
            .set_recently_active(recent.clone())
            .dimensions(DimensionFilter::builder().name(dimension).build());
        let page = region
            .call(LIST_METRICS, list.set_next_token(token).send())
            .await?;
        Ok((page.metrics.unwrap_or_default(), page.next_token))
    });
    let listed = listed.await?.into_iter().map(|metric| {
        let dimensions = metric.dimensions.unwrap_or_default().into_iter();
        dimensions
            .filter_map(|dimension| Some((dimension.name?, dimension.value?)))
            .collect()
    });
    Ok(listed.collect())
}

impl Parts {
    /// The parts of a resource that have this metric, sorted: values of its part's dimension.
    /// `own` are the dimensions of the resource; a series with further ones is a part of a part.
    pub(crate) fn of(
        &self,
        region: &Region,
        kind: &Kind,
        metric: &Metric,
        own: &[(String, String)],
    ) -> Result<BTreeSet<String>, Failure> {
        let answer = key(region, kind, metric).and_then(|key| self.0.get(&key));
        let Some(answer) = answer else {
            return Ok(BTreeSet::new());
        };
        let series = answer.as_ref().map_err(Clone::clone)?;
        let name = metric.part.as_deref().unwrap_or_default();
        let is_of = |series: &&Dimensions| {
            series.len() == own.len() + 1
                && own
                    .iter()
                    .all(|(name, value)| series.get(name) == Some(value))
        };
        let of_resource = series.iter().filter(is_of);
        Ok(of_resource
            .filter_map(|series| series.get(name).cloned())
            .collect())
    }
}
