//! JSON, as stored and as printed.

use serde::Serialize;

use crate::text::escape;

/// A document with two-space indent, keys in the order of the type, and a final newline.
/// Every text in it goes through [`escape::json`], also where its type is a plain string, and
/// so do its keys.
/// The error is of a value that JSON has no form for, such as a map with keys that are not
/// text.
pub fn pretty<T: Serialize>(document: &T) -> Result<String, serde_json::Error> {
    let mut tree = serde_json::to_value(document)?;
    escape::json_tree(&mut tree, |_| false);
    // Actions obeys `##[` anywhere in its log, and JSON has another way to say it.
    let mut text = serde_json::to_string_pretty(&tree)?.replace("##[", "##\\u005b");
    text.push('\n');
    Ok(text)
}

/// The same on one line, without one at the end: for JSON lines.
pub fn line<T: Serialize>(document: &T) -> Result<String, serde_json::Error> {
    let mut tree = serde_json::to_value(document)?;
    escape::json_tree(&mut tree, |_| false);
    Ok(serde_json::to_string(&tree)?.replace("##[", "##\\u005b"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_text_too() {
        let document = serde_json::json!({ "a": { "\u{202e}ghp_abcdefghijklmnopqrstuvwxyz0123456789": "x" }, "b": 1 });
        let text = pretty(&document).expect("plain JSON");
        assert_eq!(
            text,
            "{\n  \"a\": {\n    \"\\\\u{202e}[REDACTED:github-token]\": \"x\"\n  },\n  \"b\": 1\n}\n"
        );
    }
}
