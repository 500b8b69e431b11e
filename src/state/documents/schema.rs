//! The JSON Schemas of all documents, embedded. `schemas/` holds them; they are generated
//! from the types in [`crate::model`] and a test keeps both equal.

use std::sync::OnceLock;

use serde_json::Value;

use crate::state::shape::Shape;

/// What an address of a schema starts with; its file name follows.
pub const BASE: &str = "https://fractary.dev/schemas/";

struct Entry {
    name: &'static str,
    text: &'static str,
    compiled: OnceLock<Compiled>,
}

/// A schema made ready for use: once, when the first document of its sort is read.
pub(crate) struct Compiled {
    pub(crate) validator: jsonschema::Validator,
    pub(crate) shape: Shape,
}

macro_rules! schemas {
    ($($name:literal),* $(,)?) => {
        [$(Entry {
            name: $name,
            text: include_str!(concat!("../../../schemas/", $name, ".schema.json")),
            compiled: OnceLock::new(),
        }),*]
    };
}

/// Sorted by name.
static SCHEMAS: [Entry; 19] = schemas![
    "alert",
    "aws-credentials",
    "dashboard",
    "deployments",
    "devops",
    "domain-health",
    "domain-monitors",
    "domain-report",
    "environments",
    "health-check",
    "helm",
    "iam-audit",
    "issue",
    "kind",
    "monitoring",
    "monitoring-history",
    "registry",
    "remediation-log",
    "slo-budgets",
];

/// Names of all schemas, sorted.
pub fn names() -> impl Iterator<Item = &'static str> {
    SCHEMAS.iter().map(|entry| entry.name)
}

/// The text of a schema, as in `schemas/<name>.schema.json`.
pub fn get(name: &str) -> Option<&'static str> {
    find(name).map(|entry| entry.text)
}

/// The schema whose name is nearest to a wrong one, for "did you mean".
pub fn nearest(wrong: &str) -> Option<&'static str> {
    crate::state::diagnostic::did_you_mean::nearest(wrong, names())
}

fn find(name: &str) -> Option<&'static Entry> {
    SCHEMAS.iter().find(|entry| entry.name == name)
}

/// A schema made ready. `name` is one of the list.
pub(crate) fn compiled(name: &'static str) -> &'static Compiled {
    let entry = find(name).expect("callers name schemas of the list");
    entry.compiled.get_or_init(|| {
        let schema: Value = serde_json::from_str(entry.text).expect("schemas are proven by tests");
        let validator = jsonschema::options()
            .with_draft(jsonschema::Draft::Draft202012)
            .should_validate_formats(true)
            .with_pattern_options(jsonschema::PatternOptions::regex())
            .offline()
            .build(&schema)
            .expect("schemas are proven by tests");
        Compiled {
            validator,
            shape: Shape::of(&schema),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_complete() {
        let list: Vec<_> = names().map(str::to_owned).collect();
        assert!(list.is_sorted());
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .expect("the folder")
            .filter_map(|entry| {
                let name = entry.ok()?.file_name().into_string().ok()?;
                name.strip_suffix(".schema.json").map(str::to_owned)
            })
            .collect();
        files.sort();
        assert_eq!(files, list);
    }

    #[test]
    fn every_schema_compiles() {
        for name in names() {
            compiled(name);
        }
        assert_eq!(nearest("monitring"), Some("monitoring"));
        assert_eq!(get("nothing"), None);
    }
}
