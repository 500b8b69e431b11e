//! Which functions CloudFront's distributions run at the edge.

use std::collections::BTreeSet;

use crate::catalog::reads::path::{Path, scalar};
use crate::cloud::aws::client::RegionClient;
use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::kinds::reads;
use crate::cloud::aws::lean::Members;

pub(crate) const LIST: &str = "cloudfront:ListDistributions";

/// Where a distribution names the functions of its behaviors.
const PATHS: [&str; 2] = [
    "Items[].DefaultCacheBehavior.LambdaFunctionAssociations.Items[].LambdaFunctionARN",
    "Items[].CacheBehaviors.Items[].LambdaFunctionAssociations.Items[].LambdaFunctionARN",
];

/// ARNs of versions that distributions run.
pub(crate) async fn functions(region: RegionClient<'_>) -> Result<BTreeSet<String>, Failure> {
    let answer = reads::send(region, LIST, Members::new(), true).await?;
    let paths = PATHS.iter().filter_map(|path| Path::parse(path).ok());
    let arns = paths.flat_map(|path| {
        let found = path.select(&answer).into_iter().filter_map(scalar);
        found.collect::<Vec<String>>()
    });
    Ok(arns.collect())
}
