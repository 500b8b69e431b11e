//! The demo's trouble with rules, and the services that are told of it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::demo::Played;
use crate::support::fractary::{Fractary, Outcome};
use crate::support::github::{GitHub, TOKEN};
use crate::support::receivers::{ROUTING_KEY, Receiver, SLACK_PATH, Service};

const HELM: &str = ".fractary/plugins/helm/config/helm.toml";
/// Signs what goes to the webhook.
pub(crate) const SIGNING_KEY: &str = "wh-s1gn1ng-k3y-0123456789";

pub(crate) const RULES: &str = r#"
[[rules]]
name = "tell everybody"
when = 'severity >= "MEDIUM"'
action = "alert"
channels = ["team", "pager", "hook", "tracker"]
throttle = "10m"
labels = ["ops"]

[channels.team]
type = "slack"
url_env = "TEAM_URL"
digest_above = 100
by_incident = false

[channels.hook]
type = "webhook"
url_env = "HOOK_URL"
token_env = "HOOK_KEY"

[channels.tracker]
type = "github"
digest_above = 100
by_incident = false
"#;

/// The demo's repository as it was before the trouble, with rules; and the services.
pub(crate) struct Scene {
    pub(crate) played: Played,
    pub(crate) team: Receiver,
    pub(crate) pager: Receiver,
    pub(crate) hook: Receiver,
    pub(crate) github: GitHub,
}

impl Scene {
    pub(crate) fn new(rules: &str) -> Self {
        let played = Played::new();
        let before = played.git(&["rev-list", "-1", "--before=2026-11-02T09:10:00Z", "HEAD"]);
        played.git(&["reset", "--quiet", "--hard", before.trim()]);
        let pager = Receiver::start(Service::Pagerduty);
        let path = played.repository().join(HELM);
        let mut helm = std::fs::read_to_string(&path).expect("init wrote it");
        helm.push_str(rules);
        helm.push_str(&format!(
            "\n[channels.pager]\ntype = \"pagerduty\"\ntoken_env = \"PAGER_KEY\"\ndigest_above = 100\nby_incident = false\nbase_url = \"{}\"\n",
            pager.base()
        ));
        std::fs::write(&path, helm).expect("it can be written");
        played.git(&["commit", "--quiet", "--all", "--message", "Add rules"]);
        Self {
            played,
            team: Receiver::start(Service::Slack),
            pager,
            hook: Receiver::start(Service::Webhook),
            github: GitHub::start(),
        }
    }

    /// Lets the channels gather alerts as they do where nobody says otherwise.
    pub(crate) fn tell_by_incident(&self) {
        let path = self.played.repository().join(HELM);
        let helm = std::fs::read_to_string(&path).expect("it is there");
        let helm = helm.replace("digest_above = 100\n", "");
        let helm = helm.replace("by_incident = false\n", "");
        std::fs::write(&path, helm).expect("it can be written");
        let arguments = ["commit", "--quiet", "--all", "--message", "Gather"];
        self.played.git(&arguments);
    }

    /// A command with all addresses and tokens.
    pub(crate) fn fractary(&self, at: &str, arguments: &[&str]) -> Fractary {
        self.with_channels(self.played.fractary(at, arguments))
    }

    /// Gives a command all addresses and tokens.
    pub(crate) fn with_channels(&self, command: Fractary) -> Fractary {
        command
            .env("TEAM_URL", self.team.url())
            .env("PAGER_KEY", ROUTING_KEY)
            .env("HOOK_URL", self.hook.url())
            .env("HOOK_KEY", SIGNING_KEY)
            .env("GITHUB_API_URL", self.github.url())
            .env("GITHUB_REPOSITORY", "o/r")
            .env("GITHUB_TOKEN", TOKEN)
    }

    /// A run that sends, `minute` minutes past nine.
    pub(crate) fn run(&self, minute: u32) -> Outcome {
        let outcome = self.sending(minute).run();
        assert!(outcome.code <= 1, "{}", outcome.stderr);
        assert_eq!(self.played.git(&["status", "--porcelain"]), "");
        self.has_told_no_secret(&outcome);
        outcome
    }

    pub(crate) fn sending(&self, minute: u32) -> Fractary {
        let at = format!("2026-11-02T09:{minute:02}:00Z");
        // Slack gets one message a second, and sending has four times as long as this.
        self.fractary(&at, &["run", "--alerts", "always", "--timeout", "3s"])
    }

    /// The issue files by id.
    pub(crate) fn issues(&self) -> BTreeMap<String, Value> {
        let mut out = BTreeMap::new();
        for folder in ["active", "resolved"] {
            let folder = format!(".fractary/plugins/helm/issues/{folder}");
            let Ok(files) = std::fs::read_dir(self.played.repository().join(folder)) else {
                continue;
            };
            for file in files {
                let path = file.expect("an entry").path();
                let text = std::fs::read_to_string(path).expect("a file");
                let issue: Value = serde_json::from_str(&text).expect("JSON");
                out.insert(issue["id"].as_str().expect("an id").to_owned(), issue);
            }
        }
        out
    }

    pub(crate) fn delivery(&self, id: &str, channel: &str) -> Value {
        let issues = self.issues();
        let deliveries = issues[id]["alerts"]["deliveries"].as_array().cloned();
        let mut deliveries = deliveries.unwrap_or_default().into_iter();
        deliveries
            .find(|one| one["channel"] == channel)
            .unwrap_or(Value::Null)
    }

    /// No token and no address of a webhook is in what was printed or committed.
    pub(crate) fn has_told_no_secret(&self, outcome: &Outcome) {
        let history = self.played.git(&["log", "--all", "--patch", "--format=%B"]);
        for secret in [
            TOKEN,
            ROUTING_KEY,
            SIGNING_KEY,
            SLACK_PATH,
            &SLACK_PATH[30..],
        ] {
            for text in [&outcome.stdout, &outcome.stderr, &history] {
                assert!(!text.contains(secret), "{secret} in\n{text}");
            }
        }
    }

    pub(crate) fn has_no_complaint(&self) {
        for receiver in [&self.team, &self.pager, &self.hook] {
            receiver.has_no_complaint();
        }
        assert_eq!(self.github.faults(), [""; 0]);
    }
}
