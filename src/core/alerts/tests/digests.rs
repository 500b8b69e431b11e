//! Many issues at once: what is told together, and when it is over.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::model::ids::IssueId;

pub(super) const CHANNELS: &str = r#"
[[rules]]
name = "all"
when = 'occurrences > 0'
action = "alert"
channels = ["pager", "team", "desk", "everyone", "tracker"]
throttle = "1h"

[channels]
pager = { type = "pagerduty", token_env = "PAGER" }
team = { type = "slack", url_env = "SLACK" }
desk = { type = "webhook", url_env = "DESK" }
everyone = { type = "sns", topic_arn = "arn:aws:sns:eu-west-1:123456789012:alerts" }
tracker = { type = "github" }
"#;

/// Many issues, the same in every way but their name.
pub(super) struct Fleet {
    helm: Helm,
    pub(super) issues: BTreeMap<IssueId, (IssueEvent, Issue)>,
    model: Issue,
    /// Channels that take nothing.
    refuses: BTreeSet<&'static str>,
}

/// What a channel got in one run: channel, `+` or `-`, and the names in one message.
pub(super) type Message = (String, char, BTreeSet<String>);

impl Fleet {
    pub(super) fn new(helm: &str) -> Self {
        Self {
            helm: toml::from_str(helm).expect("helm.toml"),
            issues: BTreeMap::new(),
            model: Play::new().issue,
            refuses: BTreeSet::new(),
        }
    }

    pub(super) fn id(number: usize) -> IssueId {
        IssueId::new(format!("infra-{number:06x}")).expect("an id")
    }

    pub(super) fn opens(
        &mut self,
        number: usize,
        environment: &str,
        severity: Severity,
        now: Timestamp,
    ) {
        let id = Self::id(number);
        let known = self.issues.get(&id).map(|(_, issue)| issue.clone());
        let event = match known {
            Some(_) => IssueEvent::Reopened,
            None => IssueEvent::Opened,
        };
        let mut issue = known.unwrap_or_else(|| self.model.clone());
        issue.environment = crate::core::issue_fixtures::environment(environment);
        issue.resource.name = format!("svc-{number}").into();
        issue.id = id.clone();
        issue.severity = severity;
        issue.status = IssueStatus::Active;
        issue.occurrences += u32::from(event == IssueEvent::Reopened);
        issue.detected_at = now;
        issue.resolved_at = None;
        self.issues.insert(id, (event, issue));
    }

    pub(super) fn closes(&mut self, number: usize, now: Timestamp) {
        if let Some((event, issue)) = self.issues.get_mut(&Self::id(number)) {
            *event = IssueEvent::Resolved;
            issue.status = IssueStatus::Resolved;
            issue.resolved_at = Some(now);
        }
    }

    fn plan(&self, now: Timestamp) -> Plan {
        let rules = ready(&self.helm.rules);
        assert_eq!(rules.len(), self.helm.rules.len());
        let listed: Vec<(IssueEvent, Issue)> = self.issues.values().cloned().collect();
        plan(&PlanInput {
            rules: &rules,
            channels: &self.helm.channels,
            issues: &listed,
            now,
        })
    }

    /// One run: what was planned, recorded and sent.
    pub(super) fn run(&mut self, now: Timestamp) -> Plan {
        let plan = self.plan(now);
        for planned in &plan.alerts {
            let outcome = match self.refuses.contains(planned.alert.channel.as_str()) {
                true => Err(Unsent {
                    why: "status 500".into(),
                    tried: true,
                }),
                false => Ok(Some("12".into())),
            };
            let known = self.issues.get_mut(&planned.alert.issue.id);
            let issue = &mut known.expect("it is planned from them").1;
            intend(issue, planned);
            record(issue, planned, &outcome);
        }
        for (event, issue) in self.issues.values_mut() {
            if issue.status != IssueStatus::Resolved {
                *event = IssueEvent::Ongoing;
            }
        }
        plan
    }
}

/// The messages of a plan: one for an alert by itself, one for a digest.
pub(super) fn messages(plan: &Plan) -> Vec<Message> {
    let sign = |kind| match kind {
        AlertKind::Trigger => '+',
        AlertKind::Resolve => '-',
    };
    let single = plan.alerts.iter().filter(|one| one.digest.is_none());
    let mut out: Vec<Message> = single
        .map(|one| {
            let name = one.alert.issue.resource.name.redacted();
            (
                one.alert.channel.clone(),
                sign(one.alert.kind),
                BTreeSet::from([name]),
            )
        })
        .collect();
    for digest in &plan.digests {
        let all = match digest.kind() {
            AlertKind::Trigger => &digest.open,
            AlertKind::Resolve => &digest.over,
        };
        let names = all.iter().map(|one| one.resource.name.redacted()).collect();
        out.push((digest.channel.clone(), sign(digest.kind()), names));
    }
    out.sort();
    out
}

pub(super) fn of<'a>(all: &'a [Message], channel: &str) -> Vec<&'a Message> {
    all.iter().filter(|one| one.0 == channel).collect()
}

#[test]
fn an_outage_of_forty_is_one_message_a_channel_and_forty_to_a_webhook() {
    let mut fleet = Fleet::new(CHANNELS);
    for number in 0..40 {
        fleet.opens(number, "prod", Severity::Critical, minute(0));
    }
    let plan = fleet.run(minute(0));
    let told = messages(&plan);
    for channel in ["pager", "team", "everyone", "tracker"] {
        let told = of(&told, channel);
        assert_eq!(told.len(), 1, "{channel}");
        assert_eq!(told[0].2.len(), 40, "{channel}: all are named");
    }
    assert_eq!(of(&told, "desk").len(), 40);
    let headline = plan.digests[0].headline();
    let lines = plan.digests[0].lines().collect::<Vec<_>>();
    insta::assert_snapshot!(format!("{headline}\n{}\n…\n{}", lines[0], lines[39]), @r"
    [CRITICAL] 40 issues in prod: svc-0, svc-1, svc-2 and 37 more
    infra-000000 [CRITICAL] svc-0: it is down
    …
    infra-000027 [CRITICAL] svc-39: it is down
    ");
    // The same again is nothing, and after the throttle one message.
    assert!(fleet.run(minute(5)).is_empty());
    let again = messages(&fleet.run(minute(60)));
    assert_eq!(of(&again, "team").len(), 1);
    assert_eq!(of(&again, "pager").len(), 1);
}

#[test]
fn a_page_of_many_is_over_when_the_last_is() {
    let mut fleet = Fleet::new(CHANNELS);
    for number in 0..6 {
        fleet.opens(number, "prod", Severity::Critical, minute(0));
    }
    let begun = fleet.run(minute(0));
    let thread = |plan: &Plan| {
        let mut pages = plan.digests.iter().filter(|one| one.channel == "pager");
        pages
            .next()
            .map(|one| (one.thread(), one.kind(), one.has_news))
    };
    let (page, ..) = thread(&begun).expect("a page");
    for number in 0..5 {
        fleet.closes(number, minute(10));
    }
    let partly = fleet.run(minute(10));
    assert_eq!(
        thread(&partly),
        Some((page.clone(), AlertKind::Trigger, false))
    );
    // Those who read messages hear that five are over.
    assert_eq!(of(&messages(&partly), "team")[0].1, '-');
    assert_eq!(of(&messages(&partly), "team")[0].2.len(), 5);
    // What began later has a page of its own.
    fleet.opens(9, "prod", Severity::Critical, minute(15));
    assert_eq!(of(&messages(&fleet.run(minute(15))), "pager").len(), 1);
    fleet.closes(5, minute(20));
    let over = fleet.run(minute(20));
    assert_eq!(thread(&over), Some((page, AlertKind::Resolve, false)));
    assert!(fleet.run(minute(25)).is_empty());
}

#[test]
fn few_alerts_stay_messages_of_their_own() {
    let mut fleet = Fleet::new(CHANNELS);
    for number in 0..3 {
        fleet.opens(number, "prod", Severity::Critical, minute(0));
    }
    let plan = fleet.run(minute(0));
    assert!(plan.digests.is_empty());
    // Each keeps its page.
    for number in 0..3 {
        fleet.closes(number, minute(10));
    }
    let ends = messages(&fleet.run(minute(10)));
    assert_eq!(of(&ends, "pager").len(), 3);
}

#[test]
fn environments_and_what_topics_filter_by_are_told_apart() {
    let mut fleet = Fleet::new(CHANNELS);
    for number in 0..8 {
        let environment = if number < 4 { "prod" } else { "test" };
        fleet.opens(number, environment, Severity::Critical, minute(0));
    }
    for number in 8..12 {
        fleet.opens(number, "prod", Severity::Low, minute(0));
    }
    let told = messages(&fleet.run(minute(0)));
    let sizes = |channel| -> Vec<usize> {
        let of = of(&told, channel).into_iter();
        of.map(|one| one.2.len()).collect()
    };
    assert_eq!(sizes("team"), [8, 4]);
    assert_eq!(sizes("pager"), [8, 4]);
    assert_eq!(sizes("everyone"), [4, 4, 4]);
}

#[test]
fn a_channel_says_from_how_many_on() {
    for (set, messages_to_team) in [("0", 1), ("1", 1), ("2", 2), ("100", 2)] {
        let helm = CHANNELS.replace(
            "url_env = \"SLACK\"",
            &format!("url_env = \"SLACK\", digest_above = {set}"),
        );
        let mut fleet = Fleet::new(&helm);
        for number in 0..2 {
            fleet.opens(number, "prod", Severity::Critical, minute(0));
        }
        let told = messages(&fleet.run(minute(0)));
        assert_eq!(of(&told, "team").len(), messages_to_team, "{set}");
    }
}

#[test]
fn a_run_tells_a_channel_no_more_than_it_can_take() {
    let mut fleet = Fleet::new(CHANNELS);
    for number in 0..30 {
        let environment = format!("env-{:02}", number / 3);
        fleet.opens(number, &environment, Severity::High, minute(0));
    }
    let told = messages(&fleet.run(minute(0)));
    let team = of(&told, "team");
    assert_eq!(team.len(), 10, "one an environment");
    assert!(team.iter().all(|one| one.2.len() == 3));
}

#[test]
fn a_digest_that_did_not_arrive_is_sent_again_as_the_same() {
    let mut fleet = Fleet::new(CHANNELS);
    for number in 0..5 {
        fleet.opens(number, "prod", Severity::Critical, minute(0));
    }
    fleet.refuses.extend(["team", "pager"]);
    let first = fleet.run(minute(0));
    fleet.refuses.clear();
    for number in 5..10 {
        fleet.opens(number, "prod", Severity::Critical, minute(5));
    }
    let second = fleet.run(minute(5));
    let keys = |plan: &Plan, channel: &str| -> BTreeSet<String> {
        let digests = plan.digests.iter().filter(|one| one.channel == channel);
        digests.map(|one| one.key.clone()).collect()
    };
    for channel in ["team", "pager"] {
        let (first, second) = (keys(&first, channel), keys(&second, channel));
        assert_eq!((first.len(), second.len()), (1, 2), "{channel}");
        assert!(first.is_subset(&second), "{channel}");
    }
}

#[test]
fn what_was_not_tried_is_no_attempt_and_due_at_once() {
    let mut fleet = Fleet::new(CHANNELS);
    fleet.opens(1, "prod", Severity::Critical, minute(0));
    for run in 0..10 {
        let plan = fleet.plan(minute(run));
        let planned = plan.alerts.iter().find(|one| one.alert.channel == "team");
        let planned = planned.expect("it is due in every run");
        assert_eq!(planned.parts[0].attempts, 1);
        let issue = &mut fleet.issues.get_mut(&Fleet::id(1)).expect("it is there").1;
        let unsent = Unsent {
            why: "no time".into(),
            tried: false,
        };
        record(issue, planned, &Err(unsent));
        let mut waiting = undelivered([&*issue].into_iter(), minute(run));
        assert_eq!(
            waiting.remove(0).channel,
            "team",
            "and it is named meanwhile"
        );
    }
}

#[test]
fn an_issue_that_left_a_digest_is_told_by_itself() {
    let mut fleet = Fleet::new(CHANNELS);
    for number in 0..5 {
        fleet.opens(number, "prod", Severity::Critical, minute(0));
    }
    fleet.run(minute(0));
    fleet.closes(2, minute(10));
    fleet.run(minute(10));
    fleet.opens(2, "prod", Severity::Critical, minute(20));
    let plan = fleet.run(minute(20));
    let single: Vec<&PlannedAlert> = plan.alerts.iter().collect();
    assert!(
        single.iter().all(|one| one.digest.is_none()),
        "back: a page of its own"
    );
    // It does not take the place of the digest for its own.
    let mut pages = single
        .iter()
        .filter(|one| ["pager", "tracker"].contains(&one.alert.channel.as_str()));
    assert!(pages.all(|one| one.alert.reference.is_none()));
}

/// What happens between two runs.
#[derive(Debug, Clone)]
enum Step {
    Opens(usize, bool, u8),
    Closes(usize),
    Refuses(u8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (0..14_usize, any::<bool>(), 0..4_u8).prop_map(|(n, test, s)| Step::Opens(n, test, s)),
        4 => (0..14_usize).prop_map(Step::Closes),
        1 => (0..4_u8).prop_map(Step::Refuses),
    ]
}

const SEVERITIES: [Severity; 4] = [
    Severity::Low,
    Severity::Medium,
    Severity::High,
    Severity::Critical,
];

/// Pages as PagerDuty has them: what is open, by thread.
fn page(open: &mut BTreeSet<String>, plan: &Plan, refused: bool) {
    let single = plan.alerts.iter().filter(|one| one.digest.is_none());
    let single = single
        .filter(|one| one.alert.channel == "pager")
        .map(|one| (one.alert.thread(), one.alert.kind));
    let digests = plan.digests.iter().filter(|one| one.channel == "pager");
    let digests = digests.map(|one| (one.thread(), one.kind()));
    for (thread, kind) in single.chain(digests).filter(|_| !refused) {
        match kind {
            AlertKind::Trigger => open.insert(thread),
            AlertKind::Resolve => open.remove(&thread),
        };
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Whatever opens, ends, comes back and cannot be sent: no alert is lost, few messages leave
    /// a run, and a page is open exactly while one of its issues is.
    #[test]
    fn nothing_is_lost_and_no_page_stays_open(runs in prop::collection::vec(
        prop::collection::vec(step(), 0..12), 1..14,
    )) {
        let mut fleet = Fleet::new(CHANNELS);
        let mut open: BTreeSet<String> = BTreeSet::new();
        let mut now = 0;
        for steps in runs {
            now += 20;
            fleet.refuses.clear();
            for step in steps {
                match step {
                    Step::Opens(number, test, severity) => {
                        let known = fleet.issues.get(&Fleet::id(number));
                        if known.is_none_or(|(_, one)| one.status == IssueStatus::Resolved) {
                            let environment = if test { "test" } else { "prod" };
                            // An issue stays in its environment.
                            let environment = known.map_or(environment.to_owned(), |(_, one)| one.environment.to_string());
                            fleet.opens(number, &environment, SEVERITIES[usize::from(severity)], minute(now));
                        }
                    }
                    Step::Closes(number) => fleet.closes(number, minute(now)),
                    Step::Refuses(which) => {
                        fleet.refuses.insert(["pager", "team", "everyone", "tracker"][usize::from(which)]);
                    }
                }
            }
            let plan = fleet.run(minute(now));
            for digest in &plan.digests {
                let own = plan.alerts.iter().filter(|one| {
                    one.alert.channel == digest.channel && one.digest.as_ref() == Some(&digest.key)
                });
                prop_assert!(own.count() > 0);
                prop_assert!(digest.channel != "desk");
                let environments = digest.open.iter().chain(&digest.over);
                let mut environments = environments.map(|one| &one.environment);
                prop_assert!(environments.all(|one| *one == digest.environment));
            }
            for planned in plan.alerts.iter().filter(|one| one.digest.is_some()) {
                let mut digests = plan.digests.iter().filter(|one| {
                    one.channel == planned.alert.channel && Some(&one.key) == planned.digest.as_ref()
                });
                let digest = digests.next().expect("its digest is planned");
                let all = digest.open.iter().chain(&digest.over);
                prop_assert_eq!(all.filter(|one| one.id == planned.alert.issue.id).count(), 1);
            }
            page(&mut open, &plan, fleet.refuses.contains("pager"));
        }
        // All is over, and everything can be sent again.
        fleet.refuses.clear();
        for number in 0..14 {
            fleet.closes(number, minute(now + 20));
        }
        for later in 0..6 {
            let plan = fleet.run(minute(now + 20 + later * 400));
            page(&mut open, &plan, false);
        }
        prop_assert!(open.is_empty(), "{open:?}");
        for (_, issue) in fleet.issues.values() {
            let owed = |one: &crate::model::issue::Delivery| is_owed(one.kind, one.delivered);
            prop_assert!(!issue.alerts.deliveries.iter().any(owed), "{:?}", issue.alerts);
        }
    }
}
