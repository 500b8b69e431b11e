//! Problems about one document's tree: what its schema refuses, and keys it doesn't know.

use serde_json::Value;

use crate::state::diagnostic::Severity;
use crate::state::diagnostic::explain;
use crate::state::diagnostic::locate::Step;
use crate::state::diagnostic::problem::Problem;
use crate::state::documents::schema::Compiled;
use crate::state::shape::Trail;

/// Most schema errors shown of one document: a document of another sort has thousands.
const MOST_ERRORS: usize = 20;

/// Everything the schema refuses.
pub(crate) fn against_schema(compiled: &Compiled, tree: &Value) -> Vec<Problem> {
    if compiled.validator.is_valid(tree) {
        return Vec::new();
    }
    let mut out = Vec::new();
    for error in compiled.validator.iter_errors(tree).take(MOST_ERRORS) {
        explain::explain(&error, &compiled.shape, &mut out);
    }
    out
}

/// Sections that the design gives to other parts of the product: known, not read here.
const ELSEWHERE: [(&str, &str); 6] = [
    ("devops", "hooks"),
    ("devops", "logging"),
    ("devops", "monitoring"),
    ("deployments", "summary"),
    ("helm", "review"),
    ("environments", "$comment"),
];

/// A warning for every key that the schema does not know.
pub(crate) fn unknown_keys(name: &str, compiled: &Compiled, tree: &Value) -> Vec<Problem> {
    let mut out = Vec::new();
    compiled
        .shape
        .unknown_keys(tree, Trail::Root, &mut |path, shape| {
            let Some(Step::Key(key)) = path.last() else {
                return;
            };
            let elsewhere = ELSEWHERE.contains(&(name, key.as_str()));
            if elsewhere || (path.len() == 1 && key == "$schema") {
                return;
            }
            let known = shape.keys();
            out.push(explain::unknown_key(Severity::Warning, path, key, &known));
        });
    out
}
