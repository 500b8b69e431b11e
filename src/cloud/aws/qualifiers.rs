//! Versions and aliases of Lambda functions that had traffic, and the regions in which a function
//! runs at the edge: CloudWatch has series of each, which the totals of a function hide or lack.
//!
//! Dimensions: <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html>. At the
//! edge: <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-edge-how-it-works.html>.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_cloudwatch::types::RecentlyActive;
use futures_util::future::{join, join_all};

use crate::cloud::aws::client::RegionClient;
use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::kinds::distributions;
use crate::cloud::aws::parts::{Dimensions, series};
use crate::cloud::aws::seen::{HiddenParts, LearnedPart, SeenStatus};
use crate::model::ids::Region;
use crate::model::resource::Resource;
use crate::model::window::Window;

const NAMESPACE: &str = "AWS/Lambda";
const METRIC: &str = "Invocations";
const FUNCTION: &str = "FunctionName";
const RESOURCE: &str = "Resource";
const VERSION: &str = "ExecutedVersion";

/// Where functions of the edge live; their replicas run elsewhere.
const HOME: &str = "us-east-1";

/// Where CloudFront has regional caches, next to which replicas run.
const EDGE: [&str; 12] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "eu-central-1",
    "eu-west-1",
    "eu-west-2",
    "sa-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// The statuses of these functions, all of one region, with the parts that had traffic.
pub(crate) async fn add(
    region: RegionClient<'_>,
    resources: &[&Resource],
    statuses: Vec<SeenStatus>,
    window: Window,
) -> Vec<SeenStatus> {
    // What had no calls of late is not worth asking for.
    let clocks = region.aws.guard.meter().clocks;
    let is_recent = clocks.is_some_and(|clocks| clocks.is_recent(&window));
    let recent = is_recent.then_some(RecentlyActive::Pt3H);
    let edge = async {
        match region.region.as_str() == HOME {
            true => edge(region, resources, recent.clone()).await,
            false => BTreeMap::new(),
        }
    };
    let qualified = series(region, NAMESPACE, METRIC, RESOURCE, recent.clone());
    let (qualified, edge) = join(qualified, edge).await;
    let qualified = qualified.as_ref().map(|series| by_function(series));
    resources
        .iter()
        .zip(statuses)
        .map(|(resource, mut status)| {
            if !matches!(status.state, Ok(Some(_))) {
                return status;
            }
            let name = function(resource);
            match &qualified {
                Ok(all) => {
                    let own = all.get(name).into_iter().flatten().copied();
                    status.parts.extend(qualifiers(name, own));
                }
                Err(failure) => {
                    status
                        .hidden
                        .push(hidden("qualifier", "versions and aliases", failure))
                }
            }
            // Two entries of the registry may be one function: each has all of its parts.
            let (parts, unseen) = edge.get(name).cloned().unwrap_or_default();
            status.parts.extend(parts);
            status.hidden.extend(unseen);
            status
        })
        .collect()
}

fn hidden(sort: &str, name: &str, failure: &Failure) -> HiddenParts {
    HiddenParts {
        sort: sort.to_owned(),
        name: name.to_owned(),
        failure: failure.clone(),
    }
}

/// The name of the function, without version or alias.
fn function(resource: &Resource) -> &str {
    let mut parts = resource.arn.resource().split(':').skip(1);
    parts.next().unwrap_or_else(|| resource.aws_id.raw())
}

/// Series by the name of their function: each function looks at its own alone.
fn by_function(series: &[Dimensions]) -> BTreeMap<&str, Vec<&Dimensions>> {
    let mut all: BTreeMap<&str, Vec<&Dimensions>> = BTreeMap::new();
    for one in series {
        if let Some(name) = one.get(FUNCTION) {
            all.entry(name).or_default().push(one);
        }
    }
    all
}

/// The versions and aliases of a function that had calls, and the versions behind an alias. Where
/// there is one of them, it is the function itself.
fn qualifiers<'s>(
    name: &str,
    series: impl IntoIterator<Item = &'s Dimensions>,
) -> Vec<LearnedPart> {
    let own = series
        .into_iter()
        .filter(|one| one.get(FUNCTION).is_some_and(|of| of == name));
    let own: BTreeSet<(&str, Option<&str>)> = own
        .filter_map(|one| {
            let version = one.get(VERSION).map(String::as_str);
            let is_whole = one.len() == 2 + usize::from(version.is_some());
            Some((one.get(RESOURCE)?.as_str(), version)).filter(|_| is_whole)
        })
        .collect();
    let called = own.iter().filter(|(_, version)| version.is_none()).count();
    let of_alias = |resource: &str| {
        let same = own
            .iter()
            .filter(|one| one.0 == resource && one.1.is_some());
        same.count()
    };
    let qualifier = |resource: &str| -> Option<String> {
        let (_, qualifier) = resource.split_once(':')?;
        let is_version = qualifier == "$LATEST" || qualifier.parse::<u64>().is_ok();
        let sort = if is_version { "version" } else { "alias" };
        Some(format!("{sort} {qualifier}"))
    };
    let parts = own.iter().filter_map(|(resource, version)| {
        let of_resource = ("resource".to_owned(), (*resource).to_owned());
        let name = qualifier(resource)?;
        match version {
            None if called > 1 => Some(LearnedPart {
                sort: "qualifier".to_owned(),
                name,
                attributes: vec![of_resource],
                region: None,
            }),
            Some(version) if of_alias(resource) > 1 => Some(LearnedPart {
                sort: "weighted".to_owned(),
                name: format!("version {version} of {name}"),
                attributes: vec![of_resource, ("version".to_owned(), (*version).to_owned())],
                region: None,
            }),
            _ => None,
        }
    });
    parts.collect()
}

/// What is known of a function at the edge.
type AtEdge = (Vec<LearnedPart>, Vec<HiddenParts>);

/// The regions in which these functions ran at the edge.
async fn edge<'a>(
    home: RegionClient<'_>,
    resources: &[&'a Resource],
    recent: Option<RecentlyActive>,
) -> BTreeMap<&'a str, AtEdge> {
    let regions = EDGE.iter().filter_map(|name| Region::new(*name).ok());
    let asked: Vec<Region> = regions.collect();
    let answers = join_all(asked.iter().map(|region| {
        let (client, recent) = (home.elsewhere(region), recent.clone());
        async move {
            let series = series(client, NAMESPACE, METRIC, FUNCTION, recent).await;
            (region, series)
        }
    }))
    .await;
    let failed = answers.iter().find_map(|(_, series)| series.as_ref().err());
    // A region that may not be asked hides only what runs at the edge.
    let used = match failed {
        Some(failure) => Some((distributions::functions(home).await, failure)),
        None => None,
    };
    let functions = answers.iter().map(|(region, series)| {
        let whole = series.iter().flatten().filter(|one| one.len() == 1);
        let names = whole.filter_map(|one| one.get(FUNCTION).map(String::as_str));
        (*region, names.collect())
    });
    let functions: Vec<(&Region, BTreeSet<&str>)> = functions.collect();
    let of = |resource: &'a Resource| {
        let name = function(resource);
        let replica = format!("{HOME}.{name}");
        let ran = functions.iter();
        let ran = ran.filter(|(_, names)| names.contains(replica.as_str()));
        let parts = ran.map(|(region, _)| LearnedPart {
            sort: "edge".to_owned(),
            name: format!("the edge in {region}"),
            attributes: vec![("replica".to_owned(), replica.clone())],
            region: Some((*region).clone()),
        });
        let is_used = |arns: &BTreeSet<String>| {
            let prefix = format!("{}:", resource.arn.as_str());
            arns.iter().any(|arn| arn.starts_with(&prefix))
        };
        let unseen = used.iter().filter_map(|(used, failure)| match used {
            Ok(arns) if !is_used(arns) => None,
            Ok(_) => Some(hidden("edge", "the edge", failure)),
            Err(failure) => Some(hidden("edge", "the edge", failure)),
        });
        (name, (parts.collect(), unseen.collect()))
    };
    resources.iter().copied().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dimensions(pairs: &[(&str, &str)]) -> Dimensions {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    fn names(series: &[&[(&str, &str)]]) -> Vec<String> {
        let series: Vec<Dimensions> = series.iter().map(|one| dimensions(one)).collect();
        let parts = qualifiers("orders", &series).into_iter();
        parts.map(|part| part.name).collect()
    }

    #[test]
    fn aliases_and_the_versions_behind_them_are_parts() {
        let of = |resource| [("FunctionName", "orders"), ("Resource", resource)];
        let behind = |resource, version| {
            [
                ("FunctionName", "orders"),
                ("Resource", resource),
                ("ExecutedVersion", version),
            ]
        };
        // Whatever is called alone is the function.
        assert!(names(&[&of("orders")]).is_empty());
        assert!(names(&[&of("orders:live"), &behind("orders:live", "7")]).is_empty());
        assert_eq!(
            names(&[
                &of("orders"),
                &of("orders:live"),
                &of("orders:7"),
                &of("orders:$LATEST"),
                &behind("orders:live", "7"),
                &behind("orders:live", "8"),
                &[("FunctionName", "others"), ("Resource", "others:live")],
            ]),
            [
                "version $LATEST",
                "version 7",
                "alias live",
                "version 7 of alias live",
                "version 8 of alias live",
            ]
        );
    }
}
