//! An outage that many resources share: what people get of it, and what is recorded.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::demo::git;
use crate::recorded::World;
use crate::shards::many;
use crate::support::fractary::{Fractary, Outcome};
use crate::support::github::{GitHub, Instead, TOKEN};
use crate::support::receivers::{ROUTING_KEY, Receiver, Service};

const RULES: &str = r#"
[[rules]]
name = "everything"
when = 'occurrences > 0'
action = "alert"
channels = ["team", "pager", "hook", "tracker"]

[channels]
team = { type = "slack", url_env = "TEAM_URL" }
hook = { type = "webhook", url_env = "HOOK_URL" }
tracker = { type = "github" }
"#;

struct Burst {
    world: World,
    team: Receiver,
    pager: Receiver,
    hook: Receiver,
    github: GitHub,
}

impl Burst {
    fn new(rules: &str) -> Self {
        let world = many();
        let pager = Receiver::start(Service::Pagerduty);
        let repository = world.folder.path().join("repo");
        let path = repository.join(".fractary/plugins/helm/config/helm.toml");
        let mut helm = std::fs::read_to_string(&path).expect("init wrote it");
        helm.push_str(rules);
        helm.push_str(&format!(
            "pager = {{ type = \"pagerduty\", token_env = \"PAGER_KEY\", base_url = \"{}\" }}\n",
            pager.base()
        ));
        std::fs::write(&path, helm).expect("it can be written");
        // What is told is looked at here, not what a hundred investigations find.
        let path = repository.join(".fractary/plugins/helm-cloud/config/monitoring.toml");
        let text = std::fs::read_to_string(&path).expect("init wrote it");
        let by_hand = text.replace("\nauto = true\n", "\nauto = false\n");
        assert_ne!(by_hand, text);
        std::fs::write(&path, by_hand).expect("it can be written");
        git(
            &repository,
            &["commit", "--quiet", "--all", "--message", "Rules"],
        );
        Self {
            world,
            team: Receiver::start(Service::Slack),
            pager,
            hook: Receiver::start(Service::Webhook),
            github: GitHub::start(),
        }
    }

    fn fractary(&self, minute: u32, arguments: &[&str]) -> Fractary {
        let replay = self.world.recording.display().to_string();
        self.world
            .fractary(arguments)
            .at(&format!("2026-11-02T09:{minute:02}:00Z"))
            .args(["--replay", &replay])
            .env("TEAM_URL", self.team.url())
            .env("PAGER_KEY", ROUTING_KEY)
            .env("HOOK_URL", self.hook.url())
            .env("GITHUB_API_URL", self.github.url())
            .env("GITHUB_REPOSITORY", "o/r")
            .env("GITHUB_TOKEN", TOKEN)
    }

    fn run(&self, minute: u32) -> Outcome {
        let run = ["run", "--env", "prod", "--alerts", "always"];
        let outcome = self.fractary(minute, &run).run();
        assert!([0, 1, 3].contains(&outcome.code), "{}", outcome.stderr);
        outcome
    }

    fn delivered(&self, channel: &str) -> BTreeSet<(bool, u64)> {
        let folder = self
            .world
            .folder
            .path()
            .join("repo/.fractary/plugins/helm/issues");
        let mut out = BTreeSet::new();
        for folder in ["active", "resolved"].map(|name| folder.join(name)) {
            let files = std::fs::read_dir(folder).into_iter().flatten();
            for file in files.map(|file| file.expect("an entry").path()) {
                let text = std::fs::read_to_string(file).expect("a file");
                let issue: Value = serde_json::from_str(&text).expect("JSON");
                let deliveries = issue["alerts"]["deliveries"].as_array().cloned();
                let deliveries = deliveries.unwrap_or_default();
                let of_channel = deliveries.iter().filter(|one| one["channel"] == channel);
                out.extend(of_channel.map(|one| {
                    let attempts = one["attempts"].as_u64();
                    (one["delivered"] == true, attempts.expect("a number"))
                }));
            }
        }
        out
    }
}

/// Ids of issues in the texts of a Slack message.
fn ids(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '-'))
        .filter(|word| word.starts_with("infra-"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_hundred_issues_are_one_message_that_names_them_and_one_page_that_ends_once() {
    let burst = Burst::new(RULES);
    burst.run(2);
    let team = burst.team.taken();
    assert_eq!(team.len(), 1, "one message");
    let told = ids(&team[0].to_string());
    assert_eq!(told.len(), 100, "which names all of them");
    let headline = team[0]["text"].as_str().expect("a text").to_owned();
    assert!(headline.contains("100 issues in prod: many-"), "{headline}");
    let pages = burst.pager.taken();
    assert_eq!(pages.len(), 1, "one page");
    let named = pages[0]["payload"]["custom_details"]["issues"].as_array();
    assert_eq!(named.expect("a list").len(), 100);
    let hooks = burst.hook.taken();
    assert_eq!(hooks.len(), 100, "programs get each");
    let tickets = burst.github.issues();
    assert_eq!(tickets.len(), 1);
    assert_eq!(ids(tickets[0]["body"].as_str().expect("a text")), told);
    for channel in ["team", "pager", "hook", "tracker"] {
        assert_eq!(
            burst.delivered(channel),
            BTreeSet::from([(true, 1)]),
            "{channel}"
        );
    }
    // Nothing is repeated, and the end is one message, once all of them are over.
    burst.run(3);
    burst.run(7);
    for receiver in [&burst.team, &burst.pager, &burst.hook] {
        assert_eq!(receiver.taken().len(), 0);
    }
    burst.run(12);
    let over = burst.team.taken();
    assert_eq!(over.len(), 1);
    assert_eq!(ids(&over[0].to_string()), told);
    assert!(
        over[0]["text"]
            .to_string()
            .contains("[RESOLVED] 100 issues")
    );
    let ends = burst.pager.taken();
    assert_eq!(ends.len(), 1);
    assert_eq!(ends[0]["event_action"], "resolve");
    assert_eq!(ends[0]["dedup_key"], pages[0]["dedup_key"]);
    assert_eq!(burst.hook.taken().len(), 100);
    let tickets = burst.github.issues();
    assert_eq!((tickets.len(), &tickets[0]["state"]), (1, &"closed".into()));
    for receiver in [&burst.team, &burst.pager, &burst.hook] {
        receiver.has_no_complaint();
    }
    assert_eq!(burst.github.faults(), [""; 0]);
}

#[test]
fn a_dry_run_names_the_one_message_and_what_is_in_it() {
    let burst = Burst::new(RULES);
    let said = burst
        .fractary(2, &["run", "--env", "prod", "--dry-run"])
        .run()
        .stderr;
    let lines: Vec<&str> = said
        .lines()
        .filter(|line| line.contains("notify team"))
        .collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(ids(lines[0]).len(), 100);
}

#[test]
fn a_channel_that_asks_to_wait_is_waited_for_and_one_that_asks_for_long_is_left_alone() {
    let rules = RULES.replace(
        "\"team\", \"pager\", \"hook\", \"tracker\"",
        "\"team\", \"hook\"",
    );
    let burst = Burst::new(&rules);
    let slow = |seconds: &'static str| {
        let header: &'static [(&'static str, &'static str)] = match seconds {
            "1" => &[("Retry-After", "1")],
            _ => &[("Retry-After", "3600")],
        };
        Instead::Answer(429, header, "rate_limited".to_owned())
    };
    // For a second: the same run makes up for it, and it counts as one attempt.
    burst.team.instead(slow("1"));
    // For an hour: the first is an attempt, and the others have not been tried.
    burst.hook.always(Some(slow("3600")));
    let outcome = burst.run(2);
    assert_eq!(burst.team.taken().len(), 2, "refused, then taken");
    assert_eq!(burst.delivered("team"), BTreeSet::from([(true, 1)]));
    let tried = burst.hook.taken().len();
    assert!(
        (1..=4).contains(&tried),
        "{tried}: as many as are sent at once"
    );
    assert!(outcome.stderr.contains("hook"), "{}", outcome.stderr);
    assert_eq!(
        burst.delivered("hook"),
        BTreeSet::from([(false, 0), (false, 1)])
    );
    let said = burst.fractary(2, &["status"]).run().stdout;
    assert!(
        said.contains("100 alerts about prod have not been delivered"),
        "{said}"
    );
    // The next run sends all of them, at once.
    burst.hook.always(None);
    burst.run(3);
    assert_eq!(burst.hook.taken().len(), 100);
    assert!(
        burst
            .delivered("hook")
            .iter()
            .all(|(delivered, _)| *delivered)
    );
}
