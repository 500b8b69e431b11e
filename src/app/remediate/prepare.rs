//! From a request to a plan: which resource, which action, how the resource is, what would be done.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::app::App;
use crate::app::access::Access;
use crate::app::observe::connect::{self, Connection};
use crate::app::observe::environments::check_account;
use crate::app::observe::scope;
use crate::app::remediate::custom::{self, CustomActions};
use crate::app::remediate::safety::TrustedSafety;
use crate::app::wait;
use crate::app::workspace::Workspace;
use crate::catalog::actions::{Action, Actions};
use crate::cloud::question::SituationQuestion;
use crate::core::remediate::brakes::Brakes;
use crate::core::remediate::find::{self, Meant};
use crate::core::remediate::permit::{self, Forbidden, Freeze, PermitInput, SafetyLevel};
use crate::core::remediate::plan::{self, ActionPlanInput, PlanOutcome};
use crate::error::{CommandError, ErrorKind};
use crate::model::environments::Environment;
use crate::model::ids::{Arn, EnvironmentName};
use crate::model::remediation::{ActionSituation, ConsentWay};
use crate::model::resource::Resource;
use crate::text::Untrusted;
use crate::text::escape;

/// What someone asks for.
#[derive(Debug, Clone, Default)]
pub(crate) struct ActionRequest {
    /// The name of the action, or an alias.
    pub(crate) action: String,
    /// The name, id or ARN of the resource.
    pub(crate) resource: String,
    /// Parameters by name.
    pub(crate) given: BTreeMap<String, String>,
}

impl ActionRequest {
    /// Asks for what a record names, with the parameters that it has.
    pub(crate) fn recorded(
        action: &str,
        resource: &Arn,
        parameters: &BTreeMap<String, Untrusted>,
    ) -> Self {
        let given = parameters.iter();
        let given = given.map(|(name, value)| (name.clone(), value.raw().to_owned()));
        Self {
            action: action.to_owned(),
            resource: resource.to_string(),
            given: given.collect(),
        }
    }
}

/// What is meant: names that exist.
#[derive(Debug, Clone)]
pub(crate) struct Chosen {
    /// The environment.
    pub(crate) environment: Environment,
    /// The resource.
    pub(crate) resource: Resource,
    /// The action.
    pub(crate) action: Action,
    /// Parameters as they were given.
    pub(crate) given: BTreeMap<String, String>,
    /// Resources of the kind in the environment.
    pub(crate) of_kind: u32,
    /// Names of what needs the resource.
    pub(crate) dependents: Vec<Untrusted>,
    /// What the action requires.
    pub(crate) level: SafetyLevel,
    /// Whether every action needs consent here.
    pub(crate) is_protected: bool,
    /// The limits that count.
    pub(crate) brakes: Brakes,
    /// Until when runs may do what `auto_remediate` names; `None` where they may not, or where the
    /// history does not say.
    pub(crate) review_by: Option<Timestamp>,
}

/// The plan, and what it rests on.
#[derive(Debug, Clone)]
pub(crate) struct Prepared {
    /// What is meant.
    pub(crate) chosen: Chosen,
    /// What was read.
    pub(crate) situation: ActionSituation,
    /// What it would do.
    pub(crate) planned: PlanOutcome,
}

/// Finds what a request means.
pub(crate) fn choose(
    workspace: &Workspace,
    name: &EnvironmentName,
    request: &ActionRequest,
) -> Result<Chosen, CommandError> {
    let environment = workspace.settings().environment(name)?;
    let all = workspace.scope().resources(&environment, None)?;
    let resource = one_resource(&all, request, name)?;
    check_owner(workspace, &environment, &resource)?;
    let action = one_action(workspace, &request.action, &resource)?;
    let of_kind = all.iter().filter(|one| one.kind == resource.kind).count();
    let safety = TrustedSafety::read(&workspace.repository)?;
    let level = safety.level(workspace.settings(), &action);
    let is_protected = safety.protects(&environment);
    // Long histories take a while, and only runs that act by themselves are held to it.
    let review_by = match level == SafetyLevel::Auto && !is_protected {
        true => safety.review_by(workspace)?,
        false => None,
    };
    Ok(Chosen {
        of_kind: u32::try_from(of_kind).unwrap_or(u32::MAX),
        dependents: dependents(&all, &resource),
        level,
        is_protected,
        brakes: safety.brakes(workspace.settings()),
        review_by,
        environment: workspace.settings().complete(&environment),
        resource,
        action,
        given: request.given.clone(),
    })
}

/// The resource of that name. Of several the one that the action is for, where it is for one of them
/// alone: a service and its load balancer often share a name.
fn one_resource(
    all: &[Resource],
    request: &ActionRequest,
    environment: &EnvironmentName,
) -> Result<Resource, CommandError> {
    let wanted = request.resource.as_str();
    let named = scope::named(all, wanted, environment)?;
    let found: Vec<&Resource> = named.iter().collect();
    let (actions, action) = (Actions::built_in(), request.action.as_str());
    let takes = |one: &&&Resource| {
        let kind = one.kind.as_ref();
        kind.is_some_and(|kind| !actions.called(action, Some(kind.as_str())).is_empty())
    };
    let fitting: Vec<&Resource> = found.iter().filter(takes).copied().collect();
    match (&found[..], &fitting[..]) {
        ([one], _) | (_, [one]) => Ok((*one).clone()),
        _ => {
            let arns: Vec<String> = found.iter().map(|one| one.arn.to_string()).collect();
            Err(CommandError::usage(format!(
                "`{}` is the name of several resources",
                escape::terminal(wanted)
            ))
            .hint(format!("name one by its ARN: {}", arns.join(", "))))
        }
    }
}

/// Stops where the registry names a resource of an account that is not the environment's.
fn check_owner(
    workspace: &Workspace,
    environment: &Environment,
    resource: &Resource,
) -> Result<(), CommandError> {
    let owner = resource.arn.account();
    match workspace.settings().account(environment) {
        Some(wanted) if !owner.is_empty() && owner != wanted.as_str() => Err(CommandError::say(
            ErrorKind::Refused,
            format!(
                "environment `{}` belongs to account {wanted}, but `{}` is in account {owner}",
                environment.name,
                resource.name.terminal()
            ),
        )
        .hint("nothing was changed; correct the account in environments.json, or the entry in registry.json")),
        _ => Ok(()),
    }
}

fn one_action(
    workspace: &Workspace,
    name: &str,
    resource: &Resource,
) -> Result<Action, CommandError> {
    let kind = resource.kind.as_ref().map(|kind| kind.as_str());
    let shown = escape::terminal(name);
    match find::action(Actions::built_in(), name, kind) {
        Meant::One(action) => Ok(action.clone()),
        Meant::Several(names) => {
            let error = CommandError::usage(format!("`{shown}` means several actions here"));
            Err(error.hint(format!("choose one of them: {}", names.join(", "))))
        }
        Meant::None(names) => {
            let custom = CustomActions::read(workspace)?;
            let fits = |one: &Action| kind.is_some_and(|kind| one.is_for(kind));
            if let Some(action) = custom.get(name)?.filter(fits) {
                return Ok(action);
            }
            custom.refuse_untrusted(workspace, name)?;
            let of = kind.unwrap_or(&resource.resource_type);
            let error = CommandError::usage(format!(
                "no action `{shown}` for resources of the kind `{of}`"
            ));
            Err(match names.is_empty() {
                true => error.hint("`fractary remediate --list` shows what there is"),
                false => error.hint(format!("available actions: {}", names.join(", "))),
            })
        }
    }
}

/// Names of what needs a resource, by the registry.
fn dependents(all: &[Resource], of: &Resource) -> Vec<Untrusted> {
    let address = of.terraform_address.as_ref().map(Untrusted::raw);
    let needs = |one: &&Resource| {
        one.depends_on.iter().any(|name| {
            name == of.arn.as_str() || name == of.name.raw() || Some(name.as_str()) == address
        })
    };
    all.iter()
        .filter(needs)
        .map(|one| one.name.clone())
        .collect()
}

impl Chosen {
    /// Whether it may be run, where someone agreed this way.
    pub(crate) fn permit(
        &self,
        way: ConsentWay,
        freeze: Option<&Freeze>,
        now: jiff::Timestamp,
    ) -> Result<(), Forbidden> {
        permit::permit(&PermitInput {
            level: self.level,
            is_protected: self.is_protected,
            way,
            freeze,
            review_by: self.review_by,
            now,
        })
    }

    /// Returns what planning needs.
    pub(crate) fn plan_input<'a>(
        &'a self,
        situation: &'a ActionSituation,
        token: &'a str,
        now: jiff::Timestamp,
    ) -> ActionPlanInput<'a> {
        ActionPlanInput {
            action: &self.action,
            resource: &self.resource,
            situation,
            given: &self.given,
            of_kind: self.of_kind,
            dependents: self.dependents.clone(),
            token,
            now,
        }
    }

    /// Returns the question how the resource is.
    pub(crate) fn question(&self) -> SituationQuestion {
        SituationQuestion {
            environment: self.environment.name.clone(),
            action: self.action.id.clone(),
            arn: self.resource.arn.clone(),
            resource: self.resource.clone(),
        }
    }
}

/// Reads how the resource is, and plans.
pub(crate) fn prepare(
    app: &App,
    workspace: &Workspace,
    chosen: Chosen,
    token: &str,
) -> Result<Prepared, CommandError> {
    let what = format!("looking at {}", chosen.resource.name.terminal());
    wait::wait_for(app, &what, async {
        let connection = open(app, workspace, &chosen.environment).await?;
        let situation = look(workspace, &connection, &chosen).await?;
        connection.finish(app)?;
        let planned = plan::plan(&chosen.plan_input(&situation, token, app.clock.now()));
        Ok(Prepared {
            chosen,
            situation,
            planned,
        })
    })
}

/// Connects to look at what an action would change.
pub(crate) async fn open(
    app: &App,
    workspace: &Workspace,
    environment: &Environment,
) -> Result<Connection, CommandError> {
    let (settings, catalog) = (workspace.settings(), &workspace.catalog);
    connect::connect(app, settings, catalog, environment, Access::Plan).await
}

/// Who we are, whether that is right, and how the resource is.
async fn look(
    workspace: &Workspace,
    connection: &Connection,
    chosen: &Chosen,
) -> Result<ActionSituation, CommandError> {
    let name = &chosen.environment.name;
    let identity = connection.cloud.identity(name).await.map_err(|gap| {
        CommandError::say(
            ErrorKind::Unknown,
            format!(
                "who these credentials belong to is not known: {}",
                gap.sentence()
            ),
        )
        .hint(gap.message.terminal())
    })?;
    check_account(workspace.settings(), &chosen.environment, &identity)?;
    if let Some(program) = &chosen.action.program {
        return Ok(custom::situation(program));
    }
    let situation = connection.cloud.situation(&chosen.question()).await;
    situation.map_err(|gap| {
        CommandError::say(
            ErrorKind::Unknown,
            format!("the state of the resource is not known: {}", gap.sentence()),
        )
        .hint(gap.message.terminal())
    })
}
