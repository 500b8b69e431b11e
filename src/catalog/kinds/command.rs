//! Commands worth trying on a problem of a resource, from the file of its kind.
//!
//! Every one is meant to be copied into a shell, so what comes from an ARN goes in only as a
//! quoted word, and a command whose word cannot be made safe is left out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::ids::{Arn, Region};
use crate::text::Untrusted;
use crate::text::phrases::shell_word;
use crate::text::template;

/// What a command may say besides what the ARN pattern catches.
pub(super) const PLACEHOLDERS: [&str; 3] = ["account", "arn", "region"];

/// A resource of no region is asked about without this.
const IN_REGION: &str = " --region {region}";

/// A command worth trying on a problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SuggestedCommand {
    /// Checks that it is for: indicators, or `resource_state` (default: those that no other
    /// command of the kind names).
    #[serde(default)]
    pub checks: Vec<String>,
    /// The command, over `{region}`, `{account}`, `{arn}` and the named groups of `names.arn`.
    /// Each is filled in as one word of a shell.
    pub run: String,
}

/// Returns the commands worth trying where `check` fails on the resource with this ARN, of which
/// `words` were caught.
pub(super) fn choose(
    all: &[SuggestedCommand],
    check: &str,
    mut words: BTreeMap<String, String>,
    arn: &Arn,
    region: &Region,
) -> Vec<Untrusted> {
    let names = |command: &&SuggestedCommand| command.checks.iter().any(|name| name == check);
    let mut chosen: Vec<&SuggestedCommand> = all.iter().filter(names).collect();
    if chosen.is_empty() {
        let others = all.iter().filter(|command| command.checks.is_empty());
        chosen = others.collect();
    }
    words.insert("account".to_owned(), arn.account().to_owned());
    words.insert("arn".to_owned(), arn.as_str().to_owned());
    words.insert("region".to_owned(), region.as_str().to_owned());
    let filled = chosen.into_iter().filter_map(|command| {
        let template = match region.as_str() {
            "global" => command.run.replace(IN_REGION, ""),
            _ => command.run.clone(),
        };
        let word = |name: &str| Some(shell_word(words.get(name)?)?.raw().to_owned());
        template::fill(&template, word).map(Untrusted::from)
    });
    filled.collect()
}
