//! Import circles between files, found in `use` lines and in paths inside of the code.
//!
//! A path belongs to the file with the longest matching prefix. What a parent module names of
//! its own children is left out, since that is how modules are made.

use std::collections::{BTreeMap, BTreeSet};

use super::source::code_only;

/// What is wrong: every circle.
pub(crate) fn faults(files: &[(String, String)]) -> Vec<String> {
    let circles = circles(files).into_iter();
    circles
        .map(|circle| format!("these files import each other: {}", circle.join(" ↔ ")))
        .collect()
}

/// The circles among the files, given by path below `src/` and text; largest first.
fn circles(files: &[(String, String)]) -> Vec<Vec<&str>> {
    let modules: BTreeMap<Vec<&str>, &str> = files
        .iter()
        .filter(|(path, _)| !is_test(path))
        .map(|(path, _)| (module(path), path.as_str()))
        .collect();
    let edges: BTreeMap<&str, BTreeSet<&str>> = files
        .iter()
        .filter(|(path, _)| !is_test(path))
        .map(|(path, text)| (path.as_str(), imports(path, text, &modules)))
        .collect();
    let mut circles = Components::new(&edges).found();
    circles.sort_by_key(|circle| (std::cmp::Reverse(circle.len()), circle[0]));
    circles
}

fn is_test(path: &str) -> bool {
    let mut parts = path.trim_end_matches(".rs").split('/');
    parts.any(|part| part == "tests")
}

fn is_parent(path: &str) -> bool {
    matches!(
        path.rsplit('/').next(),
        Some("mod.rs" | "lib.rs" | "main.rs")
    )
}

/// The path of a file's module: `a/b.rs` and `a/b/mod.rs` are `a::b`, `lib.rs` is the root.
fn module(path: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = path.trim_end_matches(".rs").split('/').collect();
    if is_parent(path) {
        parts.pop();
    }
    parts
}

/// The files that a file imports from.
fn imports<'a>(
    path: &str,
    text: &str,
    modules: &BTreeMap<Vec<&str>, &'a str>,
) -> BTreeSet<&'a str> {
    let me = module(path);
    let code = code_only(text);
    let mut found = BTreeSet::new();
    for named in named_paths(&code) {
        let Some(full) = absolute(&me, &named) else {
            continue;
        };
        let full: Vec<&str> = full.iter().map(String::as_str).collect();
        let owner = (1..=full.len())
            .rev()
            .find_map(|length| modules.get_key_value(&full[..length]));
        if let Some((module, file)) = owner
            && *module != me
            && !(is_parent(path) && module.starts_with(&me))
        {
            found.insert(*file);
        }
    }
    found
}

/// The paths that code names: those of `use`, and `crate::…` anywhere.
fn named_paths(code: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for (at, keyword) in code.match_indices("use ") {
        let before = code[..at].chars().next_back();
        if before.is_some_and(is_word) {
            continue;
        }
        let rest = &code[at + keyword.len()..];
        if let Some(end) = rest.find(';') {
            expand("", &rest[..end], &mut paths);
        }
    }
    for (at, _) in code.match_indices("crate::") {
        let before = code[..at].chars().next_back();
        if before.is_some_and(is_word) {
            continue;
        }
        let rest = &code[at..];
        let end = rest.find(|c: char| !is_word(c) && c != ':');
        paths.push(rest[..end.unwrap_or(rest.len())].to_owned());
    }
    paths
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// `a::{b, c::{d, e}}` as `a::b`, `a::c::d`, `a::c::e`.
fn expand(prefix: &str, tree: &str, paths: &mut Vec<String>) {
    let tree = tree.trim();
    let group = tree
        .find('{')
        .and_then(|open| Some((&tree[..open], tree[open + 1..].strip_suffix('}')?)));
    let Some((head, inner)) = group else {
        let name = tree.split_whitespace().next().unwrap_or_default();
        paths.push(format!("{prefix}{name}"));
        return;
    };
    let prefix = format!("{prefix}{}", head.trim());
    let mut depth = 0;
    let mut start = 0;
    for (at, c) in inner.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                expand(&prefix, &inner[start..at], paths);
                start = at + 1;
            }
            _ => {}
        }
    }
    if !inner[start..].trim().is_empty() {
        expand(&prefix, &inner[start..], paths);
    }
}

/// A path from the root of the crate; `None` for one that leaves it.
fn absolute(me: &[&str], path: &str) -> Option<Vec<String>> {
    let mut parts = path.split("::").map(str::trim).peekable();
    let mut full: Vec<String> = Vec::new();
    match parts.peek() {
        Some(&"crate") => {
            parts.next();
        }
        Some(&"self") => {
            parts.next();
            full.extend(me.iter().map(|part| (*part).to_owned()));
        }
        Some(&"super") => {
            full.extend(me.iter().map(|part| (*part).to_owned()));
            while parts.next_if_eq(&"super").is_some() {
                full.pop()?;
            }
        }
        _ => return None,
    }
    full.extend(parts.map(str::to_owned));
    Some(full)
}

/// Tarjan's algorithm: sets of files that reach each other.
struct Components<'e, 'a> {
    edges: &'e BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// When a file was first seen.
    index: BTreeMap<&'a str, usize>,
    /// The earliest file that it reaches.
    low: BTreeMap<&'a str, usize>,
    stack: Vec<&'a str>,
    found: Vec<Vec<&'a str>>,
}

impl<'e, 'a> Components<'e, 'a> {
    fn new(edges: &'e BTreeMap<&'a str, BTreeSet<&'a str>>) -> Self {
        Self {
            edges,
            index: BTreeMap::new(),
            low: BTreeMap::new(),
            stack: Vec::new(),
            found: Vec::new(),
        }
    }

    /// The sets of more than one file, each sorted.
    fn found(mut self) -> Vec<Vec<&'a str>> {
        for file in self.edges.keys() {
            if !self.index.contains_key(file) {
                self.visit(file);
            }
        }
        self.found
    }

    fn visit(&mut self, file: &'a str) {
        let number = self.index.len();
        self.index.insert(file, number);
        self.low.insert(file, number);
        self.stack.push(file);
        for other in self.edges.get(file).into_iter().flatten() {
            if !self.index.contains_key(other) {
                self.visit(other);
                self.lower(file, self.low[other]);
            } else if self.stack.contains(other) {
                self.lower(file, self.index[other]);
            }
        }
        if self.low[file] == self.index[file] {
            let start = self.stack.iter().position(|one| *one == file);
            let mut circle = self.stack.split_off(start.expect("pushed above"));
            if circle.len() > 1 {
                circle.sort_unstable();
                self.found.push(circle);
            }
        }
    }

    fn lower(&mut self, file: &'a str, to: usize) {
        if let Some(low) = self.low.get_mut(file) {
            *low = to.min(*low);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults_of(files: &[(&str, &str)]) -> Vec<String> {
        let files: Vec<(String, String)> = files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
            .collect();
        faults(&files)
    }

    #[test]
    fn planted_circles_are_found() {
        let two = [
            ("model/a.rs", "use crate::model::b::B;"),
            ("model/b.rs", "fn f() { crate::model::a::g() }"),
        ];
        let fault = "these files import each other: model/a.rs ↔ model/b.rs";
        assert_eq!(faults_of(&two), [fault]);
        let relative = [
            ("model/a.rs", "use super::b::{self, B};"),
            ("model/b.rs", "use super::{c, a::{A, X as Y}};"),
            ("model/c.rs", ""),
        ];
        assert_eq!(faults_of(&relative), [fault]);
        let through_a_third = [
            ("core/mod.rs", "mod a;\nmod b;\npub use a::A;"),
            ("core/a.rs", "use crate::core::b;"),
            ("core/b.rs", "use crate::git::tree::Tree;"),
            ("git/mod.rs", "pub mod tree;"),
            ("git/tree.rs", "use crate::core::a::A;"),
        ];
        assert_eq!(
            faults_of(&through_a_third),
            ["these files import each other: core/a.rs ↔ core/b.rs ↔ git/tree.rs"]
        );
        let with_a_sibling_of_the_parent = [
            ("core/x/mod.rs", "use crate::core::y;\nmod z;"),
            ("core/x/z.rs", ""),
            (
                "core/y.rs",
                "use crate::core::x::z::Z;\nuse crate::core::x::X;",
            ),
        ];
        assert_eq!(
            faults_of(&with_a_sibling_of_the_parent),
            ["these files import each other: core/x/mod.rs ↔ core/y.rs"]
        );
    }

    #[test]
    fn what_is_no_circle_is_not_reported() {
        let cases: &[&[(&str, &str)]] = &[
            // A parent names its children, and they name it.
            &[
                ("core/mod.rs", "mod a;\npub use a::A;\nuse self::a::B;"),
                ("core/a.rs", "use super::World;\nuse crate::core::Other;"),
            ],
            &[
                ("lib.rs", "pub mod a;"),
                ("a.rs", "use crate::a::X; use other_crate::b::Y;"),
            ],
            // Tests, comments and texts import nothing.
            &[
                ("model/a.rs", "use crate::model::b::B;"),
                (
                    "model/b.rs",
                    "// use crate::model::a;\nlet s = \"crate::model::a\";\n#[cfg(test)]\nmod tests {\n    use crate::model::a::A;\n}\n",
                ),
                ("model/tests.rs", "use crate::model::a;"),
            ],
            &[
                ("model/a.rs", "use crate::model::b::B;"),
                ("model/b.rs", "use std::fmt;"),
            ],
        ];
        for files in cases {
            assert_eq!(faults_of(files), [""; 0], "{files:?}");
        }
    }
}
