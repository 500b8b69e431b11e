//! No page shows an output that the program does not print: a block of code is either made from the program
//! (between `<!-- BEGIN … -->` and `<!-- END … -->`, or on a page that a test writes as a whole), or it holds
//! what a reader types and nothing else. Between `<!-- BEGIN SNAPSHOT FILE -->` and its end stand lines of a
//! snapshot, in its order.

/// Pages that a test writes as a whole, and holds against what the program prints.
const GENERATED: [&str; 5] = [
    "docs/cli.md",
    "docs/configuration.md",
    "docs/infra-story.md",
    "docs/kinds.md",
    "docs/reference/",
];
/// Programs that readers are asked to run, and the slash commands of an assistant.
const PROGRAMS: [&str; 8] = [
    "fractary",
    "terraform",
    "git",
    "cargo",
    "bash",
    "curl",
    "claude",
    "/",
];

/// What is wrong with the blocks of a page: line, and fault.
pub(crate) fn faults(page: &str, text: &str) -> Vec<(usize, String)> {
    if GENERATED.iter().any(|known| page.starts_with(known)) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let (mut language, mut is_generated, mut goes_on) = (None, false, false);
    for (number, line) in text.lines().enumerate() {
        is_generated |= line.starts_with("<!-- BEGIN ");
        is_generated &= !line.starts_with("<!-- END ");
        if let Some(fence) = line.trim_start().strip_prefix("```") {
            language = match language {
                None => Some(fence.to_owned()),
                Some(_) => None,
            };
            continue;
        }
        let words = line.trim_start();
        // What a line goes on with is indented; so is a block in a list.
        let typed = match language.as_deref() {
            Some("console") => goes_on || words.starts_with("$ "),
            Some("" | "text") => goes_on || PROGRAMS.iter().any(|name| words.starts_with(name)),
            _ => true,
        };
        goes_on = typed && line.ends_with('\\');
        let says_nothing = words.is_empty() || words.starts_with('#');
        if !typed && !says_nothing && !is_generated {
            found.push((
                number + 1,
                format!("`{line}` is typed by nobody, and printed by no test"),
            ));
        }
    }
    found
}

/// Lines of blocks that are said to be of a snapshot and are not: line, and fault. `read` gives the
/// text of a file of the repository.
pub(crate) fn misquoted(text: &str, read: impl Fn(&str) -> String) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    // The name of the snapshot, and its lines that are left.
    let mut snapshot: Option<(&str, Vec<String>)> = None;
    for (number, line) in text.lines().enumerate() {
        let begun = line.strip_prefix("<!-- BEGIN SNAPSHOT ");
        if let Some(name) = begun.and_then(|rest| rest.strip_suffix(" -->")) {
            let mut lines: Vec<String> = read(name).lines().map(str::to_owned).collect();
            lines.reverse();
            snapshot = Some((name, lines));
        } else if line.starts_with("<!-- END ") {
            snapshot = None;
        } else if let Some((name, lines)) = &mut snapshot
            && !line.starts_with("```")
        {
            match lines.iter().rposition(|one| one == line) {
                Some(at) => lines.truncate(at),
                None => found.push((number + 1, format!("`{line}` does not follow in {name}"))),
            }
        }
    }
    found
}

#[test]
fn quotes_of_snapshots_are_held_against_them() {
    let read = |name: &str| {
        assert_eq!(name, "x.snap");
        "one\ntwo\nthree\n".to_owned()
    };
    let page = |lines: &str| {
        format!(
            "<!-- BEGIN SNAPSHOT x.snap -->\n```text\n{lines}\n```\n<!-- END SNAPSHOT -->\nfour\n"
        )
    };
    assert_eq!(misquoted(&page("one\nthree"), read), []);
    let wrong: Vec<usize> = misquoted(&page("two\none\nzwei"), read)
        .iter()
        .map(|it| it.0)
        .collect();
    assert_eq!(wrong, [4, 5]);
}

#[test]
fn outputs_are_told_from_what_is_typed() {
    let page = "```console\n$ fractary issues\nNo issues.\n```\n\
                ```text\nfractary issues \\\n  --critical\n```\n\
                ```text\nNo issues.\n```\n\
                ```text\nfractary issues\n  No issues.\n```\n\
                1. In a list:\n   ```console\n   $ fractary issues\n   ```\n\
                ```toml\nname = \"x\"\n```\n\
                <!-- BEGIN SAMPLE -->\n```text\nNo issues.\n```\n<!-- END SAMPLE -->\n";
    let lines: Vec<usize> = faults("docs/x.md", page).iter().map(|it| it.0).collect();
    assert_eq!(lines, [3, 10, 14]);
    assert_eq!(faults("docs/cli.md", page), []);
}
