//! Hypotheses and the parts of the report around them, in words.

use std::collections::BTreeSet;

use crate::catalog::actions::Actions;
use crate::catalog::signatures::Signature;
use crate::core::investigate::figures::missed;
use crate::core::investigate::lookback::scene::{name, telling_rows};
use crate::core::investigate::lookback::{LogReading, LookbackFindings, name_of};
use crate::core::investigate::signatures::{CauseMatch, Figure, SceneReading, UnrelatedChange};
use crate::model::incident::{
    Grade, Hypothesis, IncidentAnomaly, IncidentPattern, ScopedResource, SuggestedAction,
    UnusualResource,
};
use crate::model::investigation::{Evidence, EvidenceClass};
use crate::text::Untrusted;
use crate::text::numbers::quantity;
use crate::text::phrases::shell_word;
use crate::text::times::clock;

/// Hypotheses by signatures, and changes that are none.
const MOST_CAUSES: usize = 6;
const MOST_UNRELATED: usize = 3;
/// Patterns and lines of one resource in the report.
const PATTERNS: usize = 10;
const EXAMPLES: usize = 2;
/// Figures in the report that are out of the ordinary, and how far off they are at least.
const ANOMALIES: usize = 20;
const OFF: f64 = 3.5;
/// The number of spreads that says no more than "very far".
const FAR: f64 = 1_000.0;
/// The share of the symptom from which blame is worth a word.
const CARRIES: f64 = 0.2;

/// A hypothesis, and the place of its resource: names are not unique.
pub(super) struct PlacedHypothesis {
    pub(super) told: Hypothesis,
    pub(super) place: Option<usize>,
}

pub(super) fn hypotheses(of: &LookbackFindings<'_>) -> Vec<PlacedHypothesis> {
    let causes = of.causes.iter().take(MOST_CAUSES);
    let mut all: Vec<PlacedHypothesis> = causes
        .map(|cause| PlacedHypothesis {
            told: by_signature(of, cause),
            place: Some(cause.node),
        })
        .collect();
    all.extend(by_blame(of));
    all.sort_by_key(|one| one.told.grade);
    let unrelated = of.unrelated.iter().take(MOST_UNRELATED);
    all.extend(unrelated.map(|change| PlacedHypothesis {
        told: by_change(of, change),
        place: change.node,
    }));
    all
}

fn signature<'a>(of: &'a LookbackFindings<'_>, id: &str) -> Option<&'a Signature> {
    of.input.signatures.get(id)
}

fn by_signature(of: &LookbackFindings<'_>, cause: &CauseMatch) -> Hypothesis {
    let resource = name(of.input, cause.node);
    let signature = signature(of, &cause.signature);
    let sentence = signature.map(|one| one.cause.replace("{resource}", resource.raw()));
    let texts = |evidence: &[Evidence]| -> Vec<Untrusted> {
        evidence.iter().map(|one| one.what.clone()).collect()
    };
    let mut supporting = texts(&cause.supporting);
    let blame = of.blame.get(&cause.node).copied().unwrap_or(0.0);
    if blame >= CARRIES {
        let percent = quantity((100.0 * blame).round(), "percent");
        let text = format!("{percent} of what users lose or wait for rests on it");
        supporting.push(Untrusted::new(text));
    }
    if let Some(words) = of.input.priors.words(&cause.signature) {
        supporting.push(Untrusted::new(format!("it {words}")));
    }
    Hypothesis {
        summary: sentence.map(Untrusted::new),
        cause_id: Some(cause.signature.clone()),
        score: (blame * 10_000.0).round() / 10_000.0,
        grade: cause.grade,
        deviation: None,
        extra: None,
        path: path(of, cause.node),
        supporting,
        against: texts(&cause.against),
        missing: cause
            .missing
            .iter()
            .map(|one| Untrusted::new(one.as_str()))
            .collect(),
        next_check: Untrusted::new(next_check(of, cause, &resource)),
        resource,
    }
}

fn path(of: &LookbackFindings<'_>, node: usize) -> Vec<Untrusted> {
    let path = of.paths.get(&node).into_iter().flatten();
    path.map(|place| name(of.input, *place)).collect()
}

/// The cheapest check that would change the mind.
fn next_check(of: &LookbackFindings<'_>, cause: &CauseMatch, resource: &Untrusted) -> String {
    if cause.grade == Grade::NeedsEvidence
        && let Some(missing) = cause.missing.first()
    {
        return format!("make this readable: {missing}");
    }
    let Some(word) = shell_word(resource.raw()) else {
        return "look at the resource in the console".to_owned();
    };
    let span = of.input.snapshot.window;
    let environment = &of.input.snapshot.environment;
    // The lines are in the logs of whoever wrote them, which is often a caller.
    let mut evidence = cause.supporting.iter();
    if let Some(lines) = evidence.find(|one| one.class == EvidenceClass::Logs) {
        let writer = lines.resource.as_ref();
        let writer = writer.and_then(|arn| shell_word(name_of(of.input, arn.raw())?.raw()));
        let about = format!("--since {} --until {}", span.start, span.end);
        return format!(
            "fractary logs {} --env {environment} {about} --level error",
            writer.unwrap_or(word).raw()
        );
    }
    let classes = cause.classes();
    let has = |class: EvidenceClass| classes.contains(&class);
    let only_changed = has(EvidenceClass::Changes) && !has(EvidenceClass::Metrics);
    let changed = of.input.resources.get(cause.node);
    // Whoever changed it knows why; what was deleted has no metrics.
    if let Some(changed) = changed.filter(|_| only_changed) {
        return format!(
            "aws cloudtrail lookup-events --lookup-attributes \
             AttributeKey=ResourceName,AttributeValue={} --region {}",
            word.raw(),
            changed.region
        );
    }
    format!(
        "fractary performance {} --env {environment} --since 7d",
        word.raw()
    )
}

/// Resources on which a large part of the symptom rests, and that no signature names.
fn by_blame(of: &LookbackFindings<'_>) -> Vec<PlacedHypothesis> {
    let named: BTreeSet<usize> = of.causes.iter().map(|one| one.node).collect();
    let confirmed = of
        .causes
        .first()
        .is_some_and(|one| one.grade == Grade::ConfirmedCause);
    let carrying = of.blame.iter().filter(|(place, share)| {
        **share >= CARRIES && **place != 0 && !named.contains(place) && !confirmed
    });
    let each = carrying.map(|(place, share)| {
        let resource = name(of.input, *place);
        let percent = quantity((100.0 * share).round(), "percent");
        let text = format!(
            "{percent} of what users lose or wait for is explained by nothing that {} calls",
            resource.raw()
        );
        let told = Hypothesis {
            summary: Some(Untrusted::new(format!(
                "something inside {} is wrong; no known cause fits",
                resource.raw()
            ))),
            cause_id: None,
            score: (share * 10_000.0).round() / 10_000.0,
            grade: Grade::PossibleContributor,
            deviation: None,
            extra: None,
            path: path(of, *place),
            supporting: vec![Untrusted::new(text)],
            against: vec![Untrusted::from("only metrics point to it")],
            missing: Vec::new(),
            next_check: Untrusted::new(match shell_word(resource.raw()) {
                Some(word) => format!(
                    "fractary logs {} --env {} --patterns",
                    word.raw(),
                    of.input.snapshot.environment
                ),
                None => "read its logs".to_owned(),
            }),
            resource,
        };
        PlacedHypothesis {
            told,
            place: Some(*place),
        }
    });
    each.collect()
}

fn by_change(of: &LookbackFindings<'_>, one: &UnrelatedChange) -> Hypothesis {
    let change = &one.change;
    let resource = one.node.map(|node| name(of.input, node));
    let at = clock(change.at);
    Hypothesis {
        resource: resource.unwrap_or_else(|| Untrusted::from(change.source.title())),
        summary: Some(Untrusted::new(format!("{} at {at}", change.summary.raw()))),
        cause_id: None,
        score: 0.0,
        grade: Grade::RecentButUnrelated,
        deviation: None,
        extra: None,
        path: one.node.map(|node| path(of, node)).unwrap_or_default(),
        supporting: vec![Untrusted::new(format!("it was made at {at}"))],
        against: vec![Untrusted::new(one.why.as_str())],
        missing: Vec::new(),
        next_check: Untrusted::from("compare what it changed with the errors"),
    }
}

/// What was found, in a sentence.
pub(super) fn summary(of: &LookbackFindings<'_>, hypotheses: &[PlacedHypothesis]) -> Untrusted {
    let resource = name(of.input, 0);
    let title = &of.symptom.title;
    let first = hypotheses.first().map(|one| &one.told);
    let sentence = |one: &Hypothesis| one.summary.as_ref().map(|text| text.raw().to_owned());
    let text = match first.map(|one| (one.grade, sentence(one))) {
        Some((Grade::ConfirmedCause, Some(text))) => text,
        Some((Grade::PossibleContributor, Some(text))) => format!("possibly, {text}"),
        Some((Grade::NeedsEvidence, Some(text))) if of.symptom.is_wrong => {
            format!(
                "no cause is shown; what could be read fits this: {text}{}",
                most_unusual(of)
            )
        }
        _ if of.symptom.is_wrong => {
            format!(
                "nothing explains the {title} of {}{}",
                resource.raw(),
                most_unusual(of)
            )
        }
        _ if of.symptom.is_known => {
            format!(
                "nothing is wrong with {}: every indicator that could be read meets its target",
                resource.raw()
            )
        }
        _ => format!(
            "unknown: no indicator of {} that has a target could be read",
            resource.raw()
        ),
    };
    Untrusted::new(text)
}

fn most_unusual(of: &LookbackFindings<'_>) -> String {
    match placed_anomalies(of).first() {
        None => String::new(),
        Some((_, most)) => format!(
            "; the most unusual is {} of {}: {} ({} is usual)",
            most.metric,
            most.resource.raw(),
            quantity(most.after, &most.unit),
            quantity(most.before, &most.unit),
        ),
    }
}

/// Resources that suffer: on the way from the symptom to its cause, and those that miss a target.
pub(super) fn affected(
    of: &LookbackFindings<'_>,
    hypotheses: &[PlacedHypothesis],
) -> Vec<Untrusted> {
    if !of.symptom.is_wrong {
        return Vec::new();
    }
    let mut places: Vec<usize> = vec![0];
    let holding = hypotheses
        .iter()
        .filter(|one| one.told.grade <= Grade::PossibleContributor);
    let first = holding.take(1).filter_map(|one| of.paths.get(&one.place?));
    for place in first.flatten() {
        if !places.contains(place) {
            places.push(*place);
        }
    }
    let worst = |place: usize| {
        let figures = of.figures.get(place)?;
        let missed = figures.targets.keys().filter_map(|id| {
            let until = of.input.snapshot.window.end;
            let missed = missed(figures, id, until)?;
            Some((missed, figures.all.get(id)?.known()?))
        });
        let (missed, figure) = missed.max_by(|a, b| a.0.times.total_cmp(&b.0.times))?;
        Some(format!(
            "{}: {}",
            figure.title,
            quantity(missed.worst, &figure.unit)
        ))
    };
    let shown = places.into_iter().map(|place| {
        let name = name(of.input, place);
        match worst(place) {
            Some(worst) => Untrusted::new(format!("{} ({worst})", name.raw())),
            None => name,
        }
    });
    shown.collect()
}

/// Resources that are out of the ordinary, and that the symptom does not depend on; all of them
/// where nothing is wrong.
pub(super) fn also_unusual(of: &LookbackFindings<'_>) -> Vec<UnusualResource> {
    let mut found: Vec<UnusualResource> = Vec::new();
    let mut known: BTreeSet<usize> = BTreeSet::new();
    for (place, one) in placed_anomalies(of) {
        let why = match (of.symptom.is_wrong, of.symptom.is_known) {
            (true, _) if of.paths.contains_key(&place) => continue,
            (true, _) if of.scene.calls.contains(&(place, 0)) => {
                format!("it depends on {}", name(of.input, 0).raw())
            }
            (true, _) => "the symptom does not depend on it".to_owned(),
            (false, true) => "no target is missed".to_owned(),
            (false, false) => "whether a target is missed is unknown".to_owned(),
        };
        if !known.insert(place) {
            continue;
        }
        found.push(UnusualResource {
            why: format!(
                "{}: {} ({} is usual); {why}",
                one.metric,
                quantity(one.after, &one.unit),
                quantity(one.before, &one.unit)
            ),
            resource: one.resource,
            deviation: one.score,
        });
    }
    found
}

/// Figures that are out of the ordinary, the furthest first.
pub(super) fn anomalies(of: &LookbackFindings<'_>) -> Vec<IncidentAnomaly> {
    let placed = placed_anomalies(of).into_iter();
    placed.map(|(_, anomaly)| anomaly).collect()
}

/// The same, with the places of their resources.
fn placed_anomalies(of: &LookbackFindings<'_>) -> Vec<(usize, IncidentAnomaly)> {
    let mut found = Vec::new();
    for (place, figures) in of.figures.iter().enumerate() {
        let known = figures.all.values().filter_map(SceneReading::known);
        let odd = known.filter_map(|figure| anomaly(figure, name(of.input, place)));
        found.extend(odd.map(|anomaly| (place, anomaly)));
    }
    found.sort_by(|(of_a, a), (of_b, b)| {
        let by_score = b.score.total_cmp(&a.score);
        by_score.then_with(|| (&a.resource, &a.metric, of_a).cmp(&(&b.resource, &b.metric, of_b)))
    });
    found.truncate(ANOMALIES);
    found
}

fn anomaly(figure: &Figure, resource: Untrusted) -> Option<IncidentAnomaly> {
    let usual = figure.usual?;
    let off = |value: f64| match usual.spread > 0.0 {
        true => ((value - usual.median).abs() / usual.spread).min(FAR),
        false if value == usual.median => 0.0,
        false => FAR,
    };
    let mut beyond = figure.rows.iter().filter(|(_, value)| off(*value) >= OFF);
    let (at, _) = beyond.clone().next()?;
    let first = beyond.next()?;
    let (_, worst) = beyond.fold(first, |worst, row| {
        if off(row.1) > off(worst.1) {
            row
        } else {
            worst
        }
    });
    Some(IncidentAnomaly {
        resource,
        metric: figure.title.clone(),
        unit: figure.unit.clone(),
        at: *at,
        before: usual.median,
        after: *worst,
        score: (off(*worst) * 10.0).round() / 10.0,
    })
}

pub(super) fn scope(of: &LookbackFindings<'_>) -> Vec<ScopedResource> {
    let each = of
        .input
        .resources
        .iter()
        .enumerate()
        .map(|(place, resource)| {
            let callees = of.scene.calls.iter().filter(|(caller, _)| *caller == place);
            ScopedResource {
                resource: resource.name.clone(),
                arn: Untrusted::from(resource.arn.as_str()),
                kind: resource.kind.as_ref().map(|kind| kind.as_str().to_owned()),
                role: match (place, of.paths.contains_key(&place)) {
                    (0, _) => "symptom",
                    (_, true) => "dependency",
                    (_, false) => "caller",
                }
                .to_owned(),
                depends_on: callees.map(|(_, callee)| name(of.input, *callee)).collect(),
            }
        });
    each.collect()
}

pub(super) fn patterns(of: &LookbackFindings<'_>) -> Vec<IncidentPattern> {
    let mut found = Vec::new();
    for (place, reading) in of.input.logs.iter().enumerate() {
        let LogReading::Read(report) = reading else {
            continue;
        };
        for row in telling_rows(report).take(PATTERNS) {
            found.push(IncidentPattern {
                resource: name(of.input, place),
                template: row.template.clone(),
                count: row.count,
                baseline_count: row.baseline_count,
                change: row.kind,
                level: row.level.clone(),
                first_seen: row.first_seen,
                last_seen: row.last_seen,
                examples: row.examples.iter().take(EXAMPLES).cloned().collect(),
            });
        }
    }
    found
}

/// The signatures whose advice is given: the first, and others that are confirmed.
fn advising<'a>(
    of: &'a LookbackFindings<'_>,
    hypotheses: &[PlacedHypothesis],
) -> Vec<(&'a Signature, usize)> {
    let holding = hypotheses.iter().enumerate().filter(|(index, one)| {
        let grade = one.told.grade;
        grade == Grade::ConfirmedCause || (*index == 0 && grade == Grade::PossibleContributor)
    });
    let each = holding.filter_map(|(_, one)| {
        let signature = signature(of, one.told.cause_id.as_deref()?)?;
        Some((signature, one.place?))
    });
    each.collect()
}

pub(super) fn recommendations(
    of: &LookbackFindings<'_>,
    hypotheses: &[PlacedHypothesis],
) -> Vec<Untrusted> {
    let mut found: Vec<Untrusted> = Vec::new();
    for (signature, _) in advising(of, hypotheses) {
        for text in &signature.recommendations {
            let text = Untrusted::from(text.as_str());
            if !found.contains(&text) {
                found.push(text);
            }
        }
    }
    found
}

/// Actions that help, each with the nearest resource on the way that it can be applied to.
pub(super) fn actions(
    of: &LookbackFindings<'_>,
    hypotheses: &[PlacedHypothesis],
) -> Vec<SuggestedAction> {
    let mut found: Vec<SuggestedAction> = Vec::new();
    for (signature, node) in advising(of, hypotheses) {
        for action in &signature.actions {
            let mut places = of.paths.get(&node).into_iter().flatten().rev().copied();
            let place = places.find(|place| {
                let of_place = of.scene.nodes.get(*place);
                let kind = of_place.and_then(|one| one.kind.as_deref());
                kind.is_some() && !Actions::built_in().called(action, kind).is_empty()
            });
            let Some(place) = place else { continue };
            let suggested = SuggestedAction {
                action: action.clone(),
                resource: name(of.input, place),
            };
            if !found.contains(&suggested) {
                found.push(suggested);
            }
        }
    }
    found
}
