//! Every file of this project that a document names exists, and every command.
//!
//! Looked at are links and words in backticks. A word counts as a file of the project when
//! it begins with one of its top-level folders or is one of its top-level files. Patterns
//! (`<name>`, `*`, `{a,b}`, `…`) and code blocks are not looked at: documents speak of the
//! user's files too.

#[path = "docs/commands.rs"]
mod commands;
#[path = "docs/outputs.rs"]
mod outputs;
#[path = "docs/plugin.rs"]
mod plugin;

use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn documents_name_commands_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut wrong = Vec::new();
    for document in documents(root) {
        let text = fs::read_to_string(&document).expect("documents are UTF-8");
        let shown = document.strip_prefix(root).unwrap_or(&document).display();
        let faults = commands::faults(&text);
        wrong.extend(
            faults
                .iter()
                .map(|(line, fault)| format!("{shown}:{line}: {fault}")),
        );
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn documents_show_no_output_that_nothing_prints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut wrong = Vec::new();
    for document in documents(root) {
        let text = fs::read_to_string(&document).expect("documents are UTF-8");
        let shown = document.strip_prefix(root).unwrap_or(&document).display();
        let read = |name: &str| {
            fs::read_to_string(root.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
        };
        let misquoted = outputs::misquoted(&text, read);
        let faults = outputs::faults(&shown.to_string(), &text);
        let faults = faults.into_iter().chain(misquoted);
        wrong.extend(faults.map(|(line, fault)| format!("{shown}:{line}: {fault}")));
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn documents_name_files_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut missing = Vec::new();
    for document in documents(root) {
        let text = fs::read_to_string(&document).expect("documents are UTF-8");
        let folder = document.parent().expect("a document is in a folder");
        for (line, name) in named_files(&text, &top_level(root)) {
            let place = match &name {
                Named::Link(link) => folder.join(link),
                Named::Word(word) => root.join(word),
            };
            if !place.exists() {
                let shown = document.strip_prefix(root).unwrap_or(&document).display();
                missing.push(format!("{shown}:{line}: {name:?} does not exist"));
            }
        }
    }
    assert!(missing.is_empty(), "\n{}\n", missing.join("\n"));
}

/// Each row of the page about reported faults names a test that exists.
#[test]
fn reported_faults_name_tests_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = root.join("docs/development/reported-faults.md");
    let page = fs::read_to_string(page).expect("the page is there");
    let rows = page.lines().filter(|line| line.starts_with("| "));
    let rows: Vec<&str> = rows.filter(|row| !row.ends_with("| test |")).collect();
    assert!(rows.len() > 50, "{}", rows.len());
    let mut missing = Vec::new();
    for row in rows {
        let test = row.rsplit("| ").next().unwrap_or_default();
        let named: Vec<&str> = test.split('`').skip(1).step_by(2).collect();
        let [file, name] = named.as_slice() else {
            missing.push(format!("{row}: a file and a test"));
            continue;
        };
        let text = fs::read_to_string(root.join(file)).unwrap_or_default();
        let test = format!("#[test]\nfn {name}(");
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        if !lines.join("\n").contains(&test) {
            missing.push(format!("{file} has no test `{name}`"));
        }
    }
    assert!(missing.is_empty(), "\n{}\n", missing.join("\n"));
}

/// A file as a document names it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Named {
    /// Relative to the document.
    Link(String),
    /// Relative to the repository.
    Word(String),
}

/// The files that a document names, with their lines.
fn named_files(text: &str, top_level: &[String]) -> Vec<(usize, Named)> {
    let mut found = Vec::new();
    let mut fence: Option<&str> = None;
    for (number, line) in text.lines().enumerate() {
        let start = line.trim_start();
        if let Some(mark) = ["```", "~~~"]
            .into_iter()
            .find(|mark| start.starts_with(mark))
        {
            fence = match fence {
                None => Some(mark),
                Some(open) if open == mark => None,
                open => open,
            };
            continue;
        }
        if fence.is_some() {
            continue;
        }
        let words = line.split('`').skip(1).step_by(2);
        for word in words.filter(|word| is_ours(word, top_level)) {
            let word = word.split([':', '#']).next().unwrap_or(word);
            found.push((number + 1, Named::Word(word.to_owned())));
        }
        for link in links(line) {
            found.push((number + 1, Named::Link(link)));
        }
    }
    found
}

fn is_ours(word: &str, top_level: &[String]) -> bool {
    let first = word.split(['/', ':', '#']).next().unwrap_or(word);
    // A folder's name alone is also a word of the language (`src`, but `tests` and `docs`).
    let file = word.contains('/') || first.contains('.');
    file && is_plain(word) && top_level.iter().any(|name| name == first)
}

fn is_plain(path: &str) -> bool {
    !path.contains(['<', '>', '*', '{', '}', '$', '…', ' ', '(', '[']) && !path.contains("...")
}

/// Relative targets of `[text](target)` and `[text]: target`, without their fragments.
fn links(line: &str) -> Vec<String> {
    let inline = line.match_indices("](").filter_map(|(at, mark)| {
        let rest = &line[at + mark.len()..];
        rest.find(')').map(|end| &rest[..end])
    });
    let reference = line
        .strip_prefix('[')
        .and_then(|rest| rest.split_once("]: "))
        .map(|(_, target)| target);
    inline
        .chain(reference)
        .map(|target| target.split([' ', '#']).next().unwrap_or_default())
        .filter(|target| !target.is_empty() && !target.contains("://"))
        .filter(|target| !target.starts_with("mailto:") && is_plain(target))
        .map(str::to_owned)
        .collect()
}

/// Top-level names of the project, what git ignores and `.git` left out.
fn top_level(root: &Path) -> Vec<String> {
    let entries = fs::read_dir(root).expect("the project can be read");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("the project can be read").file_name())
        .map(|name| name.to_string_lossy().into_owned())
        // The user's repository has a `.fractary/` of its own.
        .filter(|name| !["target", ".git", ".fractary"].contains(&name.as_str()))
        .collect();
    names.sort();
    names
}

/// Markdown at the top level and below `docs/` and `plugins/`, sorted.
fn documents(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root.join("docs"), root.join("plugins")];
    for name in [
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
    ] {
        found.extend(Some(root.join(name)).filter(|path| path.exists()));
    }
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.expect("docs can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn names_are_found_and_patterns_are_not() {
    let top: Vec<String> = ["src", "tests", "Cargo.toml", ".ci"]
        .map(str::to_owned)
        .into();
    let text = "See `src/main.rs` and [how](docs/how.md#part), `cargo test`, `src/<name>.rs`.\n\
                ```\n[no](no.md) `src/no.rs`\n```\n\
                [ref]: other.md\n`Cargo.toml`, `.ci/run`, `tests`, `src/lib.rs:12`\n\
                [web](https://example.com/x) [mail](mailto:a@example.com) [here](#top)\n";
    let word = |word: &str| Named::Word(word.to_owned());
    let link = |link: &str| Named::Link(link.to_owned());
    assert_eq!(
        named_files(text, &top),
        [
            (1, word("src/main.rs")),
            (1, link("docs/how.md")),
            (5, link("other.md")),
            (6, word("Cargo.toml")),
            (6, word(".ci/run")),
            (6, word("src/lib.rs")),
        ]
    );
}
