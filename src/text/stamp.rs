//! A mark at the end of a generated text, by which edits of it are seen.

use sha2::{Digest, Sha256};

const BEGIN: &str = "<!-- fractary: generated, do not edit: ";
const END: &str = " -->\n";
/// Hex digits of the mark.
const DIGITS: usize = 16;

/// What a mark says of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stamp {
    /// The text is as it was generated.
    Whole,
    /// It was edited.
    Edited,
    /// It has no mark.
    Missing,
}

/// Returns a text with its mark.
pub fn stamp(text: &str) -> String {
    let text = text.trim_end();
    format!("{text}\n\n{BEGIN}{}{END}", digest(text))
}

/// Returns what the mark of a text says. How git ends lines does not count.
pub fn read_stamp(text: &str) -> Stamp {
    let text = text.replace("\r\n", "\n");
    let Some((text, rest)) = text.rsplit_once(BEGIN) else {
        return Stamp::Missing;
    };
    match rest == format!("{}{END}", digest(text.trim_end())) {
        true => Stamp::Whole,
        false => Stamp::Edited,
    }
}

fn digest(text: &str) -> String {
    let mut hex = hex::encode(Sha256::digest(text.as_bytes()));
    hex.truncate(DIGITS);
    hex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_edit_is_seen() {
        let whole = stamp("# Dashboard\n\n- a\n");
        assert_eq!(read_stamp(&whole), Stamp::Whole);
        assert_eq!(read_stamp(&whole.replace('\n', "\r\n")), Stamp::Whole);
        assert_eq!(stamp(&whole).matches(BEGIN).count(), 2);
        for edited in [
            whole.replace("- a", "- b"),
            format!("{whole}more\n"),
            whole.replace("- a\n", ""),
            whole.replacen(BEGIN, &format!("{BEGIN}0"), 1),
        ] {
            assert_eq!(read_stamp(&edited), Stamp::Edited, "{edited}");
        }
        assert_eq!(read_stamp("# Dashboard\n"), Stamp::Missing);
    }
}
