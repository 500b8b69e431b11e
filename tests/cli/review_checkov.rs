//! Reviews beside Checkov: where the two differ, the table of differences says why, and the plan proves it.

use std::path::Path;
use std::process::Command;

/// `benches/review/score.py` fails where a difference is not explained for its address, where the plan does
/// not say what the explanation claims, and where one explains nothing.
#[test]
fn every_difference_from_checkov_is_explained_and_proven() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sample = root.join("tests/data/review/checkov");
    let output = Command::new("python3")
        .arg("-B")
        .arg(root.join("benches/review/score.py"))
        .arg(env!("CARGO_BIN_EXE_fractary"))
        .arg("oracle")
        .args([sample.join("verdicts"), sample.join("plans")])
        .output()
        .expect("the tests need Python 3.11 or newer as `python3`");
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{errors}");
    // It has looked at something.
    assert!(said.contains("62 checks"), "{said}");
}
