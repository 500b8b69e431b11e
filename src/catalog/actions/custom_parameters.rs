//! Parameters of programs: typed, bounded, and named where they are used.

use std::collections::BTreeMap;

use regex::Regex;

use super::{Parameter, ParameterKind, RESOURCE_FIELDS};
use crate::expr::{Expression, Schema, Type};
use crate::model::monitoring::{CustomAction, CustomParameter};

/// Names in braces that stand for something else.
const TAKEN: [&str; 3] = ["environment", "resource", super::PROGRAM_FACT];

/// Reads the parameters of a definition.
///
/// # Errors
/// What is wrong with one of them, or with where it is used.
pub(super) fn read(definition: &CustomAction) -> Result<BTreeMap<String, Parameter>, String> {
    let each = definition.parameters.iter();
    let read: Result<BTreeMap<_, _>, String> = each
        .map(|(name, one)| {
            let parameter =
                parameter(name, one).map_err(|why| format!("the parameter `{name}` {why}"));
            Ok((name.clone(), parameter?))
        })
        .collect();
    let read = read?;
    used(definition)?;
    Ok(read)
}

fn parameter(name: &str, definition: &CustomParameter) -> Result<Parameter, String> {
    let is_name = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !is_name {
        return Err("has no name of `a-z`, `0-9` and `_` that begins with a letter".to_owned());
    }
    if TAKEN.contains(&name) || RESOURCE_FIELDS.contains(&name) {
        return Err("has a name that stands for something of the resource".to_owned());
    }
    let kind = kind(definition)?;
    let default = definition.default.as_ref();
    let default = default
        .map(|text| default_of(name, &kind, text))
        .transpose()?;
    Ok(Parameter {
        about: definition.about.clone(),
        kind,
        default,
    })
}

fn kind(definition: &CustomParameter) -> Result<ParameterKind, String> {
    let CustomParameter {
        min,
        max,
        pattern,
        example,
        values,
        ..
    } = definition;
    match (min, max, pattern, example, &values[..]) {
        (Some(min), Some(max), None, None, []) if min <= max => Ok(ParameterKind::Number {
            min: *min as f64,
            max: *max as f64,
        }),
        (Some(_), Some(_), None, None, []) => Err("has a `min` above its `max`".to_owned()),
        (None, None, Some(pattern), Some(example), []) => {
            let pattern = Regex::new(&format!("^(?:{pattern})$"));
            let pattern = pattern.map_err(|_| "has a `pattern` that is no regular expression")?;
            let kind = ParameterKind::Text {
                pattern,
                example: example.clone(),
            };
            let fits = kind.read("example", example);
            fits.map_err(|_| "has an `example` that its `pattern` does not fit".to_owned())?;
            Ok(kind)
        }
        (None, None, None, None, [_, ..]) => match values.iter().find(|one| !is_plain(one)) {
            Some(_) => {
                Err("has a value that is empty, begins with a hyphen or is no line".to_owned())
            }
            None => Ok(ParameterKind::Choice {
                values: values.clone(),
            }),
        },
        _ => Err(
            "needs `min` and `max` of a number, `pattern` and `example` of a text, or `values`"
                .to_owned(),
        ),
    }
}

/// Whether a text can be an argument and nothing else.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('-') && !text.contains(char::is_control)
}

/// The default as an expression that is always this.
fn default_of(name: &str, kind: &ParameterKind, text: &str) -> Result<Expression, String> {
    let value = kind.read(name, text);
    value.map_err(|why| format!("has a default that it may not be: {}", why.redacted()))?;
    let (source, of) = match kind {
        ParameterKind::Number { .. } => (text.trim().to_owned(), Type::Number),
        ParameterKind::Text { .. } | ParameterKind::Choice { .. } => {
            let inside = text.replace('\\', "\\\\").replace('\'', "\\'");
            (format!("'{inside}'"), Type::Text)
        }
    };
    Expression::compile(&source, &Schema::new(), &of)
        .map_err(|fault| format!("has a default that cannot be read: {}", fault.message))
}

/// Refuses `{name}` in arguments and variables where nothing has that name: a program that gets the
/// braces instead of a value does something that nobody has meant.
fn used(definition: &CustomAction) -> Result<(), String> {
    if definition.parameters.is_empty() {
        return Ok(());
    }
    let arguments = definition.exec.iter().skip(1);
    for text in arguments.chain(
        definition
            .env
            .values()
            .filter(|text| !text.starts_with("${")),
    ) {
        for (_, after) in text.match_indices('{').map(|(at, _)| text.split_at(at + 1)) {
            let name = after.split('}').next().unwrap_or_default();
            let is_name = after.contains('}')
                && !name.is_empty()
                && name
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
            let known = matches!(name, "environment" | "resource" | "name")
                || definition.parameters.contains_key(name);
            if is_name && !known {
                let near = definition.parameters.keys().map(String::as_str);
                let near = crate::text::similar::nearest(name, near);
                let near =
                    near.map_or_else(String::new, |near| format!("; did you mean `{{{near}}}`?"));
                return Err(format!("`{{{name}}}` is no parameter{near}"));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(parameters: &str) -> Result<Vec<String>, String> {
        let text = format!(
            "title = \"Warm up\"\nexec = [\"scripts/warm.sh\", \"{{name}}\", \"{{paths}}\"]\n\
             kinds = [\"lambda\"]\n{parameters}"
        );
        let definition: CustomAction = toml::from_str(&text).expect("a definition");
        let read = read(&definition)?;
        let each = read.iter().map(|(name, one)| {
            let default = one.default.as_ref().map_or("", Expression::source);
            format!("{name}={default}")
        });
        Ok(each.collect())
    }

    #[test]
    fn parameters_are_typed_and_bounded() {
        for (text, wanted) in [
            (
                "[parameters.paths]\nabout = \"p\"\nmin = 1\nmax = 50\ndefault = \"10\"",
                "paths=10",
            ),
            (
                "[parameters.paths]\nabout = \"p\"\nmin = 1\nmax = 50",
                "paths=",
            ),
            (
                "[parameters.paths]\nabout = \"p\"\npattern = \"[a-z/']+\"\nexample = \"/a\"\ndefault = \"it's\"",
                "paths='it\\'s'",
            ),
            (
                "[parameters.paths]\nabout = \"p\"\nvalues = [\"all\", \"new\"]\ndefault = \"new\"",
                "paths='new'",
            ),
        ] {
            assert_eq!(read_text(text), Ok(vec![wanted.to_owned()]), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_parameter_is_said() {
        for (text, wanted) in [
            ("about = \"p\"", "`paths` needs `min` and `max` of a number"),
            ("about = \"p\"\nmin = 1", "`paths` needs `min` and `max`"),
            ("about = \"p\"\nmin = 9\nmax = 1", "a `min` above its `max`"),
            (
                "about = \"p\"\nmin = 1\nmax = 5\nvalues = [\"a\"]",
                "`paths` needs",
            ),
            (
                "about = \"p\"\nmin = 1\nmax = 5\ndefault = \"6\"",
                "`paths` is 1 to 5, and 6 was given",
            ),
            (
                "about = \"p\"\nmin = 1\nmax = 5\ndefault = \"x\"",
                "`paths` is 1 to 5, and x was given",
            ),
            (
                "about = \"p\"\npattern = \"[\"\nexample = \"a\"",
                "no regular expression",
            ),
            (
                "about = \"p\"\npattern = \"[a-z]+\"\nexample = \"A\"",
                "its `pattern` does not fit",
            ),
            (
                "about = \"p\"\nvalues = [\"--all\"]",
                "begins with a hyphen",
            ),
            ("about = \"p\"\nvalues = [\"\"]", "a value that is empty"),
        ] {
            let why = read_text(&format!("[parameters.paths]\n{text}")).expect_err(text);
            assert!(why.contains(wanted), "{text}: {why}");
        }
        for (name, wanted) in [
            ("Paths", "has no name of"),
            ("\"1a\"", "has no name of"),
            ("resource", "stands for something of the resource"),
            ("region", "stands for something of the resource"),
            ("path", "`{paths}` is no parameter; did you mean `{path}`?"),
        ] {
            let text = format!("[parameters.{name}]\nabout = \"p\"\nmin = 1\nmax = 5");
            let why = read_text(&text).expect_err(name);
            assert!(why.contains(wanted), "{name}: {why}");
        }
    }

    #[test]
    fn what_is_given_is_held_to_the_bounds() {
        let number = ParameterKind::Number {
            min: 1.0,
            max: 50.0,
        };
        let text = ParameterKind::Text {
            pattern: Regex::new("^(?:.*)$").expect("a pattern"),
            example: "a".to_owned(),
        };
        let choice = ParameterKind::Choice {
            values: vec!["all".to_owned(), "new".to_owned()],
        };
        let long = "a".repeat(5000);
        for (kind, given, is_right) in [
            (&number, "50", true),
            (&number, "51", false),
            (&number, "1.5", false),
            (&number, "NaN", false),
            (&number, "1; rm -rf /", false),
            (&choice, "new", true),
            (&choice, "old", false),
            (&text, "$(rm -rf /)", true),
            (&text, "--option", false),
            (&text, "two\nlines", false),
            (&text, "a\0b", false),
            (&text, long.as_str(), false),
        ] {
            let read = kind.read("paths", given);
            assert_eq!(read.is_ok(), is_right, "{given:?}");
        }
    }
}
