//! From one item to one entry of the registry.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::core::adopt::AdoptInput;
use crate::core::adopt::ArnParts;
use crate::core::adopt::Draft;
use crate::core::adopt::SkipReason;
use crate::core::adopt::arn;
use crate::core::adopt::stages;
use crate::model::ids::AccountId;
use crate::model::ids::Arn;
use crate::model::ids::Region;
use crate::model::inventory::{Doubt, InventoryItem};
use crate::model::registry::RegistryEntry;
use crate::text::Untrusted;
use crate::text::escape;

/// Types whose id in Terraform is not what AWS calls them by (a URL, an ARN, an internal
/// id), and the attribute that is.
const AWS_ID: &[(&str, &str)] = &[
    ("aws_alb", "name"),
    ("aws_db_instance", "identifier"),
    ("aws_ecs_cluster", "name"),
    ("aws_ecs_service", "name"),
    ("aws_ecs_task_definition", "family"),
    ("aws_elasticache_cluster", "cluster_id"),
    ("aws_elasticache_replication_group", "replication_group_id"),
    ("aws_lambda_function", "function_name"),
    ("aws_lb", "name"),
    ("aws_rds_cluster", "cluster_identifier"),
    ("aws_rds_cluster_instance", "identifier"),
    ("aws_s3_bucket", "bucket"),
    ("aws_sns_topic", "name"),
    ("aws_sqs_queue", "name"),
];

/// The entry of an item, or why there is none.
pub(super) fn candidate<'a>(
    input: &AdoptInput<'_>,
    place: &arn::Whereabouts,
    item: &'a InventoryItem,
) -> Result<Draft<'a>, SkipReason> {
    let typed = item.resource_type.as_deref();
    if typed.is_some_and(|name| !is_aws(name)) {
        return Err(SkipReason::NotAws);
    }
    if item.pending {
        return Err(SkipReason::Pending);
    }
    let arn = arn::of_item(item, place)?;
    check_account(input, &arn)?;
    match &item.doubt {
        None => {}
        Some(Doubt::Gone) => return Err(SkipReason::Gone),
        Some(Doubt::Unusable(why)) => return Err(SkipReason::Unusable(escape::json(why.raw()))),
    }
    // What a policy shows is the ARN of its topic, which says nothing about this item.
    let recognised = input.lookup.recognise(typed, &arn);
    let resource_type = match (typed, &recognised) {
        (Some(name), _) => name.to_owned(),
        (None, _) if stages::type_of(&arn).is_some() => {
            stages::type_of(&arn).unwrap_or_default().to_owned()
        }
        (None, Some(recognised)) => recognised.resource_type.clone(),
        (None, None) => recorded_type(input, &arn).ok_or(SkipReason::UnknownKind)?,
    };
    // A stage is recognised as its API.
    let recognised = recognised.filter(|found| found.resource_type == resource_type);
    let entry = entry_of(input, item, &resource_type, arn, recognised.as_ref());
    Ok(Draft {
        entry,
        items: vec![item],
    })
}

/// Whether a type is one of the `aws` provider. Words that Terraform could not have written
/// are not: they end up in reports.
fn is_aws(resource_type: &str) -> bool {
    let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    resource_type.starts_with("aws_")
        && resource_type.len() <= 128
        && resource_type.bytes().all(word)
}

fn check_account(input: &AdoptInput<'_>, arn: &Arn) -> Result<(), SkipReason> {
    match (AccountId::new(arn.account()), &input.environment.account_id) {
        (Ok(found), Some(expected)) if found != *expected => Err(SkipReason::OtherAccount {
            found,
            expected: expected.clone(),
        }),
        _ => Ok(()),
    }
}

fn recorded_type(input: &AdoptInput<'_>, arn: &Arn) -> Option<String> {
    let mut entries = input.existing?.resources.iter();
    entries
        .find(|e| e.arn == *arn)
        .map(|e| e.resource_type.clone())
}

fn entry_of(
    input: &AdoptInput<'_>,
    item: &InventoryItem,
    resource_type: &str,
    arn: Arn,
    recognised: Option<&ArnParts>,
) -> RegistryEntry {
    let aws_id = aws_id(item, resource_type, &arn, recognised);
    let name = [item.attributes.get("name"), item.tags.get("Name")]
        .into_iter()
        .flatten()
        .find(|name| !name.is_empty())
        .filter(|name| **name != aws_id)
        .cloned();
    RegistryEntry {
        resource_type: resource_type.to_owned(),
        terraform_address: item.address.clone(),
        aws_id,
        name,
        region: region_beside(input, item, &arn),
        metadata: metadata(item, resource_type, &arn, recognised),
        arn,
        console_url: None,
        sources: BTreeSet::new(),
        created: Some(input.now),
        depends_on: Vec::new(),
    }
}

fn aws_id(
    item: &InventoryItem,
    resource_type: &str,
    arn: &Arn,
    recognised: Option<&ArnParts>,
) -> Untrusted {
    let attribute = AWS_ID.iter().find(|(name, _)| *name == resource_type);
    let attribute = attribute.and_then(|(_, attribute)| item.attributes.get(*attribute));
    let is_name = |id: &&Untrusted| !id.raw().starts_with("arn:") && !id.raw().contains("://");
    let found = attribute
        .or_else(|| item.id.as_ref().filter(is_name))
        .or_else(|| recognised.map(|r| &r.name))
        .or_else(|| item.attributes.get("name"));
    found.cloned().unwrap_or_else(|| last_part(arn).into())
}

/// What is behind the last `/` or `:` of an ARN.
fn last_part(arn: &Arn) -> &str {
    let resource = arn.resource();
    resource.rsplit(['/', ':']).next().unwrap_or(resource)
}

/// The region, where neither the ARN nor the environment says it.
fn region_beside(input: &AdoptInput<'_>, item: &InventoryItem, arn: &Arn) -> Option<Region> {
    if !arn.region().is_empty() {
        return None;
    }
    let region = Region::new(item.region.as_ref()?.raw()).ok()?;
    (input.environment.region.as_ref() != Some(&region)).then_some(region)
}

fn metadata(
    item: &InventoryItem,
    resource_type: &str,
    arn: &Arn,
    recognised: Option<&ArnParts>,
) -> BTreeMap<String, Value> {
    let mut metadata = BTreeMap::new();
    let mut set = |key: &str, value: &str| {
        // `metadata` is written as it is, so what is in it must be clean.
        let clean = crate::text::escape::json(value);
        metadata.insert(key.to_owned(), Value::String(clean));
    };
    for (key, attribute) in recognised.iter().flat_map(|r| &r.from_terraform) {
        if let Some(value) = item.attributes.get(attribute) {
            set(key, value.raw());
        }
    }
    for (key, value) in recognised.iter().flat_map(|r| &r.attributes) {
        set(key, value.raw());
    }
    if resource_type == "aws_ecs_service"
        && let Some(cluster) = cluster_of(item, arn)
    {
        set("cluster", cluster);
    }
    metadata
}

/// The name of the cluster of an ECS service: from its attribute, which is an ARN or a
/// name, or from the service's ARN, which carries it since 2018.
fn cluster_of<'a>(item: &'a InventoryItem, arn: &'a Arn) -> Option<&'a str> {
    let attribute = item.attributes.get("cluster").map(|cluster| {
        let cluster = cluster.raw();
        cluster.rsplit('/').next().unwrap_or(cluster)
    });
    let mut parts = arn.resource().split('/').skip(1);
    let from_arn = parts.next().filter(|_| parts.next().is_some());
    attribute.or(from_arn)
}
