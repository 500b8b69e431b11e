//! Adding an entry to a list of a document that people write, without touching a line of
//! theirs.

use serde_json::Value;

use crate::state::diagnostic::locate::{Language, PathStep, Places};
use crate::state::json;

/// The text of a JSON document with one more entry at the end of its top-level list `key`,
/// indented like its neighbours. `None` where there is no such list; every other byte stays.
pub fn append_entry(text: &str, key: &str, entry: &str) -> Option<String> {
    let tree = json::parse(text).ok()?.tree;
    let list = tree.get(key)?.as_array()?;
    let places = Places::parse(text, Language::Json);
    let step = PathStep::Key(key.to_owned());
    let (range, indent) = match list.len().checked_sub(1) {
        Some(last) => {
            let range = places.whole(&[step, PathStep::Index(last)]);
            let line = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
            let before = &text[line..range.start];
            let indent: String = before.chars().take_while(|c| c.is_whitespace()).collect();
            (range.end..range.end, indent)
        }
        None => (places.whole(&[step]), "    ".to_owned()),
    };
    let entry: Vec<String> = entry
        .trim()
        .lines()
        .map(|l| format!("{indent}{l}"))
        .collect();
    let entry = entry.join("\n");
    let insert = if list.is_empty() {
        format!("[\n{entry}\n  ]")
    } else {
        format!(",\n{entry}")
    };
    let mut out = text.to_owned();
    out.replace_range(range, &insert);
    // Proven rather than hoped: one more entry, and nothing else.
    let after: Value = json::parse(&out).ok()?.tree;
    let grown = after.get(key)?.as_array()?.len() == list.len() + 1;
    grown.then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: &str = "{\n  \"domain\": \"b\"\n}\n";

    #[test]
    fn every_other_byte_stays() {
        for (text, want) in [
            (
                "{\n    \"x\": [1,   2],\n    \"monitors\": [\n        {\"domain\": \"a\"}\n    ]\n}\n",
                "{\n    \"x\": [1,   2],\n    \"monitors\": [\n        {\"domain\": \"a\"},\n        {\n          \"domain\": \"b\"\n        }\n    ]\n}\n",
            ),
            (
                "{\"monitors\": [{\"domain\": \"a\"}]}",
                "{\"monitors\": [{\"domain\": \"a\"},\n{\n  \"domain\": \"b\"\n}]}",
            ),
            (
                "{\n  \"monitors\": [],\n  \"y\": 1\n}\n",
                "{\n  \"monitors\": [\n    {\n      \"domain\": \"b\"\n    }\n  ],\n  \"y\": 1\n}\n",
            ),
        ] {
            assert_eq!(append_entry(text, "monitors", ENTRY).as_deref(), Some(want));
        }
        for text in ["{}", "[]", "{\"monitors\": 1}", "{"] {
            assert_eq!(append_entry(text, "monitors", ENTRY), None);
        }
    }
}
