//! `docs/configuration.md`, made of the schemas and the good samples.

use std::fmt::Write;
use std::path::PathBuf;

use fractary::state::documents;
use fractary::state::documents::effects;
use fractary::state::documents::effects::IdleKey;
use fractary::state::documents::{DocumentType, Writer};
use serde_json::Value;

/// Most lines of an example that are shown; longer ones are named by their file.
const LONGEST_EXAMPLE: usize = 60;

const INTRODUCTION: &str = "\
<!-- Generated from the schemas by `UPDATE_DOCS=1 cargo test --test schemas`. Do not edit. -->

# Configuration reference

Everything that Fractary knows about your project lies in `.fractary/`, as files that you can
read, review and change like any other. This page lists every key of every document.

`fractary check` reads them all and reports every fault with its line and how to fix it;
`fractary schema NAME` prints a document's JSON Schema, for editors that complete and check
while you type (put `\"$schema\": \"…\"` into a JSON document to name it).

For all documents:

- Only what is marked **required** must be there.
- Keys that Fractary does not know are kept when it rewrites a file, and `fractary check` warns
  about them.
- Times are RFC 3339 in UTC: `2026-11-21T10:15:00Z`. Durations are a number and a unit: `90s`,
  `5m`, `2h`, `7d`. Percentages are 0–100.
- Names of environments, domains and issues are lower-case letters, digits, `.`, `_` and `-`.
- Keys, tokens and passwords have no place in any of them: name an AWS profile or an
  environment variable instead.
- `…[]` stands for the entries of a list, `<name>` for a key that you choose.
";

pub(crate) struct Row {
    pub(crate) key: String,
    pub(crate) kind: String,
    required: bool,
    default: Option<String>,
    text: String,
}

fn resolve<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let mut schema = schema;
    loop {
        if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
            schema = root.pointer(&target[1..]).expect("references are local");
            continue;
        }
        let options = schema.get("anyOf").and_then(Value::as_array);
        let Some(options) = options else {
            return schema;
        };
        let real: Vec<_> = options.iter().filter(|o| o["type"] != "null").collect();
        match real[..] {
            [one] => schema = one,
            _ => return schema,
        }
    }
}

/// The words of a closed list.
fn words(schema: &Value) -> Option<Vec<String>> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    if let Some(options) = schema.get("enum").and_then(Value::as_array) {
        return options.iter().map(text).collect();
    }
    let options = schema.get("oneOf").and_then(Value::as_array)?;
    options
        .iter()
        .map(|option| text(&option["const"]))
        .collect()
}

fn kind(root: &Value, schema: &Value) -> String {
    let schema = resolve(root, schema);
    if let Some(words) = words(schema) {
        let words: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
        return words.join(", ");
    }
    if let Some(options) = schema.get("anyOf").and_then(Value::as_array) {
        let kinds: Vec<_> = options.iter().map(|option| kind(root, option)).collect();
        return kinds.join(" or ");
    }
    if schema["format"] == "date-time" {
        return "time".to_owned();
    }
    if schema["pattern"] == "^[0-9]+[smhd]$" {
        return "duration".to_owned();
    }
    let name = match &schema["type"] {
        Value::String(name) => name.as_str(),
        Value::Array(names) => names
            .iter()
            .filter_map(Value::as_str)
            .find(|name| *name != "null")
            .unwrap_or("any"),
        _ => return "any".to_owned(),
    };
    match name {
        "string" => "text".to_owned(),
        "integer" => "whole number".to_owned(),
        "boolean" => "`true` or `false`".to_owned(),
        "array" => format!("list of {}", kind(root, &schema["items"])),
        "object" => match schema.get("additionalProperties") {
            Some(rest @ Value::Object(_)) if schema.get("properties").is_none() => {
                format!("table: name → {}", kind(root, rest))
            }
            _ => "table".to_owned(),
        },
        other => other.to_owned(),
    }
}

fn default(field: &Value) -> Option<String> {
    match field.get("default") {
        Some(Value::Object(_)) => None,
        Some(value) => Some(format!("`{value}`")),
        // Defaults that code applies stand in the description: "(default `5m`)".
        None => {
            let text = field.get("description")?.as_str()?;
            let said = text.split_once("(default")?.1.split_once(')')?.0;
            Some(said.trim_start_matches(':').trim().to_owned())
        }
    }
}

pub(crate) fn rows(root: &Value, schema: &Value, prefix: &str, out: &mut Vec<Row>) {
    let schema = resolve(root, schema);
    let options = schema.get("anyOf").and_then(Value::as_array);
    for option in options.into_iter().flatten() {
        let resolved = resolve(root, option);
        if resolved.get("properties").is_none() {
            out.push(Row {
                key: prefix.trim_end_matches('.').to_owned(),
                kind: kind(root, option),
                required: false,
                default: None,
                text: option["description"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned(),
            });
        }
        rows(root, option, prefix, out);
    }
    let required: Vec<_> = schema["required"].as_array().cloned().unwrap_or_default();
    let fields = schema.get("properties").and_then(Value::as_object);
    for (key, field) in fields.into_iter().flatten() {
        let key_path = format!("{prefix}{key}");
        out.push(Row {
            kind: kind(root, field),
            required: required.contains(&Value::from(key.as_str())),
            default: default(field),
            text: field["description"].as_str().unwrap_or_default().to_owned(),
            key: key_path.clone(),
        });
        inside(root, field, &key_path, out);
    }
    if fields.is_some() {
        inside_map(root, schema, prefix.trim_end_matches('.'), out);
    }
}

/// The rows of what lies inside a field.
fn inside(root: &Value, field: &Value, key: &str, out: &mut Vec<Row>) {
    let field = resolve(root, field);
    if let Some(items) = field.get("items") {
        rows(root, items, &format!("{key}[]."), out);
    } else if field.get("properties").is_some() || field.get("anyOf").is_some() {
        rows(root, field, &format!("{key}."), out);
    } else {
        inside_map(root, field, key, out);
    }
}

fn inside_map(root: &Value, field: &Value, key: &str, out: &mut Vec<Row>) {
    if let Some(rest @ Value::Object(_)) = field.get("additionalProperties") {
        let key = format!("{key}.<name>");
        let inner = resolve(root, rest);
        // A map of maps (service levels) is one row deeper.
        inside(root, inner, &key, out);
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// What a reader has to know of a key that decides nothing.
fn idle(document: &str, key: &str) -> String {
    match effects::idle_key(document, key) {
        None => String::new(),
        Some(IdleKey::NoEffectYet(why)) => format!(" **Has no effect yet**: {why}."),
        Some(IdleKey::Note) => {
            " For people and other programs: Fractary decides nothing by it.".to_owned()
        }
    }
}

fn section(out: &mut String, document: &DocumentType) {
    let (name, sample) = (document.name, document.sample);
    let root: Value = serde_json::from_str(document.schema()).expect("JSON");
    let title = root["title"].as_str().expect("a title");
    let about = root["description"].as_str().expect("a description");
    let _ = writeln!(out, "\n## {title}\n");
    for place in document.places {
        let _ = write!(out, "`{}` · ", place.pattern());
    }
    let _ = writeln!(out, "schema `{name}`\n\n{about}\n");
    facts(out, document);
    let _ = writeln!(out, "| key | type | default | meaning |\n|---|---|---|---|");
    let mut list = Vec::new();
    rows(&root, &root, "", &mut list);
    for row in list {
        let default = match (row.required, row.default) {
            (true, _) => "**required**".to_owned(),
            (false, default) => default.unwrap_or_default(),
        };
        let _ = writeln!(
            out,
            "| `{}` | {} | {} | {} |",
            row.key,
            cell(&row.kind),
            default,
            cell(&format!("{}{}", row.text, idle(name, &row.key)))
        );
    }
    let file = format!("tests/samples/{name}/{sample}");
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(&file);
    let example = std::fs::read_to_string(path).expect("a sample");
    if example.lines().count() <= LONGEST_EXAMPLE {
        let language = sample.rsplit('.').next().expect("an ending");
        let _ = writeln!(
            out,
            "\nExample:\n\n```{language}\n{}\n```",
            example.trim_end()
        );
    } else {
        let _ = writeln!(out, "\nExample: [`{file}`](../{file}).");
    }
}

/// Who writes it, how large it becomes, and what a merge does.
fn facts(out: &mut String, document: &DocumentType) {
    let writer = match document.writer {
        Writer::People => "people",
        Writer::Runs => "Fractary",
        Writer::Programs => "other programs",
    };
    let _ = writeln!(out, "- Written by: {writer}");
    let _ = writeln!(out, "- Size: {}", document.growth);
    if document.places.is_empty() {
        let _ = writeln!(out, "- Stored: in no file of the repository\n");
        return;
    }
    for place in document.old_places {
        let _ = writeln!(out, "- Still read: `{}`", place.pattern());
    }
    for place in document.archives {
        let _ = writeln!(out, "- Archives: `{}`", place.pattern());
    }
    let _ = writeln!(out, "- Merged: {}\n", document.merging());
}

#[test]
fn the_reference_is_what_the_schemas_say() {
    let mut out = INTRODUCTION.to_owned();
    let (people, others): (Vec<_>, Vec<_>) = documents::all()
        .iter()
        .partition(|document| document.is_configuration());
    for document in people.into_iter().chain(others) {
        section(&mut out, document);
    }
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md");
    super::compare(&path, &out, "UPDATE_DOCS");
}
