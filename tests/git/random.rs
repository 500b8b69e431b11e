//! Random transactions give the trees that plain git gives.

use std::collections::BTreeMap;
use std::fs;

use fractary::git::{GitError, Transaction};
use proptest::prelude::*;

use crate::support::{Sandbox, path};

type Tree = BTreeMap<String, Vec<u8>>;
type Edits = BTreeMap<String, Option<Vec<u8>>>;

fn name() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec!["a", "b", "a.json", "a-", "Z"]);
    prop::collection::vec(part, 1..4).prop_map(|parts| parts.join("/"))
}

fn edits() -> impl Strategy<Value = Edits> {
    let content = prop::option::weighted(0.7, prop::collection::vec(any::<u8>(), 0..4));
    prop::collection::btree_map(name(), content, 1..5)
}

fn below(folder: &str, file: &str) -> bool {
    file.strip_prefix(folder)
        .is_some_and(|r| r.starts_with('/'))
}

/// Whether a path would be a file and a folder.
fn conflicts(tree: &Tree, edits: &Edits) -> bool {
    edits.keys().any(|name| {
        let clash = |other: &String| below(other, name) || below(name, other);
        tree.keys().any(clash) || edits.keys().any(clash)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn like_plain_git(sequence in prop::collection::vec(edits(), 1..10)) {
        let sandbox = Sandbox::new();
        let repo = sandbox.unborn("ours");
        let mut tree = Tree::new();
        for edits in &sequence {
            let mut transaction = Transaction::new();
            for (name, content) in edits {
                match content {
                    Some(bytes) => transaction.write(path(name), bytes.clone()),
                    None => transaction.delete(path(name)),
                }
            }
            let result = repo.commit(&transaction);
            if conflicts(&tree, edits) {
                let refused = matches!(result, Err(GitError::Conflict { .. }));
                prop_assert!(refused, "{result:?}");
                continue;
            }
            match result {
                Ok(_) => {}
                Err(GitError::NothingToCommit) => prop_assert!(edits.values().all(Option::is_none)),
                Err(error) => prop_assert!(false, "{error}"),
            }
            if repo.head().is_some() {
                // Leaves a fully cached tree in the index, for the next round to keep true.
                let cached = repo.git(&["write-tree"]);
                prop_assert_eq!(cached, repo.git(&["rev-parse", "HEAD^{tree}"]));
            }
            for (name, content) in edits {
                match content {
                    Some(bytes) => tree.insert(name.clone(), bytes.clone()),
                    None => tree.remove(name),
                };
            }
        }
        prop_assert_eq!(repo.status(), "");
        let shadow = sandbox.unborn("shadow");
        for (name, bytes) in &tree {
            let target = shadow.root.join(name);
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            fs::write(target, bytes).unwrap();
        }
        shadow.git(&["add", "-A"]);
        let expected = shadow.git(&["write-tree"]);
        if repo.head().is_some() {
            prop_assert_eq!(repo.git(&["rev-parse", "HEAD^{tree}"]), expected.clone());
        }
        // The index, with its cached trees, must say the same.
        prop_assert_eq!(repo.git(&["write-tree"]), expected);
        repo.assert_sound();
    }
}
