//! A schema's refusals in words for people who never saw a schema.

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::paths::{Location, LocationSegment};
use jsonschema::{JsonType, ValidationError};
use serde_json::Value;

use crate::model::ids::{AccountId, Arn, CommitId, EnvironmentName, InvalidId, Region};
use crate::state::diagnostic::DiagnosticLevel;
use crate::state::diagnostic::locate::PathStep;
use crate::state::diagnostic::problem::Problem;
use crate::state::diagnostic::source;
use crate::state::shape::Shape;
use crate::text::escape;
use crate::text::similar;

/// A piece of a file as it may stand in a message: escaped, short, in backquotes.
pub(crate) fn quote(text: &str) -> String {
    let safe: String = escape::terminal(&escape::cut(text, 60))
        .chars()
        .map(|c| if c == '`' { '\'' } else { source::visible(c) })
        .collect();
    format!("`{safe}`")
}

/// Adds what a refusal means.
pub(crate) fn explain(error: &ValidationError<'_>, shape: &Shape, out: &mut Vec<Problem>) {
    let path = steps(error.instance_path());
    let value = error.instance().as_ref();
    match error.kind() {
        Kind::Type { kind } => out.push(wrong_type(&path, &types(kind), value)),
        Kind::Required { property } => out.push(missing(&path, property, shape)),
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
            union(&path, value, context, shape, out);
        }
        Kind::Constant { expected_value } => {
            out.push(wrong_word(&path, value, &[expected_value.as_ref().clone()]));
        }
        Kind::Enum { options } => {
            let options = options.as_array().cloned().unwrap_or_default();
            out.push(wrong_word(&path, value, &options));
        }
        Kind::Pattern { pattern } => out.push(wrong_form(&path, value, pattern)),
        Kind::PropertyNames { error } => {
            let mut path = path;
            path.push(PathStep::Key(text(error.instance())));
            let problem = match error.kind() {
                Kind::Pattern { pattern } => wrong_form(&path, error.instance(), pattern),
                _ => Problem::error(&path, "state/name", "this name cannot be used"),
            };
            out.push(problem.on_key());
        }
        Kind::AdditionalProperties { unexpected } => {
            let known = shape.at(&path).map(Shape::keys).unwrap_or_default();
            for key in unexpected {
                let mut path = path.clone();
                path.push(PathStep::Key(key.clone()));
                out.push(unknown_key(DiagnosticLevel::Error, &path, key, &known));
            }
        }
        Kind::Format { format } => out.push(wrong_format(&path, value, format)),
        kind => out.push(wrong_size(&path, kind, error)),
    }
}

/// A key that is not known: what was meant, or what there is.
pub(crate) fn unknown_key(
    severity: DiagnosticLevel,
    path: &[PathStep],
    key: &str,
    known: &[&str],
) -> Problem {
    let shown = quote(key);
    let mut problem = Problem::error(path, "state/unknown-key", format!("unknown key {shown}"));
    problem.severity = severity;
    problem.on_key = true;
    if let Some(meant) = similar::nearest(key, known.iter().copied()) {
        return problem
            .expecting(format!("did you mean `{meant}`?"))
            .help(format!("as it stands, {shown} has no effect"));
    }
    let listed: Vec<String> = known.iter().map(|key| format!("`{key}`")).collect();
    problem
        .expecting("has no effect")
        .help(format!("keys known here: {}", listed.join(", ")))
}

/// From jsonschema's path to ours.
fn steps(location: &Location) -> Vec<PathStep> {
    location
        .segments()
        .map(|segment| match segment {
            LocationSegment::Property(key) => PathStep::Key(key.into_owned()),
            LocationSegment::Index(index) => PathStep::Index(index),
        })
        .collect()
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// The name to use for the value at a path: its key, or its place in a list.
pub(crate) fn subject(path: &[PathStep]) -> String {
    match path {
        [.., PathStep::Key(key)] => quote(key),
        [.., PathStep::Key(list), PathStep::Index(index)] => {
            format!("entry {} of {}", index + 1, quote(list))
        }
        [.., PathStep::Index(index)] => format!("entry {}", index + 1),
        [] => "the document".to_owned(),
    }
}

fn types(kind: &TypeKind) -> Vec<JsonType> {
    match kind {
        TypeKind::Single(one) => vec![*one],
        TypeKind::Multiple(set) => set.iter().collect(),
    }
}

fn type_word(kind: JsonType) -> &'static str {
    match kind {
        JsonType::Array => "a list",
        JsonType::Boolean => "`true` or `false`",
        JsonType::Integer => "a whole number",
        JsonType::Null => "null",
        JsonType::Number => "a number",
        JsonType::Object => "a table of keys",
        JsonType::String => "a text in quotes",
    }
}

fn value_word(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a table of keys",
    }
}

fn wrong_type(path: &[PathStep], wanted: &[JsonType], value: &Value) -> Problem {
    let optional = wanted.contains(&JsonType::Null);
    let words: Vec<_> = wanted
        .iter()
        .filter(|kind| **kind != JsonType::Null || wanted.len() == 1)
        .map(|kind| type_word(*kind))
        .collect();
    let wanted_words = words.join(" or ");
    let found = match value {
        Value::Number(number) if !number.is_i64() && !number.is_u64() => "a number with a fraction",
        other => value_word(other),
    };
    let meant = wanted.iter().find(|kind| **kind != JsonType::Null);
    let help = rewrite(value, meant.copied()).or_else(|| match value {
        _ if path.is_empty() => {
            Some("restore its last version from git; `fractary schema` shows its form".to_owned())
        }
        Value::Null => {
            Some("write a value; where there is none, remove the key if it is optional".to_owned())
        }
        _ if optional => Some("it is optional: where there is none, remove the key".to_owned()),
        _ => None,
    });
    let problem = Problem::error(
        path,
        "state/type",
        format!("{} must be {wanted_words}", subject(path)),
    )
    .expecting(format!("expected {wanted_words}, found {found}"));
    match help {
        Some(help) => problem.help(help),
        None => problem,
    }
}

/// How to write a value so that it has the type that was meant.
fn rewrite(value: &Value, meant: Option<JsonType>) -> Option<String> {
    let bare = |text: &str| format!("write `{text}`, without quotes");
    match (value, meant?) {
        (Value::Number(_) | Value::Bool(_), JsonType::String) => {
            Some(format!("write `\"{value}\"`, with quotes"))
        }
        (Value::String(text), JsonType::Number | JsonType::Integer) => {
            text.parse::<f64>().ok().map(|_| bare(text))
        }
        (Value::String(text), JsonType::Boolean) => match text.to_lowercase().as_str() {
            "true" | "yes" | "on" => Some(bare("true")),
            "false" | "no" | "off" => Some(bare("false")),
            _ => None,
        },
        (Value::String(text), JsonType::Array) => {
            Some(format!("write `[\"{}\"]`", quote(text).trim_matches('`')))
        }
        _ => None,
    }
}

fn missing(path: &[PathStep], property: &Value, shape: &Shape) -> Problem {
    let key = text(property);
    let owner = match path {
        [] => "this document".to_owned(),
        path => subject(path),
    };
    let meaning = shape.at(path).and_then(|shape| shape.description(&key));
    let problem = Problem::error(
        path,
        "state/missing-key",
        format!("{} is missing in {owner}", quote(&key)),
    )
    .expecting(format!("{} is missing here", quote(&key)));
    match meaning {
        Some(meaning) if !meaning.is_empty() => {
            problem.help(format!("add {}: {}", quote(&key), first_sentence(meaning)))
        }
        _ => problem.help(format!("add {}", quote(&key))),
    }
}

fn first_sentence(text: &str) -> String {
    let end = text.find(". ").unwrap_or(text.len());
    let sentence = text[..end].trim_end_matches('.');
    // `RFC 3339` and `Amazon Resource Name` stay, `The name` becomes `the name`.
    let mut words = sentence.splitn(3, ' ');
    let first = words.next().unwrap_or_default();
    let is_name = first.chars().skip(1).any(char::is_uppercase)
        || words
            .next()
            .is_some_and(|word| word.starts_with(char::is_uppercase));
    let mut chars = sentence.chars();
    match chars.next() {
        Some(letter) if !is_name => letter.to_lowercase().chain(chars).collect(),
        _ => sentence.to_owned(),
    }
}

/// None of several forms fits: explains the one that was meant.
fn union(
    path: &[PathStep],
    value: &Value,
    context: &[Vec<ValidationError<'static>>],
    shape: &Shape,
    out: &mut Vec<Problem>,
) {
    let mut words = Vec::new();
    let mut wanted = Vec::new();
    let mut meant = Vec::new();
    for branch in context {
        let refused_here = branch.iter().find(|error| {
            error.instance_path().as_str().is_empty() || steps(error.instance_path()) == path
        });
        match refused_here.map(|error| error.kind()) {
            Some(Kind::Constant { expected_value }) => words.push(expected_value.as_ref().clone()),
            Some(Kind::Enum { options }) => {
                words.extend(options.as_array().cloned().unwrap_or_default());
            }
            Some(Kind::Type { kind }) => wanted.extend(types(kind)),
            _ => meant.push(branch),
        }
    }
    if let Some(branch) = meant.first() {
        for error in *branch {
            explain(error, shape, out);
        }
    } else if !words.is_empty() {
        out.push(wrong_word(path, value, &words));
    } else {
        out.push(wrong_type(path, &wanted, value));
    }
}

fn wrong_word(path: &[PathStep], value: &Value, options: &[Value]) -> Problem {
    let words: Vec<String> = options.iter().map(text).collect();
    let listed: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    let listed = listed.join(", ");
    let found = text(value);
    let one_of = if words.len() == 1 { "" } else { "one of " };
    let problem = Problem::error(
        path,
        "state/word",
        format!("{} cannot be {}", subject(path), quote(&found)),
    );
    match similar::nearest(&found, words.iter().map(String::as_str)) {
        Some(meant) => problem
            .expecting(format!("did you mean `{meant}`?"))
            .help(format!("it must be {one_of}{listed}")),
        None => problem.expecting(format!("expected {one_of}{listed}")),
    }
}

/// What a pattern means, in the words of the identifier that it belongs to.
fn meaning(pattern: &str) -> Option<&'static str> {
    fn expected<T>(parsed: Result<T, InvalidId>) -> Option<&'static str> {
        parsed.err().map(|invalid| invalid.expected)
    }
    // Each type rejects `!`, and says what it would accept.
    if pattern == crate::model::ids::PATH_NAME_PATTERN {
        return expected(EnvironmentName::new("!"));
    }
    match pattern {
        "^[0-9]{12}$" => expected(AccountId::new("!")),
        "^[0-9]+[smhd]$" => Some("a number with a unit, such as `90s`, `5m`, `2h` or `7d`"),
        p if p.starts_with("^(global|") => expected(Region::new("!")),
        p if p.starts_with("^arn:") => expected(Arn::new("!")),
        p if p.starts_with("^([0-9a-f]{40}") => expected(CommitId::new("!")),
        _ => None,
    }
}

fn wrong_form(path: &[PathStep], value: &Value, pattern: &str) -> Problem {
    let found = text(value);
    let problem = Problem::error(
        path,
        "state/form",
        if matches!(path.last(), Some(PathStep::Key(key)) if *key == found) {
            format!("the name {} cannot be used", quote(&found))
        } else {
            format!("{} cannot be {}", subject(path), quote(&found))
        },
    );
    let problem = match meaning(pattern) {
        Some(words) => problem.expecting(format!("expected {words}")),
        None => problem.expecting(format!("expected text of the form {}", quote(pattern))),
    };
    let lower = found.to_lowercase();
    if pattern == crate::model::ids::PATH_NAME_PATTERN && EnvironmentName::new(&lower).is_ok() {
        return problem.help(format!("write `{lower}`"));
    }
    if pattern.starts_with("^arn:") {
        return problem.help(
            "copy it from the AWS console, for instance `arn:aws:lambda:us-east-1:123456789012:function:api`",
        );
    }
    problem
}

fn wrong_format(path: &[PathStep], value: &Value, format: &str) -> Problem {
    let found = text(value);
    let problem = Problem::error(
        path,
        "state/format",
        format!("{} cannot be {}", subject(path), quote(&found)),
    );
    if format == "date-time" {
        problem
            .expecting("expected a time in UTC")
            .help("write date, `T`, time and `Z`, for instance `2026-11-21T10:15:00Z`")
    } else {
        problem.expecting(format!("expected a {format}"))
    }
}

fn wrong_size(path: &[PathStep], kind: &Kind, error: &ValidationError<'_>) -> Problem {
    let subject = subject(path);
    let (message, expected) = match kind {
        Kind::Minimum { limit } => (
            format!("{subject} is too small"),
            format!("expected {limit} or more"),
        ),
        Kind::Maximum { limit } => (
            format!("{subject} is too large"),
            format!("expected {limit} or less"),
        ),
        Kind::MinItems { limit } => (
            format!("{subject} has too few entries"),
            format!("expected {limit} or more"),
        ),
        Kind::MaxItems { limit } => (
            format!("{subject} has too many entries"),
            format!("expected {limit} or fewer"),
        ),
        Kind::MaxLength { limit } => (
            format!("{subject} is too long"),
            format!("expected at most {limit} characters"),
        ),
        // The rest does not occur in this project's schemas; without the value, which
        // may be anything.
        _ => (
            format!("{subject} does not fit its schema"),
            escape::terminal(&error.masked().to_string()),
        ),
    };
    Problem::error(path, "state/schema", message).expecting(expected)
}
