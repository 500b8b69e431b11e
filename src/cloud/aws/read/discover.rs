//! What exists with these tags, through the Resource Groups Tagging API.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use aws_sdk_resourcegroupstagging::types::{ResourceTagMapping, TagFilter};
use futures_util::future::join_all;

use crate::cloud::aws::client::{Aws, RegionClient};
use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::pages::all_pages;
use crate::cloud::question::{Answer, DiscoverQuestion, Discovered};
use crate::model::fact::{Gap, GapCause};
use crate::model::ids::{Arn, Region};
use crate::text::Untrusted;
use crate::text::redact::redact_value;

const GET_RESOURCES: &str = "tag:GetResources";

/// Most resources on a page.
const PAGE: i32 = 100;

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
    let client = region.tagging();
    let filters: Vec<TagFilter> = tags
        .iter()
        .map(|(name, value)| TagFilter::builder().key(name).values(value).build())
        .collect();
    let filters = Some(filters).filter(|filters| !filters.is_empty());
    let listed = all_pages(GET_RESOURCES, async |token| {
        let list = client.get_resources().resources_per_page(PAGE);
        let list = list.set_tag_filters(filters.clone());
        let send = list.set_pagination_token(token).send();
        let page = region.call(GET_RESOURCES, send).await?;
        let items = page.resource_tag_mapping_list.unwrap_or_default();
        Ok((items, page.pagination_token))
    });
    listed.await?.iter().map(discovered).collect()
}

fn discovered(item: &ResourceTagMapping) -> Result<Discovered, Failure> {
    let arn = Arn::new(item.resource_arn().unwrap_or_default())
        .map_err(|invalid| Failure::ours(GET_RESOURCES, GapCause::Garbled, invalid.to_string()))?;
    let mut tags: Vec<(Untrusted, Untrusted)> = item
        .tags()
        .iter()
        .map(|tag| {
            // A recording keeps tags without what joins name and value.
            let value = redact_value(tag.key(), tag.value());
            (
                Untrusted::from(tag.key()),
                Untrusted::from(value.into_owned()),
            )
        })
        .collect();
    tags.sort();
    Ok(Discovered { arn, tags })
}
