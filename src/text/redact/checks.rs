//! What a pattern alone cannot tell.

use std::ops::Range;

/// Whether the text is one of our markers, alone.
pub(super) fn is_marker(text: &str) -> bool {
    text.strip_prefix("[REDACTED:")
        .and_then(|rest| rest.strip_suffix(']'))
        .is_some_and(|kind| {
            !kind.is_empty() && kind.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
        })
}

/// Every match counts.
pub(super) fn always(_: &str, _: Range<usize>) -> bool {
    true
}

/// Whether the value behind a secret's name is a value at all: not a word that says there
/// is none, a placeholder, a reference to where the secret lies, or an ARN.
pub(super) fn is_value(text: &str, range: Range<usize>) -> bool {
    let value = &text[range.clone()];
    let lower = value.to_ascii_lowercase();
    let word = lower.trim_matches(|c: char| ".!?()[]{}:*".contains(c));
    let says_none = matches!(
        word,
        "" | "true"
            | "false"
            | "null"
            | "nil"
            | "none"
            | "undefined"
            | "empty"
            | "required"
            | "optional"
            | "missing"
            | "invalid"
            | "expired"
            | "unset"
            | "absent"
            | "incorrect"
            | "wrong"
            | "rejected"
            | "refused"
            | "denied"
            | "revoked"
            | "rotated"
            | "refreshed"
            | "renewed"
            | "changed"
            | "cancelled"
            | "canceled"
            | "mismatch"
            | "unknown"
            | "not"
            | "must"
            | "cannot"
            | "not set"
            | "not found"
            | "not given"
            | "not provided"
            | "string"
            | "enabled"
            | "disabled"
            | "yes"
            | "no"
            | "redacted"
            | "hidden"
            | "sensitive"
    );
    let reference = value.starts_with("${")
        || value.starts_with("{{")
        || value.starts_with("arn:aws")
        || is_placeholder(value)
        || (value.starts_with('$')
            && value[1..]
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_'));
    !says_none && !reference && !lower.starts_with("[redacted:") && !is_in_a_sentence(text, range)
}

/// Whether it is the first word of a reason behind `… token:`, as in "failed to load IMDS session
/// token: dispatch failure: connection refused". What makes tokens does not make such words.
fn is_in_a_sentence(text: &str, range: Range<usize>) -> bool {
    let is_word = |word: &str| word.len() > 1 && word.bytes().all(|b| b.is_ascii_lowercase());
    let before = text[..range.start].trim_end();
    let of_a_phrase = before.strip_suffix("token:").is_some_and(|phrase| {
        let words = phrase.strip_suffix(' ');
        words.is_some_and(|words| words.ends_with(|c: char| c.is_ascii_alphabetic()))
    });
    let next = text[range.end..].strip_prefix(' ').unwrap_or_default();
    let next = next.split([' ', ':', ',', '\n']).next().unwrap_or_default();
    of_a_phrase && is_word(&text[range]) && is_word(next)
}

/// `<your-token>`.
fn is_placeholder(value: &str) -> bool {
    value
        .strip_prefix('<')
        .and_then(|rest| rest.strip_suffix('>'))
        .is_some_and(|words| {
            words
                .bytes()
                .all(|b| b.is_ascii_alphabetic() || b"-_ ".contains(&b))
        })
}

/// The same, and not a folder: `PWD=/home/me` is where a shell is.
pub(super) fn is_value_not_path(text: &str, range: Range<usize>) -> bool {
    !text[range.clone()].starts_with('/') && is_value(text, range)
}

/// Whether it can be a secret rather than a word: the heads of tables are words.
pub(super) fn is_no_plain_word(text: &str, range: Range<usize>) -> bool {
    let value = &text[range.clone()];
    let is_word = value
        .bytes()
        .all(|b| b.is_ascii_alphabetic() || b"_-. ".contains(&b));
    let one_case = value == value.to_ascii_lowercase() || value == value.to_ascii_uppercase();
    let capitalised = value
        .get(1..)
        .is_some_and(|rest| rest == rest.to_ascii_lowercase());
    !(is_word && (one_case || capitalised)) && is_value(text, range)
}

/// Whether it can be a token rather than a word: long, with a digit or padding.
pub(super) fn is_token(text: &str, range: Range<usize>) -> bool {
    let value = &text[range];
    value.len() >= 12 && value.bytes().any(|b| b.is_ascii_digit() || b == b'=')
}

/// Whether what stands behind the `:` of a database's address is a password, and not its port
/// with an `@` later in the path.
pub(super) fn is_password_in_url(text: &str, range: Range<usize>) -> bool {
    let value = &text[range];
    let first = value.split('/').next().unwrap_or(value);
    let port = first.len() < value.len() && first.bytes().all(|b| b.is_ascii_digit());
    !port && !value.starts_with("[REDACTED:")
}

/// Whether 40 characters near an access key id are its secret: of three classes, which a
/// commit's id is not.
pub(super) fn is_secret_key(text: &str, range: Range<usize>) -> bool {
    let bytes = &text.as_bytes()[range];
    let has = |class: fn(&u8) -> bool| bytes.iter().any(class);
    has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_digit)
}

/// Whether digits are a payment card: known issuer, length and Luhn sum, standing alone.
pub(super) fn is_card(text: &str, range: Range<usize>) -> bool {
    let glued = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ':');
    let before = text[..range.start].chars().next_back();
    let mut after = text[range.end..].chars();
    let next = after.next();
    let ends_sentence = next == Some('.') && !after.next().is_some_and(|c| c.is_ascii_digit());
    if before.is_some_and(|c| glued(c) && c != ':') || next.is_some_and(glued) && !ends_sentence {
        return false;
    }
    let digits: Vec<u32> = text[range].chars().filter_map(|c| c.to_digit(10)).collect();
    let head = digits
        .iter()
        .take(4)
        .fold(0, |number, digit| number * 10 + digit);
    let issuer = match digits.len() {
        14 => matches!(head / 100, 36 | 38) || (300..=305).contains(&(head / 10)),
        15 => matches!(head / 100, 34 | 37),
        16 => {
            head / 1000 == 4
                || (51..=55).contains(&(head / 100))
                || (2221..=2720).contains(&head)
                || head == 6011
                || matches!(head / 100, 64 | 65 | 35 | 62)
        }
        _ => false,
    };
    issuer && luhn(&digits)
}

fn luhn(digits: &[u32]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, digit)| match (i % 2, digit * 2) {
            (0, _) => *digit,
            (_, double) if double > 9 => double - 9,
            (_, double) => double,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Whether a value looks drawn at random: three classes of characters, high entropy, and
/// none of the forms that names, paths, hashes and ids have.
pub(super) fn is_random(text: &str, range: Range<usize>) -> bool {
    let value = &text[range];
    let has = |class: fn(&u8) -> bool| value.as_bytes().iter().any(class);
    let classes =
        has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_digit);
    let pieces: Vec<&str> = value.split(['/', '-', '_']).collect();
    let name_like = pieces.len() >= 3 && pieces.iter().all(|p| p.len() <= 12);
    classes && !value.contains('.') && !name_like && entropy(value) >= 3.7
}

/// Shannon entropy in bits a byte.
fn entropy(value: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in value.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let length = value.len() as f64;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| {
            let share = f64::from(*count) / length;
            -share * share.log2()
        })
        .sum()
}
