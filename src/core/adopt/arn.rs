//! The ARN of an item: as found, or made from its id where the provider gives none.

use std::collections::BTreeSet;

use crate::core::adopt::AdoptInput;
use crate::core::adopt::SkipReason;
use crate::model::ids::AccountId;
use crate::model::ids::Arn;
use crate::model::ids::Region;
use crate::model::inventory::InventoryItem;
use crate::model::partition::Partition;
use crate::text::Untrusted;
use crate::text::template;

/// Types whose ARN some versions of the AWS provider do not give, or CloudFormation, and how it is made.
/// `{id}` may also be an attribute. Where the id already is an ARN, it is taken.
const MADE: &[(&str, &str)] = &[
    (
        "aws_api_gateway_rest_api",
        "arn:{partition}:apigateway:{region}::/restapis/{id}",
    ),
    (
        "aws_api_gateway_stage",
        "arn:{partition}:apigateway:{region}::/restapis/{rest_api_id}/stages/{stage_name}",
    ),
    (
        "aws_apigatewayv2_api",
        "arn:{partition}:apigateway:{region}::/apis/{id}",
    ),
    (
        "aws_apigatewayv2_stage",
        "arn:{partition}:apigateway:{region}::/apis/{api_id}/stages/{name}",
    ),
    (
        "aws_cloudfront_distribution",
        "arn:{partition}:cloudfront::{account}:distribution/{id}",
    ),
    (
        "aws_cloudwatch_log_group",
        "arn:{partition}:logs:{region}:{account}:log-group:{id}",
    ),
    (
        "aws_cloudwatch_metric_alarm",
        "arn:{partition}:cloudwatch:{region}:{account}:alarm:{id}",
    ),
    (
        "aws_db_instance",
        "arn:{partition}:rds:{region}:{account}:db:{identifier}",
    ),
    (
        "aws_dynamodb_table",
        "arn:{partition}:dynamodb:{region}:{account}:table/{id}",
    ),
    (
        "aws_ecs_cluster",
        "arn:{partition}:ecs:{region}:{account}:cluster/{id}",
    ),
    ("aws_ecs_service", "{id}"),
    (
        "aws_eip",
        "arn:{partition}:ec2:{region}:{account}:elastic-ip/{id}",
    ),
    (
        "aws_elasticache_cluster",
        "arn:{partition}:elasticache:{region}:{account}:cluster:{cluster_id}",
    ),
    (
        "aws_elasticache_replication_group",
        "arn:{partition}:elasticache:{region}:{account}:replicationgroup:{id}",
    ),
    (
        "aws_internet_gateway",
        "arn:{partition}:ec2:{region}:{account}:internet-gateway/{id}",
    ),
    (
        "aws_kms_key",
        "arn:{partition}:kms:{region}:{account}:key/{id}",
    ),
    (
        "aws_lambda_function",
        "arn:{partition}:lambda:{region}:{account}:function:{id}",
    ),
    (
        "aws_nat_gateway",
        "arn:{partition}:ec2:{region}:{account}:natgateway/{id}",
    ),
    (
        "aws_network_interface",
        "arn:{partition}:ec2:{region}:{account}:network-interface/{id}",
    ),
    (
        "aws_route53_zone",
        "arn:{partition}:route53:::hostedzone/{id}",
    ),
    (
        "aws_route_table",
        "arn:{partition}:ec2:{region}:{account}:route-table/{id}",
    ),
    ("aws_s3_bucket", "arn:{partition}:s3:::{bucket}"),
    (
        "aws_security_group",
        "arn:{partition}:ec2:{region}:{account}:security-group/{id}",
    ),
    ("aws_vpc", "arn:{partition}:ec2:{region}:{account}:vpc/{id}"),
    (
        "aws_vpc_endpoint",
        "arn:{partition}:ec2:{region}:{account}:vpc-endpoint/{id}",
    ),
];

/// Where the items are: for the parts of an ARN that an id does not carry.
#[derive(Debug)]
pub(super) struct Whereabouts {
    pub(super) account: Option<AccountId>,
    pub(super) region: Option<Region>,
}

impl Whereabouts {
    /// The account of the environment, or the one of all items. The region of all items if
    /// it is just one, because a state knows better where its things are; else the
    /// environment's if that has just one. Otherwise it is unknown, and nothing is guessed.
    pub(super) fn of(input: &AdoptInput<'_>) -> Self {
        let arns = || {
            let texts = input.items.iter().filter_map(|item| item.arn.as_ref());
            texts.filter_map(|text| Arn::new(text.raw()).ok())
        };
        let accounts: BTreeSet<AccountId> = arns()
            .filter_map(|arn| AccountId::new(arn.account()).ok())
            .collect();
        let regions: BTreeSet<Region> = arns()
            .filter_map(|arn| Region::new(arn.region()).ok())
            .collect();
        let environment = input.environment;
        let of_environment = match environment.regions.as_slice() {
            [] => environment.region.clone(),
            [only] => Some(only.clone()),
            _ => None,
        };
        Self {
            account: environment.account_id.clone().or_else(|| only(accounts)),
            region: if regions.is_empty() {
                of_environment
            } else {
                only(regions)
            },
        }
    }
}

fn only<T>(set: BTreeSet<T>) -> Option<T> {
    let mut all = set.into_iter();
    all.next().filter(|_| all.next().is_none())
}

/// The ARN of an item.
pub(super) fn of_item(item: &InventoryItem, place: &Whereabouts) -> Result<Arn, SkipReason> {
    if let Some(arn) = &item.arn {
        return parse(arn.raw());
    }
    let resource_type = item.resource_type.as_deref().unwrap_or("");
    if resource_type == "aws_sqs_queue" {
        return item
            .id
            .as_ref()
            .and_then(of_queue_url)
            .ok_or(SkipReason::NoArn);
    }
    let template = MADE.iter().find(|(name, _)| *name == resource_type);
    let Some((_, template)) = template else {
        return Err(SkipReason::NoArn);
    };
    match item.id.as_ref().map(Untrusted::raw) {
        Some(id) if id.starts_with("arn:") => parse(id),
        _ => parse(&fill(template, item, place).ok_or(SkipReason::NoArn)?),
    }
}

fn parse(text: &str) -> Result<Arn, SkipReason> {
    // Log groups of older providers end in `:*`, which is a pattern and not the group.
    Arn::new(text.strip_suffix(":*").unwrap_or(text)).map_err(|_| SkipReason::InvalidArn)
}

fn fill(template: &str, item: &InventoryItem, place: &Whereabouts) -> Option<String> {
    let item_region = item.region.as_ref();
    let region = item_region.and_then(|region| Region::new(region.raw()).ok());
    let region = region.as_ref().or(place.region.as_ref());
    let id = item.id.as_ref().map(Untrusted::raw);
    template::fill(template, |field| {
        let attribute = item.attributes.get(field).map(Untrusted::raw);
        let value = match field {
            "partition" => Some(partition(region)),
            "region" => region.map(Region::as_str),
            "account" => place.account.as_ref().map(AccountId::as_str),
            "id" => id,
            "bucket" | "cluster_id" => attribute.or(id),
            _ => attribute,
        };
        value.map(str::to_owned)
    })
}

/// The partition of the region, of the environment's where a thing has none.
fn partition(region: Option<&Region>) -> &'static str {
    region
        .map_or(Partition::COMMERCIAL, Partition::of_region)
        .name
}

/// `https://sqs.eu-west-1.amazonaws.com/123456789012/jobs` → its ARN.
fn of_queue_url(url: &Untrusted) -> Option<Arn> {
    let rest = url.raw().strip_prefix("https://sqs.")?;
    let (host, path) = rest.split_once('/')?;
    let (region, suffix) = host.split_once('.')?;
    let region = Region::new(region).ok()?;
    let partition = Partition::of_region(&region);
    let (account, name) = path.split_once('/')?;
    if suffix != partition.dns_suffix {
        return None;
    }
    let partition = partition.name;
    Arn::new(format!("arn:{partition}:sqs:{region}:{account}:{name}")).ok()
}

/// What an ARN says it is of, where nothing else is known: `ec2:instance`, `sns`.
pub(super) fn described(item: &InventoryItem) -> Option<String> {
    let arn = Arn::new(item.arn.as_ref()?.raw()).ok()?;
    let resource = arn.resource().trim_start_matches('/');
    // Balancers of three services differ in the second part only.
    let parts: Vec<&str> = resource.split(['/', ':']).collect();
    let word = |text: &&str| text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    let kind = match parts.as_slice() {
        ["loadbalancer", which @ ("app" | "net" | "gwy"), _, ..] => {
            format!(":loadbalancer/{which}")
        }
        [first, _, ..] if word(first) => format!(":{first}"),
        _ => String::new(),
    };
    Some(format!("{}{kind}", arn.service()))
}

/// The API and the stage that a stage's ARN names.
pub(super) fn stage_of(arn: &Arn) -> Option<(Arn, &str)> {
    let (api, stage) = arn.resource().split_once("/stages/")?;
    let is_api = api.starts_with("/restapis/") || api.starts_with("/apis/");
    if arn.service() != "apigateway" || !is_api || stage.is_empty() || stage.contains('/') {
        return None;
    }
    let end = arn.as_str().len() - "/stages/".len() - stage.len();
    Some((Arn::new(arn.as_str().get(..end)?).ok()?, stage))
}
