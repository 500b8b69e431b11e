//! What monitoring.toml says about judging, with every default filled in.

use crate::catalog::kinds::kind::{Kind, SliDefinition};
use crate::core::window::WindowSettings;
use crate::model::monitoring::{EnabledCheck, Monitoring, SloTable, Slos};
use crate::model::report::Better;
use crate::model::resource::Resource;

const DEFAULT_MIN_SAMPLES: u64 = 20;

/// Settings of the judge.
#[derive(Debug, Clone, PartialEq)]
pub struct HealthSettings {
    /// Events below which an indicator made from them cannot degrade.
    pub min_samples: u64,
    /// Kinds of checks that are on.
    pub checks: Vec<EnabledCheck>,
    /// Consecutive bad runs before an issue is opened.
    pub open_after: u32,
    /// Consecutive healthy runs before an issue is resolved.
    pub resolve_after: u32,
    /// Length of the shortest window, in seconds.
    pub least_seconds: i64,
    /// Configured service levels.
    pub slos: Slos,
}

impl HealthSettings {
    /// From monitoring.toml.
    pub fn resolve(monitoring: &Monitoring) -> Self {
        let section = &monitoring.monitoring;
        Self {
            min_samples: section.min_samples.unwrap_or(DEFAULT_MIN_SAMPLES),
            checks: section.enabled_checks.clone().unwrap_or_else(|| {
                vec![
                    EnabledCheck::ResourceStatus,
                    EnabledCheck::CloudwatchMetrics,
                    EnabledCheck::CloudwatchAlarms,
                ]
            }),
            open_after: section.open_after.unwrap_or(1).max(1),
            resolve_after: section.resolve_after.unwrap_or(2).max(1),
            least_seconds: WindowSettings::resolve(monitoring).least_seconds,
            slos: monitoring.slos.clone(),
        }
    }

    /// Whether a kind of check is on.
    pub fn enabled(&self, check: EnabledCheck) -> bool {
        self.checks.contains(&check)
    }
}

/// The limits of one indicator on one resource.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Limits {
    pub(crate) target: f64,
    pub(crate) unhealthy_at: Option<f64>,
}

/// The tables that may speak of a resource, the most specific first.
pub(crate) fn slo_tables<'a>(
    slos: &'a Slos,
    kind: &Kind,
    resource: &Resource,
) -> [Option<&'a SloTable>; 4] {
    [
        slos.resource.get(resource.arn.as_str()),
        slos.resource.get(resource.name.raw()),
        slos.kinds.get(kind.id.as_str()),
        slos.kinds.get(kind.slo_table()),
    ]
}

/// The limits that hold: those of the resource by ARN, by name, of the kind, of the kind's
/// table, the kind's own. `None` where no target is set.
pub(crate) fn limits(
    settings: &HealthSettings,
    kind: &Kind,
    resource: &Resource,
    sli: &SliDefinition,
) -> Option<Limits> {
    let tables = slo_tables(&settings.slos, kind, resource);
    let mut target = None;
    let mut unhealthy_at = None;
    for configured in tables.iter().flatten().filter_map(|t| t.get(&sli.id)) {
        target = target.or(configured.target);
        unhealthy_at = unhealthy_at.or(configured.unhealthy_at);
    }
    let target = target.or(sli.target).filter(|target| target.is_finite())?;
    // A default limit that a configured target has overtaken would turn the first miss into
    // an outage.
    let beyond = |limit: &f64| match sli.better {
        Better::Lower => *limit > target,
        Better::Higher => *limit < target,
    };
    let unhealthy_at = unhealthy_at.or_else(|| sli.unhealthy_at.filter(beyond));
    Some(Limits {
        target,
        unhealthy_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use crate::model::ids::KindId;

    fn found(toml: &str, kind: &str, name: &str, sli: &str) -> Option<(f64, Option<f64>)> {
        let monitoring: Monitoring = toml::from_str(toml).expect("monitoring.toml");
        let settings = HealthSettings::resolve(&monitoring);
        let catalog = Catalog::built_in().expect("the catalogue");
        let kind = catalog
            .kind(&KindId::new(kind).expect("a kind id"))
            .expect("a kind");
        let resource: Resource = serde_json::from_value(serde_json::json!({
            "kind": kind.id, "resource_type": "x", "name": name, "aws_id": name,
            "arn": format!("arn:aws:x:eu-west-1:123456789012:{name}"), "region": "eu-west-1",
        }))
        .expect("a resource");
        let sli = kind.sli(sli).expect("an indicator");
        limits(&settings, kind, &resource, sli).map(|l| (l.target, l.unhealthy_at))
    }

    #[test]
    fn the_most_specific_limit_holds() {
        let error = "error_rate_percent";
        let cases = [
            ("", "lambda", error, Some((0.1, Some(5.0)))),
            (
                "[slos.lambda]\nerror_rate_percent = 1",
                "lambda",
                error,
                Some((1.0, Some(5.0))),
            ),
            (
                "[slos.lambda]\nerror_rate_percent = { target = 1, unhealthy_at = 2 }",
                "lambda",
                error,
                Some((1.0, Some(2.0))),
            ),
            (
                "[slos.lambda]\nerror_rate_percent = { unhealthy_at = 2 }\n\
                 [slos.resource.\"api\"]\nerror_rate_percent = 0.5",
                "lambda",
                error,
                Some((0.5, Some(2.0))),
            ),
            (
                "[slos.resource.\"api\"]\nerror_rate_percent = 9\n\
                 [slos.resource.\"arn:aws:x:eu-west-1:123456789012:api\"]\nerror_rate_percent = 3",
                "lambda",
                error,
                Some((3.0, Some(5.0))),
            ),
            // The default for UNHEALTHY is dropped once the target has overtaken it.
            (
                "[slos.lambda]\nerror_rate_percent = 10",
                "lambda",
                error,
                Some((10.0, None)),
            ),
            (
                "[slos.rds]\nfree_storage_percent = 4",
                "rds",
                "free_storage_percent",
                Some((4.0, None)),
            ),
            // Kinds share tables.
            (
                "[slos.elb]\nerror_rate_percent = 1",
                "nlb",
                error,
                Some((1.0, Some(5.0))),
            ),
            (
                "[slos.elb]\nerror_rate_percent = 1\n[slos.alb]\nerror_rate_percent = 2",
                "alb",
                error,
                Some((2.0, Some(5.0))),
            ),
            // Without a default, only what is configured is judged.
            ("", "sqs", "waiting_messages", None),
            (
                "[slos.sqs]\nwaiting_messages = 100",
                "sqs",
                "waiting_messages",
                Some((100.0, None)),
            ),
        ];
        for (toml, kind, sli, expected) in cases {
            assert_eq!(found(toml, kind, "api", sli), expected, "{toml}");
        }
    }
}
