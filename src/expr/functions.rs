//! The functions of the language: what they take, and what they come to.

use std::ops::Range;

use jiff::Timestamp;
use regex::{Regex, RegexBuilder};

use super::fault::{Fault, quoted};
use super::held::Held;
use super::limits::MOST_PATTERN;
use super::tree::{Kind, Node};
use super::types::Type;
use super::unknown::Unknown;

/// Every function and quantifier, and how it is written.
const USAGES: [(&str, &str); 14] = [
    ("size", "size(list)"),
    ("startsWith", "text.startsWith(\"…\")"),
    ("endsWith", "text.endsWith(\"…\")"),
    ("contains", "text.contains(\"…\")"),
    ("matches", "text.matches(r'…')"),
    ("max", "max(a, b)"),
    ("min", "min(a, b)"),
    ("timestamp", "timestamp(\"2026-01-31T00:00:00Z\")"),
    ("has", "has(name.field)"),
    ("exists", "list.exists(item, …)"),
    ("all", "list.all(item, …)"),
    ("exists_one", "list.exists_one(item, …)"),
    ("filter", "list.filter(item, …)"),
    ("map", "list.map(item, …)"),
];

/// Returns the type of a call's result.
pub(super) fn result(at: Range<usize>, name: &str, types: &[Type]) -> Result<Type, Fault> {
    match (name, types) {
        ("size", [Type::List(_) | Type::Map(_) | Type::Any]) => Ok(Type::Number),
        ("size", [of]) if of.is_text() => Ok(Type::Number),
        ("startsWith" | "endsWith" | "contains" | "matches", [text, other])
            if text.is_text() && other.is_text() =>
        {
            Ok(Type::Flag)
        }
        ("max" | "min", [_, _, ..]) if types.iter().all(|of| of.fits(&Type::Number)) => {
            Ok(Type::Number)
        }
        _ => match USAGES.iter().find(|(known, _)| *known == name) {
            Some((_, usage)) => {
                let fault = Fault::new(at, format!("`{name}` takes something else"));
                Err(fault.hint(format!("write `{usage}`")))
            }
            None => {
                let fault = Fault::new(at, format!("there is no function {}", quoted(name)));
                Err(fault.instead(name, USAGES.iter().map(|(known, _)| *known)))
            }
        },
    }
}

/// Compiles the pattern of `matches`, which is written out so that it is checked with the rest.
pub(super) fn pattern(at: Range<usize>, args: &[Node]) -> Result<Regex, Fault> {
    let [_, pattern] = args else {
        let fault = Fault::new(at, "`matches` takes one pattern");
        return Err(fault.hint("write `text.matches(r'…')`"));
    };
    let Kind::Text(source) = &pattern.kind else {
        let fault = Fault::new(pattern.at.clone(), "a pattern is written out, not computed");
        return Err(fault.hint("write `text.matches(r'…')`"));
    };
    let mut builder = RegexBuilder::new(source.raw());
    builder.size_limit(MOST_PATTERN).build().map_err(|error| {
        let text = error.to_string();
        let why = text.lines().last().unwrap_or_default();
        let why = why.trim_start_matches("error: ");
        Fault::new(pattern.at.clone(), format!("not a pattern: {why}"))
    })
}

/// Reads the moment that is written out in `timestamp("…")`.
pub(super) fn timestamp(at: Range<usize>, args: &[Node]) -> Result<Kind, Fault> {
    let written = match args {
        [only] => match &only.kind {
            Kind::Text(text) => text.raw().parse::<Timestamp>().ok(),
            _ => None,
        },
        _ => None,
    };
    written.map(Kind::Time).ok_or_else(|| {
        let fault = Fault::new(at, "`timestamp` takes a moment that is written out");
        fault.hint("write `timestamp(\"2026-01-31T00:00:00Z\")`")
    })
}

/// Calls a function. What the check lets through has a value, but where the schema did not
/// know a type.
pub(super) fn call(name: &str, args: &[Held], pattern: Option<&Regex>) -> Result<Held, Unknown> {
    let texts = args.iter().map(Held::text).collect::<Option<Vec<&str>>>();
    let held = match (name, args, texts.as_deref()) {
        ("size", [only], _) => return only.size().map(Held::from),
        ("startsWith", _, Some([text, other])) => text.starts_with(*other).into(),
        ("endsWith", _, Some([text, other])) => text.ends_with(*other).into(),
        ("contains", _, Some([text, other])) => text.contains(*other).into(),
        ("matches", _, Some([text, _])) => match pattern {
            Some(pattern) => pattern.is_match(text).into(),
            None => return Err(Unknown::no_value("no pattern")),
        },
        ("max", [_, ..], _) => numbers(args)?.into_iter().fold(f64::MIN, f64::max).into(),
        ("min", [_, ..], _) => numbers(args)?.into_iter().fold(f64::MAX, f64::min).into(),
        _ => return Err(Unknown::no_value("not what the function takes")),
    };
    Ok(held)
}

fn numbers(args: &[Held]) -> Result<Vec<f64>, Unknown> {
    args.iter().map(Held::number).collect()
}
