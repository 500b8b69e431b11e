//! What exists with these tags, through the Resource Groups Tagging API.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::catalog::reads::path::items;
use crate::cloud::aws::client::{Aws, RegionClient};
use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::kinds::reads;
use crate::cloud::aws::lean::Members;
use crate::cloud::question::{Answer, DiscoverQuestion, Discovered};
use crate::model::fact::{Gap, GapCause};
use crate::model::ids::{Arn, Region};
use crate::text::Untrusted;
use crate::text::redact::redact_value;

const GET_RESOURCES: &str = "tag:GetResources";

/// Asks all regions.
pub(crate) async fn read(aws: &Aws, ask: &DiscoverQuestion) -> Answer {
    match discover(aws, ask).await {
        Ok(found) => Answer::Discovered(found),
        Err(gap) => Answer::Gap(gap),
    }
}

/// Resources of all regions, sorted by ARN. Half an answer would leave a hole in the
/// registry that nobody sees, so that one region that fails fails all.
async fn discover(aws: &Aws, ask: &DiscoverQuestion) -> Result<Vec<Discovered>, Gap> {
    let deadline = aws.deadline_from_now();
    let regions: BTreeSet<&Region> = ask
        .regions
        .iter()
        .map(|region| aws.endpoint_region(region))
        .collect();
    let regions = if regions.is_empty() {
        BTreeSet::from([&aws.region])
    } else {
        regions
    };
    let answers = join_all(regions.into_iter().map(|region| async move {
        (
            region,
            list(aws.in_region(region, deadline), &ask.tags).await,
        )
    }))
    .await;
    let mut found = BTreeMap::new();
    for (region, answer) in answers {
        let answer =
            answer.map_err(|failure| failure.into_gap(format!("tagged resources in {region}")))?;
        // Global resources may be listed by several regions.
        found.extend(answer.into_iter().map(|item| (item.arn.clone(), item)));
    }
    Ok(found.into_values().collect())
}

async fn list(
    region: RegionClient<'_>,
    tags: &[(String, String)],
) -> Result<Vec<Discovered>, Failure> {
    let filters = tags.iter();
    let filters = filters.map(|(name, value)| json!({ "Key": name, "Values": [value] }));
    let filters: Vec<Value> = filters.collect();
    let mut input = Members::new();
    if !filters.is_empty() {
        input.insert("TagFilters".to_owned(), filters.into());
    }
    // Without the list, nothing would seem to have these tags.
    let answer = reads::send(region, GET_RESOURCES, input, true).await?;
    let listed = answer.get("ResourceTagMappingList");
    let listed = listed.map_or(&[][..], items).iter();
    listed.map(discovered).collect()
}

fn discovered(item: &Value) -> Result<Discovered, Failure> {
    let text = |of: &Value, name: &str| of.get(name).and_then(Value::as_str).map(str::to_owned);
    let arn = Arn::new(text(item, "ResourceARN").unwrap_or_default())
        .map_err(|invalid| Failure::ours(GET_RESOURCES, GapCause::Garbled, invalid.to_string()))?;
    let tags = item.get("Tags").map_or(&[][..], items).iter();
    let mut tags: Vec<(Untrusted, Untrusted)> = tags
        .map(|tag| {
            let name = text(tag, "Key").unwrap_or_default();
            let value = text(tag, "Value").unwrap_or_default();
            // A recording keeps tags without what joins name and value.
            let value = redact_value(&name, &value).into_owned();
            (Untrusted::new(name), Untrusted::new(value))
        })
        .collect();
    tags.sort();
    Ok(Discovered { arn, tags })
}
