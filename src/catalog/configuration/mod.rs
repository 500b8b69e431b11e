//! The shape of a configuration: which types of resources are known, what is folded into them,
//! and the names and types of their facts.
//!
//! `attributes.json` is taken from a schema of the Terraform AWS provider by
//! `.ci/extract-attributes`; `types.toml` says what that schema does not. Checks are compiled
//! against the two, and who reads AWS or a plan folds companions by them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;

use crate::catalog::registry::folders;
use crate::expr::{Schema, Type};
use crate::model::fact::{Fact, FactName, Value};

mod notation;
#[cfg(test)]
mod tests;

use notation::Notation;

const ATTRIBUTES: &str = include_str!("attributes.json");
const COMPUTED: &str = include_str!("computed.json");

static SHAPES: LazyLock<Shapes> =
    LazyLock::new(|| Shapes::read().expect("tests rule out that the built-in files are faulty"));

static FILLED_IN: LazyLock<BTreeMap<String, BTreeSet<String>>> = LazyLock::new(|| {
    let form: ComputedForm =
        serde_json::from_str(COMPUTED).expect("tests rule out that the built-in files are faulty");
    form.types
});

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ComputedForm {
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "version")]
    _version: String,
    types: BTreeMap<String, BTreeSet<String>>,
}

/// Returns the attributes of a type that AWS fills in where a configuration does not give them;
/// none for a type that no check knows.
pub fn filled_in(resource_type: &str) -> BTreeSet<String> {
    FILLED_IN.get(resource_type).cloned().unwrap_or_default()
}

/// Every type that is known, by its Terraform name.
#[derive(Debug)]
pub struct Shapes {
    /// Terraform provider and version that the attributes were taken from.
    pub provider: String,
    shapes: BTreeMap<String, Shape>,
    parents: BTreeMap<String, (String, usize)>,
}

/// What is known of one type of resource.
#[derive(Debug)]
pub struct Shape {
    /// What reports call the service.
    pub service: String,
    /// The type that AWS lists it as, where Terraform alone keeps the two apart.
    pub listed_as: Option<String>,
    /// What is folded into it.
    pub companions: Vec<Companion>,
    /// Names and types of its facts.
    pub facts: Schema,
    /// What AWS does where a fact is absent.
    pub defaults: BTreeMap<FactName, Value>,
    /// Names of facts that Terraform has no attribute for.
    pub beyond_terraform: BTreeSet<String>,
    /// What is computed from the facts of several resources: names and types.
    pub derived: Schema,
}

/// A resource of its own in Terraform that is a setting of another one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Companion {
    /// Its Terraform type.
    #[serde(rename = "type")]
    pub resource_type: String,
    /// The fact of the parent that it becomes.
    pub fact: String,
    /// Its attribute that names the parent. `None` for settings of an account or a region.
    #[serde(default)]
    pub by: Option<String>,
    /// The attributes of the parent that this may be.
    #[serde(default = "id_and_name")]
    pub of: Vec<String>,
    /// Whether there may be several: the fact is a list.
    #[serde(default)]
    pub many: bool,
    /// The one attribute that is taken over; `None` for a map of all of them.
    #[serde(default, rename = "as")]
    pub only: Option<String>,
}

fn id_and_name() -> Vec<String> {
    ["id", "name", "arn", "bucket"].map(str::to_owned).to_vec()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AttributesForm {
    source: String,
    version: String,
    types: BTreeMap<String, BTreeMap<String, Notation>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ShapeForm {
    service: String,
    #[serde(default)]
    listed_as: Option<String>,
    #[serde(default)]
    companions: Vec<Companion>,
    #[serde(default)]
    extra: BTreeMap<String, Notation>,
    #[serde(default)]
    extra_of: BTreeMap<String, BTreeMap<String, Notation>>,
    #[serde(default)]
    defaults: BTreeMap<FactName, toml::Value>,
    #[serde(default)]
    derived: BTreeMap<String, Notation>,
}

/// Returns the value that stands for one that is absent.
fn default_value(written: &toml::Value) -> Option<Value> {
    match written {
        toml::Value::Boolean(flag) => Some(Value::Flag(*flag)),
        toml::Value::Integer(number) => Some(Value::Number(*number as f64)),
        toml::Value::String(text) => Some(Value::text(text.as_str())),
        toml::Value::Array(items) if items.is_empty() => Some(Value::list([])),
        _ => None,
    }
}

impl Shapes {
    /// Returns those that are built in.
    pub fn built_in() -> &'static Self {
        &SHAPES
    }

    fn read() -> Result<Self, String> {
        let attributes: AttributesForm =
            serde_json::from_str(ATTRIBUTES).map_err(|error| error.to_string())?;
        let (_, types) = folders::CONFIGURATION.files[0];
        let forms: BTreeMap<String, ShapeForm> =
            toml::from_str(types).map_err(|error| error.to_string())?;
        let mut shapes = BTreeMap::new();
        let mut parents = BTreeMap::new();
        for (name, form) in forms {
            for (index, companion) in form.companions.iter().enumerate() {
                let kept = (name.clone(), index);
                if let Some((other, _)) = parents.insert(companion.resource_type.clone(), kept) {
                    return Err(format!(
                        "{} is of {other} and {name}",
                        companion.resource_type
                    ));
                }
            }
            shapes.insert(name.clone(), Shape::new(&name, form, &attributes.types)?);
        }
        Ok(Self {
            provider: format!("{} {}", attributes.source, attributes.version),
            shapes,
            parents,
        })
    }

    /// Returns what is known of a type.
    pub fn get(&self, resource_type: &str) -> Option<&Shape> {
        self.shapes.get(resource_type)
    }

    /// Returns every type that is known, sorted.
    pub fn types(&self) -> impl Iterator<Item = (&str, &Shape)> {
        self.shapes
            .iter()
            .map(|(name, shape)| (name.as_str(), shape))
    }

    /// Returns the type that a companion is folded into, and how.
    pub fn parent_of(&self, companion: &str) -> Option<(&str, &Companion)> {
        let (parent, index) = self.parents.get(companion)?;
        Some((parent, &self.shapes.get(parent)?.companions[*index]))
    }
}

/// What is derived from the rules of `[compliance]`, the same for every type.
fn house_rules(is_tagged: bool) -> Schema {
    let place = ["key", "text", "severity"].map(|name| (name, Type::Text));
    let missing = ("missing_tags", Type::list(Type::record(place)));
    let flags = ["misnamed", "outside_allowed_regions"].map(|name| (name, Type::Flag));
    let all = flags.into_iter().chain(is_tagged.then_some(missing));
    all.map(|(name, of)| (name.to_owned(), of)).collect()
}

impl Shape {
    fn new(
        name: &str,
        form: ShapeForm,
        attributes: &BTreeMap<String, BTreeMap<String, Notation>>,
    ) -> Result<Self, String> {
        let mut facts: Schema = attributes
            .get(name)
            .map(notation::schema)
            .unwrap_or_default();
        for companion in &form.companions {
            let of = &companion.resource_type;
            let own = attributes
                .get(of)
                .ok_or_else(|| format!("{of} has no attributes"))?;
            let mut fields = notation::schema(own);
            if let Some(extra) = form.extra_of.get(&companion.fact) {
                fields.extend(notation::schema(extra));
            }
            facts.insert(companion.fact.clone(), companion.fact_type(fields)?);
        }
        let beyond_terraform = form.extra.keys().cloned().collect();
        facts.extend(notation::schema(&form.extra));
        let mut defaults = BTreeMap::new();
        for (fact, written) in form.defaults {
            let value = default_value(&written)
                .filter(|_| facts.contains_key(fact.as_str()))
                .ok_or_else(|| format!("{name} cannot have a default for {fact}"))?;
            defaults.insert(fact, value);
        }
        let mut derived = notation::schema(&form.derived);
        if name.starts_with("aws_") {
            derived.extend(house_rules(facts.contains_key("tags")));
        }
        Ok(Self {
            service: form.service,
            listed_as: form.listed_as,
            companions: form.companions,
            facts,
            defaults,
            beyond_terraform,
            derived,
        })
    }

    /// Returns what a fact is, once what is absent has got its default.
    pub fn with_default(&self, name: &str, fact: Fact) -> Fact {
        match (fact, self.defaults.get(name)) {
            (Fact::Absent, Some(default)) => Fact::Known(default.clone()),
            (fact, _) => fact,
        }
    }
}

impl Companion {
    fn fact_type(&self, fields: Schema) -> Result<Type, String> {
        let one = match &self.only {
            None => Type::record(fields),
            Some(only) => {
                let found = fields.get(only).cloned();
                found.ok_or_else(|| format!("{} has no {only}", self.resource_type))?
            }
        };
        Ok(if self.many { Type::list(one) } else { one })
    }
}
