//! The examples in the files of checks: one world each, evaluated and compared with the file.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::catalog::checks::{Check, CheckExample};
use crate::catalog::configuration::Shapes;
use crate::catalog::registry::{DataError, Fault, Registry, Step, Whose};
use crate::core::known::Obstacle;
use crate::expr::{Schema, Type};
use crate::model::audit::CheckVerdict;
use crate::model::configuration::{
    ACCOUNT, Configuration, ConfiguredResource, Extent, REGION, TypeCoverage,
};
use crate::model::fact::{Fact, FactName, Gap, GapCause, GapId, Value};
use crate::model::ids::{AccountId, Arn, Region};
use crate::text::{Untrusted, similar};

use super::{AuditInput, Judgement, evaluate};

const READ_AT: &str = "2026-11-30T00:00:00Z";
const OWN_ACCOUNT: &str = "123456789012";
const HOME: &str = "eu-west-1";

/// Evaluates every example of these checks, and says which do not come out as their files say.
pub fn run(checks: &Registry<Check>, of: Whose) -> Vec<DataError> {
    checks.run_examples(of, |check, example| {
        let configuration = configuration(check, example)?;
        compare(check, example, &configuration)
    })
}

fn compare(check: &Check, example: &CheckExample, read: &Configuration) -> Result<(), Fault> {
    let input = AuditInput {
        environment: "example",
        critical: example.critical,
        configuration: read,
        rules: &example.compliance,
    };
    let evaluation = evaluate(&input, &[check]);
    let subject = read.resources.first();
    let found = evaluation
        .judgements
        .iter()
        .find(|one| Some(one.resource) == subject);
    let found = found.ok_or_else(|| {
        Fault::new(
            [Step::from("type")],
            "the check does not apply to this type",
        )
    })?;
    if found.verdict != example.verdict {
        let message = format!("the verdict is {}", shown(found, read));
        return Err(Fault::new([Step::from("verdict")], message));
    }
    let severity = found.failures.first().map(|one| one.severity);
    if example.severity.is_some() && example.severity != severity {
        let message = format!("the severity is {severity:?}");
        return Err(Fault::new([Step::from("severity")], message));
    }
    if let Some(wanted) = &example.keys {
        let keys = found.failures.iter().filter_map(|one| one.key.clone());
        let keys: Vec<String> = keys.collect();
        if keys != *wanted {
            let message = format!("the keys are {keys:?}");
            return Err(Fault::new([Step::from("keys")], message));
        }
    }
    let named = named(found, read);
    match example.names.iter().position(|name| !named.contains(name)) {
        Some(index) => {
            let message = format!("what stands in the way is {named:?}");
            Err(Fault::new(["names".into(), index.into()], message))
        }
        None => Ok(()),
    }
}

fn shown(found: &Judgement<'_>, read: &Configuration) -> String {
    match found.verdict {
        CheckVerdict::Unknown => format!("`unknown`: {}", named(found, read).join(", ")),
        verdict => format!("`{verdict}`"),
    }
}

fn named(found: &Judgement<'_>, read: &Configuration) -> Vec<String> {
    let each = found.obstacles.iter().map(|obstacle| match obstacle {
        Obstacle::Gap(gap) => read
            .gap(*gap)
            .map(|gap| gap.operation.clone())
            .unwrap_or_default(),
        Obstacle::NotRead(name) => name.clone(),
        Obstacle::Unclear(why) => why.clone(),
    });
    each.collect()
}

/// Returns the world of an example. The resource is the first in it.
pub(super) fn configuration(check: &Check, example: &CheckExample) -> Result<Configuration, Fault> {
    let mut read = Configuration::new(read_at(example)?);
    read.account = AccountId::new(OWN_ACCOUNT).ok();
    let own = example
        .resource_type
        .as_ref()
        .unwrap_or(&check.form.applies_to[0]);
    let mut first = resource(own, &example.resource).map_err(below("resource"))?;
    let address = format!("{own}.example");
    first.address = example.planned.then(|| Untrusted::new(address));
    let mut account = resource(ACCOUNT, &example.account).map_err(below("account"))?;
    let mut region = resource(REGION, &example.region).map_err(below("region"))?;
    let mut unlisted: BTreeMap<&str, GapId> = BTreeMap::new();
    for (index, name) in example.unreadable.iter().enumerate() {
        let gap = read.add_gap(gap(name));
        let (holder, fact) = match name.split_once('.') {
            Some(("account", fact)) => (&mut account, fact),
            Some(("region", fact)) => (&mut region, fact),
            Some(("resource", fact)) => (&mut first, fact),
            _ if Shapes::built_in().get(name).is_some() => {
                unlisted.insert(name, gap);
                continue;
            }
            _ => (&mut first, name.as_str()),
        };
        hide(holder, fact, gap).map_err(below_index("unreadable", index))?;
    }
    let is_pseudo = first.resource_type == ACCOUNT || first.resource_type == REGION;
    let own_type = first.resource_type.clone();
    read.resources.push(first);
    let beside = [account, region];
    read.resources.extend(
        beside
            .into_iter()
            .filter(|one| !is_pseudo || one.resource_type != own_type),
    );
    for (index, table) in example.others.iter().enumerate() {
        let other = other(table).map_err(below_index("others", index))?;
        read.resources.push(other);
    }
    for (name, _) in Shapes::built_in().types() {
        let extent = unlisted
            .get(name)
            .map_or(Extent::Complete, |gap| Extent::Unread(*gap));
        read.coverage.push(TypeCoverage {
            resource_type: name.to_owned(),
            region: Region::new(HOME).expect("a region"),
            extent,
        });
    }
    Ok(read)
}

/// Returns when the world of an example was read.
fn read_at(example: &CheckExample) -> Result<Timestamp, Fault> {
    let Some(at) = &example.at else {
        return Ok(READ_AT.parse().expect("a fixed moment"));
    };
    at.to_string().parse().map_err(|_| {
        let message = "not a moment, such as 2026-11-30T00:00:00Z";
        Fault::new([Step::from("at")], message)
    })
}

fn below(key: &'static str) -> impl Fn(Fault) -> Fault {
    move |fault| fault.below([Step::from(key)])
}

fn below_index(key: &'static str, index: usize) -> impl Fn(Fault) -> Fault {
    move |fault| fault.below([Step::from(key), Step::from(index)])
}

fn gap(name: &str) -> Gap {
    Gap {
        operation: name.to_owned(),
        subject: "the resource of an example".to_owned(),
        cause: GapCause::Denied,
        code: None,
        message: Untrusted::from("an example says that it was not readable"),
        missing_permission: None,
    }
}

fn hide(holder: &mut ConfiguredResource, fact: &str, gap: GapId) -> Result<(), Fault> {
    let shape = Shapes::built_in().get(&holder.resource_type);
    let known = shape.is_some_and(|shape| shape.facts.contains_key(fact));
    let name = FactName::parse(fact).ok().filter(|_| known);
    let name = name.ok_or_else(|| unknown_name(fact, shape.map(|shape| &shape.facts)))?;
    holder.facts.insert(name, Fact::Unreadable(gap));
    Ok(())
}

fn other(table: &toml::Table) -> Result<ConfiguredResource, Fault> {
    let mut rest = table.clone();
    match rest.remove("type") {
        Some(toml::Value::String(name)) if Shapes::built_in().get(&name).is_some() => {
            resource(&name, &rest)
        }
        _ => Err(Fault::new(
            [Step::from("type")],
            "`type` is no type of resource",
        )),
    }
}

/// A resource with these facts; every other fact that its type has is absent.
fn resource(name: &str, table: &toml::Table) -> Result<ConfiguredResource, Fault> {
    let shape = Shapes::built_in().get(name);
    let shape = shape.ok_or_else(|| Fault::new([], format!("the type `{name}` is not known")))?;
    let mut facts = BTreeMap::new();
    for fact in shape.facts.keys() {
        if let Ok(fact) = FactName::parse(fact) {
            facts.insert(fact, Fact::Absent);
        }
    }
    for (key, value) in table {
        let of = shape.facts.get(key);
        let of = of.ok_or_else(|| unknown_name(key, Some(&shape.facts)))?;
        let fact = FactName::parse(key).map_err(|error| Fault::new([], error.to_string()))?;
        let value = convert(value, of).map_err(|fault| fault.below([Step::from(key.as_str())]))?;
        facts.insert(fact, Fact::Known(value));
    }
    let text = |key: &str| table.get(key).and_then(toml::Value::as_str);
    let called = ["name", "bucket", "function_name", "identifier", "id"];
    let called = called.into_iter().find_map(text).unwrap_or("example");
    let usual = match name {
        "aws_s3_bucket" => format!("arn:aws:s3:::{called}"),
        _ => format!("arn:aws:example:{HOME}:{OWN_ACCOUNT}:{called}"),
    };
    let region = if name == ACCOUNT { "global" } else { HOME };
    Ok(ConfiguredResource {
        resource_type: name.to_owned(),
        arn: Arn::new(text("arn").unwrap_or(&usual)).ok(),
        address: None,
        name: Untrusted::from(called),
        region: Region::new(region).expect("a region"),
        account: AccountId::new(OWN_ACCOUNT).ok(),
        facts,
    })
}

fn unknown_name(name: &str, schema: Option<&Schema>) -> Fault {
    let fault = Fault::new([Step::from(name)], format!("there is no fact `{name}`"));
    let names = schema
        .iter()
        .flat_map(|schema| schema.keys().map(String::as_str));
    match similar::nearest(name, names) {
        Some(near) => fault.fix(format!("did you mean `{near}`?")),
        None => fault,
    }
}

/// The value that is written, as its type says.
fn convert(value: &toml::Value, of: &Type) -> Result<Value, Fault> {
    use toml::Value as Toml;
    Ok(match (value, of) {
        (Toml::Boolean(flag), Type::Flag | Type::Any) => Value::Flag(*flag),
        (Toml::Integer(number), Type::Number | Type::Any) => Value::Number(*number as f64),
        (Toml::Float(number), Type::Number | Type::Any) => Value::Number(*number),
        (Toml::String(text), Type::Text | Type::Any) => Value::text(text.as_str()),
        (Toml::Datetime(time), Type::Text) => Value::text(time.to_string()),
        (Toml::Datetime(time), Type::Time) => match time.to_string().parse::<Timestamp>() {
            Ok(time) => Value::Time(time),
            Err(_) => {
                return Err(Fault::new(
                    [],
                    "a moment needs a time and an offset: `…T00:00:00Z`",
                ));
            }
        },
        (Toml::Array(items), Type::List(of)) => {
            let each = items.iter().enumerate().map(|(index, item)| {
                let value = convert(item, of).map_err(|fault| fault.below([Step::from(index)]))?;
                Ok(Fact::Known(value))
            });
            Value::list(each.collect::<Result<Vec<_>, Fault>>()?)
        }
        (Toml::Table(table), Type::Map(of)) => fields(table, |_| Ok(of))?,
        (Toml::Table(table), Type::Record(schema)) => fields(table, |key| {
            schema
                .get(key)
                .ok_or_else(|| unknown_name(key, Some(schema)))
        })?,
        _ => return Err(Fault::new([], "the value is not of the type of this fact")),
    })
}

fn fields<'a>(
    table: &toml::Table,
    of: impl Fn(&str) -> Result<&'a Type, Fault>,
) -> Result<Value, Fault> {
    let mut entries = Vec::new();
    for (key, value) in table {
        let of = of(key)?;
        let value = convert(value, of).map_err(|fault| fault.below([Step::from(key.as_str())]))?;
        entries.push((key.clone(), Fact::Known(value)));
    }
    Ok(Value::map(entries))
}
