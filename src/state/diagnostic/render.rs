//! Diagnostics as people read them.

use std::collections::BTreeSet;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use unicode_width::UnicodeWidthStr;

use crate::state::diagnostic::{Diagnostic, DiagnosticLevel};

/// Diagnostics with their lines underlined, and a line that counts them. `width` is the
/// terminal's in columns; nothing but a path or a word is wider. Ends with a line end,
/// unless there is nothing to say.
pub fn render(diagnostics: &[Diagnostic], color: bool, width: usize) -> String {
    if diagnostics.is_empty() {
        return String::new();
    }
    let width = width.clamp(40, 200);
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(width);
    let mut out = String::new();
    for diagnostic in diagnostics {
        let rendered = renderer.render(&[group(diagnostic, width)]);
        // Excerpts show files as they are, and Actions obeys `##[` anywhere in its log.
        out.push_str(&rendered.trim_end().replace("##[", "# #["));
        out.push_str("\n\n");
    }
    out.push_str(&summary(diagnostics));
    out.push('\n');
    out
}

/// For instance `3 errors, 1 warning in 2 files`.
pub(crate) fn summary(diagnostics: &[Diagnostic]) -> String {
    let count = |severity| {
        diagnostics
            .iter()
            .filter(|d| d.severity == severity)
            .count()
    };
    let files: BTreeSet<_> = diagnostics.iter().map(|d| &d.path).collect();
    let mut parts = Vec::new();
    for severity in [DiagnosticLevel::Error, DiagnosticLevel::Warning] {
        let count = count(severity);
        if count > 0 {
            parts.push(format!("{count} {}", plural(count, severity.word())));
        }
    }
    let files = files.len();
    format!("{} in {files} {}", parts.join(", "), plural(files, "file"))
}

fn plural(count: usize, word: &str) -> String {
    if count == 1 {
        word.to_owned()
    } else {
        format!("{word}s")
    }
}

fn group(diagnostic: &Diagnostic, width: usize) -> Group<'_> {
    let level = match diagnostic.severity {
        DiagnosticLevel::Error => Level::ERROR,
        DiagnosticLevel::Warning => Level::WARNING,
    };
    // `error[code]: ` stands before the first line.
    let lead = diagnostic.severity.word().len() + diagnostic.code.len() + 4;
    let title = level
        .primary_title(wrap(&diagnostic.message, width, lead))
        .id(diagnostic.code);
    let mut note = diagnostic.expected.as_deref();
    let mut group = match &diagnostic.excerpt {
        None => {
            let mut origin = Origin::path(diagnostic.path.as_str());
            if diagnostic.line > 0 {
                origin = origin.line(diagnostic.line).char_column(diagnostic.column);
            }
            title.element(origin)
        }
        Some(excerpt) => {
            let gutter = diagnostic.line.to_string().len() + 3;
            let before = excerpt.text.get(..excerpt.span.end).unwrap_or_default();
            let mut annotation = AnnotationKind::Primary.span(excerpt.span.clone());
            let fits = |label: &&str| gutter + before.width() + 1 + label.width() <= width;
            if let Some(label) = note.filter(fits) {
                annotation = annotation.label(label);
                note = None;
            }
            title.element(
                Snippet::source(excerpt.text.as_str())
                    .line_start(diagnostic.line)
                    .path(diagnostic.path.as_str())
                    .annotation(annotation),
            )
        }
    };
    // `  = help: ` and `  = note: ` stand before the text.
    let lead = diagnostic.line.to_string().len() + 9;
    if let Some(note) = note {
        group = group.element(Level::NOTE.message(wrap(note, width - lead, 0)));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(wrap(help, width - lead, 0)));
    }
    group
}

/// Breaks between words; the first line is `lead` columns shorter.
fn wrap(text: &str, width: usize, lead: usize) -> String {
    let mut out = String::new();
    let mut column = lead;
    for word in text.split_whitespace() {
        let wide = word.width();
        if column + 1 + wide > width && column > lead {
            out.push('\n');
            column = 0;
        } else if !out.is_empty() {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += wide;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::paths::RepoPath;

    #[test]
    fn counts_in_words() {
        let path = |text: &str| RepoPath::new(text).expect("a path");
        let error = Diagnostic::error(&path("a"), "state/x", "x");
        let warning = Diagnostic::warning(&path("b"), "state/x", "x");
        for (list, said) in [
            (vec![error.clone()], "1 error in 1 file"),
            (
                vec![error.clone(), error.clone(), warning.clone()],
                "2 errors, 1 warning in 2 files",
            ),
            (vec![warning.clone(), warning], "2 warnings in 1 file"),
        ] {
            assert_eq!(summary(&list), said);
        }
    }

    #[test]
    fn long_texts_are_broken_between_words() {
        let text = wrap("aaa bbb ccc ddd", 7, 0);
        assert_eq!(text, "aaa bbb\nccc ddd");
    }
}
