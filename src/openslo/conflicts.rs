//! Service levels of one file that set the same: an indicator of a resource has one target.

use std::collections::BTreeMap;

use super::outcome::{Edit, Import, Level, Note, quoted};
use crate::text::Untrusted;

/// Leaves out all that contradict each other, because nothing says which of them is meant. What
/// says the same more than once is taken once.
pub(super) fn remove(import: &mut Import) {
    let mut by_place: BTreeMap<(String, String), Vec<Edit>> = BTreeMap::new();
    for edit in import.edits.drain(..) {
        let place = (edit.resource.clone(), edit.sli.clone());
        by_place.entry(place).or_default().push(edit);
    }
    for same in by_place.into_values() {
        let Some((first, rest)) = same.split_first() else {
            continue;
        };
        let agrees = |other: &Edit| {
            (other.target.to_bits(), other.window_days)
                == (first.target.to_bits(), first.window_days)
        };
        if rest.iter().all(agrees) {
            import
                .notes
                .extend(rest.iter().map(|other| repeats(other, first)));
            import.edits.push(first.clone());
            continue;
        }
        for (index, edit) in same.iter().enumerate() {
            let others = same.iter().enumerate().filter(|(other, _)| *other != index);
            let others: Vec<&Edit> = others.map(|(_, other)| other).collect();
            import.notes.push(contradicts(edit, &others));
        }
    }
    import.edits.sort_by_key(|edit| edit.line);
}

fn repeats(edit: &Edit, first: &Edit) -> Note {
    let (name, first_name) = (quoted(&edit.slo), quoted(&first.slo));
    let text = format!(
        "SLO {name} says the same as {first_name} at line {}",
        first.line
    );
    Note {
        line: edit.line,
        level: Level::Noted,
        text: Untrusted::new(text),
    }
}

fn contradicts(edit: &Edit, others: &[&Edit]) -> Note {
    const MOST: usize = 5;
    let mut named: Vec<String> = others
        .iter()
        .take(MOST)
        .map(|other| format!("{} (line {})", quoted(&other.slo), other.line))
        .collect();
    if others.len() > MOST {
        named.push(format!("{} more", others.len() - MOST));
    }
    let text = format!(
        "SLO {} is left out: {} of {} has one target, and {} set another; keep one of them",
        quoted(&edit.slo),
        edit.sli,
        quoted(&edit.resource),
        named.join(", ")
    );
    Note {
        line: edit.line,
        level: Level::LeftOut,
        text: Untrusted::new(text),
    }
}
