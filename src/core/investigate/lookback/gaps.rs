//! What could not be seen, what that does to the result, and how to close it.

use crate::core::investigate::lookback::scene::{name, stopped, unread_changes, unread_part};
use crate::core::investigate::lookback::{ClueReading, LogReading, LookbackFindings};
use crate::core::investigate::signatures::SceneReading;
use crate::model::fact::Gap;
use crate::model::incident::EvidenceGap;
use crate::model::investigation::ChangeSource;
use crate::text::{Untrusted, phrases, times};

/// The gaps that are told of one leg.
const MOST: usize = 12;

pub(super) fn gaps(of: &LookbackFindings<'_>) -> Vec<EvidenceGap> {
    let mut found = logs(of);
    found.extend(clues(of));
    found.extend(metrics(of));
    found.extend(changes(of));
    found.extend(graph(of));
    found
}

fn gap(
    leg: &str,
    what: String,
    effect: &str,
    why: Option<String>,
    fix: Option<String>,
) -> EvidenceGap {
    EvidenceGap {
        leg: leg.to_owned(),
        what: Untrusted::new(what),
        effect: effect.to_owned(),
        why: why.map(Untrusted::new),
        fix: fix.map(Untrusted::new),
    }
}

/// How to make a call possible.
fn fix(of: &Gap) -> Option<String> {
    let permission = of.missing_permission.as_ref()?;
    Some(format!(
        "allow `{permission}`; `fractary iam-policy investigate` prints all that is needed"
    ))
}

fn logs(of: &LookbackFindings<'_>) -> Vec<EvidenceGap> {
    let mut found = silent(of);
    for (place, reading) in of.input.logs.iter().enumerate() {
        let name = name(of.input, place);
        let logs = format!("logs of {}", name.raw());
        match reading {
            LogReading::Unreadable(gap_of) => found.push(gap(
                "logs",
                logs,
                "confidence is lowered: nothing on the way through it is confirmed",
                Some(gap_of.sentence()),
                fix(gap_of),
            )),
            LogReading::NotAsked(why) => found.push(gap(
                "logs",
                logs,
                "confidence is lowered: nothing on the way through it is confirmed",
                Some(why.clone()),
                Some("raise `--max-calls`".to_owned()),
            )),
            LogReading::Lost(why) => found.push(gap(
                "logs",
                logs,
                "confidence is lowered: nothing on the way through it is confirmed",
                Some(why.clone()),
                None,
            )),
            LogReading::Nothing(why) if why.is_empty() => {}
            LogReading::Nothing(why) => found.push(gap(
                "logs",
                logs,
                "what it would have logged is unknown",
                Some(why.clone()),
                None,
            )),
            LogReading::Read(report) => {
                if report
                    .coverage
                    .as_ref()
                    .is_some_and(|one| !one.is_complete())
                {
                    let why = unread_part(report).unwrap_or_else(|| {
                        "the end of the span, a limit or a group was not reached".to_owned()
                    });
                    let text = format!("a part of the {logs}");
                    found.push(gap("logs", text, "lines may be missing", Some(why), None));
                }
                if report.baseline_lines.is_none() {
                    let text = format!("{logs} of the span before");
                    found.push(gap("logs", text, "no line can be called new", None, None));
                }
            }
        }
    }
    found.truncate(MOST);
    found
}

/// Logs that stopped.
fn silent(of: &LookbackFindings<'_>) -> Vec<EvidenceGap> {
    let each = of.silent.iter().filter_map(|(place, since)| {
        let resource = of.input.resources.get(*place)?;
        let name = resource.name.raw();
        let what = format!("logs of {name} since {}", times::clock(*since));
        let effect = "confidence is lowered: what it would have logged is unknown";
        let why = Some(stopped(resource, *since));
        let fix = "see whether its log group, its role or its logger was changed".to_owned();
        Some(gap("logs", what, effect, why, Some(fix)))
    });
    each.collect()
}

fn clues(of: &LookbackFindings<'_>) -> Vec<EvidenceGap> {
    let each = of.input.clues.iter().enumerate();
    let unread = each.filter_map(|(place, reading)| {
        let what = format!("what went wrong with {}", name(of.input, place).raw());
        let effect = "what AWS keeps of it is unknown";
        match reading {
            ClueReading::Read(_) => None,
            ClueReading::Unreadable(gap_of) => {
                let why = Some(gap_of.sentence());
                Some(gap("state", what, effect, why, fix(gap_of)))
            }
            ClueReading::NotAsked(why) => {
                let fix = Some("raise `--max-calls`".to_owned());
                Some(gap("state", what, effect, Some(why.clone()), fix))
            }
        }
    });
    unread.take(MOST).collect()
}

fn metrics(of: &LookbackFindings<'_>) -> Vec<EvidenceGap> {
    let mut found: Vec<EvidenceGap> = Vec::new();
    let mut gaps: Vec<&Gap> = Vec::new();
    for one in &of.input.snapshot.gaps {
        if !gaps
            .iter()
            .any(|known| known.operation == one.operation && known.subject == one.subject)
        {
            gaps.push(one);
        }
    }
    for one in gaps {
        let (leg, effect) = match one.operation.as_str() {
            "cloudwatch:GetMetricData" => ("metrics", "what they would show is unknown"),
            "cloudwatch:DescribeAlarms" => ("alarms", "alarms are not in the timeline"),
            _ => ("state", "what AWS says of its state is unknown"),
        };
        found.push(gap(
            leg,
            one.subject.clone(),
            effect,
            Some(one.sentence()),
            fix(one),
        ));
    }
    let little = of.figures.iter().enumerate().filter(|(_, figures)| {
        let mut known = figures.all.values().filter_map(SceneReading::known);
        known.clone().count() > 0 && known.all(|figure| figure.usual.is_none())
    });
    for (place, _) in little {
        let what = format!("what is usual for {}", name(of.input, place).raw());
        let why = "there are too few values of the day before".to_owned();
        let effect = "only limits and targets tell what is off";
        found.push(gap("metrics", what, effect, Some(why), None));
    }
    found.truncate(MOST);
    found
}

fn changes(of: &LookbackFindings<'_>) -> Vec<EvidenceGap> {
    let unread = unread_changes(of.input);
    let each = unread.into_iter().map(|(source, why)| {
        let gaps = of.input.changes.gaps.iter();
        let fix = gaps
            .filter_map(fix)
            .find(|_| source == ChangeSource::Cloudtrail);
        let effect = "a change that caused it would not be seen";
        gap(
            "changes",
            format!("changes by {}", source.title()),
            effect,
            Some(why),
            fix,
        )
    });
    each.collect()
}

fn graph(of: &LookbackFindings<'_>) -> Vec<EvidenceGap> {
    let mut found = Vec::new();
    let first = name(of.input, 0);
    let has_callees = of.scene.calls.iter().any(|(caller, _)| *caller == 0);
    if !has_callees && of.symptom.is_wrong {
        found.push(gap(
            "graph",
            format!("what {} depends on", first.raw()),
            "a cause elsewhere cannot be found",
            Some("no dependency is registered".to_owned()),
            Some(format!(
                "name it in `[dependencies]` of monitoring.toml: \"{}\" = [\"NAME\"]",
                first.raw()
            )),
        ));
    }
    let left_out = of.input.scope.left_out as u64;
    if left_out > 0 {
        found.push(gap(
            "graph",
            phrases::counted(left_out, "resource"),
            "a cause there cannot be found",
            Some("there are more dependencies than are looked at".to_owned()),
            None,
        ));
    }
    found
}
