//! A month of random outages under a clock: what the rules tell of each, when, and when it is
//! over. Evaluation, error budgets, issues and alerts together, as runs of a schedule use them.

use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::Timestamp;

use crate::core::alerts::{self, Plan, PlanInput};
use crate::core::budget::{self, BudgetInput};
use crate::core::health::tests::world::{World, catalog, examined, snapshot};
use crate::core::health::{EvaluateInput, evaluate, open_checks};
use crate::core::history;
use crate::core::issues::attach::attach_ids;
use crate::core::issues::{IssueChange, ReconcileInput, reconcile};
use crate::core::quiet::{QuietInput, worth_committing};
use crate::core::targets::HealthSettings;
use crate::core::window::{self, WindowSettings};
use crate::model::fact::Fact;
use crate::model::helm::Helm;
use crate::model::history::History;
use crate::model::ids::{DomainName, IssueId, RunId};
use crate::model::issue::{AlertKind, Issue, IssueStatus};
use crate::model::monitoring::Monitoring;
use crate::model::report::HealthReport;
use crate::model::rules::IssueEvent;
use crate::model::slo_budgets::SloBudgets;
use crate::model::snapshot::{Series, Snapshot};

/// Seconds of a metric period.
const PERIOD: i64 = 300;
/// Periods between two runs of the schedule.
const EVERY: usize = 3;
/// Runs of a month.
const MONTH: usize = 30 * 96;
/// Requests in a period.
const REQUESTS: f64 = 200.0;

/// Channels are named by the rule that uses them.
const HELM: &str = r#"
[[rules]]
name = "any"
when = 'severity >= "MEDIUM"'
action = "alert"
channels = ["any"]
throttle = "1h"

[[rules]]
name = "news"
when = 'event in ["opened", "reopened"]'
action = "alert"
channels = ["news"]
throttle = "1h"

[[rules]]
name = "page"
when = 'severity == "CRITICAL"'
action = "alert"
channels = ["page"]
throttle = "30m"

[[rules]]
name = "plain"
when = 'severity >= "MEDIUM" && slo_breach'
action = "alert"
channels = ["plain"]

[channels]
any = { type = "slack", url_env = "A" }
news = { type = "slack", url_env = "B" }
page = { type = "pagerduty", token_env = "C" }
plain = { type = "slack", url_env = "D" }
"#;

static RULES: LazyLock<Helm> = LazyLock::new(|| toml::from_str(HELM).expect("helm.toml"));

/// How a stretch of time between two runs was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Well,
    /// One request in a hundred fails.
    Mild,
    /// Every request fails.
    Severe,
}

impl Slot {
    fn errors(self) -> f64 {
        match self {
            Self::Well => 0.0,
            Self::Mild => REQUESTS / 100.0,
            Self::Severe => REQUESTS,
        }
    }
}

fn at(period: usize) -> Timestamp {
    let begin: Timestamp = "2026-10-01T00:00:00Z".parse().expect("a time");
    let seconds = i64::try_from(period).expect("few") * PERIOD;
    Timestamp::from_second(begin.as_second() + seconds).expect("a time")
}

/// A message that a channel took.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Told {
    channel: String,
    kind: AlertKind,
    check: String,
}

/// What a repository holds after the last commit.
struct Repository {
    settings: HealthSettings,
    windows: WindowSettings,
    latest: Option<HealthReport>,
    history: History,
    budgets: Option<SloBudgets>,
    issues: BTreeMap<IssueId, Issue>,
}

impl Repository {
    fn new() -> Self {
        let monitoring = Monitoring::default();
        Self {
            settings: HealthSettings::resolve(&monitoring),
            windows: WindowSettings::resolve(&monitoring),
            latest: None,
            history: history::empty(snapshot(Vec::new()).environment),
            budgets: None,
            issues: BTreeMap::new(),
        }
    }

    fn folder(&self, over: bool) -> BTreeMap<IssueId, Issue> {
        let all = self.issues.iter();
        all.filter(|(_, issue)| (issue.status == IssueStatus::Resolved) == over)
            .map(|(id, issue)| (id.clone(), issue.clone()))
            .collect()
    }

    /// What is read at the end of the last of these slots.
    fn observe(&self, slots: &[Slot], now: Timestamp) -> Snapshot {
        let last = history::last_window_end(&self.history, now);
        let window = window::choose(now, &self.windows, last);
        let from = budget::read_from(window, self.budgets.as_ref());
        let mut seen = snapshot(vec![World::new("lambda", "api")]);
        seen.window = window;
        seen.read_from = Some(from);
        seen.gaps.clear();
        let periods = slots.len() * EVERY;
        let first = (from.as_second() - at(0).as_second()).max(0) / PERIOD;
        let range = usize::try_from(first).expect("few")..periods;
        type Value = fn(Slot) -> f64;
        let values: [(&str, Value); 2] = [("invocations", |_| REQUESTS), ("errors", Slot::errors)];
        for (id, value) in values {
            let series = Series {
                statistic: "Sum".to_owned(),
                period_seconds: 300,
                at: range.clone().map(at).collect(),
                values: range.clone().map(|p| value(slots[p / EVERY])).collect(),
            };
            let metrics = &mut seen.resources[0].metrics;
            metrics.insert(id.to_owned(), Fact::Known(series));
        }
        seen
    }

    /// A run at the end of the last of these slots. Says what was sent.
    fn run(&mut self, slots: &[Slot]) -> Vec<Told> {
        let now = Timestamp::from_second(at(slots.len() * EVERY).as_second() + 90).expect("a time");
        let seen = self.observe(slots, now);
        let (active, resolved) = (self.folder(false), self.folder(true));
        let budgets = budget::account(&BudgetInput {
            snapshot: &seen,
            catalog: catalog(),
            settings: &self.settings,
            stored: self.budgets.as_ref(),
        });
        let report = evaluate(&EvaluateInput {
            snapshot: &seen,
            catalog: catalog(),
            settings: &self.settings,
            domain: &DomainName::new("infrastructure").expect("a name"),
            critical: true,
            previous: self.latest.as_ref(),
            environment_alarms: None,
            open: &open_checks(active.values(), &seen.environment),
            budgets: Some(&budgets),
            last_window_end: history::last_window_end(&self.history, now),
            run_id: &RunId::new(format!("run-{}", slots.len())).expect("a run id"),
            now,
        });
        let examination = examined(&report, &self.settings);
        let decided = reconcile(&ReconcileInput {
            examination: &examination,
            active: &active,
            resolved: &resolved,
            prefix: "infra",
            open_after: self.settings.open_after,
            resolve_after: self.settings.resolve_after,
            now,
        });
        let report = attach_ids(report, &decided);
        let reason = worth_committing(&QuietInput {
            previous: self.latest.as_ref(),
            new: &report,
            changes: &decided.changes,
            open_after: self.settings.open_after,
            last_commit_at: self.latest.as_ref().map(|report| report.generated_at),
            heartbeat_seconds: 3_600,
            now,
        });
        let told = self.send(&decided.changes, now, reason.is_some());
        // A quiet run leaves nothing behind, as on the runner of a schedule.
        if reason.is_some() {
            let entry = history::entry(&report, &decided);
            self.history = history::append(self.history.clone(), entry, now);
            if budgets.due {
                self.budgets = Some(budgets.document);
            }
            self.latest = Some(report);
        }
        told
    }

    /// Sends what is due, to channels that take everything, and records it.
    fn send(&mut self, changes: &[IssueChange], now: Timestamp, commits: bool) -> Vec<Told> {
        let mut issues: BTreeMap<IssueId, (IssueEvent, Issue)> = BTreeMap::new();
        for issue in self.issues.values() {
            let event = match issue.status {
                IssueStatus::Resolved => IssueEvent::Resolved,
                _ => IssueEvent::Ongoing,
            };
            issues.insert(issue.id.clone(), (event, issue.clone()));
        }
        for change in changes {
            let entry = (alerts::event_of(change.kind), change.after.clone());
            if commits {
                self.issues.insert(change.after.id.clone(), entry.1.clone());
            }
            issues.insert(change.after.id.clone(), entry);
        }
        let listed: Vec<_> = issues.into_values().collect();
        let rules = alerts::ready(&RULES.rules);
        assert_eq!(rules.len(), RULES.rules.len(), "every condition parses");
        let Plan { alerts, .. } = alerts::plan(&PlanInput {
            rules: &rules,
            channels: &RULES.channels,
            issues: &listed,
            now,
        });
        let mut told = Vec::new();
        for planned in &alerts {
            let id = &planned.alert.issue.id;
            let known = listed.iter().find(|(_, issue)| issue.id == *id);
            let known = known.map(|(_, issue)| issue.clone());
            let issue = self.issues.entry(id.clone());
            let issue = issue.or_insert_with(|| known.expect("it is among them"));
            alerts::record(issue, planned, &Ok(None));
            told.push(Told {
                channel: planned.alert.channel.clone(),
                kind: planned.alert.kind,
                check: planned.alert.issue.check.clone(),
            });
        }
        told
    }
}

/// What a channel was told so far.
#[derive(Debug, Clone, Copy, Default)]
struct Heard {
    /// Open pages on it.
    open: usize,
    /// The run of the last message that something is wrong.
    last: Option<usize>,
}

/// Plays a month, and checks every run of it.
fn play(slots: &[Slot]) {
    let pauses = [("any", 4), ("news", 4), ("page", 2), ("plain", 16)];
    let mut repository = Repository::new();
    let mut heard: BTreeMap<&str, Heard> = BTreeMap::new();
    // Runs in a row that saw nothing bad, and nothing severe.
    let (mut well, mut mild) = (0, 0);
    for run in 0..slots.len() {
        let slot = slots[run];
        let told = repository.run(&slots[..=run]);
        well = if slot == Slot::Well { well + 1 } else { 0 };
        mild = if slot == Slot::Severe { 0 } else { mild + 1 };
        for (channel, pause) in pauses {
            let mine: Vec<&Told> = told.iter().filter(|t| t.channel == channel).collect();
            let before = heard.get(channel).copied().unwrap_or_default();
            let now = heard.entry(channel).or_default();
            let concerns = match channel {
                "page" => slot == Slot::Severe,
                _ => slot != Slot::Well,
            };
            let place = format!("run {run} ({slot:?}), {channel}: {mine:?}, before {before:?}");
            // Every outage is told by the run that sees it, and once.
            if concerns && before.open == 0 {
                let triggers = mine.iter().filter(|t| t.kind == AlertKind::Trigger);
                assert_eq!(triggers.count(), 1, "{place}");
            }
            for one in mine {
                if one.kind == AlertKind::Resolve {
                    assert!(before.open > 0 && !concerns, "{place}");
                    now.open -= 1;
                    continue;
                }
                // Nothing is told of what is not there.
                assert!(concerns, "{place}");
                if before.open == 0 {
                    now.open += 1;
                } else {
                    // It repeats what is known: not before its time, and news are none.
                    let passed = before.last.map_or(usize::MAX, |last| run - last);
                    assert!(passed >= pause && channel != "news", "{place}");
                }
                now.last = Some(run);
            }
            let over = if channel == "page" { mild } else { well };
            // Two runs after the end no page is open.
            assert!(now.open == 0 || over < 2, "{place}: {now:?}");
        }
    }
}

/// A month of calm, with outages that begin and end at any time.
fn month() -> impl Strategy<Value = Vec<Slot>> {
    let slot = prop_oneof![Just(Slot::Mild), Just(Slot::Severe)];
    let calm = prop_oneof![3 => 2..8usize, 2 => 8..60usize, 1 => 60..200usize];
    let part = proptest::collection::vec((slot, 1..9usize), 1..4);
    let outages = proptest::collection::vec((calm, part), 30..80);
    outages.prop_map(|outages| {
        let mut slots = Vec::new();
        for (calm, parts) in outages {
            slots.extend(vec![Slot::Well; calm]);
            for (slot, runs) in parts {
                slots.extend(vec![slot; runs]);
            }
        }
        slots.resize(MONTH, Slot::Well);
        slots
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3, max_shrink_iters: 12, ..ProptestConfig::default() })]

    #[test]
    fn every_outage_of_a_month_is_told_once_and_so_is_its_end(slots in month()) {
        play(&slots);
    }
}

/// Outages that follow each other closely, each behind the end of the one before.
#[test]
fn a_second_outage_is_told_by_the_run_that_sees_it() {
    for pause in [2, 3, 4, 8, 12, 30] {
        for parts in [
            [Slot::Severe, Slot::Severe],
            [Slot::Mild, Slot::Severe],
            [Slot::Severe, Slot::Mild],
        ] {
            let mut slots = vec![Slot::Well; 8];
            for part in parts {
                slots.extend(vec![part; 3]);
                slots.extend(vec![Slot::Well; pause]);
            }
            slots.extend(vec![Slot::Well; 40]);
            play(&slots);
        }
    }
}
