//! What the codes of AWS's errors are about, and which of them say all by themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;

use crate::catalog::registry::folders;
use crate::model::debug::ErrorCategory;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    says_all: BTreeSet<String>,
    categories: BTreeMap<ErrorCategory, Vec<String>>,
}

#[derive(Debug)]
struct Codes {
    says_all: BTreeSet<String>,
    categories: BTreeMap<String, ErrorCategory>,
}

static CODES: LazyLock<Codes> = LazyLock::new(|| {
    let (_, text) = folders::ERROR_CODES.files[0];
    let form: Form = toml::from_str(text).expect("a test reads the embedded list");
    let mut categories = BTreeMap::new();
    for (category, codes) in &form.categories {
        categories.extend(codes.iter().map(|code| (stem(code), *category)));
    }
    Codes {
        says_all: form.says_all.iter().map(|code| stem(code)).collect(),
        categories,
    }
});

/// The code as it is compared: lower case, without `Exception`, `Error` or `Fault` at its end,
/// which some protocols leave out.
pub fn stem(code: &str) -> String {
    let code = code.to_lowercase();
    let short = ["exception", "fault", "error"]
        .iter()
        .find_map(|end| code.strip_suffix(end))
        .filter(|short| short.len() > 4)
        .map(str::to_owned);
    short.unwrap_or(code)
}

/// What a code is about; `None` where it is not known, or says too little.
pub fn category(code: &str) -> Option<ErrorCategory> {
    CODES.categories.get(&stem(code)).copied()
}

/// Whether a code says all: whatever the message adds, it is the same fault.
pub fn says_all(code: &str) -> bool {
    CODES.says_all.contains(&stem(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_compared_without_their_ends() {
        for (code, category_of) in [
            ("AccessDeniedException", Some(ErrorCategory::Permission)),
            ("AccessDenied", Some(ErrorCategory::Permission)),
            ("ThrottlingException", Some(ErrorCategory::Transient)),
            ("VpcLimitExceeded", Some(ErrorCategory::Quota)),
            ("BucketAlreadyOwnedByYou", Some(ErrorCategory::Resource)),
            ("InvalidParameterValue", None),
            ("LimitExceededException", None),
            ("", None),
        ] {
            assert_eq!(category(code), category_of, "{code}");
        }
        assert!(says_all("BucketAlreadyOwnedByYou"));
        assert!(!says_all("InvalidParameterValueException"));
        assert!(!says_all("Error"), "a stem is never empty");
    }

    #[test]
    fn no_code_is_about_two_things() {
        let (_, text) = folders::ERROR_CODES.files[0];
        let form: Form = toml::from_str(text).expect("the list");
        let all = form.categories.values().flatten().map(|code| stem(code));
        let mut seen = BTreeSet::new();
        for code in all {
            assert!(seen.insert(code.clone()), "{code} is listed twice");
        }
        for code in &form.says_all {
            assert!(seen.contains(&stem(code)), "{code} has no category");
        }
    }
}
