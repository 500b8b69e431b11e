//! Who would change an environment, asked with the credentials that would do it.

use crate::app::App;
use crate::app::apply::changing_role;
use crate::app::observe::connect;
use crate::app::workspace::Workspace;
use crate::cloud::Cloud;
use crate::cloud::aws::Aws;
use crate::cloud::policy;
use crate::core::remediate::identity;
use crate::error::{CommandError, ErrorKind};
use crate::model::environments::Environment;
use crate::model::snapshot::Identity;

/// Asks who it is, and stops where that is not who may change the environment.
pub(super) async fn check(
    app: &App,
    workspace: &Workspace,
    environment: &Environment,
) -> Result<Identity, CommandError> {
    let settings = workspace.settings();
    let allowed = policy::identifying();
    let mut aws = connect::aws_settings(app, settings, environment, allowed);
    aws.role_arn = changing_role(environment);
    let aws = Aws::connect(aws, workspace.catalog.clone()).await;
    let aws = aws.map_err(|error| CommandError::new(ErrorKind::Usage, error))?;
    let cloud: &dyn Cloud = &aws;
    let identity = cloud.identity(&environment.name).await.map_err(|gap| {
        let what = format!("who would change it is not known: {}", gap.sentence());
        CommandError::say(ErrorKind::Unknown, what).hint(gap.message.terminal())
    })?;
    let all: Vec<&Environment> = settings.environments().collect();
    let account = settings.account(environment);
    identity::check(&identity, environment, account.as_ref(), &all).map_err(|wrong| {
        CommandError::new(ErrorKind::Refused, wrong)
            .hint("nothing was changed")
            .hint("`account_id` and `remediation_role_arn` of .fractary/shared/environments.json say who it should be")
    })?;
    Ok(identity)
}
