//! A document as read: its typed value, and the tree that it came from.

use serde::Serialize;
use serde_json::Value;

use crate::model::paths::RepoPath;
use crate::state::merge;

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
    /// What the file holds, keys that this version does not know included.
    tree: Value,
}

impl<T: Serialize> Document<T> {
    /// A document that was read.
    pub(crate) fn read(path: RepoPath, value: T, tree: Value) -> Self {
        Self {
            path,
            value,
            derived: false,
            tree,
        }
    }

    /// A document that no file holds.
    pub fn derived(path: RepoPath, value: T) -> Self {
        let tree = tree(&value);
        Self {
            path,
            value,
            derived: true,
            tree,
        }
    }

    /// What the file holds, as it is.
    pub(crate) fn tree(&self) -> &Value {
        &self.tree
    }

    /// The bytes of the file once it says `new`: only what differs from the value read
    /// changes, so that unknown keys, the order of keys and the lines of other entries
    /// stay. Always JSON; the TOML documents are people's and never rewritten.
    pub fn updated(&self, new: &T) -> Vec<u8> {
        let mut out = self.tree.clone();
        merge::apply(&mut out, &tree(&self.value), &tree(new));
        to_bytes(&out)
    }
}

fn tree<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).expect("documents have text keys and derive Serialize")
}

/// A document as it is written: two-space indent, keys in order, a final newline.
pub fn to_bytes<T: Serialize>(value: &T) -> Vec<u8> {
    let mut out =
        serde_json::to_vec_pretty(value).expect("documents have text keys and derive Serialize");
    out.push(b'\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::environments::Environments;

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
        let tree: Value = serde_json::from_str(TEXT).expect("JSON");
        let value = serde_json::from_value(tree.clone()).expect("environments");
        let path = RepoPath::new("environments.json").expect("a path");
        Document::read(path, value, tree)
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
}
