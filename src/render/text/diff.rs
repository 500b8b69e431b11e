//! What would change, as a unified diff.

use similar::TextDiff;

use crate::text::redact::redact;

/// A unified diff of one file, as `git diff` shows it; empty where nothing changes. `None`
/// stands for a file that is not there. Secrets are redacted, and control characters shown.
pub fn diff(old: Option<&str>, new: Option<&str>, path: &str) -> String {
    if old == new {
        return String::new();
    }
    let (old_name, new_name) = (format!("a/{path}"), format!("b/{path}"));
    let (from, to) = (
        old.map_or("/dev/null", |_| old_name.as_str()),
        new.map_or("/dev/null", |_| new_name.as_str()),
    );
    let (old, new) = (redact(old.unwrap_or("")), redact(new.unwrap_or("")));
    let text_diff = TextDiff::from_lines(old.as_ref(), new.as_ref());
    let body = text_diff
        .unified_diff()
        .context_radius(3)
        .header(from, to)
        .to_string();
    body.split_inclusive('\n').map(harmless).collect()
}

/// One line of a diff with nothing in it that a terminal or a workflow's log obeys. The
/// first character is the diff's own, so a workflow command can't start the line. How the line ends
/// stays as it is: of a file with `\r\n` a patch would not apply otherwise.
fn harmless(line: &str) -> String {
    let text = line.strip_suffix('\n').unwrap_or(line);
    let text = match text.len() < line.len() {
        true => text.strip_suffix('\r').unwrap_or(text),
        false => text,
    };
    let end = &line[text.len()..];
    let tabs: Vec<String> = text
        .split('\t')
        .map(crate::text::escape::terminal)
        .collect();
    format!("{}{end}", tabs.join("\t"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_new_changed_and_deleted_files() {
        insta::assert_snapshot!(diff(None, Some("a\n"), "x/y.json"), @r"
        --- /dev/null
        +++ b/x/y.json
        @@ -0,0 +1 @@
        +a
        ");
        insta::assert_snapshot!(diff(Some("a\nb\n"), Some("a\nc\n"), "y"), @r"
        --- a/y
        +++ b/y
        @@ -1,2 +1,2 @@
         a
        -b
        +c
        ");
        insta::assert_snapshot!(diff(Some("a\n"), None, "y"), @r"
        --- a/y
        +++ /dev/null
        @@ -1 +0,0 @@
        -a
        ");
        assert_eq!(diff(Some("a"), Some("a"), "y"), "");
    }

    #[test]
    fn line_ends_stay_as_they_are() {
        let text = diff(Some("a\r\nb\r\n"), Some("a\r\nc\r\n"), "y");
        let header = "--- a/y\n+++ b/y\n@@ -1,2 +1,2 @@\n";
        assert_eq!(text, format!("{header} a\r\n-b\r\n+c\r\n"));
    }

    #[test]
    fn is_harmless() {
        let text = diff(None, Some("password=hunter2 \u{1b}[2J\n"), "y");
        assert!(
            text.contains("+password=[REDACTED:password] \\u{1b}[2J"),
            "{text}"
        );
    }
}
