//! Whose credentials the tool would have, asked with the same ones.

use crate::app::App;
use crate::app::infra::target::InfraTarget;
use crate::app::observe::connect;
use crate::app::workspace::Workspace;
use crate::cloud::Cloud;
use crate::cloud::aws::Aws;
use crate::cloud::policy;
use crate::core::permissions::identities;
use crate::core::remediate::identity;
use crate::error::{CommandError, ErrorKind};
use crate::model::environments::Environment;
use crate::model::snapshot::Identity;

/// Asks who it is, and stops where that is not who may change the environment. No role is
/// assumed: the tool has the same profile, and assumes what its configuration says.
pub(crate) async fn check(
    app: &App,
    workspace: &Workspace,
    target: &InfraTarget,
) -> Result<Identity, CommandError> {
    let settings = workspace.settings();
    let mut aws = connect::aws_settings(app, settings, &target.environment, policy::identifying());
    aws.role_arn = None;
    aws.profile = target.profile.clone();
    // The tool gets no keys either where there is a profile.
    aws.only_profile = true;
    let aws = Aws::connect(aws, workspace.catalog.clone()).await;
    let aws = aws.map_err(|error| CommandError::new(ErrorKind::Usage, error))?;
    let cloud: &dyn Cloud = &aws;
    let identity = cloud.identity(target.name()).await.map_err(|gap| {
        let what = format!("who would deploy is not known: {}", gap.sentence());
        CommandError::say(ErrorKind::Unknown, what).hint(gap.message.terminal())
    })?;
    let all: Vec<&Environment> = settings.environments().collect();
    // A role for remediations is another one.
    let deployed = Environment {
        remediation_role_arn: None,
        ..target.environment.clone()
    };
    identities::check_deploying(&identity.arn).map_err(|wrong| {
        CommandError::new(ErrorKind::Refused, wrong)
            .hint("nothing was changed")
            .hint("`handlers.hosting.aws.profiles` of devops.json says which profile deploys")
    })?;
    let account = target.environment.account_id.as_ref();
    identity::check(&identity, &deployed, account, &all).map_err(|wrong| {
        CommandError::new(ErrorKind::Refused, wrong)
            .hint("nothing was changed")
            .hint("`account_id` of .fractary/shared/environments.json says which account it is; `handlers.hosting.aws.profiles` of devops.json which profile deploys")
    })?;
    Ok(identity)
}
