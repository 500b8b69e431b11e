//! A design with its blueprints: what its block says, checked.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::catalog::blueprints::{Blueprint, Condition, Parameter, ParameterValue};
use crate::catalog::registry::Registry;
use crate::model::design::DesignHead;
use crate::model::ids::EnvironmentName;
use crate::text::escape;
use crate::text::similar::nearest;

/// What is wrong with a design, and the keys that lead to it in its block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesignFault {
    /// Keys, from the outside inwards.
    pub path: Vec<String>,
    /// What is wrong. Safe to show.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

impl DesignFault {
    /// Returns a fault of what these keys lead to.
    pub fn new(path: &[&str], message: impl Into<String>) -> Self {
        Self {
            path: path.iter().map(|key| (*key).to_owned()).collect(),
            message: message.into(),
            hint: None,
        }
    }

    fn hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint;
        self
    }
}

/// A design whose block makes sense.
#[derive(Debug)]
pub struct Design<'a> {
    /// Its block.
    pub head: &'a DesignHead,
    /// Its blueprints: those that others need first.
    pub blueprints: Vec<&'a Blueprint>,
    /// Values for every environment, by blueprint and parameter.
    values: BTreeMap<(String, String), ParameterValue>,
    /// Values for one environment.
    overrides: BTreeMap<(EnvironmentName, String, String), ParameterValue>,
}

/// A parameter that needs a value and has none, and the environments that lack it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingValue {
    /// The blueprint.
    pub blueprint: String,
    /// The parameter.
    pub parameter: String,
    /// What it is.
    pub description: String,
    /// The environments.
    pub environments: Vec<EnvironmentName>,
}

impl<'a> Design<'a> {
    /// Checks the block of a design.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn new(
        head: &'a DesignHead,
        registry: &'a Registry<Blueprint>,
    ) -> Result<Self, Vec<DesignFault>> {
        let mut faults = Vec::new();
        check_head(head, &mut faults);
        let blueprints = ordered(head, registry, &mut faults);
        let mut design = Self {
            head,
            blueprints,
            values: BTreeMap::new(),
            overrides: BTreeMap::new(),
        };
        for (id, given) in &head.parameters {
            for (name, value) in given {
                let path = ["parameters", id, name];
                if let Some(value) = design.read(&path, id, name, value, &mut faults) {
                    design.values.insert((id.clone(), name.clone()), value);
                }
            }
        }
        for (environment, by_blueprint) in &head.overrides {
            if !head.environments.contains(environment) {
                let path = ["overrides", environment.as_str()];
                let message = format!("`{environment}` is none of the environments of the design");
                faults.push(DesignFault::new(&path, message));
            }
            for (id, given) in by_blueprint {
                for (name, value) in given {
                    let path = ["overrides", environment.as_str(), id, name];
                    design.read_override(&path, environment, value, &mut faults);
                }
            }
        }
        match faults.is_empty() {
            true => Ok(design),
            false => Err(faults),
        }
    }

    fn read_override(
        &mut self,
        path: &[&str; 4],
        environment: &EnvironmentName,
        value: &Value,
        faults: &mut Vec<DesignFault>,
    ) {
        let [_, _, id, name] = *path;
        let Some(value) = self.read(path, id, name, value, faults) else {
            return;
        };
        if self
            .parameter(id, name)
            .is_some_and(|one| !one.per_environment)
        {
            let message = format!("`{name}` is the same in every environment");
            let hint = format!("set it in `[parameters.{id}]`");
            faults.push(DesignFault::new(path, message).hint(Some(hint)));
            return;
        }
        let key = (environment.clone(), id.to_owned(), name.to_owned());
        self.overrides.insert(key, value);
    }

    fn read(
        &self,
        path: &[&str],
        id: &str,
        name: &str,
        value: &Value,
        faults: &mut Vec<DesignFault>,
    ) -> Option<ParameterValue> {
        let Some(blueprint) = self.blueprint(id) else {
            let shown = escape::cut(&escape::json(id), 60);
            let message = format!("`{shown}` is no blueprint of the design");
            let ids = self.blueprints.iter().map(|one| one.id.as_str());
            let hint = nearest(id, ids).map(|near| format!("did you mean `{near}`?"));
            let hint = hint.or_else(|| Some("add it to `blueprints`, or remove this".to_owned()));
            let known = DesignFault::new(&path[..path.len() - 1], message).hint(hint);
            if !faults.contains(&known) {
                faults.push(known);
            }
            return None;
        };
        let Some(parameter) = blueprint.parameters.get(name) else {
            let shown = escape::cut(&escape::json(name), 60);
            let message = format!("`{shown}` is no parameter of {id}");
            faults.push(DesignFault::new(path, message).hint(parameters_hint(blueprint, name)));
            return None;
        };
        let read = ParameterValue::from_json(value)
            .ok_or_else(|| format!("`{name}` must be {}", parameter.is.noun()));
        match read.and_then(|value| parameter.check(name, &value).map(|()| value)) {
            Ok(value) => Some(value),
            Err(message) => {
                faults.push(DesignFault::new(path, message));
                None
            }
        }
    }

    /// Returns a blueprint of the design.
    pub fn blueprint(&self, id: &str) -> Option<&'a Blueprint> {
        self.blueprints.iter().find(|one| one.id == id).copied()
    }

    fn parameter(&self, id: &str, name: &str) -> Option<&'a Parameter> {
        self.blueprint(id)?.parameters.get(name)
    }

    /// Returns the value of a parameter in an environment; without one, that of all of them.
    pub fn value(
        &self,
        environment: Option<&EnvironmentName>,
        id: &str,
        name: &str,
    ) -> Option<ParameterValue> {
        let own = environment.and_then(|environment| {
            let key = (environment.clone(), id.to_owned(), name.to_owned());
            self.overrides.get(&key)
        });
        let common = || self.values.get(&(id.to_owned(), name.to_owned()));
        let default = || {
            self.parameter(id, name)
                .and_then(|one| one.default.as_ref())
        };
        own.or_else(common).or_else(default).cloned()
    }

    /// Returns the parameters that need a value and have none.
    pub fn missing(&self) -> Vec<MissingValue> {
        let mut out = Vec::new();
        for blueprint in &self.blueprints {
            for (name, parameter) in &blueprint.parameters {
                let wanted = parameter.required && self.is_used(blueprint, name);
                let lacks = |environment: &&EnvironmentName| {
                    self.value(Some(environment), &blueprint.id, name).is_none()
                };
                let environments = self.head.environments.iter().filter(lacks);
                let environments: Vec<EnvironmentName> = environments.cloned().collect();
                if wanted && !environments.is_empty() {
                    out.push(MissingValue {
                        blueprint: blueprint.id.clone(),
                        parameter: name.clone(),
                        description: parameter.description.clone(),
                        environments,
                    });
                }
            }
        }
        out
    }

    /// Whether code that is there names a parameter.
    pub fn is_used(&self, blueprint: &Blueprint, name: &str) -> bool {
        use crate::hcl::{Step, visit_paths};
        let mut used = false;
        for resource in &blueprint.resources {
            if self.holds(blueprint, &resource.when) {
                visit_paths(&resource.items, &mut |path| {
                    used |= matches!(path, [Step::Name(root), Step::Name(one), ..] if root == "param" && one == name);
                });
            }
        }
        used
    }

    /// Whether something of a blueprint counts.
    pub fn holds(&self, blueprint: &Blueprint, condition: &Condition) -> bool {
        let value = |name: &str| self.value(None, &blueprint.id, name);
        let when = condition.when.as_ref().is_none_or(|(name, wanted)| {
            let value = value(name);
            match wanted {
                Some(wanted) => value.is_some_and(|value| value.shown() == *wanted),
                None => value.is_some_and(|value| value.holds()),
            }
        });
        let unless = condition
            .unless
            .as_ref()
            .is_none_or(|name| !value(name).is_some_and(|value| value.holds()));
        let with = condition
            .with
            .as_ref()
            .is_none_or(|id| self.blueprint(id).is_some());
        let alone = !condition.alone || self.blueprints.iter().all(|one| one.runs.is_none());
        when && unless && with && alone
    }
}

fn check_head(head: &DesignHead, faults: &mut Vec<DesignFault>) {
    if head.version != 1 {
        let message = format!("version {} is not known", head.version);
        let hint = "this version of fractary reads version 1".to_owned();
        faults.push(DesignFault::new(&["version"], message).hint(Some(hint)));
    }
    for (key, is_empty) in [
        ("environments", head.environments.is_empty()),
        ("blueprints", head.blueprints.is_empty()),
    ] {
        if is_empty {
            faults.push(DesignFault::new(&[key], format!("`{key}` is empty")));
        }
    }
}

fn parameters_hint(blueprint: &Blueprint, name: &str) -> Option<String> {
    let names = blueprint.parameters.keys().map(String::as_str);
    let near = nearest(name, names.clone()).map(|near| format!("did you mean `{near}`?"));
    near.or_else(|| match blueprint.parameters.is_empty() {
        true => Some("it has no parameters".to_owned()),
        false => Some(format!(
            "its parameters: {}",
            names.collect::<Vec<_>>().join(", ")
        )),
    })
}

/// The blueprints of a design, those that others need first.
fn ordered<'a>(
    head: &DesignHead,
    registry: &'a Registry<Blueprint>,
    faults: &mut Vec<DesignFault>,
) -> Vec<&'a Blueprint> {
    let mut waiting: Vec<&Blueprint> = Vec::new();
    for id in &head.blueprints {
        match registry.get(id) {
            Some(blueprint) if waiting.iter().all(|one| one.id != *id) => waiting.push(blueprint),
            Some(_) => {
                let message = format!("`{id}` is listed twice");
                faults.push(DesignFault::new(&["blueprints"], message));
            }
            None => {
                let shown = escape::cut(&escape::json(id), 60);
                let ids: Vec<&str> = registry.iter().map(|one| one.id.as_str()).collect();
                let near = nearest(id, ids.iter().copied());
                let hint = near.map(|near| format!("did you mean `{near}`?"));
                let hint = hint.unwrap_or_else(|| format!("available: {}", ids.join(", ")));
                let message = format!("there is no blueprint `{shown}`");
                faults.push(DesignFault::new(&["blueprints"], message).hint(Some(hint)));
            }
        }
    }
    for blueprint in &waiting {
        for need in &blueprint.needs {
            if waiting.iter().all(|one| one.id != *need) {
                let message = format!("{} needs `{need}`", blueprint.id);
                let hint = "add it to `blueprints`".to_owned();
                faults.push(DesignFault::new(&["blueprints"], message).hint(Some(hint)));
            }
        }
    }
    waiting.sort_by(|a, b| a.id.cmp(&b.id));
    let mut out: Vec<&Blueprint> = Vec::new();
    while !waiting.is_empty() {
        let is_ready = |one: &&Blueprint| {
            let open = |need: &String| waiting.iter().any(|other| other.id == *need);
            !one.needs.iter().any(open)
        };
        // A circle, which tests rule out for the built-in ones, ends with the first of it.
        let at = waiting.iter().position(is_ready).unwrap_or(0);
        out.push(waiting.remove(at));
    }
    out
}
