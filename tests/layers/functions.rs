//! The length of functions: who reads one should see all of it at once.

use super::source::code_only;

/// The most lines that a function has, from `fn` to its closing brace.
const LONGEST: usize = 60;

/// Tables written as functions: they are read by the row, not as a whole.
const TABLES: &[(&str, &str)] = &[
    ("text/redact/rules.rs", "named"),
    ("text/redact/rules.rs", "own_forms"),
];

/// What is wrong: functions that are too long, and tables that are none any more.
pub(crate) fn faults(files: &[(String, String)]) -> Vec<String> {
    let mut found = Vec::new();
    let mut tables: Vec<&(&str, &str)> = Vec::new();
    for (path, text) in files {
        // Files of tests beside the code tell stories, as long as they are.
        if path.ends_with("/tests.rs") || path.contains("/tests/") {
            continue;
        }
        for (line, name, length) in long_functions(&code_only(text)) {
            match TABLES.iter().find(|table| **table == (path, &name)) {
                Some(table) => tables.push(table),
                None => found.push(format!(
                    "src/{path}:{line}: `{name}` has {length} lines; split it, {LONGEST} are the most"
                )),
            }
        }
    }
    let unused = TABLES.iter().filter(|table| {
        let is_there = files.iter().any(|(path, _)| path == table.0);
        is_there && !tables.contains(table)
    });
    found.extend(unused.map(|(path, name)| {
        format!("src/{path}: `{name}` is no longer a long table: take it off the list")
    }));
    found
}

/// Functions with more lines than that: line, name and number of lines.
///
/// Formatted code is told by its indentation: a function ends with the first line that is a
/// closing brace at its own depth.
fn long_functions(code: &str) -> Vec<(usize, String, usize)> {
    let lines: Vec<&str> = code.lines().map(str::trim_end).collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(name) = function_name(line) else {
            continue;
        };
        let depth = &line[..line.len() - line.trim_start().len()];
        let length = lines[at..].iter().position(|line| {
            let end = line.strip_prefix(depth);
            end.is_some_and(|end| end == "}" || (end.ends_with(';') && !end.starts_with(' ')))
        });
        let length = length.map_or(1, |last| last + 1);
        if length > LONGEST {
            found.push((at + 1, name.to_owned(), length));
        }
    }
    found
}

/// The name of the function that a line begins.
fn function_name(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let (before, after) = match line.strip_prefix("fn ") {
        Some(after) => ("", after),
        None => line.split_once(" fn ")?,
    };
    let qualifiers = before.split(' ').filter(|word| !word.is_empty());
    let known = qualifiers.into_iter().all(|word| {
        matches!(word, "const" | "async" | "unsafe" | "extern") || word.starts_with("pub")
    });
    let end = after.find(|c: char| !c.is_alphanumeric() && c != '_')?;
    (known && end > 0).then(|| &after[..end])
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, faults};

    fn function(head: &str, lines: usize) -> String {
        let body = "        let one = 1;\n".repeat(lines - 2);
        format!("impl Thing {{\n    {head} {{\n{body}    }}\n\n    fn short() {{}}\n}}\n")
    }

    fn faults_of(text: String) -> Vec<String> {
        faults(&[("core/long.rs".to_owned(), text)])
    }

    #[test]
    fn long_functions_are_found_with_their_place() {
        for head in [
            "fn long()",
            "pub(crate) async fn long(&self)",
            "pub const fn long<T>(one: T)\n    where\n        T: Copy,\n   ",
        ] {
            let more = head.matches('\n').count();
            assert_eq!(faults_of(function(head, LONGEST - more)), [""; 0], "{head}");
            assert_eq!(
                faults_of(function(head, LONGEST - more + 1)),
                [format!(
                    "src/core/long.rs:2: `long` has {} lines; split it, {LONGEST} are the most",
                    LONGEST + 1
                )],
                "{head}"
            );
        }
    }

    #[test]
    fn words_in_comments_and_texts_are_no_functions() {
        let comment = "    // fn long() {\n".repeat(LONGEST * 2);
        assert_eq!(faults_of(comment), [""; 0]);
    }

    #[test]
    fn a_table_that_became_short_is_named() {
        let found = faults(&[(
            "text/redact/rules.rs".to_owned(),
            "fn named() {}\nfn own_forms() {}\n".to_owned(),
        )]);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("take it off the list"), "{found:?}");
    }
}
