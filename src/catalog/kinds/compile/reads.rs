//! Whether the status call of a kind makes sense, and what is told by it.

use std::collections::BTreeSet;

use crate::catalog::kinds::kind::Kind;
use crate::catalog::placeholders::placeholders;
use crate::catalog::registry::{Fault, Step};

/// Checks the reads of a kind. They know the names of the resource, which `known` tells, and the
/// texts that those before them found; `groups` are those of the ARN.
pub(super) fn check(
    kind: &Kind,
    known: &dyn Fn(&str) -> bool,
    groups: &BTreeSet<String>,
) -> Result<(), Fault> {
    if let Some(status) = &kind.status {
        for (index, read) in status.reads.iter().enumerate() {
            let before = &status.reads[..index];
            let found = |name: &str| before.iter().any(|it| it.facts.contains_key(name));
            let known = |name: &str| known(name) || found(name);
            read.check(index, &status.operations, &known, &status.facts)?;
        }
    }
    let wrong = |message: String| {
        let at: [Step; 2] = ["names".into(), "shown".into()];
        Fault::new(at, message)
    };
    let shown = kind.names.shown.as_deref().unwrap_or_default();
    let names = placeholders(shown).map_err(wrong)?;
    let is_known = |name: &str| groups.contains(name) || kind.has_fact(name);
    match names.iter().find(|(name, _)| !is_known(name)) {
        None => Ok(()),
        Some((name, _)) => Err(wrong(format!(
            "`{{{name}}}` is no named group of `names.arn` and no fact"
        ))),
    }
}
