//! Names of types that mean two things in `model`, `core` and `app`: who reads one file should
//! not have to know which of them another file means.

use std::collections::{BTreeMap, BTreeSet};

use super::source::code_only;

/// What is wrong: names that several files define.
pub(crate) fn faults(files: &[(String, String)]) -> Vec<String> {
    let tests = test_files(files);
    let mut meanings: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for (path, text) in files {
        if is_looked_at(path) && !is_test(path, &tests) {
            for name in defined(&code_only(text)) {
                meanings.entry(name).or_default().insert(path);
            }
        }
    }
    meanings.retain(|_, files| files.len() > 1);
    let shown = meanings.iter().map(|(name, files)| {
        let files: Vec<&str> = files.iter().copied().collect();
        format!("`{name}` means several things: {}", files.join(", "))
    });
    shown.collect()
}

fn is_looked_at(path: &str) -> bool {
    ["model/", "core/", "app/"]
        .iter()
        .any(|room| path.starts_with(room))
}

fn is_test(path: &str, tests: &BTreeSet<String>) -> bool {
    let module = path.trim_end_matches(".rs");
    tests.iter().any(|test| {
        let rest = module.strip_prefix(test.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// Paths of the modules that are built for tests only, without `.rs`.
fn test_files(files: &[(String, String)]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (path, text) in files {
        let module = path.trim_end_matches(".rs");
        let folder = module.strip_suffix("mod").unwrap_or(module);
        let folder = folder.trim_end_matches('/');
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let declared = match line {
                "#[cfg(test)]" => lines.next().and_then(|next| next.strip_suffix(';')),
                _ => None,
            };
            if let Some(name) = declared.and_then(|line| line.rsplit_once("mod ")) {
                found.insert(format!("{folder}/{}", name.1));
            }
        }
    }
    found
}

/// Types that a file defines for others or for itself. What a function defines is its own.
fn defined(code: &str) -> Vec<String> {
    let mut names = Vec::new();
    for line in code.lines() {
        let mut words = line.split(' ');
        let first = words.next().unwrap_or_default();
        let keyword = match first.starts_with("pub") {
            true => words.next().unwrap_or_default(),
            false => first,
        };
        if matches!(keyword, "struct" | "enum" | "trait" | "type" | "union") {
            let name = words.next().unwrap_or_default();
            let end = name.find(|c: char| !c.is_alphanumeric() && c != '_');
            names.push(name[..end.unwrap_or(name.len())].to_owned());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::faults;

    fn faults_of(files: &[(&str, &str)]) -> Vec<String> {
        let files: Vec<(String, String)> = files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
            .collect();
        faults(&files)
    }

    #[test]
    fn planted_names_are_found() {
        let faults = faults_of(&[
            ("model/a.rs", "pub struct Case<'a> {\n}\n"),
            (
                "core/b.rs",
                "enum Case {\n    One,\n}\npub(super) type Row = u8;\n",
            ),
            ("app/c/mod.rs", "pub(crate) trait Row {}\n"),
        ]);
        assert_eq!(
            faults,
            [
                "`Case` means several things: core/b.rs, model/a.rs",
                "`Row` means several things: app/c/mod.rs, core/b.rs",
            ]
        );
    }

    #[test]
    fn tests_other_rooms_and_local_types_may_share_names() {
        let faults = faults_of(&[
            ("model/a.rs", "struct Case;\n// struct Row;\n"),
            (
                "core/mod.rs",
                "#[cfg(test)]\npub(crate) mod world;\nstruct Row;\n",
            ),
            ("core/world.rs", "struct Case;\n"),
            ("core/b/mod.rs", "#[cfg(test)]\nmod tests;\n"),
            ("core/b/tests/more.rs", "struct Case;\n"),
            ("core/c.rs", "fn f() {\n    struct Case;\n}\n"),
            ("render/d.rs", "struct Case;\n"),
            ("app/e.rs", "#[cfg(test)]\nmod tests {\nstruct Case;\n}\n"),
        ]);
        assert_eq!(faults, [""; 0]);
    }
}
