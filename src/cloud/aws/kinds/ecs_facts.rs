//! What a service says of itself, as facts. What they mean is in the kind's table of states.

use serde_json::Value;

use crate::catalog::reads::path::items;
use crate::cloud::aws::kinds::stated;
use crate::cloud::aws::kinds::text;
use crate::cloud::aws::kinds::{no_list, said};
use crate::cloud::aws::seen::{Seen, SeenStatus};

/// The event after which older events are history.
const STEADY: &str = "has reached a steady state";

/// Words of events that say that ECS gets no tasks running.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html>
const SHORTAGES: [&str; 5] = [
    "unable to place a task",
    "unable to place tasks",
    "unable to consistently start tasks",
    "failed to launch a task",
    "operations are being throttled",
];

/// The facts of a service, as `DescribeServices` gives it.
pub(super) fn status(service: &Value) -> SeenStatus {
    let word = said(service, "status").unwrap_or_default();
    // It was deleted, and stays describable for a while.
    if word == "INACTIVE" {
        return SeenStatus::absent();
    }
    let counts = Counts::new(service);
    let rollout = rollout(service);
    let shortage = shortage(service);
    let reason = shortage.or_else(|| said(rollout?, "rolloutStateReason"));
    let percent = service.pointer("/deploymentConfiguration/minimumHealthyPercent");
    let failed = rollout.and_then(|it| it.get("failedTasks")?.as_f64());
    let started = rollout.and_then(|it| it.get("createdAt")?.as_f64());
    SeenStatus::known(stated(word, reason))
        .with("status", text(Some(word)))
        .with("desired", counts.desired)
        .with("pending", counts.pending)
        .with("running", counts.running)
        .with("rollout", text(rollout.and_then(state_of)))
        .with("deployments", size(list(service, "deployments").len()))
        .with("deployment_started", Ok(started.map(f64::floor)))
        .with("failed_tasks", Ok(Some(failed.unwrap_or(0.0))))
        .with(
            "minimum_healthy_percent",
            Ok(percent.and_then(Value::as_f64)),
        )
        .with("stabilizing", size(stabilizing(service).count()))
        .with("shortage", text(shortage))
}

/// A number of the answer. ECS leaves none of them out, so without it nothing is known.
fn count(of: &Value, name: &str) -> Seen<f64> {
    match of.get(name).and_then(Value::as_f64) {
        Some(number) => Ok(Some(number)),
        None => Err(no_list("ecs:DescribeServices", name)),
    }
}

fn size(number: usize) -> Seen<f64> {
    Ok(Some(number as f64))
}

fn list<'a>(service: &'a Value, name: &str) -> &'a [Value] {
    service.get(name).map_or(&[], items)
}

/// Tasks by what is to become of them.
struct Counts {
    desired: Seen<f64>,
    pending: Seen<f64>,
    running: Seen<f64>,
}

impl Counts {
    /// Where another controller deploys, the service counts the tasks of all its task sets; the
    /// primary one serves.
    fn new(service: &Value) -> Self {
        let (of, desired) = match primary(service) {
            Some(set) => (set, "computedDesiredCount"),
            None => (service, "desiredCount"),
        };
        Self {
            desired: count(of, desired),
            pending: count(of, "pendingCount"),
            running: count(of, "runningCount"),
        }
    }
}

fn primary(service: &Value) -> Option<&Value> {
    let mut sets = list(service, "taskSets").iter();
    sets.find(|set| said(set, "status") == Some("PRIMARY"))
}

fn stabilizing(service: &Value) -> impl Iterator<Item = &Value> {
    let sets = list(service, "taskSets").iter();
    sets.filter(|set| said(set, "stabilityStatus") == Some("STABILIZING"))
}

/// The deployment that decides: one that failed, else one in progress, else one in a state that
/// is not known here, else one that is over.
fn rollout(service: &Value) -> Option<&Value> {
    let rank = |deployment: &&Value| match state_of(deployment) {
        Some("FAILED") => 4,
        Some("IN_PROGRESS") => 3,
        Some("COMPLETED") => 1,
        Some(_) => 2,
        None => 0,
    };
    list(service, "deployments").iter().max_by_key(rank)
}

fn state_of(deployment: &Value) -> Option<&str> {
    said(deployment, "rolloutState")
}

/// Why tasks cannot be started, as the newest event about that says it; `None` where the service
/// has been steady since.
fn shortage(service: &Value) -> Option<&str> {
    let at = |event: &Value| event.get("createdAt").and_then(Value::as_f64);
    let mut events: Vec<&Value> = list(service, "events").iter().collect();
    events.sort_by(|a, b| {
        let (a, b) = (at(a).unwrap_or(f64::MIN), at(b).unwrap_or(f64::MIN));
        b.total_cmp(&a)
    });
    let messages = events.iter().filter_map(|event| said(event, "message"));
    messages
        .take_while(|message| !message.contains(STEADY))
        .find(|message| SHORTAGES.iter().any(|words| message.contains(words)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fact::Value as FactValue;
    use serde_json::json;

    fn deployment(state: Option<&str>) -> Value {
        json!({ "rolloutState": state, "failedTasks": 0, "rolloutStateReason": "why" })
    }

    fn fact(service: &Value, name: &str) -> Option<FactValue> {
        status(service).facts[name].clone().expect("an answer")
    }

    #[test]
    fn the_worst_deployment_decides() {
        let cases: [(&[Option<&str>], Option<&str>); 6] = [
            (&[], None),
            (&[None], None),
            (&[Some("COMPLETED")], Some("COMPLETED")),
            (
                &[Some("IN_PROGRESS"), Some("COMPLETED")],
                Some("IN_PROGRESS"),
            ),
            (&[Some("IN_PROGRESS"), Some("FAILED")], Some("FAILED")),
            (&[Some("COMPLETED"), Some("PAUSED")], Some("PAUSED")),
        ];
        for (states, expected) in cases {
            let deployments = states.iter().map(|state| deployment(*state));
            let deployments: Vec<Value> = deployments.collect();
            let service = json!({ "status": "ACTIVE", "deployments": deployments });
            let expected = expected.map(FactValue::text);
            assert_eq!(fact(&service, "rollout"), expected, "{states:?}");
        }
    }

    #[test]
    fn a_deleted_service_is_gone() {
        let service = json!({ "status": "INACTIVE" });
        assert_eq!(status(&service), SeenStatus::absent());
    }

    #[test]
    fn the_primary_task_set_serves() {
        let set = |status: &str, running: i32| {
            json!({
                "status": status,
                "computedDesiredCount": 2,
                "runningCount": running,
                "stabilityStatus": if running == 2 { "STEADY_STATE" } else { "STABILIZING" },
            })
        };
        let service = json!({
            "status": "ACTIVE",
            "desiredCount": 2,
            "runningCount": 3,
            "taskSets": [set("ACTIVE", 1), set("PRIMARY", 2)],
        });
        assert_eq!(fact(&service, "running"), Some(FactValue::Number(2.0)));
        assert_eq!(fact(&service, "stabilizing"), Some(FactValue::Number(1.0)));
    }

    #[test]
    fn a_shortage_is_over_when_the_service_was_steady_since() {
        let event = |at: i64, message: &str| json!({ "createdAt": at, "message": format!("(service web) {message}") });
        let lacking = "was unable to place a task. Reason: Capacity is unavailable at this time.";
        let cases = [
            (vec![event(1, lacking)], true),
            (
                vec![event(2, "has reached a steady state."), event(1, lacking)],
                false,
            ),
            (
                vec![event(1, "has reached a steady state."), event(2, lacking)],
                true,
            ),
            (
                vec![event(2, "has started 1 tasks"), event(1, lacking)],
                true,
            ),
            (vec![event(2, "has stopped 1 running tasks")], false),
        ];
        for (events, expected) in cases {
            let service = json!({ "status": "ACTIVE", "events": events });
            let found = fact(&service, "shortage").is_some();
            assert_eq!(found, expected, "{events:?}");
        }
    }
}
