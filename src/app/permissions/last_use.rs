//! Which grants nobody uses, by what IAM says of the identities that have them.

use std::collections::BTreeMap;

use crate::app::App;
use crate::app::access::Access;
use crate::app::observe::connect;
use crate::app::permissions::granting;
use crate::app::wait;
use crate::app::workspace::Workspace;
use crate::cloud::question::LastUseQuestion;
use crate::core::permissions::grant_history::is_in_force;
use crate::core::permissions::{identities, last_use};
use crate::error::{CommandError, ErrorKind};
use crate::model::iam_audit::ListedGrant;
use crate::model::ids::{Arn, EnvironmentName};
use crate::model::last_use::LastUse;

/// What IAM says of an identity, or why that is not known.
type AdvisorAnswer = Result<LastUse, String>;

/// Writes into each grant in force how it was used. That IAM says nothing of an identity is no
/// error: of its grants nothing is known, and the reason stands beside each. The same is true of an
/// environment where nobody can ask, unless it is all of them.
pub(crate) fn look(
    app: &App,
    workspace: &Workspace,
    grants: &mut [ListedGrant],
) -> Result<(), CommandError> {
    let mut found: BTreeMap<(EnvironmentName, String), AdvisorAnswer> = BTreeMap::new();
    let mut failed: BTreeMap<EnvironmentName, CommandError> = BTreeMap::new();
    for grant in grants.iter_mut().filter(|one| is_in_force(one)) {
        let name = grant.record.environment.clone();
        let key = (name, grant.record.principal.raw().to_owned());
        if !found.contains_key(&key) {
            let said = match failed.get(&key.0) {
                // Who asks is the same for all identities of an environment.
                Some(error) => Err(error.error.to_string()),
                None => match ask(app, workspace, &key.0, &key.1) {
                    Ok(said) => said,
                    Err(error) if ends_everything(&error) => return Err(error),
                    Err(error) => {
                        let why = error.error.to_string();
                        failed.insert(key.0.clone(), error);
                        Err(why)
                    }
                },
            };
            found.insert(key.clone(), said);
        }
        let said = found[&key].as_ref().map_err(String::as_str);
        grant.last_use = Some(last_use::judge(grant, said, app.clock.now()));
    }
    let is_any_known = found.keys().any(|(name, _)| !failed.contains_key(name));
    tell(app, failed, is_any_known)
}

/// Whether an error is of more than the environment that was asked.
fn ends_everything(error: &CommandError) -> bool {
    !matches!(
        error.kind,
        ErrorKind::Usage | ErrorKind::Unknown | ErrorKind::Refused
    )
}

/// Where some environments could be asked, the others are warned of. Where none could, that is an
/// error.
fn tell(
    app: &App,
    failed: BTreeMap<EnvironmentName, CommandError>,
    is_any_known: bool,
) -> Result<(), CommandError> {
    for (name, error) in failed {
        if !is_any_known {
            return Err(error);
        }
        app.ui.warn(&format!(
            "which grants of {name} are used is not known: {}",
            error.error
        ));
        for hint in &error.hints {
            app.ui.note(&format!("hint: {hint}"));
        }
    }
    Ok(())
}

fn ask(
    app: &App,
    workspace: &Workspace,
    name: &EnvironmentName,
    principal: &str,
) -> Result<AdvisorAnswer, CommandError> {
    let Ok(arn) = Arn::new(principal) else {
        return Ok(Err("who has it is not known".to_owned()));
    };
    let settings = workspace.settings();
    let environment = settings.complete(&settings.environment(name)?);
    let account = granting::account(&environment)?;
    let asked = async {
        let operations = Access::LastUse.operations(&workspace.catalog);
        let aws = granting::settings(app, workspace, &environment, operations);
        let connection = connect::connect_with(app, &workspace.catalog, aws).await?;
        let identity = connection.cloud.identity(name).await;
        let identity =
            identity.map_err(|gap| granting::nobody("who would ask is not known", &gap))?;
        identities::check_granting(&identity.arn, name, account)
            .map_err(|wrong| CommandError::new(ErrorKind::Refused, wrong))?;
        let question = LastUseQuestion {
            environment: name.clone(),
            arn,
        };
        let found = connection.cloud.last_use(&question).await;
        connection.finish(app)?;
        Ok(found.map_err(|gap| gap.sentence()))
    };
    wait::wait_for(app, "asking IAM when permissions were used", asked)
}
