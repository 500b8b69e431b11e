//! One escape per output format. Each redacts first.
//!
//! Characters that a reader can't see, or that move or hide others, are shown as
//! `\u{202e}`. What comes out is one line, except where the format is a block of text.

use std::borrow::Cow;

use serde_json::Value;

use super::redact::redact;

/// For a JSON string in a document: redacted, control and bidirectional characters visible.
/// Tabs and line ends stay, because JSON escapes them itself. Idempotent.
pub fn json(text: &str) -> String {
    harmless(text).into_owned()
}

/// [`json`], without a copy of what is harmless already, which is almost everything.
fn harmless(text: &str) -> Cow<'_, str> {
    let stays = |c| matches!(c, '\n' | '\t');
    let redacted = redact(text);
    if !redacted.chars().any(|c| is_hidden(c) && !stays(c)) {
        return redacted;
    }
    let clean = visible(&redacted, stays);
    // Making a character visible can only shorten what looks like a secret, but a second
    // look makes sure that reading and writing again changes nothing.
    Cow::Owned(redact(&clean).into_owned())
}

/// [`json`] for every text of a JSON value, keys included, but those that `keep` says are fine.
pub fn json_tree(tree: &mut Value, keep: fn(&str) -> bool) {
    match tree {
        Value::String(text) => {
            // Most is harmless, so whether to keep it is hardly ever asked.
            let clean = harmless(text);
            if clean != *text && !keep(text) {
                *text = clean.into_owned();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| json_tree(item, keep)),
        Value::Object(fields) => {
            fields.values_mut().for_each(|value| json_tree(value, keep));
            if fields.keys().any(|key| harmless(key) != *key && !keep(key)) {
                let old = std::mem::take(fields);
                let clean = |key: String| if keep(&key) { key } else { json(&key) };
                fields.extend(old.into_iter().map(|(key, value)| (clean(key), value)));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Whether [`json_tree`] would leave every text of this JSON as it is; `false` where that takes
/// a closer look. What a secret is recognised by holds no sign that JSON writes in another way,
/// so one look at all of it sees what a look at each text would.
pub fn is_harmless_json(written: &str) -> bool {
    let stays = |c: char| c == '\n' || (c != '\\' && !is_hidden(c));
    written.chars().all(stays) && !super::redact::is_suspicious(written)
}

/// For one line on a terminal: no escape sequence, no line end, and nothing that GitHub
/// Actions takes for a command when the terminal is a workflow's log.
pub fn terminal(text: &str) -> String {
    no_command(&visible(&redact(text), |_| false))
}

/// A line in which GitHub Actions sees no command.
fn no_command(line: &str) -> String {
    let line = line.replace("##[", "# #[");
    // Actions obeys `::name` where it begins a line, and any word can come to begin one when
    // lines are wrapped.
    let mut out = String::with_capacity(line.len());
    let mut word_starts = true;
    for (i, c) in line.char_indices() {
        out.push(c);
        if word_starts && line[i..].starts_with("::") {
            out.push(' ');
        }
        word_starts = c.is_whitespace();
    }
    out
}

/// The same for a text of several lines, whose line ends stay.
pub fn terminal_lines(text: &str) -> String {
    // Before the lines are separated, since a secret may span them.
    let clean = redact(text);
    let lines: Vec<String> = clean.split('\n').map(terminal).collect();
    lines.join("\n")
}

/// At most so many characters of a text, as [`json`] gives it. Redacts before it cuts: what is
/// left of a secret may not look like one any more.
pub fn cut(text: &str, characters: usize) -> String {
    let clean = json(text);
    match clean.char_indices().nth(characters) {
        Some((end, _)) => format!("{}…", &clean[..end]),
        None => clean,
    }
}

/// For Markdown running text, GitHub flavour: nothing in it is markup, a link, a mention or
/// a reference. One line.
///
/// A zero-width space breaks what GitHub links after it has read the Markdown (`@name`,
/// `#12`, `www.`), since by then backslashes and entities are gone.
pub fn markdown(text: &str) -> String {
    const BREAK: &str = "&#8203;";
    let line = one_line(&redact(text));
    let mut out = String::with_capacity(line.len() + 16);
    let chars: Vec<char> = line.chars().collect();
    let block_start = starts_block(&line);
    for (i, &c) in chars.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|i| chars.get(i)).copied();
        let after = chars.get(i + 1).copied();
        let inside_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '$' => out.push_str("&#36;"),
            '@' | '#' => {
                if c == '#' && i == 0 {
                    out.push('\\');
                }
                out.push(c);
                out.push_str(BREAK);
            }
            ':' if after == Some('/') => {
                out.push(c);
                out.push_str(BREAK);
            }
            '.' if i >= 3 && chars[i - 3..i].iter().all(|c| matches!(c, 'w' | 'W')) => {
                out.push_str(BREAK);
                out.push(c);
            }
            '-' if i >= 2
                && matches!(chars[i - 2..i], ['G' | 'g', 'H' | 'h'])
                && after.is_some_and(|c| c.is_ascii_digit()) =>
            {
                out.push_str(BREAK);
                out.push(c);
            }
            '_' if inside_word(before) && inside_word(after) => out.push(c),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' => {
                out.push('\\');
                out.push(c);
            }
            '-' | '+' | '=' if i == 0 => {
                out.push('\\');
                out.push(c);
            }
            '.' | ')' if Some(i) == block_start => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

/// Where the `.` or `)` is that would make the text an item of a numbered list.
fn starts_block(line: &str) -> Option<usize> {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let after = line.as_bytes().get(digits + 1);
    (1..=9)
        .contains(&digits)
        .then_some(digits)
        .filter(|_| after.is_none_or(|b| *b == b' '))
}

/// For Markdown as code within a line: a code span that its content can't close. Works in
/// tables too.
pub fn markdown_code(text: &str) -> String {
    let line = one_line(&redact(text));
    if line.is_empty() {
        return "` `".to_owned();
    }
    if line.contains('|') || line.contains("##[") {
        // A table splits its row at a bar even inside a code span, and Actions obeys `##[`
        // anywhere in its log; neither knows an entity.
        return format!("<code>{}</code>", entities(&line));
    }
    let fence = "`".repeat(longest_run(&line, '`') + 1);
    let pad = if line.starts_with('`') || line.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{line}{pad}{fence}")
}

/// Every character of markup as an entity. What GitHub links afterwards is broken as in
/// [`markdown`]: a tag of HTML does not keep it from doing so.
fn entities(line: &str) -> String {
    const BREAK: &str = "&#8203;";
    let mut out = String::with_capacity(line.len());
    let chars: Vec<char> = line.chars().collect();
    for (i, &c) in chars.iter().enumerate() {
        let is_www = c == '.' && i >= 3 && chars[i - 3..i].iter().all(|c| matches!(c, 'w' | 'W'));
        if is_www || (c == '/' && i >= 1 && chars[i - 1] == ':') {
            out.push_str(BREAK);
        }
        if matches!(c, '@' | '#') {
            out.push_str(&format!("&#{};{BREAK}", u32::from(c)));
        } else if c.is_ascii_punctuation()
            && !matches!(c, '-' | '.' | ',' | '/' | '%' | '(' | ')' | '=')
        {
            out.push_str(&format!("&#{};", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

/// For Markdown as a block of code: a fence that its content can't close.
pub fn markdown_fence(text: &str) -> String {
    let lines: Vec<String> = json(text).split('\n').map(no_command).collect();
    let block = lines.join("\n");
    let fence = "`".repeat(longest_run(&block, '`').max(2) + 1);
    let end = if block.ends_with('\n') { "" } else { "\n" };
    format!("{fence}text\n{block}{end}{fence}\n")
}

fn longest_run(text: &str, of: char) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == of { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// For HTML text and quoted attributes. One line, so that none begins with a command of
/// GitHub Actions when a page is printed into its log.
pub fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let text = one_line(&redact(text));
    for (i, c) in text.char_indices() {
        match c {
            // Actions obeys `##[` anywhere.
            '[' if text[..i].ends_with("##") => out.push_str("&#91;"),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

/// For the message of a GitHub Actions workflow command (`::error::…`). Line ends are kept
/// in the form that Actions decodes.
pub fn workflow_message(text: &str) -> String {
    let clean = visible(&redact(text), |c| matches!(c, '\n' | '\r'));
    let clean = clean.replace("##[", "# #[");
    // Actions obeys `::name` at the start of a line only. Breaking it everywhere costs
    // little; the `::` of an ARN is followed by a digit or another `:` and stays.
    let bytes = clean.as_bytes();
    let mut out = String::with_capacity(clean.len());
    for (i, c) in clean.char_indices() {
        out.push(c);
        let next = |n: usize| bytes.get(i + n).copied();
        let inside = i > 0 && bytes[i - 1] == b':';
        if c == ':'
            && !inside
            && next(1) == Some(b':')
            && next(2).is_some_and(|b| b.is_ascii_alphabetic())
        {
            out.push(' ');
        }
    }
    out.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// For a value that GitHub Actions is to take as it is, such as one to mask: nothing is
/// redacted or shown in another way.
pub fn workflow_data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// For a property of a GitHub Actions workflow command (`file=…`, `title=…`).
pub fn workflow_property(text: &str) -> String {
    workflow_message(text)
        .replace(':', "%3A")
        .replace(',', "%2C")
}

/// For one line of a commit message: nothing in it mentions a person, closes an issue or
/// skips a pipeline on the forge that the commit is pushed to.
pub fn commit_message_line(text: &str) -> String {
    let line = one_line(&redact(text));
    let mut out = String::with_capacity(line.len());
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '[' => out.push('('),
            ']' => out.push(')'),
            _ => out.push(c),
        }
        let glued = chars.peek().is_some_and(|next| !next.is_whitespace());
        if glued && matches!(c, '@' | '#') {
            out.push(' ');
        }
    }
    // `GH-12` however it is written, `https://github.com/o/r/issues/12` and `***NO_CI***`.
    for reference in ["GH-", "gh-", "Gh-", "gH-"] {
        out = out.replace(reference, &reference.replace('-', " "));
    }
    out.replace("://", ": //").replace("***", "* *")
}

/// One line without surrounding blanks: white space of every kind becomes single blanks.
fn one_line(text: &str) -> String {
    let spaced: String = text
        .chars()
        .map(|c| {
            if matches!(c, '\n' | '\r' | '\t') {
                ' '
            } else {
                c
            }
        })
        .collect();
    let clean = visible(&spaced, |_| false);
    clean
        .split(' ')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Shows what can't be seen. `keep` names control characters that stay.
fn visible(text: &str, keep: fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if !is_hidden(c) || keep(c) {
            out.push(c);
            continue;
        }
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ => out.extend(c.escape_unicode()),
        }
    }
    out
}

/// Control characters, and those that reorder, join or hide text.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{3164}' | '\u{feff}'
            | '\u{ffa0}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn json_shows_what_is_hidden_and_keeps_lines() {
        for (from, to) in [
            ("plain äöü ✓ 日本", "plain äöü ✓ 日本"),
            ("a\nb\tc", "a\nb\tc"),
            ("a\rb\0", "a\\rb\\u{0}"),
            ("a\u{202e}b\u{2066}", "a\\u{202e}b\\u{2066}"),
            ("\u{1b}[2J", "\\u{1b}[2J"),
            (
                "a\u{200b}\u{feff}\u{e0041}",
                "a\\u{200b}\\u{feff}\\u{e0041}",
            ),
            ("password=x1", "password=[REDACTED:password]"),
        ] {
            assert_eq!(json(from), to, "{from:?}");
            assert_eq!(json(to), to, "{to:?}");
        }
    }

    #[test]
    fn terminal_is_one_line_without_sequences() {
        for (from, to) in [
            ("a\r\nb\tc", "a\\r\\nb\\tc"),
            ("\u{1b}]8;;http://x\u{7}y", "\\u{1b}]8;;http://x\\u{7}y"),
            ("  ::error::x", "  : :error::x"),
            ("a ::error::x\u{3000}::y", "a : :error::x\u{3000}: :y"),
            ("arn:aws:iam::aws:policy/x", "arn:aws:iam::aws:policy/x"),
            ("a ##[group]", "a # #[group]"),
        ] {
            assert_eq!(terminal(from), to, "{from:?}");
        }
    }

    #[test]
    fn what_is_cut_was_redacted_before() {
        assert_eq!(cut("abcdef", 3), "abc…");
        assert_eq!(cut("äöü", 3), "äöü");
        assert_eq!(cut("AKIAIOSFODNN7EXAMPLE", 15), "[REDACTED:aws-a…");
        assert_eq!(
            terminal_lines(
                "a\n::b\n-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\nc"
            ),
            "a\n: :b\n[REDACTED:private-key]\nc"
        );
    }

    #[test]
    fn markdown_is_text() {
        for (from, to) in [
            ("orders-api", "orders-api"),
            ("orders_api_v2", "orders_api_v2"),
            (
                "error rate 3.2 % (target 0.1 %)",
                "error rate 3.2 % (target 0.1 %)",
            ),
            ("_x_ *y*", "\\_x\\_ \\*y\\*"),
            ("a|b", "a\\|b"),
            ("![x](http://e)", "!\\[x\\](http:&#8203;//e)"),
            ("<b>&amp;", "&lt;b&gt;&amp;amp;"),
            ("hi @all", "hi @&#8203;all"),
            ("see #12 or GH-12", "see #&#8203;12 or GH&#8203;-12"),
            ("www.evil.example", "www&#8203;.evil.example"),
            ("# head\nline", "\\#&#8203; head line"),
            ("---", "\\---"),
            ("1. item", "1\\. item"),
            ("    code", "code"),
        ] {
            assert_eq!(markdown(from), to, "{from:?}");
        }
    }

    #[test]
    fn code_cannot_be_closed_from_inside() {
        for (from, to) in [
            ("a", "`a`"),
            ("", "` `"),
            ("a`b", "``a`b``"),
            ("``", "``` `` ```"),
            ("a|b", "<code>a&#124;b</code>"),
            ("##[x]", "<code>&#35;&#8203;&#35;&#8203;&#91;x&#93;</code>"),
            (
                "a|www.evil.example http://b @c",
                "<code>a&#124;www&#8203;.evil.example http&#58;&#8203;//b &#64;&#8203;c</code>",
            ),
        ] {
            assert_eq!(markdown_code(from), to, "{from:?}");
        }
        assert_eq!(markdown_fence("a```b"), "````text\na```b\n````\n");
        assert_eq!(markdown_fence("\tx\n::y"), "```text\n\tx\n: :y\n```\n");
    }

    #[test]
    fn html_workflow_and_commit() {
        assert_eq!(
            html("<a href=\"x\">'&"),
            "&lt;a href=&quot;x&quot;&gt;&#39;&amp;"
        );
        assert_eq!(workflow_message("50%\n::error::x"), "50%25%0A: :error: :x");
        assert_eq!(
            workflow_message("arn:aws:s3:::b arn:aws:iam::1"),
            "arn:aws:s3:::b arn:aws:iam::1"
        );
        assert_eq!(workflow_property("a:b,c"), "a%3Ab%2Cc");
        assert_eq!(
            commit_message_line("fixes #12 @me [skip ci]\nSigned-off-by: x"),
            "fixes # 12 @ me (skip ci) Signed-off-by: x"
        );
    }

    proptest! {
        #[test]
        fn json_is_idempotent(text in "(?s).{0,60}") {
            let once = json(&text);
            prop_assert_eq!(json(&once), once);
        }

        #[test]
        fn lines_are_lines(text in "(?s).{0,60}") {
            for line in [terminal(&text), markdown(&text), markdown_code(&text),
                workflow_message(&text), commit_message_line(&text)] {
                prop_assert!(!line.chars().any(|c| c.is_control()), "{:?}", line);
            }
        }
    }
}
