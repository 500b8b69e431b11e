//! Health as it is now, for commands that show it: nothing of what they observe is recorded.

use clap::Args;
use jiff::Timestamp;

use crate::app::App;
use crate::app::decide;
use crate::app::decide::outlook::Outlook;
use crate::app::observe;
use crate::app::observe::monitors;
use crate::app::occasion::Occasion;
use crate::app::wait::wait_for;
use crate::app::workspace::Workspace;
use crate::app::workspace::views::records::Records;
use crate::app::workspace::views::settings::Settings;
use crate::core::domains;
use crate::error::CommandError;
use crate::model::domain_health::MonitorAnswer;
use crate::model::ids::{DomainName, EnvironmentName};
use crate::model::monitoring::DurationText;
use crate::text::phrases;

/// What commands that show the state query.
#[derive(Debug, Clone, Default, Args)]
pub struct LookArgs {
    /// Query nothing; show what the last run recorded
    #[arg(long)]
    pub stored: bool,
    /// Query AWS as well, instead of showing the last run's report
    #[arg(long, conflicts_with = "stored")]
    pub refresh: bool,
    /// Draw it again and again on this terminal, by default every 5 s; keys open issues, `q` quits
    #[arg(
        long,
        value_name = "EVERY",
        num_args = 0..=1,
        default_missing_value = "5s"
    )]
    pub watch: Option<DurationText>,
}

/// Looks at health as it is now: programs are asked, and AWS where that is wanted. Issues are
/// those of the last run.
pub(crate) fn look(
    app: &App,
    workspace: &Workspace,
    ask: &LookArgs,
    names: &[EnvironmentName],
    only: Option<&DomainName>,
) -> Result<Outlook, CommandError> {
    let now = app.clock.now();
    let (scope, documents) = (&workspace.scope(), &workspace.documents());
    let mut outlook = Outlook::read(documents.records, documents.issues, now)?;
    if ask.stored {
        return Ok(outlook);
    }
    let count = monitors::list_asks(scope, names, only)?.len();
    let answers = if ask.refresh {
        let seen = observe::observe_with_monitors(app, scope, names, Occasion::Look, only)?;
        for one in decide::environments::decide(documents, &seen.snapshots, false, now)? {
            let name = one.report.environment.clone();
            outlook.latest.insert(name, one.report);
        }
        seen.answers
    } else if count > 0 {
        let count = phrases::counted(count as u64, "monitor");
        let answers = monitors::ask_all(app, scope, names, only);
        wait_for(app, &format!("asking {count}"), answers)?
    } else {
        Vec::new()
    };
    add_answers(
        documents.settings,
        documents.records,
        &answers,
        now,
        &mut outlook,
    );
    Ok(outlook)
}

fn add_answers(
    settings: Settings<'_>,
    records: Records<'_>,
    answers: &[MonitorAnswer],
    now: Timestamp,
    outlook: &mut Outlook,
) {
    for answer in answers {
        let Some(monitor) = settings.monitor(&answer.domain) else {
            continue;
        };
        let previous = records.domain(&answer.domain, &answer.environment);
        let previous = previous.map(|document| &document.value);
        let mut report = domains::judge(answer, monitor, previous, now);
        domains::say_unrecorded(&mut report, &outlook.active);
        let key = (report.domain.clone(), report.environment.clone());
        outlook.domains.insert(key, report);
    }
}
