//! What may be written in the file of a signature, and the proof that it makes sense.

use regex::{Regex, RegexBuilder};
use serde::Deserialize;

use crate::catalog::placeholders::placeholders;
use crate::catalog::registry::{Fault, Step};
use crate::catalog::signatures::example::SignatureExample;
use crate::catalog::signatures::{MetricTest, Sign, SignPlace, SignTest, Signature};
use crate::model::investigation::ChangeSource;

/// The actions that a signature may suggest.
const ACTIONS: [&str; 17] = [
    "restart_lambda",
    "scale_lambda",
    "rollback_lambda",
    "raise_lambda_memory",
    "raise_lambda_timeout",
    "provision_lambda",
    "restart_ecs_service",
    "scale_ecs_service",
    "rollback_ecs_service",
    "reboot_rds",
    "increase_rds_connections",
    "resize_rds",
    "clear_cache",
    "invalidate_cloudfront",
    "redrive_dlq",
    "scale_dynamodb",
    "dynamodb_on_demand",
];
/// How long before the symptom a change counts, where the file does not say it.
const MINUTES_BEFORE: u32 = 120;

/// The file as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignatureForm {
    title: String,
    #[serde(default)]
    kinds: Vec<String>,
    cause: String,
    #[serde(default)]
    generic: bool,
    must: Vec<GroupForm>,
    #[serde(default)]
    supports: Vec<SignForm>,
    #[serde(default)]
    against: Vec<SignForm>,
    recommendations: Vec<String>,
    #[serde(default)]
    actions: Vec<String>,
    #[serde(default)]
    example: Vec<SignatureExample>,
}

/// Signs of which one must be seen.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupForm {
    any: Vec<SignForm>,
}

/// A sign as it is written. One of `log`, `metric`, `change` and `state` says what it is.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct SignForm {
    /// Expressions; a line fits where one of them does, in any case of letters.
    log: Vec<String>,
    /// Ids of a metric or an indicator.
    metric: Vec<String>,
    /// Expressions on the summary of a change.
    change: Vec<String>,
    /// Expressions on what AWS says of the state.
    state: Vec<String>,
    on: SignPlace,
    steady: bool,
    at_least: Option<f64>,
    at_most: Option<f64>,
    rises: Option<f64>,
    falls: Option<f64>,
    sources: Vec<ChangeSource>,
    within_minutes: Option<u32>,
}

/// Proves that a file makes sense.
pub(super) fn prove(id: &str, form: SignatureForm) -> Result<Signature, Fault> {
    check_words(&form)?;
    let mut must = Vec::new();
    for (index, group) in form.must.iter().enumerate() {
        let at = [Step::from("must"), Step::from(index)];
        let signs = compile_all("any", &group.any).map_err(|fault| fault.below(at.clone()))?;
        if signs.is_empty() {
            return Err(Fault::new(at, "the group has no sign"));
        }
        must.push(signs);
    }
    Ok(Signature {
        id: id.to_owned(),
        supports: compile_all("supports", &form.supports)?,
        against: compile_all("against", &form.against)?,
        must,
        title: form.title,
        kinds: form.kinds,
        cause: form.cause,
        generic: form.generic,
        recommendations: form.recommendations,
        actions: form.actions,
        examples: form.example,
    })
}

fn check_words(form: &SignatureForm) -> Result<(), Fault> {
    if form.must.is_empty() {
        let message = "nothing must be seen, so that it would always match";
        return Err(Fault::new([Step::from("title")], message).fix("add a `[[must]]`"));
    }
    let names =
        placeholders(&form.cause).map_err(|message| Fault::new([Step::from("cause")], message))?;
    if let Some((name, _)) = names.iter().find(|(name, _)| *name != "resource") {
        let message = format!("`{{{name}}}` is not known here");
        return Err(Fault::new([Step::from("cause")], message).fix("`{resource}`"));
    }
    if form.recommendations.is_empty() {
        let message = "it says nothing about what to do";
        return Err(Fault::new([Step::from("recommendations")], message));
    }
    for (index, action) in form.actions.iter().enumerate() {
        if !ACTIONS.contains(&action.as_str()) {
            let at = [Step::from("actions"), Step::from(index)];
            let message = format!("the action `{action}` is not known");
            return Err(Fault::new(at, message).fix(format!("one of {}", ACTIONS.join(", "))));
        }
    }
    Ok(())
}

fn compile_all(key: &str, signs: &[SignForm]) -> Result<Vec<Sign>, Fault> {
    let each = signs.iter().enumerate().map(|(index, sign)| {
        compile(sign).map_err(|fault| fault.below([Step::from(key), Step::from(index)]))
    });
    each.collect()
}

fn compile(sign: &SignForm) -> Result<Sign, Fault> {
    let given = [&sign.log, &sign.metric, &sign.change, &sign.state];
    if given.iter().filter(|texts| !texts.is_empty()).count() != 1 {
        let message = "a sign is exactly one of `log`, `metric`, `change` and `state`";
        return Err(Fault::new([], message));
    }
    let test = if !sign.log.is_empty() {
        SignTest::Log {
            pattern: expression("log", &sign.log)?,
            steady: sign.steady,
        }
    } else if !sign.metric.is_empty() {
        SignTest::Metric {
            ids: sign.metric.clone(),
            test: metric_test(sign)?,
        }
    } else if !sign.change.is_empty() {
        SignTest::Change {
            pattern: expression("change", &sign.change)?,
            sources: sign.sources.clone(),
            within_minutes: sign.within_minutes.unwrap_or(MINUTES_BEFORE),
        }
    } else {
        SignTest::State {
            pattern: expression("state", &sign.state)?,
        }
    };
    check_keys(sign, &test)?;
    Ok(Sign { on: sign.on, test })
}

/// Refuses keys that say nothing about this sort of sign.
fn check_keys(sign: &SignForm, test: &SignTest) -> Result<(), Fault> {
    let is_metric = matches!(test, SignTest::Metric { .. });
    let is_change = matches!(test, SignTest::Change { .. });
    let limits = [sign.at_least, sign.at_most, sign.rises, sign.falls];
    let wrong = [
        (limits.iter().any(Option::is_some) && !is_metric, "a limit"),
        (
            sign.steady && !matches!(test, SignTest::Log { .. }),
            "`steady`",
        ),
        (!sign.sources.is_empty() && !is_change, "`sources`"),
        (
            sign.within_minutes.is_some() && !is_change,
            "`within_minutes`",
        ),
    ];
    match wrong.iter().find(|(is_wrong, _)| *is_wrong) {
        None => Ok(()),
        Some((_, what)) => Err(Fault::new(
            [],
            format!("{what} does not belong to this sign"),
        )),
    }
}

fn metric_test(sign: &SignForm) -> Result<MetricTest, Fault> {
    let given = [
        sign.at_least.map(MetricTest::AtLeast),
        sign.at_most.map(MetricTest::AtMost),
        sign.rises.map(MetricTest::Rises),
        sign.falls.map(MetricTest::Falls),
    ];
    let mut given = given.into_iter().flatten();
    match (given.next(), given.next()) {
        (Some(MetricTest::Rises(times) | MetricTest::Falls(times)), None) if times <= 1.0 => {
            Err(Fault::new([], "`rises` and `falls` are factors above 1"))
        }
        (Some(test), None) => Ok(test),
        _ => {
            let message = "a metric has exactly one of `at_least`, `at_most`, `rises` and `falls`";
            Err(Fault::new([], message))
        }
    }
}

fn expression(key: &str, texts: &[String]) -> Result<Regex, Fault> {
    for (index, text) in texts.iter().enumerate() {
        let at = [Step::from(key), Step::from(index)];
        if let Err(error) = build(text) {
            let last = error.to_string();
            let last = last.lines().last().unwrap_or_default().to_owned();
            return Err(Fault::new(at, format!("not a regular expression: {last}")));
        }
        if text.is_empty() {
            return Err(Fault::new(at, "an empty expression fits everything"));
        }
    }
    let parts: Vec<String> = texts.iter().map(|text| format!("(?:{text})")).collect();
    build(&parts.join("|")).map_err(|error| Fault::new([Step::from(key)], error.to_string()))
}

fn build(text: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(text)
        .case_insensitive(true)
        .size_limit(1 << 20)
        .build()
}
