//! The examples in the files of signatures: a resource and its caller, held against the signature.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::catalog::registry::{DataError, Fault, Registry, Step, Whose};
use crate::catalog::signatures::{Signature, SignatureExample, SignatureVerdict};
use crate::core::investigate::signatures::judge::judge;
use crate::core::investigate::signatures::{
    CauseScene, Figure, LogFact, SceneNode, SceneReading, StateFact, UsualRange,
};
use crate::model::incident::Grade;
use crate::model::investigation::{ChangeRecord, ChangeSource};
use crate::text::Untrusted;

/// When the symptom of every example began, in seconds since 1970.
const BEGAN: i64 = 1_795_600_800;
const PERIOD: u32 = 300;
const CALLER: &str = "arn:aws:lambda:us-east-1:123456789012:function:shop-api";
const OWN: &str = "arn:aws:test:us-east-1:123456789012:thing/at-fault";

/// Evaluates the examples of signatures, and says which do not come to what their files say.
pub fn run_examples(signatures: &Registry<Signature>, of: Whose) -> Vec<DataError> {
    signatures.run_examples(of, compare)
}

fn compare(signature: &Signature, example: &SignatureExample) -> Result<(), Fault> {
    let scene = scene(signature, example)?;
    let found = judge(signature, &scene, 1, &[0, 1]);
    let verdict = match found.as_ref().map(|one| one.grade) {
        None | Some(Grade::RecentButUnrelated) => SignatureVerdict::NoMatch,
        Some(Grade::NeedsEvidence) => SignatureVerdict::Unknown,
        Some(Grade::ConfirmedCause | Grade::PossibleContributor) => SignatureVerdict::Match,
    };
    if verdict != example.verdict {
        let message = format!("`{}` is evaluated as {verdict:?}: {found:?}", example.name);
        return Err(Fault::new([Step::from("verdict")], message));
    }
    let grade = found.as_ref().map(|one| one.grade);
    if example.grade.is_some() && example.grade != grade {
        let message = format!("`{}` has the grade {grade:?}: {found:?}", example.name);
        return Err(Fault::new([Step::from("grade")], message));
    }
    Ok(())
}

fn after(minutes: i64) -> Timestamp {
    let began = Timestamp::from_second(BEGAN).unwrap_or_default();
    began
        .checked_add(SignedDuration::from_mins(minutes))
        .unwrap_or(began)
}

fn scene(signature: &Signature, example: &SignatureExample) -> Result<CauseScene, Fault> {
    let mut changes = Vec::new();
    for (key, texts, at) in [
        ("changes", &example.changes, after(-10)),
        ("later_changes", &example.later_changes, after(30)),
    ] {
        for (index, text) in texts.iter().enumerate() {
            changes.push(change(text, at).ok_or_else(|| {
                let place = [Step::from(key), Step::from(index)];
                Fault::new(place, "a change is its source, a colon and its summary")
                    .fix("`deployment: deployed 1a2b3c4d: success`")
            })?);
        }
    }
    let is_unreadable = |what: &str| example.unreadable.iter().any(|one| one == what);
    let mut unread_changes = BTreeMap::new();
    if is_unreadable("changes") {
        let why = "changes could not be read".to_owned();
        unread_changes.insert(ChangeSource::Cloudtrail, why.clone());
        unread_changes.insert(ChangeSource::Deployment, why);
    }
    Ok(CauseScene {
        nodes: nodes(signature, example),
        calls: BTreeSet::from([(0, 1)]),
        symptom: 0,
        began: after(0),
        uncertain_seconds: i64::from(PERIOD),
        changes,
        unread_changes,
    })
}

/// The caller, where the symptom is, and the resource at fault.
fn nodes(signature: &Signature, example: &SignatureExample) -> Vec<SceneNode> {
    let is_unreadable = |what: &str| example.unreadable.iter().any(|one| one == what);
    let caller = SceneNode {
        arn: CALLER.to_owned(),
        name: "shop-api".to_owned(),
        kind: Some("lambda".to_owned()),
        logs: read(!is_unreadable("caller_logs"), "logs of shop-api", || {
            logs(&example.caller_logs, &[])
        }),
        unread_logs: None,
        figures: figures(
            &example.caller_metrics,
            &example.unreadable,
            "caller_metrics.",
        ),
        states: SceneReading::Known(Vec::new()),
        clues: SceneReading::Known(Vec::new()),
    };
    let own = SceneNode {
        arn: OWN.to_owned(),
        name: "at-fault".to_owned(),
        kind: signature.kinds.first().cloned(),
        logs: read(!is_unreadable("logs"), "logs of at-fault", || {
            logs(&example.logs, &example.steady_logs)
        }),
        unread_logs: None,
        figures: figures(&example.metrics, &example.unreadable, "metrics."),
        states: read(!is_unreadable("states"), "state of at-fault", || {
            let texts = example.states.iter();
            let state = |text: &String| StateFact {
                text: text.clone(),
                since: None,
            };
            texts.map(state).collect()
        }),
        clues: SceneReading::Known(Vec::new()),
    };
    vec![caller, own]
}

fn read<T>(readable: bool, what: &str, value: impl FnOnce() -> T) -> SceneReading<T> {
    match readable {
        true => SceneReading::Known(value()),
        false => SceneReading::Unreadable(format!("{what} could not be read")),
    }
}

fn logs(new: &[String], steady: &[String]) -> Vec<LogFact> {
    let fact = |index: usize, line: &String, is_steady: bool| LogFact {
        id: format!("{is_steady}-{index}"),
        template: line.clone(),
        examples: vec![line.clone()],
        count: 40,
        before: Some(if is_steady { 40 } else { 0 }),
        steady: is_steady,
        first: Some(after(0)),
        level: None,
    };
    let new = new
        .iter()
        .enumerate()
        .map(|(index, line)| fact(index, line, false));
    let steady = steady
        .iter()
        .enumerate()
        .map(|(index, line)| fact(index, line, true));
    new.chain(steady).collect()
}

fn figures(
    given: &BTreeMap<String, Vec<f64>>,
    unreadable: &[String],
    prefix: &str,
) -> BTreeMap<String, SceneReading<Figure>> {
    let known = given.iter().map(|(id, values)| {
        let usual = values.first().map(|median| UsualRange {
            median: *median,
            spread: median.abs() * 0.02,
        });
        let rows = values.iter().skip(1).enumerate();
        let figure = Figure {
            title: id.replace('_', " "),
            unit: if id.contains("percent") {
                "percent"
            } else {
                "count"
            }
            .to_owned(),
            usual,
            rows: rows
                .map(|(index, value)| (after(5 * index as i64), *value))
                .collect(),
            period_seconds: PERIOD,
        };
        (id.clone(), SceneReading::Known(figure))
    });
    let hidden = unreadable.iter().filter_map(|what| {
        let id = what.strip_prefix(prefix)?;
        let why = format!("{id} could not be read");
        Some((id.to_owned(), SceneReading::Unreadable(why)))
    });
    known.chain(hidden).collect()
}

fn change(text: &str, at: Timestamp) -> Option<ChangeRecord> {
    let (source, summary) = text.split_once(": ")?;
    let source = match source {
        "deployment" => ChangeSource::Deployment,
        "commit" => ChangeSource::Commit,
        "cloudtrail" => ChangeSource::Cloudtrail,
        "remediation" => ChangeSource::Remediation,
        _ => return None,
    };
    Some(ChangeRecord {
        at,
        source,
        summary: Untrusted::from(summary),
        resources: vec![Untrusted::from(OWN)],
        actor: None,
        reference: Untrusted::from(text),
        includes: 0,
    })
}
