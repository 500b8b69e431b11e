//! What the arguments of `fractary logs` ask of log groups.

use super::LogsArgs;
use crate::app::App;
use crate::app::logs::session::LogRequest;
use crate::app::options::Since;
use crate::core::investigate::logs::{LineChoice, LogFilter};
use crate::error::CommandError;

impl LogsArgs {
    /// Returns what they ask for.
    pub(super) fn request(&self, app: &App) -> Result<LogRequest, CommandError> {
        let now = app.clock.now();
        let ago = if self.follow { 600 } else { 3_600 };
        let start = self.since.unwrap_or(Since::Ago(ago)).time(now);
        let end = self.until.unwrap_or(Since::Ago(0)).time(now);
        if start >= end {
            return Err(
                CommandError::usage(format!("the span from {start} to {end} is empty"))
                    .hint("`--since` has to be before `--until`, which is now by default"),
            );
        }
        let filter = LogFilter::parse(&self.filter).map_err(|error| {
            CommandError::usage(format!("`--filter`: {error}"))
                .hint("write text, `/expression/`, `field=value`, or one of these behind `!`")
        })?;
        Ok(LogRequest {
            resource: self.resource.clone().or_else(|| self.service.clone()),
            groups: self.groups.clone(),
            start,
            end,
            choice: LineChoice {
                filter,
                level: self.level,
            },
            most_events: self.max_events,
            most_bytes: self.max_megabytes.saturating_mul(1_000_000),
            most_dollars: self.max_cost,
        })
    }
}
