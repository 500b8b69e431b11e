//! Findings about what people wrote for audits, where it no longer holds: suppressions that
//! have expired or suppress nothing, attestations that have expired.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::catalog::checks::Check;
use crate::model::audit::{
    AuditFinding, AuditedResource, CheckVerdict, FindingStatus, Remedy, Suppression,
};
use crate::model::configuration::ConfiguredResource;
use crate::model::ids::Region;
use crate::model::status::Severity;
use crate::text::Untrusted;

use super::Evaluation;
use super::changes::KnownFindings;
use super::finding::{NOTICES, ReportInput, audited, finding_id};
use super::suppress::{self, SuppressionState};

/// Something that is wrong with a file of people.
struct Notice {
    check: &'static str,
    title: &'static str,
    severity: Severity,
    /// `suppressions` or `attestations`.
    file: &'static str,
    /// The entry, by what it is about.
    key: String,
    /// What is wrong with it, without a full stop.
    text: String,
    why: &'static str,
}

/// Suppressions that have expired, and those that no finding needs.
pub(super) fn on_suppressions(
    input: &ReportInput<'_>,
    known: &KnownFindings<'_>,
    evaluation: &Evaluation<'_>,
    used: &BTreeSet<usize>,
) -> Vec<AuditFinding> {
    let today = today(input);
    // What could not be evaluated may be what it is for.
    let is_idle = |one: &Suppression| {
        let of_check = |check: &Check| check.id == one.check;
        let all = evaluation.judgements.iter().filter(|it| of_check(it.check));
        let mut unknown = all.clone().filter(|it| it.verdict == CheckVerdict::Unknown);
        let mut maybe = all.clone();
        all.count() > 0
            && !maybe.any(|it| suppress::may_be_about(one, it.resource))
            && !evaluation.hidden.iter().any(|it| of_check(it.check))
            && !unknown.any(|it| suppress::is_about(one, &it.check.id, it.resource))
    };
    let is_meant = |one: &Suppression| {
        !input.is_part || input.checks.iter().any(|check| check.id == one.check)
    };
    let mut out = Vec::new();
    let entries = input.suppressions.entries.iter().enumerate();
    for (index, one) in entries.filter(|(_, one)| is_meant(one)) {
        let (check, title, words) =
            if suppress::suppression_state(one, today) == SuppressionState::Expired {
                (
                    NOTICES[0],
                    "A suppression has expired",
                    "has expired; renew it or fix the finding",
                )
            } else if !used.contains(&index) && is_idle(one) {
                (
                    NOTICES[1],
                    "A suppression is no longer needed",
                    "suppresses nothing; remove it",
                )
            } else {
                continue;
            };
        let notice = Notice {
            check,
            title,
            severity: Severity::Low,
            file: "suppressions",
            key: format!("{} {}", one.check, one.resource.raw()),
            text: format!("`{}` on `{}` {words}", one.check, one.resource.raw()),
            why: "A list that nobody tidies hides what matters.",
        };
        out.push(finding(input, known, notice));
    }
    out
}

/// Attestations that have expired, of the frameworks that are reported.
pub(super) fn on_attestations(
    input: &ReportInput<'_>,
    known: &KnownFindings<'_>,
) -> Vec<AuditFinding> {
    let today = today(input);
    let all = input.attestations.entries.iter();
    let expired = all.filter(|one| one.until < today && input.frameworks.contains(&one.framework));
    let notices = expired.map(|one| Notice {
        check: NOTICES[2],
        title: "An attestation has expired",
        severity: Severity::Medium,
        file: "attestations",
        key: format!("{} {}", one.framework, one.control),
        text: format!(
            "{} answered for control {} of {} until {}; look again and renew it",
            one.by.raw(),
            one.control,
            one.framework,
            one.until
        ),
        why: "Nobody answers any more for what only a person can see.",
    });
    notices.map(|one| finding(input, known, one)).collect()
}

fn today(input: &ReportInput<'_>) -> Date {
    input.configuration.read_at.to_zoned(TimeZone::UTC).date()
}

fn finding(input: &ReportInput<'_>, known: &KnownFindings<'_>, notice: Notice) -> AuditFinding {
    let resource = ConfiguredResource {
        resource_type: notice.file.to_owned(),
        arn: None,
        address: None,
        name: Untrusted::from(format!("{}.toml", notice.file)),
        region: Region::new("global").expect("the word that regions have for this"),
        account: None,
        facts: Default::default(),
    };
    let id = finding_id(notice.check, &resource, Some(&notice.key));
    let before = known.first_seen(&id);
    AuditFinding {
        id,
        check: notice.check.to_owned(),
        key: Some(Untrusted::from(notice.key)),
        severity: notice.severity,
        resource: AuditedResource {
            service: "Audit".to_owned(),
            ..audited(&resource)
        },
        title: notice.title.to_owned(),
        evidence: vec![Untrusted::from(notice.text)],
        recommendation: notice.why.to_owned(),
        remediation: Remedy {
            terraform: format!(
                "# Edit .fractary/plugins/helm-cloud/audits/{}.toml",
                notice.file
            ),
            command: None,
            breaks: None,
            references: Vec::new(),
        },
        compliance: Vec::new(),
        status: FindingStatus::Open,
        suppressed_because: None,
        also_seen_by: Vec::new(),
        disputed_by: Vec::new(),
        first_seen: before.unwrap_or(input.configuration.read_at),
        is_new: before.is_none(),
    }
}
