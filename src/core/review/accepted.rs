//! Suppressions of the base branch: what someone accepted, for how long, and for which reason.
//!
//! The same entries and the same matching as in audits, so that one of them holds wherever the
//! resource is looked at. What a branch adds to the list counts only once it is merged.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::catalog::checks::Check;
use crate::core::audit::{SuppressionState, is_about, suppression_state};
use crate::core::review::rules;
use crate::model::audit::{Suppression, Suppressions};
use crate::model::configuration::ConfiguredResource;
use crate::model::fact::{Fact, FactName, Value};
use crate::model::ids::{Arn, Region};
use crate::model::plan::{PlannedChange, TerraformPlan};
use crate::model::review::ReviewFinding;
use crate::text::Untrusted;

/// What the base branch accepts.
#[derive(Debug, Clone, Copy)]
pub struct AcceptedFindings<'a> {
    /// The entries.
    pub suppressions: &'a Suppressions,
    /// The day of the review, in UTC.
    pub today: Date,
    /// The checks, some of which are protected.
    pub checks: &'a [&'a Check],
}

/// What a review is worth: nobody can accept that it is not known.
const NEVER: &[&str] = &[
    rules::UNREADABLE.name,
    rules::FAILED.name,
    rules::INCOMPLETE.name,
    rules::NOT_BOUND.name,
    rules::OTHER_SOURCE.name,
    rules::OTHER_ENVIRONMENT.name,
    rules::WOULD_UNDO.name,
    rules::UNKNOWN_ACTION.name,
    rules::NOT_CHECKED.name,
    rules::STATE_INVALID.name,
    rules::STATE_NOT_PLAIN.name,
    rules::LOG_REWRITTEN.name,
    rules::STATE_SECRET.name,
    rules::AUTOMATION_CHANGED.name,
    rules::BAR_CHANGED.name,
];

/// Marks the findings that are accepted, and says of the others why an entry does not count.
pub(super) fn mark(
    findings: &mut [ReviewFinding],
    accepted: AcceptedFindings<'_>,
    plan: Option<&TerraformPlan<'_>>,
) {
    if accepted.suppressions.entries.is_empty() {
        return;
    }
    let changes = plan.map_or(&[][..], |plan| plan.changes.as_slice());
    let changes: BTreeMap<&str, &PlannedChange<'_>> = changes
        .iter()
        .map(|change| (change.address.raw(), change))
        .collect();
    for finding in findings {
        let change = changes.get(finding.subject.raw()).copied();
        let resource = resource(&finding.subject, change);
        let entries = accepted.suppressions.entries.iter();
        let about: Vec<&Suppression> = entries
            .filter(|one| is_about(one, &finding.rule, &resource))
            .collect();
        for one in about {
            accepted.apply(one, finding);
        }
    }
}

impl AcceptedFindings<'_> {
    fn apply(self, one: &Suppression, finding: &mut ReviewFinding) {
        let is_protected = |check: &&&Check| check.id == finding.rule && check.form.protected;
        let expired = suppression_state(one, self.today) == SuppressionState::Expired;
        let not = if expired {
            format!(
                "a suppression of it expired on {} ({})",
                one.until,
                one.owner.raw()
            )
        } else if NEVER.contains(&finding.rule.as_str()) {
            "a suppression of it does not count: it says what this review is worth".to_owned()
        } else if self.checks.iter().any(|check| is_protected(&check)) {
            "a suppression of it does not count: the check is protected".to_owned()
        } else {
            finding.suppressed_because = Some(Untrusted::new(format!(
                "{} ({}, until {})",
                one.reason.raw(),
                one.owner.raw(),
                one.until
            )));
            return;
        };
        finding.evidence.push(Untrusted::new(not));
    }
}

/// What a suppression is held against: the address, and of what exists ARN and tags.
fn resource(subject: &Untrusted, change: Option<&PlannedChange<'_>>) -> ConfiguredResource {
    let values = change.map(|change| match change.after() {
        serde_json::Value::Null => change.before(),
        after => after,
    });
    let before = change.map(PlannedChange::before);
    let arn = [&before, &values]
        .into_iter()
        .flatten()
        .find_map(|values| Arn::new(values.get("arn")?.as_str()?).ok());
    let mut facts = BTreeMap::new();
    for name in ["tags_all", "tags"] {
        let tags = values.as_ref().and_then(|values| values.get(name));
        if let (Some(tags), Ok(name)) = (
            tags.and_then(serde_json::Value::as_object),
            FactName::parse(name),
        ) {
            let texts = tags
                .iter()
                .filter_map(|(key, value)| Some((key.as_str(), Value::text(value.as_str()?))));
            let entries = texts.map(|(key, value)| (key, Fact::Known(value)));
            facts.insert(name, Fact::Known(Value::map(entries)));
        }
    }
    ConfiguredResource {
        resource_type: change.map_or("", |one| one.resource_type.raw()).to_owned(),
        arn,
        address: Some(subject.clone()),
        name: subject.clone(),
        region: Region::new("global").expect("a region"),
        account: None,
        facts,
    }
}
