//! A document as read: its typed value, and the tree that it came from.

use serde::Serialize;
use serde_json::Value;

use crate::model::ids::Arn;
use crate::model::paths::RepoPath;
use crate::model::slo_budgets::Buckets;
use crate::state::diagnostic::locate::Language;
use crate::state::{json, merge, toml_tree};
use crate::text::escape;

/// A document of the repository.
#[derive(Debug, Clone, PartialEq)]
pub struct Document<T> {
    /// Where it lies, or would be written.
    pub path: RepoPath,
    /// What it says.
    pub value: T,
    /// Whether there is no such file, and the value was made from other documents or
    /// from defaults.
    pub derived: bool,
    /// What the file holds, keys that this version does not know included. The text, for
    /// few documents are ever rewritten and a tree takes five times the memory.
    text: Option<Box<str>>,
    /// Whether the text is exactly what would be written of the value.
    exact: bool,
}

impl<T: Serialize> Document<T> {
    /// A document that was read from a text that is well-formed.
    pub(crate) fn read(path: RepoPath, value: T, text: String) -> Self {
        Self {
            path,
            value,
            derived: false,
            text: Some(text.into_boxed_str()),
            exact: false,
        }
    }

    /// A document whose text is what would be written of its value.
    pub(crate) fn exact(path: RepoPath, value: T, text: String) -> Self {
        Self {
            exact: true,
            ..Self::read(path, value, text)
        }
    }

    /// A document that no file holds.
    pub fn derived(path: RepoPath, value: T) -> Self {
        Self {
            path,
            value,
            derived: true,
            text: None,
            exact: false,
        }
    }

    /// Whether the file is what would be written of the value, so that nothing in it is to be
    /// kept: [`Document::updated`] is [`to_bytes`] then.
    pub fn is_exact(&self) -> bool {
        self.exact
    }

    /// What the file holds, as it is.
    pub(crate) fn tree(&self) -> Value {
        let Some(text) = &self.text else {
            return tree(&self.value);
        };
        let parsed = match Language::from_path(&self.path) {
            Language::Json => json::parse(text).ok().map(|parsed| parsed.tree),
            Language::Toml => toml_tree::parse(text).ok(),
        };
        parsed.expect("it was parsed once, when it was read")
    }

    /// The bytes of the file once it says `new`: only what differs from the value read
    /// changes, so that unknown keys, the order of keys and the lines of other entries
    /// stay. Always JSON; the TOML documents are people's and never rewritten.
    pub fn updated(&self, new: &T) -> Vec<u8> {
        if self.exact {
            // Nothing in it is unknown, and its order is ours.
            return to_bytes(new);
        }
        let mut out = self.tree();
        merge::apply(&mut out, &tree(&self.value), &tree(new));
        written(&out)
    }

    /// The same for a document of numbers and checked names, in which there is nothing to make
    /// harmless. Looking for it takes ten times as long as writing.
    pub fn updated_numbers(&self, new: &T) -> Vec<u8> {
        if self.exact {
            written(new)
        } else {
            self.updated(new)
        }
    }
}

/// What a value says, with every text in it harmless: what is not [`crate::text::Untrusted`]
/// may quote it. An ARN stays as it is, since a resource has no other name; its characters are
/// all safe to print. So do sums, which are numbers however much four of them may look like
/// that of a payment card.
pub(super) fn tree<T: Serialize>(value: &T) -> Value {
    let mut tree =
        serde_json::to_value(value).expect("documents have text keys and derive Serialize");
    escape::json_tree(&mut tree, |text| {
        Arn::new(text).is_ok() || text.parse::<Buckets>().is_ok()
    });
    tree
}

/// A document as it is written: two-space indent, keys in order, a final newline.
pub fn to_bytes<T: Serialize>(value: &T) -> Vec<u8> {
    let plain = written(value);
    if std::str::from_utf8(&plain).is_ok_and(escape::is_harmless_json) {
        return plain;
    }
    written(&tree(value))
}

pub(crate) fn written<T: Serialize>(value: &T) -> Vec<u8> {
    let mut out =
        serde_json::to_vec_pretty(value).expect("documents have text keys and derive Serialize");
    out.push(b'\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::environments::Environments;
    use crate::model::issue::{Event, Issue};

    const TEXT: &str = r#"{
  "x-before": [
    1.0,
    "two"
  ],
  "version": "1.0.0",
  "environments": {
    "test": {
      "x-inside": null,
      "name": "test"
    }
  }
}
"#;

    fn document() -> Document<Environments> {
        let value = serde_json::from_str(TEXT).expect("environments");
        let path = RepoPath::new("environments.json").expect("a path");
        Document::read(path, value, TEXT.to_owned())
    }

    #[test]
    fn no_change_changes_no_byte() {
        let document = document();
        assert_eq!(document.updated(&document.value), TEXT.as_bytes());
    }

    #[test]
    fn a_change_touches_its_line_only() {
        let document = document();
        let mut new = document.value.clone();
        for environment in new.environments.values_mut() {
            environment.requires_confirmation = true;
        }
        let text = String::from_utf8(document.updated(&new)).expect("UTF-8");
        let want = TEXT.replace(
            "\"name\": \"test\"\n",
            "\"name\": \"test\",\n      \"requires_confirmation\": true\n",
        );
        assert_eq!(text, want);
    }

    #[test]
    fn plain_texts_are_made_harmless_and_what_a_file_holds_is_left() {
        let text = TEXT.replacen('{', "{\n  \"x-mine\": \"password=hunter2\",", 1);
        let document = Document::read(document().path, document().value, text);
        let mut new = document.value.clone();
        for environment in new.environments.values_mut() {
            environment.description = Some("password=hunter3 \u{202e}".to_owned());
        }
        let text = String::from_utf8(document.updated(&new)).expect("UTF-8");
        assert!(text.contains("password=hunter2"), "{text}");
        assert!(
            text.contains("password=[REDACTED:password] \\\\u{202e}"),
            "{text}"
        );
        let arn = "arn:aws:iam::123456789012:role/AKIAIOSFODNN7EXAMPLE";
        assert_eq!(to_bytes(&arn), format!("\"{arn}\"\n").into_bytes());
    }

    #[test]
    fn sums_that_look_like_a_payment_card_stay_sums() {
        let line = "2026-11-21T08:00:00Z/1h 4111 1111 1111 1111 4242*2 4242 4242";
        let card = "4111 1111 1111 1111";
        let mut value = serde_json::json!({ "hours": line, "note": card });
        let path = RepoPath::new("slo-budgets.json").expect("a path");
        for document in [
            Document::derived(path.clone(), value.clone()),
            Document::exact(path.clone(), value.clone(), String::new()),
            Document::read(path, serde_json::json!({}), "{}".to_owned()),
        ] {
            let bytes = document.updated(&value);
            let text = String::from_utf8(bytes).expect("UTF-8");
            assert!(text.contains(line), "{text}");
            assert!(!text.contains(&format!("\"{card}\"")), "{text}");
        }
        value["note"] = "none".into();
        let text = String::from_utf8(to_bytes(&value)).expect("UTF-8");
        assert!(text.contains(line), "{text}");
    }

    fn salt(value: &mut Value) -> usize {
        let inside = match value {
            Value::Object(map) => map.values_mut().map(salt).sum(),
            Value::Array(items) => items.iter_mut().map(salt).sum(),
            _ => 0,
        };
        match value {
            Value::Object(map) => {
                map.insert("x-unknown".to_owned(), "kept".into());
                inside + 1
            }
            _ => inside,
        }
    }

    #[test]
    fn unknown_keys_anywhere_survive_a_real_change() {
        let file = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/samples/issue/good-active.json"
        );
        let text = std::fs::read_to_string(file).expect("a sample");
        let mut tree: Value = serde_json::from_str(&text).expect("JSON");
        let salted = salt(&mut tree);
        let value: Issue = serde_json::from_value(tree.clone()).expect("an issue");
        let path = RepoPath::new("issue.json").expect("a path");
        let document = Document::read(path, value.clone(), tree.to_string());
        assert_eq!(
            document.updated(&value),
            to_bytes(&document.tree()),
            "no change"
        );

        let mut new = value;
        new.occurrences += 1;
        new.resource.kind = "function".to_owned();
        new.resolved_at = Some(new.last_seen_at);
        let event = Event {
            at: new.last_seen_at,
            event: "resolved".to_owned(),
            detail: None,
        };
        new.timeline.insert(0, event);
        let bytes = document.updated(&new);
        let text = String::from_utf8(bytes.clone()).expect("UTF-8");
        assert_eq!(text.matches("x-unknown").count(), salted);
        let read: Issue = serde_json::from_slice(&bytes).expect("an issue");
        assert_eq!(read, new);
        let order = |key: &str| text.find(key).expect("is there");
        assert!(order("\"last_seen_at\"") < order("\"resolved_at\""));
        assert!(order("\"resolved_at\"") < order("\"occurrences\""));
    }
}
