//! From AWS to channels of type `sns`: whose credentials, and what a refusal means.

use std::collections::BTreeMap;
use std::rc::Rc;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use tokio::sync::OnceCell;

use crate::app::App;
use crate::app::access::Access;
use crate::app::observe::connect;
use crate::app::workspace::load::Loaded;
use crate::catalog::Catalog;
use crate::cloud::actions;
use crate::cloud::aws::{Aws, AwsSettings, Publication};
use crate::model::fact::{Gap, GapCause};
use crate::model::helm::{Channel as Configured, ChannelType};
use crate::model::ids::EnvironmentName;
use crate::model::topic::Topic;
use crate::notify::{Channel, NotifyError, Publish, SnsChannel, TopicMessage};
use crate::text::Untrusted;
use crate::text::escape;

/// Characters of what AWS says in a warning.
const MOST_SAID: usize = 300;

/// Connections that may do nothing but publish: one for an environment, with its credentials,
/// made when the first message needs it.
#[derive(Debug)]
pub(super) struct Publishers {
    catalog: Catalog,
    environments: BTreeMap<EnvironmentName, Environment>,
}

#[derive(Debug)]
struct Environment {
    settings: AwsSettings,
    aws: OnceCell<Result<Aws, NotifyError>>,
}

impl Publishers {
    /// `None` where no channel is a topic.
    pub(super) fn new(app: &App, loaded: &Loaded) -> Option<Rc<Self>> {
        let mut channels = loaded.helm.channels.values();
        if !channels.any(|channel| channel.channel_type == ChannelType::Sns) {
            return None;
        }
        let environments = loaded.state.environments.iter();
        let environments = environments.flat_map(|document| document.value.environments.values());
        let environments = environments.map(|environment| {
            let allowed = Access::Publish.operations(&loaded.catalog);
            let settings = connect::settings(app, loaded, environment, allowed);
            let aws = OnceCell::new();
            (environment.name.clone(), Environment { settings, aws })
        });
        Some(Rc::new(Self {
            environments: environments.collect(),
            catalog: loaded.catalog.clone(),
        }))
    }

    /// The channel.
    pub(super) fn channel(self: &Rc<Self>, channel: &Configured) -> Result<Channel, NotifyError> {
        let topic = channel.topic_arn.as_deref().unwrap_or_default();
        let topic = Topic::new(topic)
            .map_err(|error| NotifyError::say(format!("`topic_arn` is {error}")))?;
        let publishers = Rc::clone(self);
        let publisher = Box::new(Publisher { topic, publishers });
        Ok(Channel::Sns(SnsChannel::new(publisher)))
    }

    async fn of(&self, name: &EnvironmentName, topic: &Topic) -> Result<&Aws, NotifyError> {
        let environment = self.environments.get(name).ok_or_else(|| {
            NotifyError::say(format!(
                "there is no environment `{name}` to take credentials of"
            ))
        })?;
        let connected = environment.aws.get_or_init(|| async {
            let mut settings = environment.settings.clone();
            // Assuming a role needs some region; the topic's is as good as any.
            settings.region = settings.region.or_else(|| Some(topic.region.clone()));
            Aws::connect(settings, self.catalog.clone())
                .await
                .map_err(|error| NotifyError::say(error.to_string()))
        });
        connected.await.as_ref().map_err(Clone::clone)
    }
}

#[derive(Debug)]
struct Publisher {
    topic: Topic,
    publishers: Rc<Publishers>,
}

impl Publish for Publisher {
    fn publish<'a>(
        &'a self,
        environment: &'a EnvironmentName,
        message: &'a TopicMessage,
    ) -> LocalBoxFuture<'a, Result<Untrusted, NotifyError>> {
        async move {
            let aws = self.publishers.of(environment, &self.topic).await?;
            let publication = Publication {
                topic: &self.topic,
                subject: &message.subject,
                text: &message.text,
                attributes: &message.attributes,
                group: &message.group,
                deduplication: &message.key,
            };
            let published = aws.publish(&publication).await;
            published.map_err(|gap| refused(&gap, environment, &self.topic))
        }
        .boxed_local()
    }
}

/// What AWS said, and what would mend it.
fn refused(gap: &Gap, environment: &EnvironmentName, topic: &Topic) -> NotifyError {
    let code = gap.code.as_ref().map(Untrusted::raw);
    let arn = &topic.arn;
    let publish = actions::PUBLISH;
    let what = match (gap.cause, code) {
        (_, Some("NotFound")) => "there is no such topic",
        (GapCause::Throttled, _) => "it asks to slow down",
        (cause, _) => cause.words(),
    };
    let mend = match (gap.cause, code) {
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
    NotifyError::say(format!("{publish}: {what}{code}: {said}{mend}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_would_mend_it() {
        let topic = Topic::new("arn:aws:sns:us-east-1:123456789012:alerts").expect("a topic");
        let prod = EnvironmentName::new("prod").expect("a name");
        let said = |cause, code: Option<&str>, message: &str| {
            let gap = Gap {
                operation: actions::PUBLISH.to_owned(),
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
