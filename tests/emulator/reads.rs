//! The tables of what audits read, and the commands that data files show, held against AWS's own
//! models as botocore has them.

use std::path::Path;
use std::process::Command;

use crate::support::venv;

/// Runs a script of tests/support in the environment that has botocore, and returns its output.
fn held_against_aws(script: &str, folders: &[&str]) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let requirements = root.join("tests/support/requirements-moto.txt");
    let python = venv::program(&venv::ensure("moto", &requirements), "python");
    let output = Command::new(python)
        .arg(root.join("tests/support").join(script))
        .args(folders.iter().map(|folder| root.join(folder)))
        .output()
        .expect("Python starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn names_paths_and_pages_are_those_of_aws() {
    let folders = [
        "src/catalog/reads/services",
        "src/catalog/reads/types",
        "src/catalog/kinds",
    ];
    assert_eq!(held_against_aws("reads.py", &folders), "");
}

#[test]
fn commands_are_those_of_the_aws_cli() {
    assert_eq!(held_against_aws("commands.py", &["src/catalog"]), "");
    let found = held_against_aws("commands.py", &["tests/data"]);
    let signs = [
        "no operation put-bucket-verzioning",
        "no option --bucke",
        "Status: On is none of Enabled",
        "no member State",
        "a shell expands `{`",
        "Missing required parameter in input: \"Principal\"",
        "CORSRules[0]: \"AllowedMethods\"",
        "no option --endpoint",
        "no service dax2",
        "no service config",
        "'seven'",
        "`stray` belongs to no option",
        "rds waits for none but",
    ];
    for sign in signs {
        assert!(found.contains(sign), "{sign} is not in\n{found}");
    }
}
