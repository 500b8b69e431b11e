//! The mark at the end of a generated file.

/// The file without its mark and the blank lines before it.
pub(crate) fn without_mark(stored: &str) -> &str {
    let (text, _) = stored
        .split_once("<!-- fractary: generated")
        .expect("what is stored has a mark");
    text.trim_end()
}
