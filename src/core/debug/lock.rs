//! The lock of a state, from the message that says so.

use std::sync::LazyLock;

use regex::Regex;

use crate::model::debug::StateLock;
use crate::text::Untrusted;

static FIELD: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"(?m)^[\s│|]*(ID|Path|Operation|Who|Version|Created|Info):[ \t]*(.*?)[ \t]*$";
    Regex::new(pattern).expect("a constant pattern")
});

/// The lock that a text describes below `Lock Info:`.
pub fn state_lock(text: &str) -> Option<StateLock> {
    let (_, info) = text.split_once("Lock Info:")?;
    let field = |name: &str| {
        let mut found = FIELD.captures_iter(info);
        let found = found.find(|found| &found[1] == name)?;
        let value = found[2].to_owned();
        (!value.is_empty()).then(|| Untrusted::new(value))
    };
    Some(StateLock {
        id: field("ID")?,
        path: field("Path"),
        operation: field("Operation"),
        who: field("Who"),
        created: field("Created"),
    })
}
