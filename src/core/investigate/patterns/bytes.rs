//! Classes of bytes, looked up in a table: the lexer sees every byte of every line.

pub(super) const DIGIT: u8 = 1;
pub(super) const ALPHA: u8 = 2;
/// `a` to `f`, in either case.
pub(super) const HEX_LETTER: u8 = 4;
/// Ends a word inside a run without blanks.
pub(super) const BREAK: u8 = 8;
/// Stands inside words: `a-b`, `a.b`.
pub(super) const GLUE: u8 = 16;
pub(super) const BLANK: u8 = 32;
/// Stands around words and is no part of them.
pub(super) const EDGE: u8 = 64;

pub(super) static CLASS: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0_u8; 256];
    let mut byte = 0_u8;
    loop {
        table[byte as usize] = class_of(byte);
        if byte == u8::MAX {
            return table;
        }
        byte += 1;
    }
}

const fn class_of(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => DIGIT,
        b'a'..=b'f' | b'A'..=b'F' => ALPHA | HEX_LETTER,
        b'g'..=b'z' | b'G'..=b'Z' | 128..=u8::MAX => ALPHA,
        b'=' | b'|' => BREAK,
        b':' | b',' | b';' | b'(' | b')' | b'[' | b']' | b'{' | b'}' => BREAK | EDGE,
        b'"' | b'\'' | b'<' | b'>' | b'`' => BREAK | EDGE,
        b'.' | b'_' | b'-' | b'/' | b'\\' | b'#' | b'@' | b'~' | b'+' => GLUE,
        b'*' | b'$' | b'&' | b'%' | b'!' | b'?' | b'^' => GLUE,
        // Control characters separate words like blanks.
        0..=b' ' | 127 => BLANK,
    }
}

#[inline]
pub(super) fn is(byte: u8, class: u8) -> bool {
    CLASS[byte as usize] & class != 0
}

#[inline]
pub(super) fn mix(hash: u64, value: u64) -> u64 {
    (hash ^ value)
        .wrapping_mul(0xff51_afd7_ed55_8ccd)
        .rotate_left(29)
}

/// A 64-bit hash that is the same on every machine and in every run. Never 0.
#[inline]
pub(super) fn hash(text: &[u8]) -> u64 {
    let mut state = text.len() as u64 ^ 0x517c_c1b7_2722_0a95;
    let mut words = text.chunks_exact(8);
    for word in &mut words {
        let mut bytes = [0_u8; 8];
        bytes.copy_from_slice(word);
        state = mix(state, u64::from_le_bytes(bytes));
    }
    let rest = words.remainder();
    if !rest.is_empty() {
        let mut bytes = [0_u8; 8];
        bytes[..rest.len()].copy_from_slice(rest);
        state = mix(state, u64::from_le_bytes(bytes));
    }
    state | 1
}
