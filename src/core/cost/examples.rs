//! The examples in the files of opportunities: one resource each, evaluated and compared with what
//! the file says.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::catalog::opportunities::{
    GivenUsage, OpportunityExample, OpportunityRule, OpportunityVerdict,
};
use crate::catalog::registry::{DataError, Fault, Registry, Step, Whose};
use crate::core::cost::bill::Bill;
use crate::core::cost::case::RuleCase;
use crate::core::cost::days::CostWindows;
use crate::core::cost::evaluate::{RuleOutcome, evaluate};
use crate::core::cost::prices::PriceBook;
use crate::core::cost::world::{CostWorld, Utilisation};
use crate::expr::{Fact, Value};
use crate::model::configuration::{Configuration, ConfiguredResource, Extent, TypeCoverage};
use crate::model::cost::{CostMetric, SpendGroup, SpendTable};
use crate::model::fact::{FactName, Gap, GapCause};
use crate::model::ids::Region;
use crate::model::snapshot::Series;
use crate::text::Untrusted;

/// The moment of all examples, a Monday.
const NOW: &str = "2026-03-16T08:00:00Z";
/// Age of a resource that is older than any window.
const OLD_DAYS: f64 = 400.0;

/// Evaluates the examples of rules, and says which do not come to what their files say.
pub fn run_examples(rules: &Registry<OpportunityRule>, of: Whose) -> Vec<DataError> {
    rules.run_examples(of, |rule, example| compare(rules, rule, example))
}

fn compare(
    rules: &Registry<OpportunityRule>,
    rule: &OpportunityRule,
    example: &OpportunityExample,
) -> Result<(), Fault> {
    let outcome = run(rules, rule, example);
    let verdict = match &outcome {
        RuleOutcome::NotApplicable => OpportunityVerdict::NotApplicable,
        RuleOutcome::Nothing => OpportunityVerdict::Nothing,
        RuleOutcome::Undecided(_) => OpportunityVerdict::Unknown,
        RuleOutcome::Saves(_) => OpportunityVerdict::Found,
    };
    if verdict != example.verdict {
        let why = match &outcome {
            RuleOutcome::Undecided(one) => {
                let all: Vec<String> = one.because.iter().map(Untrusted::redacted).collect();
                format!(" ({})", all.join("; "))
            }
            _ => String::new(),
        };
        let message = format!("`{}` is evaluated as {verdict:?}{why}", example.name);
        return Err(Fault::new([Step::from("verdict")], message));
    }
    let RuleOutcome::Saves(found) = outcome else {
        return Ok(());
    };
    let saving = found.opportunity.savings_usd;
    let is_alike = match (example.savings_usd, saving) {
        (Some(wanted), Some(saving)) => (wanted - saving).abs() <= 0.005 + 1e-9,
        (None, None) => true,
        _ => false,
    };
    if !is_alike {
        let message = format!("`{}` saves {saving:?} USD a month", example.name);
        return Err(Fault::new([Step::from("savings_usd")], message));
    }
    if found.opportunity.blocked_by.is_some() != example.blocked {
        let message = format!("`{}` is blocked, or not", example.name);
        return Err(Fault::new([Step::from("blocked")], message));
    }
    Ok(())
}

fn run(
    rules: &Registry<OpportunityRule>,
    rule: &OpportunityRule,
    example: &OpportunityExample,
) -> RuleOutcome {
    let now: Timestamp = NOW.parse().expect("a time");
    let windows = CostWindows::at(now);
    let configuration = configuration(rule, example, now);
    let resource = configuration
        .resources
        .first()
        .expect("the resource of the example");
    let prices = PriceBook::built_in();
    let nothing = Utilisation::new();
    let world = |utilisation, bill| CostWorld {
        now,
        windows,
        is_critical: example.critical,
        rules,
        configuration: &configuration,
        utilisation,
        bill,
        prices: &prices,
    };
    let empty = world(&nothing, None);
    let utilisation = utilisation(&empty, rule, resource, example);
    let table = bill(rule, example, &empty, resource);
    let bill = table.as_ref().map(|table| Bill {
        table,
        metric: CostMetric::Unblended,
        days: windows.current,
    });
    evaluate(&world(&utilisation, bill), rule, resource)
}

fn region(example: &OpportunityExample) -> Region {
    let name = example.region.as_deref().unwrap_or("us-east-1");
    Region::new(name).unwrap_or_else(|_| Region::new("us-east-1").expect("a region"))
}

fn gap(operation: &str) -> Gap {
    Gap {
        operation: operation.to_owned(),
        subject: "the resource of an example".to_owned(),
        cause: GapCause::Denied,
        code: None,
        message: Untrusted::from("an example says that it was not readable"),
        missing_permission: Some(operation.to_owned()),
    }
}

/// The resource alone, with all other facts that its type has absent.
fn configuration(
    rule: &OpportunityRule,
    example: &OpportunityExample,
    now: Timestamp,
) -> Configuration {
    let mut configuration = Configuration::new(now);
    let denied = configuration.add_gap(gap("service:Describe"));
    let shape = crate::catalog::configuration::Shapes::built_in().get(&rule.applies_to);
    let names = shape.into_iter().flat_map(|shape| shape.facts.keys());
    let mut facts: BTreeMap<FactName, Fact> = BTreeMap::new();
    for name in names.filter_map(|name| FactName::parse(name).ok()) {
        let hidden = format!("resource.{name}");
        let fact = match example.resource.get(name.as_str()) {
            _ if example.unreadable.contains(&hidden) => Fact::Unreadable(denied),
            Some(value) => from_toml(value).into(),
            None if rule.created.as_deref() == Some(name.as_str()) => {
                let seconds = example.age_days.unwrap_or(OLD_DAYS) * 86_400.0;
                Fact::from(Value::Time(now - SignedDuration::from_secs(seconds as i64)))
            }
            None => Fact::Absent,
        };
        facts.insert(name, fact);
    }
    let region = region(example);
    let resource = ConfiguredResource {
        resource_type: rule.applies_to.clone(),
        arn: None,
        address: None,
        name: Untrusted::from("example"),
        region: region.clone(),
        account: None,
        facts,
    };
    configuration.resources.push(resource);
    let images = match example.unreadable.iter().any(|name| name == "related.ami") {
        true => Extent::Unread(denied),
        false => Extent::Complete,
    };
    if let Some(image) = &example.used_by_ami {
        configuration
            .resources
            .push(image_of(image, example, &region));
    }
    for (of, extent) in [
        (rule.applies_to.as_str(), Extent::Complete),
        ("aws_ami", images),
    ] {
        configuration.coverage.push(TypeCoverage {
            resource_type: of.to_owned(),
            region: region.clone(),
            extent,
        });
    }
    configuration
}

fn image_of(image: &str, example: &OpportunityExample, region: &Region) -> ConfiguredResource {
    let snapshot = example
        .resource
        .get("id")
        .map_or(Fact::Absent, |id| from_toml(id).into());
    let device = Value::map([("snapshot_id", snapshot)]);
    let devices = Value::list([device.into()]);
    let name = FactName::parse("ebs_block_device").expect("a name");
    ConfiguredResource {
        resource_type: "aws_ami".to_owned(),
        arn: None,
        address: None,
        name: Untrusted::from(image),
        region: region.clone(),
        account: None,
        facts: BTreeMap::from([(name, devices.into())]),
    }
}

fn from_toml(value: &toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::text(text.as_str()),
        toml::Value::Integer(number) => Value::Number(*number as f64),
        toml::Value::Float(number) => Value::Number(*number),
        toml::Value::Boolean(flag) => Value::Flag(*flag),
        toml::Value::Datetime(time) => Value::text(time.to_string()),
        toml::Value::Array(items) => Value::list(items.iter().map(|item| from_toml(item).into())),
        toml::Value::Table(table) => {
            let entries = table.iter();
            Value::map(entries.map(|(name, value)| (name.as_str(), from_toml(value).into())))
        }
    }
}

fn utilisation(
    world: &CostWorld<'_>,
    rule: &OpportunityRule,
    resource: &ConfiguredResource,
    example: &OpportunityExample,
) -> Utilisation {
    let mut case = RuleCase::new(world, rule, resource);
    let mut all = Utilisation::new();
    for (name, metric) in &rule.usage {
        let Ok(key) = case.metric(metric) else {
            continue;
        };
        let hidden = example.unreadable.contains(&format!("usage.{name}"));
        let given = example.usage.get(name);
        let series = given.map(|given| series(given, &key, example));
        let answer = match hidden {
            true => Err(gap("cloudwatch:GetMetricData")),
            false => Ok(series.filter(|series| !series.at.is_empty())),
        };
        all.insert(key, answer);
    }
    all
}

/// Points for every period, or for those since the resource was created.
fn series(
    given: &GivenUsage,
    metric: &crate::model::cost::UtilisationMetric,
    example: &OpportunityExample,
) -> Series {
    let midnight = metric.days.start.to_zoned(TimeZone::UTC);
    let start = midnight.map_or(Timestamp::UNIX_EPOCH, |zoned| zoned.timestamp());
    let period = i64::from(metric.period_seconds);
    let periods = metric.days.len() as i64 * 86_400 / period;
    let now: Timestamp = NOW.parse().expect("a time");
    let age = example.age_days.unwrap_or(OLD_DAYS);
    let created = now.as_second() - (age * 86_400.0) as i64;
    let mut series = Series {
        statistic: metric.statistic.clone(),
        period_seconds: metric.period_seconds,
        at: Vec::new(),
        values: Vec::new(),
    };
    for place in 0..periods {
        let at = start + SignedDuration::from_secs(place * period);
        let index = place as usize % given.0.len().max(1);
        let Some(value) = given.0.get(index).filter(|_| at.as_second() >= created) else {
            continue;
        };
        let weekday = at.to_zoned(TimeZone::UTC).weekday().to_monday_zero_offset();
        let is_free = example.working_days_only && weekday >= 5;
        series.at.push(at);
        series.values.push(if is_free { 0.0 } else { *value });
    }
    series
}

/// The bill of the last 30 days.
fn bill(
    rule: &OpportunityRule,
    example: &OpportunityExample,
    world: &CostWorld<'_>,
    resource: &ConfiguredResource,
) -> Option<SpendTable> {
    if example.billed.is_empty() {
        return None;
    }
    let days = world.windows.current;
    let mut case = RuleCase::new(world, rule, resource);
    let mut groups = Vec::new();
    for (name, amount) in &example.billed {
        let part = rule.costs.get(name)?;
        let usage_type = case.fill(&part.usage_type).ok()?;
        let each = vec![amount / days.len() as f64; days.len()];
        groups.push(SpendGroup {
            keys: vec![
                Untrusted::from(part.service.as_str()),
                Untrusted::from(usage_type),
            ],
            unblended: each.clone(),
            net_amortized: each,
            usage: vec![24.0; days.len()],
            usage_unit: Untrusted::from("Hrs"),
        });
    }
    Some(SpendTable {
        days,
        estimated: vec![false; days.len()],
        currency: Untrusted::from("USD"),
        groups,
    })
}
