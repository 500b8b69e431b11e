//! Words in their plain form, and the stems that inflections share.

/// A word in lower case, with one kind of apostrophe.
pub(crate) fn normal(word: &str) -> String {
    word.to_lowercase().replace('\u{2019}', "'")
}

/// The stem of an English word, crude and the same for both sides of a comparison.
pub(crate) fn stem(word: &str) -> String {
    let word = word.strip_suffix("'s").unwrap_or(word);
    if word.len() <= 3 || !word.is_ascii() || word.contains(|c: char| c.is_ascii_digit()) {
        return word.to_owned();
    }
    let long = |rest: &&str| rest.len() >= 3;
    let mut out = word.to_owned();
    if let Some(rest) = word.strip_suffix("ies").filter(long) {
        out = format!("{rest}y");
    } else if let Some(rest) = word.strip_suffix("es").filter(|rest| sibilant(rest)) {
        out = rest.to_owned();
    } else if let Some(rest) = word
        .strip_suffix('s')
        .filter(|rest| !rest.ends_with(['s', 'u', 'i']))
    {
        out = rest.to_owned();
    }
    for ending in ["ing", "ed"] {
        if let Some(rest) = out.strip_suffix(ending).filter(|rest| rest.len() >= 3) {
            out = undouble(rest).to_owned();
            break;
        }
    }
    // `not` is no note.
    match out
        .strip_suffix('e')
        .filter(long)
        .filter(|rest| *rest != "not")
    {
        Some(rest) => rest.to_owned(),
        None => out,
    }
}

fn sibilant(rest: &str) -> bool {
    rest.len() >= 3
        && ["s", "x", "z", "ch", "sh"]
            .iter()
            .any(|end| rest.ends_with(end))
}

fn undouble(rest: &str) -> &str {
    let bytes = rest.as_bytes();
    match bytes {
        [.., a, b] if a == b && !matches!(b, b'l' | b's' | b'e' | b'o') => &rest[..rest.len() - 1],
        _ => rest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inflections_share_a_stem() {
        for (a, b) in [
            ("issues", "issue"),
            ("resolved", "resolve"),
            ("resolving", "resolve"),
            ("queries", "query"),
            ("databases", "database"),
            ("stopped", "stop"),
            ("failing", "fail"),
            ("what's", "what"),
            ("crashes", "crash"),
        ] {
            assert_eq!(stem(a), stem(b), "{a} {b}");
        }
        for (a, b) in [("status", "statu"), ("access", "acces"), ("prod", "pro")] {
            assert_ne!(stem(a), stem(b), "{a} {b}");
        }
    }
}
