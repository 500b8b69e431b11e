//! Parts of something: rules of security groups and network ACLs, and what belongs to something
//! that is not known.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value as Json;

use crate::catalog::configuration::{Shape, Shapes};
use crate::core::review::facts::Maker;
use crate::core::review::group_rules::{GroupRules, as_block, parent_type};
use crate::core::review::planned::{PlannedResource, PlannedValue};
use crate::expr::{List, Type};
use crate::model::configuration::ConfiguredResource;
use crate::model::fact::{Fact, FactName, GapId, Value};
use crate::model::ids::Region;

impl Maker<'_, '_> {
    /// A part of something that is not known: what it opens, it opens all the same, and of the rest
    /// nothing is known.
    pub(super) fn add_orphan(
        &mut self,
        planned: &PlannedResource<'_>,
        parent: &str,
        region: &Region,
    ) {
        let shapes = Shapes::built_in();
        let found = shapes.parent_of(planned.kind()).zip(shapes.get(parent));
        let Some(((_, companion), shape)) = found else {
            return;
        };
        let (gap, mut facts) = self.nothing_known(planned, shape);
        let (Ok(name), Some(kind)) = (
            FactName::parse(&companion.fact),
            shape.facts.get(companion.fact.as_str()),
        ) else {
            return;
        };
        let own = match (kind, companion.many) {
            (Type::List(of), true) => {
                let items = vec![self.companion(planned, companion, of)];
                let unseen = BTreeSet::from([gap]);
                Fact::Known(Value::List(Arc::new(List { items, unseen })))
            }
            _ => self.companion(planned, companion, kind),
        };
        facts.insert(name, own);
        self.push_orphan(planned, parent, facts, region);
    }

    /// A rule of something that is not known.
    pub(super) fn add_orphan_rule(&mut self, rule: &PlannedResource<'_>, region: &Region) {
        let parent = parent_type(rule.kind()).unwrap_or_default();
        let Some(shape) = Shapes::built_in().get(parent) else {
            return;
        };
        let (gap, mut facts) = self.nothing_known(rule, shape);
        let Some(item) = self.rule(rule, shape) else {
            return;
        };
        let list = List {
            items: vec![item],
            unseen: BTreeSet::from([gap]),
        };
        let name = FactName::parse("ingress").expect("a name");
        facts.insert(name, Fact::Known(Value::List(Arc::new(list))));
        self.push_orphan(rule, parent, facts, region);
    }

    /// Adds the rules that are resources of their own to those that are blocks.
    pub(super) fn add_rules(
        &mut self,
        rules: &GroupRules<'_>,
        at: usize,
        shape: &Shape,
        facts: &mut BTreeMap<FactName, Fact>,
    ) {
        let own = rules.sure.iter().filter(|(group, _)| *group == at);
        let items: Vec<Fact> = own.filter_map(|(_, rule)| self.rule(rule, shape)).collect();
        let maybe = rules.maybe.iter().find(|(group, _)| *group == at);
        if items.is_empty() && maybe.is_none() {
            return;
        }
        let name = FactName::parse("ingress").expect("a name");
        let mut list = match facts.get(&name).and_then(Fact::known) {
            Some(Value::List(list)) => (**list).clone(),
            _ => List::default(),
        };
        list.items.extend(items);
        if let Some((_, rule)) = maybe {
            let text = format!("the rule may be {}", rule.change.address.raw());
            list.unseen.insert(self.gap(rule.kind(), text));
        }
        facts.insert(name, Fact::Known(Value::List(Arc::new(list))));
    }

    fn rule(&mut self, rule: &PlannedResource<'_>, shape: &Shape) -> Option<Fact> {
        let (value, unknown) = as_block(rule)?;
        let Some(Type::List(kind)) = shape.facts.get("ingress") else {
            return None;
        };
        let planned = PlannedValue {
            value: &value,
            unknown: &unknown,
            written: &Json::Null,
            of: rule.change.address.raw(),
        };
        Some(self.fact("ingress", planned, kind))
    }

    /// Every fact of something that is not in the plan, and the gap that it is.
    fn nothing_known(
        &mut self,
        planned: &PlannedResource<'_>,
        shape: &Shape,
    ) -> (GapId, BTreeMap<FactName, Fact>) {
        let text = "what it belongs to is not known".to_owned();
        let gap = self.gap(planned.change.address.raw(), text);
        let names = shape
            .facts
            .keys()
            .filter_map(|name| FactName::parse(name).ok());
        (
            gap,
            names.map(|name| (name, Fact::Unreadable(gap))).collect(),
        )
    }

    fn push_orphan(
        &mut self,
        planned: &PlannedResource<'_>,
        parent: &str,
        facts: BTreeMap<FactName, Fact>,
        region: &Region,
    ) {
        self.configuration.resources.push(ConfiguredResource {
            resource_type: parent.to_owned(),
            arn: None,
            address: Some(planned.change.address.clone()),
            name: planned.change.name.clone(),
            region: region.clone(),
            account: None,
            facts,
        });
    }
}
