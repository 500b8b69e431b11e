//! What a service says of itself, as facts. What they mean is in the kind's table of states.

use aws_sdk_ecs::types::Deployment;
use aws_sdk_ecs::types::DeploymentRolloutState;
use aws_sdk_ecs::types::Service;
use aws_sdk_ecs::types::StabilityStatus;
use aws_sdk_ecs::types::TaskSet;

use crate::cloud::aws::kinds::stated;
use crate::cloud::aws::kinds::text;
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
pub(super) fn status(service: &Service) -> SeenStatus {
    let word = service.status().unwrap_or_default();
    // It was deleted, and stays describable for a while.
    if word == "INACTIVE" {
        return SeenStatus::absent();
    }
    let counts = Counts::new(service);
    let rollout = rollout(service);
    let shortage = shortage(service);
    let reason = shortage.or_else(|| rollout?.rollout_state_reason());
    let configuration = service.deployment_configuration();
    let percent = configuration.and_then(|it| it.minimum_healthy_percent());
    let started = rollout.and_then(|it| it.created_at());
    SeenStatus::known(stated(word, reason))
        .with("status", text(Some(word)))
        .with("desired", count(counts.desired))
        .with("pending", count(counts.pending))
        .with("running", count(counts.running))
        .with("rollout", text(rollout.and_then(state_of)))
        .with("deployments", size(service.deployments().len()))
        .with("deployment_started", Ok(started.map(|at| at.secs() as f64)))
        .with(
            "failed_tasks",
            count(rollout.map_or(0, Deployment::failed_tasks)),
        )
        .with("minimum_healthy_percent", Ok(percent.map(f64::from)))
        .with("stabilizing", size(stabilizing(service).count()))
        .with("shortage", text(shortage))
}

fn count(number: i32) -> Seen<f64> {
    Ok(Some(f64::from(number)))
}

fn size(number: usize) -> Seen<f64> {
    Ok(Some(number as f64))
}

/// Tasks by what is to become of them.
struct Counts {
    desired: i32,
    pending: i32,
    running: i32,
}

impl Counts {
    /// Where another controller deploys, the service counts the tasks of all its task sets; the
    /// primary one serves.
    fn new(service: &Service) -> Self {
        match primary(service) {
            Some(set) => Self {
                desired: set.computed_desired_count(),
                pending: set.pending_count(),
                running: set.running_count(),
            },
            None => Self {
                desired: service.desired_count(),
                pending: service.pending_count(),
                running: service.running_count(),
            },
        }
    }
}

fn primary(service: &Service) -> Option<&TaskSet> {
    let mut sets = service.task_sets().iter();
    sets.find(|set| set.status() == Some("PRIMARY"))
}

fn stabilizing(service: &Service) -> impl Iterator<Item = &TaskSet> {
    let sets = service.task_sets().iter();
    sets.filter(|set| set.stability_status() == Some(&StabilityStatus::Stabilizing))
}

/// The deployment that decides: one that failed, else one in progress, else one in a state that
/// is not known here, else one that is over.
fn rollout(service: &Service) -> Option<&Deployment> {
    let rank = |deployment: &&Deployment| match deployment.rollout_state() {
        Some(DeploymentRolloutState::Failed) => 4,
        Some(DeploymentRolloutState::InProgress) => 3,
        Some(DeploymentRolloutState::Completed) => 1,
        Some(_) => 2,
        None => 0,
    };
    service.deployments().iter().max_by_key(rank)
}

fn state_of(deployment: &Deployment) -> Option<&str> {
    deployment
        .rollout_state()
        .map(DeploymentRolloutState::as_str)
}

/// Why tasks cannot be started, as the newest event about that says it; `None` where the service
/// has been steady since.
fn shortage(service: &Service) -> Option<&str> {
    let mut events: Vec<_> = service.events().iter().collect();
    events.sort_by_key(|event| {
        std::cmp::Reverse(event.created_at().map_or(i64::MIN, |at| at.secs()))
    });
    let messages = events.iter().filter_map(|event| event.message());
    messages
        .take_while(|message| !message.contains(STEADY))
        .find(|message| SHORTAGES.iter().any(|words| message.contains(words)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fact::Value;
    use aws_sdk_ecs::types::ServiceEvent;
    use aws_smithy_types::DateTime;

    fn deployment(state: Option<&str>, failed: i32) -> Deployment {
        Deployment::builder()
            .set_rollout_state(state.map(DeploymentRolloutState::from))
            .failed_tasks(failed)
            .rollout_state_reason("why")
            .build()
    }

    fn fact(service: &Service, name: &str) -> Option<Value> {
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
            let deployments = states.iter().map(|state| deployment(*state, 0));
            let service = Service::builder()
                .status("ACTIVE")
                .set_deployments(Some(deployments.collect()))
                .build();
            let expected = expected.map(Value::text);
            assert_eq!(fact(&service, "rollout"), expected, "{states:?}");
        }
    }

    #[test]
    fn a_deleted_service_is_gone() {
        let service = Service::builder().status("INACTIVE").build();
        assert_eq!(status(&service), SeenStatus::absent());
    }

    #[test]
    fn the_primary_task_set_serves() {
        let set = |status: &str, running: i32| {
            TaskSet::builder()
                .status(status)
                .computed_desired_count(2)
                .running_count(running)
                .stability_status(match running {
                    2 => StabilityStatus::SteadyState,
                    _ => StabilityStatus::Stabilizing,
                })
                .build()
        };
        let service = Service::builder()
            .status("ACTIVE")
            .desired_count(2)
            .running_count(3)
            .task_sets(set("ACTIVE", 1))
            .task_sets(set("PRIMARY", 2))
            .build();
        assert_eq!(fact(&service, "running"), Some(Value::Number(2.0)));
        assert_eq!(fact(&service, "stabilizing"), Some(Value::Number(1.0)));
    }

    #[test]
    fn a_shortage_is_over_when_the_service_was_steady_since() {
        let event = |at: i64, message: &str| {
            ServiceEvent::builder()
                .created_at(DateTime::from_secs(at))
                .message(format!("(service web) {message}"))
                .build()
        };
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
            let service = Service::builder()
                .status("ACTIVE")
                .set_events(Some(events.clone()))
                .build();
            let found = fact(&service, "shortage").is_some();
            assert_eq!(found, expected, "{events:?}");
        }
    }
}
