//! `pulumi stack export`: resources of the provider `aws`, by the names that Terraform has for them.
//! Values come as in the provider of Terraform that Pulumi's is made of, in camel case.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::iac::detect::Format;
use crate::iac::error::IacError;
use crate::iac::resource::{IacInventory, IacResource};
use crate::iac::values::Values;
use crate::text::Untrusted;

const EXPORT: &str = "the Pulumi stack export";

#[derive(Deserialize)]
struct Export {
    deployment: StackDeployment,
}

#[derive(Deserialize)]
struct StackDeployment {
    #[serde(default)]
    manifest: Option<Manifest>,
    /// `null` of a stack that nothing was deployed of.
    #[serde(default)]
    resources: Option<Vec<StackResource>>,
}

#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    version: Option<Untrusted>,
}

#[derive(Deserialize)]
struct StackResource {
    urn: String,
    #[serde(rename = "type")]
    kind: String,
    /// Whether a provider has it; else it is a component, or the stack itself.
    #[serde(default)]
    custom: bool,
    /// Whether it was replaced and is about to be destroyed.
    #[serde(default)]
    delete: bool,
    /// Whether it was only read.
    #[serde(default)]
    external: bool,
    #[serde(default)]
    id: Option<Untrusted>,
    #[serde(default)]
    outputs: Option<BTreeMap<String, Value>>,
    #[serde(default)]
    dependencies: Option<Vec<String>>,
}

/// Types whose name is not made of those of the service and of the thing.
const NAMED: &[(&str, &str)] = &[
    ("alb:Listener", "aws_lb_listener"),
    ("alb:LoadBalancer", "aws_lb"),
    ("alb:TargetGroup", "aws_lb_target_group"),
    ("apigateway:RestApi", "aws_api_gateway_rest_api"),
    ("apigateway:Stage", "aws_api_gateway_stage"),
    ("dynamodb:Table", "aws_dynamodb_table"),
    ("lb:Listener", "aws_lb_listener"),
    ("lb:LoadBalancer", "aws_lb"),
    ("lb:TargetGroup", "aws_lb_target_group"),
    ("rds:Instance", "aws_db_instance"),
    ("rds:ParameterGroup", "aws_db_parameter_group"),
    ("rds:SubnetGroup", "aws_db_subnet_group"),
    ("s3:BucketV2", "aws_s3_bucket"),
    ("sfn:StateMachine", "aws_sfn_state_machine"),
];

/// Reads an export.
pub(super) fn read(text: &str) -> Result<IacInventory, IacError> {
    let export: Export =
        serde_json::from_str(text).map_err(|error| IacError::from_json(EXPORT, &error))?;
    let deployment = export.deployment;
    let version = deployment.manifest.and_then(|one| one.version);
    let mut inventory = IacInventory::new(Format::PulumiStack, version);
    for one in deployment.resources.unwrap_or_default() {
        if !one.custom || one.kind.starts_with("pulumi:") {
            continue;
        }
        match (one.delete, one.external) {
            (true, _) => inventory.deposed += 1,
            (false, true) => inventory.data_sources += 1,
            (false, false) => inventory.resources.push(resource(one)),
        }
    }
    Ok(inventory)
}

fn resource(one: StackResource) -> IacResource {
    let name = one.urn.rsplit("::").next().unwrap_or_default().to_owned();
    let outputs = one.outputs.unwrap_or_default().into_iter();
    // A secret is an object, which is no value that is taken over.
    let outputs: serde_json::Map<String, Value> =
        outputs.map(|(key, value)| (snake(&key), value)).collect();
    let values: Values = serde_json::from_value(Value::Object(outputs)).unwrap_or_default();
    let mut out =
        IacResource::new(&terraform_type(&one.kind), one.urn, "", &name).with_values(values);
    out.id = one.id.or(out.id);
    out.depends_on = one.dependencies.unwrap_or_default();
    let package = one.kind.split(':').next().unwrap_or_default();
    out.provider = Untrusted::new(package.to_owned());
    out
}

/// `aws:sqs/queue:Queue` → `aws_sqs_queue`; what is of another provider keeps its name.
fn terraform_type(kind: &str) -> String {
    let mut parts = kind.split(':');
    let (Some("aws"), Some(module), Some(thing), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return kind.to_owned();
    };
    let service = module.split('/').next().unwrap_or_default();
    let key = format!("{service}:{thing}");
    if let Some((_, named)) = NAMED.iter().find(|(one, _)| *one == key) {
        return (*named).to_owned();
    }
    let thing = snake(thing);
    match service {
        "ec2" => format!("aws_{thing}"),
        service => format!("aws_{service}_{thing}"),
    }
}

/// `functionName`, `LogGroup` → `function_name`, `log_group`.
fn snake(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_have_the_names_of_terraform() {
        for (kind, expected) in [
            ("aws:sqs/queue:Queue", "aws_sqs_queue"),
            ("aws:lambda/function:Function", "aws_lambda_function"),
            (
                "aws:cloudwatch/logGroup:LogGroup",
                "aws_cloudwatch_log_group",
            ),
            ("aws:rds/instance:Instance", "aws_db_instance"),
            ("aws:ec2/securityGroup:SecurityGroup", "aws_security_group"),
            ("aws:s3/bucketV2:BucketV2", "aws_s3_bucket"),
            ("aws:lb/loadBalancer:LoadBalancer", "aws_lb"),
            ("gcp:storage/bucket:Bucket", "gcp:storage/bucket:Bucket"),
            ("aws", "aws"),
        ] {
            assert_eq!(terraform_type(kind), expected);
        }
    }
}
