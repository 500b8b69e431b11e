//! Turns the walk of the blame into an incident: hypotheses with grades, evidence for and
//! against, what else is unusual, and what could not be seen.
//!
//! The grades are rules. Metrics are one class of evidence, so that nothing is confirmed by them
//! alone. What explains less than a fifth of the symptom needs evidence.

use jiff::Timestamp;

use crate::core::investigate::cause::{BlameVerdict, Measure, Suspect, Symptom};
use crate::model::incident::{
    EvidenceGap, Grade, Hypothesis, IncidentReport, IncidentSymptom, IncidentWindow, RootCause,
    UnusualResource,
};
use crate::text::Untrusted;
use crate::text::numbers;

/// The share of the blame from which a node is a contributor.
const CONTRIBUTES: f64 = 0.2;
/// The deviation from which a value is out of the ordinary.
const OFF: f64 = 3.0;
/// The hypotheses that are given beside the first.
const OTHERS: usize = 9;

/// What was there to look at.
#[derive(Debug, Clone, Copy)]
pub struct Sight {
    pub start: Timestamp,
    pub end: Timestamp,
    pub periods: usize,
    /// Whether there were metrics of a time when nothing was wrong.
    pub normal: bool,
    /// Whether there were calls between resources.
    pub graph: bool,
}

/// Makes the report of an incident.
pub fn describe(
    verdict: &BlameVerdict,
    symptom: &Symptom,
    at: Timestamp,
    sight: Sight,
) -> IncidentReport {
    let suspects = verdict.suspects.iter().take(1 + OTHERS);
    let hypotheses: Vec<Hypothesis> = suspects
        .map(|suspect| hypothesis(suspect, verdict, symptom))
        .collect();
    let root_cause = hypotheses
        .first()
        .filter(|first| first.grade <= Grade::PossibleContributor);
    let root_cause = root_cause.map(|first| RootCause {
        summary: Untrusted::new(format!(
            "{} % of the extra {} of {} rests on {}",
            numbers::number((100.0 * first.score).round()),
            noun(symptom.measure),
            symptom.node,
            first.resource.raw(),
        )),
        cause_id: None,
        resource: first.resource.clone(),
        confidence: first.grade,
        evidence: first.supporting.clone(),
    });
    let status = match (verdict.wrong, verdict.symptom, &root_cause) {
        (false, Some(_), _) => "nothing-wrong",
        (true, _, Some(_)) => "explained",
        (false, None, _) | (true, _, None) => "unexplained",
    };
    IncidentReport {
        version: "1.0.0".to_owned(),
        kind: "incident".to_owned(),
        symptom: IncidentSymptom {
            resource: Untrusted::new(&*symptom.node),
            metric: name(symptom.measure).to_owned(),
            at,
            deviation: verdict.symptom.map(rounded),
        },
        window: IncidentWindow {
            start: sight.start,
            end: sight.end,
            periods: sight.periods,
        },
        status: status.to_owned(),
        summary: summary(verdict, symptom, root_cause.as_ref()),
        details: None,
        affected_resources: affected(&hypotheses),
        root_cause,
        hypotheses,
        also_unusual: verdict
            .also_unusual
            .iter()
            .map(|suspect| unusual(suspect, verdict))
            .collect(),
        gaps: gaps(sight),
    }
}

fn summary(verdict: &BlameVerdict, symptom: &Symptom, cause: Option<&RootCause>) -> Untrusted {
    let text = match (verdict.wrong, verdict.symptom, cause) {
        (true, _, Some(cause)) => cause.summary.raw().to_owned(),
        (true, _, None) => {
            let most = verdict.suspects.iter().chain(&verdict.also_unusual);
            let most = most.max_by(|a, b| a.deviation.total_cmp(&b.deviation));
            let place = most.map_or_else(String::new, |most| {
                format!(
                    "; the most unusual is {} ({} standard deviations off)",
                    most.node,
                    number(most.deviation)
                )
            });
            format!(
                "nothing explains the {} of {}{place}",
                noun(symptom.measure),
                symptom.node
            )
        }
        (false, Some(deviation), _) => format!(
            "no cause found: the {} of {} is inside its normal range ({} standard deviations off)",
            noun(symptom.measure),
            symptom.node,
            number(deviation),
        ),
        (false, None, _) => format!(
            "unknown: the {} of {} has no values to compare",
            noun(symptom.measure),
            symptom.node,
        ),
    };
    Untrusted::new(text)
}

fn hypothesis(suspect: &Suspect, verdict: &BlameVerdict, symptom: &Symptom) -> Hypothesis {
    let percent = numbers::number((100.0 * suspect.blame).round());
    let mut supporting = vec![format!(
        "its {} is {} standard deviations off what is usual",
        name(symptom.measure),
        number(suspect.deviation),
    )];
    let mut against = Vec::new();
    if suspect.path.len() > 1 {
        supporting.push(format!("the calls {} lead to it", suspect.path.join(" → ")));
    }
    supporting.push(format!(
        "{percent} % of the symptom is explained by nothing that it calls"
    ));
    if suspect.blame < CONTRIBUTES {
        against.push(format!("it explains only {percent} % of the symptom"));
    }
    if suspect.deviation < OFF {
        against.push("its own value is inside its normal range".to_owned());
    }
    for new in verdict.appeared.iter().take(3) {
        supporting.push(format!("{new} has calls now and had none before"));
    }
    against.push("only metrics were read; no log or change confirms it".to_owned());
    let contributes = suspect.blame >= CONTRIBUTES && suspect.deviation >= OFF;
    Hypothesis {
        resource: Untrusted::new(&*suspect.node),
        cause_id: None,
        summary: None,
        missing: Vec::new(),
        score: (suspect.blame * 10_000.0).round() / 10_000.0,
        grade: if contributes {
            Grade::PossibleContributor
        } else {
            Grade::NeedsEvidence
        },
        deviation: Some(rounded(suspect.deviation)),
        extra: Some(rounded(suspect.extra)),
        path: suspect
            .path
            .iter()
            .map(|node| Untrusted::new(&**node))
            .collect(),
        supporting: supporting.into_iter().map(Untrusted::new).collect(),
        against: against.into_iter().map(Untrusted::new).collect(),
        next_check: Untrusted::new(format!(
            "read the logs of {} in this window: fractary logs --file LOG --baseline EARLIER",
            suspect.node
        )),
    }
}

/// What stands on the way to the hypotheses, without the ends.
fn affected(hypotheses: &[Hypothesis]) -> Vec<Untrusted> {
    let mut all: Vec<Untrusted> = Vec::new();
    for hypothesis in hypotheses
        .iter()
        .filter(|one| one.grade <= Grade::PossibleContributor)
    {
        let ends = hypothesis.path.len().saturating_sub(1);
        for node in &hypothesis.path[..ends] {
            if !all.contains(node) {
                all.push(node.clone());
            }
        }
    }
    all
}

fn unusual(suspect: &Suspect, verdict: &BlameVerdict) -> UnusualResource {
    let why = if verdict.wrong {
        "no call leads from the symptom to it"
    } else {
        "the symptom is inside its normal range"
    };
    UnusualResource {
        resource: Untrusted::new(&*suspect.node),
        deviation: rounded(suspect.deviation),
        why: why.to_owned(),
    }
}

fn gaps(sight: Sight) -> Vec<EvidenceGap> {
    let gap = |leg: &str, what: &str, effect: &str| EvidenceGap {
        leg: leg.to_owned(),
        what: Untrusted::new(what),
        effect: effect.to_owned(),
        why: None,
        fix: None,
    };
    let mut gaps = vec![
        gap("logs", "no logs were read", "no cause can be confirmed"),
        gap(
            "changes",
            "no deployments and no other changes were read",
            "a bad deploy cannot be told from a fault",
        ),
    ];
    if !sight.normal {
        gaps.push(gap(
            "metrics",
            "no metrics of a normal time",
            "the periods before the symptom say what is usual",
        ));
    }
    if !sight.graph {
        gaps.push(gap(
            "graph",
            "no calls between resources",
            "only the resource itself can be blamed",
        ));
    }
    gaps
}

fn name(measure: Measure) -> &'static str {
    match measure {
        Measure::Latency => "latency",
        Measure::Availability => "availability",
        Measure::Requests => "requests",
    }
}

fn noun(measure: Measure) -> &'static str {
    match measure {
        Measure::Latency => "latency",
        Measure::Availability => "loss of requests",
        Measure::Requests => "requests",
    }
}

fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

fn number(value: f64) -> String {
    numbers::number((value * 10.0).round() / 10.0)
}
