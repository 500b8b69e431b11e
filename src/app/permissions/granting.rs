//! The identity that grants: who it is, and what it sees of users, roles and policies.

use crate::app::App;
use crate::app::access::{Access, IDENTITY_TYPES};
use crate::app::observe::connect;
use crate::app::wait;
use crate::app::workspace::Workspace;
use crate::cloud::aws::AwsSettings;
use crate::cloud::aws::guard::Operations;
use crate::cloud::policy;
use crate::cloud::question::ConfigurationQuestion;
use crate::core::audit::{attached_policies, held_policies, managed_policies};
use crate::core::permissions::policies::GrantPlace;
use crate::core::permissions::{HeldPolicies, iam_identity, identities};
use crate::error::{CommandError, ErrorKind};
use crate::model::configuration::Configuration;
use crate::model::environments::Environment;
use crate::model::fact::{Gap, GapCause};
use crate::model::ids::{AccountId, Arn};
use crate::model::partition::Partition;
use crate::model::snapshot::Identity;

/// Names of the profile that grants, in the order in which they are looked for.
const PROFILES: [&str; 2] = ["discover_deploy", "deploy_discover"];

/// The identity that grants permissions in an environment, with what it sees there.
pub(crate) struct Granting {
    /// Its profile; `None` where the credentials of this process are its.
    pub(crate) profile: Option<String>,
    /// Who it is.
    pub(crate) identity: Identity,
    configuration: Configuration,
}

/// The profile that grants, as devops.json or aws-credentials.json names it.
fn profile(workspace: &Workspace) -> Option<String> {
    let devops = workspace.state.devops.as_ref();
    let aws = devops.and_then(|one| one.value.handlers.hosting.aws.as_ref());
    let own = aws.and_then(|aws| PROFILES.iter().find_map(|name| aws.profiles.get(*name)));
    own.cloned()
        .or_else(|| workspace.settings().named_profile(&PROFILES))
}

/// How an environment is reached as the identity that grants.
pub(crate) fn settings(
    app: &App,
    workspace: &Workspace,
    environment: &Environment,
    operations: Operations,
) -> AwsSettings {
    let mut aws = connect::aws_settings(app, workspace.settings(), environment, operations);
    aws.role_arn = None;
    aws.profile = profile(workspace);
    aws.only_profile = aws.profile.is_some();
    aws
}

impl Granting {
    /// Finds out who grants, refuses whoever may not, and reads users, roles and policies.
    pub(crate) fn open(
        app: &App,
        workspace: &Workspace,
        environment: &Environment,
    ) -> Result<Self, CommandError> {
        if app.global.replay.is_some() {
            let error =
                CommandError::usage("a recording is of another time: nothing is granted by it");
            return Err(error);
        }
        let account = account(environment)?;
        let found = Self::ask(app, workspace, environment, account);
        wait::wait_for(app, "reading policies as the identity that grants", found)
    }

    async fn ask(
        app: &App,
        workspace: &Workspace,
        environment: &Environment,
        account: &AccountId,
    ) -> Result<Self, CommandError> {
        let operations = Access::Preflight.operations(&workspace.catalog);
        let aws = settings(app, workspace, environment, operations);
        let profile = aws.profile.clone();
        let connection = connect::connect_with(app, &workspace.catalog, aws).await?;
        let identity = connection.cloud.identity(&environment.name).await;
        let identity = identity.map_err(|gap| nobody("who would grant is not known", &gap))?;
        identities::check_granting(&identity.arn, &environment.name, account).map_err(|wrong| {
            CommandError::new(ErrorKind::Refused, wrong)
                .hint("nothing was granted")
                .hint("`handlers.hosting.aws.profiles.discover_deploy` of devops.json names the profile of the identity that grants")
        })?;
        let question = ConfigurationQuestion {
            environment: environment.name.clone(),
            regions: environment.region.clone().into_iter().collect(),
            types: IDENTITY_TYPES.map(str::to_owned).to_vec(),
            max_calls: None,
            identity: identity.clone(),
            at: app.clock.now(),
        };
        let configuration = connection.cloud.configuration(&question).await;
        let configuration = configuration.map_err(|gap| {
            let what = format!("the policies are not known: {}", gap.sentence());
            CommandError::say(ErrorKind::Unknown, what).hint(gap.message.terminal())
        })?;
        connection.finish(app)?;
        Ok(Self {
            profile,
            identity,
            configuration,
        })
    }

    /// What a user or role may do by the text of its policies.
    pub(crate) fn held(&self, arn: &Arn) -> HeldPolicies {
        held_policies(&self.configuration, arn.as_str()).unwrap_or_else(|why| HeldPolicies {
            hidden: vec![why],
            ..HeldPolicies::default()
        })
    }

    /// Where grants of a user or role go.
    pub(crate) fn place(
        &self,
        arn: &Arn,
        environment: &Environment,
    ) -> Result<GrantPlace, CommandError> {
        let unknown = |why: String| {
            CommandError::say(ErrorKind::Unknown, format!("{why}, so nothing is granted"))
        };
        let (of, name) = iam_identity(arn.as_str())
            .ok_or_else(|| CommandError::usage(format!("`{arn}` is neither a user nor a role")))?;
        let partition = environment.region.as_ref().map(Partition::of_region);
        Ok(GrantPlace {
            of,
            name,
            partition: partition.unwrap_or(Partition::COMMERCIAL).name.to_owned(),
            account: arn.account().to_owned(),
            attached: attached_policies(&self.configuration, arn.as_str()).map_err(unknown)?,
            policies: managed_policies(&self.configuration).map_err(unknown)?,
        })
    }
}

/// Why nobody is known who could grant, with what sets them up.
pub(crate) fn nobody(what: &str, gap: &Gap) -> CommandError {
    let error = CommandError::say(ErrorKind::Unknown, format!("{what}: {}", gap.sentence()));
    let error = error.hint(gap.message.terminal());
    match gap.cause {
        GapCause::Credentials => error.hint("sign in, or name the profile of the identity that grants in devops.json: `handlers.hosting.aws.profiles.discover_deploy`"),
        _ => error,
    }
}

/// The account of an environment, without which nothing is granted.
pub(crate) fn account(environment: &Environment) -> Result<&AccountId, CommandError> {
    environment.account_id.as_ref().ok_or_else(|| {
        CommandError::usage(format!(
            "the account of environment `{}` is not known",
            environment.name
        ))
        .hint("add `account_id` to it in .fractary/shared/environments.json")
    })
}

/// Who deploys to an environment, by the profile that devops.json names for it; `None` where it
/// names none, or where AWS does not say.
pub(crate) fn deploying(
    app: &App,
    workspace: &Workspace,
    environment: &Environment,
) -> Option<Arn> {
    let devops = workspace.state.devops.as_ref()?;
    let aws = devops.value.handlers.hosting.aws.as_ref()?;
    let profile = aws
        .profiles
        .get(&format!("{}_deploy", environment.name))?
        .clone();
    let asked = async {
        let allowed = policy::identifying();
        let mut aws = connect::aws_settings(app, workspace.settings(), environment, allowed);
        aws.role_arn = None;
        aws.profile = Some(profile);
        aws.only_profile = true;
        let connection = connect::connect_with(app, &workspace.catalog, aws).await?;
        let identity = connection.cloud.identity(&environment.name).await;
        let identity =
            identity.map_err(|gap| CommandError::say(ErrorKind::Unknown, gap.sentence()))?;
        connection.finish(app)?;
        Ok(identity.arn)
    };
    match wait::wait_for(app, "asking who deploys", asked) {
        Ok(arn) => Some(arn),
        Err(why) => {
            app.ui
                .warn(&format!("who deploys could not be asked: {why}"));
            None
        }
    }
}
