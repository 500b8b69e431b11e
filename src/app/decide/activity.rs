//! What was done lately: deployments, remediations and proposals, as the repository has them.

use std::collections::BTreeMap;

use crate::app::workspace::views::DashboardSources;
use crate::app::workspace::views::tree::Tree;
use crate::core::dashboard::Activity;
use crate::error::CommandError;
use crate::model::dashboard::ProposalRow;
use crate::model::ids::EnvironmentName;
use crate::model::log::RemediationLog;
use crate::state::documents::paths;
use crate::text::Untrusted;

/// Reads it. A log that cannot be read is a note of the dashboard and no failure: `check`
/// says what is wrong with it, and health is to be seen without it.
pub(crate) fn read(sources: DashboardSources<'_>) -> Result<Activity, CommandError> {
    let mut activity = Activity {
        deployments: sources
            .deployments
            .map_or_else(Vec::new, |all| all.deployments.clone()),
        remediations: BTreeMap::new(),
        proposals: Vec::new(),
        notes: Vec::new(),
    };
    for name in sources.settings.monitored() {
        add_remediations(sources.tree, &name, &mut activity)?;
        for path in sources.tree.list(&paths::proposals_dir(&name))? {
            if path.as_str().ends_with(".json") {
                activity.proposals.push(ProposalRow {
                    id: Untrusted::from(path.file_stem()),
                    environment: name.clone(),
                });
            }
        }
    }
    Ok(activity)
}

fn add_remediations(
    tree: Tree<'_>,
    name: &EnvironmentName,
    activity: &mut Activity,
) -> Result<(), CommandError> {
    let path = paths::remediation_log(name);
    let Some(text) = tree.read_text(&path)? else {
        return Ok(());
    };
    match serde_json::from_str::<RemediationLog>(&text) {
        Ok(RemediationLog(log)) => drop(activity.remediations.insert(name.clone(), log)),
        Err(_) => activity.notes.push(Untrusted::from(format!(
            "{path} could not be read, so remediations of {name} are not shown: run `fractary check`"
        ))),
    }
    Ok(())
}
