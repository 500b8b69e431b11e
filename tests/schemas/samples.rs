//! Named good and bad samples of every document. A good one is read without a word; what
//! a bad one says is a snapshot, 80 columns wide, for people to judge.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use fractary::model::paths::RepoPath;
use fractary::state;
use fractary::state::documents;
use fractary::state::documents::paths;
use fractary::state::{Diagnostic, WorkTree, check_document, render};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/samples")
}

/// Samples by schema: file name → bytes.
fn samples() -> BTreeMap<String, BTreeMap<String, Vec<u8>>> {
    let mut out: BTreeMap<String, BTreeMap<String, Vec<u8>>> = BTreeMap::new();
    for dir in fs::read_dir(folder()).expect("samples") {
        let dir = dir.expect("an entry");
        let name = dir.file_name().into_string().expect("UTF-8");
        for file in fs::read_dir(dir.path()).expect("a folder") {
            let file = file.expect("an entry");
            let bytes = fs::read(file.path()).expect("read");
            let file = file.file_name().into_string().expect("UTF-8");
            out.entry(name.clone()).or_default().insert(file, bytes);
        }
    }
    out
}

/// Types that lie in files which `state::load` does not read: the catalogue reads kinds, and
/// only `check` reads logs, people read incidents, and audits of costs what they keep.
const READ_ELSEWHERE: [&str; 10] = [
    "audit",
    "check",
    "iam-audit",
    "incident",
    "issue-log",
    "kind",
    "prices",
    "remediation-log",
    "savings",
    "spending",
];

/// Where a document of a type lies; `None` for those that loading does not read.
fn place(name: &str) -> Option<RepoPath> {
    let document = documents::find(name).expect("a type of document");
    let place = document.places.first()?;
    let path = place.fill_with(|name| {
        let known = [("env", "test"), ("id", "infra-7f3a2c"), ("domain", "data")];
        let found = known.into_iter().find(|(known, _)| *known == name);
        found.map_or(name, |(_, value)| value).to_owned()
    });
    (!READ_ELSEWHERE.contains(&name)).then_some(path)
}

/// What is said of a document at its place in a repository that is otherwise in order.
fn said(schema: &str, file: &str, bytes: &[u8]) -> String {
    render(&found(schema, file, bytes), false, 80)
}

fn found(schema: &str, file: &str, bytes: &[u8]) -> Vec<Diagnostic> {
    let Some(place) = place(schema) else {
        let path = RepoPath::new(file).expect("a path");
        return check_document(schema, &path, bytes.to_vec());
    };
    let dir = tempfile::tempdir().expect("a directory");
    let write = |path: &RepoPath, bytes: &[u8]| {
        let path = dir.path().join(path.as_str());
        fs::create_dir_all(path.parent().expect("a folder")).expect("created");
        fs::write(path, bytes).expect("written");
    };
    let all = samples();
    write(
        &paths::environments(),
        &all["environments"]["good-two.json"],
    );
    write(&place, bytes);
    match state::load(&WorkTree::new(dir.path())) {
        Ok((state, _)) => state.warnings,
        Err(invalid) => invalid.diagnostics,
    }
}

#[test]
fn good_samples_are_read_without_a_word() {
    for (name, files) in samples() {
        for (file, bytes) in files.iter().filter(|(file, _)| file.starts_with("good-")) {
            let mut found = found(&name, file, bytes);
            // Samples show every key, also those that have no effect yet.
            found.retain(|one| one.code != "state/no-effect");
            assert_eq!(render(&found, false, 80), "", "{name}/{file}");
        }
    }
}

#[test]
fn bad_samples_say_what_to_do() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let _bound = settings.bind_to_scope();
    for (name, files) in samples() {
        for (file, bytes) in files.iter().filter(|(file, _)| file.starts_with("bad-")) {
            let said = said(&name, file, bytes);
            assert!(said.contains("error["), "{name}/{file}: {said}");
            let longest = said.lines().map(|line| line.chars().count()).max();
            assert!(
                longest.is_some_and(|columns| columns <= 80),
                "{name}/{file}: {said}"
            );
            let stem = file.split('.').next().expect("a stem");
            insta::assert_snapshot!(format!("{name}-{stem}"), said);
        }
    }
}

/// Faults that lie in where a document is, not in the document alone.
#[test]
fn misplaced_documents_say_what_to_do() {
    let dir = tempfile::tempdir().expect("a directory");
    let write = |path: &str, text: &str| {
        let path = dir.path().join(".fractary").join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("created");
        fs::write(path, text).expect("written");
    };
    let all = samples();
    let sample =
        |schema: &str, file: &str| String::from_utf8(all[schema][file].clone()).expect("UTF-8");
    write(
        "shared/environments.json",
        &sample("environments", "good-two.json"),
    );
    write(
        "plugins/helm-cloud/monitoring.toml",
        &sample("monitoring", "good-seed.toml"),
    );
    write(
        "plugins/helm/config/helm.toml",
        "[dashboard]\ndefault_environment = \"staging\"\n\n[git]\nheartbeat = \"99999999999999999999d\"\n",
    );
    write(
        "plugins/faber-cloud/config/devops.json",
        "{ \"project\": { \"name\": \"orders\" }, \"monitoring\": { \"window\": \"5m\" } }\n",
    );
    write(
        "plugins/faber-cloud/deployments/Test/registry.json",
        &sample("registry", "good-empty.json"),
    );
    write(
        "plugins/faber-cloud/deployments/other/registry.json",
        &sample("registry", "good-empty.json").replace("test", "other"),
    );
    let issue = sample("issue", "good-active.json");
    write("plugins/helm/issues/active/infra-7f3a2c.json", &issue);
    write(
        "plugins/helm/issues/resolved/infra-7f3a2c.json",
        &issue.replace("\"active\"", "\"resolved\""),
    );
    write("registry/deployments.json", &"[".repeat(300));
    let invalid = state::load(&WorkTree::new(dir.path())).expect_err("errors");
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let _bound = settings.bind_to_scope();
    insta::assert_snapshot!("misplaced", render(&invalid.diagnostics, false, 80));
    let github: Vec<_> = invalid.diagnostics.iter().map(|d| d.to_github()).collect();
    insta::assert_snapshot!("misplaced-github", github.join("\n"));
    let json: Vec<_> = invalid.diagnostics.iter().map(|d| d.to_fault()).collect();
    let json = serde_json::to_string_pretty(&json).expect("JSON");
    insta::assert_snapshot!("misplaced-json", json);
}
