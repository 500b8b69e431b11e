//! The schemas in `schemas/` are generated from the types, and `docs/configuration.md` from
//! the schemas. Both are committed; these tests regenerate and compare.
//! `UPDATE_SCHEMAS=1` and `UPDATE_DOCS=1` rewrite them.

#[path = "schemas/keys.rs"]
mod keys;
#[path = "schemas/reference.rs"]
mod reference;
#[path = "schemas/samples.rs"]
mod samples;

use std::fs;
use std::path::{Path, PathBuf};

use fractary::catalog::Kind;
use fractary::catalog::checks::CheckForm;
use fractary::commands::schema::{ANSWERS, generated_schemas};
use fractary::state::documents;
use fractary::state::documents::schema;
use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use serde_json::{Value, json};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Names that become paths are checked by `propertyNames`, which can say what is wrong with
/// a name; schemars makes `patternProperties` of them, which can only say that it is unknown.
fn open_maps(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else {
        return;
    };
    if let Some(Value::Object(patterns)) = object.get("patternProperties").cloned()
        && let Some((pattern, value)) = patterns.into_iter().next()
    {
        object.remove("patternProperties");
        object.insert("additionalProperties".to_owned(), value);
        object.insert("propertyNames".to_owned(), json!({ "pattern": pattern }));
    }
}

/// Limits that the types have and schemars expresses only as a format of its own.
fn limits(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else {
        return;
    };
    let limit = match object.get("format").and_then(Value::as_str) {
        Some("uint32") => Some(json!(u32::MAX)),
        Some("uint64") => Some(json!(u64::MAX)),
        Some("int64" | "double" | "uint" | "uint8" | "uint16") => None,
        _ => return,
    };
    object.remove("format");
    if let Some(limit) = limit {
        object.insert("maximum".to_owned(), limit);
    }
}

/// Defaults that say no more than "absent" are noise for whoever reads a schema.
fn defaults(schema: &mut Schema) {
    fn says_nothing(value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::Array(items) => items.is_empty(),
            Value::Object(map) => map.values().all(says_nothing),
            _ => false,
        }
    }
    if schema.get("default").is_some_and(says_nothing) {
        schema.remove("default");
    }
}

/// Doc comments are broken into lines; descriptions are not.
fn one_line(schema: &mut Schema) {
    if let Some(Value::String(text)) = schema.get_mut("description") {
        *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    }
}

/// The schema of what a command prints and no file holds.
fn answers() -> Vec<(String, String)> {
    // Answers are written and never read, so what is left out where it is empty is not required.
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let all = generated_schemas(&settings).into_iter();
    all.map(|(name, mut schema)| {
        let title = format!("{name}, an answer");
        schema.insert("title".to_owned(), title.into());
        let path = format!("answers/{name}");
        let text = finish(&path, schema);
        (path, text)
    })
    .collect()
}

fn finish(name: &str, mut schema: Schema) -> String {
    RecursiveTransform(open_maps).transform(&mut schema);
    RecursiveTransform(limits).transform(&mut schema);
    RecursiveTransform(defaults).transform(&mut schema);
    RecursiveTransform(one_line).transform(&mut schema);
    let id = format!("{}{name}.schema.json", schema::BASE);
    schema.insert("$id".to_owned(), id.into());
    // What a schema is about comes first.
    let mut out = serde_json::Map::new();
    for key in ["$schema", "$id", "title", "description"] {
        out.insert(
            key.to_owned(),
            schema.remove(key).expect("every schema has it"),
        );
    }
    for (key, value) in schema.as_object().expect("an object") {
        out.insert(key.clone(), value.clone());
    }
    let mut text = serde_json::to_string_pretty(&out).expect("JSON");
    text.push('\n');
    text
}

/// The schema of every type of document, as its Rust type says it.
fn all() -> Vec<(&'static str, String)> {
    let settings = SchemaSettings::draft2020_12();
    let mut schemas = documents::generated_schemas(&settings);
    let kind = settings.into_generator().into_root_schema_for::<Kind>();
    schemas.push(("kind", kind));
    let check = SchemaSettings::draft2020_12().into_generator();
    schemas.push(("check", check.into_root_schema_for::<CheckForm>()));
    schemas
        .into_iter()
        .map(|(name, schema)| (name, finish(name, schema)))
        .collect()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test has no settings; the variable says whether to rewrite"
)]
fn compare(path: &Path, want: &str, variable: &str) {
    let have = fs::read_to_string(path).unwrap_or_default();
    if have == want {
        return;
    }
    assert!(
        std::env::var_os(variable).is_some(),
        "{} is not what the types say; run `{variable}=1 cargo test --test schemas`",
        path.display()
    );
    fs::write(path, want).expect("written");
}

#[test]
fn schemas_are_what_the_types_say() {
    let all = all();
    let mut names: Vec<_> = all.iter().map(|(name, _)| *name).collect();
    names.sort_unstable();
    assert_eq!(names, documents::names());
    for (name, text) in &all {
        let path = root().join(format!("schemas/{name}.schema.json"));
        compare(&path, text, "UPDATE_SCHEMAS");
    }
}

#[test]
fn schemas_of_answers_are_what_the_types_say() {
    let names: Vec<&str> = ANSWERS.iter().map(|one| one.name).collect();
    assert!(names.is_sorted(), "{names:?}");
    for (path, text) in answers() {
        let file = root().join(format!("schemas/{path}.schema.json"));
        compare(&file, &text, "UPDATE_SCHEMAS");
    }
    // None is left of an answer that is gone, and no document has the name of an answer.
    let files = fs::read_dir(root().join("schemas/answers")).expect("there are answers");
    assert_eq!(files.count(), names.len());
    for name in names {
        assert!(documents::find(name).is_none(), "{name}");
    }
}

fn walk(value: &Value, path: &str, seen: &mut dyn FnMut(&str, &Value)) {
    seen(path, value);
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                walk(inner, &format!("{path}/{key}"), seen);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                walk(inner, &format!("{path}/{index}"), seen);
            }
        }
        _ => {}
    }
}

#[test]
fn every_field_is_described() {
    let documents = all()
        .into_iter()
        .map(|(name, text)| (name.to_owned(), text));
    for (name, text) in documents.chain(answers()) {
        let schema: Value = serde_json::from_str(&text).expect("JSON");
        walk(&schema, "", &mut |path, value| {
            let Some(fields) = value.get("properties").and_then(Value::as_object) else {
                return;
            };
            // What a variant holds is described with the variant.
            let is_variant = path.contains("/oneOf/") && value.get("description").is_some();
            for (key, field) in fields {
                let text = field.get("description").and_then(Value::as_str);
                // The tag of a variant says which it is.
                if field.get("const").is_some() || (is_variant && fields.len() == 1) {
                    continue;
                }
                assert!(
                    text.is_some_and(|text| text.len() > 3),
                    "{name}: {path}/properties/{key} has no description"
                );
            }
        });
    }
}

#[test]
fn unknown_keys_are_allowed_except_in_data_files() {
    for (name, text) in all() {
        let closed = text.contains("\"additionalProperties\": false");
        assert_eq!(closed, ["kind", "check"].contains(&name), "{name}");
    }
}

#[test]
fn times_have_a_format() {
    for (name, text) in all() {
        let schema: Value = serde_json::from_str(&text).expect("JSON");
        walk(&schema, "", &mut |path, value| {
            let is_time = value
                .get("description")
                .and_then(Value::as_str)
                .is_some_and(|text| text.contains("RFC 3339"));
            if is_time {
                assert_eq!(value["format"], "date-time", "{name}: {path}");
            }
        });
    }
}
