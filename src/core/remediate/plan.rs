//! What an action would do to a resource, as far as is known.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::case::{self, ActionCase, ActionFacts};
use crate::catalog::actions::{Action, Objection, ParameterKind, Undo};
use crate::expr::{Expression, Unknown};
use crate::model::fact::Value;
use crate::model::remediation::{
    ActionPlan, ActionSituation, ActionTarget, BlastRadius, ExpectedDrift, UndoStep,
};
use crate::model::resource::Resource;
use crate::text::Untrusted;

/// What planning needs.
#[derive(Debug, Clone)]
pub struct ActionPlanInput<'a> {
    /// The action.
    pub action: &'a Action,
    /// The resource.
    pub resource: &'a Resource,
    /// What was read of it.
    pub situation: &'a ActionSituation,
    /// Parameters as they were given.
    pub given: &'a BTreeMap<String, String>,
    /// Resources of the kind in the environment.
    pub of_kind: u32,
    /// Names of what needs the resource.
    pub dependents: Vec<Untrusted>,
    /// The id of this application.
    pub token: &'a str,
    /// Now.
    pub now: Timestamp,
}

/// What planning comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum PlanOutcome {
    /// It can be applied.
    Ready(Box<ReadyPlan>),
    /// There is nothing to do.
    Nothing(Untrusted),
    /// It is not possible.
    Impossible {
        /// Why.
        because: Untrusted,
        /// The action that would do it.
        instead: Option<String>,
    },
    /// It cannot be known.
    Unknown(Vec<Untrusted>),
}

/// A plan that can be applied.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadyPlan {
    /// For people.
    pub plan: ActionPlan,
    /// The parameters, defaults included.
    pub parameters: BTreeMap<String, Value>,
    /// Which writes of the action are sent.
    pub writes: Vec<usize>,
}

/// Plans an action.
pub fn plan(input: &ActionPlanInput<'_>) -> PlanOutcome {
    let (parameters, missing) = match parameters(input) {
        Ok(read) => read,
        Err(because) => {
            return PlanOutcome::Impossible {
                because,
                instead: None,
            };
        }
    };
    let case = case_of(input, parameters);
    if let Some(ends) = objections(&case, &missing) {
        return ends;
    }
    if let Some((name, why)) = missing.first() {
        return match why.gaps().next().is_some() {
            true => PlanOutcome::Unknown(case.reasons(why)),
            false => PlanOutcome::Impossible {
                because: Untrusted::new(no_value(input.action, name)),
                instead: None,
            },
        };
    }
    ready(input, &case).unwrap_or_else(|unknown| PlanOutcome::Unknown(case.reasons(&unknown)))
}

fn case_of<'a>(input: &ActionPlanInput<'a>, parameters: BTreeMap<String, Value>) -> ActionCase<'a> {
    ActionCase {
        action: input.action,
        resource: input.resource,
        situation: input.situation,
        was: &input.situation.facts,
        parameters,
        made: serde_json::Map::new(),
        token: input.token,
        now: input.now,
    }
}

fn no_value(action: &Action, name: &str) -> String {
    let example = match action.parameters.get(name).map(|it| &it.kind) {
        Some(ParameterKind::Text { example, .. }) => example.clone(),
        Some(ParameterKind::Choice { values }) => values.join("|"),
        Some(ParameterKind::Number { .. }) | None => "NUMBER".to_owned(),
    };
    format!("`{name}` has no value: say it with --set {name}={example}")
}

type Parameters = (BTreeMap<String, Value>, Vec<(String, Unknown)>);

/// The parameters that were given or have a default, and those that have neither.
fn parameters(input: &ActionPlanInput<'_>) -> Result<Parameters, Untrusted> {
    let known = &input.action.parameters;
    if let Some(name) = input.given.keys().find(|name| !known.contains_key(*name)) {
        let names: Vec<&str> = known.keys().map(String::as_str).collect();
        let there = match names.is_empty() {
            true => "it has none".to_owned(),
            false => format!("it has {}", names.join(", ")),
        };
        let text = format!("`{name}` is no parameter of `{}`: {there}", input.action.id);
        return Err(Untrusted::new(text));
    }
    let (mut all, mut missing) = (BTreeMap::new(), Vec::new());
    let early = case_of(input, BTreeMap::new());
    for (name, parameter) in known {
        let value = match (input.given.get(name), &parameter.default) {
            (Some(text), _) => Ok(parameter.kind.read(name, text)?),
            (None, Some(default)) => early.evaluate(default),
            (None, None) => Err(Unknown::from(crate::expr::Cause::Absent(name.clone()))),
        };
        match value {
            Ok(value) => {
                // A default is held to the same bounds.
                let written = written(&value);
                parameter.kind.read(name, &written)?;
                all.insert(name.clone(), value);
            }
            Err(unknown) => missing.push((name.clone(), unknown)),
        }
    }
    Ok((all, missing))
}

/// Returns a parameter as it would be given.
pub fn written(value: &Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        other => case::value_text(other),
    }
}

/// The first thing that ends planning: a refusal, nothing to do, or not knowing.
fn objections(case: &ActionCase<'_>, missing: &[(String, Unknown)]) -> Option<PlanOutcome> {
    let mut open = None;
    for objection in &case.action.refuse {
        match case.holds(&objection.when) {
            Ok(false) => {}
            Ok(true) if open.is_none() => return Some(refusal(case, objection)),
            Ok(true) => {}
            // What is missing is said by its name.
            Err(unknown) if missing.is_empty() => drop(open.get_or_insert(unknown)),
            Err(_) => {}
        }
    }
    if let Some(unknown) = open {
        return Some(PlanOutcome::Unknown(case.reasons(&unknown)));
    }
    let nothing = case
        .action
        .nothing
        .as_ref()
        .filter(|_| missing.is_empty())?;
    match case.holds(&nothing.when) {
        Ok(true) => Some(PlanOutcome::Nothing(case.fill(&nothing.say))),
        Ok(false) => None,
        Err(unknown) => Some(PlanOutcome::Unknown(case.reasons(&unknown))),
    }
}

fn refusal(case: &ActionCase<'_>, objection: &Objection) -> PlanOutcome {
    PlanOutcome::Impossible {
        because: case.fill(&objection.say),
        instead: objection.instead.clone(),
    }
}

fn ready(input: &ActionPlanInput<'_>, case: &ActionCase<'_>) -> Result<PlanOutcome, Unknown> {
    let writes = case.sent()?;
    match writes.first() {
        // What the others send may be in the answer to it.
        Some(first) => drop(case.prepare(*first)?),
        None if case.action.program.is_some() => {}
        None => {
            let says = Untrusted::from("nothing would be sent");
            return Ok(PlanOutcome::Nothing(says));
        }
    }
    let (undo, cannot_undo) = undo(case)?;
    let action = case.action;
    let operations = writes.iter().map(|index| &action.writes[*index].operation);
    let program = action.program.iter().map(|one| &one.path);
    let program = program.map(|path| format!("the program {path}"));
    let shown = |(name, value): (&String, &Value)| (name.clone(), Untrusted::new(written(value)));
    let plan = ActionPlan {
        action: action.id.clone(),
        title: Untrusted::from(action.title.as_str()),
        verb: action.verb.clone(),
        resource: target(case.resource),
        parameters: case.parameters.iter().map(shown).collect(),
        from: case.fill(&action.from),
        to: case.fill(&action.to),
        does: case.fill(&action.does),
        interruption: case.fill(&template(&action.interruption)),
        traffic: case.fill(&template(&action.traffic)),
        risk: action.risk.word().to_owned(),
        warnings: warnings(case),
        blast: blast(input.of_kind),
        dependents: input.dependents.clone(),
        operations: operations.cloned().chain(program).collect(),
        undo,
        cannot_undo,
        drift: drift(case)?,
        facts_hash: case::facts_hash(action, case.resource, &case.situation.facts),
    };
    Ok(PlanOutcome::Ready(Box::new(ReadyPlan {
        plan,
        parameters: case.parameters.clone(),
        writes,
    })))
}

fn template(text: &str) -> crate::catalog::actions::Template {
    crate::catalog::actions::Template(text.to_owned())
}

/// The resource as plans name it.
fn target(resource: &Resource) -> ActionTarget {
    let kind = resource.kind.as_ref();
    ActionTarget {
        name: resource.name.clone(),
        kind: kind.map_or_else(|| resource.resource_type.clone(), ToString::to_string),
        arn: resource.arn.clone(),
        region: resource.region.clone(),
    }
}

/// How much of its kind one resource is.
fn blast(of_kind: u32) -> BlastRadius {
    let of = of_kind.max(1);
    let share = 1.0 / f64::from(of) * 100.0;
    BlastRadius {
        count: 1,
        of,
        share_percent: crate::text::numbers::rounded(share),
    }
}

fn drift(case: &ActionCase<'_>) -> Result<Option<ExpectedDrift>, Unknown> {
    let address = case.resource.terraform_address.clone();
    let Some((address, attribute)) = address.zip(case.action.terraform.clone()) else {
        return Ok(None);
    };
    let mut values = BTreeMap::new();
    for (name, expression) in &case.action.code {
        let value = case.evaluate(expression)?;
        values.insert(name.clone(), case::json_of_value(&value));
    }
    Ok(Some(ExpectedDrift {
        address,
        attribute,
        values,
    }))
}

fn warnings(case: &ActionCase<'_>) -> Vec<Untrusted> {
    let each = case.action.warn.iter();
    each.filter_map(|objection| match case.holds(&objection.when) {
        Ok(true) => Some(case.fill(&objection.say)),
        Ok(false) => None,
        Err(_) => {
            let say = case.fill(&objection.say);
            Some(Untrusted::new(format!(
                "it is not known whether: {}",
                say.raw()
            )))
        }
    })
    .collect()
}

type UndoWay = (Option<UndoStep>, Option<Untrusted>);

fn undo(case: &ActionCase<'_>) -> Result<UndoWay, Unknown> {
    let (action, parameters, when, otherwise) = match &case.action.undo {
        Undo::Cannot(why) => return Ok((None, Some(Untrusted::from(why.as_str())))),
        Undo::By {
            action,
            parameters,
            when,
            otherwise,
        } => (action, parameters, when, otherwise),
    };
    let fits = when.as_ref().map_or(Ok(true), |when| case.holds(when))?;
    if !fits {
        return Ok(match otherwise {
            Some(action) => {
                let step = UndoStep {
                    action: action.clone(),
                    parameters: BTreeMap::new(),
                };
                (Some(step), None)
            }
            None => {
                let why = "what was before cannot be set by an action";
                (None, Some(Untrusted::from(why)))
            }
        });
    }
    let mut given = BTreeMap::new();
    for (name, expression) in parameters {
        let value = case.evaluate(expression)?;
        given.insert(name.clone(), Untrusted::new(written(&value)));
    }
    let step = UndoStep {
        action: action.clone(),
        parameters: given,
    };
    Ok((Some(step), None))
}

/// Whether AWS has made the change, by what is read now.
///
/// # Errors
/// Why it cannot be known.
pub fn is_done(case: &ActionCase<'_>) -> Result<bool, Vec<Untrusted>> {
    case.holds(&case.action.done)
        .map_err(|unknown| case.reasons(&unknown))
}

/// Whether what AWS shows tells that the change was made. Where `done` held before anything was sent,
/// as after a reboot, it does not.
pub fn can_tell(case: &ActionCase<'_>, done: &Expression) -> bool {
    let before = ActionSituation {
        facts: case.was.clone(),
        gaps: Vec::new(),
    };
    let before = ActionCase {
        situation: &before,
        ..case.clone()
    };
    !matches!(before.holds(done), Ok(true))
}

/// Why AWS has given up, where it has.
pub fn has_failed(case: &ActionCase<'_>) -> Option<Untrusted> {
    let failed = case.action.failed.as_ref()?;
    let holds = case.holds(&failed.when).unwrap_or(false);
    holds.then(|| case.fill(&failed.say))
}

/// The case of a plan that is being applied, with what was read now.
pub fn case_now<'a>(
    input: &ActionPlanInput<'a>,
    ready: &ReadyPlan,
    was: &'a ActionFacts,
) -> ActionCase<'a> {
    ActionCase {
        was,
        ..case_of(input, ready.parameters.clone())
    }
}
