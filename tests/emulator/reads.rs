//! The tables of what audits read, held against AWS's own models as botocore has them.

use std::path::Path;
use std::process::Command;

use crate::support::venv;

#[test]
fn names_paths_and_pages_are_those_of_aws() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let requirements = root.join("tests/support/requirements-moto.txt");
    let output = Command::new(venv::program(
        &venv::ensure("moto", &requirements),
        "python",
    ))
    .arg(root.join("tests/support/reads.py"))
    .args(["services", "types"].map(|folder| root.join("src/catalog/reads").join(folder)))
    .arg(root.join("src/catalog/kinds"))
    .output()
    .expect("Python starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout), "");
}
