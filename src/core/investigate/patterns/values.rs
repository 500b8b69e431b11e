//! Recognises values by their form: numbers with units, addresses, paths, identifiers. The
//! forms are those that programs of any kind write; none belongs to one program.

use super::bytes::{ALPHA, DIGIT, GLUE, HEX_LETTER, is};

/// Stands for a value inside a word: `eth<*>`.
pub(super) const MASK: &[u8] = b"<*>";

/// Returns whether the text is a unit that may follow a number.
pub(super) fn is_unit(text: &[u8]) -> bool {
    if text.len() > 12 {
        return false;
    }
    let mut lower = [0_u8; 12];
    for (to, from) in lower.iter_mut().zip(text) {
        *to = from.to_ascii_lowercase();
    }
    #[rustfmt::skip]
    let known = matches!(
        &lower[..text.len()],
        b"b" | b"kb" | b"mb" | b"gb" | b"tb" | b"pb" | b"kib" | b"mib" | b"gib" | b"tib"
            | b"byte" | b"bytes" | b"s" | b"ms" | b"us" | b"ns" | b"sec" | b"secs" | b"second"
            | b"seconds" | b"msec" | b"msecs" | b"millis" | b"millisecond" | b"milliseconds"
            | b"min" | b"mins" | b"minute" | b"minutes" | b"h" | b"hour" | b"hours" | b"hr"
            | b"hrs" | b"day" | b"days" | b"%" | b"bps" | b"kbps" | b"mbps"
    );
    known
}

/// Returns whether the text is a name that happens to hold digits: `utf-8`, `ipv4`, `s3`.
fn is_name_with_digits(text: &[u8]) -> bool {
    if text.len() > 9 || text.len() < 2 {
        return false;
    }
    let mut lower = [0_u8; 9];
    for (to, from) in lower.iter_mut().zip(text) {
        *to = from.to_ascii_lowercase();
    }
    #[rustfmt::skip]
    let known = matches!(
        &lower[..text.len()],
        b"ipv4" | b"ipv6" | b"utf8" | b"utf-8" | b"utf16" | b"utf-16" | b"utf32" | b"utf-32"
            | b"http1" | b"http2" | b"http3" | b"h2" | b"h2c" | b"ssh1" | b"ssh2" | b"socks4"
            | b"socks5" | b"socks4a" | b"socks5a" | b"md5" | b"sha1" | b"sha-1" | b"sha256"
            | b"sha-256" | b"sha512" | b"sha-512" | b"sha384" | b"sha224" | b"base64" | b"x86"
            | b"x86_64" | b"amd64" | b"arm64" | b"aarch64" | b"i386" | b"i486" | b"i586"
            | b"i686" | b"s3" | b"ec2" | b"route53" | b"k8s" | b"log4j" | b"log4j2" | b"oauth2"
            | b"tls1" | b"tlsv1" | b"tls1.2" | b"tlsv1.2" | b"tls1.3" | b"tlsv1.3" | b"sslv2"
            | b"sslv3" | b"win32" | b"win64" | b"int8" | b"int16" | b"int32" | b"int64"
            | b"uint8" | b"uint16" | b"uint32" | b"uint64" | b"float32" | b"float64" | b"mp3"
            | b"mp4" | b"h264" | b"h265" | b"gp2" | b"gp3" | b"io1" | b"io2"
    );
    known
}

/// Returns whether the word is a method of HTTP, which belongs to the path behind it.
pub(super) fn is_method(text: &[u8]) -> bool {
    matches!(
        text,
        b"GET"
            | b"HEAD"
            | b"POST"
            | b"PUT"
            | b"PATCH"
            | b"DELETE"
            | b"OPTIONS"
            | b"CONNECT"
            | b"TRACE"
    )
}

/// A word of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Calendar {
    Month,
    Weekday,
}

/// Returns which word of the calendar the three letters are.
pub(super) fn calendar(text: &[u8]) -> Option<Calendar> {
    let [a, b, c] = *text else { return None };
    match &[a | 32, b | 32, c | 32] {
        b"jan" | b"feb" | b"mar" | b"apr" | b"may" | b"jun" | b"jul" | b"aug" | b"sep" | b"oct"
        | b"nov" | b"dec" => Some(Calendar::Month),
        b"mon" | b"tue" | b"wed" | b"thu" | b"fri" | b"sat" | b"sun" => Some(Calendar::Weekday),
        _ => None,
    }
}

fn is_top_level_domain(label: &[u8]) -> bool {
    matches!(
        label,
        b"com"
            | b"net"
            | b"org"
            | b"edu"
            | b"gov"
            | b"mil"
            | b"io"
            | b"info"
            | b"biz"
            | b"dev"
            | b"app"
            | b"cloud"
            | b"local"
            | b"internal"
            | b"lan"
            | b"localdomain"
            | b"arpa"
    )
}

/// Returns whether the text is a host name, with or without a port.
fn is_host(text: &[u8]) -> bool {
    let colon = text.iter().position(|&byte| byte == b':');
    let name = colon.map_or(text, |at| &text[..at]);
    if let Some(at) = colon {
        let port = &text[at + 1..];
        if port.is_empty() || !port.iter().all(u8::is_ascii_digit) {
            return false;
        }
        let label = |label: &[u8]| {
            !label.is_empty()
                && label
                    .iter()
                    .all(|&c| c.is_ascii_alphanumeric() || c == b'_' || c == b'-')
        };
        if name.contains(&b'.') && name.split(|&byte| byte == b'.').all(label) {
            return true;
        }
    }
    let (mut labels, mut last): (usize, &[u8]) = (0, b"");
    for label in name.split(|&byte| byte == b'.') {
        let fits = |&c: &u8| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
        if label.is_empty() || label[0] == b'-' || !label.iter().all(fits) {
            return false;
        }
        labels += 1;
        last = label;
    }
    let country = last.len() == 2 && last.iter().all(u8::is_ascii_lowercase);
    labels >= 2 && is_top_level_domain(last) || labels >= 3 && country
}

fn is_email(text: &[u8]) -> bool {
    let Some(at) = text.iter().position(|&byte| byte == b'@') else {
        return false;
    };
    let (user, host) = (&text[..at], &text[at + 1..]);
    let label = |label: &[u8]| {
        !label.is_empty()
            && label
                .iter()
                .all(|&c| c.is_ascii_alphanumeric() || c == b'-')
    };
    !user.is_empty()
        && user
            .iter()
            .all(|&c| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'_' | b'%' | b'+' | b'-'))
        && host.contains(&b'.')
        && host.split(|&byte| byte == b'.').all(label)
}

fn is_ipv6(text: &[u8]) -> bool {
    let end = text
        .iter()
        .position(|&c| c == b'%' || c == b'/')
        .unwrap_or(text.len());
    let address = &text[..end];
    address
        .iter()
        .all(|&c| is(c, DIGIT | HEX_LETTER) || c == b':')
        && address.iter().filter(|&&c| c == b':').count() >= 2
        && (address.iter().any(u8::is_ascii_digit) || address.windows(2).any(|pair| pair == b"::"))
}

/// Returns whether the text begins with a scheme and `://`.
fn is_url(text: &[u8]) -> bool {
    let Some(colon) = text.iter().position(|&c| c == b':') else {
        return false;
    };
    colon > 0
        && text[colon + 1..].starts_with(b"//")
        && text[0].is_ascii_alphabetic()
        && text[..colon]
            .iter()
            .all(|&c| c.is_ascii_alphanumeric() || matches!(c, b'+' | b'.' | b'-'))
}

/// Returns whether a run without blanks is one value, whatever it is made of: a URL, a path, an
/// ARN, a UUID, a hardware or IPv6 address, an e-mail address or a host.
pub(super) fn is_whole_value(text: &[u8]) -> bool {
    let (mut colons, mut dots, mut ats, mut dashes) = (0, 0, 0, 0);
    let (mut hex_only, mut any) = (true, false);
    for &byte in text {
        match byte {
            b':' => colons += 1,
            b'.' => dots += 1,
            b'@' => ats += 1,
            b'-' => dashes += 1,
            _ => {}
        }
        any |= is(byte, DIGIT | ALPHA);
        hex_only &= is(byte, DIGIT | HEX_LETTER) || byte == b':' || byte == b'-';
    }
    if !any {
        return false;
    }
    match text[0] {
        b'/' => return text.len() > 1 && text[1] != b'/' && text[1] != b'*',
        b'\\' => return true,
        _ => {}
    }
    if text.len() > 2 && text[0].is_ascii_alphabetic() && text[1] == b':' && text[2] == b'\\' {
        return true;
    }
    let marks = |places: &[usize], fits: fn(u8) -> bool| places.iter().all(|&at| fits(text[at]));
    if hex_only && dashes == 4 && text.len() == 36 && marks(&[8, 13, 18, 23], |c| c == b'-') {
        return true;
    }
    let between = |c: u8| c == b':' || c == b'-';
    if hex_only
        && text.len() == 17
        && (colons == 5 || dashes == 5)
        && marks(&[2, 5, 8, 11, 14], between)
    {
        return true;
    }
    colons > 0 && is_url(text)
        || colons >= 5 && text.starts_with(b"arn:aws")
        || colons >= 2 && dashes == 0 && is_ipv6(text)
        || ats == 1 && dots > 0 && is_email(text)
        || dots > 0 && is_host(text)
}

/// Writes a run of letters and digits with its numbers masked; returns whether all of it is one
/// value (then nothing is written).
fn mask_segment(segment: &[u8], out: &mut Vec<u8>) -> bool {
    let digits = segment.iter().filter(|byte| byte.is_ascii_digit()).count();
    if digits == segment.len() {
        return true;
    }
    if digits == 0 || is_name_with_digits(segment) {
        out.extend_from_slice(segment);
        return false;
    }
    if segment.len() > 1 && segment[0] == b'0' && (segment[1] | 32) == b'x' {
        return true;
    }
    // `C12345` is a thing with a number, as `C123` is, and no number in hexadecimal.
    let numbered = segment[1..].iter().all(u8::is_ascii_digit);
    if segment.len() >= 6 && !numbered && segment.iter().all(|&c| is(c, DIGIT | HEX_LETTER)) {
        return true;
    }
    let leading = segment
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    if leading > 0 && is_unit(&segment[leading..]) {
        return true;
    }
    let turns = segment
        .windows(2)
        .filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit())
        .count();
    if turns >= 3 && segment.len() >= 5 || segment.len() >= 16 {
        return true;
    }
    let mut at = 0;
    while at < segment.len() {
        if segment[at].is_ascii_digit() {
            out.extend_from_slice(MASK);
            while at < segment.len() && segment[at].is_ascii_digit() {
                at += 1;
            }
        } else {
            out.push(segment[at]);
            at += 1;
        }
    }
    false
}

/// What a run without blanks and brackets is.
pub(super) enum WordPart {
    /// The word as it stands.
    Word,
    /// One value.
    Value,
    /// A word that holds values; its masked text has been appended.
    Mixed,
}

/// Returns what a run of letters, digits and glue is; appends the masked text of a mixed word.
pub(super) fn classify(text: &[u8], out: &mut Vec<u8>) -> WordPart {
    let (mut digit, mut slashes, mut backslashes) = (false, 0, 0);
    for &byte in text {
        digit |= byte.is_ascii_digit();
        slashes += usize::from(byte == b'/');
        backslashes += usize::from(byte == b'\\');
    }
    if slashes >= 2 || backslashes >= 2 {
        return WordPart::Value;
    }
    if !digit || is_name_with_digits(text) {
        return WordPart::Word;
    }
    let start = out.len();
    let mut at = 0;
    while at < text.len() {
        if is(text[at], GLUE) {
            out.push(text[at]);
            at += 1;
            continue;
        }
        let length = text[at..]
            .iter()
            .position(|&c| is(c, GLUE))
            .unwrap_or(text.len() - at);
        if mask_segment(&text[at..at + length], out) {
            // A value, separators, a value: one value.
            let mut end = out.len();
            while end > start && is(out[end - 1], GLUE) {
                end -= 1;
            }
            if end >= start + MASK.len() && out[start..end].ends_with(MASK) {
                out.truncate(end);
            } else {
                out.extend_from_slice(MASK);
            }
        }
        at += length;
    }
    if is_value_only(&out[start..]) {
        out.truncate(start);
        return WordPart::Value;
    }
    if out[start..]
        .windows(MASK.len())
        .any(|window| window == MASK)
    {
        return WordPart::Mixed;
    }
    out.truncate(start);
    WordPart::Word
}

/// Returns whether nothing but a mask and glue is left: `-<*>`, `<*>%`.
fn is_value_only(masked: &[u8]) -> bool {
    masked.windows(MASK.len()).any(|window| window == MASK)
        && masked
            .iter()
            .all(|&c| is(c, GLUE) || matches!(c, b'<' | b'>'))
}
