//! What was changed in a span: the history of alarms, and the writes that CloudTrail recorded.

use super::{alarm_history, cloudtrail};
use crate::cloud::aws::client::Aws;
use crate::cloud::aws::errors::Failure;
use crate::cloud::question::{Answer, ChangesQuestion};
use crate::model::fact::GapCause;
use crate::model::investigation::{ChangeCoverage, ChangeSet, ChangeSource};

/// Asks the source.
pub(crate) async fn read(aws: &Aws, ask: &ChangesQuestion) -> Answer {
    let found = match ask.source {
        ChangeSource::Alarm => alarm_history::read(aws, ask).await,
        ChangeSource::Cloudtrail => cloudtrail::read(aws, ask).await,
        ChangeSource::Commit | ChangeSource::Deployment | ChangeSource::Remediation => {
            let message = "this source is in the repository and not in AWS";
            Err(Failure::ours("fractary:ask", GapCause::NotAsked, message))
        }
    };
    Answer::Changes(match found {
        Ok((changes, complete_to)) => ChangeSet {
            changes,
            read: vec![ChangeCoverage {
                source: ask.source,
                complete_to,
            }],
            gaps: Vec::new(),
        },
        Err(failure) => ChangeSet {
            gaps: vec![failure.into_gap(format!("changes by {}", ask.source.title()))],
            ..ChangeSet::default()
        },
    })
}
