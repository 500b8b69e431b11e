//! `fractary review`: is this change safe to merge?

use clap::Args;

use crate::app::answer::output;
use crate::app::command::{Command, Entry};
use crate::app::formats::FindingFormat;
use crate::app::options::FailOn;
use crate::app::review;
use crate::app::review::ReviewRequest;
use crate::app::review::plans::PlanArgument;
use crate::app::shared_options::SharedOption;
use crate::app::tool::{AssistantTool, ToolDocument};
use crate::app::{App, Outcome};
use crate::error::{CommandError, ExitCode};
use crate::model::helm::ReviewFailOn;
use crate::model::review::ReviewVerdict;
use crate::render::markdown::Room;
use crate::render::{json, markdown, sarif, text};

/// Arguments of `review`.
#[derive(Debug, Args)]
pub struct ReviewArgs {
    /// A plan in JSON (`terraform show -json`) with its directory and what it was made from;
    /// may be given more than once
    #[arg(long = "plan", value_name = "DIR=FILE[,META]")]
    pub plans: Vec<PlanArgument>,

    /// The branch that the change goes to [default: that of the pull request, else the default branch]
    #[arg(long, value_name = "REF")]
    pub base: Option<String>,

    /// The commit to review
    #[arg(long, value_name = "REF", default_value = "HEAD")]
    pub head: String,

    /// Do not trust the plans: they can only make the verdict worse
    #[arg(long)]
    pub untrusted_plans: bool,

    /// Post the review as one comment on the pull request, or update it
    #[arg(long)]
    pub post: bool,

    /// The pull request to comment on [default: that of the workflow]; nothing is posted if it has
    /// moved on to another commit
    #[arg(long, value_name = "NUMBER", requires = "post")]
    pub pull_request: Option<u64>,

    /// Make no AWS calls. This version never makes any
    #[arg(long)]
    pub offline: bool,
}

/// The entry of `review` in the list of commands.
pub(crate) const COMMAND: Entry =
    Entry::new::<ReviewArgs>("review", "Check whether a change is safe to merge")
        .uses(&[SharedOption::Env, SharedOption::FailOn])
        .tools(&[
            AssistantTool::reading(&[], &[ToolDocument::One("review")]).without(&[
                "plans",
                "untrusted_plans",
                "post",
                "pull_request",
                "offline",
            ]),
        ]);

impl Command for ReviewArgs {
    type Formats = FindingFormat;

    fn run(&self, app: &App, format: FindingFormat) -> Outcome {
        let reviewed = review::review(
            app,
            &ReviewRequest {
                plans: &self.plans,
                base: self.base.as_deref(),
                head: &self.head,
                is_untrusted: self.untrusted_plans,
            },
        )?;
        review::mask(app, &reviewed.secrets);
        let review = &reviewed.review;
        let answer = match format {
            FindingFormat::Json => json::pretty(review).map_err(CommandError::bug)?,
            FindingFormat::Markdown => markdown::review(review, Room::SUMMARY),
            FindingFormat::Sarif => json::pretty(&sarif::review(review, env!("CARGO_PKG_VERSION")))
                .map_err(CommandError::bug)?,
            FindingFormat::Text => text::review(review, &app.ui.style()),
        };
        output::write(app, &answer)?;
        review::publish(app, review);
        if self.post {
            review::post(app, review, self.pull_request)?;
        }
        let fails_from = match app.global.fail_on {
            FailOn::Never => None,
            FailOn::Degraded | FailOn::Medium | FailOn::Low | FailOn::Unknown => {
                Some(ReviewVerdict::Warn)
            }
            FailOn::Unhealthy | FailOn::Critical | FailOn::High => {
                match reviewed.settings.fail_on {
                    Some(ReviewFailOn::Warn) => Some(ReviewVerdict::Warn),
                    Some(ReviewFailOn::Never) => None,
                    Some(ReviewFailOn::Block) | None => Some(ReviewVerdict::Block),
                }
            }
        };
        Ok(if fails_from.is_some_and(|from| review.verdict >= from) {
            ExitCode::Found
        } else {
            ExitCode::Ok
        })
    }
}
