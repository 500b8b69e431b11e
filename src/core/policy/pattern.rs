//! Patterns of actions and ARNs: `*` stands for any text, `?` for one character.

use super::document::PatternSet;

/// Whether a pattern fits a text, or covers every text that another pattern fits: a `*` of the
/// other one is only ever taken by a `*`. Without regard to the case of ASCII letters.
pub fn covers(pattern: &str, other: &str) -> bool {
    covers_by(pattern, other, |one, other| {
        one.eq_ignore_ascii_case(&other)
    })
}

/// The same, where the case of letters counts.
pub fn covers_exactly(pattern: &str, other: &str) -> bool {
    covers_by(pattern, other, |one, other| one == other)
}

fn covers_by(pattern: &str, other: &str, equal: fn(u8, u8) -> bool) -> bool {
    let (pattern, other) = (pattern.as_bytes(), other.as_bytes());
    let (mut p, mut o) = (0, 0);
    // Where the last `*` was, and how much of the other text it has taken so far.
    let mut star: Option<(usize, usize)> = None;
    while o < other.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, o));
                p += 1;
            }
            Some(b'?') if other[o] != b'*' => (p, o) = (p + 1, o + 1),
            Some(byte) if equal(*byte, other[o]) && *byte != b'?' => {
                (p, o) = (p + 1, o + 1);
            }
            _ => match &mut star {
                Some((at, taken)) => {
                    *taken += 1;
                    (p, o) = (*at + 1, *taken);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

/// Whether a set of patterns holds a text.
pub fn matches(set: &PatternSet, text: &str) -> bool {
    set.patterns.iter().any(|pattern| covers(pattern, text)) != set.is_negated
}

/// Whether there is a text that two patterns both fit.
pub fn overlaps(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    // `row[j]`: whether the rests of `one` from `i` and of `other` from `j` have a text in common.
    let mut row = vec![false; other.len() + 1];
    row[other.len()] = true;
    for j in (0..other.len()).rev() {
        row[j] = row[j + 1] && other[j] == b'*';
    }
    for i in (0..one.len()).rev() {
        let below = row.clone();
        row[other.len()] = below[other.len()] && one[i] == b'*';
        for j in (0..other.len()).rev() {
            row[j] = match (one[i], other[j]) {
                (b'*', _) => below[j] || row[j + 1],
                (_, b'*') => row[j + 1] || below[j],
                (b'?', _) | (_, b'?') => below[j + 1],
                (a, b) => a.eq_ignore_ascii_case(&b) && below[j + 1],
            };
        }
    }
    row[0]
}
