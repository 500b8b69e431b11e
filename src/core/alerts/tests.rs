use std::collections::BTreeMap;

use jiff::Timestamp;

use super::*;
use crate::core::issue_fixtures::{World, function, minute, problem, report};
use crate::model::helm::{Channel, Helm};
use crate::model::issue::{AlertKind, IssueStatus};
use crate::model::status::{Severity, Status};

mod digests;
mod incidents;

const HELM: &str = r#"
[[rules]]
name = "wake"
when = 'severity == "CRITICAL"'
action = "alert"
channels = ["pager", "team"]
throttle = "15m"
labels = ["ops"]

[[rules]]
name = "often"
when = "occurrences > 1"
action = "alert"
channels = ["team"]
throttle = "1h"
labels = ["ops", "flaky"]

[[rules]]
name = "hand over"
when = "duration_minutes > 60"
action = "escalate"
channels = ["tracker", "team"]

[channels.pager]
type = "pagerduty"
token_env = "PAGER"

[channels.team]
type = "slack"
url_env = "SLACK"

[channels.tracker]
type = "github"
"#;

struct Play {
    helm: Helm,
    world: World,
    issue: Issue,
    event: IssueEvent,
}

impl Play {
    fn new() -> Self {
        Self::with(HELM)
    }

    fn with(helm: &str) -> Self {
        let mut world = World::new();
        let bad = function("api", vec![problem("x", Status::Unhealthy, "it is down")]);
        world.run(&report("prod", minute(0), vec![bad]));
        let issue = world.only().clone();
        Self {
            helm: toml::from_str(helm).expect("helm.toml"),
            world,
            issue,
            event: IssueEvent::Opened,
        }
    }

    fn plan(&self, now: Timestamp) -> Plan {
        let rules = ready(&self.helm.rules);
        assert_eq!(rules.len(), self.helm.rules.len());
        plan(&PlanInput {
            rules: &rules,
            channels: &self.helm.channels,
            issues: &[(self.event, self.issue.clone())],
            now,
        })
    }

    /// Sends, and records it; `refuses` names channels that take nothing.
    fn run(&mut self, now: Timestamp, refuses: &[&str]) -> Vec<String> {
        let plan = self.plan(now);
        let mut out = Vec::new();
        for planned in &plan.alerts {
            let channel = planned.alert.channel.as_str();
            let outcome = match refuses.contains(&channel) {
                true => Err(Unsent {
                    why: "status 500".into(),
                    tried: true,
                }),
                false => Ok(None),
            };
            record(&mut self.issue, planned, &outcome);
            let kind = match planned.alert.kind {
                AlertKind::Trigger => "",
                AlertKind::Resolve => " over",
            };
            out.push(format!(
                "{channel}{kind}: {}",
                planned.alert.rules.join("+")
            ));
        }
        for planned in &plan.escalations {
            out.push(format!("work item: {} {:?}", planned.rule, planned.tracker));
            escalated(&mut self.issue, "#1", None, None, now);
        }
        self.event = IssueEvent::Ongoing;
        out
    }

    fn resolve(&mut self, now: Timestamp) {
        self.issue.status = IssueStatus::Resolved;
        self.issue.resolved_at = Some(now);
        self.event = IssueEvent::Resolved;
    }
}

fn keys(plan: &Plan) -> Vec<&str> {
    plan.alerts
        .iter()
        .map(|one| one.alert.key.as_str())
        .collect()
}

#[test]
fn once_in_a_window_for_each_channel() {
    let mut play = Play::new();
    assert_eq!(play.run(minute(0), &[]), ["pager: wake", "team: wake"]);
    for quiet in [0, 5, 14] {
        assert_eq!(play.run(minute(quiet), &[]), [""; 0], "minute {quiet}");
    }
    assert_eq!(play.run(minute(15), &[]).len(), 2);
    assert_eq!(play.issue.alerts.count, 4);
    assert_eq!(play.issue.alerts.deliveries.len(), 2);
    // The timeline has the first ones, not each repetition.
    let told = |issue: &Issue| issue.timeline.iter().filter(|e| e.event == "alert").count();
    assert_eq!(told(&play.issue), 2);
    // A clock that was wrong silences nobody.
    assert_eq!(play.run(minute(-600), &[]).len(), 2);
}

#[test]
fn the_key_follows_from_what_was_recorded_and_not_from_the_time() {
    let mut play = Play::new();
    let first = play.plan(minute(0));
    // Died before it was recorded: the same message, later.
    let later = play.plan(minute(7));
    assert_eq!(keys(&first), keys(&later));
    play.run(minute(0), &[]);
    let second = play.plan(minute(15));
    assert!(keys(&second).iter().all(|key| !keys(&first).contains(key)));
    for key in keys(&first) {
        assert!(key.len() == 32 && key.bytes().all(|b| b.is_ascii_hexdigit()));
        assert_eq!(
            crate::text::escape::json(key),
            key,
            "no redaction takes it for a secret"
        );
    }
}

#[test]
fn a_channel_that_takes_nothing_is_tried_again_and_then_less_often() {
    let mut play = Play::new();
    let first = play.plan(minute(0)).alerts[0].alert.key.clone();
    play.run(minute(0), &["pager"]);
    let failed = play.issue.alerts.deliveries[0].clone();
    assert_eq!((failed.delivered, failed.attempts), (false, 1));
    assert_eq!(play.issue.alerts.count, 1, "only what was taken counts");
    assert_eq!(
        play.plan(minute(1)).alerts[0].alert.key,
        first,
        "the same message"
    );
    play.run(minute(1), &["pager"]);
    play.run(minute(2), &["pager"]);
    assert_eq!(play.issue.alerts.deliveries[0].attempts, 3);
    assert_eq!(play.run(minute(3), &[]), [""; 0]);
    assert_eq!(play.run(minute(62), &[])[0], "pager: wake");
    let taken = &play.issue.alerts.deliveries[0];
    assert_eq!(
        (taken.delivered, taken.attempts, taken.error.as_ref()),
        (true, 4, None)
    );
}

#[test]
fn several_rules_make_one_message_to_a_channel() {
    let mut play = Play::new();
    play.issue.occurrences = 2;
    let plan = play.plan(minute(0));
    let team = plan
        .alerts
        .iter()
        .find(|one| one.alert.channel == "team")
        .expect("one");
    assert_eq!(team.alert.rules, ["wake", "often"]);
    assert_eq!(team.alert.labels, ["ops", "flaky"]);
    play.run(minute(0), &[]);
    assert_eq!(play.issue.alerts.deliveries.len(), 3);
    assert_eq!(play.issue.alerts.count, 2);
    // Each rule keeps its own pause.
    assert_eq!(play.run(minute(15), &[]), ["pager: wake", "team: wake"]);
    // At minute 61 it has also lasted for long enough to be handed over.
    assert_eq!(
        play.run(minute(61), &[]),
        [
            "pager: wake",
            "team: wake+often+hand over",
            "work item: hand over Some(\"tracker\")"
        ]
    );
}

#[test]
fn whoever_heard_of_it_hears_that_it_is_over_once() {
    let mut play = Play::new();
    play.run(minute(0), &["pager"]);
    play.resolve(minute(5));
    // The pager gave no sign of it, and may have it all the same.
    let told = ["pager over: wake", "team over: wake"];
    assert_eq!(play.run(minute(5), &[]), told);
    play.event = IssueEvent::Resolved;
    assert_eq!(play.run(minute(10), &[]), [""; 0]);
    // It comes back: told at once, with keys of its own.
    play.issue.status = IssueStatus::Active;
    play.issue.resolved_at = None;
    play.issue.detected_at = minute(11);
    play.issue.occurrences = 2;
    play.event = IssueEvent::Reopened;
    let told = play.run(minute(11), &[]);
    assert_eq!(told, ["pager: wake", "team: wake+often"]);
}

#[test]
fn an_end_is_owed_until_it_is_delivered() {
    let mut play = Play::new();
    play.run(minute(0), &[]);
    play.resolve(minute(5));
    assert_eq!(play.run(minute(5), &["pager", "team"]).len(), 2);
    play.event = IssueEvent::Resolved;
    assert_eq!(play.run(minute(6), &["team"]).len(), 2);
    let owed = |issue: &Issue| {
        let all = issue.alerts.deliveries.iter();
        all.filter(|one| is_owed(one.kind, one.delivered)).count()
    };
    assert_eq!(owed(&play.issue), 1, "the team's");
    assert_eq!(play.run(minute(7), &[]), ["team over: wake"]);
    assert_eq!(owed(&play.issue), 0);
    // Nobody ran for days, or a person resolved it.
    let mut play = Play::new();
    play.run(minute(0), &[]);
    play.resolve(minute(5));
    assert_eq!(play.run(minute(3 * 24 * 60), &[]).len(), 2);
}

#[test]
fn attempts_grow_rare_and_never_end() {
    let mut play = Play::new();
    let tried = |play: &mut Play, minutes: std::ops::Range<i64>| {
        let steps = minutes.step_by(15);
        let told = steps.map(|at| play.run(minute(at), &["pager"]));
        told.filter(|told| told.iter().any(|one| one.starts_with("pager")))
            .count()
    };
    let day = 24 * 60;
    assert_eq!(tried(&mut play, 0..day), 3 + 23);
    assert_eq!(tried(&mut play, day..2 * day), 1 + 3);
    assert_eq!(tried(&mut play, 30 * day..31 * day), 4);
    let failed = &play.issue.alerts.deliveries[0];
    assert_eq!(failed.tried_since, Some(minute(0)));
    // And it is named all the time, until it is delivered.
    let waiting = undelivered([&play.issue].into_iter(), minute(600));
    assert_eq!(
        waiting[0].sentence(),
        "1 alert about prod has not been delivered to channel pager \
         since 2026-11-21 10:00 UTC (34 attempts): status 500"
    );
    play.run(minute(60 * day), &[]);
    assert_eq!(undelivered([&play.issue].into_iter(), minute(600)), []);
}

#[test]
fn a_page_is_over_with_the_severity_that_called_for_it() {
    const PAGES: &str = r#"
[[rules]]
name = "wake"
when = 'severity == "CRITICAL"'
action = "alert"
channels = ["pager"]

[[rules]]
name = "news"
when = 'severity >= "HIGH" && event in ["opened", "severity_raised"]'
action = "alert"
channels = ["team"]

[[rules]]
name = "unowned"
when = "!assigned"
action = "alert"
channels = ["desk"]

[channels]
pager = { type = "pagerduty", token_env = "PAGER" }
team = { type = "slack", url_env = "SLACK" }
desk = { type = "webhook", url_env = "DESK" }
"#;
    let mut play = Play::with(PAGES);
    let all = ["desk: unowned", "pager: wake", "team: news"];
    assert_eq!(play.run(minute(0), &[]), all);
    // A person took it on; that closes no page.
    play.issue.assignee = Some("sam".into());
    assert_eq!(play.run(minute(5), &[]), [""; 0]);
    play.issue.severity = Severity::High;
    play.event = IssueEvent::SeverityLowered;
    assert_eq!(play.run(minute(10), &["pager"]), ["pager over: wake"]);
    assert_eq!(play.run(minute(15), &[]), ["pager over: wake"]);
    assert_eq!(play.run(minute(20), &[]), [""; 0]);
    // As bad again: told at once.
    play.issue.severity = Severity::Critical;
    play.event = IssueEvent::SeverityRaised;
    assert_eq!(play.run(minute(25), &[]), ["pager: wake"]);
    play.issue.severity = Severity::Medium;
    play.event = IssueEvent::SeverityLowered;
    assert_eq!(
        play.run(minute(30), &[]),
        ["pager over: wake", "team over: news"]
    );
    play.resolve(minute(35));
    assert_eq!(play.run(minute(35), &[]), ["desk over: unowned"]);
}

#[test]
fn the_end_is_told_where_the_rule_is_gone_or_renamed() {
    let mut play = Play::new();
    play.run(minute(0), &[]);
    play.helm.rules.remove(0);
    assert_eq!(play.run(minute(5), &[]), [""; 0]);
    play.resolve(minute(10));
    assert_eq!(
        play.run(minute(10), &[]),
        ["pager over: wake", "team over: wake"]
    );
}

#[test]
fn what_a_run_has_not_seen_is_not_repeated() {
    let mut play = Play::new();
    play.run(minute(0), &[]);
    play.issue.healthy_streak = 1;
    assert_eq!(play.run(minute(20), &[]), [""; 0]);
    play.issue.healthy_streak = 0;
    assert_eq!(play.run(minute(25), &[]).len(), 2);
}

#[test]
fn rules_may_ask_for_moments() {
    let helm = HELM.replace(
        "severity == \"CRITICAL\"",
        "event in [\"opened\", \"resolved\"]",
    );
    let mut play = Play::with(&helm);
    play.helm.rules.truncate(1);
    assert_eq!(play.run(minute(0), &[]).len(), 2);
    assert_eq!(play.run(minute(20), &[]), [""; 0]);
    play.resolve(minute(25));
    assert_eq!(
        play.run(minute(25), &[]),
        ["pager over: wake", "team over: wake"]
    );
    // One that asks for the end alone needs no beginning.
    let helm = HELM.replace("severity == \"CRITICAL\"", "event == \"resolved\"");
    let mut play = Play::with(&helm);
    play.helm.rules.truncate(1);
    assert_eq!(play.run(minute(0), &[]), [""; 0]);
    play.resolve(minute(25));
    assert_eq!(play.run(minute(25), &[]).len(), 2);
}

#[test]
fn a_work_item_is_made_once_in_an_occurrence() {
    let mut play = Play::new();
    play.helm.rules.drain(..2);
    assert_eq!(play.run(minute(30), &[]), [""; 0]);
    assert_eq!(play.run(minute(61), &[]).len(), 2);
    assert_eq!(play.issue.status, IssueStatus::Escalated);
    assert!(tracker_closed(&mut play.issue, minute(70)));
    assert!(!tracker_closed(&mut play.issue, minute(71)));
    assert_eq!(play.issue.status, IssueStatus::Active, "nobody's again");
    // Somebody closed it and has seen it: no second one.
    assert!(play.plan(minute(80)).escalations.is_empty());
    assert!(tracker_reopened(&mut play.issue, minute(81)));
    assert_eq!(play.issue.status, IssueStatus::Escalated);
    assert!(tracker_closed(&mut play.issue, minute(82)));
    play.issue.detected_at = minute(90);
    play.issue.occurrences = 2;
    assert_eq!(play.plan(minute(151)).escalations.len(), 1);
}

#[test]
fn events_follow_from_what_a_run_did() {
    let mut world = Play::new().world;
    let worse = function("api", vec![problem("x", Status::Unhealthy, "it is down")]);
    let decided = world.run(&report("prod", minute(1), vec![worse]));
    for change in &decided.changes {
        assert_eq!(event_of(change.kind), IssueEvent::Ongoing);
    }
    assert_eq!(event_of(ChangeKind::Worsened), IssueEvent::SeverityRaised);
}

#[test]
fn every_name_of_a_rule_has_a_value_of_its_type() {
    let issue = Play::new().issue;
    let ask = |name: &str| value(&issue, IssueEvent::Opened, minute(30), name);
    for name in rules::names() {
        let value = ask(name).unwrap_or_else(|| panic!("{name}"));
        let compare = match value {
            Value::Number(_) => "== 1",
            Value::Flag(_) => "== true",
            // A text may be any, a word only one of its own.
            _ => "!= \"\"",
        };
        let rule = rules::compile(&format!("{name} {compare}"));
        let is_word = rule.is_err_and(|fault| fault.message == "it can never be ``");
        assert_eq!(
            is_word,
            ["event", "severity", "status"].contains(&name),
            "{name}"
        );
    }
    assert_eq!(ask("duration_minutes"), Some(Value::Number(30.0)));
    assert_eq!(ask("severity"), Some("CRITICAL".into()));
    assert_eq!(ask("password"), None);
}

#[test]
fn rules_and_channels_that_are_gone_are_forgotten() {
    let mut play = Play::new();
    play.run(minute(0), &["pager"]);
    let channels: BTreeMap<String, Channel> = BTreeMap::new();
    let rules = ready(&play.helm.rules);
    let plan = plan(&PlanInput {
        rules: &rules,
        channels: &channels,
        issues: &[(IssueEvent::Ongoing, play.issue.clone())],
        now: minute(20),
    });
    assert!(plan.is_empty());
}
