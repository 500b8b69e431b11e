//! Fixes that have worked before, shown before a step is taken that failed the last time, and
//! beside the errors of one that has just failed. They cost nothing there, and nothing is done
//! with them by itself.

use crate::app::App;
use crate::app::debug::{self, record};
use crate::app::workspace::Workspace;
use crate::catalog::errors::KnownErrors;
use crate::core::debug::{Experience, KnownFix, NextStep, before_retry, proven_fixes};
use crate::model::deployments::PlannedStep;
use crate::model::ids::EnvironmentName;
use crate::model::issue_log::IssueLog;
use crate::text::Untrusted;

/// Shows what has solved the errors that these steps ended with the last time.
pub(crate) fn offer_before(
    app: &App,
    workspace: &Workspace,
    environment: &EnvironmentName,
    steps: &[PlannedStep],
) {
    let addresses: Vec<String> = steps
        .iter()
        .map(|step| step.address.raw().to_owned())
        .collect();
    let log = log(app, workspace);
    let experience = Experience {
        known: KnownErrors::built_in(),
        log: log.as_ref(),
        environment: Some(environment.as_str()),
        now: app.clock.now(),
    };
    let next = NextStep {
        environment: environment.as_str(),
        addresses: &addresses,
    };
    show(app, "failed the last time", &before_retry(experience, next));
}

/// Shows what has solved the errors of a step that has just failed.
pub(crate) fn offer_after(app: &App, workspace: &Workspace, errors: &[Untrusted]) {
    let text: Vec<&str> = errors.iter().map(Untrusted::raw).collect();
    let log = log(app, workspace);
    let report = debug::diagnose(app, &text.join("\n"), log.as_ref());
    show(app, "has been solved before", &proven_fixes(&report));
}

/// The log, where it can be read: without it there is nothing to show, and nothing to stop for.
fn log(app: &App, workspace: &Workspace) -> Option<IssueLog> {
    record::read(workspace).unwrap_or_else(|error| {
        app.ui.warn(&error.to_string());
        None
    })
}

fn show(app: &App, what: &str, fixes: &[KnownFix]) {
    for fix in fixes {
        let at = fix.address.as_ref();
        let at = at.map_or_else(String::new, |at| format!("{}: ", at.terminal()));
        let solution = &fix.solution;
        let rate = &solution.success_rate;
        let elsewhere = match solution.proven_elsewhere_only {
            true => format!(", in {} only", solution.proven_in.join(", ")),
            false => String::new(),
        };
        let mut lines = vec![format!(
            "{at}{} {what}. This has worked {} of {} times{elsewhere}: {}",
            fix.title.terminal(),
            rate.successes,
            rate.attempts,
            solution.description.terminal(),
        )];
        for step in &solution.steps {
            let command = step.command.as_ref();
            let command = command.map_or_else(String::new, |one| format!(": {}", one.terminal()));
            lines.push(format!("  - {}{command}", step.what));
        }
        lines.push(format!("  fractary debug --issue {}", fix.issue_id));
        app.ui.lines(&lines);
    }
}
