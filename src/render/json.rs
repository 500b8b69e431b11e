//! JSON, as stored and as printed.

use serde::Serialize;
use serde_json::Value;

use crate::text::escape;

/// A document with two-space indent, keys in the order of the type, and a final newline.
/// Every text in it goes through [`escape::json`], also where its type is a plain string.
/// The error is of a value that JSON has no form for, such as a map with keys that are not
/// text.
pub fn pretty<T: Serialize>(document: &T) -> Result<String, serde_json::Error> {
    let mut tree = serde_json::to_value(document)?;
    clean(&mut tree);
    let mut text = serde_json::to_string_pretty(&tree)?;
    text.push('\n');
    Ok(text)
}

fn clean(tree: &mut Value) {
    match tree {
        Value::String(text) => {
            let harmless = escape::json(text);
            if harmless != *text {
                *text = harmless;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(clean),
        Value::Object(fields) => fields.values_mut().for_each(clean),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
