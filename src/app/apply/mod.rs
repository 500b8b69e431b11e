//! Changing things in AWS: the only place that does. Nothing else may open a
//! [`Changer`](crate::cloud::change::Changer), which `tests/layers` holds, and the list of
//! operations that a connection may send is a second lock.

pub(crate) mod grants;
pub(crate) mod infra;
mod publish;
pub(crate) mod remediate;

use std::collections::BTreeMap;

use tokio::sync::OnceCell;

use crate::app::App;
use crate::app::access::Access;
use crate::app::observe::connect;
use crate::app::workspace::Workspace;
use crate::app::workspace::views::settings::Settings;
use crate::catalog::Catalog;
use crate::catalog::actions::Action;
use crate::cloud::aws::change::AwsChanger;
use crate::cloud::aws::{AwsSettings, ConnectError};
use crate::cloud::change::{Change, Changed, Changer};
use crate::cloud::policy;
use crate::model::environments::Environment;
use crate::model::fact::{Gap, GapCause};
use crate::model::ids::{Arn, EnvironmentName, Region};

/// Makes changes of one purpose, with the credentials of the environment that each is for.
#[derive(Debug)]
pub(crate) struct Applier {
    catalog: Catalog,
    environments: BTreeMap<EnvironmentName, ChangeTarget>,
}

/// An environment to change. Connected when the first change needs it.
#[derive(Debug)]
struct ChangeTarget {
    settings: AwsSettings,
    changer: OnceCell<Box<dyn Changer>>,
}

/// Why a change was not made, or is not known to have been.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApplyError {
    /// There are no credentials for it.
    #[error("there is no environment `{0}` to get credentials for")]
    NoEnvironment(EnvironmentName),
    /// There is no connection.
    #[error(transparent)]
    NotConnected(#[from] ConnectError),
    /// The provider refused it, or did not confirm it.
    #[error("{}: {}", .0.operation, .0.cause.words())]
    NotConfirmed(Gap),
    /// The answer belongs to another change.
    #[error("the answer belongs to another change")]
    OtherAnswer,
}

/// Whether the change may have been made nevertheless.
fn is_in_doubt(cause: GapCause) -> bool {
    matches!(
        cause,
        GapCause::TimedOut | GapCause::Unreachable | GapCause::Garbled | GapCause::ProviderError
    )
}

/// The role that changes an environment: its own for that, else the one that reads.
fn changing_role(environment: &Environment) -> Option<Arn> {
    let own = environment.remediation_role_arn.clone();
    own.or_else(|| environment.role_arn.clone())
}

impl Applier {
    /// Prepares to make changes that need no more than `access`. Connects to nothing yet.
    fn new(app: &App, settings: Settings<'_>, catalog: &Catalog, access: Access) -> Self {
        let environments = settings.environments().map(|environment| {
            let allowed = access.operations(catalog);
            let settings = connect::aws_settings(app, settings, environment, allowed);
            let changer = OnceCell::new();
            (environment.name.clone(), ChangeTarget { settings, changer })
        });
        Self {
            environments: environments.collect(),
            catalog: catalog.clone(),
        }
    }

    /// Prepares to send the writes of one action in one environment, and nothing else. A write that
    /// may not be sent twice is not tried again.
    fn for_action(
        app: &App,
        workspace: &Workspace,
        name: &EnvironmentName,
        action: &Action,
    ) -> Self {
        let settings = workspace.settings();
        let of_it = settings.environments().filter(|one| one.name == *name);
        let environments = of_it.map(|environment| {
            let allowed = policy::changing([action]);
            let mut settings = connect::aws_settings(app, settings, environment, allowed);
            settings.role_arn = changing_role(environment);
            if !action.is_repeat_safe {
                settings.max_attempts = 1;
            }
            let changer = OnceCell::new();
            (environment.name.clone(), ChangeTarget { settings, changer })
        });
        Self {
            environments: environments.collect(),
            catalog: workspace.catalog.clone(),
        }
    }

    /// Makes a change. Where the environment names no region, `region` stands in: assuming a
    /// role needs one, and any will do.
    async fn apply(
        &self,
        name: &EnvironmentName,
        region: &Region,
        change: &Change,
    ) -> Result<Changed, ApplyError> {
        let target = self
            .environments
            .get(name)
            .ok_or_else(|| ApplyError::NoEnvironment(name.clone()))?;
        let connect = || async {
            let mut settings = target.settings.clone();
            settings.region = settings.region.or_else(|| Some(region.clone()));
            let changer = AwsChanger::connect(settings, self.catalog.clone()).await?;
            Ok::<Box<dyn Changer>, ConnectError>(Box::new(changer))
        };
        let changer = target.changer.get_or_try_init(connect).await?;
        changer
            .apply(change)
            .await
            .map_err(ApplyError::NotConfirmed)
    }
}
