//! Commands worth trying on a problem of a resource.
//!
//! Every one is meant to be copied into a shell, so text from outside goes in only as a
//! quoted word, and a command whose word cannot be made safe is left out. Fractary's own
//! are those that exist in this version.

use crate::core::budget::BURN_RATE;
use crate::model::ids::{Arn, EnvironmentName};
use crate::model::report::ResourceRef;
use crate::text::Untrusted;
use crate::text::phrases::shell_word;

/// Commands for a problem of `check` on `resource`, most useful first.
pub(super) fn actions(
    environment: &EnvironmentName,
    resource: &ResourceRef,
    check: &str,
) -> Vec<Untrusted> {
    let mut all = Vec::new();
    if let Some(name) = shell_word(resource.name.raw()) {
        all.push(Untrusted::from(format!(
            "fractary health --env {environment} --service {}",
            name.raw()
        )));
    }
    let indicator = check.strip_prefix(BURN_RATE);
    if let (Some(_), Some(name)) = (indicator, shell_word(resource.name.raw())) {
        all.push(Untrusted::from(format!(
            "fractary slo show {} --env {environment}",
            name.raw()
        )));
    }
    all.extend(provider_commands(resource, indicator.unwrap_or(check)));
    all
}

fn provider_commands(resource: &ResourceRef, check: &str) -> Vec<Untrusted> {
    if check == "registry_drift" {
        // The plan shows what Terraform would create again.
        return vec![Untrusted::from("terraform plan")];
    }
    let region = &resource.region;
    let at = if region.as_str() == "global" {
        String::new()
    } else {
        format!(" --region {region}")
    };
    if let Some(alarm) = check.strip_prefix("alarm/") {
        return shell_word(alarm)
            .map(|alarm| {
                Untrusted::from(format!(
                    "aws cloudwatch describe-alarm-history --alarm-name {} --max-records 5{at}",
                    alarm.raw()
                ))
            })
            .into_iter()
            .collect();
    }
    let arn = &resource.arn;
    let texts = match resource.kind.as_str() {
        "lambda" => lambda(arn, check, &at),
        "rds" => last_part(arn, ':').map(|database| {
            vec![format!(
                "aws rds describe-events --source-type db-instance --source-identifier {database} --duration 60{at}"
            )]
        }),
        "ecs" => ecs(arn, &at),
        "s3" => shell_word(arn.resource())
            .map(|bucket| vec![format!("aws s3api get-bucket-policy-status --bucket {}", bucket.raw())]),
        "dynamodb" => last_part(arn, '/')
            .map(|table| vec![format!("aws dynamodb describe-table --table-name {table}{at}")]),
        _ => None,
    };
    texts
        .unwrap_or_default()
        .into_iter()
        .map(Untrusted::from)
        .collect()
}

fn lambda(arn: &Arn, check: &str, at: &str) -> Option<Vec<String>> {
    // `function:name` or `function:name:alias`.
    let name = word(arn.resource().split(':').nth(1)?)?;
    let group = word(&format!(
        "/aws/lambda/{}",
        arn.resource().split(':').nth(1)?
    ))?;
    let logs = format!("aws logs tail {group} --since 1h{at}");
    Some(match check {
        "throttle_rate_percent" => vec![
            format!("aws lambda get-function-concurrency --function-name {name}{at}"),
            format!("aws lambda get-account-settings{at}"),
        ],
        "resource_state" => {
            vec![format!(
                "aws lambda get-function-configuration --function-name {name}{at}"
            )]
        }
        _ => vec![logs],
    })
}

fn ecs(arn: &Arn, at: &str) -> Option<Vec<String>> {
    // `service/cluster/name`; the old short form has no cluster.
    let mut parts = arn.resource().split('/').skip(1);
    let (cluster, service) = (word(parts.next()?)?, word(parts.next()?)?);
    Some(vec![format!(
        "aws ecs describe-services --cluster {cluster} --services {service} --query 'services[].events[:5]'{at}"
    )])
}

fn last_part(arn: &Arn, separator: char) -> Option<String> {
    word(arn.resource().rsplit(separator).next()?)
}

fn word(text: &str) -> Option<String> {
    shell_word(text).map(|word| word.raw().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::Region;

    fn suggested(kind: &str, arn: &str, name: &str, check: &str) -> String {
        let resource = ResourceRef {
            name: name.into(),
            kind: kind.into(),
            arn: Arn::new(arn).expect("an ARN"),
            region: Region::new("eu-central-1").expect("a region"),
            console_url: None,
        };
        let environment = EnvironmentName::new("prod").expect("an environment");
        actions(&environment, &resource, check)
            .iter()
            .map(|action| format!("{}\n", action.raw()))
            .collect()
    }

    #[test]
    fn suggestions_fit_check_and_kind() {
        let function = "arn:aws:lambda:eu-central-1:123456789012:function:orders-api";
        let cases = [
            ("lambda", function, "error_rate_percent"),
            ("lambda", function, "throttle_rate_percent"),
            ("lambda", function, "alarm/orders 5xx"),
            ("s3", "arn:aws:s3:::orders-bucket", "registry_drift"),
            (
                "rds",
                "arn:aws:rds:eu-central-1:123456789012:db:orders",
                "connections_percent",
            ),
            (
                "ecs",
                "arn:aws:ecs:eu-central-1:123456789012:service/main/web",
                "running_ratio",
            ),
            (
                "ecs",
                "arn:aws:ecs:eu-central-1:123456789012:service/web",
                "running_ratio",
            ),
            (
                "aws_iam_role",
                "arn:aws:iam::123456789012:role/x",
                "resource_state",
            ),
        ];
        let text: String = cases
            .iter()
            .map(|(kind, arn, check)| {
                format!(
                    "# {kind} {check}\n{}",
                    suggested(kind, arn, "orders", check)
                )
            })
            .collect();
        insta::assert_snapshot!(text);
    }

    #[test]
    fn names_that_would_run_something_are_quoted_or_left_out() {
        let text = suggested(
            "lambda",
            "arn:aws:lambda:eu-central-1:123456789012:function:$(reboot)",
            "x; rm -rf ~",
            "alarm/\u{202e}evil",
        );
        insta::assert_snapshot!(text);
    }
}
