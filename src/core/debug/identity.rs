//! The id of an issue: the same for the same fault, whatever the provider's version.

use sha2::{Digest, Sha256};

use super::call::verb;
use crate::catalog::error_codes;
use crate::model::debug::ErrorFacts;
use crate::text::Untrusted;

/// Digits of an id: enough for any log, and short enough to be typed.
const DIGITS: usize = 12;

/// What was done, from the wrapper of the message or from the operation.
pub(super) fn action(facts: &ErrorFacts, summary: &str) -> &'static str {
    verb(summary, facts.operation.as_ref().map(Untrusted::raw))
}

/// The id of an error: of its code, what was done, the type of the resource and the innermost
/// message. A code that says all by itself stands alone, because AWS leaves out the message in
/// some versions and protocols.
pub(super) fn issue_id(code: &str, action: &str, resource_type: &str, normalised: &str) -> String {
    let (action, message) = match error_codes::says_all(code) {
        true => ("", String::new()),
        false => (action, normalised.to_lowercase()),
    };
    let code = error_codes::stem(code);
    let key = [code.as_str(), action, resource_type, message.as_str()].join("\u{1f}");
    let digest = hex::encode(Sha256::digest(key.as_bytes()));
    digest[..DIGITS].to_owned()
}
