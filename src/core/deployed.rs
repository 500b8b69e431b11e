//! What is deployed in one environment, grouped for people.

use std::collections::BTreeMap;

use crate::model::deployed_page::{Deployed, DeployedGroup, DeployedRow};
use crate::model::ids::{Arn, Region};
use crate::model::registry::{Registry, RegistryEntry};
use crate::model::resource::Resource;

/// Groups the registry's entries by type: groups sorted by title, rows by name and ARN.
///
/// `resources` are the same entries as the program understands them; they give regions,
/// names and console links that an entry leaves out. `titles` gives the plural title of the
/// kind of an entry, `None` where no kind watches it.
pub fn build(
    registry: &Registry,
    resources: &[Resource],
    titles: &dyn Fn(&RegistryEntry) -> Option<String>,
) -> Deployed {
    let known: BTreeMap<&Arn, &Resource> = resources.iter().map(|r| (&r.arn, r)).collect();
    let mut groups: BTreeMap<(String, bool), Vec<DeployedRow>> = BTreeMap::new();
    for entry in &registry.resources {
        let title = titles(entry);
        let monitored = title.is_some();
        let title = title.unwrap_or_else(|| entry.resource_type.clone());
        let row = row(entry, known.get(&entry.arn).copied());
        groups.entry((title, monitored)).or_default().push(row);
    }
    let groups = groups
        .into_iter()
        .map(|((title, monitored), mut rows)| {
            rows.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| a.arn.cmp(&b.arn)));
            DeployedGroup {
                title,
                monitored,
                rows,
            }
        })
        .collect();
    Deployed {
        environment: registry.environment.clone(),
        project: registry.project.clone(),
        last_deployed: registry.last_deployed,
        groups,
        total: u32::try_from(registry.resources.len()).unwrap_or(u32::MAX),
    }
}

fn row(entry: &RegistryEntry, resource: Option<&Resource>) -> DeployedRow {
    let region = resource
        .map(|r| r.region.clone())
        .or_else(|| entry.region.clone())
        .or_else(|| Region::new(entry.arn.region()).ok())
        .unwrap_or_else(|| Region::new("global").expect("`global` is a region"));
    let name = resource
        .map(|r| &r.name)
        .or(entry.name.as_ref())
        .unwrap_or(&entry.aws_id);
    DeployedRow {
        name: name.clone(),
        arn: entry.arn.clone(),
        region,
        terraform_address: entry.terraform_address.clone(),
        console_url: entry
            .console_url
            .clone()
            .or_else(|| resource.and_then(|r| r.console_url.clone())),
        created: entry.created,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::model::ids::{EnvironmentName, KindId};

    fn entry(resource_type: &str, id: &str, arn: &str) -> RegistryEntry {
        RegistryEntry {
            resource_type: resource_type.into(),
            terraform_address: None,
            aws_id: id.into(),
            name: None,
            arn: Arn::new(arn).expect("an ARN"),
            console_url: None,
            sources: BTreeSet::new(),
            created: None,
            region: None,
            depends_on: Vec::new(),
            metadata: BTreeMap::new(),
        }
    }

    #[test]
    fn groups_and_rows_are_sorted_and_filled_from_resources() {
        let registry = Registry {
            version: "1.0.0".into(),
            environment: EnvironmentName::new("prod").expect("an environment"),
            project: Some("orders".into()),
            last_deployed: None,
            resources: vec![
                entry("aws_s3_bucket", "b", "arn:aws:s3:::b"),
                entry(
                    "aws_lambda_function",
                    "z",
                    "arn:aws:lambda:eu-west-1:123456789012:function:z",
                ),
                entry(
                    "aws_lambda_function",
                    "a",
                    "arn:aws:lambda:eu-west-1:123456789012:function:a",
                ),
                entry("aws_iam_role", "r", "arn:aws:iam::123456789012:role/r"),
                entry(
                    "aws_lb",
                    "one",
                    "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/one/1",
                ),
                entry(
                    "aws_alb",
                    "two",
                    "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/two/2",
                ),
            ],
        };
        let bucket = Resource {
            kind: KindId::new("s3").ok(),
            resource_type: "aws_s3_bucket".into(),
            terraform_address: None,
            name: "orders bucket".into(),
            aws_id: "b".into(),
            arn: Arn::new("arn:aws:s3:::b").expect("an ARN"),
            region: Region::new("eu-central-1").expect("a region"),
            attributes: BTreeMap::new(),
            console_url: Some("https://console.example/b".into()),
            depends_on: Vec::new(),
        };
        let titles = |entry: &RegistryEntry| match entry.resource_type.as_str() {
            "aws_s3_bucket" => Some("S3 buckets".to_owned()),
            "aws_lambda_function" => Some("Lambda functions".to_owned()),
            "aws_lb" | "aws_alb" => Some("Load balancers".to_owned()),
            _ => None,
        };
        let deployed = build(&registry, &[bucket], &titles);
        assert_eq!(deployed.total, 6);
        let text: Vec<String> = deployed
            .groups
            .iter()
            .flat_map(|g| {
                g.rows.iter().map(|r| {
                    let url = r.console_url.as_ref().map_or("-", |u| u.raw());
                    format!(
                        "{} {} {} {} {url}",
                        g.title,
                        g.monitored,
                        r.name.raw(),
                        r.region
                    )
                })
            })
            .collect();
        insta::assert_snapshot!(text.join("\n"), @r"
        Lambda functions true a eu-west-1 -
        Lambda functions true z eu-west-1 -
        Load balancers true one eu-west-1 -
        Load balancers true two eu-west-1 -
        S3 buckets true orders bucket eu-central-1 https://console.example/b
        aws_iam_role false r global -
        ");
    }
}
