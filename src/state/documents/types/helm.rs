//! Dashboard, rules, channels, retention and how state lands in git.
//!
//! Its checks: rules and channels can work, conditions parse, channels exist, and no address or
//! token is in a file that everybody can read.

use std::collections::BTreeSet;

use crate::expr::Fault;
use crate::model::helm::{Channel, ChannelType, Helm, Rule, RuleAction};
use crate::model::ids::EnvironmentName;
use crate::model::paths::RepoPath;
use crate::model::rules;
use crate::model::topic::Topic;
use crate::state::diagnostic::explain;
use crate::state::diagnostic::locate::{Language, PathStep};
use crate::state::diagnostic::problem::Problem;
use crate::state::documents::checks::key;
use crate::state::documents::document_type::{
    DocumentType, DocumentValue, Merge, ReadRules, Writer,
};
use crate::state::documents::path_pattern::PathPattern;
use crate::state::documents::schema::embedded_schema;

/// `helm.toml`.
pub(crate) static TYPE: DocumentType = DocumentType {
    name: "helm",
    schema: embedded_schema!("helm"),
    sample: "good-full.toml",
    language: Language::Toml,
    places: &[PathPattern::new(".fractary/plugins/helm/config/helm.toml")],
    old_places: &[],
    archives: &[],
    writer: Writer::People,
    growth: "does not grow",
    merge: Merge::Never,
    reading: ReadRules::IN_FULL,
};

impl DocumentValue for Helm {
    fn document_type() -> &'static DocumentType {
        &TYPE
    }

    fn check(&self, _: &RepoPath) -> Vec<Problem> {
        let mut problems = rules_and_channels(self);
        problems.extend(freezes(self));
        problems
    }

    fn environments_named(&self) -> Vec<(Vec<PathStep>, &EnvironmentName)> {
        let name = self.dashboard.default_environment.iter();
        let shown = name.map(|name| (vec![key("dashboard"), key("default_environment")], name));
        let freezes = self.review.freeze.iter().enumerate();
        let frozen = freezes.flat_map(|(index, freeze)| {
            let names = freeze.environments.iter().enumerate();
            names.map(move |(place, name)| {
                let at = [key("review"), key("freeze"), PathStep::Index(index)];
                let at = at
                    .into_iter()
                    .chain([key("environments"), PathStep::Index(place)]);
                (at.collect(), name)
            })
        });
        shown.chain(frozen).collect()
    }
}

/// A freeze that ends before it begins holds nothing back.
fn freezes(value: &Helm) -> Vec<Problem> {
    let all = value.review.freeze.iter().enumerate();
    let empty = all.filter(|(_, one)| one.until <= one.from);
    empty
        .map(|(index, _)| {
            let at = [
                key("review"),
                key("freeze"),
                PathStep::Index(index),
                key("until"),
            ];
            Problem::error(&at, "state/empty-span", "the freeze ends before it begins")
                .expecting("expected a moment after `from`")
        })
        .collect()
}

fn rules_and_channels(value: &Helm) -> Vec<Problem> {
    let mut out = Vec::new();
    let mut seen = BTreeSet::new();
    for (index, one) in value.rules.iter().enumerate() {
        let at = |name: &str| [key("rules"), PathStep::Index(index), key(name)];
        if one.name.trim().is_empty() {
            let message = "a rule needs a name: deliveries are kept by it";
            out.push(Problem::error(&at("name"), "state/rule-name", message));
        } else if !seen.insert(&one.name) {
            let message = format!("another rule is called {} too", explain::quote(&one.name));
            let problem = Problem::error(&at("name"), "state/duplicate-id", message);
            out.push(
                problem
                    .expecting("expected a name that no other rule has")
                    .help("deliveries are kept by it, so two of a name would mute each other"),
            );
        }
        rule(one, value, &at, &mut out);
    }
    for (name, one) in &value.channels {
        channel(name, one, &mut out);
    }
    out
}

fn rule(rule: &Rule, helm: &Helm, at: &dyn Fn(&str) -> [PathStep; 3], out: &mut Vec<Problem>) {
    if let Err(fault) = rules::compile(&rule.when) {
        out.push(condition(&at("when"), &rule.when, fault));
    }
    if rule.channels.is_empty() && rule.action == RuleAction::Alert {
        let message = format!(
            "the rule {} has no channel to notify",
            explain::quote(&rule.name)
        );
        out.push(
            Problem::error(&at("action"), "state/no-channel", message)
                .expecting("`alert` needs channels")
                .help("add `channels = [\"…\"]`, names of `[channels.…]`"),
        );
    }
    for (index, name) in rule.channels.iter().enumerate() {
        if helm.channels.contains_key(name) {
            continue;
        }
        let [first, second, third] = at("channels");
        let path = [first, second, third, PathStep::Index(index)];
        let message = format!("there is no channel {}", explain::quote(name));
        let problem = Problem::error(&path, "state/unknown-channel", message);
        let known = helm.channels.keys().map(String::as_str);
        out.push(problem.did_you_mean(name, known, |problem| {
            if helm.channels.is_empty() {
                return problem
                    .expecting("no channel is defined")
                    .help("add `[channels.<name>]` with a `type`");
            }
            problem.expecting("not among the channels").help(format!(
                "available channels: {}",
                listed(helm.channels.keys().map(String::as_str))
            ))
        }));
    }
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = names.map(explain::quote).collect();
    quoted.join(", ")
}

fn condition(path: &[PathStep], when: &str, fault: Fault) -> Problem {
    let (line, column) = fault.place(when);
    let message = match line {
        1 => format!("{}, at character {column}", fault.message),
        _ => format!("{}, at {line}:{column}", fault.message),
    };
    let problem = Problem::error(path, "state/condition", message).inside(fault.at);
    match fault.hint {
        Some(hint) => problem.expecting(hint),
        None => problem.help("for instance: when = 'severity == \"CRITICAL\" && slo_breach'"),
    }
}

fn channel(name: &str, channel: &Channel, out: &mut Vec<Problem>) {
    let at = |field: &str| [key("channels"), key(name), key(field)];
    for (field, present, instead) in [
        ("url", channel.url.is_some(), "url_env"),
        ("token", channel.token.is_some(), "token_env"),
    ] {
        if present {
            let message = format!("`{field}` must not be committed");
            let problem = Problem::error(&at(field), "state/secret-in-file", message);
            out.push(hidden(problem.expecting(format!(
                "use `{instead}`"
            ))
            .help("anyone who can read the repository can use this value: revoke it where it was issued, and create a new one")));
        }
    }
    for (field, value) in [
        ("url_env", &channel.url_env),
        ("token_env", &channel.token_env),
    ] {
        if value.as_ref().is_some_and(|value| !is_variable(value)) {
            let message = format!("`{field}` is not the name of an environment variable");
            let problem = Problem::error(&at(field), "state/secret-in-file", message);
            out.push(hidden(
                problem
                    .expecting("a value?")
                    .help("write a name like `SLACK_WEBHOOK_URL`; the value itself belongs in the environment, for instance in a secret of the workflow"),
            ));
        }
    }
    if let Some(base) = &channel.base_url
        && let Some(why) = bad_base(base)
    {
        let problem = Problem::error(
            &at("base_url"),
            "state/address",
            "this address cannot be used",
        );
        out.push(hidden(problem.expecting(why)));
    }
    if let Some(repository) = &channel.repository
        && !is_repository(repository)
    {
        let message = format!("{} is not a repository", explain::quote(repository));
        let problem = Problem::error(&at("repository"), "state/repository", message);
        out.push(problem.expecting("expected `owner/name`"));
    }
    topic(channel, &at, out);
    required(name, channel, out);
    idle(channel, &at, out);
}

/// What a channel says of a topic.
fn topic(channel: &Channel, at: &dyn Fn(&str) -> [PathStep; 3], out: &mut Vec<Problem>) {
    let Some(arn) = &channel.topic_arn else {
        return;
    };
    let Ok(topic) = Topic::new(arn) else {
        let message = format!("{} is not the ARN of a topic", explain::quote(arn));
        let problem = Problem::error(&at("topic_arn"), "state/topic", message);
        out.push(problem.expecting("expected `arn:aws:sns:<region>:<account>:<name>`"));
        return;
    };
    if let Some(region) = &channel.region
        && region != topic.region.as_str()
    {
        let message = format!(
            "the topic is in {}, not in {}",
            topic.region,
            explain::quote(region)
        );
        let problem = Problem::error(&at("region"), "state/topic", message);
        out.push(
            problem
                .expecting(format!("expected `{}`", topic.region))
                .help("leave `region` out: the ARN has it"),
        );
    }
}

/// Keys that a type cannot do without.
fn required(name: &str, channel: &Channel, out: &mut Vec<Problem>) {
    let missing = match channel.channel_type {
        ChannelType::Slack | ChannelType::Webhook => channel.url_env.is_none().then_some("url_env"),
        ChannelType::Pagerduty => channel.token_env.is_none().then_some("token_env"),
        ChannelType::Sns => channel.topic_arn.is_none().then_some("topic_arn"),
        ChannelType::Github => None,
    };
    if let Some(missing) = missing {
        let path = [key("channels"), key(name), key("type")];
        let word = channel.channel_type.word();
        let message = format!("a channel of type `{word}` needs `{missing}`");
        out.push(
            Problem::error(&path, "state/missing-key", message)
                .expecting(format!("`{missing}` is missing")),
        );
    }
}

/// Keys that a type has no use for.
fn idle(channel: &Channel, at: &dyn Fn(&str) -> [PathStep; 3], out: &mut Vec<Problem>) {
    use ChannelType::{Github, Pagerduty, Slack, Sns, Webhook};
    let word = channel.channel_type.word();
    for (field, there, types) in [
        ("url_env", channel.url_env.is_some(), &[Slack, Webhook][..]),
        (
            "token_env",
            channel.token_env.is_some(),
            &[Github, Pagerduty, Webhook][..],
        ),
        ("repository", channel.repository.is_some(), &[Github][..]),
        ("topic_arn", channel.topic_arn.is_some(), &[Sns][..]),
        ("region", channel.region.is_some(), &[Sns][..]),
        (
            "base_url",
            channel.base_url.is_some(),
            &[Github, Pagerduty][..],
        ),
        (
            "digest_above",
            channel.digest_above.is_some(),
            &[Github, Pagerduty, Slack, Sns][..],
        ),
        (
            "by_incident",
            channel.by_incident.is_some(),
            &[Github, Pagerduty, Slack, Sns][..],
        ),
    ] {
        if there && !types.contains(&channel.channel_type) {
            let message = format!("a channel of type `{word}` has no `{field}`");
            let problem = Problem::warning(&at(field), "state/idle-key", message);
            out.push(problem.on_key().expecting("has no effect"));
        }
    }
}

fn hidden(mut problem: Problem) -> Problem {
    problem.secret = true;
    problem
}

fn is_variable(name: &str) -> bool {
    let mut characters = name.chars();
    let first = characters.next();
    name.len() <= 100
        && first.is_some_and(|c| c.is_ascii_uppercase() || c == '_')
        && characters.all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

fn is_repository(name: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && part.len() <= 100
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
    };
    name.split_once('/')
        .is_some_and(|(owner, name)| part(owner) && part(name))
}

fn bad_base(base: &str) -> Option<&'static str> {
    if base.contains('@') {
        return Some("an address must not contain credentials");
    }
    if base.contains(['?', '#']) || !base.bytes().all(|b| b.is_ascii_graphic()) {
        return Some("expected scheme, host and path alone");
    }
    let local = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
    let is_local = local.iter().any(|start| {
        let rest = base.strip_prefix(start);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
    });
    (!base.starts_with("https://") && !is_local)
        .then_some("expected an address that begins with `https://`")
}
