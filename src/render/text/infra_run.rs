//! The stages of `infra run`: a line each as they end, and all of them at the end.

use crate::model::infra_run::{InfraRunReport, RanStage, StageOutcome};
use crate::render::text::Style;
use crate::render::text::health::line;
use crate::render::text::layout::pad;
use crate::text::Untrusted;

/// Width of the names of stages.
const NAMES: usize = 9;

/// A stage that has ended.
pub fn stage(ran: &RanStage) -> Vec<String> {
    let first = format!("{} {}", pad(ran.stage.word(), NAMES), ran.outcome.words());
    let details = ran.details.iter().map(Untrusted::terminal);
    let details = details.map(|one| format!("{} {one}", pad("", NAMES)));
    std::iter::once(first).chain(details).collect()
}

/// All of them, and what to do next.
pub fn infra_run(report: &InfraRunReport, style: &Style) -> String {
    let mut out = String::new();
    for ran in &report.stages {
        let detail = match ran.outcome {
            StageOutcome::Done | StageOutcome::Unchanged => ran.details.first(),
            _ => None,
        };
        let detail = detail.map_or_else(String::new, |one| format!(" · {}", one.terminal()));
        line(
            &mut out,
            &format!(
                "{} {}{detail}",
                pad(ran.stage.word(), NAMES),
                ran.outcome.words()
            ),
        );
    }
    let stopped = report
        .stages
        .iter()
        .find(|one| !one.outcome.goes_on() && one.outcome != StageOutcome::NotReached);
    if let Some(stopped) = stopped {
        line(&mut out, "");
        line(
            &mut out,
            &format!(
                "Stopped at `{}`. Run the same again, and it goes on there.",
                stopped.stage.word()
            ),
        );
    }
    style.finish(out)
}
