//! One rule and one resource: expressions, gaps and texts.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::opportunities::{OpportunityRule, UsageMetric};
use crate::core::cost::world::CostWorld;
use crate::expr::{Cause, Expression, Fact, GapId, Unknown, Value};
use crate::model::configuration::ConfiguredResource;
use crate::model::cost::{FigureSource, UtilisationMetric};
use crate::model::fact::{Gap, GapCause};
use crate::text::{Untrusted, template};

/// One rule and one resource.
pub(super) struct RuleCase<'a> {
    pub(super) world: &'a CostWorld<'a>,
    pub(super) rule: &'a OpportunityRule,
    pub(super) resource: &'a ConfiguredResource,
    /// Facts by the first part of their names.
    pub(super) facts: BTreeMap<String, Fact>,
    /// Gaps beside those of the configuration.
    pub(super) gaps: Vec<Gap>,
    /// A metric is not collected for the resource, so that the rule says nothing about it.
    pub(super) not_collected: bool,
    /// Dates of prices that were used.
    pub(super) price_dates: BTreeSet<String>,
    /// Where the cost of each part comes from.
    pub(super) sources: Vec<FigureSource>,
    /// Parts of the bill: service and usage type.
    pub(super) billed: Vec<(String, String)>,
}

impl RuleCase<'_> {
    /// Evaluates an expression of the rule.
    pub(super) fn evaluate(&self, expression: &Expression) -> Result<Value, Unknown> {
        expression.evaluate(|name| self.facts.get(name).cloned())
    }

    /// Evaluates an expression that comes to a number.
    pub(super) fn number(&self, expression: &Expression) -> Result<f64, Unknown> {
        let value = self.evaluate(expression)?;
        Ok(value.as_number().unwrap_or(f64::NAN))
    }

    /// Notes a gap, and returns its number.
    pub(super) fn gap(&mut self, operation: &str, cause: GapCause, message: &str) -> GapId {
        let subject = self.resource.name.redacted();
        let gap = Gap {
            operation: operation.to_owned(),
            subject,
            cause,
            code: None,
            message: Untrusted::from(message),
            missing_permission: None,
        };
        self.add(gap)
    }

    /// Notes a gap that is made already, and returns its number.
    pub(super) fn add(&mut self, gap: Gap) -> GapId {
        let place = self.gaps.iter().position(|known| *known == gap);
        let place = place.unwrap_or_else(|| {
            self.gaps.push(gap);
            self.gaps.len() - 1
        });
        GapId::from_index(self.world.configuration.gaps.len() + place)
    }

    /// Returns why something is unknown, one sentence each.
    pub(super) fn reasons(&self, unknown: &Unknown) -> Vec<Untrusted> {
        let known = self.world.configuration.gaps.len();
        let sentence = |cause: &Cause| match cause {
            Cause::Gap(id) => {
                let place = id.0 as usize;
                let own = || self.gaps.get(place.checked_sub(known)?);
                let gap = self.world.configuration.gap(*id).or_else(own);
                gap.map_or_else(|| Untrusted::from("unknown"), describe)
            }
            other => Untrusted::from(other.to_string()),
        };
        unknown.causes().map(sentence).collect()
    }

    /// Returns a fact of the resource, its default where it is absent; a gap where it was not read.
    pub(super) fn fact(&mut self, name: &str) -> Fact {
        match self.facts.get("resource").and_then(Fact::known) {
            Some(Value::Map(map)) => match map.entries.get(&Untrusted::from(name)) {
                Some(fact) => fact.clone(),
                None => {
                    let unseen = map.unseen.first().copied();
                    unseen.map_or(Fact::Absent, Fact::Unreadable)
                }
            },
            _ => Fact::Absent,
        }
    }

    /// Fills a template with facts of the resource.
    pub(super) fn fill(&mut self, text: &str) -> Result<String, GapId> {
        let missing = RefCell::new(None);
        let size = self.facts.get("size").cloned();
        let filled = template::fill(text, |name| {
            let found = fill_name(self.resource, name);
            let found = found.or_else(|| field(size.as_ref(), name));
            if found.is_none() {
                missing.replace(Some(name.to_owned()));
            }
            found
        });
        let missing = missing.into_inner();
        filled.ok_or_else(|| {
            let name = missing.unwrap_or_default();
            match self.fact(&name) {
                Fact::Unreadable(gap) => gap,
                _ => {
                    let why = format!("it has no `{name}`");
                    self.gap("configuration", GapCause::Partial, &why)
                }
            }
        })
    }

    /// Returns a value for a text: of the rule, of the resource, of its size, of its image.
    pub(super) fn value(&mut self, name: &str) -> Fact {
        if let Some(expression) = self.rule.values.get(name) {
            return self.number(expression).map_or(Fact::Absent, Fact::from);
        }
        let own = self.resource.facts.get(name);
        if let Some(Fact::Known(_)) = own {
            return self.fact(name);
        }
        for group in ["size", "related"] {
            let found = self.facts.get(group).and_then(Fact::known);
            if let Some(Value::Map(map)) = found
                && let Some(fact) = map.entries.get(&Untrusted::from(name))
            {
                return fact.clone();
            }
        }
        if let Some(fact) = self.statistic(name) {
            return fact;
        }
        fill_name(self.resource, name)
            .map_or(Fact::Absent, |text| Value::text(text.as_str()).into())
    }

    /// `cpu_max` is the statistic `max` of the metric `cpu`.
    fn statistic(&self, name: &str) -> Option<Fact> {
        let (metric, statistic) = name.rsplit_once('_')?;
        let Some(Value::Map(usage)) = self.facts.get("usage").and_then(Fact::known) else {
            return None;
        };
        let found = usage.entries.get(&Untrusted::from(metric))?.known()?;
        let Value::Map(statistics) = found else {
            return None;
        };
        statistics.entries.get(&Untrusted::from(statistic)).cloned()
    }

    /// Returns what CloudWatch is asked for a metric of the resource.
    pub(super) fn metric(&mut self, metric: &UsageMetric) -> Result<UtilisationMetric, GapId> {
        let mut dimensions = BTreeMap::new();
        for (name, value) in &metric.dimensions {
            dimensions.insert(name.clone(), self.fill(value)?);
        }
        Ok(UtilisationMetric {
            region: self.resource.region.clone(),
            namespace: metric.namespace.clone(),
            metric: metric.metric.clone(),
            dimensions,
            statistic: metric.statistic.clone(),
            period_seconds: metric.period_seconds,
            days: self.world.windows.last_days(self.rule.window_days),
        })
    }
}

fn describe(gap: &Gap) -> Untrusted {
    let message = gap.message.redacted();
    let text = match gap.cause {
        GapCause::Partial | GapCause::NotRecorded | GapCause::NotAsked => message,
        cause => format!("{}: {}: {message}", gap.operation, cause.words()),
    };
    Untrusted::from(text)
}

fn field(fact: Option<&Fact>, name: &str) -> Option<String> {
    let Some(Value::Map(map)) = fact.and_then(Fact::known) else {
        return None;
    };
    match map.entries.get(&Untrusted::from(name))?.known()? {
        Value::Text(text) => Some(text.raw().to_owned()),
        _ => None,
    }
}

/// Fills a template with facts of a resource; `None` where a name has no value.
pub(super) fn fill_for(resource: &ConfiguredResource, text: &str) -> Option<String> {
    template::fill(text, |name| fill_name(resource, name))
}

/// What stands for a name in a template: a fact, or what the bill calls the use of a database.
fn fill_name(resource: &ConfiguredResource, name: &str) -> Option<String> {
    let fact = |name: &str| resource.facts.get(name).and_then(Fact::known);
    let is_multi_az = matches!(fact("multi_az"), Some(Value::Flag(true)));
    match (fact(name), name) {
        (Some(Value::Text(text)), _) => Some(text.raw().to_owned()),
        (Some(Value::Number(number)), _) => Some(number.to_string()),
        (Some(Value::Flag(flag)), _) => Some(flag.to_string()),
        (_, "region") => Some(resource.region.as_str().to_owned()),
        (_, "arn") => resource.arn.as_ref().map(|arn| arn.as_str().to_owned()),
        (_, "name") => Some(resource.name.raw().to_owned()),
        // What CloudWatch calls a load balancer.
        (_, "arn_suffix") => {
            let (_, suffix) = resource.arn.as_ref()?.resource().split_once('/')?;
            Some(suffix.to_owned())
        }
        (_, "rds_instance_usage") if is_multi_az => Some("Multi-AZUsage".to_owned()),
        (_, "rds_instance_usage") => Some("InstanceUsage".to_owned()),
        (_, "rds_storage_usage") => {
            let Some(Value::Text(sort)) = fact("storage_type") else {
                return None;
            };
            let sort = match sort.raw() {
                "gp2" => "GP2-Storage",
                "gp3" => "GP3-Storage",
                "io1" => "PIOPS-Storage",
                "standard" => "StorageUsage",
                _ => return None,
            };
            let place = if is_multi_az { "Multi-AZ-" } else { "" };
            Some(format!("RDS:{place}{sort}"))
        }
        _ => None,
    }
}
