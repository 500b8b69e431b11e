//! What an error is about: by its code first, by its words where the code says too little.

use crate::catalog::error_codes;
use crate::model::debug::{ErrorCategory, ErrorFacts};
use crate::text::Untrusted;

/// Words that decide, in this order, with what they decide. Lower case.
const WORDS: &[(ErrorCategory, &[&str])] = &[
    (
        ErrorCategory::State,
        &[
            "acquiring the state lock",
            "state lock",
            "lock info:",
            "state data in s3 does not have the expected content",
            "state snapshot was created by terraform",
            "saved plan is stale",
            "failed to save state",
            "failed to load state",
            "failed to persist state",
            "backend initialization required",
            "backend configuration changed",
            "resource already managed by terraform",
            "provider produced inconsistent",
            "provider configuration not present",
            "root object was present, but now absent",
            "inconsistent dependency lock file",
        ],
    ),
    (
        ErrorCategory::Permission,
        &[
            "not authorized",
            "access denied",
            "accessdenied",
            "explicit deny",
            "no valid credential",
            "unable to locate credentials",
            "security token included in the request",
            "token has expired",
            "failed to refresh cached credentials",
            "could not find profile",
            "error loading sso",
            "forbidden",
        ],
    ),
    (
        ErrorCategory::Transient,
        &[
            "rate exceeded",
            "too many requests",
            "throttl",
            "please try again",
            "try again later",
            "internal failure",
            "internal error",
            "service unavailable",
            "cannot be assumed by lambda",
            "conditional request failed due to conflicting operation",
            "operation is already in progress",
            "pending index",
            "currently being modified",
            "is currently in the following state",
            "conflicting conditional operation",
        ],
    ),
    (
        ErrorCategory::Network,
        &[
            "no such host",
            "connection refused",
            "connection reset",
            "i/o timeout",
            "dial tcp",
            "tls handshake",
            "x509:",
            "could not connect to the endpoint",
            "connect timeout on endpoint",
            "network is unreachable",
            "context deadline exceeded",
            "unexpected eof",
            "failed to query available provider packages",
        ],
    ),
    (
        ErrorCategory::Quota,
        &[
            "limit exceeded",
            "limitexceeded",
            "quota",
            "you have reached",
            "maximum number of",
            "exceeds the limit",
            "exceeds your current",
            "insufficient capacity",
            "do not have sufficient",
            "would exceed",
            "limit of",
        ],
    ),
    (
        ErrorCategory::Resource,
        &[
            "already exists",
            "already exist",
            "already own",
            "does not exist",
            "doesn't exist",
            "not found",
            "couldn't find resource",
            "is in use",
            "still in use",
            "currently in use",
            "has a dependent object",
            "has dependencies",
            "not empty",
            "must be empty",
            "timeout while waiting for state",
            "unexpected state",
            "already in use",
            "already been taken",
            "cannot be deleted",
            "must be detached",
            "must remove",
            "deletion protection",
        ],
    ),
    (
        ErrorCategory::Config,
        &[
            "invalid",
            "malformed",
            "unsupported",
            "required",
            "missing",
            "must be",
            "must have",
            "expected",
            "undeclared",
            "conflicts with",
            "not supported",
            "cannot be",
            "incorrect",
            "duplicate",
            "cycle:",
            "not valid",
            "validation",
            "failed to read",
        ],
    ),
];

/// What an error is about.
pub(super) fn categorize(facts: &ErrorFacts) -> ErrorCategory {
    let code = facts.code.as_ref().map_or("", Untrusted::raw);
    if let Some(category) = error_codes::category(code) {
        return category;
    }
    let text = format!("{} {}", facts.message.raw(), facts.whole.raw()).to_lowercase();
    let by_words = WORDS
        .iter()
        .find(|(_, words)| words.iter().any(|word| text.contains(word)));
    if let Some((category, _)) = by_words {
        return *category;
    }
    match facts.http_status {
        Some(401 | 403) => ErrorCategory::Permission,
        Some(404 | 409) => ErrorCategory::Resource,
        Some(429 | 500..=599) => ErrorCategory::Transient,
        Some(400) => ErrorCategory::Config,
        _ => ErrorCategory::Unknown,
    }
}
