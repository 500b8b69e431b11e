//! What the expressions of a rule ask about, for one resource.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use crate::catalog::configuration::Shapes;
use crate::catalog::opportunities::OpportunityRule;
use crate::core::cost::case::{RuleCase, fill_for};
use crate::core::cost::related;
use crate::core::cost::related::hidden_map;
use crate::core::cost::statistics::{Existence, Measured, measure};
use crate::core::cost::world::CostWorld;
use crate::expr::{Expression, Fact, GapId, Map, Unknown, Value};
use crate::model::configuration::{ConfiguredResource, Extent};
use crate::model::cost::FigureSource;
use crate::model::fact::{FactName, GapCause};
use crate::text::Untrusted;

impl<'a> RuleCase<'a> {
    /// Returns what is known without metrics and prices.
    pub(super) fn new(
        world: &'a CostWorld<'a>,
        rule: &'a OpportunityRule,
        resource: &'a ConfiguredResource,
    ) -> Self {
        let mut case = Self {
            world,
            rule,
            resource,
            facts: BTreeMap::new(),
            gaps: Vec::new(),
            not_collected: false,
            price_dates: BTreeSet::new(),
            sources: Vec::new(),
            billed: Vec::new(),
        };
        let own = case.own_facts();
        case.facts.insert("resource".to_owned(), own);
        let size = related::size(&mut case);
        case.facts.insert("size".to_owned(), size.into());
        let related = Value::map([("ami", related::image(&mut case))]);
        case.facts.insert("related".to_owned(), related.into());
        let is_critical = Value::map([("is_critical", Fact::from(world.is_critical))]);
        case.facts
            .insert("environment".to_owned(), is_critical.into());
        if rule.created.is_some() {
            let age = case.age();
            case.facts.insert("age_days".to_owned(), age);
        }
        case
    }

    /// Adds metrics, prices and costs.
    pub(super) fn read_all(&mut self) {
        let usage = self.usage();
        self.facts.insert("usage".to_owned(), usage);
        let prices = self.prices();
        self.facts.insert("price".to_owned(), prices);
        let costs = self.costs();
        self.facts.insert("cost".to_owned(), costs);
    }

    /// Whether what is known without metrics says that there is nothing to find, so that none need
    /// to be read.
    pub(super) fn is_ruled_out(&mut self) -> bool {
        let gap = self.gap(
            "cloudwatch:GetMetricData",
            GapCause::NotAsked,
            "not asked yet",
        );
        self.facts
            .insert("usage".to_owned(), hidden_map(gap).into());
        let no = |case: &Self, expression: &Expression| {
            matches!(case.evaluate(expression), Ok(Value::Flag(false)))
        };
        let applies = self.rule.applies_when.as_ref();
        applies.is_some_and(|applies| no(self, applies)) || no(self, &self.rule.when)
    }

    fn own_facts(&mut self) -> Fact {
        let shape = Shapes::built_in().get(&self.rule.applies_to);
        let with_default = |name: &FactName, fact: &Fact| match shape {
            Some(shape) => shape.with_default(name.as_str(), fact.clone()),
            None => fact.clone(),
        };
        let entries: BTreeMap<Untrusted, Fact> = self
            .resource
            .facts
            .iter()
            .map(|(name, fact)| (Untrusted::from(name.as_str()), with_default(name, fact)))
            .collect();
        let gap = self.gap("configuration", GapCause::NotAsked, "not read");
        Value::Map(Arc::new(Map {
            entries,
            unseen: BTreeSet::from([gap]),
        }))
        .into()
    }

    /// Whole days since it was created.
    fn age(&mut self) -> Fact {
        match self.created() {
            Ok(created) => {
                let seconds = self.world.now.as_second() - created.as_second();
                Fact::from((seconds as f64 / 86_400.0).floor())
            }
            Err(gap) => Fact::Unreadable(gap),
        }
    }

    fn created(&mut self) -> Result<Timestamp, GapId> {
        let name = self.rule.created.clone().unwrap_or_default();
        let read = match self.fact(&name) {
            Fact::Known(Value::Time(time)) => Some(time),
            Fact::Known(Value::Text(text)) => text.raw().parse().ok(),
            Fact::Unreadable(gap) => return Err(gap),
            Fact::Known(_) | Fact::Absent => None,
        };
        let operation = "configuration";
        let message = "it is not known since when it exists";
        read.ok_or_else(|| self.gap(operation, GapCause::Partial, message))
    }

    fn usage(&mut self) -> Fact {
        let mut entries: Vec<(String, Fact)> = Vec::new();
        let existence = match self.rule.created {
            Some(_) => self.created().map_or(Existence::Unknown, Existence::Since),
            None => Existence::Unknown,
        };
        let rule = self.rule;
        for (name, metric) in &rule.usage {
            let key = match self.metric(metric) {
                Ok(key) => key,
                Err(gap) => {
                    entries.push((name.clone(), hidden_map(gap).into()));
                    continue;
                }
            };
            let fact = match self.world.utilisation.get(&key) {
                Some(Ok(series)) => match measure(metric, series.as_ref(), key.days, existence) {
                    Measured::Statistics(statistics) => statistics.into(),
                    Measured::NotCollected => {
                        self.not_collected = true;
                        Fact::Absent
                    }
                    Measured::NotCovered(why) => {
                        let gap = self.gap("cloudwatch:GetMetricData", GapCause::Partial, &why);
                        hidden_map(gap).into()
                    }
                },
                Some(Err(gap)) => hidden_map(self.add(gap.clone())).into(),
                None => {
                    let why = format!("{} was not read", metric.metric);
                    let gap = self.gap("cloudwatch:GetMetricData", GapCause::NotAsked, &why);
                    hidden_map(gap).into()
                }
            };
            entries.push((name.clone(), fact));
        }
        Value::map(entries).into()
    }

    fn prices(&mut self) -> Fact {
        let rule = self.rule;
        let mut entries: Vec<(String, Fact)> = Vec::new();
        for (name, key) in &rule.prices {
            let fact = match self.fill(key) {
                Ok(key) => match self.world.prices.price(&self.resource.region, &key) {
                    Ok(price) => {
                        self.price_dates.extend(price.date);
                        price.usd.into()
                    }
                    Err(none) => {
                        let why = none.to_string();
                        Fact::Unreadable(self.gap("prices", GapCause::NotRecorded, &why))
                    }
                },
                Err(gap) => Fact::Unreadable(gap),
            };
            entries.push((name.clone(), fact));
        }
        Value::map(entries).into()
    }

    fn costs(&mut self) -> Fact {
        let rule = self.rule;
        let mut entries: Vec<(String, Fact)> = Vec::new();
        for (name, part) in &rule.costs {
            let billed = self.fill(&part.usage_type).ok();
            let bill = billed.as_deref().and_then(|usage_type| {
                let sharing = self.sharing(part.shared_by.as_deref())?;
                let region = self.resource.region.as_str();
                let bill = self.world.bill.as_ref()?;
                bill.share(&part.service, usage_type, region, sharing)
            });
            self.billed
                .extend(billed.map(|usage_type| (part.service.clone(), usage_type)));
            let fact = match bill {
                Some(amount) => {
                    self.sources.push(FigureSource::Actual);
                    Fact::from(amount)
                }
                None => {
                    self.sources.push(FigureSource::Estimated);
                    match self.number(&part.by_price) {
                        Ok(amount) => Fact::from(amount),
                        Err(unknown) => Fact::Unreadable(self.gap_of(&unknown)),
                    }
                }
            };
            entries.push((name.clone(), fact));
        }
        Value::map(entries).into()
    }

    /// The gap that stands for all reasons of something unknown.
    fn gap_of(&mut self, unknown: &Unknown) -> GapId {
        if let Some(gap) = unknown.gaps().next() {
            return gap;
        }
        let reasons = self.reasons(unknown);
        let why = reasons
            .first()
            .map_or_else(String::new, Untrusted::redacted);
        self.gap("prices", GapCause::Partial, &why)
    }

    /// How many resources share the usage type in equal parts; `None` where that is not known, or
    /// where there are others whose part is not equal.
    fn sharing(&self, shared_by: Option<&str>) -> Option<usize> {
        let of_type = self.world.configuration.of_type(&self.rule.applies_to);
        let region = &self.resource.region;
        let in_region: Vec<&ConfiguredResource> =
            of_type.filter(|one| one.region == *region).collect();
        let mut coverage = self.world.configuration.coverage.iter();
        let is_complete = coverage.any(|one| {
            one.resource_type == self.rule.applies_to
                && (one.region == *region || one.region.as_str() == "global")
                && one.extent == Extent::Complete
        });
        match shared_by {
            _ if !is_complete => None,
            None => (in_region.len() == 1).then_some(1),
            Some(template) => {
                let own = fill_for(self.resource, template)?;
                let all: Option<Vec<String>> = in_region
                    .iter()
                    .map(|one| fill_for(one, template))
                    .collect();
                Some(all?.iter().filter(|other| **other == own).count())
            }
        }
    }
}
