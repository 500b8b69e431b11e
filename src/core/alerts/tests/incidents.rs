//! Alerts of incidents: one message for all of its issues, and one end.

use proptest::prelude::*;

use super::digests::{CHANNELS, Fleet, messages, of};
use super::*;
use crate::model::issue::{IncidentRole, IssueIncident};

impl Fleet {
    /// Makes an issue part of an incident; the one with the lowest number is the cause.
    fn joins(&mut self, number: usize, incident: usize, cause: bool) {
        if let Some((_, issue)) = self.issues.get_mut(&Self::id(number)) {
            issue.incident = Some(IssueIncident {
                id: format!("inc-{incident:06x}"),
                role: if cause {
                    IncidentRole::Cause
                } else {
                    IncidentRole::Symptom
                },
                why: "began at the same time".into(),
                by_hand: false,
            });
        }
    }
}

#[test]
fn an_incident_is_one_message_and_ends_once() {
    let mut fleet = Fleet::new(CHANNELS);
    for number in 0..3 {
        fleet.opens(number, "prod", Severity::Critical, minute(0));
        fleet.joins(number, 1, number == 1);
    }
    fleet.opens(9, "prod", Severity::Critical, minute(0));
    let plan = fleet.run(minute(0));
    let told = messages(&plan);
    for channel in ["pager", "team", "everyone", "tracker"] {
        let sizes: Vec<usize> = of(&told, channel).iter().map(|one| one.2.len()).collect();
        assert_eq!(sizes, [3, 1], "{channel}");
    }
    let headline = plan.digests[0].headline();
    assert_eq!(
        headline,
        "[CRITICAL] incident in prod: svc-1: it is down (3 issues)"
    );
    // One of them is over: nobody is told that the incident is.
    fleet.closes(0, minute(10));
    let told = messages(&fleet.run(minute(10)));
    assert_eq!(of(&told, "team").len(), 0);
    // A later one joins: it goes to the page of the incident, and is a message where those are read.
    fleet.opens(4, "prod", Severity::High, minute(15));
    fleet.joins(4, 1, false);
    let plan = fleet.run(minute(15));
    let page = |plan: &Plan| {
        let mut pages = plan.digests.iter().filter(|one| one.channel == "pager");
        pages.next().map(|one| (one.key.clone(), one.kind()))
    };
    let (joined, kind) = page(&plan).expect("the page of the incident");
    assert_eq!(kind, AlertKind::Trigger);
    assert_eq!(of(&messages(&plan), "team").len(), 1);
    for number in [1, 2, 4] {
        fleet.closes(number, minute(20));
    }
    let plan = fleet.run(minute(20));
    assert_eq!(page(&plan), Some((joined, AlertKind::Resolve)));
    let told = messages(&plan);
    let ends = of(&told, "team");
    assert_eq!((ends.len(), ends[0].1, ends[0].2.len()), (1, '-', 4));
    assert!(
        fleet
            .run(minute(25))
            .alerts
            .iter()
            .all(|one| one.alert.issue.id == Fleet::id(9))
    );
}

#[derive(Debug, Clone)]
enum IncidentStep {
    Opens(usize, usize),
    Closes(usize),
}

fn step() -> impl Strategy<Value = IncidentStep> {
    prop_oneof![
        (0_usize..12, 0_usize..4).prop_map(|(number, of)| IncidentStep::Opens(number, of)),
        (0_usize..12).prop_map(IncidentStep::Closes),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Whatever belongs together: every outage is told within the run that found it, and every
    /// end when the incident is over.
    #[test]
    fn every_outage_is_told_at_once_and_every_end_in_the_end(runs in prop::collection::vec(
        prop::collection::vec(step(), 0..8), 1..10,
    )) {
        let mut fleet = Fleet::new(CHANNELS);
        let mut now = 0;
        for steps in runs {
            now += 20;
            for step in steps {
                match step {
                    IncidentStep::Opens(number, of) => {
                        let known = fleet.issues.get(&Fleet::id(number));
                        if known.is_none_or(|(_, one)| one.status == IssueStatus::Resolved) {
                            fleet.opens(number, "prod", Severity::Critical, minute(now));
                            if of > 0 {
                                fleet.joins(number, of, number == 0);
                            }
                        }
                    }
                    IncidentStep::Closes(number) => fleet.closes(number, minute(now)),
                }
            }
            fleet.run(minute(now));
            for (_, issue) in fleet.issues.values() {
                if issue.status == IssueStatus::Resolved {
                    continue;
                }
                for channel in ["pager", "team", "desk", "everyone", "tracker"] {
                    let told = issue.alerts.deliveries.iter().any(|one| {
                        one.channel == channel && one.delivered && one.at >= issue.detected_at
                            && one.kind == AlertKind::Trigger
                    });
                    prop_assert!(told, "{channel}: {:?}", issue.alerts);
                }
            }
        }
        for number in 0..12 {
            fleet.closes(number, minute(now + 20));
        }
        for later in 0..3 {
            fleet.run(minute(now + 20 + later * 400));
        }
        for (_, issue) in fleet.issues.values() {
            let owed = |one: &crate::model::issue::Delivery| is_owed(one.kind, one.delivered);
            prop_assert!(!issue.alerts.deliveries.iter().any(owed), "{:?}", issue.alerts);
        }
    }
}
