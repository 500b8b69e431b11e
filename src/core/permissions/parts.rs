//! A long log in parts that are read one by one.

/// The longest part, in bytes.
const LONGEST: usize = 300_000;
/// How many lines at the end of a part are looked at for a place to part it.
const LINES: usize = 200;
/// How far from such a place nothing tells of a denial, in bytes.
const NEAR: usize = 400;
/// Words that a denial has, one of them in every few hundred bytes.
const TELLING: [&[u8]; 3] = [b"arn:", b"author", b"perform"];

/// The parts of a text, parted where no denial is told.
pub(super) fn parts(text: &str) -> Vec<&str> {
    let mut all = Vec::new();
    let mut rest = text;
    while rest.len() > LONGEST {
        let (part, next) = rest.split_at(part_end(rest));
        all.push(part);
        rest = next;
    }
    all.push(rest);
    all
}

/// Where the first part of a long text ends: behind a line, where that is possible.
fn part_end(text: &str) -> usize {
    let most = (1..=LONGEST).rev().find(|&end| text.is_char_boundary(end));
    let most = most.unwrap_or(text.len());
    let breaks = text[..most].rmatch_indices('\n').take(LINES);
    let breaks: Vec<usize> = breaks.map(|(place, _)| place + 1).collect();
    let quiet = breaks.iter().find(|&&place| is_quiet(text, place));
    quiet.or(breaks.first()).copied().unwrap_or(most)
}

fn is_quiet(text: &str, place: usize) -> bool {
    let end = text.len().min(place + NEAR);
    let around = &text.as_bytes()[place.saturating_sub(NEAR)..end];
    let has = |word: &[u8]| {
        let mut pieces = around.windows(word.len());
        pieces.any(|piece| piece.eq_ignore_ascii_case(word))
    };
    !TELLING.iter().any(|&word| has(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DENIED: &str = "User: arn:aws:iam::123456789012:user/a is not authorized to perform:\n\
                          sqs:CreateQueue on resource: arn:aws:sqs:eu-west-1:123456789012:mail\n";

    #[test]
    fn a_text_is_parted_beside_its_denials() {
        let quiet = "é is fetched\n".repeat(60);
        for ahead in [LONGEST - 890, LONGEST - 10, LONGEST + 5] {
            let lines = "a line of a log\n".repeat(ahead / 16);
            let text = format!("{lines}{quiet}{DENIED}{quiet}{lines}");
            let all = parts(&text);
            assert_eq!(all.concat(), text);
            assert!(all.len() > 1 && all.iter().all(|part| part.len() <= LONGEST));
            assert!(all.iter().any(|part| part.contains(DENIED)), "{ahead}");
        }
    }

    #[test]
    fn what_has_no_lines_is_parted_all_the_same() {
        let text = "é".repeat(LONGEST);
        let all = parts(&text);
        assert_eq!(all.concat(), text);
        assert!(all.iter().all(|part| part.len() <= LONGEST));
        assert_eq!(parts("short"), ["short"]);
        assert_eq!(parts(""), [""]);
    }
}
