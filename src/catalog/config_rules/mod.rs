//! Managed rules of AWS Config: which checks ask the same question. Identifiers alone.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::catalog::registry::folders;

static RULES: LazyLock<BTreeMap<String, Vec<String>>> = LazyLock::new(|| {
    let (_, text) = folders::CONFIG_RULES.files[0];
    toml::from_str(text).expect("tests rule out that the built-in file is faulty")
});

/// Returns the checks that ask what a managed rule asks (`S3_BUCKET_LOGGING_ENABLED`); none for
/// a rule that no check is like.
pub fn checks_of(identifier: &str) -> &'static [String] {
    RULES.get(identifier).map_or(&[], Vec::as_slice)
}

/// Returns every rule that checks are like, by its identifier.
pub fn built_in() -> &'static BTreeMap<String, Vec<String>> {
    &RULES
}
