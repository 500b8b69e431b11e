//! How words speak of the options that only some commands have: `places.toml`.

use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;

use super::stem::{normal, stem};

/// The form of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Form {
    /// `metrics.csv`, `out/facts.json`.
    File,
    /// `./bundles`, `artifacts/shards`, `out`.
    Folder,
    /// `500`.
    Number,
    /// `https://…`.
    Url,
    /// `iam-root-mfa`.
    Id,
    /// `cis-aws-7.0`.
    Framework,
    /// `release-2`, `4fe21ab`.
    Reference,
    /// `+02:00`.
    Offset,
    /// `/aws/lambda/cron-*`.
    Group,
    /// `infra=plan.json`.
    Plan,
    /// Any name.
    Name,
    /// A text in quotes.
    Text,
    /// `30s`.
    Duration,
}

/// How the words speak of an option.
#[derive(Debug, Clone)]
pub(crate) struct OptionWords {
    /// The name of the option, without its dashes.
    pub(crate) option: String,
    /// The form of its value.
    pub(crate) form: Form,
    /// What leads to the value.
    pub(crate) before: Vec<Vec<String>>,
    /// What follows it.
    pub(crate) behind: Vec<Vec<String>>,
    /// Whether its form says enough.
    pub(crate) alone: bool,
    /// What the name of a file ends in that no words lead to.
    pub(crate) ending: Option<String>,
    /// Stems of which one must be said anywhere, where the words beside it say too little.
    pub(crate) with: HashSet<String>,
}

/// The options that only some commands have.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Options {
    pub(super) switches: BTreeMap<String, Vec<String>>,
    pub(super) values: BTreeMap<String, SaidOption>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SaidOption {
    is: Form,
    #[serde(default)]
    before: Vec<String>,
    #[serde(default)]
    behind: Vec<String>,
    #[serde(default)]
    alone: bool,
    #[serde(default)]
    ending: Option<String>,
    #[serde(default)]
    with: Vec<String>,
}

/// The longest phrase first.
pub(super) fn index(source: &BTreeMap<String, SaidOption>) -> Vec<OptionWords> {
    let split = |said: &[String]| {
        let words = |phrase: &String| phrase.split(' ').map(normal).collect();
        let mut out: Vec<Vec<String>> = said.iter().map(words).collect();
        out.sort_by_key(|phrase| std::cmp::Reverse(phrase.len()));
        out
    };
    let one = |(option, words): (&String, &SaidOption)| OptionWords {
        // A second way to say it, with words of its own, has a number.
        option: option.split(' ').next().unwrap_or(option).to_owned(),
        form: words.is,
        before: split(&words.before),
        behind: split(&words.behind),
        alone: words.alone,
        ending: words.ending.clone(),
        with: words.with.iter().map(|word| stem(word)).collect(),
    };
    source.iter().map(one).collect()
}
