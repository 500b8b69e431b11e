//! Parameters of actions: what they may be, and reading them.

use crate::expr::Expression;
use crate::model::fact::Value;
use crate::text::{Untrusted, numbers};

/// Bytes of a text.
const MOST_TEXT: usize = 4096;

/// A parameter.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// What it is, in a few words.
    pub about: String,
    /// What it may be.
    pub kind: ParameterKind,
    /// What it is where nobody says: an expression over what is read.
    pub default: Option<Expression>,
}

/// What a parameter may be.
#[derive(Debug, Clone)]
pub enum ParameterKind {
    /// A whole number in these bounds.
    Number {
        /// The least.
        min: f64,
        /// The most.
        max: f64,
    },
    /// A text that this pattern fits.
    Text {
        /// The pattern, which the whole text fits.
        pattern: regex::Regex,
        /// An example, for messages.
        example: String,
    },
    /// One of these texts.
    Choice {
        /// The texts.
        values: Vec<String>,
    },
}

impl ParameterKind {
    /// Reads a parameter of this name as it is given.
    ///
    /// # Errors
    /// What it may be.
    pub fn read(&self, name: &str, text: &str) -> Result<Value, Untrusted> {
        let wrong = |why: String| Err(Untrusted::new(format!("`{name}` {why}")));
        match self {
            Self::Number { min, max } => {
                let number = text.trim().parse::<f64>().ok();
                let number = number.filter(|it| it.fract() == 0.0 && it >= min && it <= max);
                match number {
                    Some(number) => Ok(Value::Number(number)),
                    None => {
                        let (min, max) = (numbers::number(*min), numbers::number(*max));
                        wrong(format!("is {min} to {max}, and {text} was given"))
                    }
                }
            }
            Self::Choice { values } if values.iter().any(|one| one == text) => {
                Ok(Value::text(text))
            }
            Self::Choice { values } => {
                let values = values.join(", ");
                wrong(format!("is one of {values}, and {text} was given"))
            }
            // It may become an argument of a program: never an option, and no more than a line.
            Self::Text { .. } if text.starts_with('-') || text.contains(char::is_control) => {
                wrong(format!(
                    "begins with no hyphen and has no control characters, and {text} was given"
                ))
            }
            Self::Text { .. } if text.len() > MOST_TEXT => {
                wrong(format!("has at most {MOST_TEXT} bytes"))
            }
            Self::Text { pattern, .. } if pattern.is_match(text) => Ok(Value::text(text)),
            Self::Text { example, .. } => wrong(format!(
                "is a value such as {example}, and {text} was given"
            )),
        }
    }
}
