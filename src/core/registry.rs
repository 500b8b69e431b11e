//! What the registry says is deployed, as resources that can be observed.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::Catalog;
use crate::catalog::kinds::kind::Kind;
use crate::model::environments::Environment;
use crate::model::ids::{AccountId, Arn, Region};
use crate::model::registry::{Registry, RegistryEntry};
use crate::model::resource::Resource;
use crate::text::Untrusted;

/// Resources of an environment in the order of the registry. Entries that the catalogue has no
/// kind for are kept, with no kind. An ARN that is listed twice counts once, as first listed.
pub fn resources(
    registry: &Registry,
    environment: &Environment,
    catalog: &Catalog,
) -> Vec<Resource> {
    let mut seen = BTreeSet::new();
    registry
        .resources
        .iter()
        .filter(|entry| seen.insert(&entry.arn))
        .map(|entry| resource(entry, environment, catalog))
        .collect()
}

/// One entry as a resource.
pub fn resource(entry: &RegistryEntry, environment: &Environment, catalog: &Catalog) -> Resource {
    let recognised = catalog
        .recognise(&entry.resource_type, &entry.arn)
        .filter(|_| !is_of_other_account(&entry.arn, environment));
    let (kind, captures) = match recognised {
        Some((kind, captures)) => (Some(kind), captures),
        None => (None, BTreeMap::new()),
    };
    let label = kind.and_then(|kind| kind.label_from(&captures));
    // Terraform calls a stage by its bare name, which the stages of other APIs have too.
    let says_nothing =
        |name: &Untrusted| label.is_some() && captures.values().any(|caught| caught == name.raw());
    let name = entry
        .name
        .clone()
        .filter(|name| !name.is_empty() && !says_nothing(name))
        .or_else(|| label.map(Untrusted::from))
        .or_else(|| captures.get("name").map(|name| name.as_str().into()))
        .unwrap_or_else(|| entry.aws_id.clone());
    let mut resource = Resource {
        kind: kind.map(|kind| kind.id.clone()),
        resource_type: entry.resource_type.clone(),
        terraform_address: entry.terraform_address.clone(),
        name,
        aws_id: entry.aws_id.clone(),
        arn: entry.arn.clone(),
        region: region(entry, environment, kind),
        attributes: attributes(entry, kind, captures),
        console_url: entry.console_url.clone().filter(|url| !url.is_empty()),
        depends_on: entry.depends_on.clone(),
    };
    if let (None, Some(kind)) = (&resource.console_url, kind) {
        resource.console_url = kind.console_url_for(&resource).map(Untrusted::from);
    }
    resource
}

/// Whether a resource is in an account that a run in this environment does not look into: it
/// would find nothing there, and call it gone.
pub fn is_of_other_account(arn: &Arn, environment: &Environment) -> bool {
    let own = environment.account_id.as_ref();
    let other = AccountId::new(arn.account()).ok();
    own.zip(other).is_some_and(|(own, other)| *own != other)
}

/// From the entry, its ARN, its metadata, the environment; `global` where none says.
fn region(entry: &RegistryEntry, environment: &Environment, kind: Option<&Kind>) -> Region {
    let global = || Region::new("global").expect("`global` is a region");
    let in_arn = || Region::new(entry.arn.region()).ok();
    // Kinds whose metrics have a fixed region are services without regions.
    let of_service = || {
        kind.and_then(|kind| kind.metrics_region.as_ref())
            .map(|_| global())
    };
    let in_metadata = || {
        let text = entry.metadata.get("region")?.as_str()?;
        Region::new(text).ok()
    };
    let of_environment = || {
        environment
            .region
            .clone()
            .or_else(|| environment.regions.first().cloned())
    };
    entry
        .region
        .clone()
        .or_else(in_arn)
        .or_else(of_service)
        .or_else(in_metadata)
        .or_else(of_environment)
        .unwrap_or_else(global)
}

/// From metadata, then what the kind takes from Terraform's attributes, then the ARN, which
/// has the last word. `name` and `id` only ever come from the ARN.
fn attributes(
    entry: &RegistryEntry,
    kind: Option<&Kind>,
    captures: BTreeMap<String, String>,
) -> BTreeMap<String, Untrusted> {
    let mut attributes: BTreeMap<String, Untrusted> = entry
        .metadata
        .iter()
        .filter(|(key, _)| !matches!(key.as_str(), "name" | "id"))
        .filter_map(|(key, value)| Some((key.clone(), text(value)?.into())))
        .collect();
    for (attribute, terraform) in kind.iter().flat_map(|kind| &kind.names.attributes) {
        let own = attributes.get(attribute).map(|text| text.raw().to_owned());
        let from_terraform = || entry.metadata.get(terraform).and_then(text);
        let from_name = || match terraform.as_str() {
            "name" => entry.name.as_ref().map(|name| name.raw().to_owned()),
            _ => None,
        };
        if let Some(value) = own.or_else(from_terraform).or_else(from_name) {
            attributes.insert(attribute.clone(), short_name(&value).into());
        }
    }
    attributes.extend(captures.into_iter().map(|(key, value)| (key, value.into())));
    attributes
}

fn text(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(text) if !text.is_empty() => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        serde_json::Value::Bool(flag) => Some(flag.to_string()),
        serde_json::Value::Array(items) => {
            let texts: Option<Vec<&str>> = items.iter().map(|item| item.as_str()).collect();
            texts
                .filter(|texts| !texts.is_empty())
                .map(|texts| texts.join(","))
        }
        _ => None,
    }
}

/// Terraform often holds the ARN of another thing (`cluster` of an ECS service) where
/// CloudWatch wants its name.
fn short_name(text: &str) -> &str {
    match Arn::new(text) {
        Ok(_) => text.rsplit(['/', ':']).next().unwrap_or(text),
        Err(_) => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn environment() -> Environment {
        serde_json::from_value(json!({ "name": "test", "region": "eu-central-1" }))
            .expect("an environment")
    }

    fn read(entries: serde_json::Value) -> Vec<Resource> {
        let registry: Registry = serde_json::from_value(json!({
            "version": "1.0.0", "environment": "test", "resources": entries
        }))
        .expect("a registry");
        let catalog = Catalog::built_in().expect("the catalogue");
        resources(&registry, &environment(), &catalog)
    }

    #[test]
    fn what_is_in_another_account_is_of_no_kind() {
        let mut environment = environment();
        let arn = |text: &str| Arn::new(text).expect("an ARN");
        let function = arn("arn:aws:lambda:eu-west-1:123456789012:function:api");
        let bucket = arn("arn:aws:s3:::uploads");
        assert!(!is_of_other_account(&function, &environment));
        environment.account_id = AccountId::new("123456789012").ok();
        assert!(!is_of_other_account(&function, &environment));
        environment.account_id = AccountId::new("210987654321").ok();
        assert!(is_of_other_account(&function, &environment));
        assert!(!is_of_other_account(&bucket, &environment));
    }

    fn line(resource: &Resource) -> String {
        let attributes: Vec<String> = resource
            .attributes
            .iter()
            .map(|(key, value)| format!("{key}={}", value.raw()))
            .collect();
        let catalog = Catalog::built_in().expect("the catalogue");
        let kind = resource.kind.as_ref().and_then(|id| catalog.kind(id));
        let dimensions = kind.map(|kind| match kind.dimensions_for(resource) {
            Ok(pairs) => pairs
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect::<Vec<_>>()
                .join(" "),
            Err(missing) => missing.to_string(),
        });
        format!(
            "{} {} {} [{}] {}\n  {}",
            kind.map_or("-", |kind| kind.id.as_str()),
            resource.name.raw(),
            resource.region,
            attributes.join(" "),
            dimensions.unwrap_or_default(),
            resource.console_url.as_ref().map_or("", |url| url.raw()),
        )
    }

    #[test]
    fn entries_become_resources() {
        let read = read(json!([
            { "type": "aws_lambda_function", "aws_id": "orders-api",
              "arn": "arn:aws:lambda:eu-west-1:123456789012:function:orders-api" },
            { "type": "aws_db_instance", "aws_id": "db-ABCDEF", "name": "Orders database",
              "arn": "arn:aws:rds:eu-west-1:123456789012:db:orders" },
            { "type": "aws_ecs_service", "aws_id": "x", "name": "web",
              "arn": "arn:aws:ecs:eu-west-1:123456789012:service/web",
              "metadata": { "cluster": "arn:aws:ecs:eu-west-1:123456789012:cluster/main" } },
            { "type": "aws_ecs_service", "aws_id": "x",
              "arn": "arn:aws:ecs:eu-west-1:123456789012:service/lonely" },
            { "type": "aws_s3_bucket", "aws_id": "uploads", "arn": "arn:aws:s3:::uploads",
              "metadata": { "versioned": true, "tags": { "a": "b" }, "days": 7 } },
            { "type": "aws_s3_bucket", "aws_id": "far", "arn": "arn:aws-cn:s3:::far",
              "region": "cn-north-1" },
            { "type": "aws_api_gateway_rest_api", "aws_id": "a1b2", "name": "Orders / v1",
              "arn": "arn:aws:apigateway:eu-west-1::/restapis/a1b2", "metadata": { "stage": "live" } },
            { "type": "aws_api_gateway_stage", "aws_id": "a1b2",
              "arn": "arn:aws:apigateway:eu-west-1::/restapis/a1b2/stages/live" },
            { "type": "aws_apigatewayv2_api", "aws_id": "x9",
              "arn": "arn:aws:apigateway:eu-west-1::/apis/x9" },
            { "type": "aws_lb", "aws_id": "x",
              "arn": "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/tcp/50dc" },
            { "type": "aws_cloudfront_distribution", "aws_id": "E1ABC",
              "arn": "arn:aws:cloudfront::123456789012:distribution/E1ABC" },
            { "type": "AWS::SQS::Queue", "aws_id": "https://sqs", "console_url": "https://example.com/",
              "arn": "arn:aws:sqs:eu-west-1:123456789012:jobs" },
            { "type": "aws_iam_role", "aws_id": "worker", "arn": "arn:aws:iam::123456789012:role/worker" },
            { "type": "aws_lambda_function", "aws_id": "again",
              "arn": "arn:aws:lambda:eu-west-1:123456789012:function:orders-api" },
        ]));
        let lines: Vec<String> = read.iter().map(line).collect();
        insta::assert_snapshot!(lines.join("\n"));
    }
}
