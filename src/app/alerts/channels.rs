//! From helm.toml and the environment to channels that can be used.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::app::App;
use crate::app::alerts::topics;
use crate::app::workspace::views::settings::Settings;
use crate::catalog::Catalog;
use crate::env;
use crate::forge::{Address, GitHub, RepositoryName};
use crate::model::helm::{Channel as Configured, ChannelType};
use crate::model::issue::Issue;
use crate::notify::{
    Channel, GithubChannel, Limits, NotifyError, PAGERDUTY, PagerdutyChannel, SlackChannel,
    WebhookChannel,
};
use crate::text::secret::Secret;

/// Longest attempt at one message.
const MOST_ATTEMPT: Duration = Duration::from_secs(10);

/// What sending one message may cost. A channel that hangs must not keep the run: its next
/// chance is the next run.
pub(super) fn limits(app: &App) -> Limits {
    let timeout = Duration::from_secs(app.global.timeout.seconds.max(1));
    Limits {
        attempt: MOST_ATTEMPT.min(timeout),
        attempts: 2,
        pause: Duration::from_millis(250),
        longest_wait: Duration::from_secs(3),
    }
}

/// The same for channels whose pace we keep: what they ask to wait is waited between messages,
/// not by each of them.
fn paced_limits(app: &App) -> Limits {
    Limits {
        longest_wait: Duration::ZERO,
        ..limits(app)
    }
}

/// The time that all alerts of a run have together.
pub(super) fn deadline(app: &App) -> Duration {
    let timeout = Duration::from_secs(app.global.timeout.seconds.max(1));
    Duration::from_secs(40).min(timeout * 4)
}

/// Opens the channels of helm.toml; each is ready, or has the reason why it is not.
pub(super) fn open_all(
    app: &App,
    settings: Settings<'_>,
    catalog: &Catalog,
) -> BTreeMap<String, Result<Channel, NotifyError>> {
    let applier = topics::prepare(app, settings, catalog);
    let ready = settings.helm.channels.iter();
    ready
        .map(|(name, channel)| {
            let channel = match &applier {
                Some(applier) if channel.channel_type == ChannelType::Sns => {
                    topics::open(applier, channel)
                }
                _ => open(app, channel),
            };
            (name.clone(), channel)
        })
        .collect()
}

/// Why a channel cannot be used as this process is set up; `None` where it can, as far as can
/// be said without sending. A topic is not asked.
pub(crate) fn why_unusable(app: &App, channel: &Configured) -> Option<String> {
    match channel.channel_type {
        ChannelType::Sns => None,
        _ => open(app, channel).err().map(|error| error.to_string()),
    }
}

fn open(app: &App, channel: &Configured) -> Result<Channel, NotifyError> {
    let limits = paced_limits(app);
    let refused = |variable: &str, why: crate::notify::AddressError| {
        NotifyError::say(format!("the address in {variable} cannot be used: {why}"))
    };
    let url = || -> Result<(String, Secret), NotifyError> {
        let name = channel.url_env.clone().unwrap_or_default();
        let url = variable(&name)?;
        Ok((name, url))
    };
    match channel.channel_type {
        ChannelType::Github => github(app, channel).map(Channel::Github),
        ChannelType::Slack => {
            let (name, url) = url()?;
            let slack = SlackChannel::new(&url, limits);
            slack.map(Channel::Slack).map_err(|why| refused(&name, why))
        }
        ChannelType::Pagerduty => {
            let key = variable(channel.token_env.as_deref().unwrap_or_default())?;
            let base = channel.base_url.as_deref().unwrap_or(PAGERDUTY);
            let pagerduty = PagerdutyChannel::new(base, key, limits);
            pagerduty
                .map(Channel::Pagerduty)
                .map_err(|why| refused("base_url", why))
        }
        ChannelType::Webhook => {
            let (name, url) = url()?;
            let key = channel.token_env.as_deref().map(variable).transpose()?;
            let webhook = WebhookChannel::new(&url, key, limits);
            webhook
                .map(Channel::Webhook)
                .map_err(|why| refused(&name, why))
        }
        ChannelType::Sns => Err(NotifyError::say(
            "this command does not publish to SNS topics",
        )),
    }
}

fn variable(name: &str) -> Result<Secret, NotifyError> {
    env::secret(name).ok_or_else(|| {
        NotifyError::say(format!(
            "the environment variable {name} is not set, or empty"
        ))
    })
}

fn github(app: &App, channel: &Configured) -> Result<GithubChannel, NotifyError> {
    let environment = &app.environment;
    let token = match channel.token_env.as_deref() {
        Some(name) => variable(name)?,
        None => environment.github_token.clone().ok_or_else(|| {
            NotifyError::say("the environment variable GITHUB_TOKEN is not set, or empty")
        })?,
    };
    let repository = channel
        .repository
        .clone()
        .or_else(|| environment.github_repository.clone())
        .ok_or_else(|| {
            NotifyError::say("no repository: set `repository` of the channel, or GITHUB_REPOSITORY")
        })?;
    let base = channel.base_url.as_deref();
    connect(app, base, &repository, token)
}

fn connect(
    app: &App,
    base: Option<&str>,
    repository: &str,
    token: Secret,
) -> Result<GithubChannel, NotifyError> {
    let told = |error: crate::forge::ForgeError| NotifyError::say(error.to_string());
    let base = base.or(app.environment.github_api_url.as_deref());
    let address = Address::new(base).map_err(told)?;
    let repository = RepositoryName::new(repository).map_err(told)?;
    Ok(GithubChannel::new(GitHub::new(
        address,
        repository,
        token,
        limits(app),
    )))
}

/// Where work items go that no rule has a tracker for: the repository of the workflow, where
/// that and its token are set. `None` is a file in this repository.
pub(crate) fn own_tracker(app: &App) -> Option<Result<GithubChannel, NotifyError>> {
    let environment = &app.environment;
    let repository = environment.github_repository.as_ref()?;
    let token = environment.github_token.clone()?;
    Some(connect(app, None, repository, token))
}

/// The tracker that an issue's work item is in, with its number there.
pub(super) fn tracker_of(
    app: &App,
    configured: &BTreeMap<String, Configured>,
    issue: &Issue,
) -> Option<(Result<GithubChannel, NotifyError>, u64)> {
    let item = issue.escalation.as_ref()?;
    let (repository, number) = place_of(item.work_item_url.as_ref()?.raw())?;
    let environment = &app.environment;
    let is_it =
        |name: Option<&String>| name.is_some_and(|name| name.eq_ignore_ascii_case(&repository));
    let channel = configured.values().find(|channel| {
        channel.channel_type == ChannelType::Github
            && is_it(
                channel
                    .repository
                    .as_ref()
                    .or(environment.github_repository.as_ref()),
            )
    });
    let tracker = match channel {
        Some(channel) => Some(github(app, channel)),
        None if is_it(environment.github_repository.as_ref()) => own_tracker(app),
        None => None,
    };
    Some((tracker?, number))
}

/// `https://host/owner/name/issues/12`.
fn place_of(url: &str) -> Option<(String, u64)> {
    let (_, rest) = url.split_once("://")?;
    let mut parts = rest.trim_end_matches('/').rsplit('/');
    let number = parts.next()?.parse().ok()?;
    if parts.next()? != "issues" {
        return None;
    }
    let (name, owner) = (parts.next()?, parts.next()?);
    Some((format!("{owner}/{name}"), number))
}

#[cfg(test)]
mod tests {
    use super::place_of;

    #[test]
    fn work_items_are_found_by_their_address() {
        assert_eq!(
            place_of("https://github.com/acme/ops/issues/12"),
            Some(("acme/ops".to_owned(), 12))
        );
        for bad in [
            ".fractary/plugins/helm/work-items/infra-7f3a2c.md",
            "https://github.com/acme/ops/pull/12",
            "https://github.com/acme/ops/issues/x",
            "issues/1",
            "",
        ] {
            assert_eq!(place_of(bad), None, "{bad}");
        }
    }
}
