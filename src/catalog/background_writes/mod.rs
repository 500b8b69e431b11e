//! Writes that CloudTrail records and that change nothing, as `events.toml` lists them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;

use crate::catalog::registry::folders;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BackgroundWrites {
    events: BTreeMap<String, BTreeSet<String>>,
}

static BUILT_IN: LazyLock<BackgroundWrites> = LazyLock::new(|| {
    let (_, list) = folders::BACKGROUND_WRITES.files[0];
    toml::from_str(list).expect("a test reads the embedded list")
});

/// Returns whether an event such as `UpdateInstanceInformation` of `ssm.amazonaws.com` is one of
/// them.
pub fn is_background(source: &str, event: &str) -> bool {
    let events = BUILT_IN.events.get(source);
    events.is_some_and(|events| events.contains(event))
}

#[cfg(test)]
mod tests {
    use super::is_background;

    #[test]
    fn what_agents_report_is_told_from_what_people_change() {
        assert!(is_background("logs.amazonaws.com", "CreateLogStream"));
        assert!(!is_background("logs.amazonaws.com", "DeleteLogGroup"));
        assert!(!is_background("lambda.amazonaws.com", "CreateLogStream"));
    }
}
