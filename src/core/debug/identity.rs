//! The id of an issue: the same for the same fault, whatever the provider's version.

use sha2::{Digest, Sha256};

use super::call::verb;
use crate::catalog::error_codes;
use crate::model::debug::ErrorFacts;
use crate::text::Untrusted;

/// Digits of an id: enough for any log, and short enough to be typed.
const DIGITS: usize = 12;

/// The id of an error: of its code, what was done, the type of the resource and the innermost
/// message. A code that says all by itself stands alone, because AWS leaves out the message in
/// some versions and protocols.
pub(super) fn issue_id(facts: &ErrorFacts, summary: &str, normalised: &str) -> String {
    let text = |value: &Option<Untrusted>| value.as_ref().map_or("", Untrusted::raw).to_owned();
    let code = text(&facts.code);
    let says_all = error_codes::says_all(&code);
    let (verb, message) = match says_all {
        true => ("", String::new()),
        false => {
            let operation = facts.operation.as_ref().map(Untrusted::raw);
            (verb(summary, operation), normalised.to_lowercase())
        }
    };
    of_parts(&code, verb, &text(&facts.resource_type), &message)
}

/// The id of these parts.
fn of_parts(code: &str, verb: &str, resource_type: &str, message: &str) -> String {
    let code = error_codes::stem(code);
    let key = [code.as_str(), verb, resource_type, message].join("\u{1f}");
    let digest = hex::encode(Sha256::digest(key.as_bytes()));
    digest[..DIGITS].to_owned()
}
