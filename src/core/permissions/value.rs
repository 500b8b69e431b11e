//! Where a value ends. Its own shape says so: a quoted one at its quote, an ARN when it has its
//! six parts, a word of IAM (`role NAME`) behind the name, anything else at the first blank.

use super::cursor::{Text, glued, is_blank, is_break};
use super::undress::{FOLD, WIDE};

/// The longest value, in characters: AWS's longest ARNs have 2,048.
const LONGEST: usize = 2_400;
/// How far a name with blanks may go on until the sentence of AWS does.
const FARTHEST: usize = 160;

/// What AWS writes behind a resource.
const FOLLOWERS: &[&str] = &[
    "because no ",
    "because a ",
    "because an ",
    "because the ",
    "because public ",
    "because this ",
    "with an explicit ",
    "with explicit deny",
];
/// What people put in front of an ARN.
const MARKS: &str = "[(<{*_\"'`";
/// Of what IAM writes names instead of ARNs: `on resource: role x`.
const IAM_WORDS: &[&str] = &[
    "policy path",
    "group policy",
    "role policy",
    "user policy",
    "instance profile",
    "server certificate",
    "signing certificate",
    "login profile",
    "access key",
    "virtual mfa device",
    "mfa device",
    "saml provider",
    "oidc provider",
    "open id connect provider",
    "ssh public key",
    "account alias",
    "user",
    "role",
    "group",
    "policy",
];

/// The value that begins at `from`, and where it ends. Nothing where no value stands there.
pub(super) fn value(text: &Text, from: usize, to: usize) -> Option<(String, usize)> {
    let from = text.blanks(from);
    let to = to.min(from + LONGEST);
    let first = text.at(from).filter(|_| from < to)?;
    if let '"' | '\'' | '`' = first {
        let end = (from + 1..to).find(|&place| text.at(place) == Some(first));
        if let Some(end) = end {
            let inner = glued(text.slice(from + 1, end));
            return (!inner.is_empty()).then_some((inner, end + 1));
        }
    }
    if let Some(inner) = marked(text, from, to) {
        return Some(inner);
    }
    let end = match text.phrase(from, "arn:") {
        Some(_) => arn_end(text, from, to),
        None => name_end(text, from, to),
    };
    let shown = trimmed(&glued(text.slice(from, end)));
    (!shown.is_empty()).then_some((shown, end))
}

/// What ends what this one opens.
fn closing(opened: char) -> char {
    match opened {
        '[' => ']',
        '(' => ')',
        '<' => '>',
        '{' => '}',
        other => other,
    }
}

/// An ARN in marks: `[arn:…]`, `<arn:…>`, `**arn:…**`, `["arn:…"]`.
fn marked(text: &Text, from: usize, to: usize) -> Option<(String, usize)> {
    let marks = text.slice(from, from + 4).iter();
    let begin = from + marks.take_while(|c| MARKS.contains(**c)).count();
    let is_quote = matches!(text.at(from), Some('"' | '\'' | '`'));
    if begin == from || is_quote || text.phrase(begin, "arn:").is_none() {
        return None;
    }
    let end = arn_end(text, begin, to);
    let mut shown = trimmed(&glued(text.slice(begin, end)));
    for opened in text.slice(from, begin).iter().rev() {
        if let Some(less) = shown.strip_suffix(closing(*opened)) {
            shown = trimmed(less);
        }
    }
    Some((shown, end))
}

/// What a sentence put behind a value: a full stop, a quote, a bracket that nothing opened.
fn trimmed(value: &str) -> String {
    let mut value = value.trim_matches(['"', '\'', '`', '\\']);
    loop {
        let less = value.trim_end_matches(['.', ',', ';', '!', '?', '"', '\'', '`', '\\', '@']);
        let less = match less.strip_suffix(':') {
            Some(told) if is_told(told) => told,
            _ => less,
        };
        let less = match less.chars().last() {
            Some(')') if count(less, ')') > count(less, '(') => &less[..less.len() - 1],
            Some(']') if count(less, ']') > count(less, '[') => &less[..less.len() - 1],
            Some('}') if count(less, '}') > count(less, '{') => &less[..less.len() - 1],
            // A masked or cut name ends with dots: `...`.
            _ if less.len() < value.len() && value.ends_with("...") => return value.to_owned(),
            _ => less,
        };
        if less.len() == value.len() {
            return value.to_owned();
        }
        value = less;
    }
}

/// Whether an ARN is told to its end, so that a colon behind it is of the sentence: it ends with a
/// path, and not with a type (`log-group:/x:log-stream:`).
fn is_told(arn: &str) -> bool {
    let last = arn.rsplit(':').next().unwrap_or_default();
    arn.starts_with("arn:")
        && count(arn, ':') >= 5
        && last.contains('/')
        && last.ends_with(char::is_alphanumeric)
}

fn count(text: &str, wanted: char) -> usize {
    text.chars().filter(|&c| c == wanted).count()
}

fn arn_end(text: &Text, from: usize, to: usize) -> usize {
    let mut end = from;
    loop {
        end = run_end(text, end, to);
        if let Some(after) = placeholder(text, end, to) {
            end = after;
            continue;
        }
        if end >= to || !text.at(end).is_some_and(is_blank) {
            return end;
        }
        let so_far = glued(text.slice(from, end));
        let next = text.blanks(end);
        if next < to && open(&so_far) && !goes_on(text, next) {
            end = next;
            continue;
        }
        let apart = broken(text, end, next) && so_far.ends_with(['/', ':', '-']);
        let is_rest = cut(text, end, next, to) || (apart && ends_a_value(text, next, to));
        if next >= to || (follows(text, next, to) && !is_rest) {
            return end;
        }
        // `…/a: Access Denied`: the colon is of the sentence.
        if so_far.strip_suffix(':').is_some_and(is_told) && !broken(text, end, next) {
            return end;
        }
        let unfinished =
            is_rest || so_far.matches(':').count() < 5 || so_far.ends_with(['/', ':']) || apart;
        if unfinished || names_a_part(text, &so_far, next, to) {
            end = next;
            continue;
        }
        // A name with blanks: AWS's own sentence goes on right behind the resource.
        return with_blanks(text, end, to).unwrap_or(end);
    }
}

/// Behind words in quotes that stand for a part of an ARN: `arn:aws:iam::"my account":role/x`.
fn placeholder(text: &Text, end: usize, to: usize) -> Option<usize> {
    let quote = text.at(end).filter(|c| matches!(c, '"' | '\'' | '`'))?;
    let before = end.checked_sub(1).and_then(|place| text.at(place));
    let to = to.min(end + 60);
    let close = (end + 1..to).find(|&place| text.at(place) == Some(quote))?;
    let after = text.at(close + 1)?;
    (matches!(before, Some(':' | '/')) && matches!(after, ':' | '/')).then_some(close + 1)
}

/// Did the end of a full line cut the value in two?
fn cut(text: &Text, end: usize, next: usize, to: usize) -> bool {
    let between = text.slice(end, next);
    if between.contains(&FOLD) {
        return !begins_prose(text, next, to) || ends_a_value(text, next, to);
    }
    let chunk = text.slice(next, run_end(text, next, to));
    let of_name = chunk.iter().any(|c| matches!(c, '/' | ':' | '_'));
    let last = chunk.last().is_some_and(|c| c.is_alphanumeric());
    let is_rest = of_name && last && !begins_prose(text, next, to);
    between.contains(&WIDE) && (is_rest || ends_a_value(text, next, to))
}

/// A word behind which AWS's sentence goes on is the rest of what stands before it.
fn ends_a_value(text: &Text, place: usize, to: usize) -> bool {
    let end = run_end(text, place, to);
    let next = text.blanks(end);
    !starts_prose(text, place) && end > place && next > end && goes_on(text, next)
}

fn broken(text: &Text, from: usize, to: usize) -> bool {
    text.slice(from, to).iter().any(|&c| is_break(c))
}

/// The end of what has no blank.
fn run_end(text: &Text, from: usize, to: usize) -> usize {
    (from..to)
        .find(|&place| {
            text.at(place)
                .is_none_or(|c| is_blank(c) || matches!(c, '"' | '`') || c == '\'')
                || text.phrase(place, "</").is_some()
        })
        .unwrap_or(to)
}

/// A placeholder that goes on: `<account id>`, `{role name}`.
fn open(value: &str) -> bool {
    count(value, '<') > count(value, '>')
        || count(value, '{') > count(value, '}')
        || count(value, '[') > count(value, ']')
}

/// `…:delivery streams/NAME`: a type of two words, whose name follows.
fn names_a_part(text: &Text, so_far: &str, next: usize, to: usize) -> bool {
    let last = so_far.rsplit([':', '/']).next().unwrap_or_default();
    let word = !last.is_empty() && last.chars().all(|c| c.is_ascii_lowercase());
    let chunk: String = text.slice(next, run_end(text, next, to)).iter().collect();
    let Some((kind, name)) = chunk.split_once(['/', ':']) else {
        return false;
    };
    let kind_is_word = !kind.is_empty() && kind.chars().all(|c| c.is_ascii_lowercase());
    word && kind_is_word && !name.is_empty() && !name.starts_with('/')
}

/// The end of a value with blanks, where AWS's sentence goes on in the same line.
fn with_blanks(text: &Text, from: usize, to: usize) -> Option<usize> {
    let far = to.min(from + FARTHEST);
    let (start, _) = text.find_any(FOLLOWERS, from, far)?;
    let between = text.slice(from, start);
    let prose = between
        .iter()
        .any(|&c| is_break(c) || matches!(c, '"' | '\'' | '(' | ';' | ',' | ':'));
    (!prose).then(|| start - between.iter().rev().take_while(|&&c| is_blank(c)).count())
}

/// Does AWS's sentence go on here?
fn goes_on(text: &Text, place: usize) -> bool {
    FOLLOWERS
        .iter()
        .any(|phrase| text.phrase(place, phrase.trim_end()).is_some())
}

/// Does some sentence go on here?
fn follows(text: &Text, place: usize, to: usize) -> bool {
    goes_on(text, place) || begins_prose(text, place, to)
}

/// Words that no name goes on with: a sentence, a request's number, a place in a file.
fn begins_prose(text: &Text, place: usize, to: usize) -> bool {
    let bracket = text.at(place).is_some_and(|c| match c {
        '(' | ')' | ',' | ';' | '│' => text
            .at(place + 1)
            .is_none_or(|c| is_blank(c) || c.is_alphabetic()),
        '-' => text.at(place + 1).is_none_or(is_blank),
        _ => false,
    });
    // A word of letters, and then a blank or the end: prose, where a name would have more.
    let end = run_end(text, place, to);
    let word = text.slice(place, end);
    let letters = word.len() > 1 && word.iter().all(|c| c.is_ascii_lowercase());
    starts_prose(text, place) || bracket || (letters && end < to && text.at(end) == Some(' '))
}

/// Words that a sentence begins with, and no name.
fn starts_prose(text: &Text, place: usize) -> bool {
    const STARTS: &[&str] = &[
        "because",
        "with an ",
        "with explicit",
        "with module.",
        "with aws_",
        "with data.",
        "status code",
        "(service",
        "(status",
        "service:",
        "request id",
        "requestid",
        "on main.tf",
        "user:",
        "at ",
        "error:",
    ];
    STARTS
        .iter()
        .any(|phrase| text.phrase(place, phrase).is_some())
}

/// The end of words that stand for a name, `the role arn (Service: …`, in the line of what AWS
/// writes behind it.
fn in_words(text: &Text, end: usize, to: usize) -> Option<usize> {
    if broken(text, end, text.blanks(end)) || goes_on(text, text.blanks(end)) {
        return None;
    }
    let (start, _) = text.find("(service", end, to.min(end + FARTHEST))?;
    let between = text.slice(end, start);
    let plain = |c: &char| c.is_ascii_lowercase() || *c == ' ';
    between.iter().all(plain).then(|| start - 1)
}

/// A resource that is no ARN.
fn name_end(text: &Text, from: usize, to: usize) -> usize {
    for words in IAM_WORDS {
        let Some(end) = text.phrase(from, words) else {
            continue;
        };
        let name = text.blanks(end);
        if name > end && name < to && !goes_on(text, name) {
            return name_end_plain(text, name, to);
        }
    }
    name_end_plain(text, from, to)
}

fn name_end_plain(text: &Text, from: usize, to: usize) -> usize {
    let mut end = from;
    loop {
        end = run_end(text, end, to);
        if end >= to || !text.at(end).is_some_and(is_blank) {
            return end;
        }
        let next = text.blanks(end);
        let so_far = glued(text.slice(from, end));
        // `policy path /` is whole.
        let whole = so_far == "/" || so_far.ends_with(" /");
        let more = open(&so_far)
            || (broken(text, end, next) && !whole && so_far.ends_with(['/', '-', ':']))
            || cut(text, end, next, to);
        if !more || next >= to || goes_on(text, next) {
            return in_words(text, end, to).unwrap_or(end);
        }
        end = next;
    }
}
