//! RDS instances.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use futures_util::future::{join, join_all};
use serde_json::{Value, json};

use crate::catalog::reads::path::{items, scalar};
use crate::cloud::aws::client::RegionClient;
use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::kinds::NativeStatus;
use crate::cloud::aws::kinds::rds_limits;
use crate::cloud::aws::kinds::reads;
use crate::cloud::aws::kinds::stated;
use crate::cloud::aws::kinds::text;
use crate::cloud::aws::kinds::{all_failed, no_list, said};
use crate::cloud::aws::lean::Members;
use crate::cloud::aws::seen::{Seen, SeenStatus};
use crate::model::fact::Value as FactValue;
use crate::model::resource::Resource;

const DESCRIBE: &str = "rds:DescribeDBInstances";
const CLUSTERS: &str = "rds:DescribeDBClusters";
const PARAMETERS: &str = "rds:DescribeDBParameters";

/// Instances up to which the list is narrowed by a filter instead of being read whole.
const FILTER: usize = 20;

pub(crate) struct Instances;

impl NativeStatus for Instances {
    fn kind(&self) -> &'static str {
        "rds"
    }

    fn operations(&self) -> &'static [&'static str] {
        &[CLUSTERS, DESCRIBE, PARAMETERS]
    }

    fn observe<'a>(
        &'a self,
        region: RegionClient<'a>,
        resources: Vec<&'a Resource>,
    ) -> LocalBoxFuture<'a, Vec<SeenStatus>> {
        async move {
            let instances = match list(region, &resources).await {
                Ok(instances) => instances,
                Err(failure) => return all_failed(&resources, &failure),
            };
            let limits = own_limits(region, &resources, &instances);
            let clusters = clusters(region, &resources, &instances);
            let (limits, clusters) = join(limits, clusters).await;
            resources
                .iter()
                .map(|resource| {
                    let instance = instances.get(&identifier(resource));
                    instance.map_or_else(SeenStatus::absent, |instance| {
                        status(instance, &limits)
                            .with("cluster_status", cluster(instance, &clusters))
                    })
                })
                .collect()
        }
        .boxed_local()
    }
}

/// RDS compares identifiers without regard to case and stores them in lower case.
fn identifier(resource: &Resource) -> String {
    resource
        .arn
        .resource()
        .strip_prefix("db:")
        .unwrap_or(resource.aws_id.raw())
        .to_ascii_lowercase()
}

type ByIdentifier = BTreeMap<String, Value>;

async fn list(region: RegionClient<'_>, resources: &[&Resource]) -> Result<ByIdentifier, Failure> {
    let mut input = Members::new();
    // A filter, unlike an identifier, is not an error where nothing fits.
    if resources.len() <= FILTER {
        let names: Vec<String> = resources.iter().map(|one| identifier(one)).collect();
        let filter = json!({ "Name": "db-instance-id", "Values": { "Value": names } });
        input.insert("Filters".to_owned(), json!({ "Filter": [filter] }));
    }
    let answer = reads::send(region, DESCRIBE, input, true).await?;
    let listed = answer.get("DBInstances").map_or(&[][..], items).iter();
    let named = listed.filter_map(|instance| {
        let name = said(instance, "DBInstanceIdentifier")?.to_ascii_lowercase();
        Some((name, instance.clone()))
    });
    Ok(named.collect())
}

/// The state of each cluster, by its identifier.
type Clusters = Result<BTreeMap<String, String>, Failure>;

/// Asks for the clusters, where an instance is a member of one.
async fn clusters(
    region: RegionClient<'_>,
    resources: &[&Resource],
    instances: &ByIdentifier,
) -> Clusters {
    let mut of_resources = resources
        .iter()
        .filter_map(|r| instances.get(&identifier(r)));
    if !of_resources.any(|instance| own_cluster(instance).is_some()) {
        return Ok(BTreeMap::new());
    }
    let answer = reads::send(region, CLUSTERS, Members::new(), true).await?;
    let listed = answer.get("DBClusters").map_or(&[][..], items).iter();
    let states = listed.filter_map(|one| {
        let name = said(one, "DBClusterIdentifier")?.to_owned();
        Some((name, said(one, "Status")?.to_owned()))
    });
    Ok(states.collect())
}

/// The cluster that an instance is a member of.
fn own_cluster(instance: &Value) -> Option<&str> {
    said(instance, "DBClusterIdentifier")
}

/// The state of the cluster of an instance; absent for one that is in none.
fn cluster(instance: &Value, clusters: &Clusters) -> Seen<FactValue> {
    let Some(own) = own_cluster(instance) else {
        return Ok(None);
    };
    match clusters {
        Ok(clusters) => match clusters.get(own) {
            Some(word) => Ok(Some(FactValue::text(word.as_str()))),
            None => Err(no_list(CLUSTERS, own)),
        },
        Err(failure) if reads::is_not_offered(failure) => Ok(None),
        Err(failure) => Err(failure.clone()),
    }
}

/// Value of `max_connections` that people set, by parameter group. `None`: they set none.
type OwnLimits = BTreeMap<String, Seen<String>>;

async fn own_limits(
    region: RegionClient<'_>,
    resources: &[&Resource],
    instances: &ByIdentifier,
) -> OwnLimits {
    let groups: BTreeSet<&str> = resources
        .iter()
        .filter_map(|resource| group(instances.get(&identifier(resource))?))
        .collect();
    join_all(
        groups
            .into_iter()
            .map(|group| async move { (group.to_owned(), own_limit(region, group).await) }),
    )
    .await
    .into_iter()
    .collect()
}

/// The parameter group, unless it is one of the service's own, which cannot be changed.
fn group(instance: &Value) -> Option<&str> {
    let first = items(instance.get("DBParameterGroups")?).first()?;
    said(first, "DBParameterGroupName").filter(|name| !name.starts_with("default."))
}

async fn own_limit(region: RegionClient<'_>, group: &str) -> Seen<String> {
    let input = [("DBParameterGroupName", group), ("Source", "user")];
    let input = input.map(|(name, value)| (name.to_owned(), value.into()));
    let answer = reads::send(region, PARAMETERS, Members::from_iter(input), true).await?;
    let mut parameters = answer.get("Parameters").map_or(&[][..], items).iter();
    let of_connections = parameters.find_map(|parameter| {
        let name = said(parameter, "ParameterName");
        name.filter(|name| *name == "max_connections")
            .and(said(parameter, "ParameterValue"))
    });
    Ok(of_connections.map(str::to_owned))
}

fn status(instance: &Value, limits: &OwnLimits) -> SeenStatus {
    let word = said(instance, "DBInstanceStatus");
    let engine = said(instance, "Engine");
    let class = said(instance, "DBInstanceClass").unwrap_or_default();
    let is_aurora = engine.is_some_and(|engine| engine.starts_with("aurora"));
    // What Aurora says here is always 1: its storage belongs to the cluster, and grows.
    let gibibytes = instance.get("AllocatedStorage").and_then(scalar);
    let gibibytes = gibibytes.and_then(|text| text.parse::<u32>().ok());
    let bytes = gibibytes
        .filter(|gibibytes| *gibibytes > 0 && !is_aurora)
        .map(|gibibytes| f64::from(gibibytes) * 1_073_741_824.0);
    let status = SeenStatus::known(stated(word.unwrap_or_default(), None))
        .with("status", text(word))
        .with("engine", text(engine))
        .with("allocated_storage_bytes", Ok(bytes));
    let own = group(instance).and_then(|group| limits.get(group));
    let limit = match own {
        Some(Err(failure)) => Err(failure.clone()),
        Some(Ok(Some(value))) => Ok(rds_limits::from_value(value, class)),
        Some(Ok(None)) | None => Ok(rds_limits::from_formula(engine.unwrap_or_default(), class)),
    };
    let part = |pick: fn(&rds_limits::Limit) -> f64| -> Seen<f64> {
        limit
            .as_ref()
            .map(|limit| limit.as_ref().map(pick))
            .map_err(Clone::clone)
    };
    let (connections, estimated) = (
        part(|limit| limit.connections),
        part(|limit| f64::from(u8::from(limit.estimated))),
    );
    status
        .with("max_connections", connections)
        .with("max_connections_estimated", estimated)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_gibibyte_of_aurora_is_no_size() {
        let of_engine = |engine: &str| {
            let instance = json!({
                "DBInstanceStatus": "available",
                "Engine": engine,
                "DBInstanceClass": "db.serverless",
                "AllocatedStorage": "1",
            });
            status(&instance, &OwnLimits::new())
        };
        for (engine, bytes) in [
            ("aurora-mysql", None),
            ("aurora-postgresql", None),
            ("postgres", Some(1_073_741_824.0)),
        ] {
            let status = of_engine(engine);
            let bytes = Ok(bytes.map(FactValue::Number));
            assert_eq!(status.facts["allocated_storage_bytes"], bytes, "{engine}");
            // The memory of a serverless instance moves, and its limit with it.
            assert_eq!(status.facts["max_connections"], Ok(None), "{engine}");
        }
    }

    #[test]
    fn limits_come_from_the_group_else_from_the_formula() {
        let instance = |group: &str| {
            json!({
                "DBInstanceStatus": "available",
                "Engine": "postgres",
                "DBInstanceClass": "db.t3.micro",
                "AllocatedStorage": "20",
                "DBParameterGroups": [{ "DBParameterGroupName": group }],
            })
        };
        let limits = OwnLimits::from([
            ("ours".to_owned(), Ok(Some("40".to_owned()))),
            ("unset".to_owned(), Ok(None)),
        ]);
        let cases = [
            ("default.postgres16", 112.0, 1.0),
            ("unset", 112.0, 1.0),
            ("ours", 40.0, 0.0),
        ];
        for (group, connections, estimated) in cases {
            let status = status(&instance(group), &limits);
            assert_eq!(
                status.facts["max_connections"],
                Ok(Some(connections.into())),
                "{group}"
            );
            assert_eq!(
                status.facts["max_connections_estimated"],
                Ok(Some(estimated.into())),
                "{group}"
            );
            assert_eq!(
                status.facts["allocated_storage_bytes"],
                Ok(Some(21_474_836_480.0.into()))
            );
        }
    }
}
