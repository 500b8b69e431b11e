//! `[remediation]` of `monitoring.toml`: who has to agree, how much may be done at once, and programs
//! that are actions too.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::model::duration_text::DurationText;

/// `[remediation]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct RemediationSection {
    /// Actions that runs apply by themselves, where an issue shows what they help against; not in
    /// environments that require confirmation. Names of actions, their aliases, or `*`.
    pub auto_remediate: Vec<String>,
    /// The day from which `auto_remediate` counts no more, such as `2027-06-01`: runs then say what they would
    /// do, and do nothing by themselves (default: 180 days after this file was last changed, as far as the
    /// history of git is there).
    #[serde(deserialize_with = "day")]
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub review_by: Option<Date>,
    /// Actions that need consent (default: all that are in no list).
    pub require_confirmation: Vec<String>,
    /// Actions that are never run, whoever agrees; the strictest list that names one counts.
    pub never_auto: Vec<String>,
    /// Pause between two actions on one resource (default `15m`).
    pub cooldown: Option<DurationText>,
    /// Automatic actions on one resource in 24 hours (default 3).
    pub max_per_day: Option<u32>,
    /// Actions at once (default 4).
    pub max_concurrent: Option<u32>,
    /// Largest share of one kind touched at once, 0–100 (default 25); one is always allowed.
    pub max_share_percent: Option<f64>,
    /// Actions whose proposals may be merged by whoever proposed them (default: none).
    pub bot_merge: Vec<String>,
    /// Programs of yours that are actions too, by name. Those of the default branch count, whatever is
    /// checked out.
    pub custom: BTreeMap<String, CustomAction>,
}

/// Reads a day: a text, or a date without quotes, which TOML gives as a map of one text.
fn day<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    struct Visitor;
    impl<'de> serde::de::Visitor<'de> for Visitor {
        type Value = Option<Date>;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a day such as 2027-06-01")
        }
        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Option<Date>, E> {
            text.parse().map(Some).map_err(E::custom)
        }
        fn visit_map<A: serde::de::MapAccess<'de>>(
            self,
            mut map: A,
        ) -> Result<Option<Date>, A::Error> {
            let entry = map.next_entry::<String, String>()?;
            match entry {
                Some((_, text)) => self.visit_str(&text),
                None => Err(serde::de::Error::custom("no day")),
            }
        }
    }
    deserializer.deserialize_any(Visitor)
}

/// A program that is an action: `[remediation.custom.<name>]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CustomAction {
    /// What it does, in a few words, for instance `Drain the queue`.
    pub title: String,
    /// A file of the repository, and its arguments; `{environment}`, `{resource}` (the ARN), `{name}`
    /// and the names of `parameters` are filled in. No shell is involved.
    pub exec: Vec<String>,
    /// The kinds of resources that it is for.
    pub kinds: Vec<String>,
    /// What `--set` and playbooks may give it, by name: `a-z`, `0-9` and `_`, a letter first. The program
    /// gets each as the variable `FRACTARY_PARAMETER_NAME` too, in capitals.
    #[serde(default)]
    pub parameters: BTreeMap<String, CustomParameter>,
    /// Checks that it helps against, where `auto_remediate` allows it (default: none).
    #[serde(default)]
    pub helps: Vec<String>,
    /// Time limit (default `5m`); the program and everything that it started is ended then.
    #[serde(default)]
    pub timeout: Option<DurationText>,
    /// Environment variables besides the few that every program gets. The value `${NAME}` is that of
    /// the variable NAME of fractary itself.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// What users may notice (default: not known).
    #[serde(default)]
    pub interruption: Option<String>,
    /// How much can go wrong: `low`, `medium` or `high` (default `high`).
    #[serde(default)]
    pub risk: Option<CustomRisk>,
    /// Another program of `[remediation.custom]` that undoes it (default: nothing does).
    #[serde(default)]
    pub undo: Option<String>,
}

/// A parameter of a program: `min` and `max` of a whole number, `pattern` and `example` of a text, or
/// `values`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CustomParameter {
    /// What it is, in a few words, for instance `paths to fill`.
    pub about: String,
    /// The least that a whole number may be.
    #[serde(default)]
    pub min: Option<i64>,
    /// The most that a whole number may be.
    #[serde(default)]
    pub max: Option<i64>,
    /// A regular expression that the whole text fits. It never begins with a hyphen.
    #[serde(default)]
    pub pattern: Option<String>,
    /// A text that the pattern fits, for messages.
    #[serde(default)]
    pub example: Option<String>,
    /// The texts that it may be.
    #[serde(default)]
    pub values: Vec<String>,
    /// What it is where nobody says (default: it has to be given).
    #[serde(default)]
    pub default: Option<String>,
}

/// How much can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CustomRisk {
    /// Little.
    Low,
    /// Something.
    Medium,
    /// Much.
    High,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_a_text_or_a_date_of_toml() {
        for day in ["\"2027-06-01\"", "2027-06-01"] {
            let text = format!("review_by = {day}");
            let section: RemediationSection = toml::from_str(&text).expect(day);
            let wanted = jiff::civil::date(2027, 6, 1);
            assert_eq!(section.review_by, Some(wanted), "{day}");
        }
        for day in ["\"soon\"", "2027-06-01T08:00:00Z", "7"] {
            let read = toml::from_str::<RemediationSection>(&format!("review_by = {day}"));
            assert!(read.is_err(), "{day}");
        }
    }
}
