//! `aws cloudformation describe-stack-resources` and `list-stack-resources`: what a stack has, by the
//! names that Terraform has for it. CDK deploys such stacks.

use serde::Deserialize;

use crate::iac::detect::Format;
use crate::iac::error::IacError;
use crate::iac::resource::{IacInventory, IacResource};
use crate::text::Untrusted;

const LIST: &str = "the list of CloudFormation stack resources";

#[derive(Deserialize)]
struct Listed {
    #[serde(rename = "StackResources", alias = "StackResourceSummaries")]
    resources: Vec<StackEntry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StackEntry {
    logical_resource_id: String,
    /// None where it was never made.
    #[serde(default)]
    physical_resource_id: Option<Untrusted>,
    resource_type: String,
    #[serde(default)]
    resource_status: String,
    #[serde(default)]
    stack_name: Option<String>,
}

/// The types that are known, with the attribute that the physical id is besides the id.
const TYPES: &[(&str, &str, Option<&str>)] = &[
    ("AWS::ApiGateway::RestApi", "aws_api_gateway_rest_api", None),
    ("AWS::ApiGatewayV2::Api", "aws_apigatewayv2_api", None),
    (
        "AWS::CloudFront::Distribution",
        "aws_cloudfront_distribution",
        None,
    ),
    (
        "AWS::CloudWatch::Alarm",
        "aws_cloudwatch_metric_alarm",
        Some("name"),
    ),
    ("AWS::DynamoDB::Table", "aws_dynamodb_table", Some("name")),
    ("AWS::EC2::SecurityGroup", "aws_security_group", None),
    ("AWS::EC2::VPC", "aws_vpc", None),
    ("AWS::ECS::Cluster", "aws_ecs_cluster", Some("name")),
    ("AWS::ECS::Service", "aws_ecs_service", None),
    (
        "AWS::ElastiCache::CacheCluster",
        "aws_elasticache_cluster",
        Some("cluster_id"),
    ),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "aws_lb", None),
    ("AWS::IAM::Role", "aws_iam_role", Some("name")),
    ("AWS::KMS::Key", "aws_kms_key", None),
    (
        "AWS::Lambda::Function",
        "aws_lambda_function",
        Some("function_name"),
    ),
    (
        "AWS::Logs::LogGroup",
        "aws_cloudwatch_log_group",
        Some("name"),
    ),
    (
        "AWS::RDS::DBInstance",
        "aws_db_instance",
        Some("identifier"),
    ),
    ("AWS::S3::Bucket", "aws_s3_bucket", Some("bucket")),
    ("AWS::SNS::Topic", "aws_sns_topic", None),
    ("AWS::SQS::Queue", "aws_sqs_queue", None),
    ("AWS::SSM::Parameter", "aws_ssm_parameter", Some("name")),
    (
        "AWS::SecretsManager::Secret",
        "aws_secretsmanager_secret",
        None,
    ),
    (
        "AWS::StepFunctions::StateMachine",
        "aws_sfn_state_machine",
        None,
    ),
];

/// Reads a list.
pub(super) fn read(text: &str) -> Result<IacInventory, IacError> {
    let listed: Listed =
        serde_json::from_str(text).map_err(|error| IacError::from_json(LIST, &error))?;
    let mut inventory = IacInventory::new(Format::StackResources, None);
    for one in listed.resources {
        let is_gone = one.resource_status == "DELETE_COMPLETE";
        match one.physical_resource_id.clone() {
            Some(id) if !is_gone => inventory.resources.push(resource(&one, id)),
            _ => {}
        }
    }
    Ok(inventory)
}

fn resource(one: &StackEntry, id: Untrusted) -> IacResource {
    let known = TYPES.iter().find(|(name, ..)| *name == one.resource_type);
    let (kind, attribute) = known.map_or((one.resource_type.as_str(), None), |one| (one.1, one.2));
    let stack = one.stack_name.as_deref().unwrap_or_default();
    let address = match stack {
        "" => one.logical_resource_id.clone(),
        stack => format!("{stack}.{}", one.logical_resource_id),
    };
    let mut out = IacResource::new(kind, address, stack, &one.logical_resource_id);
    if let Some(attribute) = attribute {
        out.attributes.insert(attribute.to_owned(), id.clone());
    }
    if id.raw().starts_with("arn:") {
        out.arn = Some(id.clone());
    }
    out.id = Some(id);
    out.provider = "aws".into();
    out
}
