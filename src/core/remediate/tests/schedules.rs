//! Random schedules of runs, kills, merges and outages against a simulated provider and remote: a
//! consent is applied at most once, nothing is applied without one, no brake is passed, and the
//! chain of the log is whole. The rules are the real ones; what is simulated is who does what when.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Map, json};

use crate::core::remediate::brakes::{BrakeInput, Brakes};
use crate::core::remediate::history::{self, Remediation};
use crate::core::remediate::protocol;
use crate::model::ids::Arn;
use crate::model::log::Log;
use crate::model::monitoring::RemediationSection;
use crate::model::paths::RepoPath;
use crate::model::remediation::{ConsentWay, RemediationEntry, RemediationOutcome};
use crate::state::log::{NewEntry, Part, TimeKey, append, verify};

const RESOURCES: u32 = 8;
const LIMIT_SECONDS: u32 = 120;

/// What a run is about to do.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Next {
    Decide,
    Push,
    Send,
    Conclude(RemediationOutcome),
}

#[derive(Debug, Clone)]
struct Run {
    id: String,
    next: Next,
    /// What was done, as this run knows it.
    known: Rc<Vec<Remediation>>,
    resource: u32,
    way: ConsentWay,
    proposal: Option<String>,
}

#[derive(Debug)]
struct Sim {
    now: Timestamp,
    remote: Log,
    done: Rc<Vec<Remediation>>,
    runs: Vec<Run>,
    merged: BTreeSet<String>,
    brakes: Brakes,
    /// What reached the provider: who, when, what for.
    sent: Vec<(Timestamp, Run)>,
    /// Intents that were sent, and are not known to be over.
    in_flight: BTreeMap<String, u32>,
    made: u32,
}

fn arn(resource: u32) -> Arn {
    Arn::new(format!(
        "arn:aws:lambda:eu-central-1:123456789012:function:f{resource}"
    ))
    .expect("an ARN")
}

impl Sim {
    fn new() -> Self {
        Self {
            now: "2026-03-16T08:00:00Z".parse().expect("a time"),
            remote: Log {
                version: "1.0.0".to_owned(),
                head: None,
                entries: Vec::new(),
                statistics: Map::new(),
            },
            done: Rc::default(),
            runs: Vec::new(),
            merged: BTreeSet::new(),
            brakes: Brakes::resolve(&RemediationSection::default()),
            sent: Vec::new(),
            in_flight: BTreeMap::new(),
            made: 0,
        }
    }

    fn claim(&self, run: &Run, done: &[Remediation], own: Option<&str>) -> bool {
        let arn = arn(run.resource);
        let input = BrakeInput {
            done: done.iter().collect(),
            arn: &arn,
            kind: "lambda",
            of_kind: RESOURCES,
            action: "restart_lambda",
            issue: None,
            way: run.way,
            is_undo: false,
            now: self.now,
        };
        protocol::claim(&self.brakes, &input, run.proposal.as_deref(), own).is_ok()
    }

    fn write(&mut self, run: &Run, of: bool, outcome: RemediationOutcome) {
        let entry: RemediationEntry = serde_json::from_value(json!({
            "environment": "prod", "outcome": outcome, "resource": "f", "kind": "lambda",
            "of": of.then(|| run.id.clone()), "arn": arn(run.resource), "action": "restart_lambda",
            "safety": "confirm", "proposal": run.proposal,
            "consent": { "how": run.way, "at": self.now },
            "plan": { "from": "a", "to": "b", "impact": "c", "facts_hash": "d" },
        }))
        .expect("an entry");
        self.made += 1;
        let id = match of {
            true => format!("{}.{}", run.id, self.made),
            false => run.id.clone(),
        };
        let entry = NewEntry {
            id,
            at: self.now,
            time_key: TimeKey::At,
            rest: history::write_entry(&entry),
        };
        append(&mut self.remote, entry).expect("it can be hashed");
        let last = self.remote.entries.last().expect("it was appended");
        history::add(Rc::make_mut(&mut self.done), last);
    }

    fn start(&mut self, choice: u16) {
        if self.runs.len() >= 6 {
            return;
        }
        let resource = u32::from(choice % 8);
        let known: Vec<&String> = self.merged.iter().collect();
        let proposal = known
            .get(usize::from(choice / 8) % known.len().max(1))
            .map(|id| (*id).clone());
        let (way, proposal) = match (choice / 64 % 3, proposal) {
            (0, Some(proposal)) => (ConsentWay::Merged, Some(proposal)),
            (1, _) => (ConsentWay::Typed, None),
            _ => (ConsentWay::Automatic, None),
        };
        // A proposal is about one resource.
        let resource = proposal.as_ref().map_or(resource, |id| {
            u32::from(id.as_bytes().last().copied().unwrap_or_default()) % RESOURCES
        });
        self.made += 1;
        self.runs.push(Run {
            id: format!("r-{}", self.made),
            next: Next::Decide,
            known: Rc::clone(&self.done),
            resource,
            way,
            proposal,
        });
    }

    /// One step of a run. `fate` says what the remote and the provider make of it.
    fn step(&mut self, index: usize, fate: u16) {
        let mut run = self.runs.remove(index);
        match run.next {
            Next::Decide => {
                if !self.claim(&run, &run.known, None) {
                    return;
                }
                run.next = Next::Push;
            }
            // The remote does not answer: nothing may be sent.
            Next::Push if fate.is_multiple_of(5) => return,
            Next::Push => {
                self.write(&run, false, RemediationOutcome::Started);
                if !self.claim(&run, &self.done, Some(&run.id)) {
                    self.write(&run, true, RemediationOutcome::Refused);
                    return;
                }
                run.next = Next::Send;
            }
            Next::Send => {
                self.check(&run);
                self.in_flight.insert(run.id.clone(), run.resource);
                self.sent.push((self.now, run.clone()));
                // Whether it was taken, refused or lost, the run is told or is not.
                let outcome = match fate % 3 {
                    0 => RemediationOutcome::Failed,
                    _ => RemediationOutcome::Unverified,
                };
                run.next = Next::Conclude(outcome);
            }
            Next::Conclude(_) if fate.is_multiple_of(5) => return,
            Next::Conclude(outcome) => {
                self.write(&run, true, outcome);
                self.in_flight.remove(&run.id);
                return;
            }
        }
        self.runs.insert(index, run);
    }

    /// What must hold whenever something is sent.
    fn check(&self, run: &Run) {
        let earlier = || self.sent.iter();
        assert!(
            earlier().all(|(_, one)| one.id != run.id),
            "an intent is sent twice"
        );
        if let Some(proposal) = &run.proposal {
            assert!(
                self.merged.contains(proposal),
                "nobody has merged {proposal}"
            );
            let twice = earlier().any(|(_, one)| one.proposal.as_ref() == Some(proposal));
            assert!(!twice, "{proposal} is applied twice");
        }
        assert!(
            self.in_flight.len() < self.brakes.max_concurrent as usize,
            "too many at once"
        );
        let most = self.brakes.most_of(RESOURCES) as usize;
        assert!(self.in_flight.len() < most, "too many of the kind at once");
        let busy = self
            .in_flight
            .values()
            .any(|resource| *resource == run.resource);
        assert!(!busy, "two at once on one resource");
        if run.way == ConsentWay::Typed {
            return;
        }
        let same = || earlier().filter(|(_, one)| one.resource == run.resource);
        // Sends follow their intents, so the pause between them may look shorter than it was by
        // what the earlier one took.
        let intent = |id: &str| {
            let one = self.done.iter().find(|one| one.id == id);
            one.map(|one| one.started_at).expect("it has an intent")
        };
        let own = intent(&run.id);
        let early =
            same().any(|(_, one)| own.duration_since(intent(&one.id)) < self.brakes.cooldown);
        assert!(!early, "the cool-down is passed");
        let day = SignedDuration::from_hours(24);
        let recent = same().filter(|(_, one)| {
            one.way == ConsentWay::Automatic && own.duration_since(intent(&one.id)) < day
        });
        let is_automatic = run.way == ConsentWay::Automatic;
        assert!(
            !is_automatic || recent.count() < self.brakes.max_per_day as usize,
            "too many a day"
        );
    }

    /// Closes what was interrupted long enough ago.
    fn close(&mut self) {
        let old: Vec<Remediation> = self
            .done
            .iter()
            .filter(|one| protocol::may_close(one, LIMIT_SECONDS, self.now))
            .cloned()
            .collect();
        for one in old {
            let is_alive = self.runs.iter().any(|run| run.id == one.id);
            // A run that AWS has not answered within the limit has given up by then.
            self.runs.retain(|run| run.id != one.id);
            let run = Run {
                id: one.id.clone(),
                next: Next::Decide,
                known: Rc::clone(&self.done),
                resource: (0..RESOURCES)
                    .find(|it| arn(*it) == one.first.arn)
                    .expect("one of them"),
                way: one.first.consent.how,
                proposal: one.first.proposal.clone(),
            };
            let outcome = match is_alive {
                true => RemediationOutcome::Unverified,
                false => RemediationOutcome::Interrupted,
            };
            self.write(&run, true, outcome);
            self.in_flight.remove(&one.id);
        }
    }

    fn act(&mut self, choice: u16) {
        let rest = choice / 8;
        let run = usize::from(rest) % self.runs.len().max(1);
        match choice % 8 {
            0 => self.start(rest),
            1 if rest.is_multiple_of(4) => {
                let minutes = i64::from(rest / 4 % 40);
                self.now = self
                    .now
                    .checked_add(SignedDuration::from_mins(minutes))
                    .expect("a time");
            }
            1 => {
                self.merged.insert(format!("p-{}", rest % 10));
            }
            2 if !self.runs.is_empty() && rest.is_multiple_of(3) => drop(self.runs.remove(run)),
            2 => self.close(),
            _ if !self.runs.is_empty() => self.step(run, rest / 16),
            _ => self.start(rest),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn no_schedule_applies_twice_or_without_consent(
        choices in proptest::collection::vec(any::<u16>(), 20..80)
    ) {
        let mut sim = Sim::new();
        for choice in choices {
            sim.act(choice);
        }
        let path = RepoPath::new("log.json").expect("a path");
        let tree = serde_json::to_value(&sim.remote).expect("plain data");
        let whole = verify(&[Part { path: &path, tree: &tree }]);
        prop_assert!(whole.is_ok(), "{whole:?}");
        let intents = history::fold(&sim.remote.entries);
        for (_, run) in &sim.sent {
            let has = intents.iter().any(|one| one.id == run.id);
            prop_assert!(has, "{} was sent without an intent", run.id);
        }
    }
}

/// The schedules do reach what they are about: things are sent, refused, and interrupted.
#[test]
fn schedules_reach_every_end() {
    let mut seen = BTreeSet::new();
    let mut random = 88_172_645_463_325_252_u64;
    for _ in 0..100 {
        let mut sim = Sim::new();
        for _ in 0..100 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            sim.act((random >> 24) as u16);
        }
        let done = history::fold(&sim.remote.entries);
        seen.extend(done.iter().map(Remediation::outcome));
        let ways = sim.sent.iter().map(|(_, run)| run.way);
        seen.extend(
            ways.filter(|way| *way == ConsentWay::Merged)
                .map(|_| RemediationOutcome::Success),
        );
    }
    for outcome in [
        RemediationOutcome::Started,
        RemediationOutcome::Failed,
        RemediationOutcome::Unverified,
        RemediationOutcome::Interrupted,
        RemediationOutcome::Refused,
        RemediationOutcome::Success,
    ] {
        assert!(seen.contains(&outcome), "{outcome:?}");
    }
}
