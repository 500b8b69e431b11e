//! Three-way merges of text, by lines: what was generated last, the file as people have edited it,
//! and what would be generated now. Spaces alone do not make a line another one, so that aligning
//! `=` anew is no conflict.

use crate::model::design::MergeConflict;
use similar::{Algorithm, DiffOp, capture_diff_slices};

/// What a merge comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextMerge {
    /// Both sides' changes in one text.
    Clean(String),
    /// Places where both sides changed the same lines.
    Conflicts(Vec<MergeConflict>),
}

/// Merges. A file with CRLF keeps it, and so does one with a byte order mark.
pub fn merge(base: &str, ours: &str, theirs: &str) -> TextMerge {
    let base_lines = lines(base);
    let our_lines = lines(ours);
    let their_lines = lines(theirs);
    let to_ours = matches(&base_lines, &our_lines);
    let to_theirs = matches(&base_lines, &their_lines);
    let ending = ending(ours);
    let (mut out, mut conflicts) = (String::new(), Vec::new());
    let (mut at, mut at_ours, mut at_theirs) = (0, 0, 0);
    loop {
        let stable = (at..base_lines.len())
            .find_map(|index| Some((index, to_ours[index]?, to_theirs[index]?)));
        let (end, ours_end, theirs_end) =
            stable.unwrap_or((base_lines.len(), our_lines.len(), their_lines.len()));
        let region = Region {
            base: &base_lines[at..end],
            ours: &our_lines[at_ours..ours_end],
            theirs: &their_lines[at_theirs..theirs_end],
        };
        match region.resolve() {
            Some(MergeSide::Ours) => out.extend(region.ours.iter().copied()),
            Some(MergeSide::Theirs) => {
                region
                    .theirs
                    .iter()
                    .for_each(|line| out.push_str(&with_ending(line, ending)));
            }
            None => conflicts.push(MergeConflict {
                line: at_ours + 1,
                base: region.base.concat(),
                ours: region.ours.concat(),
                theirs: region.theirs.concat(),
            }),
        }
        if stable.is_none() {
            break;
        }
        let (old, own, new) = (
            base_lines[end],
            our_lines[ours_end],
            their_lines[theirs_end],
        );
        match own.trim_end_matches(['\r', '\n']) == old.trim_end_matches(['\r', '\n']) {
            // Where a file ends without a newline, it goes on ending without one.
            true => out.push_str(&with_ending(new, line_ending(own).unwrap_or(ending))),
            false => out.push_str(own),
        }
        (at, at_ours, at_theirs) = (end + 1, ours_end + 1, theirs_end + 1);
    }
    match conflicts.is_empty() {
        true => TextMerge::Clean(out),
        false => TextMerge::Conflicts(conflicts),
    }
}

enum MergeSide {
    Ours,
    Theirs,
}

/// Lines between those that all three have.
struct Region<'a> {
    base: &'a [&'a str],
    ours: &'a [&'a str],
    theirs: &'a [&'a str],
}

impl Region<'_> {
    fn resolve(&self) -> Option<MergeSide> {
        let keys = |lines: &[&str]| lines.iter().map(|line| key(line)).collect::<Vec<_>>();
        let (base, ours, theirs) = (keys(self.base), keys(self.ours), keys(self.theirs));
        if theirs == base || ours == theirs {
            Some(MergeSide::Ours)
        } else if ours == base {
            Some(MergeSide::Theirs)
        } else {
            None
        }
    }
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// What a line says, whatever its spaces.
fn key(line: &str) -> String {
    let line = line.strip_prefix('\u{feff}').unwrap_or(line);
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// For each line of `from`, the line of `to` that is the same.
fn matches(from: &[&str], to: &[&str]) -> Vec<Option<usize>> {
    let keys = |lines: &[&str]| lines.iter().map(|line| key(line)).collect::<Vec<_>>();
    let mut out = vec![None; from.len()];
    for op in capture_diff_slices(Algorithm::Patience, &keys(from), &keys(to)) {
        if let DiffOp::Equal {
            old_index,
            new_index,
            len,
        } = op
        {
            for step in 0..len {
                out[old_index + step] = Some(new_index + step);
            }
        }
    }
    out
}

/// How most lines of a text end.
fn ending(text: &str) -> &'static str {
    let with = text.matches("\r\n").count();
    match with * 2 > text.matches('\n').count() {
        true => "\r\n",
        false => "\n",
    }
}

fn line_ending(line: &str) -> Option<&'static str> {
    match (line.ends_with("\r\n"), line.ends_with('\n')) {
        (true, _) => Some("\r\n"),
        (false, true) => Some("\n"),
        (false, false) => None,
    }
}

fn with_ending(line: &str, ending: &str) -> String {
    match line.strip_suffix('\n') {
        Some(text) => format!("{}{ending}", text.trim_end_matches('\r')),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "a = 1\nb = 2\n\nc = 3\n\nd = 4\n";

    fn clean(base: &str, ours: &str, theirs: &str) -> String {
        match merge(base, ours, theirs) {
            TextMerge::Clean(text) => text,
            TextMerge::Conflicts(conflicts) => format!("{conflicts:?}"),
        }
    }

    #[test]
    fn changes_of_both_sides_come_together() {
        let ours = BASE.replace("a = 1", "a = 9");
        let theirs = BASE.replace("d = 4", "d = 4\ne = 5");
        assert_eq!(
            clean(BASE, &ours, &theirs),
            "a = 9\nb = 2\n\nc = 3\n\nd = 4\ne = 5\n"
        );
        assert_eq!(clean(BASE, &ours, BASE), ours);
        assert_eq!(clean(BASE, BASE, &theirs), theirs);
        assert_eq!(clean(BASE, &theirs, &theirs), theirs);
        // Aligned anew, and edited.
        let aligned = "a       = 1\nb       = 2\nlongest = 3\n\nc = 3\n\nd = 4\n";
        assert_eq!(
            clean(BASE, &ours, aligned),
            "a = 9\nb       = 2\nlongest = 3\n\nc = 3\n\nd = 4\n"
        );
    }

    #[test]
    fn the_same_lines_changed_are_a_conflict() {
        let ours = BASE.replace("c = 3", "c = 9");
        let theirs = BASE.replace("c = 3", "c = 4");
        let conflict = MergeConflict {
            line: 4,
            base: "c = 3\n".to_owned(),
            ours: "c = 9\n".to_owned(),
            theirs: "c = 4\n".to_owned(),
        };
        assert_eq!(
            merge(BASE, &ours, &theirs),
            TextMerge::Conflicts(vec![conflict])
        );
    }

    #[test]
    fn a_file_keeps_its_line_ends_and_its_mark() {
        let ours = format!(
            "\u{feff}{}",
            BASE.replace("a = 1", "a = 9").replace('\n', "\r\n")
        );
        let theirs = BASE.replace("d = 4", "d = 4\ne = 5");
        let want = "\u{feff}a = 9\r\nb = 2\r\n\r\nc = 3\r\n\r\nd = 4\r\ne = 5\r\n";
        assert_eq!(clean(BASE, &ours, &theirs), want);
    }
}
