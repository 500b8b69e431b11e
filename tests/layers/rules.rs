//! The rules, and how one file is held against them.

use std::fmt;

use super::source::code_only;

/// Who may know whom, by top-level module. What is not here may not be known.
pub(crate) const MAY_KNOW: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("expr", &["text"]),
    ("model", &["expr", "text"]),
    ("hcl", &["text"]),
    ("catalog", &["expr", "hcl", "model", "text"]),
    ("core", &["catalog", "expr", "hcl", "model", "text"]),
    ("render", &["catalog", "model", "text"]),
    ("git", &["model", "process", "text"]),
    ("state", &["expr", "model", "text"]),
    ("cloud", &["catalog", "model", "text"]),
    ("iac", &["catalog", "model", "text"]),
    ("forge", &["catalog", "http", "model", "text"]),
    ("http", &["text"]),
    ("notify", &["forge", "http", "model", "text"]),
    ("pricing", &["catalog", "http", "model", "text"]),
    ("process", &["text"]),
    ("openslo", &["catalog", "model", "text"]),
    ("env", &["model", "state", "text"]),
    // How text may look (`Style`) is the renderer's word.
    ("ui", &["model", "render", "text"]),
    // Errors get their exit codes and hints here, so it sees everyone's below the commands.
    (
        "error",
        &[
            "catalog", "cloud", "env", "forge", "git", "iac", "model", "state", "text",
        ],
    ),
    (
        "app",
        &[
            "catalog", "cloud", "core", "env", "error", "expr", "forge", "git", "hcl", "iac",
            "model", "notify", "openslo", "pricing", "process", "render", "state", "text", "ui",
        ],
    ),
    (
        "commands",
        &[
            "app", "catalog", "cloud", "core", "env", "error", "expr", "forge", "git", "iac",
            "model", "notify", "openslo", "process", "render", "state", "text", "ui",
        ],
    ),
    (
        "cli",
        &[
            "app", "commands", "core", "env", "error", "model", "text", "ui",
        ],
    ),
    ("lib", &[]),
    ("main", &["cli", "env", "error", "ui"]),
];

/// What decisions and renderings may not touch: their result depends on their input alone.
const IMPURE: &[&str] = &[
    "std::env",
    "std::fs",
    "std::io::stdin",
    "std::net",
    "std::process",
    "std::thread",
    "tokio",
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "async fn",
];

/// What can change something in AWS. Whoever holds none of it only reads.
const CHANGES: &[&str] = &["Changer", "AwsChanger", "cloud::change", "aws::change"];
/// Where that may be named: where it is made, and the one room that opens it.
const MAY_CHANGE: &[&str] = &["app/apply/", "cloud/aws/change/", "cloud/change.rs"];

/// What makes the program that applies a plan: Terraform changes AWS, too.
const APPLIES: &str = "apply_program";
const MAY_APPLY: &[&str] = &["app/apply/", "app/infra/tool.rs"];

/// What a room of `app` takes views instead of.
const VIEWERS: &[(&str, &[&str])] = &[
    ("app/alerts/", &["Workspace"]),
    ("app/decide/", &["App", "Workspace"]),
    ("app/observe/", &["Workspace"]),
];

const PURE: &[&str] = &["core", "expr", "render", "model", "text"];
const LONGEST_FILE: usize = 500;
/// Commands are thin: options in, report out.
const LONGEST_COMMAND: usize = 150;

/// A broken rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    file: String,
    line: usize,
    message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "src/{}:{}: {}",
            self.file, self.line, self.message
        )
    }
}

/// The top-level module of a file, from its path below `src/`.
pub(crate) fn module_of(path: &str) -> String {
    let first = path.split(['/', '\\']).next().unwrap_or(path);
    first.trim_end_matches(".rs").to_owned()
}

/// Holds one file against every rule.
pub(crate) fn check(path: &str, text: &str) -> Vec<Violation> {
    let module = module_of(path);
    let mut found = Vec::new();
    let mut report = |line: usize, message: String| {
        found.push(Violation {
            file: path.to_owned(),
            line,
            message,
        });
    };
    let length = text.lines().count();
    let longest = match module.as_str() {
        "commands" => LONGEST_COMMAND,
        _ => LONGEST_FILE,
    };
    if length > longest {
        report(
            length,
            format!("{length} lines; split it, {longest} are the most"),
        );
    }
    // Files of tests beside the code may use anything.
    if path.ends_with("/tests.rs") || path.contains("/tests/") {
        return found;
    }
    let code = code_only(text);
    // `super::` as often as the file is deep ends at the root of the crate.
    let inner = path.strip_suffix("/mod.rs").unwrap_or(path);
    let escape = "super::".repeat(inner.split('/').count());
    for (number, line) in code.lines().enumerate() {
        let number = number + 1;
        if line.contains("crate::{") || line.contains("crate::*") {
            report(
                number,
                "write one `use crate::…` per module: this test reads text".to_owned(),
            );
        }
        if line.contains(&escape) {
            report(
                number,
                "leave your module through `crate::`: this test reads text".to_owned(),
            );
        }
        for known in known_modules(line) {
            if known != module && !may_know(&module, known) {
                report(number, format!("`{module}` must not know `{known}`"));
            }
        }
        if !MAY_CHANGE.iter().any(|place| path.starts_with(place)) {
            for thing in CHANGES.iter().filter(|thing| mentions(line, thing)) {
                report(
                    number,
                    format!("`{thing}` changes things in AWS: only `app/apply` may do that"),
                );
            }
        }
        if mentions(line, APPLIES) && !MAY_APPLY.iter().any(|place| path.starts_with(place)) {
            report(
                number,
                format!("`{APPLIES}` is for `app/apply`: it changes things in AWS"),
            );
        }
        for (room, wholes) in VIEWERS.iter().filter(|(room, _)| path.starts_with(room)) {
            for thing in wholes.iter().filter(|thing| mentions(line, thing)) {
                report(
                    number,
                    format!("`{room}` takes views of `{thing}`, never the whole"),
                );
            }
        }
        if PURE.contains(&module.as_str()) {
            for thing in IMPURE.iter().filter(|thing| mentions(line, thing)) {
                report(
                    number,
                    format!("`{module}` is pure and must not touch `{thing}`"),
                );
            }
        }
    }
    found
}

/// The top-level modules that a line of code names through `crate::` (`fractary::` in the
/// binary).
fn known_modules(line: &str) -> impl Iterator<Item = &str> {
    ["crate::", "fractary::"].into_iter().flat_map(move |root| {
        line.match_indices(root).filter_map(move |(at, _)| {
            // `$crate::…` and `other_crate::…`: the former is ours, the latter is not.
            let before = line[..at].chars().next_back();
            if before.is_some_and(|one| one.is_alphanumeric() || one == '_') {
                return None;
            }
            let rest = &line[at + root.len()..];
            let end = rest.find(|one: char| !one.is_alphanumeric() && one != '_');
            let name = &rest[..end.unwrap_or(rest.len())];
            // Macros of the crate live at its root and belong to no layer.
            let is_macro = rest[name.len()..].starts_with('!');
            (!name.is_empty() && !is_macro).then_some(name)
        })
    })
}

fn may_know(module: &str, other: &str) -> bool {
    MAY_KNOW
        .iter()
        .any(|(name, known)| *name == module && known.contains(&other))
}

/// Whether a line names a thing as a whole word.
fn mentions(line: &str, thing: &str) -> bool {
    line.match_indices(thing).any(|(at, _)| {
        let part = |one: char| one.is_alphanumeric() || one == '_';
        !line[..at].chars().next_back().is_some_and(part)
            && !line[at + thing.len()..].chars().next().is_some_and(part)
    })
}

#[test]
fn planted_violations_are_found_with_their_place() {
    let cases = [
        (
            "model/a.rs",
            "//! Doc.\nuse crate::state::X;\n",
            "src/model/a.rs:2: `model` must not know `state`",
        ),
        (
            "core/a.rs",
            "fn f() { crate::cloud::g() }",
            "src/core/a.rs:1: `core` must not know `cloud`",
        ),
        (
            "git/mod.rs",
            "use crate::catalog;",
            "src/git/mod.rs:1: `git` must not know `catalog`",
        ),
        (
            "cloud/aws/a.rs",
            "\n\npub(in crate::core) fn f() {}",
            "src/cloud/aws/a.rs:3: `cloud` must not know `core`",
        ),
        (
            "app/a.rs",
            "use crate::commands::run;",
            "src/app/a.rs:1: `app` must not know `commands`",
        ),
        (
            "commands/a.rs",
            "use crate::cli::main;",
            "src/commands/a.rs:1: `commands` must not know `cli`",
        ),
        (
            "state/a.rs",
            "use crate::{model, cloud};",
            "src/state/a.rs:1: write one `use crate::…` per module: this test reads text",
        ),
        (
            "core/a.rs",
            "use std::fs;",
            "src/core/a.rs:1: `core` is pure and must not touch `std::fs`",
        ),
        (
            "render/a.rs",
            "let now = jiff::Timestamp::now();",
            "src/render/a.rs:1: `render` is pure and must not touch `Timestamp::now`",
        ),
        (
            "core/a.rs",
            "async fn f() {}",
            "src/core/a.rs:1: `core` is pure and must not touch `async fn`",
        ),
        (
            "main.rs",
            "use fractary::cloud::Cloud;",
            "src/main.rs:1: `main` must not know `cloud`",
        ),
        (
            "app/decide/write.rs",
            "use crate::app::workspace::Workspace;",
            "src/app/decide/write.rs:1: `app/decide/` takes views of `Workspace`, never the whole",
        ),
        (
            "unheard_of.rs",
            "use crate::model::a;",
            "src/unheard_of.rs:1: `unheard_of` must not know `model`",
        ),
        (
            "core/health/mod.rs",
            "use super::super::cloud::X;",
            "src/core/health/mod.rs:1: leave your module through `crate::`: this test reads text",
        ),
        (
            "text/a.rs",
            "macro_rules! m { () => { $crate::model::f() } }",
            "src/text/a.rs:1: `text` must not know `model`",
        ),
        (
            "app/observe/a.rs",
            "fn f(to: &dyn Changer) {}",
            "src/app/observe/a.rs:1: `Changer` changes things in AWS: only `app/apply` may do that",
        ),
        (
            "app/alerts/a.rs",
            "let to = AwsChanger::connect();",
            "src/app/alerts/a.rs:1: `AwsChanger` changes things in AWS: only `app/apply` may do that",
        ),
        (
            "commands/a.rs",
            "use crate::cloud::change as quiet;",
            "src/commands/a.rs:1: `cloud::change` changes things in AWS: only `app/apply` may do that",
        ),
        (
            "app/infra/deploy.rs",
            "let program = runner.apply_program(plan, files);",
            "src/app/infra/deploy.rs:1: `apply_program` is for `app/apply`: it changes things in AWS",
        ),
        (
            "cloud/aws/read/a.rs",
            "use super::super::aws::change::*;",
            "src/cloud/aws/read/a.rs:1: `aws::change` changes things in AWS: only `app/apply` may do that",
        ),
    ];
    for (path, text, expected) in cases {
        let shown: Vec<_> = check(path, text).iter().map(ToString::to_string).collect();
        assert_eq!(shown, [expected], "{text}");
    }
    let long = "\n".repeat(LONGEST_FILE + 1);
    assert_eq!(check("ui.rs", &long).len(), 1);
    assert_eq!(check("ui.rs", &long[1..]), []);
    let long = "\n".repeat(LONGEST_COMMAND + 1);
    assert_eq!(check("commands/a.rs", &long).len(), 1);
    assert_eq!(check("commands/a.rs", &long[1..]), []);
}

#[test]
fn what_is_allowed_is_not_reported() {
    let cases = [
        (
            "model/a.rs",
            "use crate::text::Untrusted;\nuse crate::model::ids::Arn;",
        ),
        (
            "core/a.rs",
            "// crate::cloud\nlet s = \"std::fs crate::cloud\";",
        ),
        (
            "core/a.rs",
            "#[cfg(test)]\nmod tests {\n    use crate::cloud::x;\n    use std::fs;\n}\n",
        ),
        ("core/health/tests.rs", "use crate::cloud::replay;"),
        (
            "core/a.rs",
            "use other_crate::cloud::x;\nlet standard = mystd::fs();",
        ),
        (
            "commands/run.rs",
            "use crate::cloud::Cloud;\nuse crate::render::text;",
        ),
        ("catalog/kinds.rs", "crate::embed!(\"kinds\");"),
        ("state/a.rs", "use std::fs;"),
        (
            "app/apply/mod.rs",
            "use crate::cloud::aws::change::AwsChanger;\nuse crate::cloud::change::Changer;",
        ),
        (
            "cloud/aws/change/mod.rs",
            "use crate::cloud::change::Changer;",
        ),
        (
            "core/a.rs",
            "use crate::model::change::Changes;\nlet exchanger = 1;",
        ),
        ("core/health/sli.rs", "use super::super::issues::open;"),
    ];
    for (path, text) in cases {
        assert_eq!(check(path, text), [], "{text}");
    }
}
