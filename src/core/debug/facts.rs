//! The errors of a text with everything that it says about each.

use std::sync::LazyLock;

use regex::Regex;

use super::address::Address;
use super::call::call;
use super::category::categorize;
use super::diagnostic::Diagnostic;
use super::diagnostics::diagnostics;
use super::follow::follows;
use super::found::FoundError;
use super::identity::{action, issue_id};
use super::normalise::normalise;
use crate::model::debug::ErrorFacts;
use crate::text::Untrusted;

/// `creating IAM Role (orders-api): …`: what AWS calls the resource.
static IN_PARENTHESES: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"(?is)^(?:error |failed )*\s*[a-z]+(?:ing|e|t)?\b[^():]*?(?:\([A-Z][^()]*\) [^():]*?)?\(([^()\s]+)\)";
    Regex::new(pattern).expect("a constant pattern")
});
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r#"(?i)\b(?:with (?:the )?(?:name|id|identifier)|named|called|already exists?:|not found:)\s+["'`]?([\w./:@+-]*\w)"#;
    Regex::new(pattern).expect("a constant pattern")
});

/// The errors of a text, in order; the same fault at several addresses is one error. Empty where
/// the text holds nothing that looks like an error.
pub fn errors(text: &str) -> Vec<FoundError> {
    let mut found: Vec<FoundError> = Vec::new();
    let read = diagnostics(text).into_iter().map(|one| found_error(&one));
    for one in read {
        match found.iter_mut().find(|known| known.id == one.id) {
            Some(known) => {
                let known_at = known.facts.address.iter().chain(&known.also_at);
                let new = one
                    .facts
                    .address
                    .filter(|at| !known_at.clone().any(|k| k == at));
                known.also_at.extend(new);
            }
            None => found.push(one),
        }
    }
    let links = follows(&found);
    for (one, follows) in found.iter_mut().zip(links) {
        one.follows = follows;
    }
    found
}

/// All of a text as one error, for texts that nothing marks as one.
pub(super) fn whole_as_error(text: &str) -> Vec<FoundError> {
    let summary = text.trim();
    let one = Diagnostic {
        summary: summary.to_owned(),
        ..Diagnostic::default()
    };
    match summary.is_empty() {
        true => Vec::new(),
        false => vec![found_error(&one)],
    }
}

fn found_error(one: &Diagnostic) -> FoundError {
    let (facts, normalised) = facts(one);
    let text = |value: &Option<Untrusted>| value.as_ref().map_or("", Untrusted::raw).to_owned();
    let action = action(&facts, &one.summary);
    let (code, resource_type) = (text(&facts.code), text(&facts.resource_type));
    FoundError {
        id: issue_id(&code, action, &resource_type, &normalised),
        category: categorize(&facts),
        action,
        facts,
        normalised,
        also_at: Vec::new(),
        follows: None,
    }
}

fn facts(one: &Diagnostic) -> (ErrorFacts, String) {
    let mut call = call(&one.summary);
    if call.code.is_none() && call.operation.is_none() && !one.detail.is_empty() {
        let inner = super::call::call(&one.detail);
        let paragraph = one.detail.split("\n\n").next().unwrap_or_default();
        call = match inner.code.is_some() || inner.operation.is_some() {
            true => inner,
            false => super::call::call(&format!("{}: {paragraph}", one.summary)),
        };
    }
    let address = one
        .address
        .as_deref()
        .map(Address::parse)
        .unwrap_or_default();
    let name = resource_name(&one.summary, &call.message);
    let names: Vec<&str> = name.as_deref().into_iter().collect();
    let normalised = normalise(&call.message, &names);
    let text = |value: Option<String>| value.map(Untrusted::new);
    let facts = ErrorFacts {
        code: text(call.code),
        service: text(call.service),
        operation: text(call.operation),
        http_status: call.status,
        message: Untrusted::new(call.message),
        whole: Untrusted::new(one.whole()),
        address: text(one.address.clone()),
        resource_type: text(address.resource_type.or_else(|| one.block_type.clone())),
        resource_name: text(name),
        terraform_module: text(address.module),
        file: text(one.file.clone()),
        line: one.line,
    };
    (facts, normalised)
}

fn resource_name(summary: &str, message: &str) -> Option<String> {
    let found = IN_PARENTHESES
        .captures(summary)
        .or_else(|| NAMED.captures(message))?;
    let name = found[1].to_owned();
    // `Lambda Function (1)` counts, and names nothing.
    (!name.chars().all(|c| c.is_ascii_digit())).then_some(name)
}
