//! Random edits of generated code survive the next generation.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{code, everything};
use crate::core::infra::generate::{GeneratedFile, decide};
use crate::core::infra::merge::{TextMerge, merge};
use crate::hcl::print;
use crate::model::design::FileOutcome;

/// What a person does to a line.
#[derive(Debug, Clone)]
enum LineEdit {
    Append(String),
    Insert(String),
    Delete,
}

fn line_edit() -> impl Strategy<Value = LineEdit> {
    let text = "[a-z]{1,8} = [0-9]{1,3}";
    prop_oneof![
        "[a-z ]{1,12}".prop_map(LineEdit::Append),
        text.prop_map(LineEdit::Insert),
        Just(LineEdit::Delete),
    ]
}

/// Edits of lines by their place, as a share of all lines.
fn edits() -> impl Strategy<Value = Vec<(f64, LineEdit)>> {
    proptest::collection::vec((0.0..1.0, line_edit()), 0..12)
}

/// Edits a text. Returns it with the numbers of the lines that were edited.
fn edited(text: &str, edits: &[(f64, LineEdit)]) -> (String, BTreeSet<usize>) {
    let mut lines: Vec<Vec<String>> = text.lines().map(|line| vec![line.to_owned()]).collect();
    let mut touched = BTreeSet::new();
    for (share, edit) in edits {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a share of a small number"
        )]
        let at = (share * lines.len() as f64) as usize;
        if !touched.insert(at) {
            continue;
        }
        match edit {
            LineEdit::Append(more) => lines[at] = vec![format!("{} # {more}", lines[at][0])],
            LineEdit::Insert(line) => lines[at].insert(0, format!("  # mine: {line}")),
            LineEdit::Delete => lines[at].clear(),
        }
    }
    let all: Vec<String> = lines
        .into_iter()
        .flatten()
        .map(|line| line + "\n")
        .collect();
    (all.concat(), touched)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_where_one_side_is_as_it_was(edits in edits()) {
        let base = print(&code(&everything()).expect("code"));
        let (ours, _) = edited(&base, &edits);
        prop_assert_eq!(merge(&base, &ours, &base), TextMerge::Clean(ours.clone()));
        prop_assert_eq!(merge(&base, &base, &ours), TextMerge::Clean(ours.clone()));
        prop_assert_eq!(merge(&base, &ours, &ours), TextMerge::Clean(ours.clone()));
        // Generating the same again changes nothing, whatever was edited.
        let file = GeneratedFile {
            current: Some(&ours),
            is_recorded: true,
            is_as_generated: ours == base,
            base: Some(&base),
            new: &base,
            overwrite: false,
        };
        let decided = decide(&file);
        prop_assert_eq!((decided.outcome, decided.content), (FileOutcome::Unchanged, None));
    }

    #[test]
    fn edits_survive_a_new_version(ours in edits(), theirs in edits()) {
        let base = print(&code(&everything()).expect("code"));
        let (ours, our_lines) = edited(&base, &ours);
        let (theirs, their_lines) = edited(&base, &theirs);
        let is_near = our_lines.iter().any(|line| {
            (line.saturating_sub(6)..=line + 6).any(|other| their_lines.contains(&other))
        });
        match merge(&base, &ours, &theirs) {
            TextMerge::Clean(text) => {
                for side in [&ours, &theirs] {
                    for line in side.lines().filter(|line| line.contains("# mine: ")) {
                        prop_assert!(text.contains(line), "{} is lost", line);
                    }
                }
            }
            TextMerge::Conflicts(conflicts) => {
                prop_assert!(is_near, "a conflict of edits that are apart: {:?}", conflicts);
                for conflict in conflicts {
                    prop_assert!(ours.contains(&conflict.ours) && theirs.contains(&conflict.theirs));
                }
            }
        }
    }

    #[test]
    fn line_ends_are_kept(edits in edits()) {
        let base = print(&code(&everything()).expect("code"));
        let (ours, _) = edited(&base, &edits);
        let theirs = format!("{base}\n# new\n");
        let dos = ours.replace('\n', "\r\n");
        if let (TextMerge::Clean(plain), TextMerge::Clean(with)) =
            (merge(&base, &ours, &theirs), merge(&base, &dos, &theirs))
        {
            prop_assert_eq!(with, plain.replace('\n', "\r\n"));
        }
    }
}
