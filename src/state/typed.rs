//! Tree to type: version, schema, and what the type refuses though the schema did not.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::state::diagnostic::DiagnosticLevel;
use crate::state::diagnostic::explain;
use crate::state::diagnostic::locate::PathStep;
use crate::state::diagnostic::problem::Problem;
use crate::state::documents::DocumentType;
use crate::state::documents::effects;
use crate::state::guard;
use crate::state::validate;
use crate::text::escape;

/// Newest major version of documents that this binary reads.
const MAJOR: u64 = 1;

/// The value of a tree, where nothing is wrong with it, and every problem.
pub(super) fn typed<T>(
    document_type: &DocumentType,
    tree: &Value,
    check: impl Fn(&T) -> Vec<Problem>,
) -> (Option<T>, Vec<Problem>)
where
    T: DeserializeOwned,
{
    let minor = match version(tree) {
        Ok(minor) => minor,
        Err(problem) => return (None, vec![*problem]),
    };
    let mut problems = validate::against_schema(document_type, tree);
    if document_type.reading.names_only {
        let secrets = guard::secrets(tree);
        // Whatever else is wrong can wait, and would quote what must not be shown.
        if !secrets.is_empty() {
            return (None, secrets);
        }
    }
    let mut value = None;
    if problems.is_empty() {
        match T::deserialize(tree) {
            Ok(read) => {
                problems.extend(check(&read));
                value = Some(read);
            }
            Err(error) => problems.push(refused(tree, &error)),
        }
    }
    // A newer minor version may have keys that are no slip of anybody's.
    if minor == 0 {
        let mut unknown = validate::unknown_keys(document_type, tree);
        // A closed schema has refused them already.
        unknown.retain(|warning| {
            let same = |f: &Problem| f.code == warning.code && f.path == warning.path;
            !problems.iter().any(same)
        });
        problems.extend(unknown);
    }
    problems.extend(effects::without_effect(document_type, tree));
    let bad = problems
        .iter()
        .any(|f| f.severity == DiagnosticLevel::Error);
    (value.filter(|_| !bad), problems)
}

/// The minor version; a problem where the document is newer than this binary.
fn version(tree: &Value) -> Result<u64, Box<Problem>> {
    let Some(text) = tree.get("version").and_then(Value::as_str) else {
        return Ok(0);
    };
    let path = [PathStep::Key("version".to_owned())];
    let mut parts = text.split('.').map(str::parse::<u64>);
    match (parts.next(), parts.next()) {
        (Some(Ok(major)), _) if major > MAJOR => Err(Box::new(
            Problem::error(
                &path,
                "state/newer-version",
                format!("this file was written by a newer fractary (format {major})"),
            )
            .expecting(format!("this fractary knows formats up to {MAJOR}"))
            .help("update fractary; until then nothing is read or changed here"),
        )),
        (Some(Ok(MAJOR)), Some(Ok(minor))) => Ok(minor),
        (Some(Ok(_)), None | Some(Ok(_))) => Ok(0),
        _ => Err(Box::new(
            Problem::error(&path, "state/version", "this is not a version")
                .expecting("expected three numbers")
                .help("write `\"version\": \"1.0.0\"`"),
        )),
    }
}

/// What the type refuses though the schema did not: at the text that the message quotes,
/// where it quotes one.
fn refused(tree: &Value, error: &serde_json::Error) -> Problem {
    let message = error.to_string();
    let mut path = Vec::new();
    if !quoted(tree, &message, &mut path) {
        path.clear();
    }
    Problem::error(
        &path,
        "state/value",
        format!("{} cannot be used", explain::subject(&path)),
    )
    .expecting(escape::terminal(&escape::cut(&message, 300)))
}

fn quoted(value: &Value, message: &str, path: &mut Vec<PathStep>) -> bool {
    let inner = |step: PathStep, value: &Value, path: &mut Vec<PathStep>| {
        path.push(step);
        let found = quoted(value, message, path);
        if !found {
            path.pop();
        }
        found
    };
    match value {
        Value::String(text) => text.len() > 1 && message.contains(text.as_str()),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .any(|(index, value)| inner(PathStep::Index(index), value, path)),
        Value::Object(map) => map
            .iter()
            .any(|(key, value)| inner(PathStep::Key(key.clone()), value, path)),
        _ => false,
    }
}
