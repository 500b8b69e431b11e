//! How the resources of a plan are configured, before and afterwards, in the shape that checks
//! are evaluated over: companions folded into what they belong to, and what is known only
//! after the apply kept apart from what is not there.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value as Json;

use crate::catalog::configuration::{Companion, Shape, Shapes};
use crate::core::review::companions::{Linked, link};
use crate::core::review::configured::Configured;
use crate::core::review::group_rules::{has_rules, is_rule, link_rules};
use crate::core::review::planned::{
    PlannedResource, PlannedValue, Side, parts, planned, stands_for,
};
use crate::expr::Type;
use crate::model::configuration::{ACCOUNT, Configuration, ConfiguredResource, REGION};
use crate::model::fact::{Fact, FactName, Gap, GapCause, GapId, Value};
use crate::model::ids::{Arn, Region};
use crate::model::plan::{PlannedChange, TerraformPlan};
use crate::text::Untrusted;

/// Stands for a value that will be there, and is not known yet.
const SOME_VALUE: &str = "known after apply";

/// What is so of everything that Terraform makes of a type, and that no attribute says.
const MADE: &[(&str, &str, &str)] = &[
    ("aws_kms_key", "key_manager", "CUSTOMER"),
    ("aws_kms_key", "key_state", "Enabled"),
    ("aws_kms_key", "origin", "AWS_KMS"),
    (
        "aws_kms_key",
        "customer_master_key_spec",
        "SYMMETRIC_DEFAULT",
    ),
];

/// What is not there where a resource stands for itself: members of clusters are of another type.
const NEVER_THERE: &[(&str, &str)] = &[("aws_db_instance", "cluster_identifier")];

/// What is off where it is not written, although a plan says that it is known after the apply: AWS
/// gives it back, and has one default everywhere.
const OFF_UNLESS_WRITTEN: &[(&str, &str)] = &[
    ("aws_db_instance", "multi_az"),
    ("aws_dynamodb_table", "point_in_time_recovery"),
    ("aws_dynamodb_table", "server_side_encryption"),
    ("aws_lambda_function", "tracing_config"),
    ("aws_rds_cluster", "storage_encrypted"),
];

/// What only a launch template gives where it is not written.
const OFF_WITHOUT_TEMPLATE: &[(&str, &str)] = &[("aws_instance", "iam_instance_profile")];

/// The same inside of blocks, by names that mean one thing alone: who may reach an endpoint of EKS is
/// everyone where nobody is named.
const NONE_UNLESS_WRITTEN: &[&str] = &["public_access_cidrs"];

/// Lists that are empty where they are not written.
const EMPTY: &[(&str, &str)] = &[("aws_db_instance", "enabled_cloudwatch_logs_exports")];

/// Where and when resources are looked at.
#[derive(Clone, Copy)]
pub(super) struct SideMoment<'a> {
    pub(super) region: &'a Region,
    /// Runtimes and certificates have an end.
    pub(super) now: Timestamp,
}

/// Makes the configuration of one side. Resources of types that no check knows are left out,
/// and so are those that `is_wanted` is not about.
pub(super) fn configuration(
    plan: &TerraformPlan<'_>,
    configured: &Configured<'_>,
    side: Side,
    at: SideMoment<'_>,
    is_wanted: &dyn Fn(&PlannedChange<'_>) -> bool,
) -> Configuration {
    let shapes = Shapes::built_in();
    let mut maker = Maker {
        plan,
        configured,
        configuration: Configuration::new(at.now),
    };
    let region = at.region;
    let Sorted {
        parents,
        rules,
        companions,
    } = sorted(plan, side, is_wanted);
    maker.add_account(&companions);
    maker.add_region(&companions, region);
    let links = link(&parents, &companions, plan, configured);
    let rules = link_rules(&parents, &rules, plan, configured);
    for (at, parent) in parents.iter().enumerate() {
        let Some(shape) = shapes.get(parent.kind()) else {
            continue;
        };
        let mut facts = maker.own_facts(parent, shape);
        for (index, companion) in shape.companions.iter().enumerate() {
            maker.fold(companion, links.of(at, index), shape, &mut facts);
        }
        if has_rules(parent.kind()) {
            maker.add_rules(&rules, at, shape, &mut facts);
        }
        maker.add(parent, facts, region);
    }
    for rule in rules.orphans.iter().filter(|rule| is_wanted(rule.change)) {
        maker.add_orphan_rule(rule, region);
    }
    // Of what is attached to several that are not known, one stands for all.
    let mut named = BTreeSet::new();
    for (companion, parent) in links.orphans {
        let is_first = named.insert((companion.change.address.raw(), companion.kind()));
        if is_first && is_wanted(companion.change) {
            maker.add_orphan(companion, parent, region);
        }
    }
    maker.configuration
}

/// What a plan has on one side, by what it is looked at as.
#[derive(Default)]
struct Sorted<'p> {
    parents: Vec<PlannedResource<'p>>,
    rules: Vec<PlannedResource<'p>>,
    companions: Companions<'p>,
}

fn sorted<'p>(
    plan: &'p TerraformPlan<'_>,
    side: Side,
    is_wanted: &dyn Fn(&PlannedChange<'_>) -> bool,
) -> Sorted<'p> {
    let shapes = Shapes::built_in();
    let mut all = Sorted::default();
    for change in plan.changes.iter().filter(|change| change.is_current()) {
        let kinds = stands_for(change.resource_type.raw());
        let is_kind = |known: &dyn Fn(&str) -> bool| kinds.iter().any(|kind| known(kind));
        if is_kind(&is_rule) {
            all.rules.extend(planned(change, side));
        } else if is_kind(&|kind| shapes.parent_of(kind).is_some()) {
            for part in parts(change, side) {
                if let Some((parent, _)) = shapes.parent_of(part.kind()) {
                    all.companions.entry(parent).or_default().push(part);
                }
            }
        } else if is_kind(&|kind| shapes.get(kind).is_some()) && is_wanted(change) {
            all.parents.extend(planned(change, side));
        }
    }
    all
}

/// Parts of other resources, by the type of what they are parts of.
type Companions<'p> = BTreeMap<&'p str, Vec<PlannedResource<'p>>>;

/// Makes facts of what a plan says.
pub(super) struct Maker<'p, 't> {
    plan: &'p TerraformPlan<'p>,
    configured: &'p Configured<'t>,
    pub(super) configuration: Configuration,
}

impl Maker<'_, '_> {
    pub(super) fn gap(&mut self, subject: &str, message: String) -> GapId {
        self.configuration.add_gap(Gap {
            operation: "terraform plan".to_owned(),
            subject: subject.to_owned(),
            cause: GapCause::Partial,
            code: None,
            message: Untrusted::new(message),
            missing_permission: None,
        })
    }

    fn add(
        &mut self,
        parent: &PlannedResource<'_>,
        facts: BTreeMap<FactName, Fact>,
        region: &Region,
    ) {
        let name = ["bucket", "name", "function_name", "identifier"]
            .iter()
            .find_map(|key| parent.values.get(*key)?.as_str());
        self.configuration.resources.push(ConfiguredResource {
            resource_type: parent.kind().to_owned(),
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

    /// Settings of the account that the plan makes. One that blocks public buckets is taken as
    /// not there where the plan has none: a bucket should not depend on it.
    fn add_account(&mut self, companions: &Companions<'_>) {
        const BLOCK: &str = "s3_account_public_access_block";
        let everywhere = Region::new("global").expect("a region");
        let called = format!("aws_{BLOCK}");
        self.add_settings(companions, (ACCOUNT, everywhere), (BLOCK, called.as_str()));
    }

    /// Settings of the region that the plan makes. Scanning that a whole registry has is taken as
    /// not there where the plan has none: a repository should not depend on it.
    fn add_region(&mut self, companions: &Companions<'_>, at: &Region) {
        const SCANNING: &str = "ecr_registry_scanning_configuration";
        self.add_settings(companions, (REGION, at.clone()), (SCANNING, SCANNING));
    }

    /// Adds the one fact of an account or a region that a resource of the plan says. Gaps call the
    /// fact `called`.
    fn add_settings(
        &mut self,
        companions: &Companions<'_>,
        (of, region): (&str, Region),
        (name, called): (&str, &str),
    ) {
        let of_type = format!("aws_{name}");
        let mut all = companions.get(of).into_iter().flatten();
        let found = all.find(|one| one.change.resource_type.raw() == of_type);
        let kind = Shapes::built_in().get(of);
        let kind = kind.and_then(|shape| shape.facts.get(name));
        let fact = match (found, kind) {
            (Some(one), Some(kind)) => self.fact(called, one.all(self.configured), kind),
            _ => Fact::Absent,
        };
        let name = FactName::parse(name).expect("a name");
        self.configuration.resources.push(ConfiguredResource {
            resource_type: of.to_owned(),
            arn: None,
            address: None,
            name: Untrusted::from(of),
            region,
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
        let all = resource.all(self.configured);
        for (name, kind) in &shape.facts {
            let Ok(key) = FactName::parse(name) else {
                continue;
            };
            let made = made(resource, name);
            // What Terraform has no attribute for is not read.
            if shape.beyond_terraform.contains(name.as_str()) {
                facts.extend(made.map(|fact| (key, fact)));
                continue;
            }
            let mut planned = all.key(name);
            // A block that moved into a companion is computed where it is not written.
            let is_off = is_off_unless_written(resource.kind(), name, all.written)
                && planned.written.is_null();
            if is_off || folded.contains(name.as_str()) {
                planned.unknown = &Json::Null;
            }
            let fact = match (self.fact(name, planned, kind), made) {
                (Fact::Absent, Some(made)) => made,
                (fact, _) => fact,
            };
            facts.insert(key.clone(), shape.with_default(key.as_str(), fact));
        }
        facts
    }

    pub(super) fn fact(&mut self, name: &str, planned: PlannedValue<'_>, kind: &Type) -> Fact {
        if *planned.unknown == Json::Bool(true) {
            // A key or certificate that is referred to is there, whatever its name will be.
            let is_key = name.contains("kms") || name.ends_with("_arn");
            if is_key
                && matches!(kind, Type::Text)
                && self
                    .configured
                    .leads_to_resource(planned.of, planned.written)
            {
                return Fact::Known(Value::text(SOME_VALUE));
            }
            let gap = self.gap(name, "it is known only after the apply".to_owned());
            return Fact::Unreadable(gap);
        }
        match (planned.value, kind) {
            (Json::Null, _) => self.absent(name, planned.unknown),
            // A block that can occur once is a list of one.
            (Json::Array(items), Type::Record(_)) => match items.is_empty() {
                false => self.fact(name, planned.index(0), kind),
                true => self.absent(name, planned.unknown),
            },
            (Json::Array(items), _) => {
                let kind = match kind {
                    Type::List(of) => (**of).clone(),
                    _ => Type::Any,
                };
                let facts: Vec<Fact> = (0..items.len())
                    .map(|at| self.fact(name, planned.index(at), &kind))
                    .collect();
                Fact::Known(Value::list(facts))
            }
            (Json::Object(fields), kind) => self.map(fields, planned, kind),
            (scalar, kind) => of_scalar(scalar, kind),
        }
    }

    fn map(
        &mut self,
        fields: &serde_json::Map<String, Json>,
        planned: PlannedValue<'_>,
        kind: &Type,
    ) -> Fact {
        let mut entries = Vec::new();
        let unknown_keys = planned.unknown.as_object().map(|map| map.keys());
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
            let mut inner = planned.key(key);
            let is_none = NONE_UNLESS_WRITTEN.contains(&key.as_str());
            if is_none && !planned.written.is_null() && inner.written.is_null() {
                inner.unknown = &Json::Null;
            }
            let fact = self.fact(key, inner, &of.unwrap_or(Type::Any));
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
        facts.insert(name.clone(), shape.with_default(name.as_str(), fact));
    }

    pub(super) fn companion(
        &mut self,
        planned: &PlannedResource<'_>,
        companion: &Companion,
        kind: &Type,
    ) -> Fact {
        let all = planned.all(self.configured);
        match &companion.only {
            Some(only) => self.fact(only, all.key(only), kind),
            None => self.fact(&companion.fact, all, kind),
        }
    }
}

/// Whether an attribute is off where it is not written, in a resource that is written so.
fn is_off_unless_written(kind: &str, name: &str, written: &Json) -> bool {
    let is_in = |list: &[(&str, &str)]| list.contains(&(kind, name));
    let has_template = written.get("launch_template").is_some();
    written.is_object()
        && (is_in(OFF_UNLESS_WRITTEN) || (is_in(OFF_WITHOUT_TEMPLATE) && !has_template))
}

/// What is so of everything that Terraform makes of a type.
fn made(resource: &PlannedResource<'_>, name: &str) -> Option<Fact> {
    let of = |entry: &(&str, &str)| *entry == (resource.kind(), name);
    if NEVER_THERE.iter().any(of) {
        return Some(Fact::Absent);
    }
    if EMPTY.iter().any(of) {
        return Some(Fact::Known(Value::list([])));
    }
    let found = MADE.iter().find(|entry| of(&(entry.0, entry.1)));
    let is_off = resource.values.get("is_enabled") == Some(&Json::Bool(false));
    found
        .filter(|entry| !(entry.1 == "key_state" && is_off))
        .map(|entry| Fact::Known(Value::text(entry.2)))
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
