//! Holds the dependency direction of `CONTRIBUTING.md` ("Who may know whom") by reading the
//! sources as text, and says where it is broken, by file and line.
//!
//! Comments, literals and test modules are not looked at. A new module under `src/` must
//! be entered in [`rules::MAY_KNOW`].

#[path = "layers/circles.rs"]
mod circles;
#[path = "layers/functions.rs"]
mod functions;
#[path = "layers/names.rs"]
mod names;
#[path = "layers/rules.rs"]
mod rules;
#[path = "layers/source.rs"]
mod source;

use std::fs;
use std::path::{Path, PathBuf};

use rules::Violation;

#[test]
fn the_house_keeps_its_layers() {
    let mut violations = Vec::new();
    for path in sources() {
        let text = text_of(&path);
        violations.extend(rules::check(
            &path.to_string_lossy().replace('\\', "/"),
            &text,
        ));
    }
    let shown: Vec<_> = violations.iter().map(Violation::to_string).collect();
    assert!(violations.is_empty(), "\n{}\n", shown.join("\n"));
}

#[test]
fn no_files_import_each_other() {
    let faults = circles::faults(&texts());
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn a_name_means_one_thing() {
    let faults = names::faults(&texts());
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn functions_are_seen_at_once() {
    let faults = functions::faults(&texts());
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn every_module_is_in_the_table() {
    for path in sources() {
        let module = rules::module_of(&path.to_string_lossy());
        assert!(
            rules::MAY_KNOW.iter().any(|(name, _)| *name == module),
            "src/{}: say in tests/layers/rules.rs whom `{module}` may know",
            path.display(),
        );
    }
}

/// Every source file: its path with `/`, and its text.
fn texts() -> Vec<(String, String)> {
    let each = sources();
    let each = each.iter().map(|path| {
        let shown = path.to_string_lossy().replace('\\', "/");
        (shown, text_of(path))
    });
    each.collect()
}

/// The text of a source file.
fn text_of(path: &Path) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    fs::read_to_string(root.join(path)).expect("sources are UTF-8")
}

/// Source files relative to `src/`, sorted.
fn sources() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("src can be read") {
            let path = entry.expect("src can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(
                    path.strip_prefix(&root)
                        .expect("found below src")
                        .to_owned(),
                );
            }
        }
    }
    found.sort();
    found
}
