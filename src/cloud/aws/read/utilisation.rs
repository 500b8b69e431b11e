//! How much resources are used, through CloudWatch: whole days of single metrics.

use crate::cloud::aws::client::Aws;
use crate::cloud::aws::read::metrics::reading;
use crate::cloud::aws::utilisation::utilisation;
use crate::cloud::question::{Answer, UtilisationQuestion};

/// Asks for all metrics.
pub(crate) async fn read(aws: &Aws, ask: &UtilisationQuestion) -> Answer {
    let deadline = aws.deadline_from_now();
    let found = utilisation(aws, &ask.metrics, deadline).await;
    let each = found.into_iter().zip(&ask.metrics);
    let readings = each.map(|(seen, wanted)| reading(seen, &wanted.namespace, &wanted.metric));
    Answer::Utilisation(readings.collect())
}
