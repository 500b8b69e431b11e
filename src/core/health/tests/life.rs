//! Days in the life of a schedule: runs that come, stay away, see nothing, or commit nothing.

use proptest::prelude::*;

use crate::core::health::tests::world::{World, catalog, examined, snapshot};
use crate::core::health::{EvaluateInput, evaluate, open_checks};
use crate::core::history;
use crate::core::issues::attach::attach_ids;
use crate::core::issues::{ChangeKind, ReconcileInput, reconcile};
use crate::core::quiet::{QuietInput, worth_committing};
use crate::core::targets::HealthSettings;
use crate::core::window::{self, WindowSettings};
use crate::model::fact::{Fact, GapId};
use crate::model::history::History;
use crate::model::ids::{DomainName, IssueId, RunId};
use crate::model::issue::{Issue, IssueStatus};
use crate::model::monitoring::Monitoring;
use crate::model::report::HealthReport;
use crate::model::snapshot::Series;
use crate::model::status::Status;

use jiff::Timestamp;
use std::collections::BTreeMap;

const PERIOD: i64 = 300;
const CHECK: &str = "error_rate_percent";

/// What happens in one period, and whether a run behind it comes and sees it.
#[derive(Debug, Clone, Copy)]
struct Step {
    bad: bool,
    run: Run,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Run {
    None,
    Blind,
    Sees,
}

fn at(period: usize) -> Timestamp {
    let begin: Timestamp = "2026-11-20T00:00:00Z".parse().expect("a time");
    let seconds = i64::try_from(period).expect("few") * PERIOD;
    Timestamp::from_second(begin.as_second() + seconds).expect("a time")
}

/// What a repository holds.
struct Repository {
    monitoring: Monitoring,
    latest: Option<HealthReport>,
    history: History,
    active: BTreeMap<IssueId, Issue>,
    resolved: BTreeMap<IssueId, Issue>,
}

/// What one run said.
struct Said {
    status: Status,
    opened: bool,
    resolved: bool,
}

impl Repository {
    fn new(open_after: u32, resolve_after: u32) -> Self {
        let mut monitoring = Monitoring::default();
        monitoring.monitoring.open_after = Some(open_after);
        monitoring.monitoring.resolve_after = Some(resolve_after);
        let world = snapshot(Vec::new());
        Self {
            monitoring,
            latest: None,
            history: history::empty(world.environment),
            active: BTreeMap::new(),
            resolved: BTreeMap::new(),
        }
    }

    /// A run behind the last of these periods.
    fn run(&mut self, story: &[Step]) -> Said {
        let now = Timestamp::from_second(at(story.len()).as_second() + 90).expect("a time");
        let settings = HealthSettings::resolve(&self.monitoring);
        let last = history::last_window_end(&self.history, now);
        let window = window::choose(now, &WindowSettings::resolve(&self.monitoring), last);
        let blind = story.last().is_some_and(|step| step.run == Run::Blind);
        let mut seen = snapshot(vec![World::new("lambda", "api")]);
        seen.window = window;
        if blind {
            seen.resources[0].metrics = seen.resources[0]
                .metrics
                .keys()
                .map(|id| (id.clone(), Fact::Unreadable(GapId(1))))
                .collect();
        } else {
            seen.gaps.clear();
            let errors = |step: &Step| if step.bad { 2.0 } else { 0.0 };
            for (id, value) in [
                ("invocations", &(|_: &Step| 100.0) as &dyn Fn(&Step) -> f64),
                ("errors", &errors),
            ] {
                let inside = story
                    .iter()
                    .enumerate()
                    .filter(|(period, _)| at(*period) >= window.start);
                let (times, values) = inside
                    .map(|(period, step)| (at(period), value(step)))
                    .unzip();
                let series = Series {
                    statistic: "Sum".to_owned(),
                    period_seconds: 300,
                    at: times,
                    values,
                };
                seen.resources[0]
                    .metrics
                    .insert(id.to_owned(), Fact::Known(series));
            }
        }
        let open = open_checks(self.active.values(), &seen.environment);
        let report = evaluate(&EvaluateInput {
            snapshot: &seen,
            catalog: catalog(),
            settings: &settings,
            domain: &DomainName::new("infrastructure").expect("a name"),
            critical: true,
            previous: self.latest.as_ref(),
            open: &open,
            environment_alarms: None,
            budgets: None,
            last_window_end: last,
            run_id: &RunId::new(format!("run-{}", story.len())).expect("a run id"),
            now,
        });
        self.land(report, &settings, now)
    }

    fn land(&mut self, report: HealthReport, settings: &HealthSettings, now: Timestamp) -> Said {
        let examination = examined(&report, settings);
        let decided = reconcile(&ReconcileInput {
            examination: &examination,
            active: &self.active,
            resolved: &self.resolved,
            prefix: "infra",
            open_after: settings.open_after,
            resolve_after: settings.resolve_after,
            now,
        });
        let report = attach_ids(report, &decided);
        let said = Said {
            status: report.overall_health,
            opened: decided.count(ChangeKind::Opened) + decided.count(ChangeKind::Reopened) > 0,
            resolved: decided.count(ChangeKind::Resolved) > 0,
        };
        let reason = worth_committing(&QuietInput {
            previous: self.latest.as_ref(),
            new: &report,
            changes: &decided.changes,
            open_after: settings.open_after,
            last_commit_at: self.latest.as_ref().map(|report| report.generated_at),
            heartbeat_seconds: 3_600,
            now,
        });
        // A quiet run leaves nothing behind, as on the runner of a schedule.
        if reason.is_some() {
            let entry = history::entry(&report, &decided);
            self.history = history::append(self.history.clone(), entry, now);
            for change in decided.changes {
                self.active.remove(&change.after.id);
                self.resolved.remove(&change.after.id);
                let folder = match change.after.status {
                    IssueStatus::Resolved => &mut self.resolved,
                    _ => &mut self.active,
                };
                folder.insert(change.after.id.clone(), change.after);
            }
            self.latest = Some(report);
        }
        said
    }

    fn is_open(&self) -> bool {
        self.active.values().any(|issue| issue.check == CHECK)
    }
}

/// Long calm and long trouble, runs that mostly come and see.
fn story() -> impl Strategy<Value = Vec<Step>> {
    let run = prop_oneof![8 => Just(Run::Sees), 1 => Just(Run::Blind), 1 => Just(Run::None)];
    let stretch = (any::<bool>(), proptest::collection::vec(run, 1..18));
    proptest::collection::vec(stretch, 1..7).prop_map(|stretches| {
        let steps = stretches
            .into_iter()
            .flat_map(|(bad, runs)| runs.into_iter().map(move |run| Step { bad, run }));
        steps.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn verdicts_hold_over_any_life(
        story in story(),
        open_after in 1..3u32,
        resolve_after in 1..4u32,
    ) {
        let mut repository = Repository::new(open_after, resolve_after);
        // Runs in a row that saw the newest period well, and that saw it badly.
        let (mut well, mut badly) = (0, 0);
        // Runs since the last that could find trouble, of its own period or of one missed.
        let (mut calm, mut missed) = (0, false);
        for (period, step) in story.iter().enumerate() {
            missed |= step.bad;
            if step.run == Run::None {
                continue;
            }
            let said = repository.run(&story[..=period]);
            if step.run == Run::Blind {
                prop_assert_eq!(said.status, Status::Unknown);
                prop_assert!(!said.opened && !said.resolved, "period {}", period);
                continue;
            }
            (well, badly) = if step.bad { (0, badly + 1) } else { (well + 1, 0) };
            calm = if missed { 0 } else { calm + 1 };
            missed = false;
            if step.bad {
                prop_assert_eq!(said.status, Status::Degraded, "period {}", period);
            }
            // Only runs that judged it well resolve it, and only as many as it takes.
            if said.resolved {
                prop_assert!(well >= resolve_after, "period {}", period);
            }
            if badly >= open_after {
                prop_assert!(repository.is_open(), "period {}", period);
            }
            // What is over does not linger.
            if calm >= resolve_after {
                prop_assert!(!repository.is_open(), "period {}", period);
                prop_assert_eq!(said.status, Status::Healthy, "period {}", period);
            }
        }
    }
}

/// With runs only now and then, whatever happened in between is found by the next one.
#[test]
fn trouble_between_two_runs_is_found() {
    for gap in [1, 3, 40, 200, 280] {
        let mut repository = Repository::new(1, 2);
        let calm = Step {
            bad: false,
            run: Run::Sees,
        };
        repository.run(&[calm]);
        let mut story = vec![calm; gap + 2];
        story[1].bad = true;
        let said = repository.run(&story);
        // One bad call in fifty, of all the calls of the gap: past 0.1 % for half an hour or so.
        let rate = 100.0 * 2.0 / (100.0 * (gap + 1) as f64);
        assert_eq!(said.opened, rate > 0.1, "{gap} periods later");
    }
}
