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
/// error: of its grants nothing is known, and the reason stands beside each.
pub(crate) fn look(
    app: &App,
    workspace: &Workspace,
    grants: &mut [ListedGrant],
) -> Result<(), CommandError> {
    let mut found: BTreeMap<(EnvironmentName, String), AdvisorAnswer> = BTreeMap::new();
    for grant in grants.iter_mut().filter(|one| is_in_force(one)) {
        let name = grant.record.environment.clone();
        let key = (name, grant.record.principal.raw().to_owned());
        if !found.contains_key(&key) {
            let said = ask(app, workspace, &key.0, &key.1)?;
            found.insert(key.clone(), said);
        }
        let said = found[&key].as_ref().map_err(String::as_str);
        grant.last_use = Some(last_use::judge(grant, said, app.clock.now()));
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
