//! Events that someone should hear of: those that a trail records, a metric filter counts and an
//! alarm reports (section "Monitoring" of the CIS benchmarks).

use crate::core::audit::estate::Estate;
use crate::core::audit::facts::{FactView, list_in, text_in};
use crate::core::known::{Known, Obstacle, Obstacles, all};
use crate::model::fact::Value;

use super::{DerivedFact, Place, trails};

/// What to watch: a key, words for people, and what a filter's pattern must name.
const WATCHED: [(&str, &str, &[&str]); 15] = [
    (
        "unauthorized-calls",
        "calls that were denied",
        &["errorcode", "accessdenied"],
    ),
    (
        "console-without-mfa",
        "sign-ins without MFA",
        &["consolelogin", "mfaused"],
    ),
    (
        "root-use",
        "use of the root user",
        &["useridentity.type", "root"],
    ),
    (
        "iam-changes",
        "changes of IAM policies",
        &["putrolepolicy", "attachrolepolicy"],
    ),
    (
        "trail-changes",
        "changes of CloudTrail",
        &["stoplogging", "deletetrail"],
    ),
    (
        "console-failures",
        "failed sign-ins",
        &["consolelogin", "failed authentication"],
    ),
    (
        "key-deletion",
        "keys that are disabled or deleted",
        &["disablekey", "schedulekeydeletion"],
    ),
    (
        "bucket-policy-changes",
        "changes of bucket policies",
        &["putbucketpolicy", "putbucketacl"],
    ),
    (
        "config-changes",
        "changes of AWS Config",
        &["stopconfigurationrecorder"],
    ),
    (
        "security-group-changes",
        "changes of security groups",
        &["authorizesecuritygroupingress"],
    ),
    (
        "network-acl-changes",
        "changes of network ACLs",
        &["createnetworkaclentry"],
    ),
    (
        "gateway-changes",
        "changes of gateways",
        &["attachinternetgateway"],
    ),
    (
        "route-changes",
        "changes of route tables",
        &["replaceroute"],
    ),
    ("vpc-changes", "changes of VPCs", &["deletevpc"]),
    (
        "organization-changes",
        "changes of the organisation",
        &["organizations.amazonaws.com"],
    ),
];

/// Returns the events that nobody would hear of.
pub(super) fn unwatched(estate: &Estate<'_>) -> DerivedFact {
    let mut places = Vec::new();
    let mut hidden = Obstacles::new();
    for (key, words, needed) in WATCHED {
        match is_watched(estate, needed) {
            Ok(true) => {}
            Ok(false) => {
                let text = format!("no alarm reports {words}");
                places.push(Place::new(key, text));
            }
            Err(obstacles) => hidden.extend(obstacles),
        }
    }
    DerivedFact::Places(places, hidden)
}

fn is_watched(estate: &Estate<'_>, needed: &[&str]) -> Known<bool> {
    estate.any("region", |region| {
        let filters = region.list("cloudwatch_log_metric_filters")?;
        filters.any(|filter| {
            let pattern = text_in(filter, "pattern")?
                .unwrap_or_default()
                .to_lowercase();
            if !needed.iter().all(|word| pattern.contains(word)) {
                return Ok(false);
            }
            all([is_of_trail(estate, filter), has_alarm(region, filter)])
        })
    })
}

/// Whether the log group of a filter is one that a trail writes to.
fn is_of_trail(estate: &Estate<'_>, filter: &Value) -> Known<bool> {
    let group = text_in(filter, "log_group_name")?.unwrap_or_default();
    estate.any("aws_cloudtrail", |trail| {
        let arn = trail
            .text("cloud_watch_logs_group_arn")?
            .unwrap_or_default();
        let name = arn.split(":log-group:").nth(1).unwrap_or_default();
        let is_it = name.trim_end_matches(":*") == group && !group.is_empty();
        all([
            Ok(is_it),
            trail.flag("is_multi_region_trail"),
            trails::is_logging(trail),
        ])
    })
}

/// Whether an alarm with an action is on the metric of a filter.
fn has_alarm(region: FactView<'_>, filter: &Value) -> Known<bool> {
    let metric = text_in(filter, "metric_transformation.name")?;
    let Some(metric) = metric else {
        return Err(Obstacles::from([Obstacle::NotRead(
            "metric_transformation.name".to_owned(),
        )]));
    };
    region.list("cloudwatch_metric_alarms")?.any(|alarm| {
        let is_it = text_in(alarm, "metric_name")?.as_deref() == Some(metric.as_str());
        Ok(is_it && !list_in(alarm, "alarm_actions")?.items.is_empty())
    })
}
