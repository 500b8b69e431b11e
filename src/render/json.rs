//! JSON, as stored and as printed.

use serde::Serialize;

/// A document with two-space indent, keys in the order of the type, and a final newline.
/// The error is of a value that JSON has no form for, such as a map with keys that are not
/// text.
pub fn pretty<T: Serialize>(document: &T) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(document)?;
    text.push('\n');
    Ok(text)
}
