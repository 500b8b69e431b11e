//! From verdicts to the report: identities, suppressions, what is new, the score.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};

use crate::catalog::checks::Check;
use crate::catalog::configuration::Shapes;
use crate::catalog::frameworks;
use crate::model::audit::{
    AuditFinding, AuditReport, AuditStatus, AuditSummary, AuditedResource, CheckVerdict,
    FindingStatus, FixedFinding, Remedy, Suppressions,
};
use crate::model::configuration::{Configuration, ConfiguredResource};
use crate::model::ids::{EnvironmentName, Region};
use crate::model::receipt::Receipt;
use crate::model::status::Severity;
use crate::text::Untrusted;

use super::scope;
use super::score::{self, CheckTally, TallyResult};
use super::suppress::{self, SuppressionState};
use super::{Evaluation, Failure, Judgement};

/// Everything that a report is made from besides the verdicts.
#[derive(Debug, Clone, Copy)]
pub struct ReportInput<'a> {
    /// `security`, `compliance` or `all`.
    pub audit_type: &'a str,
    /// The environment.
    pub environment: &'a EnvironmentName,
    /// What was evaluated.
    pub configuration: &'a Configuration,
    /// Findings that are accepted.
    pub suppressions: &'a Suppressions,
    /// Whether suppressions of protected checks count.
    pub allow_protected: bool,
    /// The audit before this one.
    pub previous: Option<&'a AuditReport>,
    /// Frameworks that are reported.
    pub frameworks: &'a [String],
    /// Checks that were evaluated.
    pub checks: usize,
    /// What it cost.
    pub receipt: &'a Receipt,
}

/// Makes the report of an audit.
pub fn report(input: &ReportInput<'_>, evaluation: &Evaluation<'_>) -> AuditReport {
    let mut used = BTreeSet::new();
    let mut findings = Vec::new();
    let mut tallies = Vec::new();
    for judgement in &evaluation.judgements {
        let of_resource = findings_of(input, judgement, &mut used);
        tallies.push(tally(judgement, &of_resource));
        findings.extend(of_resource);
    }
    tallies.extend(evaluation.hidden.iter().map(|hidden| CheckTally {
        check: hidden.check.id.clone(),
        result: TallyResult::Unknown,
        severity: hidden.check.form.severity,
        keys: Vec::new(),
    }));
    findings.extend(on_suppressions(input, evaluation, &used));
    sort(&mut findings);
    let fixed = fixed(input.previous, &findings, &tallies);
    let unknown = scope::unknown(input.configuration, evaluation);
    let coverage = scope::coverage(input.configuration, evaluation, input.checks);
    AuditReport {
        version: "1.0.0".to_owned(),
        kind: "audit".to_owned(),
        audit_type: input.audit_type.to_owned(),
        environment: input.environment.clone(),
        generated_at: input.configuration.read_at,
        summary: summary(evaluation, &tallies, &findings, fixed.len()),
        findings,
        fixed,
        frameworks: score::frameworks(input.frameworks, &tallies, |_, _| false),
        partial: !unknown.is_empty() || coverage.refused > 0,
        unknown,
        coverage,
        errors: input.configuration.gaps.clone(),
        api: input.receipt.clone(),
    }
}

/// Returns the id of a finding: the same for the same check, resource and place in it.
pub fn finding_id(check: &str, resource: &ConfiguredResource, key: Option<&str>) -> String {
    let mut hash = Sha256::new();
    for part in [check, resource.identity().raw(), key.unwrap_or_default()] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hex::encode(hash.finalize())[..12].to_owned()
}

fn findings_of(
    input: &ReportInput<'_>,
    judgement: &Judgement<'_>,
    used: &mut BTreeSet<usize>,
) -> Vec<AuditFinding> {
    let today = input.configuration.read_at.to_zoned(TimeZone::UTC).date();
    let check = judgement.check;
    let about = |one: &crate::model::audit::Suppression| {
        suppress::is_about(one, &check.id, judgement.resource)
    };
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
        .map(|failure| finding(input, judgement, failure, because.clone()))
        .collect()
}

fn finding(
    input: &ReportInput<'_>,
    judgement: &Judgement<'_>,
    failure: &Failure,
    suppressed: Option<Untrusted>,
) -> AuditFinding {
    let (check, resource) = (judgement.check, judgement.resource);
    let id = finding_id(&check.id, resource, failure.key.as_deref());
    let before = input
        .previous
        .and_then(|report| report.findings.iter().find(|one| one.id == id));
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
        first_seen: before.map_or(input.configuration.read_at, |one| one.first_seen),
        is_new: before.is_none(),
        id,
    }
}

fn audited(resource: &ConfiguredResource) -> AuditedResource {
    let shape = Shapes::built_in().get(&resource.resource_type);
    AuditedResource {
        resource_type: resource.resource_type.clone(),
        service: shape
            .map_or("other", |shape| shape.service.as_str())
            .to_owned(),
        name: resource.name.clone(),
        arn: resource.arn.clone(),
        address: resource.address.clone(),
        region: resource.region.clone(),
    }
}

fn remedy(check: &Check, resource: &ConfiguredResource) -> Remedy {
    let fill = |text: &str| {
        let arn = resource.arn.as_ref().map_or("ARN", |arn| arn.as_str());
        let account = resource
            .account
            .as_ref()
            .map_or("ACCOUNT", |id| id.as_str());
        // Names of AWS hold no characters that a shell would interpret; others are not filled in.
        let name = resource.name.raw();
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./:+=@,".contains(&b);
        let name = if name.bytes().all(is_plain) {
            name
        } else {
            "NAME"
        };
        text.replace("{name}", name)
            .replace("{arn}", arn)
            .replace("{region}", resource.region.as_str())
            .replace("{account}", account)
    };
    Remedy {
        terraform: check.form.fix.terraform.clone(),
        command: check
            .form
            .fix
            .cli
            .as_deref()
            .map(|text| Untrusted::from(fill(text))),
        breaks: check.form.breaks.clone(),
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

/// Suppressions that have expired, and those that no finding needs.
fn on_suppressions(
    input: &ReportInput<'_>,
    evaluation: &Evaluation<'_>,
    used: &BTreeSet<usize>,
) -> Vec<AuditFinding> {
    let today = input.configuration.read_at.to_zoned(TimeZone::UTC).date();
    let evaluated = |check: &str| {
        evaluation
            .judgements
            .iter()
            .any(|one| one.check.id == check)
    };
    let is_whole = evaluation.hidden.is_empty();
    let mut out = Vec::new();
    for (index, one) in input.suppressions.entries.iter().enumerate() {
        let (check, title, words) =
            if suppress::suppression_state(one, today) == SuppressionState::Expired {
                (
                    "suppression-expired",
                    "A suppression has expired",
                    "has expired; renew it or fix the finding",
                )
            } else if !used.contains(&index) && evaluated(&one.check) && is_whole {
                (
                    "suppression-unused",
                    "A suppression is no longer needed",
                    "suppresses nothing; remove it",
                )
            } else {
                continue;
            };
        let text = format!("`{}` on `{}` {words}", one.check, one.resource.raw());
        out.push(about_suppression(input, check, title, &text));
    }
    out
}

fn about_suppression(
    input: &ReportInput<'_>,
    check: &str,
    title: &str,
    text: &str,
) -> AuditFinding {
    let resource = ConfiguredResource {
        resource_type: "suppressions".to_owned(),
        arn: None,
        address: None,
        name: Untrusted::from("suppressions.toml"),
        region: Region::new("global").expect("a region"),
        account: None,
        facts: BTreeMap::new(),
    };
    let id = finding_id(check, &resource, Some(text));
    let before = input
        .previous
        .and_then(|report| report.findings.iter().find(|one| one.id == id));
    AuditFinding {
        id,
        check: check.to_owned(),
        key: Some(Untrusted::from(text)),
        severity: Severity::Low,
        resource: AuditedResource {
            service: "Audit".to_owned(),
            ..audited(&resource)
        },
        title: title.to_owned(),
        evidence: vec![Untrusted::from(text)],
        recommendation: "A list that nobody tidies hides what matters.".to_owned(),
        remediation: Remedy {
            terraform: "# Edit .fractary/plugins/helm-cloud/audits/suppressions.toml".to_owned(),
            command: None,
            breaks: None,
        },
        compliance: Vec::new(),
        status: FindingStatus::Open,
        suppressed_because: None,
        first_seen: before.map_or(input.configuration.read_at, |one| one.first_seen),
        is_new: before.is_none(),
    }
}

/// Open before suppressed, the most urgent first, the new before the known.
fn sort(findings: &mut [AuditFinding]) {
    findings.sort_by(|one, other| {
        let key = |it: &AuditFinding| {
            (
                it.status,
                std::cmp::Reverse(it.severity),
                !it.is_new,
                it.check.clone(),
                it.resource.name.clone(),
                it.id.clone(),
            )
        };
        key(one).cmp(&key(other))
    });
}

/// Findings of the audit before that are gone. A check that is unknown now has fixed nothing.
fn fixed(
    previous: Option<&AuditReport>,
    findings: &[AuditFinding],
    tallies: &[CheckTally],
) -> Vec<FixedFinding> {
    let known: BTreeSet<&str> = findings.iter().map(|one| one.id.as_str()).collect();
    let is_unknown = |check: &str| {
        let mut of_check = tallies.iter().filter(|one| one.check == check);
        of_check.any(|one| one.result == TallyResult::Unknown)
    };
    let before = previous.iter().flat_map(|report| &report.findings);
    let gone = before.filter(|one| !known.contains(one.id.as_str()) && !is_unknown(&one.check));
    gone.map(|one| FixedFinding {
        id: one.id.clone(),
        check: one.check.clone(),
        resource: one.resource.name.clone(),
    })
    .collect()
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
