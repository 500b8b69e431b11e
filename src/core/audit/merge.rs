//! Joins what others say with the findings: seen by both, only by them, or disputed.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::audit::{AuditFinding, CheckVerdict, Disagreement, FindingStatus, Remedy};
use crate::model::configuration::{Configuration, ConfiguredResource};
use crate::text::Untrusted;

use super::changes::KnownFindings;
use super::finding::{ReportInput, audited, finding_id};
use super::opinions::{Opinion, opinions};
use super::{Evaluation, Judgement};

/// Marks findings that others have too, adds those that only they have, and returns where they
/// disagree.
pub(super) fn merge(
    input: &ReportInput<'_>,
    evaluation: &Evaluation<'_>,
    known: &KnownFindings<'_>,
    findings: &mut Vec<AuditFinding>,
) -> Vec<Disagreement> {
    let configuration = input.configuration;
    let mut all = opinions(configuration);
    if input.is_part {
        let is_evaluated = |named: &String| {
            let mut checks = input.checks.iter();
            checks.any(|check| check.id == check_of(named))
        };
        all.retain(|one| one.asks.iter().any(is_evaluated));
    }
    if all.is_empty() {
        return Vec::new();
    }
    let mut merged = Merged::new(configuration, evaluation, findings);
    for opinion in &all {
        match opinion.fails {
            Some(true) => merged.add_failure(opinion, known),
            Some(false) => merged.add_pass(opinion),
            None => {}
        }
    }
    let (more, disagreements) = (merged.more, merged.disagreements);
    findings.extend(more.into_values());
    disagreements
}

/// Verdicts and findings, as opinions are joined with them.
struct Merged<'a, 'f> {
    configuration: &'a Configuration,
    by_check: BTreeMap<&'a str, Vec<&'a Judgement<'a>>>,
    findings: &'f mut Vec<AuditFinding>,
    more: BTreeMap<String, AuditFinding>,
    disagreements: Vec<Disagreement>,
}

impl<'a, 'f> Merged<'a, 'f> {
    fn new(
        configuration: &'a Configuration,
        evaluation: &'a Evaluation<'a>,
        findings: &'f mut Vec<AuditFinding>,
    ) -> Self {
        let mut by_check: BTreeMap<&str, Vec<&Judgement<'_>>> = BTreeMap::new();
        for one in &evaluation.judgements {
            by_check.entry(one.check.id.as_str()).or_default().push(one);
        }
        Self {
            configuration,
            by_check,
            findings,
            more: BTreeMap::new(),
            disagreements: Vec::new(),
        }
    }

    /// The verdicts that ask what this opinion is about.
    fn same(&self, opinion: &Opinion<'_>) -> Vec<&'a Judgement<'a>> {
        let checks = opinion.asks.iter().map(|named| check_of(named));
        let checks: BTreeSet<&str> = checks.collect();
        let found = checks.iter().filter_map(|check| self.by_check.get(check));
        found
            .flatten()
            .filter(|one| opinion.is_about(one.resource))
            .copied()
            .collect()
    }

    /// The findings that are about the same.
    fn findings_of(
        &mut self,
        opinion: &Opinion<'_>,
        same: &[&Judgement<'_>],
    ) -> Vec<&mut AuditFinding> {
        if same.is_empty() {
            return Vec::new();
        }
        let is_same = |one: &&mut AuditFinding| {
            opinion.asks.iter().any(|named| is_asked(named, one)) && {
                let identity = one.resource.identity();
                let mut same = same.iter();
                same.any(|it| it.check.id == one.check && it.resource.identity() == identity)
            }
        };
        self.findings.iter_mut().filter(is_same).collect()
    }

    fn add_failure(&mut self, opinion: &Opinion<'_>, known: &KnownFindings<'_>) {
        let same = self.same(opinion);
        let found = self.findings_of(opinion, &same);
        if !found.is_empty() {
            for one in found {
                one.also_seen_by.push(match opinion.is_suppressed {
                    true => format!("{} (suppressed there)", opinion.by),
                    false => opinion.by.clone(),
                });
            }
            return;
        }
        if !opinion.is_suppressed {
            let passes = same.iter().filter(|one| one.verdict == CheckVerdict::Pass);
            for one in passes {
                self.disagreements.push(Disagreement {
                    check: one.check.id.clone(),
                    resource: one.resource.name.clone(),
                    verdict: CheckVerdict::Pass,
                    by: opinion.by.clone(),
                    theirs: CheckVerdict::Fail,
                });
            }
        }
        let Some(resource) = self.resource(opinion) else {
            return;
        };
        let finding = finding(self.configuration, opinion, resource, known);
        self.more.entry(finding.id.clone()).or_insert(finding);
    }

    fn add_pass(&mut self, opinion: &Opinion<'_>) {
        let same = self.same(opinion);
        let mut disputed = Vec::new();
        for one in self.findings_of(opinion, &same) {
            one.disputed_by.push(opinion.by.clone());
            disputed.push(Disagreement {
                check: one.check.clone(),
                resource: one.resource.name.clone(),
                verdict: CheckVerdict::Fail,
                by: opinion.by.clone(),
                theirs: CheckVerdict::Pass,
            });
        }
        self.disagreements.extend(disputed);
    }

    /// The resource that an opinion is about, where it is among those that were read.
    fn resource(&self, opinion: &Opinion<'_>) -> Option<&'a ConfiguredResource> {
        let mut all = self.configuration.resources.iter();
        all.find(|one| one.resource_type != "config_rule" && opinion.is_about(one))
    }
}

/// The check in front of a `#`.
fn check_of(named: &str) -> &str {
    named.split('#').next().unwrap_or(named)
}

/// Whether a finding is what this asks: of the check, and at the place that is meant.
fn is_asked(named: &str, one: &AuditFinding) -> bool {
    match named.split_once('#') {
        None => one.check == named,
        Some((check, key)) => {
            let own = one.key.as_ref().map(|key| key.raw());
            one.check == check && own == Some(key)
        }
    }
}

/// A finding that only others have.
fn finding(
    configuration: &Configuration,
    opinion: &Opinion<'_>,
    resource: &ConfiguredResource,
    known: &KnownFindings<'_>,
) -> AuditFinding {
    let id = finding_id(&opinion.check, resource, None);
    let before = known.first_seen(&id);
    let how = opinion
        .fix
        .as_ref()
        .map(|url| format!("# See {}", url.redacted()));
    AuditFinding {
        id,
        check: opinion.check.clone(),
        key: None,
        severity: opinion.severity,
        resource: audited(resource),
        title: opinion.title.redacted(),
        evidence: vec![Untrusted::from(format!("{} says so", opinion.by))],
        recommendation: "No check here asks the same, or it could not be evaluated.".to_owned(),
        remediation: Remedy {
            terraform: how.unwrap_or_else(|| format!("# See {}", opinion.by)),
            command: None,
            breaks: None,
            references: Vec::new(),
        },
        compliance: Vec::new(),
        status: match opinion.is_suppressed {
            true => FindingStatus::Suppressed,
            false => FindingStatus::Open,
        },
        suppressed_because: opinion
            .is_suppressed
            .then(|| Untrusted::from(format!("suppressed in {}", opinion.by))),
        also_seen_by: Vec::new(),
        disputed_by: Vec::new(),
        first_seen: before.unwrap_or(configuration.read_at),
        is_new: before.is_none(),
    }
}
