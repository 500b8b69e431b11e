//! Problems about one document's tree: what its schema refuses, and keys it doesn't know.

use serde_json::Value;

use crate::state::diagnostic::DiagnosticLevel;
use crate::state::diagnostic::explain;
use crate::state::diagnostic::locate::PathStep;
use crate::state::diagnostic::problem::Problem;
use crate::state::documents::DocumentType;
use crate::state::shape::Trail;

/// Most schema errors shown of one document: a document of another sort has thousands.
const MOST_ERRORS: usize = 20;

/// Everything the schema refuses.
pub(crate) fn against_schema(document_type: &DocumentType, tree: &Value) -> Vec<Problem> {
    let compiled = document_type.schema.compiled();
    if compiled.validator.is_valid(tree) {
        return Vec::new();
    }
    let mut out = Vec::new();
    for error in compiled.validator.iter_errors(tree).take(MOST_ERRORS) {
        explain::explain(&error, &compiled.shape, &mut out);
    }
    out
}

/// A warning for every key that the schema does not know.
pub(crate) fn unknown_keys(document_type: &DocumentType, tree: &Value) -> Vec<Problem> {
    let mut out = Vec::new();
    document_type
        .schema
        .compiled()
        .shape
        .unknown_keys(tree, Trail::Root, &mut |path, shape| {
            let Some(PathStep::Key(key)) = path.last() else {
                return;
            };
            let foreign = document_type.reading.foreign_keys.contains(&key.as_str());
            if foreign || (path.len() == 1 && key == "$schema") {
                return;
            }
            let known = shape.keys();
            out.push(explain::unknown_key(
                DiagnosticLevel::Warning,
                path,
                key,
                &known,
            ));
        });
    out
}
