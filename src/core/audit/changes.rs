//! What changed since the audit before: what is new, what is fixed, and what could be neither
//! found nor ruled out.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::catalog::checks::Check;
use crate::model::audit::{AuditFinding, CheckVerdict, FixedFinding};
use crate::model::audit_history::{AuditHistory, KnownFinding};
use crate::model::configuration::{Configuration, ConfiguredResource, Extent, TypeCoverage};
use crate::model::ids::Region;

use super::finding::is_notice;
use super::{Evaluation, Judgement, opinions};

/// The findings of the audits before, by id.
pub(super) struct KnownFindings<'a> {
    by_id: BTreeMap<&'a str, &'a KnownFinding>,
}

impl<'a> KnownFindings<'a> {
    pub(super) fn new(history: Option<&'a AuditHistory>) -> Self {
        let all = history.into_iter().flat_map(|it| &it.findings);
        Self {
            by_id: all.map(|one| (one.id.as_str(), one)).collect(),
        }
    }

    /// Returns when a finding was seen first; `None` for one that is new.
    pub(super) fn first_seen(&self, id: &str) -> Option<Timestamp> {
        self.by_id.get(id).map(|one| one.first_seen)
    }

    /// Returns what is fixed, and what may still be wrong although it was not found, the most
    /// urgent first.
    pub(super) fn compare(
        &self,
        findings: &[AuditFinding],
        fates: &Fates<'_>,
    ) -> (Vec<FixedFinding>, Vec<KnownFinding>) {
        let found: BTreeSet<&str> = findings.iter().map(|one| one.id.as_str()).collect();
        let (mut fixed, mut unverified) = (Vec::new(), Vec::new());
        for one in self
            .by_id
            .values()
            .filter(|it| !found.contains(it.id.as_str()))
        {
            let place = FindingPlace {
                check: &one.check,
                subject: one.subject.raw(),
                resource_type: &one.resource_type,
                region: &one.region,
            };
            match fates.fate_of(&place) {
                FindingFate::Fixed => fixed.push(FixedFinding {
                    id: one.id.clone(),
                    check: one.check.clone(),
                    resource: one.resource.clone(),
                }),
                FindingFate::NotEvaluated => unverified.push((*one).clone()),
            }
        }
        fixed.sort_by(|one: &FixedFinding, other| {
            let by_check = one.check.cmp(&other.check);
            by_check.then_with(|| one.resource.cmp(&other.resource))
        });
        unverified.sort_by(|one: &KnownFinding, other| {
            let by_urgency = other.severity.cmp(&one.severity);
            by_urgency
                .then_with(|| one.check.cmp(&other.check))
                .then_with(|| one.resource.cmp(&other.resource))
        });
        (fixed, unverified)
    }
}

/// Where a finding was that is not found any more.
pub(super) struct FindingPlace<'a> {
    pub(super) check: &'a str,
    /// What identifies the resource.
    pub(super) subject: &'a str,
    pub(super) resource_type: &'a str,
    pub(super) region: &'a Region,
}

/// What became of a finding that is not found any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FindingFate {
    /// Its resource was evaluated and is well, or was looked for and is gone.
    Fixed,
    /// What would decide it could not be read, or was not asked for.
    NotEvaluated,
}

/// What an audit can say of findings that it does not have.
pub(super) struct Fates<'a> {
    checks: BTreeSet<&'a str>,
    verdicts: BTreeMap<(String, &'a str), Vec<&'a Judgement<'a>>>,
    coverage: &'a [TypeCoverage],
    /// Where what others say was read in full.
    opinions: BTreeSet<(&'static str, &'a Region)>,
    /// Whether only some checks were evaluated.
    is_part: bool,
}

impl<'a> Fates<'a> {
    /// `checks` are those that were evaluated.
    pub(super) fn new(
        configuration: &'a Configuration,
        evaluation: &'a Evaluation<'a>,
        checks: &[&'a Check],
    ) -> Self {
        let mut verdicts: BTreeMap<(String, &str), Vec<&Judgement<'_>>> = BTreeMap::new();
        for one in &evaluation.judgements {
            let key = (identity(one.resource), one.check.id.as_str());
            verdicts.entry(key).or_default().push(one);
        }
        Self {
            checks: checks.iter().map(|check| check.id.as_str()).collect(),
            verdicts,
            coverage: &configuration.coverage,
            opinions: opinions::read_in(configuration),
            is_part: false,
        }
    }

    /// The same, where only some checks may have been evaluated: then nothing is said of what is no
    /// check.
    pub(super) fn of_part(self, is_part: bool) -> Self {
        Self { is_part, ..self }
    }

    /// Returns what became of a finding.
    pub(super) fn fate_of(&self, place: &FindingPlace<'a>) -> FindingFate {
        if self.is_part && (is_notice(place.check) || opinions::is_theirs(place.check)) {
            return FindingFate::NotEvaluated;
        }
        if is_notice(place.check) {
            return FindingFate::Fixed;
        }
        if opinions::is_theirs(place.check) {
            let mut read = self.opinions.iter();
            let is_read = |(whose, region): &(&str, &Region)| {
                place.check.starts_with(whose) && *region == place.region
            };
            return match read.any(is_read) {
                true => FindingFate::Fixed,
                false => FindingFate::NotEvaluated,
            };
        }
        if !self.checks.contains(place.check) {
            return FindingFate::NotEvaluated;
        }
        let key = (place.subject.to_owned(), place.check);
        match self.verdicts.get(&key) {
            Some(all) if all.iter().all(|one| is_whole(one)) => FindingFate::Fixed,
            Some(_) => FindingFate::NotEvaluated,
            None if self.is_gone(place) => FindingFate::Fixed,
            None => FindingFate::NotEvaluated,
        }
    }

    /// Whether all resources of the type were listed where this one was.
    fn is_gone(&self, place: &FindingPlace<'_>) -> bool {
        let mut lists = self.coverage.iter().filter(|entry| {
            let is_here = entry.region == *place.region || entry.region.as_str() == "global";
            entry.resource_type == place.resource_type && is_here
        });
        let mut seen = false;
        let complete = lists.all(|entry| {
            seen = true;
            entry.extent == Extent::Complete
        });
        seen && complete
    }
}

/// Whether nothing may hide a further failure.
fn is_whole(one: &Judgement<'_>) -> bool {
    match one.verdict {
        CheckVerdict::Pass | CheckVerdict::NotApplicable => true,
        CheckVerdict::Fail => one.obstacles.is_empty(),
        CheckVerdict::Unknown => false,
    }
}

/// What identifies a resource in findings and issues.
pub(super) fn identity(resource: &ConfiguredResource) -> String {
    resource.identity().raw().to_owned()
}
