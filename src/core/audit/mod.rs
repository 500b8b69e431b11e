//! Audits: checks over the configuration of an account, live or planned.
//!
//! [`evaluate`] gives the verdict of every check on every resource that it applies to, and says
//! where resources may be hidden. It knows neither where the configuration came from nor how the
//! verdicts are shown.

#[cfg(test)]
mod acceptance;
mod changes;
mod derived;
mod due;
mod estate;
mod examine;
#[cfg(test)]
mod examine_tests;
pub mod examples;
mod facts;
mod finding;
mod history;
mod judge;
mod merge;
#[cfg(test)]
mod merge_tests;
mod names;
mod notices;
mod opinions;
mod report;
#[cfg(test)]
mod report_tests;
mod scope;
#[cfg(test)]
mod scope_tests;
mod score;
mod suppress;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::catalog::checks::Check;
use crate::catalog::configuration::Shapes;
use crate::core::known::{Obstacle, Obstacles};
use crate::model::configuration::{
    ACCOUNT, Configuration, ConfiguredResource, Extent, REGION, TypeCoverage,
};
use crate::model::fact::{Fact, Value};
use crate::model::ids::Region;
use crate::model::monitoring::ComplianceSection;

use derived::HouseRules;
use estate::Estate;
use judge::CheckNames;
use names::ObstacleIds;

pub use derived::{
    allows_everything, attached_policies, dangerous_policy_of_aws, held_policies, managed_policies,
    opened_by,
};
pub use due::due;
pub use examine::{AuditExamineInput, examine};
pub use finding::{ReportInput, finding_id};
pub use history::{MOST_AUDITS, next_history};
pub use judge::{Failure, Judgement};
pub use report::{report, without_baseline};
pub use suppress::{SuppressionState, is_about, suppression_state};

/// What is evaluated.
#[derive(Debug, Clone, Copy)]
pub struct AuditInput<'a> {
    /// Name of the environment.
    pub environment: &'a str,
    /// Whether an outage of the environment matters.
    pub critical: bool,
    /// How everything is configured.
    pub configuration: &'a Configuration,
    /// The rules of `[compliance]`.
    pub rules: &'a ComplianceSection,
}

/// Verdicts, and where more might be hidden.
#[derive(Debug, Clone)]
pub struct Evaluation<'a> {
    /// One a check and resource that the check applies to.
    pub judgements: Vec<Judgement<'a>>,
    /// Where a check may have resources that nobody saw.
    pub hidden: Vec<HiddenResources<'a>>,
}

/// Resources of a type that could not be listed.
#[derive(Debug, Clone)]
pub struct HiddenResources<'a> {
    /// A check that applies to them.
    pub check: &'a Check,
    /// Their type.
    pub resource_type: &'a str,
    /// The region, `None` where the type was not looked for at all.
    pub region: Option<&'a Region>,
    /// Why they could not.
    pub obstacles: Obstacles,
}

/// Evaluates checks over a configuration.
pub fn evaluate<'a>(input: &AuditInput<'a>, checks: &[&'a Check]) -> Evaluation<'a> {
    let estate = Estate::new(input.configuration);
    let house = HouseRules::new(input, &estate);
    let mut ids = ObstacleIds::new(input.configuration.gaps.len());
    let environment = Fact::Known(Value::map([
        ("name", Fact::from(input.environment)),
        ("critical", Fact::from(input.critical)),
    ]));
    let account = match estate.account() {
        Some(view) => names::of_resource(view, &mut ids),
        None => names::of_nothing(ACCOUNT, &mut ids),
    };
    let no_region = names::of_nothing(REGION, &mut ids);
    let mut regions: BTreeMap<&Region, Fact> = BTreeMap::new();
    for resource in input.configuration.of_type(REGION) {
        let fact = names::of_resource(estate.view(resource), &mut ids);
        regions.insert(&resource.region, fact);
    }
    let mut by_type: BTreeMap<&str, Vec<&'a Check>> = BTreeMap::new();
    for check in checks {
        for name in &check.form.applies_to {
            by_type.entry(name.as_str()).or_default().push(check);
        }
    }
    let mut judgements = Vec::new();
    for resource in &input.configuration.resources {
        let Some(of_type) = by_type.get(resource.resource_type.as_str()) else {
            continue;
        };
        let facts = derived::derive(&estate, &house, resource);
        let derived = names::of_derived(&facts, &mut ids);
        let own = names::of_resource(estate.view(resource), &mut ids);
        let names = CheckNames {
            resource: &own,
            derived: &derived,
            account: &account,
            region: regions.get(&resource.region).unwrap_or(&no_region),
            environment: &environment,
            facts: &facts,
            ids: &ids,
        };
        judgements.extend(
            of_type
                .iter()
                .map(|check| judge::judge(check, resource, &names)),
        );
    }
    let hidden = hidden(input.configuration, &by_type);
    Evaluation { judgements, hidden }
}

/// Whether AWS lists it as another type, which was looked for and to which the same checks apply:
/// what could not be seen of it is said there.
fn is_listed_elsewhere(configuration: &Configuration, name: &str, checks: &[&Check]) -> bool {
    let Some(other) = Shapes::built_in()
        .get(name)
        .and_then(|it| it.listed_as.as_ref())
    else {
        return false;
    };
    let coverage = &configuration.coverage;
    coverage.iter().any(|entry| entry.resource_type == *other)
        && checks
            .iter()
            .all(|check| check.form.applies_to.contains(other))
}

fn hidden<'a>(
    configuration: &'a Configuration,
    by_type: &BTreeMap<&'a str, Vec<&'a Check>>,
) -> Vec<HiddenResources<'a>> {
    let mut out = Vec::new();
    for (name, checks) in by_type {
        let of_type: Vec<&'a TypeCoverage> = configuration
            .coverage
            .iter()
            .filter(|entry| entry.resource_type == *name)
            .collect();
        let is_seen = |one: &&ConfiguredResource| one.resource_type == *name;
        let mut places: Vec<(Option<&'a Region>, Obstacle)> = Vec::new();
        let is_unlisted =
            of_type.is_empty() && !configuration.resources.iter().any(|one| is_seen(&one));
        if is_unlisted && !is_listed_elsewhere(configuration, name, checks) {
            places.push((None, Obstacle::NotRead((*name).to_owned())));
        }
        for entry in of_type {
            if let Extent::Partial(gap) | Extent::Unread(gap) = entry.extent {
                places.push((Some(&entry.region), Obstacle::Gap(gap)));
            }
        }
        for (region, obstacle) in places {
            out.extend(checks.iter().map(|check| HiddenResources {
                check,
                resource_type: name,
                region,
                obstacles: Obstacles::from([obstacle.clone()]),
            }));
        }
    }
    out
}
