//! The JSON Schema of a document, embedded. `schemas/` holds them; they are generated from
//! the types in [`crate::model`] and a test keeps both equal.

use std::fmt;
use std::sync::OnceLock;

use serde_json::Value;

use crate::state::shape::Shape;

/// What an address of a schema starts with; its file name follows.
pub const BASE: &str = "https://fractary.dev/schemas/";

/// A schema.
pub(crate) struct Schema {
    text: &'static str,
    compiled: OnceLock<Compiled>,
}

/// A schema made ready for use: once, when the first document of its type is read.
pub(crate) struct Compiled {
    pub(crate) validator: jsonschema::Validator,
    pub(crate) shape: Shape,
}

/// The schema in `schemas/<name>.schema.json`.
macro_rules! embedded_schema {
    ($name:literal) => {
        $crate::state::documents::schema::Schema::new(include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/schemas/",
            $name,
            ".schema.json"
        )))
    };
}
pub(crate) use embedded_schema;

impl Schema {
    /// The schema with this text.
    pub(crate) const fn new(text: &'static str) -> Self {
        Self {
            text,
            compiled: OnceLock::new(),
        }
    }

    /// Its text.
    pub(crate) fn text(&self) -> &'static str {
        self.text
    }

    /// The schema made ready.
    pub(crate) fn compiled(&self) -> &Compiled {
        self.compiled.get_or_init(|| {
            let schema: Value =
                serde_json::from_str(self.text).expect("schemas are proven by tests");
            let validator = jsonschema::options()
                .with_draft(jsonschema::Draft::Draft202012)
                .should_validate_formats(true)
                .with_pattern_options(jsonschema::PatternOptions::regex())
                .offline()
                .build(&schema)
                .expect("schemas are proven by tests");
            Compiled {
                validator,
                shape: Shape::from_schema(&schema),
            }
        })
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Schema").finish_non_exhaustive()
    }
}
