//! Filling in what blueprints leave open: parameters, names, and what else is in the design.

use crate::catalog::blueprints::{Blueprint, ParameterValue};
use crate::core::infra::design::{Design, DesignFault};
use crate::core::infra::naming::Naming;
use crate::hcl::{Block, Expr, Item, Key, Scope, Step, map_items};

/// Fills in one blueprint of a design.
pub(super) struct Filler<'a> {
    pub(super) design: &'a Design<'a>,
    pub(super) blueprint: &'a Blueprint,
    pub(super) naming: &'a Naming,
}

/// The name of a feature in identifiers of Terraform.
pub(crate) fn snake(name: &str) -> String {
    name.replace('-', "_")
}

/// The variable of a parameter that differs by environment.
pub(super) fn variable_name(feature: &str, blueprint: &Blueprint, parameter: &str) -> String {
    format!("{}_{}_{parameter}", snake(feature), blueprint.short)
}

/// A value as code.
pub(super) fn literal(value: &ParameterValue) -> Expr {
    match value {
        ParameterValue::Flag(flag) => Expr::Bool(*flag),
        ParameterValue::List(items) => {
            Expr::List(items.iter().map(|item| Expr::text(item.as_str())).collect())
        }
        ParameterValue::Number(number) => Expr::Number(number.clone()),
        ParameterValue::Text(text) => Expr::text(text.as_str()),
    }
}

impl Filler<'_> {
    /// Fills in the contents of a resource.
    pub(super) fn items(&self, items: &[Item]) -> Result<Vec<Item>, DesignFault> {
        let filled = map_items(items.to_vec(), &mut |expr| self.change(expr))?;
        Ok(without_unset(filled))
    }

    /// Fills in one expression.
    pub(super) fn expression(&self, expr: &Expr) -> Result<Expr, DesignFault> {
        expr.clone().map(&mut |expr| self.change(expr))
    }

    fn change(&self, expr: Expr) -> Result<Expr, DesignFault> {
        Ok(match expr {
            Expr::Path(steps) => self.path(steps),
            Expr::Call(name, arguments) => match name.as_str() {
                "name" => self.name("", &arguments)?,
                "concat_name" => match arguments.split_first() {
                    Some((Expr::Text(before), rest)) => self.name(before, rest)?,
                    _ => Expr::Call(name, arguments),
                },
                "connections" => {
                    let entries = self.connections()?.into_iter();
                    Expr::Object(
                        entries
                            .map(|(name, value)| (Key::Name(name), value))
                            .collect(),
                    )
                }
                "connection_list" => {
                    Expr::List(self.connections()?.into_iter().map(entry).collect())
                }
                "widgets" => self.widgets()?,
                "tag_filter" => Expr::text(format!("user:Project${}", self.naming.project)),
                _ => Expr::Call(name, arguments),
            },
            Expr::Template(parts) => {
                let whole = Expr::Template(parts);
                // A parameter that is known makes one text of it.
                match Scope::default().known(&whole) {
                    Some(serde_json::Value::String(text)) => Expr::Text(text),
                    _ => whole,
                }
            }
            Expr::Binary(..) | Expr::Conditional(_) => match Scope::default().known(&expr) {
                Some(value) => ParameterValue::from_json(&value).map_or(expr, |one| literal(&one)),
                None => expr,
            },
            other => other,
        })
    }

    fn path(&self, mut steps: Vec<Step>) -> Expr {
        if let [Step::Name(root), Step::Name(name)] = steps.as_slice()
            && root == "param"
        {
            return self.parameter(name);
        }
        let at = usize::from(matches!(steps.first(), Some(Step::Name(first)) if first == "data"));
        if let (Some(Step::Name(kind)), Some(Step::Name(label))) =
            (steps.get(at), steps.get(at + 1))
            && self.is_of_blueprint(at == 1, kind, label)
        {
            let label = format!("{}_{label}", snake(self.design.head.name.as_str()));
            steps[at + 1] = Step::Name(label);
        }
        Expr::Path(steps)
    }

    fn is_of_blueprint(&self, is_data: bool, kind: &str, label: &str) -> bool {
        let resources = self.design.blueprints.iter().flat_map(|one| &one.resources);
        let mut resources = resources.filter(|one| one.is_data == is_data);
        resources.any(|one| one.resource_type == kind && one.label == label)
    }

    fn parameter(&self, name: &str) -> Expr {
        let parameter = self.blueprint.parameters.get(name);
        if parameter.is_some_and(|one| one.per_environment) {
            let feature = self.design.head.name.as_str();
            let variable = variable_name(feature, self.blueprint, name);
            return Expr::path(&format!("var.{variable}"));
        }
        let value = self.design.value(None, &self.blueprint.id, name);
        value
            .filter(ParameterValue::is_set)
            .map_or(Expr::Null, |value| literal(&value))
    }

    /// A name by the pattern. It must not be too long in any environment.
    fn name(&self, before: &str, arguments: &[Expr]) -> Result<Expr, DesignFault> {
        let suffix = match arguments.first() {
            Some(Expr::Text(suffix)) => suffix.as_str(),
            _ => "",
        };
        let limit = match arguments.get(1) {
            Some(Expr::Number(limit)) => {
                limit.as_u64().and_then(|limit| usize::try_from(limit).ok())
            }
            _ => None,
        };
        let resource = self
            .naming
            .resource(self.design.head.resource_name.as_str(), suffix);
        for environment in &self.design.head.environments {
            let name = format!("{before}{}", self.naming.name(environment, &resource));
            let length = name.chars().count();
            if limit.is_some_and(|limit| length > limit) {
                let limit = limit.unwrap_or_default();
                let message = format!(
                    "the name `{name}` of {} has {length} characters, and AWS takes {limit}",
                    self.blueprint.id
                );
                return Err(DesignFault {
                    hint: Some("choose a shorter `resource_name`".to_owned()),
                    ..DesignFault::new(&["resource_name"], message)
                });
            }
        }
        Ok(self.naming.expression(before, &resource))
    }

    /// The other blueprints of the design.
    fn others(&self) -> impl Iterator<Item = &Blueprint> {
        let own = self.blueprint.id.as_str();
        self.design
            .blueprints
            .iter()
            .copied()
            .filter(move |one| one.id != own)
    }

    /// Fills in what belongs to another blueprint.
    fn of<'b>(&'b self, blueprint: &'b Blueprint) -> Filler<'b> {
        Filler {
            blueprint,
            design: self.design,
            naming: self.naming,
        }
    }

    /// What a program needs to know of the others, by the names of environment variables.
    fn connections(&self) -> Result<Vec<(String, Expr)>, DesignFault> {
        let mut out = Vec::new();
        for other in self.others() {
            for (name, value) in &other.provides.variables {
                out.push((name.clone(), self.of(other).expression(value)?));
            }
        }
        out.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(out)
    }

    /// What a program must be allowed to do with the others, as blocks of a policy document.
    pub(super) fn statements(&self) -> Result<Vec<Item>, DesignFault> {
        let mut out = Vec::new();
        for other in self.others() {
            for statement in &other.provides.statements {
                let actions = statement
                    .actions
                    .iter()
                    .map(|action| Expr::text(action.as_str()));
                let resources = statement
                    .resources
                    .iter()
                    .map(|one| self.of(other).expression(one));
                let items = vec![
                    Item::attribute("actions", actions.collect::<Vec<_>>()),
                    Item::attribute("resources", resources.collect::<Result<Vec<_>, _>>()?),
                ];
                out.push(Item::Block(Block::new("statement", &[], items)));
            }
        }
        Ok(out)
    }

    fn widgets(&self) -> Result<Expr, DesignFault> {
        let mut out = Vec::new();
        for other in self.others() {
            for widget in &other.widgets {
                let metrics = widget
                    .metrics
                    .iter()
                    .map(|one| self.of(other).expression(one));
                let properties = object(vec![
                    ("title", Expr::text(widget.title.as_str())),
                    ("region", Expr::path("data.aws_region.current.region")),
                    ("stat", Expr::text("Sum")),
                    ("period", Expr::from(300)),
                    ("metrics", Expr::List(metrics.collect::<Result<_, _>>()?)),
                ]);
                out.push(object(vec![
                    ("type", Expr::text("metric")),
                    ("width", Expr::from(12)),
                    ("height", Expr::from(6)),
                    ("properties", properties),
                ]));
            }
        }
        Ok(Expr::List(out))
    }
}

fn object(entries: Vec<(&str, Expr)>) -> Expr {
    let entries = entries.into_iter();
    Expr::Object(
        entries
            .map(|(name, value)| (Key::Name(name.to_owned()), value))
            .collect(),
    )
}

fn entry((name, value): (String, Expr)) -> Expr {
    object(vec![("name", Expr::Text(name)), ("value", value)])
}

/// Leaves out attributes without a value, and inner blocks that have one.
fn without_unset(items: Vec<Item>) -> Vec<Item> {
    let is_unset = |item: &Item| matches!(item, Item::Attribute(_, Expr::Null));
    let kept = items.into_iter().filter(|item| match item {
        Item::Block(block) => !block.items.iter().any(is_unset),
        other => !is_unset(other),
    });
    kept.map(|item| match item {
        Item::Block(block) => Item::Block(Block {
            items: without_unset(block.items),
            ..block
        }),
        other => other,
    })
    .collect()
}
