//! Parameters of blueprints, and what they may be.

use regex::Regex;
use serde::Deserialize;
use serde_json::{Number, Value};

use crate::text::escape;

/// A parameter.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its type.
    pub is: ParameterType,
    /// Its value where none is given.
    pub default: Option<ParameterValue>,
    /// Whether it needs a value.
    pub required: bool,
    /// The least number.
    pub min: Option<f64>,
    /// The greatest number.
    pub max: Option<f64>,
    /// All that it may be.
    pub one_of: Vec<ParameterValue>,
    /// What a text, or every text of a list, looks like.
    pub pattern: Option<Regex>,
    /// Whether it becomes a variable, so that environments may differ.
    pub per_environment: bool,
    /// What it is.
    pub description: String,
}

/// The type of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ParameterType {
    /// `true` or `false`.
    Flag,
    /// A list of texts.
    List,
    /// A whole number.
    Number,
    /// A text.
    Text,
}

/// A value of a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParameterValue {
    /// `true` or `false`.
    Flag(bool),
    /// A list of texts.
    List(Vec<String>),
    /// A number.
    Number(Number),
    /// A text.
    Text(String),
}

impl ParameterType {
    /// Returns what people call it.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Flag => "`true` or `false`",
            Self::List => "a list of texts",
            Self::Number => "a number",
            Self::Text => "a text",
        }
    }
}

impl ParameterValue {
    /// Reads a value; `None` for what is none.
    pub fn from_json(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Bool(flag) => Self::Flag(*flag),
            Value::Number(number) => Self::Number(number.clone()),
            Value::String(text) => Self::Text(text.clone()),
            Value::Array(items) => {
                let texts = items.iter().map(|item| item.as_str().map(str::to_owned));
                Self::List(texts.collect::<Option<_>>()?)
            }
            Value::Null | Value::Object(_) => return None,
        })
    }

    /// Returns it as JSON.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Flag(flag) => Value::Bool(*flag),
            Self::List(items) => Value::from(items.clone()),
            Self::Number(number) => Value::Number(number.clone()),
            Self::Text(text) => Value::String(text.clone()),
        }
    }

    /// Returns its type.
    pub fn value_type(&self) -> ParameterType {
        match self {
            Self::Flag(_) => ParameterType::Flag,
            Self::List(_) => ParameterType::List,
            Self::Number(_) => ParameterType::Number,
            Self::Text(_) => ParameterType::Text,
        }
    }

    /// Returns it for messages. Safe to show.
    pub fn shown(&self) -> String {
        match self {
            Self::Flag(flag) => flag.to_string(),
            Self::List(items) => escape::cut(&escape::json(&items.join(", ")), 80),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => escape::cut(&escape::json(text), 80),
        }
    }

    /// Whether it is more than an empty text or list.
    pub fn is_set(&self) -> bool {
        match self {
            Self::List(items) => !items.is_empty(),
            Self::Text(text) => !text.is_empty(),
            Self::Flag(_) | Self::Number(_) => true,
        }
    }

    /// Whether a condition that names its parameter holds.
    pub fn holds(&self) -> bool {
        match self {
            Self::Flag(flag) => *flag,
            Self::List(items) => !items.is_empty(),
            Self::Number(_) => true,
            Self::Text(text) => !text.is_empty(),
        }
    }
}

impl Parameter {
    /// Reads a value as a command line gives it.
    ///
    /// # Errors
    /// It is not of the type; in words that begin with the name.
    pub fn parse(&self, name: &str, text: &str) -> Result<ParameterValue, String> {
        let value = match self.is {
            ParameterType::Text => Some(ParameterValue::Text(text.to_owned())),
            ParameterType::Flag => text.parse().ok().map(ParameterValue::Flag),
            ParameterType::Number => text.parse().ok().map(ParameterValue::Number),
            ParameterType::List => {
                let items = text
                    .split(',')
                    .map(str::trim)
                    .filter(|item| !item.is_empty());
                Some(ParameterValue::List(items.map(str::to_owned).collect()))
            }
        };
        let value = value.ok_or_else(|| {
            let shown = escape::cut(&escape::json(text), 80);
            format!("`{name}` is `{shown}`; it must be {}", self.is.noun())
        })?;
        self.check(name, &value)?;
        Ok(value)
    }

    /// Checks a value.
    ///
    /// # Errors
    /// It may not be this; in words that begin with the name.
    pub fn check(&self, name: &str, value: &ParameterValue) -> Result<(), String> {
        if value.value_type() != self.is {
            let (is, wants) = (value.value_type().noun(), self.is.noun());
            return Err(format!("`{name}` is {is}; it must be {wants}"));
        }
        let shown = value.shown();
        if !self.one_of.is_empty() && !self.one_of.contains(value) {
            let all: Vec<String> = self.one_of.iter().map(ParameterValue::shown).collect();
            let quoted = quoted(value, &shown);
            let all = all.join(", ");
            return Err(format!("`{name}` is {quoted}; it must be one of {all}"));
        }
        match value {
            ParameterValue::Number(number) => {
                let number = number.as_f64().unwrap_or(f64::NAN);
                let low = self.min.unwrap_or(f64::NEG_INFINITY);
                let high = self.max.unwrap_or(f64::INFINITY);
                if !(low..=high).contains(&number) {
                    return Err(format!("`{name}` is {shown}; it must be {}", self.range()));
                }
            }
            ParameterValue::Text(text) => self.check_text(name, text)?,
            ParameterValue::List(items) => {
                items
                    .iter()
                    .try_for_each(|item| self.check_text(name, item))?;
            }
            ParameterValue::Flag(_) => {}
        }
        Ok(())
    }

    fn check_text(&self, name: &str, text: &str) -> Result<(), String> {
        match &self.pattern {
            Some(pattern) if !pattern.is_match(text) => {
                let shown = escape::cut(&escape::json(text), 80);
                Err(format!(
                    "`{name}` is `{shown}`, which does not match `{pattern}`"
                ))
            }
            _ => Ok(()),
        }
    }

    fn range(&self) -> String {
        match (self.min, self.max) {
            (Some(min), Some(max)) => format!("from {min} to {max}"),
            (Some(min), None) => format!("{min} or more"),
            (None, Some(max)) => format!("{max} or less"),
            (None, None) => "a number".to_owned(),
        }
    }

    /// Returns what it may be, in words; `None` where only its type counts.
    pub fn limits(&self) -> Option<String> {
        if !self.one_of.is_empty() {
            let all: Vec<String> = self.one_of.iter().map(ParameterValue::shown).collect();
            return Some(format!("one of {}", all.join(", ")));
        }
        (self.min.is_some() || self.max.is_some()).then(|| self.range())
    }
}

fn quoted(value: &ParameterValue, shown: &str) -> String {
    match value {
        ParameterValue::Number(_) | ParameterValue::Flag(_) => shown.to_owned(),
        ParameterValue::List(_) | ParameterValue::Text(_) => format!("`{shown}`"),
    }
}
