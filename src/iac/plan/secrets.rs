//! Collects the values that must not be shown wherever they occur.
//!
//! Marks alone do not suffice: a secret that has gone through a computed attribute
//! (`terraform_data.x.output`) loses its mark, and sensitive variables are listed in clear.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::iac::error::IacError;
use crate::iac::plan::PLAN;
use crate::iac::plan::raw::{RawChange, RawConfiguration, RawModule, RawPlan, RawValues};
use crate::text::redact;

/// Shorter values are words that occur everywhere.
const SHORTEST: usize = 4;

/// Attributes that hold secrets whether the provider marks them or not.
const SECRET_ATTRIBUTES: &[&str] = &[
    "admin_password",
    "auth_token",
    "master_password",
    "master_user_password",
    "password",
    "private_key",
    "private_key_pem",
    "secret",
    "secret_access_key",
    "secret_binary",
    "secret_key",
    "secret_string",
    "token",
    "user_data",
    "user_data_base64",
];

/// Signs that a closer look is worth its time.
const SIGNS: &[&str] = &[
    "_token",
    "password",
    "private_key",
    "secret",
    "SecureString",
    "\"token\"",
    "user_data",
    "PASS",
    "TOKEN",
    "SECRET",
    "KEY",
    "_key",
];

/// Everything secret in a plan.
///
/// # Errors
/// A part that is looked into is not what it claims to be.
pub(super) fn collect(raw: &RawPlan<'_>) -> Result<BTreeSet<String>, IacError> {
    let mut secrets = Secrets(BTreeSet::new());
    let lists = [&raw.resource_changes, &raw.resource_drift];
    for change in lists.into_iter().flatten().flatten() {
        secrets.add_change(change)?;
    }
    let deferred = raw.deferred_changes.iter().flatten();
    for change in deferred.filter_map(|one| one.resource_change.as_ref()) {
        secrets.add_change(change)?;
    }
    let states = [
        raw.prior_state
            .as_ref()
            .and_then(|state| state.values.as_ref()),
        raw.planned_values.as_ref(),
    ];
    for values in states.into_iter().flatten() {
        secrets.add_values(values)?;
    }
    for (_, output) in raw.output_changes.iter().flat_map(|list| &list.0) {
        secrets.add_marked(output.before, output.before_sensitive)?;
        secrets.add_marked(output.after, output.after_sensitive)?;
    }
    secrets.add_variables(raw)?;
    Ok(secrets.0)
}

struct Secrets(BTreeSet<String>);

impl Secrets {
    fn add_change(&mut self, raw: &RawChange<'_>) -> Result<(), IacError> {
        let change = &raw.change;
        let kind = raw.resource_type.raw();
        for (values, marks) in [
            (change.before, change.before_sensitive),
            (change.after, change.after_sensitive),
        ] {
            self.add_marked(values, marks)?;
            self.add_known(kind, values)?;
        }
        Ok(())
    }

    fn add_values(&mut self, values: &RawValues<'_>) -> Result<(), IacError> {
        for (_, output) in values.outputs.iter().flat_map(|list| &list.0) {
            if output.sensitive == Some(true) {
                self.add_all(&parse(output.value)?);
            }
        }
        let mut waiting: Vec<&RawModule<'_>> = values.root_module.iter().collect();
        while let Some(module) = waiting.pop() {
            for resource in module.resources.iter().flatten() {
                self.add_marked(resource.values, resource.sensitive_values)?;
                self.add_known(resource.resource_type.raw(), resource.values)?;
            }
            waiting.extend(module.child_modules.iter().flatten());
        }
        Ok(())
    }

    /// Variables of the root module are listed in clear, sensitive ones too.
    fn add_variables(&mut self, raw: &RawPlan<'_>) -> Result<(), IacError> {
        let configuration = match raw.configuration {
            Some(text) => RawConfiguration::deserialize(&mut json(text)).map_err(invalid)?,
            None => RawConfiguration::default(),
        };
        let root = configuration.root_module;
        let configured = root.and_then(|root| root.variables).unwrap_or_default();
        for (name, variable) in raw.variables.iter().flat_map(|list| &list.0) {
            let known = configured.get(name.raw());
            let value = parse(variable.value)?;
            match known.and_then(|one| one.sensitive) {
                Some(true) => self.add_all(&value),
                _ => self.add_named(name.raw(), &value),
            }
        }
        Ok(())
    }

    /// What is marked: `{"password": true, "tags": {"x": true}}`.
    fn add_marked(
        &mut self,
        values: Option<&RawValue>,
        marks: Option<&RawValue>,
    ) -> Result<(), IacError> {
        let (Some(values), Some(marks)) = (values, marks) else {
            return Ok(());
        };
        if marks.get().contains("true") {
            self.add_by_marks(&parse(Some(values))?, &parse(Some(marks))?);
        }
        Ok(())
    }

    fn add_by_marks(&mut self, value: &Value, marks: &Value) {
        match (value, marks) {
            (_, Value::Bool(true)) => self.add_all(value),
            (Value::Object(values), Value::Object(marks)) => {
                for (name, mark) in marks {
                    if let Some(value) = values.get(name) {
                        self.add_by_marks(value, mark);
                    }
                }
            }
            (Value::Array(values), Value::Array(marks)) => {
                for (value, mark) in values.iter().zip(marks) {
                    self.add_by_marks(value, mark);
                }
            }
            // Sets may be marked as a whole through one of their elements.
            (Value::Array(values), Value::Object(_)) => {
                values
                    .iter()
                    .for_each(|value| self.add_by_marks(value, marks));
            }
            _ => {}
        }
    }

    /// What is secret by the name of its attribute.
    fn add_known(&mut self, kind: &str, values: Option<&RawValue>) -> Result<(), IacError> {
        let Some(text) = values.map(RawValue::get) else {
            return Ok(());
        };
        if SIGNS.iter().any(|sign| text.contains(sign)) {
            let value = parse(values)?;
            let is_parameter = kind == "aws_ssm_parameter";
            if is_parameter && value.get("type").and_then(Value::as_str) == Some("SecureString") {
                value
                    .get("value")
                    .into_iter()
                    .for_each(|one| self.add_all(one));
            }
            self.add_known_in(&value);
        }
        Ok(())
    }

    fn add_known_in(&mut self, value: &Value) {
        match value {
            Value::Object(fields) => {
                // `{"name": "DB_PASSWORD", "value": "…"}`, as in containers.
                if let (Some(Value::String(name)), Some(value)) =
                    (fields.get("name"), fields.get("value"))
                {
                    self.add_named(name, value);
                }
                for (name, value) in fields {
                    match SECRET_ATTRIBUTES.contains(&name.as_str()) {
                        true => self.add_all(value),
                        false => self.add_named(name, value),
                    }
                    self.add_known_in(value);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.add_known_in(item)),
            Value::String(text) if text.starts_with(['[', '{']) => {
                if let Ok(inner) = serde_json::from_str::<Value>(text) {
                    self.add_known_in(&inner);
                }
            }
            _ => {}
        }
    }

    /// A text whose name says that it is a secret.
    fn add_named(&mut self, name: &str, value: &Value) {
        if let Value::String(text) = value
            && !text.starts_with("arn:")
            && is_secret_name(name)
        {
            self.add_text(text);
        }
    }

    fn add_all(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.add_text(text),
            Value::Number(number) => self.add_text(&number.to_string()),
            Value::Array(items) => items.iter().for_each(|item| self.add_all(item)),
            Value::Object(fields) => fields.values().for_each(|value| self.add_all(value)),
            Value::Bool(_) | Value::Null => {}
        }
    }

    fn add_text(&mut self, text: &str) {
        let is_word = matches!(text, "true" | "false" | "null" | "none");
        if text.chars().count() >= SHORTEST && !is_word {
            self.0.insert(text.to_owned());
        }
    }
}

/// Whether a name says that its value is a secret (`DB_PASSWORD`).
fn is_secret_name(name: &str) -> bool {
    let has_sign = SIGNS.iter().any(|sign| name.contains(sign));
    has_sign && redact::redact_value(name, "x1y2z3") != "x1y2z3"
}

fn parse(value: Option<&RawValue>) -> Result<Value, IacError> {
    let Some(text) = value else {
        return Ok(Value::Null);
    };
    serde_json::from_str(text.get()).map_err(invalid)
}

fn json(value: &RawValue) -> serde_json::Deserializer<serde_json::de::StrRead<'_>> {
    serde_json::Deserializer::from_str(value.get())
}

fn invalid(error: serde_json::Error) -> IacError {
    IacError::from_json(PLAN, &error)
}
