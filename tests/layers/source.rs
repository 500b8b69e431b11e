//! As much of Rust's lexis as is needed to look at code without its comments, literals and
//! test modules. Lines keep their numbers.

/// The code of a file: what is not code is blank, line breaks stay.
pub(crate) fn code_only(text: &str) -> String {
    without_test_modules(&without_comments_and_literals(text))
}

fn without_comments_and_literals(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = end_of_blank(&chars, at);
        if end == at {
            code.push(chars[at]);
            at += 1;
        } else {
            let blank = chars[at..end]
                .iter()
                .map(|one| if *one == '\n' { '\n' } else { ' ' });
            code.extend(blank);
            at = end;
        }
    }
    code
}

/// Where the comment or literal that starts at `at` ends; `at` itself when none does.
fn end_of_blank(chars: &[char], at: usize) -> usize {
    let next = chars.get(at + 1).copied();
    let in_word = at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_');
    match chars[at] {
        '/' if next == Some('/') => find(chars, at, |rest| rest[0] == '\n').unwrap_or(chars.len()),
        '/' if next == Some('*') => end_of_block_comment(chars, at),
        '"' => end_of_string(chars, at),
        'r' | 'b' | 'c' if !in_word => end_of_prefixed(chars, at),
        '\'' => end_of_char(chars, at),
        _ => at,
    }
}

fn find(chars: &[char], from: usize, test: impl Fn(&[char]) -> bool) -> Option<usize> {
    (from..chars.len()).find(|at| test(&chars[*at..]))
}

fn end_of_block_comment(chars: &[char], start: usize) -> usize {
    let mut depth = 0;
    let mut at = start;
    while at < chars.len() {
        match chars[at..] {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    chars.len()
}

fn end_of_string(chars: &[char], start: usize) -> usize {
    let mut at = start + 1;
    while at < chars.len() {
        match chars[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    chars.len()
}

/// A raw or byte literal: `r"…"`, `r#"…"#`, `b"…"`, `br#"…"#`, `b'…'`.
fn end_of_prefixed(chars: &[char], start: usize) -> usize {
    let letters = chars[start..]
        .iter()
        .take_while(|one| matches!(one, 'r' | 'b' | 'c'))
        .count();
    let open = start + letters;
    let raw = chars[start..open].contains(&'r');
    let hashes = chars[open..].iter().take_while(|one| **one == '#').count();
    match chars.get(open + hashes) {
        Some('"') if raw => find(chars, open + hashes + 1, |rest| {
            rest[0] == '"' && rest.len() > hashes && rest[1..=hashes].iter().all(|one| *one == '#')
        })
        .map_or(chars.len(), |at| at + 1 + hashes),
        Some('"') if hashes == 0 => end_of_string(chars, open),
        Some('\'') if hashes == 0 && !raw => end_of_char(chars, open),
        _ => start,
    }
}

/// A character, or `start` when it is a lifetime.
fn end_of_char(chars: &[char], start: usize) -> usize {
    match (chars.get(start + 1), chars.get(start + 2)) {
        (Some('\\'), Some(_)) => {
            find(chars, start + 3, |rest| rest[0] == '\'').map_or(chars.len(), |at| at + 1)
        }
        (Some(_), Some('\'')) => start + 3,
        _ => start,
    }
}

/// Blanks what stands in the braces after `#[cfg(test)] mod name`.
fn without_test_modules(code: &str) -> String {
    let mut code: Vec<char> = code.chars().collect();
    let mark: Vec<char> = "#[cfg(test)]".chars().collect();
    let mut at = 0;
    while let Some(start) = find(&code, at, |rest| rest.starts_with(&mark)) {
        at = start + mark.len();
        // The item ends at its first `;`, or with the block that comes before any.
        let Some(open) = find(&code, at, |rest| matches!(rest[0], '{' | ';')) else {
            break;
        };
        let end = if code[open] == ';' {
            open + 1
        } else {
            end_of_block(&code, open)
        };
        for one in code[start..end].iter_mut().filter(|one| **one != '\n') {
            *one = ' ';
        }
        at = end;
    }
    code.into_iter().collect()
}

fn end_of_block(code: &[char], open: usize) -> usize {
    let mut depth = 0;
    for (at, one) in code.iter().enumerate().skip(open) {
        match one {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    code.len()
}

#[test]
fn comments_and_literals_are_blank() {
    let cases = [
        ("a // crate::b\nc", "a \nc"),
        ("a /* x /* crate::b */ */ c", "a c"),
        ("let s = \"crate::b \\\" {\"; d", "let s = ; d"),
        ("let s = r#\"crate::\"b\"#; d", "let s = ; d"),
        ("let s = br\"x\"; b\"y\"; d", "let s = ; ; d"),
        (
            "let c = '{'; let d = '\\''; fn f<'a>(x: &'a str)",
            "let c = ; let d = ; fn f<'a>(x: &'a str)",
        ),
        ("let radius = b; car", "let radius = b; car"),
        ("// 'tis\nuse crate::a;", "\nuse crate::a;"),
    ];
    for (text, expected) in cases {
        let squeezed = |text: &str| {
            text.split(' ')
                .filter(|word| !word.is_empty())
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(squeezed(&code_only(text)), squeezed(expected), "{text}");
        assert_eq!(
            code_only(text).lines().count(),
            text.lines().count(),
            "{text}"
        );
    }
}

#[test]
fn test_modules_are_blank_and_the_rest_is_not() {
    let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n fn b() { crate::x(); }\n}\nfn c() {}\n\
                #[cfg(test)]\nmod more;\nfn d() {}\n";
    let code = code_only(text);
    assert!(!code.contains("crate::x") && !code.contains("more"));
    assert!(code.contains("fn a()") && code.contains("fn c()") && code.contains("fn d()"));
    assert_eq!(code.lines().count(), text.lines().count());
}
