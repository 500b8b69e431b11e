//! The block at the top of a design: reading it strictly, and editing it so that comments and
//! layout of people survive.

use std::fmt::Write;

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml_edit::{DocumentMut, Item, Table, value};

use crate::catalog::blueprints::{Blueprint, ParameterValue};
use crate::core::infra::design::DesignFault;
use crate::model::design::{DesignHead, Generated};
use crate::text::escape;

const FENCE: &str = "+++";

/// A design as text: its block, and the document below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DesignText<'t> {
    /// The block without its fences, as TOML.
    pub head: &'t str,
    /// The document.
    pub body: &'t str,
}

/// What is wrong in a design, with its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {message}")]
pub struct PlacedFault {
    /// Line in the file, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// What is wrong. Safe to show.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

impl PlacedFault {
    fn at_start(message: &str) -> Self {
        Self {
            line: 1,
            column: 1,
            message: message.to_owned(),
            hint: Some("a design begins with a block of TOML between two lines `+++`".to_owned()),
        }
    }
}

/// Splits a design.
///
/// # Errors
/// It has no block.
pub fn split(text: &str) -> Result<DesignText<'_>, PlacedFault> {
    let rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = rest.split_inclusive('\n');
    let first = lines.next().unwrap_or_default();
    if first.trim_end() != FENCE {
        return Err(PlacedFault::at_start("the block at the top is missing"));
    }
    let start = first.len();
    let mut at = start;
    for line in lines {
        if line.trim_end() == FENCE {
            return Ok(DesignText {
                head: &rest[start..at],
                body: &rest[at + line.len()..],
            });
        }
        at += line.len();
    }
    Err(PlacedFault::at_start("the block at the top is not closed"))
}

/// Puts a design together.
pub fn join(head: &str, body: &str) -> String {
    format!("{FENCE}\n{head}{FENCE}\n{body}")
}

/// Reads the block.
///
/// # Errors
/// It is not valid; the place is in the file.
pub fn parse(text: &DesignText<'_>) -> Result<DesignHead, PlacedFault> {
    toml::from_str(text.head).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        let (line, column) = position(text.head, start);
        PlacedFault {
            line,
            column,
            message: escape::cut(&escape::json(error.message()), 300),
            hint: None,
        }
    })
}

/// Finds the place of a fault in the file.
pub fn place(text: &DesignText<'_>, fault: DesignFault) -> PlacedFault {
    let mut start = 0;
    if let Ok(table) = DeTable::parse(text.head) {
        start = find(table.get_ref(), &fault.path).unwrap_or(0);
    }
    let (line, column) = position(text.head, start);
    PlacedFault {
        line,
        column,
        message: fault.message,
        hint: fault.hint,
    }
}

/// Where the deepest of these keys is that is there.
fn find(table: &DeTable<'_>, path: &[String]) -> Option<usize> {
    let (key, rest) = path.split_first()?;
    let (found, inner): (&Spanned<_>, &Spanned<DeValue<'_>>) = table
        .iter()
        .find(|(one, _)| one.get_ref().as_ref() == key)?;
    let deeper = inner
        .get_ref()
        .as_table()
        .and_then(|table| find(table, rest));
    Some(deeper.unwrap_or(found.span().start))
}

/// Line and column in the file of a byte of the block, which begins in line 2.
fn position(head: &str, at: usize) -> (usize, usize) {
    let before = head.get(..at).unwrap_or(head);
    let line = before.matches('\n').count() + 2;
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        + 1;
    (line, column)
}

/// Writes the block of a new design, with what each parameter is.
pub fn new_head(head: &DesignHead, blueprints: &[&Blueprint]) -> String {
    let mut out = String::from(
        "# Edit this block: the document below and the code follow it. `fractary infra architect --design`\n\
         # brings the document up to date, `fractary infra engineer --design` the code. What differs in\n\
         # one environment is set in `[overrides.ENVIRONMENT.BLUEPRINT]`.\n",
    );
    let texts = |items: Vec<&str>| Value::from(items);
    let environments = head.environments.iter().map(|one| one.as_str()).collect();
    let ids = head.blueprints.iter().map(String::as_str).collect();
    for (key, written) in [
        ("version", Value::from(head.version)),
        ("feature", Value::from(head.feature.as_str())),
        ("name", Value::from(head.name.as_str())),
    ] {
        line(&mut out, key, &written);
    }
    out.push_str("# In the names of resources in AWS: a change replaces them.\n");
    line(
        &mut out,
        "resource_name",
        &Value::from(head.resource_name.as_str()),
    );
    line(&mut out, "environments", &texts(environments));
    line(&mut out, "blueprints", &texts(ids));
    for blueprint in blueprints.iter().filter(|one| !one.parameters.is_empty()) {
        let _ = write!(out, "\n[parameters.{}]\n", blueprint.id);
        let given = head.parameters.get(&blueprint.id);
        for (name, parameter) in &blueprint.parameters {
            let limits = parameter
                .limits()
                .map_or_else(String::new, |limits| format!(" ({limits})"));
            let _ = writeln!(out, "# {}{limits}", parameter.description);
            let own = given.and_then(|given| given.get(name)).cloned();
            let known = own.or_else(|| parameter.default.as_ref().map(ParameterValue::to_json));
            match known {
                Some(known) => line(&mut out, name, &known),
                None => {
                    let empty = match parameter.is {
                        crate::catalog::blueprints::ParameterType::List => "[]",
                        _ => "\"\"",
                    };
                    let _ = writeln!(out, "# {name} = {empty}");
                }
            }
        }
    }
    out
}

fn line(out: &mut String, key: &str, written: &Value) {
    let _ = writeln!(out, "{key} = {}", as_toml(written));
}

fn as_toml(written: &Value) -> toml_edit::Value {
    match written {
        Value::Bool(flag) => (*flag).into(),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => whole.into(),
            None => number.as_f64().unwrap_or_default().into(),
        },
        Value::Array(items) => items
            .iter()
            .map(as_toml)
            .collect::<toml_edit::Array>()
            .into(),
        other => other.as_str().unwrap_or_default().into(),
    }
}

/// Sets a parameter in the block; comments and layout stay.
///
/// # Errors
/// The block is no TOML.
pub fn set_parameter(
    head: &str,
    blueprint: &str,
    name: &str,
    new: &ParameterValue,
) -> Result<String, String> {
    let mut document: DocumentMut = head
        .parse()
        .map_err(|error: toml_edit::TomlError| error.to_string())?;
    let implicit = || {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    };
    let parameters = document.entry("parameters").or_insert_with(implicit);
    let tables = parameters
        .as_table_like_mut()
        .ok_or("`parameters` is no table")?;
    let own = tables
        .entry(blueprint)
        .or_insert_with(|| Item::Table(Table::new()));
    let own = own
        .as_table_like_mut()
        .ok_or("the parameters of a blueprint are no table")?;
    let mut written = as_toml(&new.to_json());
    if let Some(old) = own.get(name).and_then(Item::as_value) {
        *written.decor_mut() = old.decor().clone();
    }
    own.insert(name, value(written));
    Ok(document.to_string())
}

/// Records what was generated, at the end of the block.
///
/// # Errors
/// The block is no TOML.
pub fn set_generated(head: &str, generated: &Generated) -> Result<String, String> {
    let mut document: DocumentMut = head
        .parse()
        .map_err(|error: toml_edit::TomlError| error.to_string())?;
    document.remove("generated");
    let mut kept = document.to_string();
    if *generated == Generated::default() {
        return Ok(kept);
    }
    if !kept.ends_with('\n') {
        kept.push('\n');
    }
    let mut table = Table::new();
    if let Some(id) = &generated.document {
        table.insert("document", value(id));
    }
    if !generated.names.is_empty() {
        let names = generated.names.iter().map(|one| one.as_str());
        table.insert("names", value(names.collect::<toml_edit::Array>()));
    }
    let mut out = format!(
        "{}\n# Written by fractary: what was generated last.\n[generated]\n{table}",
        kept.trim_end_matches('\n').to_owned() + "\n"
    );
    if !generated.files.is_empty() {
        let mut files = Table::new();
        for (path, id) in &generated.files {
            files.insert(path, value(id));
        }
        let _ = write!(out, "\n[generated.files]\n{files}");
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "+++\n# mine\nversion = 1 # one\n\n[parameters.a]\nx = 1 # why\n+++\n# Title\n";

    #[test]
    fn comments_survive_edits() {
        let split = split(TEXT).expect("a design");
        assert_eq!(split.body, "# Title\n");
        let set = set_parameter(split.head, "a", "x", &ParameterValue::Number(2.into()));
        let set = set.expect("TOML");
        assert_eq!(
            set,
            "# mine\nversion = 1 # one\n\n[parameters.a]\nx = 2 # why\n"
        );
        let generated = Generated {
            document: Some("d".to_owned()),
            names: Vec::new(),
            files: [("infra/a.tf".to_owned(), "e".to_owned())].into(),
        };
        let once = set_generated(&set, &generated).expect("TOML");
        assert!(once.starts_with(&set), "{once}");
        let read: toml::Table = toml::from_str(&once).expect("TOML");
        assert_eq!(read["generated"]["files"]["infra/a.tf"].as_str(), Some("e"));
        assert_eq!(set_generated(&once, &generated).expect("TOML"), once);
        let none = set_generated(&once, &Generated::default()).expect("TOML");
        assert_eq!(none.trim_end(), set.trim_end());
    }

    #[test]
    fn faults_have_their_place_in_the_file() {
        let text = split(TEXT).expect("a design");
        let fault = DesignFault::new(&["parameters", "a", "x"], "no");
        assert_eq!(place(&text, fault).to_string(), "6:1: no");
        let wrong = "+++\nversion = 1\nfeature = 5\n+++\n";
        let fault = parse(&split(wrong).expect("a design")).expect_err("a number");
        assert_eq!((fault.line, fault.column), (3, 11), "{fault}");
        assert!(split("# Title\n").is_err());
        assert!(split("+++\nversion = 1\n").is_err());
    }
}
