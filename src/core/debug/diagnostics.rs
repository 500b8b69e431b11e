//! The errors of a text, one by one: diagnostics of Terraform, lists of older versions, and lines
//! of AWS's tools.

use std::sync::LazyLock;

use regex::Regex;

use super::clean::{TextLine, lines};
use super::diagnostic::Diagnostic;
use super::json;

/// The most errors of one text.
const MOST: usize = 500;

static PLACE: LazyLock<Regex> = LazyLock::new(|| {
    let pattern =
        r#"^\s*on (.+?) line (\d+)(?:, in (?:(?:resource|data) "([^"]+)" "[^"]+"|[^:]+))?:?,?$"#;
    Regex::new(pattern).expect("a constant pattern")
});
static WITH: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^\s*with (\S+[^,]*),$").expect("a constant pattern"));
/// A line of the configuration that Terraform shows: `   28: resource … {`.
static SOURCE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^\s*\d+:(?: |$)").expect("a constant pattern"));
/// `* aws_iam_role.a: …` of a list.
static ITEM: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^\s*\* (.+)$").expect("a constant pattern"));
static COUNT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(\d+) error(?:s|\(s\))? occurred:?").expect("a constant pattern")
});
static ITEM_ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"^((?:module\.[\w-]+(?:\[[^\]]*\])?\.)*(?:data\.)?[a-z]\w*_\w+\.[\w-]+(?:\[[^\]]*\]|\.\d+)?): (.*)$";
    Regex::new(pattern).expect("a constant pattern")
});
/// Lines of AWS's own tools and libraries.
static AWS: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"An error occurred \([\w.:]+\) when calling the |operation error [\w .-]+: \w+|\(Service: [^;,]+[;,] Status Code: \d+|status code: \d{3}, request id: |<Code>[\w.]+</Code>|HandlerErrorCode: \w+|botocore\.exceptions\.\w+|Unable to locate credentials|api error [\w.]+: ";
    Regex::new(pattern).expect("a constant pattern")
});
/// What ends the text of an error and is none itself.
static NOISE: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"^(?:Process completed with exit code|Error: Process completed with exit code|Error: Terraform exited with code|Terraform does not automatically rollback|make: \*\*\*|exit status \d|ERRO\[\d+\]|Error: (?:Job|Execution) (?:failed|halted))";
    Regex::new(pattern).expect("a constant pattern")
});

/// Every error of a text, in order.
pub(super) fn diagnostics(text: &str) -> Vec<Diagnostic> {
    let lines = lines(text);
    let mut found = json::diagnostics(text, &lines);
    if found.is_empty() {
        found = boxes(&lines);
    }
    if found.is_empty() {
        found = listed(&lines);
    }
    if found.is_empty() {
        found = of_tools(&lines);
    }
    let mut found: Vec<Diagnostic> = found.into_iter().flat_map(split).collect();
    found.truncate(MOST);
    found
}

/// Terraform's diagnostics, in boxes or without.
fn boxes(lines: &[TextLine]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut current: Option<Vec<&str>> = None;
    for line in lines {
        let (starts, ends) = match line {
            TextLine::Border => (None, true),
            TextLine::Text(text) => (
                start(text),
                NOISE.is_match(text.trim_start()) || is_other_start(text),
            ),
        };
        if starts.is_some() || ends {
            found.extend(current.take().map(|lines| diagnostic(&lines)));
        }
        match (starts, line) {
            (Some(rest), _) => current = Some(vec![rest]),
            (None, TextLine::Text(text)) if !ends => {
                if let Some(current) = &mut current {
                    current.push(text);
                }
            }
            _ => {}
        }
    }
    found.extend(current.map(|lines| diagnostic(&lines)));
    found.retain(|one| !one.summary.is_empty());
    found
}

/// What follows `Error: ` at the beginning of a line.
fn start(line: &str) -> Option<&str> {
    let line = line.trim_start();
    if NOISE.is_match(line) {
        return None;
    }
    line.strip_prefix("Error: ")
        .or_else(|| (line == "Error:").then_some(""))
        .or_else(|| line.starts_with("Error applying plan:").then_some(line))
        .or_else(|| line.starts_with("Error refreshing state:").then_some(line))
}

fn is_other_start(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("Warning: ") || line.starts_with("Apply complete!")
}

fn diagnostic(lines: &[&str]) -> Diagnostic {
    let mut out = Diagnostic::default();
    let mut paragraphs: Vec<String> = Vec::new();
    let mut open = false;
    for line in lines {
        let line = line.trim_end();
        if let Some(with) = WITH.captures(line) {
            out.address.get_or_insert_with(|| with[1].to_owned());
            open = false;
        } else if let Some(place) = PLACE.captures(line) {
            out.file.get_or_insert_with(|| place[1].to_owned());
            out.line = out.line.or_else(|| place[2].parse().ok());
            out.block_type = out
                .block_type
                .or_else(|| place.get(3).map(|found| found.as_str().to_owned()));
            open = false;
        } else if line.trim().is_empty() {
            open = false;
        } else if !SOURCE.is_match(line) || out.file.is_none() {
            match paragraphs.last_mut().filter(|_| open) {
                Some(last) => {
                    last.push('\n');
                    last.push_str(line);
                }
                None => paragraphs.push(line.to_owned()),
            }
            open = true;
        }
    }
    let mut paragraphs = paragraphs.into_iter();
    out.summary = paragraphs.next().unwrap_or_default();
    out.detail = paragraphs.collect::<Vec<_>>().join("\n\n");
    out
}

/// `* address: message` of versions before 0.12, without `Error:`.
fn listed(lines: &[TextLine]) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = Vec::new();
    for line in lines {
        let TextLine::Text(text) = line else { continue };
        match ITEM.captures(text) {
            Some(item) if ITEM_ADDRESS.is_match(&item[1]) => found.push(Diagnostic {
                summary: item[1].to_owned(),
                ..Diagnostic::default()
            }),
            _ => {
                if let Some(last) = found.last_mut().filter(|_| !text.trim().is_empty()) {
                    last.summary.push('\n');
                    last.summary.push_str(text);
                }
            }
        }
    }
    found
}

/// Lines that AWS's tools write. A line that ends within a sentence goes on in the next.
fn of_tools(lines: &[TextLine]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let TextLine::Text(text) = line else { continue };
        if !AWS.is_match(text) {
            continue;
        }
        let mut summary = text.trim().to_owned();
        // `CODE: message` stands on the line before its status.
        let alone = text.trim_start().to_lowercase();
        if alone.starts_with("status code:")
            && let Some(TextLine::Text(before)) = index.checked_sub(1).and_then(|at| lines.get(at))
        {
            summary = format!("{}\n{summary}", before.trim());
        }
        found.push(Diagnostic {
            summary,
            ..Diagnostic::default()
        });
    }
    found.dedup();
    found
}

/// The parts of `N errors occurred:`, each an error of its own at the same place.
fn split(one: Diagnostic) -> Vec<Diagnostic> {
    let whole = one.whole();
    let counted = COUNT.find(&whole);
    let items = counted
        .map(|found| items(&whole[found.end()..]))
        .unwrap_or_default();
    if items.is_empty() {
        return vec![with_item_address(one)];
    }
    // What stands before the list is around each of its parts.
    let before = counted.map_or("", |found| &whole[..found.start()]);
    let before = before.trim().trim_end_matches(':');
    let parts = items.into_iter().map(|item| {
        let bare = ITEM_ADDRESS.is_match(&item) || before.starts_with("Error applying plan");
        let summary = match before.is_empty() || bare {
            true => item,
            false => format!("{before}: {item}"),
        };
        with_item_address(Diagnostic {
            summary,
            detail: String::new(),
            ..one.clone()
        })
    });
    parts.collect()
}

/// The items of a list; an item that only counts others is left out.
fn items(text: &str) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    for line in text.lines() {
        if let Some(item) = ITEM.captures(line) {
            items.push(item[1].trim().to_owned());
        } else if let Some(last) = items.last_mut().filter(|_| !line.trim().is_empty()) {
            last.push('\n');
            last.push_str(line.trim());
        }
    }
    items.retain(|item| !COUNT.is_match(item));
    items
}

fn with_item_address(mut one: Diagnostic) -> Diagnostic {
    if let Some(found) = ITEM_ADDRESS.captures(&one.summary.replace('\n', "\u{1}")) {
        one.address.get_or_insert_with(|| found[1].to_owned());
        one.summary = found[2].replace('\u{1}', "\n");
    }
    one
}
