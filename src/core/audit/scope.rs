//! What came to no verdict, and how far an audit looked.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::checks::Check;
use crate::catalog::configuration::Shapes;
use crate::catalog::reads::Reads;
use crate::core::known::{Obstacle, Obstacles};
use crate::model::audit::{AuditCoverage, UnknownVerdict};
use crate::model::configuration::{Configuration, Extent};
use crate::model::ids::Region;
use crate::model::receipt::Receipt;
use crate::model::status::Severity;
use crate::text::Untrusted;

use super::Evaluation;

/// A check, and why it came to no verdict.
type Reasoned<'a> = (&'a str, Vec<Untrusted>);

/// What came to no verdict, by check and reason.
pub(super) fn unknown(
    configuration: &Configuration,
    evaluation: &Evaluation<'_>,
) -> Vec<UnknownVerdict> {
    let mut by_reason: BTreeMap<Reasoned<'_>, (Severity, Vec<Untrusted>)> = BTreeMap::new();
    for one in &evaluation.judgements {
        if !one.obstacles.is_empty() {
            let because = reasons(configuration, &one.obstacles);
            let entry = by_reason.entry((one.check.id.as_str(), because));
            let entry = entry.or_insert_with(|| (one.check.form.severity, Vec::new()));
            entry.1.push(one.resource.name.clone());
        }
    }
    for hidden in &evaluation.hidden {
        let because = reasons(configuration, &hidden.obstacles);
        let entry = by_reason.entry((hidden.check.id.as_str(), because));
        let entry = entry.or_insert_with(|| (hidden.check.form.severity, Vec::new()));
        let place = hidden
            .region
            .map_or_else(String::new, |region| format!(" in {region}"));
        entry
            .1
            .push(Untrusted::from(format!("{}{place}", hidden.resource_type)));
    }
    let rows = by_reason
        .into_iter()
        .map(|((check, because), (severity, mut resources))| {
            resources.sort_unstable();
            resources.dedup();
            UnknownVerdict {
                check: check.to_owned(),
                severity,
                resources,
                because,
            }
        });
    let mut rows: Vec<UnknownVerdict> = rows.collect();
    rows.sort_by(|one, other| {
        other
            .severity
            .cmp(&one.severity)
            .then(one.check.cmp(&other.check))
    });
    rows
}

/// Obstacles as sentences: the permission that is missing, or why a call failed.
fn reasons(configuration: &Configuration, obstacles: &Obstacles) -> Vec<Untrusted> {
    let each = obstacles.iter().map(|obstacle| match obstacle {
        Obstacle::Gap(gap) => match configuration.gap(*gap) {
            Some(gap) => Untrusted::from(gap.sentence()),
            None => Untrusted::from("a call did not answer"),
        },
        Obstacle::NotRead(what) => Untrusted::from(format!("`{what}` was not read")),
        Obstacle::Unclear(why) => Untrusted::from(why.as_str()),
    });
    let all: BTreeSet<Untrusted> = each.collect();
    all.into_iter().collect()
}

/// How far an audit looked.
pub(super) fn coverage(
    configuration: &Configuration,
    evaluation: &Evaluation<'_>,
    checks: &[&Check],
    receipt: &Receipt,
) -> AuditCoverage {
    let entries = &configuration.coverage;
    let of = |is_meant: &dyn Fn(Extent) -> bool| -> BTreeSet<Region> {
        let meant = entries.iter().filter(|entry| is_meant(entry.extent));
        let regions = meant.map(|entry| entry.region.clone());
        regions
            .filter(|region| region.as_str() != "global")
            .collect()
    };
    let regions = of(&|extent| extent != Extent::NotEnabled);
    let not_enabled = of(&|extent| extent == Extent::NotEnabled);
    let services: BTreeSet<&str> = entries
        .iter()
        .filter_map(|entry| Shapes::built_in().get(&entry.resource_type))
        .map(|shape| shape.service.as_str())
        .collect();
    // An account and its regions are there whatever AWS answers: nothing is listed for them.
    let types = Reads::built_in().types();
    let unlisted: BTreeSet<&str> = types
        .filter(|of| of.steps.is_empty())
        .map(|of| of.id.as_str())
        .collect();
    let is_list = |of: &str| !unlisted.contains(of);
    let count = |is_meant: &dyn Fn(Extent) -> bool| {
        let meant = entries.iter().filter(|entry| is_meant(entry.extent));
        meant.filter(|entry| is_list(&entry.resource_type)).count()
    };
    let unlisted = evaluation.hidden.iter().filter(|one| one.region.is_none());
    let not_looked_at: BTreeSet<&str> = unlisted.map(|one| one.resource_type).collect();
    AuditCoverage {
        accounts: configuration.account.iter().cloned().collect(),
        regions: regions.into_iter().collect(),
        not_enabled: not_enabled.into_iter().collect(),
        services: services.into_iter().map(str::to_owned).collect(),
        resources: configuration.resources.len(),
        checks: checks.len(),
        calls_by_check: calls_by_check(checks, receipt),
        answered: count(&|extent| extent == Extent::Complete),
        refused: count(&|extent| extent.gap().is_some()),
        not_looked_at: not_looked_at.into_iter().map(str::to_owned).collect(),
    }
}

/// Calls that were sent with an action that a check needs.
fn calls_by_check(checks: &[&Check], receipt: &Receipt) -> BTreeMap<String, u64> {
    let mut by_action: BTreeMap<String, u64> = BTreeMap::new();
    for (operation, count) in &receipt.by_operation {
        *by_action
            .entry(Reads::built_in().action(operation))
            .or_default() += count;
    }
    let calls = |check: &Check| -> u64 {
        let needs: BTreeSet<&String> = check.form.needs.iter().collect();
        needs
            .iter()
            .filter_map(|action| by_action.get(*action))
            .sum()
    };
    let each = checks.iter().map(|check| (check.id.clone(), calls(check)));
    each.filter(|(_, calls)| *calls > 0).collect()
}
