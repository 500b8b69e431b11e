//! One file a change: how AWS is asked to make it.

mod operate;
mod publish;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

use crate::catalog::Catalog;
use crate::cloud::aws::client::{Aws, AwsSettings, ConnectError};
use crate::cloud::change::{Change, Changed, Changer};
use crate::model::fact::Gap;

/// A connection that changes things and can be asked nothing.
#[derive(Debug)]
pub(crate) struct AwsChanger(Aws);

impl AwsChanger {
    /// Connects, as [`Aws::connect`] does. Changes whose operation the settings do not list are
    /// refused before they leave the process.
    ///
    /// # Errors
    /// Where no region is known.
    pub(crate) async fn connect(
        settings: AwsSettings,
        catalog: Catalog,
    ) -> Result<Self, ConnectError> {
        Aws::connect(settings, catalog).await.map(Self)
    }
}

#[cfg(test)]
impl From<Aws> for AwsChanger {
    fn from(aws: Aws) -> Self {
        Self(aws)
    }
}

impl Changer for AwsChanger {
    fn apply<'a>(&'a self, change: &'a Change) -> LocalBoxFuture<'a, Result<Changed, Gap>> {
        async move {
            let made = match change {
                Change::Publish(publication) => publish::apply(&self.0, publication).await,
                Change::Operate(call) => operate::apply(&self.0, call).await,
            };
            made.map_err(|failure| failure.into_gap(change.subject()))
        }
        .boxed_local()
    }
}
