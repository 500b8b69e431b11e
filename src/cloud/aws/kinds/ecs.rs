//! ECS services, ten a call, by cluster.

use std::collections::BTreeMap;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::catalog::reads::path::items;
use crate::cloud::aws::client::RegionClient;
use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::kinds::NativeStatus;
use crate::cloud::aws::kinds::attribute;
use crate::cloud::aws::kinds::ecs_facts::status;
use crate::cloud::aws::kinds::reads;
use crate::cloud::aws::kinds::said;
use crate::cloud::aws::lean::Members;
use crate::cloud::aws::seen::SeenStatus;
use crate::model::fact::GapCause;
use crate::model::resource::Resource;
use crate::text::Untrusted;

const DESCRIBE: &str = "ecs:DescribeServices";

/// Most services that one call takes.
const SERVICES_PER_CALL: usize = 10;

pub(crate) struct Services;

impl NativeStatus for Services {
    fn kind(&self) -> &'static str {
        "ecs"
    }

    fn operations(&self) -> &'static [&'static str] {
        &[DESCRIBE]
    }

    fn observe<'a>(
        &'a self,
        region: RegionClient<'a>,
        resources: Vec<&'a Resource>,
    ) -> LocalBoxFuture<'a, Vec<SeenStatus>> {
        async move {
            let mut found: Vec<Option<SeenStatus>> = vec![None; resources.len()];
            let mut clusters: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
            for (index, resource) in resources.iter().enumerate() {
                match cluster(resource) {
                    Some(cluster) => clusters.entry(cluster).or_default().push(index),
                    None => found[index] = Some(SeenStatus::failed(no_cluster())),
                }
            }
            let calls = clusters.iter().flat_map(|(cluster, members)| {
                members
                    .chunks(SERVICES_PER_CALL)
                    .map(move |chunk| (*cluster, chunk))
            });
            let resources = &resources;
            let answers = join_all(calls.map(|(cluster, chunk)| async move {
                let names: Vec<&str> = chunk.iter().map(|index| name(resources[*index])).collect();
                (chunk, describe(region, cluster, &names).await)
            }))
            .await;
            for (chunk, statuses) in answers {
                for (index, status) in chunk.iter().zip(statuses) {
                    found[*index] = Some(status);
                }
            }
            found
                .into_iter()
                .map(|status| status.unwrap_or_else(|| SeenStatus::failed(no_answer())))
                .collect()
        }
        .boxed_local()
    }
}

/// `service/cluster/name`, or in the old form `service/name`.
fn name(resource: &Resource) -> &str {
    let path = resource.arn.resource();
    path.rsplit('/').next().unwrap_or(path)
}

fn cluster(resource: &Resource) -> Option<&str> {
    let mut parts = resource.arn.resource().split('/').skip(1);
    match (parts.next(), parts.next()) {
        (Some(cluster), Some(_)) => Some(cluster),
        _ => attribute(resource, "cluster"),
    }
}

fn no_cluster() -> Failure {
    Failure::ours(
        DESCRIBE,
        GapCause::NotAsked,
        "`cluster` is not known: the registry entry needs `metadata.cluster`",
    )
}

fn no_answer() -> Failure {
    Failure::ours(
        DESCRIBE,
        GapCause::Partial,
        "the answer is about other services than the request",
    )
}

/// The status of each of these services, in their order.
async fn describe(region: RegionClient<'_>, cluster: &str, names: &[&str]) -> Vec<SeenStatus> {
    let input = [("cluster", json!(cluster)), ("services", json!(names))];
    let input = Members::from_iter(input.map(|(name, value)| (name.to_owned(), value)));
    match reads::send(region, DESCRIBE, input, false).await {
        Ok(answer) => {
            let list = |name: &str| answer.get(name).map_or(&[][..], items);
            let (services, failures) = (list("services"), list("failures"));
            let each = names.iter().map(|name| {
                let is_it = |one: &&Value| said(one, "serviceName") == Some(*name);
                match services.iter().find(is_it) {
                    Some(service) => status(service),
                    None => not_found(name, failures),
                }
            });
            each.collect()
        }
        // The services went with their cluster.
        Err(failure) if failure.has_code(&["ClusterNotFoundException"]) => {
            names.iter().map(|_| SeenStatus::absent()).collect()
        }
        Err(failure) => names
            .iter()
            .map(|_| SeenStatus::failed(failure.clone()))
            .collect(),
    }
}

fn not_found(name: &str, failures: &[Value]) -> SeenStatus {
    let failure = failures.iter().find(|failure| {
        let arn = said(failure, "arn");
        arn.is_some_and(|arn| arn.rsplit(['/', ':']).next() == Some(name))
    });
    let told = |what: &str| failure.and_then(|failure| said(failure, what));
    match told("reason") {
        Some("MISSING") => SeenStatus::absent(),
        Some(reason) => SeenStatus::failed(Failure {
            code: Some(Untrusted::from(reason)),
            ..Failure::ours(
                DESCRIBE,
                GapCause::ProviderError,
                told("detail").unwrap_or(reason),
            )
        }),
        None => SeenStatus::failed(no_answer()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_missing_means_absent() {
        let failure = |reason: &str| {
            let arn = "arn:aws:ecs:eu-central-1:123456789012:service/shop/web";
            json!({ "arn": arn, "reason": reason })
        };
        assert_eq!(
            not_found("web", &[failure("MISSING")]),
            SeenStatus::absent()
        );
        assert!(not_found("web", &[failure("HICCUP")]).state.is_err());
        assert!(not_found("api", &[failure("MISSING")]).state.is_err());
        assert!(not_found("web", &[]).state.is_err());
    }
}
