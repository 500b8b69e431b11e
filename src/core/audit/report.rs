//! From verdicts to the report: identities, suppressions, what is new, the score.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;

use crate::catalog::checks::{Check, filled};
use crate::catalog::frameworks;
use crate::model::audit::{
    AuditFinding, AuditReport, AuditStatus, AuditSummary, CheckVerdict, FindingStatus, Remedy,
};
use crate::model::audit_history::KnownFinding;
use crate::model::configuration::ConfiguredResource;
use crate::model::status::Severity;
use crate::text::Untrusted;

use super::changes::{Fates, KnownFindings};
use super::finding::{ReportInput, audited, finding_id};
use super::merge::merge;
use super::notices;
use super::scope;
use super::score::{self, CheckTally, TallyResult};
use super::suppress::{self, RegionTags, SuppressionState};
use super::{Evaluation, Failure, Judgement};

/// Makes the report of an audit.
pub fn report(input: &ReportInput<'_>, evaluation: &Evaluation<'_>) -> AuditReport {
    let known = KnownFindings::new(input.previous);
    let tags = RegionTags::new(input.configuration);
    let mut used = BTreeSet::new();
    let mut findings = Vec::new();
    let mut tallies = Vec::new();
    for judgement in &evaluation.judgements {
        let of_resource = findings_of(input, &known, &tags, judgement, &mut used);
        tallies.push(tally(judgement, &of_resource));
        findings.extend(of_resource);
    }
    tallies.extend(evaluation.hidden.iter().map(|hidden| CheckTally {
        check: hidden.check.id.clone(),
        result: TallyResult::Unknown,
        severity: hidden.check.form.severity,
        keys: Vec::new(),
    }));
    let disagreements = merge(input, evaluation, &known, &mut findings);
    findings.extend(notices::on_suppressions(input, &known, evaluation, &used));
    findings.extend(notices::on_attestations(input, &known));
    sort(&mut findings);
    let fates = Fates::new(input.configuration, evaluation, input.checks).of_part(input.is_part);
    let (fixed, mut unverified) = known.compare(&findings, &fates);
    if input.is_part {
        // Nobody asked for the others.
        let is_asked = |one: &KnownFinding| input.checks.iter().any(|it| it.id == one.check);
        unverified.retain(is_asked);
    }
    let unknown = scope::unknown(input.configuration, evaluation);
    let coverage = scope::coverage(input.configuration, evaluation, input.checks, input.receipt);
    let today = input.configuration.read_at.to_zoned(TimeZone::UTC).date();
    let attested = |framework: &str, control: &str| {
        let mut all = input.attestations.entries.iter();
        all.find(|one| one.is_about(framework, control) && one.until >= today)
    };
    AuditReport {
        version: "1.0.0".to_owned(),
        kind: "audit".to_owned(),
        audit_type: input.audit_type.to_owned(),
        environment: input.environment.clone(),
        generated_at: input.configuration.read_at,
        previous: input
            .previous
            .and_then(|it| it.audits.last())
            .map(|it| it.generated_at),
        summary: summary(evaluation, &tallies, &findings, fixed.len()),
        findings,
        cost: None,
        fixed,
        unverified,
        disagreements,
        frameworks: score::frameworks(input.frameworks, &tallies, attested),
        partial: !unknown.is_empty() || !input.configuration.is_whole(),
        unknown,
        coverage,
        errors: input.configuration.gaps.clone(),
        api: input.receipt.clone(),
    }
}

fn findings_of(
    input: &ReportInput<'_>,
    known: &KnownFindings<'_>,
    tags: &RegionTags,
    judgement: &Judgement<'_>,
    used: &mut BTreeSet<usize>,
) -> Vec<AuditFinding> {
    let today = input.configuration.read_at.to_zoned(TimeZone::UTC).date();
    let check = judgement.check;
    let about =
        |one: &crate::model::audit::Suppression| tags.is_about(one, &check.id, judgement.resource);
    let mut because = None;
    for (index, one) in input.suppressions.entries.iter().enumerate() {
        if !about(one) || judgement.failures.is_empty() {
            continue;
        }
        used.insert(index);
        let counts = suppress::suppression_state(one, today) == SuppressionState::Counts;
        if counts && (input.allow_protected || !check.form.protected) {
            let text = format!(
                "{} ({}, until {})",
                one.reason.raw(),
                one.owner.raw(),
                one.until
            );
            because = Some(Untrusted::from(text));
        }
    }
    let failures = judgement.failures.iter();
    failures
        .map(|failure| finding(input, known, judgement, failure, because.clone()))
        .collect()
}

fn finding(
    input: &ReportInput<'_>,
    known: &KnownFindings<'_>,
    judgement: &Judgement<'_>,
    failure: &Failure,
    suppressed: Option<Untrusted>,
) -> AuditFinding {
    let (check, resource) = (judgement.check, judgement.resource);
    let id = finding_id(&check.id, resource, failure.key.as_deref());
    let before = known.first_seen(&id);
    AuditFinding {
        check: check.id.clone(),
        key: failure.key.as_deref().map(Untrusted::from),
        severity: failure.severity,
        resource: audited(resource),
        title: check.form.title.clone(),
        evidence: failure.evidence.clone(),
        recommendation: check.form.why.clone(),
        remediation: remedy(check, resource),
        compliance: frameworks::controls_of(&check.id),
        status: match suppressed {
            Some(_) => FindingStatus::Suppressed,
            None => FindingStatus::Open,
        },
        suppressed_because: suppressed,
        also_seen_by: Vec::new(),
        disputed_by: Vec::new(),
        first_seen: before.unwrap_or(input.configuration.read_at),
        is_new: before.is_none(),
        id,
    }
}

fn remedy(check: &Check, resource: &ConfiguredResource) -> Remedy {
    Remedy {
        terraform: check.form.fix.terraform.clone(),
        command: check
            .form
            .fix
            .cli
            .as_deref()
            .map(|text| Untrusted::from(filled(text, resource))),
        breaks: check.form.breaks.clone(),
        references: check.form.references.clone(),
    }
}

fn tally(judgement: &Judgement<'_>, findings: &[AuditFinding]) -> CheckTally {
    let is_open = |one: &&AuditFinding| one.status == FindingStatus::Open;
    let open = findings.iter().filter(is_open);
    let worst = open.clone().map(|one| one.severity).max();
    let result = match (judgement.verdict, worst) {
        (CheckVerdict::Pass, _) => TallyResult::Passed,
        (CheckVerdict::Unknown, _) => TallyResult::Unknown,
        (CheckVerdict::NotApplicable, _) => TallyResult::NotApplicable,
        (CheckVerdict::Fail, Some(_)) => TallyResult::Failed,
        (CheckVerdict::Fail, None) => TallyResult::Suppressed,
    };
    let keys = open.filter_map(|one| one.key.as_ref().map(|key| key.raw().to_owned()));
    CheckTally {
        check: judgement.check.id.clone(),
        result,
        severity: worst.unwrap_or(judgement.check.form.severity),
        keys: keys.collect(),
    }
}

/// Open before suppressed, the most urgent first, the new before the known.
fn sort(findings: &mut [AuditFinding]) {
    findings.sort_by(|one, other| {
        let urgency = |it: &AuditFinding| (it.status, Reverse(it.severity), !it.is_new);
        let by_urgency = urgency(one).cmp(&urgency(other));
        by_urgency
            .then_with(|| one.check.cmp(&other.check))
            .then_with(|| one.resource.name.cmp(&other.resource.name))
            .then_with(|| one.id.cmp(&other.id))
    });
}

fn summary(
    evaluation: &Evaluation<'_>,
    tallies: &[CheckTally],
    findings: &[AuditFinding],
    fixed: usize,
) -> AuditSummary {
    let mut verdicts = BTreeMap::new();
    for one in &evaluation.judgements {
        *verdicts.entry(one.verdict).or_insert(0) += 1;
    }
    *verdicts.entry(CheckVerdict::Unknown).or_insert(0) += evaluation.hidden.len();
    verdicts.retain(|_, count| *count > 0);
    let mut open = BTreeMap::new();
    for one in findings
        .iter()
        .filter(|one| one.status == FindingStatus::Open)
    {
        *open.entry(one.severity).or_insert(0) += 1;
    }
    let (score, unknown_percent) = score::score(tallies);
    let is_unknown = verdicts.contains_key(&CheckVerdict::Unknown);
    let overall_status = match open.keys().max() {
        Some(Severity::Critical) => AuditStatus::Critical,
        Some(Severity::High) => AuditStatus::Error,
        Some(_) => AuditStatus::Warning,
        None if is_unknown || evaluation.judgements.is_empty() => AuditStatus::Unknown,
        None => AuditStatus::Pass,
    };
    let is_open = |one: &&AuditFinding| one.status == FindingStatus::Open;
    AuditSummary {
        overall_status,
        score,
        unknown_percent,
        open,
        new: findings
            .iter()
            .filter(is_open)
            .filter(|one| one.is_new)
            .count(),
        fixed,
        suppressed: findings
            .iter()
            .filter(|one| one.status == FindingStatus::Suppressed)
            .count(),
        verdicts,
    }
}

/// The report without what a baseline has: only what is new counts.
pub fn without_baseline(mut report: AuditReport, baseline: &BTreeSet<String>) -> AuditReport {
    for one in &mut report.findings {
        one.is_new = !baseline.contains(&one.id);
    }
    report.summary.new = report
        .findings
        .iter()
        .filter(|one| one.is_new && one.status == FindingStatus::Open)
        .count();
    report
}
