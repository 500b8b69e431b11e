//! The code of a design: one file for its feature.

use serde_json::Value;

use crate::catalog::blueprints::{Blueprint, Parameter, ParameterType, ParameterValue};
use crate::core::infra::design::{Design, DesignFault};
use crate::core::infra::fill::{Filler, literal, snake, variable_name};
use crate::core::infra::naming::Naming;
use crate::hcl::{Block, Expr, Item};
use crate::model::ids::EnvironmentName;

/// A variable of a feature, with its value in each environment.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureVariable {
    /// Its name in Terraform.
    pub name: String,
    /// Its values; environments without one are left out.
    pub values: Vec<(EnvironmentName, ParameterValue)>,
}

/// Composes the file of a feature: its variables, resources and outputs.
///
/// # Errors
/// What the design lacks, or what would not be valid.
pub fn feature_file(design: &Design<'_>, naming: &Naming) -> Result<Vec<Item>, Vec<DesignFault>> {
    let missing: Vec<DesignFault> = design.missing().iter().map(missing_fault).collect();
    if !missing.is_empty() {
        return Err(missing);
    }
    composed(design, naming).map_err(|fault| vec![fault])
}

fn missing_fault(missing: &crate::core::infra::design::MissingValue) -> DesignFault {
    let names: Vec<&str> = missing
        .environments
        .iter()
        .map(EnvironmentName::as_str)
        .collect();
    let (id, name) = (&missing.blueprint, &missing.parameter);
    let message = format!("`{name}` has no value in {}", names.join(", "));
    DesignFault {
        hint: Some(format!(
            "set it in `[parameters.{id}]`: {}",
            missing.description
        )),
        ..DesignFault::new(&["parameters", id, name], message)
    }
}

/// The same without what is required: for estimates and drawings.
pub(super) fn composed(design: &Design<'_>, naming: &Naming) -> Result<Vec<Item>, DesignFault> {
    let mut items = Vec::new();
    for blueprint in &design.blueprints {
        for (name, parameter) in per_environment(design, blueprint) {
            items.push(Item::Block(variable(design, blueprint, name, parameter)));
        }
    }
    for blueprint in &design.blueprints {
        items.extend(resources(design, blueprint, naming)?.into_iter().flatten());
    }
    items.extend(moves(design));
    for blueprint in &design.blueprints {
        let filler = Filler {
            design,
            blueprint,
            naming,
        };
        for output in &blueprint.outputs {
            let name = format!("{}_{}", snake(design.head.name.as_str()), output.name);
            let contents = vec![
                Item::attribute("description", output.description.as_str()),
                Item::Attribute("value".to_owned(), filler.expression(&output.value)?),
            ];
            items.push(Item::Block(Block::new("output", &[&name], contents)));
        }
    }
    Ok(items)
}

/// The resources of one blueprint: each with the comment that says why.
pub(super) fn resources(
    design: &Design<'_>,
    blueprint: &Blueprint,
    naming: &Naming,
) -> Result<Vec<[Item; 2]>, DesignFault> {
    let filler = Filler {
        design,
        blueprint,
        naming,
    };
    let present = blueprint
        .resources
        .iter()
        .filter(|one| design.holds(blueprint, &one.when));
    let made = present.map(|resource| {
        let mut items = filler.items(&resource.items)?;
        if blueprint.runs.as_deref() == Some(resource.address(None).as_str()) {
            items.extend(filler.statements()?);
        }
        let kind = if resource.is_data { "data" } else { "resource" };
        let label = format!("{}_{}", snake(design.head.name.as_str()), resource.label);
        let block = Block::new(kind, &[&resource.resource_type, &label], items);
        let comment = Item::Comment(sentence(&resource.because));
        Ok([comment, Item::Block(block)])
    });
    made.collect()
}

fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), characters.as_str()),
        None => String::new(),
    }
}

/// The parameters of a blueprint that become variables: those that its code names.
fn per_environment<'b>(
    design: &Design<'_>,
    blueprint: &'b Blueprint,
) -> Vec<(&'b String, &'b Parameter)> {
    let all = blueprint.parameters.iter();
    all.filter(|(name, one)| one.per_environment && design.is_used(blueprint, name))
        .collect()
}

/// Returns the variables of a design, with their values.
pub fn variables(design: &Design<'_>) -> Vec<FeatureVariable> {
    let mut out = Vec::new();
    for blueprint in &design.blueprints {
        for (name, _) in per_environment(design, blueprint) {
            let values = design.head.environments.iter().filter_map(|environment| {
                let value = design.value(Some(environment), &blueprint.id, name)?;
                Some((environment.clone(), value))
            });
            out.push(FeatureVariable {
                name: variable_name(design.head.name.as_str(), blueprint, name),
                values: values.collect(),
            });
        }
    }
    out.sort_by(|a, b| a.name.cmp(&b.name));
    out
}

fn variable(
    design: &Design<'_>,
    blueprint: &Blueprint,
    name: &str,
    parameter: &Parameter,
) -> Block {
    let of_terraform = match parameter.is {
        ParameterType::Flag => Expr::path("bool"),
        ParameterType::List => Expr::Call("list".to_owned(), vec![Expr::path("string")]),
        ParameterType::Number => Expr::path("number"),
        ParameterType::Text => Expr::path("string"),
    };
    let own = variable_name(design.head.name.as_str(), blueprint, name);
    let mut items = vec![
        Item::attribute("description", parameter.description.as_str()),
        Item::Attribute("type".to_owned(), of_terraform),
    ];
    if let Some(value) = design.value(None, &blueprint.id, name) {
        items.push(Item::Attribute("default".to_owned(), literal(&value)));
    }
    if let Some((condition, limits)) = validation(&own, parameter) {
        let text = format!("{own} must be {limits}.");
        let contents = vec![
            Item::Attribute("condition".to_owned(), condition),
            Item::attribute("error_message", text.as_str()),
        ];
        items.push(Item::Block(Block::new("validation", &[], contents)));
    }
    Block::new("variable", &[&own], items)
}

fn validation(variable: &str, parameter: &Parameter) -> Option<(Expr, String)> {
    let limits = parameter.limits()?;
    let value = || Expr::path(&format!("var.{variable}"));
    let compare = |operator: &str, limit: f64| {
        let limit = ParameterValue::from_json(&whole(limit));
        let limit = limit.map_or(Expr::Null, |limit| literal(&limit));
        Expr::Binary(operator.to_owned(), Box::new([value(), limit]))
    };
    let condition = match (parameter.min, parameter.max) {
        _ if !parameter.one_of.is_empty() => {
            let all = parameter.one_of.iter().map(literal).collect();
            Expr::Call("contains".to_owned(), vec![Expr::List(all), value()])
        }
        (Some(min), Some(max)) => Expr::Binary(
            "&&".to_owned(),
            Box::new([compare(">=", min), compare("<=", max)]),
        ),
        (Some(min), None) => compare(">=", min),
        (None, Some(max)) => compare("<=", max),
        (None, None) => return None,
    };
    Some((condition, limits))
}

/// A limit as it is written: limits are whole numbers.
#[expect(
    clippy::cast_possible_truncation,
    reason = "limits of blueprints are small whole numbers"
)]
fn whole(limit: f64) -> Value {
    Value::from(limit as i64)
}

/// `moved` blocks: from the names that the feature had, and from the labels of earlier versions
/// of its blueprints. Each leads to the next, as Terraform wants it.
fn moves(design: &Design<'_>) -> Vec<Item> {
    let mut names: Vec<String> = design
        .head
        .generated
        .names
        .iter()
        .map(|one| snake(one.as_str()))
        .collect();
    let now = snake(design.head.name.as_str());
    names.retain(|name| *name != now);
    names.push(now.clone());
    let mut out = Vec::new();
    for blueprint in &design.blueprints {
        let present = blueprint.resources.iter();
        let present = present.filter(|one| !one.is_data && design.holds(blueprint, &one.when));
        for resource in present {
            let mut steps: Vec<(String, String)> = Vec::new();
            let address =
                |name: &str, label: &str| format!("{}.{name}_{label}", resource.resource_type);
            for pair in names.windows(2) {
                steps.push((
                    address(&pair[0], &resource.label),
                    address(&pair[1], &resource.label),
                ));
            }
            for old in &resource.was {
                steps.push((address(&now, old), address(&now, &resource.label)));
            }
            out.extend(steps.into_iter().map(|(from, to)| {
                let items = vec![
                    Item::Attribute("from".to_owned(), Expr::path(&from)),
                    Item::Attribute("to".to_owned(), Expr::path(&to)),
                ];
                Item::Block(Block::new("moved", &[], items))
            }));
        }
    }
    out
}
