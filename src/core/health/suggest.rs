//! Commands worth trying on a problem of a resource.
//!
//! Those that are about one kind of resource are in the file of the kind. Every one is meant to
//! be copied into a shell, so text from outside goes in only as a quoted word, and a command
//! whose word cannot be made safe is left out. Fractary's own are those that exist in this
//! version.

use crate::catalog::Catalog;
use crate::core::budget::BURN_RATE;
use crate::model::ids::EnvironmentName;
use crate::model::report::ResourceRef;
use crate::text::Untrusted;
use crate::text::phrases::shell_word;

/// Commands for a problem of `check` on `resource`, most useful first.
pub(super) fn actions(
    catalog: &Catalog,
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
    all.extend(provider_commands(
        catalog,
        resource,
        indicator.unwrap_or(check),
    ));
    all
}

fn provider_commands(catalog: &Catalog, resource: &ResourceRef, check: &str) -> Vec<Untrusted> {
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
    let kind = catalog.registry().get(&resource.kind);
    kind.map_or_else(Vec::new, |kind| kind.commands(check, &resource.arn, region))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::{Arn, Region};

    fn suggested(kind: &str, arn: &str, name: &str, check: &str) -> String {
        let resource = ResourceRef {
            name: name.into(),
            kind: kind.into(),
            arn: Arn::new(arn).expect("an ARN"),
            region: Region::new("eu-central-1").expect("a region"),
            console_url: None,
        };
        let environment = EnvironmentName::new("prod").expect("an environment");
        let catalog = Catalog::built_in().expect("the built-in kinds are right");
        actions(&catalog, &environment, &resource, check)
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
