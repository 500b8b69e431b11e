//! The examples in the files of actions: each is planned, and compared with what the file says.

use std::collections::BTreeMap;

use serde_json::json;

use super::plan::{self, ActionPlanInput, PlanOutcome, ReadyPlan};
use crate::catalog::actions::{Action, ActionExample, ActionVerdict, Actions};
use crate::catalog::registry::{DataError, Fault, Step, Whose};
use crate::core::remediate::case::fact_of_json;
use crate::model::fact::{Fact, FactName, Gap, GapCause, GapId};
use crate::model::remediation::ActionSituation;
use crate::model::resource::Resource;
use crate::text::Untrusted;

const NOW: &str = "2026-03-16T08:00:00Z";

/// A resource of a kind, called orders.
pub(super) fn resource(kind: &str) -> Resource {
    let arn = match kind {
        "sqs" => "arn:aws:sqs:eu-central-1:123456789012:orders".to_owned(),
        other => format!("arn:aws:{other}:eu-central-1:123456789012:orders"),
    };
    serde_json::from_value(json!({
        "kind": kind, "resource_type": "x", "terraform_address": "aws_x.orders", "name": "orders",
        "aws_id": "orders-id", "arn": arn, "region": "eu-central-1",
        "attributes": { "cluster": "main", "stage": "live" }, "depends_on": [],
    }))
    .expect("a resource")
}

fn situation(action: &Action, example: &ActionExample) -> ActionSituation {
    let current = serde_json::to_value(&example.current).expect("plain data");
    let mut facts = BTreeMap::new();
    let named = action.reads.reads.iter().flat_map(|read| read.facts.keys());
    for name in named {
        let fact = current
            .get(name.as_str())
            .map_or(Fact::Absent, fact_of_json);
        facts.insert(name.clone(), fact);
    }
    for name in &example.unreadable {
        let name = FactName::parse(name).expect("a fact");
        facts.insert(name, Fact::Unreadable(GapId(0)));
    }
    let gap = Gap {
        operation: "x:Read".to_owned(),
        subject: "facts".to_owned(),
        cause: GapCause::Denied,
        code: None,
        message: Untrusted::from("no"),
        missing_permission: None,
    };
    ActionSituation {
        facts,
        gaps: vec![gap],
    }
}

fn same(key: &str, wanted: &Option<String>, is: Option<&Untrusted>) -> Result<(), Fault> {
    match wanted {
        Some(wanted) if is.map(Untrusted::raw) != Some(wanted) => {
            Err(Fault::new([Step::from(key)], format!("it is {is:?}")))
        }
        _ => Ok(()),
    }
}

fn compare(action: &Action, example: &ActionExample) -> Result<(), Fault> {
    let resource = resource(&action.kinds[0]);
    let situation = situation(action, example);
    let input = ActionPlanInput {
        action,
        resource: &resource,
        situation: &situation,
        given: &example.parameters,
        of_kind: 4,
        dependents: Vec::new(),
        token: "token",
        now: NOW.parse().expect("a time"),
    };
    let planned = plan::plan(&input);
    let fault = |key: &str, message: String| Fault::new([Step::from(key)], message);
    let (verdict, says) = match &planned {
        PlanOutcome::Ready(_) => (ActionVerdict::Plan, None),
        PlanOutcome::Nothing(says) => (ActionVerdict::Nothing, Some(says)),
        PlanOutcome::Impossible { because, .. } => (ActionVerdict::Refused, Some(because)),
        PlanOutcome::Unknown(why) => (ActionVerdict::Unknown, why.first()),
    };
    if verdict != example.verdict {
        return Err(fault("verdict", format!("it is {verdict:?}: {says:?}")));
    }
    same("says", &example.says, says)?;
    let PlanOutcome::Ready(ready) = &planned else {
        return Ok(());
    };
    compare_plan(&input, example, ready)
}

fn compare_plan(
    input: &ActionPlanInput<'_>,
    example: &ActionExample,
    ready: &ReadyPlan,
) -> Result<(), Fault> {
    let fault = |key: &str, message: String| Fault::new([Step::from(key)], message);
    same("from", &example.from, Some(&ready.plan.from))?;
    same("to", &example.to, Some(&ready.plan.to))?;
    let warnings: Vec<&str> = ready.plan.warnings.iter().map(Untrusted::raw).collect();
    if warnings != example.warnings {
        return Err(fault("warnings", format!("they are {warnings:?}")));
    }
    let undo = ready.plan.undo.as_ref().map(|undo| {
        let sets = undo.parameters.iter();
        let sets = sets.map(|(name, value)| format!(" --set {name}={}", value.raw()));
        format!("{}{}", undo.action, sets.collect::<String>())
    });
    if example.undo.is_some() && undo != example.undo {
        return Err(fault("undo", format!("it is {undo:?}")));
    }
    let case = plan::case_now(input, ready, &input.situation.facts);
    if let Some(done) = example.done
        && plan::is_done(&case) != Ok(done)
    {
        return Err(fault("done", format!("it is {:?}", plan::is_done(&case))));
    }
    for (index, expected) in ready.writes.iter().zip(&example.writes) {
        let sent = case.prepare(*index).expect("it is known");
        if sent.operation != expected.operation || sent.input != expected.input {
            return Err(fault("writes", format!("it is {sent:?}")));
        }
    }
    match example.writes.len() > ready.writes.len() {
        true => Err(fault("writes", "there are fewer".to_owned())),
        false => Ok(()),
    }
}

#[test]
fn every_action_does_what_its_examples_say() {
    let words = |faults: Vec<DataError>| {
        let all: Vec<String> = faults.iter().map(ToString::to_string).collect();
        all.join("\n")
    };
    let actions = Actions::built_in().registry();
    let faults = actions.run_examples(Whose::Everyones, compare);
    assert!(faults.is_empty(), "{}", words(faults));
    let faults = actions.missing_examples();
    assert!(faults.is_empty(), "{}", words(faults));
}

#[test]
fn there_are_as_many_actions_as_are_promised() {
    let actions = Actions::built_in();
    let own = actions.iter().filter(|action| !action.is_undo_only);
    assert!(own.count() >= 16);
}
