//! Whether anyone would be told: rules, and channels that can be used. Nothing is sent.

use crate::app::App;
use crate::app::alerts::channels;
use crate::app::doctor::examine::{SetupFinding, SetupVerdict, finding};
use crate::app::workspace::views::settings::Settings;
use crate::env;
use crate::model::helm::{Channel, ChannelType};
use crate::text::escape;
use crate::text::phrases;

/// What is known of one channel.
struct ChannelFacts<'a> {
    name: &'a str,
    channel: &'a Channel,
    /// Whether a rule notifies it.
    named: bool,
    /// Variables that it needs and that are not set here.
    unset: Vec<String>,
    /// Why it cannot be used, with everything set.
    refused: Option<String>,
}

/// Whether rules can reach people. `workflow` is the text of the scheduled workflow.
pub(super) fn findings(
    app: &App,
    settings: Settings<'_>,
    workflow: Option<&str>,
) -> Vec<SetupFinding> {
    let rules = settings.rules();
    let mut out = vec![of_rules(rules.len())];
    for (name, channel) in &settings.helm.channels {
        let facts = ChannelFacts {
            name,
            channel,
            named: rules.iter().any(|rule| rule.channels.contains(name)),
            unset: unset(app, channel),
            refused: channels::why_unusable(app, channel),
        };
        out.push(of_channel(&facts, workflow));
    }
    out
}

fn of_rules(count: usize) -> SetupFinding {
    if count > 0 {
        let detail = phrases::counted(count as u64, "rule");
        return finding("alerts", SetupVerdict::Ok, detail);
    }
    finding(
        "alerts",
        SetupVerdict::Warning,
        "no rule, so no one is notified of any issue",
    )
    .fix("add rules and channels to helm.toml: docs/alerts.md has examples")
}

/// The variables that a channel needs and this process lacks.
fn unset(app: &App, channel: &Channel) -> Vec<String> {
    let named = match channel.channel_type {
        ChannelType::Slack | ChannelType::Pagerduty | ChannelType::Webhook => {
            let names = [&channel.url_env, &channel.token_env];
            names.into_iter().flatten().cloned().collect()
        }
        ChannelType::Github => {
            let token = channel.token_env.clone();
            let mut names = vec![token.unwrap_or_else(|| "GITHUB_TOKEN".to_owned())];
            let repository = &app.environment.github_repository;
            if channel.repository.is_none() && repository.is_none() {
                names.push("GITHUB_REPOSITORY".to_owned());
            }
            names
        }
        ChannelType::Sns => Vec::new(),
    };
    let mut unset: Vec<String> = named;
    unset.retain(|name| match name.as_str() {
        "GITHUB_REPOSITORY" => true,
        name => env::secret(name).is_none(),
    });
    unset
}

fn of_channel(facts: &ChannelFacts<'_>, workflow: Option<&str>) -> SetupFinding {
    let word = facts.channel.channel_type.word();
    let what = format!("channel {}", escape::terminal(facts.name));
    if !facts.named {
        return finding(what, SetupVerdict::Warning, "no rule notifies it")
            .fix("name it in `channels` of a rule, or remove it");
    }
    if !facts.unset.is_empty() {
        return without_variables(what, &facts.unset, workflow);
    }
    match &facts.refused {
        Some(why) => finding(what, SetupVerdict::Failed, why.clone())
            .fix("correct the variable: an address of https, without quotes around it"),
        None if facts.channel.channel_type == ChannelType::Sns => {
            finding(what, SetupVerdict::Ok, "sns (the topic was not asked)")
        }
        None => finding(what, SetupVerdict::Ok, word),
    }
}

/// Secrets of a workflow are not on the machine of whoever asks. The workflow has to pass them.
fn without_variables(what: String, unset: &[String], workflow: Option<&str>) -> SetupFinding {
    let names = unset.join(", ");
    // GitHub itself sets these.
    let provided = |name: &String| {
        name == "GITHUB_REPOSITORY" || workflow.is_some_and(|text| text.contains(name.as_str()))
    };
    if workflow.is_some() && unset.iter().all(provided) {
        let detail = format!("{names} not set here; the scheduled workflow names it");
        return finding(what, SetupVerdict::Ok, detail);
    }
    let (is, it) = if unset.len() == 1 {
        ("is", "it")
    } else {
        ("are", "them")
    };
    let detail = format!("{names} {is} not set: it cannot be used");
    let found = finding(what, SetupVerdict::Warning, detail);
    match workflow {
        Some(_) => found
            .fix("add this below `env:` of the run in .github/workflows/operations.yml")
            .command(format!("{0}: ${{{{ secrets.{0} }}}}", unset[0])),
        None => found.fix(format!("set {it} where `fractary run` runs")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::doctor::examine::render_text;
    use crate::render::text::Style;

    fn channel(text: &str) -> Channel {
        toml::from_str(text).expect("a channel")
    }

    #[test]
    fn channels_that_cannot_be_used_are_named_with_their_fix() {
        let slack = channel("type = \"slack\"\nurl_env = \"TEAM_URL\"");
        let topic = channel("type = \"sns\"\ntopic_arn = \"arn:aws:sns:eu-west-1:123456789012:a\"");
        let facts = |channel, named, unset: &[&str], refused: Option<&str>| ChannelFacts {
            name: "team",
            channel,
            named,
            unset: unset.iter().map(|name| (*name).to_owned()).collect(),
            refused: refused.map(str::to_owned),
        };
        let passes = Some("env:\n  TEAM_URL: ${{ secrets.TEAM_URL }}\n");
        let refused = "the address in TEAM_URL cannot be used: it begins with a quote";
        let shown = [
            of_rules(0),
            of_rules(2),
            of_channel(&facts(&slack, false, &[], None), None),
            of_channel(&facts(&slack, true, &["TEAM_URL"], None), None),
            of_channel(&facts(&slack, true, &["TEAM_URL"], None), Some("env: {}")),
            of_channel(&facts(&slack, true, &["TEAM_URL"], None), passes),
            of_channel(&facts(&slack, true, &[], Some(refused)), passes),
            of_channel(&facts(&slack, true, &[], None), None),
            of_channel(&facts(&topic, true, &[], None), None),
        ];
        insta::assert_snapshot!(render_text(&shown, &Style::PLAIN));
    }
}
