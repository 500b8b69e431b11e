//! The expression language of kind files: arithmetic over numbers with names.
//!
//! It is minijinja's expression engine with strict undefined and a fuel limit, cut down to
//! numbers: no text, no lists, no filters, so that a file of a user can cost next to nothing.
//! `core::expr` evaluates it over facts that may be absent or unreadable.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use minijinja::value::Value;
use minijinja::{Environment, UndefinedBehavior};

/// Instructions that one evaluation may take. The longest built-in one takes about 20.
const FUEL: u64 = 1_000;

/// Longest expression in bytes.
const MAX_LENGTH: usize = 500;

/// Functions of the language; every other name is a variable.
const FUNCTIONS: [&str; 2] = ["max", "min"];

/// A compiled expression.
#[derive(Clone)]
pub struct Expression {
    source: String,
    variables: Vec<String>,
    program: Arc<minijinja::Expression<'static, 'static>>,
}

/// Why a text is not an expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExpressionError {
    /// It is too long.
    #[error("the expression has {0} bytes; the limit is {MAX_LENGTH}")]
    TooLong(usize),
    /// It holds something that is not part of the language.
    #[error(
        "`{0}` is not allowed in an expression: write numbers, names, `+ - * /`, comparisons, `a if b else c`, `max(a, b)`, `min(a, b)`"
    )]
    Character(char),
    /// It does not parse.
    #[error("not an expression: {0}")]
    Syntax(String),
}

impl Expression {
    /// Compiles.
    pub fn new(source: &str) -> Result<Self, ExpressionError> {
        if source.len() > MAX_LENGTH {
            return Err(ExpressionError::TooLong(source.len()));
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || "_ .+-*/()<>=!,".contains(c);
        if let Some(other) = source.chars().find(|c| !allowed(*c)) {
            return Err(ExpressionError::Character(other));
        }
        let program = environment()
            .compile_expression_owned(source.to_owned())
            .map_err(|error| ExpressionError::Syntax(error_text(&error)))?;
        let mut variables: Vec<String> = program.undeclared_variables(false).into_iter().collect();
        variables.retain(|name| !FUNCTIONS.contains(&name.as_str()));
        variables.sort_unstable();
        Ok(Self {
            source: source.to_owned(),
            variables,
            program: Arc::new(program),
        })
    }

    /// The text that it was made from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Names that it needs, sorted.
    pub fn variables(&self) -> &[String] {
        &self.variables
    }

    /// Its value over these numbers. `None` where it has none: a division by zero, a name that
    /// is missing, a result that is not a finite number.
    pub fn evaluate(&self, numbers: &[(&str, f64)]) -> Option<f64> {
        // Fast path: most indicators are one metric as it is.
        if let [only] = self.variables.as_slice()
            && *only == self.source
        {
            return numbers
                .iter()
                .find(|(name, _)| name == only)
                .map(|(_, value)| *value)
                .filter(|value| value.is_finite());
        }
        let context: BTreeMap<String, Value> = numbers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Value::from(*value)))
            .collect();
        let value = self.program.eval(Value::from(context)).ok()?;
        f64::try_from(value).ok().filter(|value| value.is_finite())
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expression({:?})", self.source)
    }
}

fn environment() -> &'static Environment<'static> {
    static ENVIRONMENT: OnceLock<Environment<'static>> = OnceLock::new();
    ENVIRONMENT.get_or_init(|| {
        let mut environment = Environment::empty();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        environment.add_function("max", |a: f64, b: f64| a.max(b));
        environment.add_function("min", |a: f64, b: f64| a.min(b));
        environment
    })
}

fn error_text(error: &minijinja::Error) -> String {
    error
        .detail()
        .map_or_else(|| error.kind().to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(source: &str, numbers: &[(&str, f64)]) -> Option<f64> {
        Expression::new(source)
            .expect("an expression")
            .evaluate(numbers)
    }

    #[test]
    fn arithmetic_over_names() {
        let numbers = [("errors", 3.0), ("calls", 200.0), ("none", 0.0)];
        for (source, expected) in [
            ("100 * errors / calls", Some(1.5)),
            ("errors", Some(3.0)),
            ("(errors + calls) * 2", Some(406.0)),
            ("max(calls - 500, 0)", Some(0.0)),
            ("min(errors, calls)", Some(3.0)),
            ("errors / calls if calls > 100 else 0", Some(0.015)),
            ("7", Some(7.0)),
            ("-errors", Some(-3.0)),
            // No value, rather than a wrong one.
            ("errors / none", None),
            ("none / none", None),
            ("absent + 1", None),
            ("absent", None),
            ("calls > 100", None),
            ("10.0 ** 999", None),
        ] {
            assert_eq!(value(source, &numbers), expected, "{source}");
        }
    }

    #[test]
    fn names_are_listed() {
        let expression = Expression::new("100 * max(b, 0) / (a + b)").expect("an expression");
        assert_eq!(expression.variables(), ["a", "b"]);
    }

    #[test]
    fn only_the_small_language_is_accepted() {
        let long = "1+".repeat(400);
        for bad in [
            "",
            "1 +",
            "a b",
            "\"text\" * 9",
            "[1] * 9",
            "a | upper",
            "{{ a }}",
            "a\n+b",
            "ä",
            long.as_str(),
            "(((",
        ] {
            assert!(Expression::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn deep_nesting_is_an_error_and_not_a_crash() {
        let deep = format!("{}1{}", "(".repeat(240), ")".repeat(240));
        let _ = Expression::new(&deep);
        let calls = format!("{}1{}", "max(1,".repeat(60), ")".repeat(60));
        let _ = Expression::new(&calls).map(|e| e.evaluate(&[]));
    }
}
