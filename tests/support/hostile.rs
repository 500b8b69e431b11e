//! Text that is meant to do harm, and how to see from outside that it did none.
//!
//! The payloads are `tests/data/untrusted/corpus.toml`. Every check panics with the payload's
//! name and the text that it went wrong in.

use std::collections::BTreeMap;

use pulldown_cmark::{Event, Options, Parser, Tag};
use serde::Deserialize;

#[derive(Deserialize)]
struct Corpus {
    payload: Vec<Payload>,
}

/// One hostile text.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Payload {
    /// What it tries, in a word.
    pub(crate) name: String,
    /// The text.
    pub(crate) text: String,
    /// Whether it holds a secret; others are payloads.
    #[serde(default)]
    pub(crate) secret: bool,
    /// What no output may hold, whatever its format.
    pub(crate) never: Vec<String>,
    /// What one format may not hold, by format.
    #[serde(default)]
    pub(crate) never_in: BTreeMap<String, Vec<String>>,
}

/// All payloads.
pub(crate) fn corpus() -> Vec<Payload> {
    let corpus: Corpus =
        toml::from_str(include_str!("../data/untrusted/corpus.toml")).expect("the corpus is TOML");
    let secrets = corpus.payload.iter().filter(|one| one.secret).count();
    let others = corpus.payload.len() - secrets;
    assert!(
        secrets >= 25 && others >= 40,
        "{secrets} secrets, {others} others"
    );
    corpus.payload
}

/// Holds in every format: no secret, not even broken over lines, and no character that is
/// hidden, moves others, or drives a terminal.
pub(crate) fn check_anywhere(payloads: &[Payload], place: &str, out: &str) {
    let squeezed: String = out.split_whitespace().collect();
    for payload in payloads {
        for never in payload.never.iter().filter(|never| *never != "\r") {
            if let Some(line) = out.lines().find(|line| line.contains(never.as_str())) {
                panic!("{place}: {never:?} of {} in {line}", payload.name);
            }
            let word: String = never.split_whitespace().collect();
            assert!(
                word.len() < 12 || !squeezed.contains(&word),
                "{place}: {never:?} of {}, broken over lines, in\n{out}",
                payload.name
            );
        }
    }
    let hidden = |c: char| {
        c.is_control() && !matches!(c, '\n' | '\t')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
                | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
    };
    if let Some(line) = out.lines().find(|line| line.contains(hidden)) {
        panic!("{place}: hidden characters in {line:?}");
    }
}

/// What a terminal or a workflow's log shows: no line is a workflow command.
pub(crate) fn check_log(place: &str, out: &str) {
    for line in out.lines() {
        assert!(!line.trim_start().starts_with("::"), "{place}: {line}");
        assert!(!line.contains("##["), "{place}: {line}");
    }
}

/// Standard error in GitHub Actions: the workflow commands in it are ours.
pub(crate) fn check_commands(place: &str, out: &str) {
    for line in out.lines() {
        assert!(!line.contains("##["), "{place}: {line}");
        let Some(rest) = line.trim_start().strip_prefix("::") else {
            continue;
        };
        let (head, _) = rest.split_once("::").expect("a command has an end");
        let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
        let token = name.len() == 32 && name.bytes().all(|b| b.is_ascii_hexdigit());
        let known = [
            "error",
            "warning",
            "notice",
            "group",
            "endgroup",
            "stop-commands",
        ];
        assert!(token || known.contains(&name), "{place}: {line}");
        for property in properties.split(',').filter(|text| !text.is_empty()) {
            let key = property.split('=').next().unwrap_or_default();
            let known = ["file", "line", "col", "title"].contains(&key);
            assert!(known, "{place}: {key} in {line}");
        }
    }
}

/// As GitHub's parser sees it: no image, no link but to a console, no HTML but our own, and
/// every row of a table on its own line with as many cells as its head.
pub(crate) fn check_markdown(place: &str, out: &str) {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES;
    let (mut tables, mut code_block) = (false, false);
    for event in Parser::new_ext(out, options) {
        match event {
            Event::Start(Tag::Image { dest_url, .. }) => {
                panic!("{place}: an image to {dest_url} in\n{out}")
            }
            Event::Start(Tag::Link { dest_url, .. }) => {
                assert!(
                    is_console(&dest_url),
                    "{place}: a link to {dest_url} in\n{out}"
                );
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                // A line end within a cell of ours; as text from outside it would be escaped.
                let ours = html.trim() == "<br>" || is_ours(html.trim());
                assert!(ours, "{place}: {html} in\n{out}");
            }
            Event::FootnoteReference(name) => panic!("{place}: a footnote {name}"),
            Event::TaskListMarker(_) => panic!("{place}: a task list"),
            Event::Start(Tag::Strikethrough) => panic!("{place}: struck through"),
            Event::Start(Tag::Table(_)) => tables = true,
            Event::Start(Tag::CodeBlock(_)) => code_block = true,
            Event::End(pulldown_cmark::TagEnd::CodeBlock) => code_block = false,
            Event::Text(text) if !code_block => check_autolinks(place, &text),
            _ => {}
        }
    }
    check_tables(place, out, tables);
}

/// What GitHub links after it has read the Markdown.
fn check_autolinks(place: &str, text: &str) {
    for linked in [
        "http://",
        "https://",
        "www.evil",
        "@everyone",
        "@org",
        "@evil",
    ] {
        assert!(!text.contains(linked), "{place}: {linked} in text {text:?}");
    }
}

fn is_console(address: &str) -> bool {
    address
        .strip_prefix("https://")
        .and_then(|rest| rest.split('/').next())
        .is_some_and(|host| host.ends_with("console.aws.amazon.com"))
}

fn is_ours(html: &str) -> bool {
    let summary = html.starts_with("<summary>") && html.ends_with("</summary>");
    let whole = [
        "<details>",
        "</details>",
        "<code>",
        "</code>",
        "<!-- BEGIN FRACTARY -->",
        "<!-- END FRACTARY -->",
    ];
    html.is_empty() || summary || whole.contains(&html) || is_mark(html)
}

/// The mark of a generated file: a fixed text and a hash.
fn is_mark(html: &str) -> bool {
    let hash = html
        .strip_prefix("<!-- fractary: generated, do not edit: ")
        .and_then(|rest| rest.strip_suffix(" -->"));
    hash.is_some_and(|hash| hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn check_tables(place: &str, out: &str, any: bool) {
    let cells = |line: &str| line.replace("\\|", "").matches('|').count();
    let mut head = None;
    for line in out.lines() {
        if line.starts_with('|') {
            let expected = *head.get_or_insert(cells(line));
            assert_eq!(cells(line), expected, "{place}: {line}");
        } else {
            head = None;
        }
    }
    assert!(
        any || head.is_none(),
        "{place}: a table that is none\n{out}"
    );
}

/// Rows below the heads of all tables, as a parser sees them.
pub(crate) fn table_rows(markdown: &str) -> usize {
    Parser::new_ext(markdown, Options::ENABLE_TABLES)
        .filter(|event| matches!(event, Event::Start(Tag::TableRow)))
        .count()
}

/// Without the colours that the program itself writes, `ESC [ digits m`.
pub(crate) fn without_colour(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part
            .bytes()
            .take_while(|b| b.is_ascii_digit() || *b == b';')
            .count();
        match part[digits..].strip_prefix('m') {
            Some(rest) => out.push_str(rest),
            None => {
                out.push_str("\u{1b}[");
                out.push_str(part);
            }
        }
    }
    out
}

/// Names and values of the file that `GITHUB_OUTPUT` names.
pub(crate) fn outputs(text: &str) -> Vec<(String, String)> {
    let mut lines = text.lines();
    let mut out = Vec::new();
    while let Some(head) = lines.next() {
        let (name, mark) = head.split_once("<<").expect("name and mark");
        let value: Vec<&str> = lines.by_ref().take_while(|line| *line != mark).collect();
        out.push((name.to_owned(), value.join("\n")));
    }
    out
}
