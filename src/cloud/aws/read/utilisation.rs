//! How much resources are used, through CloudWatch: whole days of single metrics.

use crate::cloud::aws::client::Aws;
use crate::cloud::aws::utilisation::utilisation;
use crate::cloud::question::{Answer, UtilisationQuestion, UtilisationReading};

/// Asks for all metrics.
pub(crate) async fn read(aws: &Aws, ask: &UtilisationQuestion) -> Answer {
    let deadline = aws.deadline_from_now();
    let found = utilisation(aws, &ask.metrics, deadline).await;
    let each = found.into_iter().zip(&ask.metrics);
    let readings = each.map(|(seen, wanted)| match seen {
        Ok(Some(series)) => UtilisationReading::Points(series),
        Ok(None) => UtilisationReading::NoPoints,
        Err(failure) => {
            let subject = format!("{} {}", wanted.namespace, wanted.metric);
            UtilisationReading::Unreadable(failure.into_gap(subject))
        }
    });
    Answer::Utilisation(readings.collect())
}
