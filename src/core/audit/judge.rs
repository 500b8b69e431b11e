//! One check on one resource.

use crate::catalog::checks::Check;
use crate::core::known::Obstacles;
use crate::expr::Expression;
use crate::model::audit::CheckVerdict;
use crate::model::configuration::ConfiguredResource;
use crate::model::fact::{Fact, Value};
use crate::model::status::Severity;
use crate::text::numbers::number;
use crate::text::phrases::counted_as;
use crate::text::{Untrusted, escape};

use super::derived::{DerivedFact, DerivedFacts, Place};
use super::names::ObstacleIds;

/// The verdict of a check on a resource.
#[derive(Debug, Clone)]
pub struct Judgement<'a> {
    /// The check.
    pub check: &'a Check,
    /// The resource.
    pub resource: &'a ConfiguredResource,
    /// The verdict.
    pub verdict: CheckVerdict,
    /// What fails, at least one thing where the verdict is that it fails.
    pub failures: Vec<Failure>,
    /// What stands in the way where the verdict is unknown. With a failure: what may hide more.
    pub obstacles: Obstacles,
}

/// One thing that fails.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// Which of several places of the resource, by what it means.
    pub key: Option<String>,
    /// How urgent.
    pub severity: Severity,
    /// Sentences that prove it, without full stops.
    pub evidence: Vec<Untrusted>,
}

impl Judgement<'_> {
    /// Adds a failure. Two of the same place are one finding, with what proves either.
    fn add(&mut self, failure: Failure) {
        let mut known = self.failures.iter_mut();
        let Some(known) = known.find(|one| one.key == failure.key) else {
            self.failures.push(failure);
            return;
        };
        known.severity = known.severity.max(failure.severity);
        for sentence in failure.evidence {
            if !known.evidence.contains(&sentence) {
                known.evidence.push(sentence);
            }
        }
    }
}

/// What expressions are evaluated over.
pub(super) struct CheckNames<'n> {
    pub(super) resource: &'n Fact,
    pub(super) derived: &'n Fact,
    pub(super) account: &'n Fact,
    pub(super) region: &'n Fact,
    pub(super) environment: &'n Fact,
    pub(super) facts: &'n DerivedFacts,
    pub(super) ids: &'n ObstacleIds,
}

impl CheckNames<'_> {
    fn holds(&self, expression: &Expression, item: Option<&Value>) -> Result<bool, Obstacles> {
        let found = expression.evaluate(|name| match name {
            "resource" => Some(self.resource.clone()),
            "derived" => Some(self.derived.clone()),
            "account" => Some(self.account.clone()),
            "region" => Some(self.region.clone()),
            "environment" => Some(self.environment.clone()),
            "item" => item.map(|item| Fact::Known(item.clone())),
            _ => None,
        });
        match found {
            Ok(value) => Ok(value == Value::Flag(true)),
            Err(unknown) => Err(self.ids.resolve(&unknown)),
        }
    }

    /// The value at a path of names (`resource.tags.owner`).
    fn fact_at(&self, path: &str) -> Option<Fact> {
        let (first, rest) = path.split_once('.')?;
        let mut current = match first {
            "derived" => self.derived.clone(),
            "resource" => self.resource.clone(),
            "account" => self.account.clone(),
            "region" => self.region.clone(),
            _ => return None,
        };
        for step in rest.split('.') {
            current = match current {
                Fact::Known(Value::Map(map)) => {
                    let entry = map.entries.get(&Untrusted::from(step));
                    entry.cloned().unwrap_or(Fact::Absent)
                }
                other => other,
            };
        }
        Some(current)
    }
}

/// Evaluates a check over a resource.
pub(super) fn judge<'a>(
    check: &'a Check,
    resource: &'a ConfiguredResource,
    names: &CheckNames<'_>,
) -> Judgement<'a> {
    let mut judgement = Judgement {
        check,
        resource,
        verdict: CheckVerdict::NotApplicable,
        failures: Vec::new(),
        obstacles: Obstacles::new(),
    };
    if let Some(applies) = &check.applies_when {
        match names.holds(applies, None) {
            Ok(true) => {}
            Ok(false) => return judgement,
            Err(obstacles) => judgement.obstacles = obstacles,
        }
    }
    let may_apply = !judgement.obstacles.is_empty();
    match check.each.as_deref() {
        Some(list) => judge_places(check, list, names, &mut judgement),
        None => judge_whole(check, names, &mut judgement),
    }
    if may_apply {
        judgement.failures.clear();
    }
    judgement.verdict = if !judgement.failures.is_empty() {
        CheckVerdict::Fail
    } else if !judgement.obstacles.is_empty() {
        CheckVerdict::Unknown
    } else {
        CheckVerdict::Pass
    };
    judgement
}

fn judge_whole(check: &Check, names: &CheckNames<'_>, judgement: &mut Judgement<'_>) {
    match names.holds(&check.fails_when, None) {
        Ok(true) => {
            let severity = severity(check, names, None);
            let evidence = match check.evidence.is_empty() {
                true => evidence_of_facts(check, names),
                false => evidence_of_derived(check, names),
            };
            judgement.failures.push(Failure {
                key: None,
                severity,
                evidence,
            });
        }
        Ok(false) => {}
        Err(obstacles) => judgement.obstacles.extend(obstacles),
    }
}

fn judge_places(check: &Check, list: &str, names: &CheckNames<'_>, judgement: &mut Judgement<'_>) {
    let (places, hidden): (&[Place], Obstacles) = match names.facts.get(list) {
        Some(DerivedFact::Places(places, hidden)) => (places, hidden.clone()),
        Some(DerivedFact::Unknown(obstacles)) => (&[], obstacles.clone()),
        Some(DerivedFact::Value(_)) | None => (&[], Obstacles::new()),
    };
    for place in places {
        let item = place.to_value();
        match names.holds(&check.fails_when, Some(&item)) {
            Ok(true) => judgement.add(Failure {
                key: Some(place.key.clone()),
                severity: place
                    .severity
                    .unwrap_or_else(|| severity(check, names, Some(&item))),
                evidence: vec![Untrusted::from(place.text.as_str())],
            }),
            Ok(false) => {}
            Err(obstacles) => judgement.obstacles.extend(obstacles),
        }
    }
    judgement.obstacles.extend(hidden);
}

/// The severity of the first rule that fits. One that cannot be known does not fit.
fn severity(check: &Check, names: &CheckNames<'_>, item: Option<&Value>) -> Severity {
    let mut rules = check.severity_when.iter();
    let fits = rules.find(|(when, _)| names.holds(when, item) == Ok(true));
    fits.map_or(check.form.severity, |(_, severity)| *severity)
}

fn evidence_of_derived(check: &Check, names: &CheckNames<'_>) -> Vec<Untrusted> {
    let mut out = Vec::new();
    for name in &check.evidence {
        if let Some(DerivedFact::Value(Some(Value::List(list)))) = names.facts.get(name.as_str()) {
            let texts = list.items.iter().filter_map(Fact::known);
            out.extend(texts.filter_map(|value| match value {
                Value::Text(text) => Some(text.as_ref().clone()),
                _ => None,
            }));
        }
    }
    out
}

/// The facts that decided, as sentences.
fn evidence_of_facts(check: &Check, names: &CheckNames<'_>) -> Vec<Untrusted> {
    let paths = check.fails_when.paths();
    let sentences = paths.iter().filter_map(|path| {
        let (_, shown) = path.split_once('.')?;
        let is = match names.fact_at(path)? {
            Fact::Absent => "is not set".to_owned(),
            Fact::Known(value) => written(&value)?,
            Fact::Unreadable(_) => return None,
        };
        Some(Untrusted::from(format!("`{shown}` {is}")))
    });
    sentences.collect()
}

fn written(value: &Value) -> Option<String> {
    match value {
        Value::Flag(flag) => Some(format!("is {flag}")),
        Value::Number(value) => Some(format!("is {}", number(*value))),
        Value::Text(text) if text.raw().len() <= 80 => {
            Some(format!("is `{}`", escape::json(text.raw())))
        }
        Value::Text(_) | Value::Map(_) => None,
        Value::Time(time) => Some(format!("is {time}")),
        Value::List(list) if list.items.is_empty() => Some("is empty".to_owned()),
        Value::List(list) => {
            let count = list.items.len() as u64;
            Some(format!("has {}", counted_as(count, "entry", "entries")))
        }
    }
}
