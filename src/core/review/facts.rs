//! How the resources of a plan are configured, before and afterwards, in the shape that checks
//! are evaluated over: companions folded into what they belong to, and what is known only
//! after the apply kept apart from what is not there.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value as Json;

use crate::catalog::configuration::{Companion, Shape, Shapes};
use crate::expr::Type;
use crate::model::configuration::{ACCOUNT, Configuration, ConfiguredResource};
use crate::model::fact::{Fact, FactName, Gap, GapCause, GapId, Value};
use crate::model::ids::{Arn, Region};
use crate::model::inventory::{address_steps, config_address};
use crate::model::plan::{PlanAction, PlannedChange, TerraformPlan};
use crate::text::Untrusted;

/// Stands for a value that will be there, and is not known yet.
const SOME_VALUE: &str = "known after apply";

/// A side of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Before,
    After,
}

/// One resource on one side of a plan.
struct PlannedResource<'p> {
    change: &'p PlannedChange<'p>,
    values: Json,
    unknown: Json,
}

/// Makes the configuration of one side. Resources of types that no check knows are left out,
/// and so are those that `is_wanted` is not about.
pub(super) fn configuration(
    plan: &TerraformPlan<'_>,
    side: Side,
    region: &Region,
    is_wanted: &dyn Fn(&PlannedChange<'_>) -> bool,
) -> Configuration {
    let shapes = Shapes::built_in();
    let mut maker = Maker {
        plan,
        configuration: Configuration::new(Timestamp::UNIX_EPOCH),
    };
    let mut parents: Vec<PlannedResource<'_>> = Vec::new();
    let mut companions: BTreeMap<&str, Vec<PlannedResource<'_>>> = BTreeMap::new();
    for change in plan.changes.iter().filter(|change| change.is_current()) {
        let kind = change.resource_type.raw();
        if let Some((parent, _)) = shapes.parent_of(kind) {
            companions
                .entry(parent)
                .or_default()
                .extend(planned(change, side));
        } else if shapes.get(kind).is_some() && is_wanted(change) {
            parents.extend(planned(change, side));
        }
    }
    maker.add_account(&companions);
    let links = link(&parents, &companions, plan);
    for (at, parent) in parents.iter().enumerate() {
        let Some(shape) = shapes.get(parent.change.resource_type.raw()) else {
            continue;
        };
        let mut facts = maker.own_facts(parent, shape);
        for (index, companion) in shape.companions.iter().enumerate() {
            maker.fold(companion, links.of(at, index), shape, &mut facts);
        }
        let name = ["bucket", "name", "function_name", "identifier"]
            .iter()
            .find_map(|key| parent.values.get(*key)?.as_str());
        maker.configuration.resources.push(ConfiguredResource {
            resource_type: parent.change.resource_type.raw().to_owned(),
            arn: parent
                .values
                .get("arn")
                .and_then(Json::as_str)
                .and_then(|arn| Arn::new(arn).ok()),
            address: Some(parent.change.address.clone()),
            name: name.map_or_else(|| parent.change.name.clone(), Untrusted::from),
            region: region.clone(),
            account: None,
            facts,
        });
    }
    maker.configuration
}

fn planned<'p>(change: &'p PlannedChange<'p>, side: Side) -> Option<PlannedResource<'p>> {
    let (values, unknown) = match side {
        Side::Before => (change.before(), Json::Null),
        Side::After if matches!(change.action, PlanAction::Destroy | PlanAction::Forget) => {
            return None;
        }
        Side::After => (change.after(), change.after_unknown()),
    };
    values.is_object().then_some(PlannedResource {
        change,
        values,
        unknown,
    })
}

struct Maker<'p> {
    plan: &'p TerraformPlan<'p>,
    configuration: Configuration,
}

impl Maker<'_> {
    fn gap(&mut self, subject: &str, message: String) -> GapId {
        self.configuration.add_gap(Gap {
            operation: "terraform plan".to_owned(),
            subject: subject.to_owned(),
            cause: GapCause::Partial,
            code: None,
            message: Untrusted::new(message),
            missing_permission: None,
        })
    }

    /// Settings of the account that the plan makes. One that blocks public buckets is taken as
    /// not there where the plan has none: a bucket should not depend on it.
    fn add_account(&mut self, companions: &BTreeMap<&str, Vec<PlannedResource<'_>>>) {
        const BLOCK: &str = "aws_s3_account_public_access_block";
        let mut of_account = companions.get(ACCOUNT).into_iter().flatten();
        let block = of_account.find(|one| one.change.resource_type.raw() == BLOCK);
        let kind = Shapes::built_in().get(ACCOUNT);
        let kind = kind.and_then(|shape| shape.facts.get("s3_account_public_access_block"));
        let fact = match (block, kind) {
            (Some(block), Some(kind)) => self.fact(BLOCK, &block.values, &block.unknown, kind),
            _ => Fact::Absent,
        };
        let name = FactName::parse("s3_account_public_access_block").expect("a name");
        self.configuration.resources.push(ConfiguredResource {
            resource_type: ACCOUNT.to_owned(),
            arn: None,
            address: None,
            name: Untrusted::from(ACCOUNT),
            region: Region::new("global").expect("a region"),
            account: None,
            facts: BTreeMap::from([(name, fact)]),
        });
    }

    fn own_facts(
        &mut self,
        resource: &PlannedResource<'_>,
        shape: &Shape,
    ) -> BTreeMap<FactName, Fact> {
        let folded: BTreeSet<&str> = shape
            .companions
            .iter()
            .map(|one| one.fact.as_str())
            .collect();
        let mut facts = BTreeMap::new();
        for (name, kind) in &shape.facts {
            // What Terraform has no attribute for is not read.
            if shape.beyond_terraform.contains(name.as_str()) {
                continue;
            }
            let Ok(key) = FactName::parse(name) else {
                continue;
            };
            let value = resource.values.get(name.as_str()).unwrap_or(&Json::Null);
            let unknown = resource.unknown.get(name.as_str()).unwrap_or(&Json::Null);
            let is_inline = folded.contains(name.as_str());
            // A block that moved into a companion is computed where it is not written.
            let unknown = if is_inline { &Json::Null } else { unknown };
            let fact = self.fact(name, value, unknown, kind);
            facts.insert(key.clone(), shape.with_default(&key, fact));
        }
        facts
    }

    fn fact(&mut self, name: &str, value: &Json, unknown: &Json, kind: &Type) -> Fact {
        if *unknown == Json::Bool(true) {
            // The key or certificate is named, so there is one.
            let is_named = name.contains("kms") || name.ends_with("_arn");
            if is_named && matches!(kind, Type::Text) {
                return Fact::Known(Value::text(SOME_VALUE));
            }
            let gap = self.gap(name, "it is known only after the apply".to_owned());
            return Fact::Unreadable(gap);
        }
        match (value, kind) {
            (Json::Null, _) => self.absent(name, unknown),
            // A block that can occur once is a list of one.
            (Json::Array(items), Type::Record(_)) => match items.first() {
                Some(first) => {
                    let unknown = unknown.get(0).unwrap_or(&Json::Null);
                    self.fact(name, first, unknown, kind)
                }
                None => self.absent(name, unknown),
            },
            (Json::Array(items), _) => {
                let kind = match kind {
                    Type::List(of) => (**of).clone(),
                    _ => Type::Any,
                };
                let unknown = |at: usize| unknown.get(at).unwrap_or(&Json::Null);
                let items = items.iter().enumerate();
                let facts: Vec<Fact> = items
                    .map(|(at, item)| self.fact(name, item, unknown(at), &kind))
                    .collect();
                Fact::Known(Value::list(facts))
            }
            (Json::Object(fields), kind) => self.map(fields, unknown, kind),
            (scalar, kind) => of_scalar(scalar, kind),
        }
    }

    fn map(&mut self, fields: &serde_json::Map<String, Json>, unknown: &Json, kind: &Type) -> Fact {
        let mut entries = Vec::new();
        let unknown_keys = unknown.as_object().map(|map| map.keys());
        let keys: BTreeSet<&String> = fields
            .keys()
            .chain(unknown_keys.into_iter().flatten())
            .collect();
        for key in keys {
            let of = match kind {
                Type::Record(schema) => schema.get(key.as_str()).cloned(),
                Type::Map(of) => Some((**of).clone()),
                _ => None,
            };
            let value = fields.get(key).unwrap_or(&Json::Null);
            let unknown = unknown.get(key).unwrap_or(&Json::Null);
            let fact = self.fact(key, value, unknown, &of.unwrap_or(Type::Any));
            entries.push((key.as_str(), fact));
        }
        Fact::Known(Value::map(entries))
    }

    /// Nothing is there; or parts of it will be, which are not known yet.
    fn absent(&mut self, name: &str, unknown: &Json) -> Fact {
        match has_true(unknown) {
            true => Fact::Unreadable(self.gap(name, "it is known only after the apply".to_owned())),
            false => Fact::Absent,
        }
    }

    fn fold(
        &mut self,
        companion: &Companion,
        linked: &Linked<'_>,
        shape: &Shape,
        facts: &mut BTreeMap<FactName, Fact>,
    ) {
        let Ok(name) = FactName::parse(&companion.fact) else {
            return;
        };
        let kind = shape
            .facts
            .get(companion.fact.as_str())
            .cloned()
            .unwrap_or(Type::Any);
        let one = match (&kind, companion.many) {
            (Type::List(of), true) => (**of).clone(),
            _ => kind.clone(),
        };
        let found: Vec<Fact> = linked
            .sure
            .iter()
            .map(|planned| self.companion(planned, companion, &one))
            .collect();
        let is_inline = facts.get(&name).is_some_and(|fact| fact.known().is_some());
        let missing = |maker: &mut Self| {
            if let Some(maybe) = linked.maybe.first() {
                let text = format!("the companion may be {}", maybe.change.address.raw());
                return Fact::Unreadable(maker.gap(&companion.resource_type, text));
            }
            if maker.plan.complete == Some(false) {
                let text = "the plan leaves out changes".to_owned();
                return Fact::Unreadable(maker.gap(&companion.resource_type, text));
            }
            Fact::Absent
        };
        let fact = if companion.many {
            match found.is_empty() && linked.maybe.is_empty() && self.plan.complete != Some(false) {
                true if is_inline => return,
                true => Fact::Known(Value::list([])),
                false if found.is_empty() => missing(self),
                false => Fact::Known(Value::list(found)),
            }
        } else {
            match found.into_iter().next() {
                Some(fact) => fact,
                None if is_inline => return,
                None => missing(self),
            }
        };
        facts.insert(name.clone(), shape.with_default(&name, fact));
    }

    fn companion(
        &mut self,
        planned: &PlannedResource<'_>,
        companion: &Companion,
        kind: &Type,
    ) -> Fact {
        match &companion.only {
            Some(only) => {
                let value = planned.values.get(only.as_str()).unwrap_or(&Json::Null);
                let unknown = planned.unknown.get(only.as_str()).unwrap_or(&Json::Null);
                self.fact(only, value, unknown, kind)
            }
            None => self.fact(&companion.fact, &planned.values, &planned.unknown, kind),
        }
    }
}

/// A text, number or flag as what its attribute is; what does not fit is not there.
fn of_scalar(value: &Json, kind: &Type) -> Fact {
    let value = match (value, kind) {
        (Json::String(text), Type::Time) => text.parse::<Timestamp>().ok().map(Value::from),
        (Json::String(text), Type::Number) => text.parse::<f64>().ok().map(Value::Number),
        (Json::String(text), Type::Flag) => text.parse::<bool>().ok().map(Value::Flag),
        (Json::String(text), _) => Some(Value::text(text.as_str())),
        (Json::Bool(flag), Type::Text) => Some(Value::text(flag.to_string())),
        (Json::Bool(flag), _) => Some(Value::Flag(*flag)),
        (Json::Number(number), Type::Text) => Some(Value::text(number.to_string())),
        (Json::Number(number), _) => number.as_f64().map(Value::Number),
        _ => None,
    };
    value.map_or(Fact::Absent, Fact::Known)
}

fn has_true(value: &Json) -> bool {
    match value {
        Json::Bool(flag) => *flag,
        Json::Array(items) => items.iter().any(has_true),
        Json::Object(fields) => fields.values().any(has_true),
        _ => false,
    }
}

/// Companions of one parent by the index of their kind.
#[derive(Default)]
struct Linked<'l> {
    /// Those that belong to it.
    sure: Vec<&'l PlannedResource<'l>>,
    /// Those of which it is not known whose they are.
    maybe: Vec<&'l PlannedResource<'l>>,
}

struct CompanionLinks<'l> {
    found: BTreeMap<(usize, usize), Linked<'l>>,
    none: Linked<'l>,
}

impl<'l> CompanionLinks<'l> {
    fn of(&self, parent: usize, companion: usize) -> &Linked<'l> {
        self.found.get(&(parent, companion)).unwrap_or(&self.none)
    }
}

/// Finds whose companions are whose: by the value that names the parent, else by reference.
fn link<'l>(
    parents: &'l [PlannedResource<'l>],
    companions: &'l BTreeMap<&str, Vec<PlannedResource<'l>>>,
    plan: &TerraformPlan<'_>,
) -> CompanionLinks<'l> {
    let shapes = Shapes::built_in();
    let mut links = CompanionLinks {
        found: BTreeMap::new(),
        none: Linked::default(),
    };
    for (kind, list) in companions {
        let of_kind: Vec<usize> = (0..parents.len())
            .filter(|at| parents[*at].change.resource_type.raw() == *kind)
            .collect();
        for planned in list {
            let own = planned.change.resource_type.raw();
            let Some((_, companion)) = shapes.parent_of(own) else {
                continue;
            };
            let Some(index) = shapes.get(kind).and_then(|shape| {
                shape
                    .companions
                    .iter()
                    .position(|one| one.resource_type == own)
            }) else {
                continue;
            };
            let (sure, maybe) = parents_of(planned, companion, &of_kind, parents, plan);
            for at in sure {
                links
                    .found
                    .entry((at, index))
                    .or_default()
                    .sure
                    .push(planned);
            }
            for at in maybe {
                links
                    .found
                    .entry((at, index))
                    .or_default()
                    .maybe
                    .push(planned);
            }
        }
    }
    links
}

/// The parents that a companion has, and those that it may have.
fn parents_of(
    planned: &PlannedResource<'_>,
    companion: &Companion,
    of_kind: &[usize],
    parents: &[PlannedResource<'_>],
    plan: &TerraformPlan<'_>,
) -> (Vec<usize>, Vec<usize>) {
    let named = companion
        .by
        .as_ref()
        .and_then(|by| planned.values.get(by.as_str())?.as_str());
    if let Some(named) = named {
        let is_it = |at: &&usize| {
            let values = &parents[**at].values;
            companion
                .of
                .iter()
                .any(|key| values.get(key.as_str()).and_then(Json::as_str) == Some(named))
        };
        return (of_kind.iter().filter(is_it).copied().collect(), Vec::new());
    }
    let address = config_address(planned.change.address.raw());
    let Some(references) = plan.references.get(&address) else {
        return (Vec::new(), of_kind.to_vec());
    };
    let referred: Vec<usize> = of_kind
        .iter()
        .filter(|at| references.contains(&config_address(parents[**at].change.address.raw())))
        .copied()
        .collect();
    if referred.len() <= 1 {
        let maybe = if referred.is_empty() {
            of_kind.to_vec()
        } else {
            Vec::new()
        };
        return (referred, maybe);
    }
    let keys = |change: &PlannedChange<'_>| -> Vec<String> {
        let steps = address_steps(change.address.raw());
        steps
            .iter()
            .map(|step| step.1.to_owned())
            .filter(|key| !key.is_empty())
            .collect()
    };
    let own = keys(planned.change);
    let same: Vec<usize> = referred
        .iter()
        .filter(|at| keys(parents[**at].change) == own)
        .copied()
        .collect();
    match same.len() {
        1 => (same, Vec::new()),
        _ => (Vec::new(), referred),
    }
}
