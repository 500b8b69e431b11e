//! Whether a plan is for the environment that is under review.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::core::review::Circumstances;
use crate::core::review::rules::{self, Findings, Said};
use crate::model::environments::Environment;
use crate::model::ids::Arn;
use crate::model::plan::{PlanAction, PlannedChange, TerraformPlan};
use crate::model::review::ReviewVerdict;
use crate::model::status::Severity;
use crate::text::Untrusted;

/// Most resources that are named for one finding.
const MOST_NAMED: usize = 5;

/// Attributes that hold the name which people give a resource.
const NAMES: &[&str] = &[
    "bucket",
    "cluster_identifier",
    "cluster_name",
    "function_name",
    "identifier",
    "name",
    "replication_group_id",
];

/// Tags that say which environment a resource belongs to.
const TAGS: &[&str] = &["Env", "Environment", "env", "environment", "stage", "Stage"];

pub(super) fn examine(
    plan: &TerraformPlan<'_>,
    around: Circumstances<'_>,
    findings: &mut Findings,
) {
    let Some(own) = around.environment else {
        return;
    };
    let others: Vec<&Environment> = around
        .environments
        .iter()
        .filter(|one| one.name != own.name)
        .collect();
    let mut seen = Mismatches::default();
    for change in plan.changes.iter().filter(|change| change.is_current()) {
        seen.look(change, own, &others);
    }
    let mut report = |severity, effect, what: &str, places: BTreeMap<String, BTreeSet<String>>| {
        for (key, addresses) in places {
            let count = addresses.len();
            let named = addresses.into_iter().take(MOST_NAMED).collect();
            findings.add_part(
                &rules::OTHER_ENVIRONMENT,
                &format!("{what} {key}"),
                Said {
                    severity,
                    effect,
                    subject: Untrusted::from(own.name.as_str()),
                    title: format!(
                        "{count} of the resources {what} {key}, and not of {}",
                        own.name
                    ),
                    evidence: named,
                },
            );
        }
    };
    report(
        Severity::Critical,
        ReviewVerdict::Block,
        "are in account",
        seen.accounts,
    );
    report(
        Severity::High,
        ReviewVerdict::Block,
        "have the tag of environment",
        seen.tags,
    );
    report(
        Severity::Medium,
        ReviewVerdict::Warn,
        "have the name of environment",
        seen.names,
    );
}

/// Addresses by what does not fit.
#[derive(Default)]
struct Mismatches {
    accounts: BTreeMap<String, BTreeSet<String>>,
    tags: BTreeMap<String, BTreeSet<String>>,
    names: BTreeMap<String, BTreeSet<String>>,
}

impl Mismatches {
    fn look(&mut self, change: &PlannedChange<'_>, own: &Environment, others: &[&Environment]) {
        if change.action == PlanAction::NoOp {
            return;
        }
        let address = || change.address.raw().to_owned();
        let before = change.before();
        if let (Some(arn), Some(account)) = (arn(&before), &own.account_id)
            && !matches!(arn.account(), "" | "aws")
            && arn.account() != account.as_str()
        {
            self.accounts
                .entry(arn.account().to_owned())
                .or_default()
                .insert(address());
        }
        let after = change.after();
        for values in [&before, &after] {
            if let Some(other) = tagged(values, own, others) {
                self.tags.entry(other).or_default().insert(address());
            }
            if let Some(other) = named(values, own, others) {
                self.names.entry(other).or_default().insert(address());
            }
        }
    }
}

fn arn(values: &Value) -> Option<Arn> {
    Arn::new(values.get("arn")?.as_str()?).ok()
}

fn tagged(values: &Value, own: &Environment, others: &[&Environment]) -> Option<String> {
    let tags = values.get("tags_all").or_else(|| values.get("tags"))?;
    let mut said = TAGS.iter().filter_map(|tag| tags.get(tag)?.as_str());
    let other = said.find_map(|value| {
        let value = value.to_lowercase();
        let is_other = value != own.name.as_str();
        others
            .iter()
            .find(|one| is_other && one.name.as_str() == value)
    });
    other.map(|one| one.name.to_string())
}

/// A name in which another environment is a word, and this one is not.
fn named(values: &Value, own: &Environment, others: &[&Environment]) -> Option<String> {
    let mut names = NAMES.iter().filter_map(|name| values.get(name)?.as_str());
    let other = names.find_map(|name| {
        let name = name.to_lowercase();
        let has = |environment: &Environment| has_word(&name, environment.name.as_str());
        others.iter().find(|one| has(one) && !has(own))
    });
    other.map(|one| one.name.to_string())
}

fn has_word(name: &str, word: &str) -> bool {
    name.match_indices(word).any(|(at, _)| {
        let is_part = |c: char| c.is_ascii_alphanumeric();
        !name[..at].chars().next_back().is_some_and(is_part)
            && !name[at + word.len()..].chars().next().is_some_and(is_part)
    })
}
