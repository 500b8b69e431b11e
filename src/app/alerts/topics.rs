//! From topics of SNS to channels: whose credentials, and what a refusal means.

use std::rc::Rc;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

use crate::app::App;
use crate::app::apply::{Applier, ApplyError};
use crate::app::workspace::views::settings::Settings;
use crate::catalog::Catalog;
use crate::model::fact::{Gap, GapCause};
use crate::model::helm::{Channel as Configured, ChannelType};
use crate::model::ids::EnvironmentName;
use crate::model::topic::Topic;
use crate::notify::{Channel, NotifyError, Publish, SnsChannel, TopicMessage};
use crate::text::Untrusted;
use crate::text::escape;

/// Characters of what AWS says in a warning.
const MOST_SAID: usize = 300;

/// Prepares to publish; `None` where no channel is a topic.
pub(super) fn prepare(app: &App, settings: Settings<'_>, catalog: &Catalog) -> Option<Rc<Applier>> {
    let mut channels = settings.helm.channels.values();
    let needed = channels.any(|channel| channel.channel_type == ChannelType::Sns);
    needed.then(|| Rc::new(Applier::for_publishing(app, settings, catalog)))
}

/// Makes the channel of a topic.
pub(super) fn open(applier: &Rc<Applier>, configured: &Configured) -> Result<Channel, NotifyError> {
    let topic = configured.topic_arn.as_deref().unwrap_or_default();
    let topic =
        Topic::new(topic).map_err(|error| NotifyError::say(format!("`topic_arn` is {error}")))?;
    let applier = Rc::clone(applier);
    let publisher = Box::new(Publisher { topic, applier });
    Ok(Channel::Sns(SnsChannel::new(publisher)))
}

#[derive(Debug)]
struct Publisher {
    topic: Topic,
    applier: Rc<Applier>,
}

impl Publish for Publisher {
    fn publish<'a>(
        &'a self,
        environment: &'a EnvironmentName,
        message: &'a TopicMessage,
    ) -> LocalBoxFuture<'a, Result<Untrusted, NotifyError>> {
        async move {
            let published = self.applier.publish(environment, &self.topic, message);
            published.await.map_err(|error| match error {
                ApplyError::NotConfirmed(gap) => refused(&gap, environment, &self.topic),
                other => NotifyError::say(other.to_string()),
            })
        }
        .boxed_local()
    }
}

/// Says what AWS said, and what would fix it.
fn refused(gap: &Gap, environment: &EnvironmentName, topic: &Topic) -> NotifyError {
    let code = gap.code.as_ref().map(Untrusted::raw);
    let arn = &topic.arn;
    let publish = &gap.operation;
    let what = match (gap.cause, code) {
        (_, Some("NotFound")) => "there is no such topic",
        (GapCause::Throttled, _) => "too many requests",
        (cause, _) => cause.words(),
    };
    let fix = match (gap.cause, code) {
        (_, Some("NotFound")) => "; check `topic_arn`".to_owned(),
        (_, Some(code)) if code.starts_with("KMS") => format!(
            "; allow {publish} on {arn}, and kms:GenerateDataKey and kms:Decrypt on its key"
        ),
        (GapCause::Denied, _) => {
            format!("; allow {publish} on {arn} (`fractary iam-policy run` has it)")
        }
        (GapCause::Credentials, _) => format!(
            "; the credentials of environment `{environment}` need the permission {publish} on {arn}"
        ),
        _ => String::new(),
    };
    let code = code.map_or_else(String::new, |code| format!(" ({code})"));
    let said = escape::cut(gap.message.raw(), MOST_SAID);
    NotifyError::say(format!("{publish}: {what}{code}: {said}{fix}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_would_fix_it() {
        let topic = Topic::new("arn:aws:sns:us-east-1:123456789012:alerts").expect("a topic");
        let prod = EnvironmentName::new("prod").expect("a name");
        let said = |cause, code: Option<&str>, message: &str| {
            let gap = Gap {
                operation: "sns:Publish".to_owned(),
                subject: topic.arn.to_string(),
                cause,
                code: code.map(Untrusted::from),
                message: Untrusted::from(message),
                missing_permission: None,
            };
            refused(&gap, &prod, &topic).to_string()
        };
        let all = [
            said(
                GapCause::Denied,
                Some("AuthorizationError"),
                "User: x is not authorized to perform: SNS:Publish on resource: y",
            ),
            said(
                GapCause::ProviderError,
                Some("NotFound"),
                "Topic does not exist",
            ),
            said(GapCause::Throttled, Some("Throttled"), "Rate exceeded"),
            said(
                GapCause::Credentials,
                None,
                "no providers in chain provided credentials",
            ),
            said(
                GapCause::ProviderError,
                Some("KMSAccessDenied"),
                "no access to the key",
            ),
            said(
                GapCause::TimedOut,
                None,
                "no answer\nwithin the time limit of the call",
            ),
        ];
        insta::assert_snapshot!(all.join("\n"));
    }
}
