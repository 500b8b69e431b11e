//! Every key of every document that people or other programs write has an effect, or is said to
//! have none. A new key that nobody reads, and that the table of idle keys does not name, fails.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use fractary::model::paths::RepoPath;
use fractary::state::check_document;
use fractary::state::documents;
use fractary::state::documents::effects::{IdleKey, idle_key, idle_keys};
use fractary::state::documents::{DocumentType, Writer};
use serde_json::{Value, json};

/// Keys whose field has another name, or is read by a function of its type alone.
const FIELDS: &[(&str, &str, &str)] = &[
    ("helm", "channels.<name>.type", "channel_type"),
    ("registry", "resources[].type", "resource_type"),
    (
        "deployments",
        "deployments[].resources[].type",
        "resource_type",
    ),
    (
        "domain-monitors",
        "monitors[].issue_prefix",
        "DomainMonitor::prefix",
    ),
    ("suppressions", "suppress", "suppressions.entries"),
    ("suppressions", "suppress[]", "suppressions.entries"),
    ("attestations", "attest", "attestations.entries"),
    ("attestations", "attest[]", "attestations.entries"),
    ("kpis", "kpi", "kpis"),
    ("kpis", "kpi[]", "kpis"),
    ("monitoring", "slos.<name>.<name>", "kinds"),
    ("monitoring", "slos.resource.<name>.<name>", "resource"),
];

/// Keys that are read as part of the whole: the version of every document before anything
/// else, and the shape of a kind, whose file is proven by its own examples.
fn is_read_as_a_whole(document: &DocumentType, key: &str) -> bool {
    key == "version" || ["kind", "check"].contains(&document.name)
}

/// The documents that are input: what runs alone write is what they say.
fn inputs() -> impl Iterator<Item = &'static DocumentType> {
    let all = documents::all().iter().copied();
    all.filter(|document| document.writer != Writer::Runs || document.name == "registry")
}

fn keys(document: &DocumentType) -> BTreeSet<String> {
    let root: Value = serde_json::from_str(document.schema()).expect("JSON");
    let mut rows = Vec::new();
    super::reference::rows(&root, &root, "", &mut rows);
    rows.into_iter().map(|row| row.key).collect()
}

/// The field that holds a key.
fn field(document: &DocumentType, key: &str) -> String {
    let named = FIELDS
        .iter()
        .find(|(of, name, _)| *of == document.name && *name == key);
    if let Some((.., field)) = named {
        return (*field).to_owned();
    }
    let last = key
        .split('.')
        .rfind(|part| *part != "<name>")
        .unwrap_or(key);
    last.trim_end_matches("[]").replace('-', "_")
}

/// The sources that decide, show, send or refuse: all but the types themselves.
fn sources() -> String {
    fn collect(folder: &Path, out: &mut String) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default();
            if path.is_dir() {
                if name != "tests" && !path.ends_with("src/model") {
                    collect(&path, out);
                }
            } else if name.ends_with(".rs") && name != "tests.rs" && name != "effects.rs" {
                let text = std::fs::read_to_string(&path).expect("UTF-8");
                out.push_str(text.split("#[cfg(test)]").next().unwrap_or_default());
            }
        }
    }
    let mut out = String::new();
    collect(
        &PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut out,
    );
    out
}

/// Whether a field is read, as `.field` or in a pattern.
fn is_read(sources: &str, field: &str) -> bool {
    let ends =
        |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '(');
    let dot = if field.contains("::") { "" } else { "." };
    let pattern = format!("{dot}{field}");
    let mut found = sources.match_indices(&pattern);
    found.any(|(at, _)| ends(&sources[at + pattern.len()..]))
}

#[test]
fn every_key_is_read_or_said_to_be_idle() {
    let sources = sources();
    let mut silent = Vec::new();
    for document in inputs() {
        for key in keys(document) {
            let idle = idle_key(document.name, &key).is_some();
            let whole = is_read_as_a_whole(document, &key);
            if !idle && !whole && !is_read(&sources, &field(document, &key)) {
                silent.push(format!("{}: {key}", document.name));
            }
        }
    }
    assert!(
        silent.is_empty(),
        "nothing reads these keys: make them work, refuse them, or name them in \
         src/state/documents/effects.rs\n{}",
        silent.join("\n")
    );
}

#[test]
fn idle_keys_exist() {
    for (document, key) in idle_keys() {
        let document = documents::find(document).expect("a document");
        assert!(keys(document).contains(key), "{}: {key}", document.name);
    }
}

/// The shortest value that a key may have: 1, a text, a list or a table with one of those.
fn value(document: &DocumentType, key: &str) -> Value {
    let root: Value = serde_json::from_str(document.schema()).expect("JSON");
    let mut rows = Vec::new();
    super::reference::rows(&root, &root, "", &mut rows);
    let row = rows.iter().find(|row| row.key == key).expect("a key");
    let kind = row.kind.as_str();
    match kind {
        _ if kind.starts_with("table: name → list") => json!({ "x": ["y"] }),
        _ if kind.starts_with("table: name") => json!({ "x": "y" }),
        _ if kind.starts_with("table") => {
            let prefix = format!("{key}.");
            let inner = rows.iter().find(|row| row.key.starts_with(&prefix));
            let inner = inner.expect("a key inside");
            let name = inner.key[prefix.len()..].to_owned();
            json!({ name: value(document, &inner.key) })
        }
        _ if kind.starts_with("list") => json!(["x"]),
        _ if kind.contains("number") => json!(1),
        _ if kind.contains("true") => json!(true),
        _ => json!("x"),
    }
}

#[test]
fn who_relies_on_an_idle_key_is_warned_at_its_place() {
    let mut warned = 0;
    for (name, key) in idle_keys() {
        let Some(IdleKey::NoEffectYet(why)) = idle_key(name, key) else {
            continue;
        };
        let document = documents::find(name).expect("a document");
        let mut tree = value(document, key);
        for part in key.split('.').rev() {
            let part = if part == "<name>" { "test" } else { part };
            tree = json!({ part: tree });
        }
        let (file, text) = match name {
            "monitoring" => ("a.toml", toml::to_string(&tree).expect("TOML")),
            _ => ("a.json", tree.to_string()),
        };
        let path = RepoPath::new(file).expect("a path");
        let said = check_document(name, &path, text.into_bytes());
        let found = said.iter().find(|one| one.code == "state/no-effect");
        let found = found.unwrap_or_else(|| panic!("{name}: {key}: {said:?}"));
        assert!(found.message.contains(why), "{}", found.message);
        assert!(found.line > 0, "{name}: {key}");
        warned += 1;
    }
    assert!(warned > 0);
}

#[test]
fn a_version_that_is_not_known_is_refused() {
    for document in inputs().filter(|document| keys(document).contains("version")) {
        let path = RepoPath::new("a.json").expect("a path");
        let text = json!({ "version": "9.0.0" }).to_string();
        let said = check_document(document.name, &path, text.into_bytes());
        let codes: Vec<&str> = said.iter().map(|one| one.code).collect();
        let toml = [
            "monitoring",
            "helm",
            "kind",
            "check",
            "suppressions",
            "attestations",
            "kpis",
        ]
        .contains(&document.name);
        assert!(
            toml || codes.contains(&"state/newer-version"),
            "{}: {codes:?}",
            document.name
        );
    }
}
