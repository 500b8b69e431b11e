//! Publishing messages to topics of SNS.

use crate::app::App;
use crate::app::access::Access;
use crate::app::apply::{Applier, ApplyError};
use crate::app::workspace::views::settings::Settings;
use crate::catalog::Catalog;
use crate::cloud::change::{Change, Changed, Publication};
use crate::model::ids::EnvironmentName;
use crate::model::topic::Topic;
use crate::notify::TopicMessage;
use crate::text::Untrusted;

impl Applier {
    /// Prepares to publish, and to do nothing else.
    pub(crate) fn for_publishing(app: &App, settings: Settings<'_>, catalog: &Catalog) -> Self {
        Self::new(app, settings, catalog, Access::Publish)
    }

    /// Publishes with the credentials of an environment. Returns the id of the message.
    pub(crate) async fn publish(
        &self,
        environment: &EnvironmentName,
        topic: &Topic,
        message: &TopicMessage,
    ) -> Result<Untrusted, ApplyError> {
        let change = Change::Publish(Publication {
            topic: topic.clone(),
            subject: message.subject.clone(),
            text: message.text.clone(),
            attributes: message.attributes.clone(),
            group: message.group.clone(),
            deduplication: message.key.clone(),
        });
        let changed = self.apply(environment, &topic.region, &change).await?;
        match changed {
            Changed::Published { message_id } => Ok(message_id),
            Changed::Operated { .. } => Err(ApplyError::OtherAnswer),
        }
    }
}
