//! What a user's kind takes from the built-in one that it replaces.

use crate::catalog::kinds::kind::Kind;
use crate::catalog::registry::folders;

/// A kind that reads the state as the built-in one does, and says nothing of states, keeps its
/// table: the code that reads the state gives the words, and only a table says what they mean.
pub(super) fn states(id: &str, kind: &mut Kind) {
    let Some(status) = kind.status.as_mut().filter(|s| s.states.is_empty()) else {
        return;
    };
    let built_in = folders::KINDS.files.iter().find(|(known, _)| *known == id);
    let built_in = built_in.and_then(|(_, text)| toml::from_str::<Kind>(text).ok());
    let Some(theirs) = built_in.and_then(|kind| kind.status) else {
        return;
    };
    status.word = status.word.take().or(theirs.word);
    status.states = theirs.states;
    if status.reads.is_empty() {
        status.reads = theirs.reads;
    }
    for (name, unit) in theirs.facts {
        status.facts.entry(name).or_insert(unit);
    }
}
