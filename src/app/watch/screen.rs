//! What is drawn: a page with its footer, as one write.

use crate::app::watch::keys::ScreenView;
use crate::model::dashboard::IssueRow;
use crate::text::escape;

/// Lines of notes that are shown.
const MOST_NOTES: usize = 2;
/// The size of a terminal that does not say it.
const USUAL: (usize, usize) = (80, 24);

/// Columns and rows of the terminal, as it is now.
pub(crate) fn size() -> (usize, usize) {
    let size = terminal_size::terminal_size();
    let size = size.map(|(width, height)| (usize::from(width.0), usize::from(height.0)));
    size.filter(|(columns, rows)| *columns > 0 && *rows > 0)
        .unwrap_or(USUAL)
}

/// The issues of a page with the keys that open them, below the page.
pub(crate) fn issue_keys(issues: &[IssueRow], most: usize) -> String {
    if issues.is_empty() {
        return String::new();
    }
    let mut out = String::from("\nOpen an issue with its number:\n");
    for (at, row) in issues.iter().take(most).enumerate() {
        out.push_str(&format!(
            "  {}  {}  {}  {}: {}\n",
            at + 1,
            row.id,
            row.severity,
            row.resource.terminal(),
            row.title.terminal()
        ));
    }
    out
}

/// The last lines: what was said, and the keys.
pub(crate) fn footer(notes: &str, view: &ScreenView, every: u64, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = notes
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| escape::cut(line, columns))
        .collect();
    lines.drain(..lines.len().saturating_sub(MOST_NOTES));
    let keys = match view.open {
        Some(_) => "b back · j k scroll · r look now · q quit".to_owned(),
        None => format!("1-9 issue · j k scroll · r look now · q quit · every {every} s"),
    };
    lines.push(escape::cut(&keys, columns));
    lines
}

/// The most lines that can be above the first one that is seen.
pub(crate) fn last_scroll(text: &str, rows: usize, footer: usize) -> usize {
    text.lines().count().saturating_sub(body_rows(rows, footer))
}

fn body_rows(rows: usize, footer: usize) -> usize {
    rows.saturating_sub(footer).max(1)
}

/// A whole screen. Every line is cleared behind its end, and what is below is cleared, so that
/// nothing flickers and nothing is left of the last one.
pub(crate) fn frame(text: &str, scroll: usize, footer: &[String], rows: usize) -> String {
    let room = body_rows(rows, footer.len());
    let mut out = String::from("\u{1b}[H");
    let lines = text.lines().skip(scroll).take(room);
    let blank = std::iter::repeat("");
    for line in lines.chain(blank).take(room) {
        out.push_str(line);
        out.push_str("\u{1b}[0m\u{1b}[K\r\n");
    }
    let footer: Vec<String> = footer
        .iter()
        .map(|line| format!("{line}\u{1b}[K"))
        .collect();
    out.push_str(&footer.join("\r\n"));
    out.push_str("\u{1b}[J");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visible(frame: &str) -> Vec<String> {
        let plain = frame
            .replace("\u{1b}[H", "")
            .replace("\u{1b}[0m", "")
            .replace("\u{1b}[K", "")
            .replace("\u{1b}[J", "");
        plain.split("\r\n").map(str::to_owned).collect()
    }

    #[test]
    fn a_screen_has_its_rows_whatever_the_page_has() {
        let footer = vec!["q quit".to_owned()];
        let drawn = frame("one\ntwo\nthree\nfour", 1, &footer, 3);
        assert_eq!(visible(&drawn), ["two", "three", "q quit"]);
        let drawn = frame("one", 0, &footer, 4);
        assert_eq!(visible(&drawn), ["one", "", "", "q quit"]);
        assert_eq!(
            visible(&frame("one\ntwo", 0, &footer, 1)),
            ["one", "q quit"]
        );
    }

    #[test]
    fn scrolling_ends_with_the_last_line() {
        assert_eq!(last_scroll("1\n2\n3\n4", 3, 1), 2);
        assert_eq!(last_scroll("1\n2", 24, 1), 0);
    }

    #[test]
    fn only_the_last_notes_are_shown_and_none_is_wider_than_the_screen() {
        let lines = footer("a\n\nb\ncccccccccc\n", &ScreenView::default(), 5, 6);
        assert_eq!(lines, ["b", "cccccc…", "1-9 is…"]);
    }
}
