//! Whether the commands of a kind make sense.

use std::collections::BTreeSet;

use crate::catalog::kinds::command;
use crate::catalog::kinds::kind::Kind;
use crate::catalog::placeholders::placeholders;
use crate::catalog::registry::{Fault, Step};

/// Longest command in bytes.
const LONGEST_COMMAND: usize = 300;

/// Commands are lines over names that every ARN of the kind may give.
pub(super) fn check(kind: &Kind, groups: &BTreeSet<String>) -> Result<(), Fault> {
    let known = |name: &str| command::PLACEHOLDERS.contains(&name) || groups.contains(name);
    for (index, suggested) in kind.commands.iter().enumerate() {
        let wrong = |key: &str, message: String| {
            let at: [Step; 3] = ["commands".into(), index.into(), key.into()];
            Err(Fault::new(at, message))
        };
        let run = &suggested.run;
        if run.is_empty() || run.len() > LONGEST_COMMAND || run.chars().any(char::is_control) {
            let message = format!("a command is one line of at most {LONGEST_COMMAND} bytes");
            return wrong("run", message);
        }
        let names = match placeholders(run) {
            Ok(names) => names,
            Err(message) => return wrong("run", message),
        };
        if let Some((name, _)) = names
            .iter()
            .find(|(name, optional)| *optional || !known(name))
        {
            let message = format!(
                "`{{{name}}}` is not known: a named group of `names.arn`, or one of {}",
                command::PLACEHOLDERS.join(", ")
            );
            return wrong("run", message);
        }
        let judged = |check: &str| check == "resource_state" || kind.sli(check).is_some();
        if let Some(stray) = suggested.checks.iter().find(|check| !judged(check)) {
            let message = format!("`{stray}` is not an indicator of this kind");
            return wrong("checks", message);
        }
    }
    Ok(())
}
