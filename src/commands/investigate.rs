//! `fractary investigate`: from a symptom to its cause.

use std::path::PathBuf;

use clap::Args;

use crate::app::access::Access;
use crate::app::answer::named_files::NamedFiles;
use crate::app::answer::output;
use crate::app::command::{Command, Entry};
use crate::app::formats::ReportFormat;
use crate::app::investigate::files::{self, IncidentFiles, SymptomMetric};
use crate::app::investigate::gather::{self, InvestigationBudget};
use crate::app::investigate::target::{InvestigationTarget, WantedSpan};
use crate::app::options::{Since, parse_dollars};
use crate::app::shared_options::SharedOption;
use crate::app::tool::{AssistantTool, ToolDocument};
use crate::app::workspace::open;
use crate::app::{App, Outcome};
use crate::core::investigate::cause::Symptom;
use crate::error::{CommandError, ExitCode};
use crate::model::incident::IncidentReport;
use crate::render::{json, markdown, text};
use crate::text::escape;

/// Arguments of `investigate`.
#[derive(Debug, Args)]
pub struct InvestigateArgs {
    /// The affected resource, by its name, id or ARN, or the id of an issue; with `--service` or
    /// `--issue`, a note in words
    #[arg(value_name = "RESOURCE|ISSUE-ID", required_unless_present_any = ["service", "issue", "metrics"], conflicts_with = "metrics")]
    pub subject: Option<String>,
    /// The affected resource, where the argument is a note
    #[arg(long, value_name = "NAME", conflicts_with_all = ["metrics", "issue"])]
    pub service: Option<String>,
    /// The issue, where the argument is a note
    #[arg(long, value_name = "ID", conflicts_with = "metrics")]
    pub issue: Option<String>,
    /// Start here: a time, or how long ago [default: 1h before the issue, else 2h ago]
    #[arg(long, value_name = "TIME", value_parser = Since::parse, conflicts_with = "metrics")]
    pub since: Option<Since>,
    /// End here: a time, or how long ago [default: now]
    #[arg(long, value_name = "TIME", value_parser = Since::parse, conflicts_with = "metrics")]
    pub until: Option<Since>,
    /// Make at most about this many calls to AWS
    #[arg(long, value_name = "N", default_value_t = 300)]
    pub max_calls: u64,
    /// Spend at most about this many US dollars; logs that would cost more are left out
    #[arg(long, value_name = "USD", value_parser = parse_dollars, default_value_t = 0.5)]
    pub max_cost: f64,
    /// Read these metrics around the symptom in place of AWS, as CSV: a time, then columns `NODE|METRIC|STATISTIC`
    #[arg(long, value_name = "FILE", requires_all = ["target", "symptom"], conflicts_with_all = ["max_calls", "max_cost"])]
    pub metrics: Option<PathBuf>,
    /// The same metrics at a time when nothing was wrong
    #[arg(long, value_name = "FILE", requires = "metrics")]
    pub normal: Option<PathBuf>,
    /// Who calls whom, as JSON: `nodes` and `edges_caller_to_callee`
    #[arg(long, value_name = "FILE", requires = "metrics")]
    pub graph: Option<PathBuf>,
    /// The node where the symptom was noticed
    #[arg(long, value_name = "NODE", requires = "metrics")]
    pub target: Option<String>,
    /// The metric that shows the symptom
    #[arg(long, value_enum, value_name = "METRIC", requires = "metrics")]
    pub symptom: Option<SymptomMetric>,
}

/// The entry of `investigate` in the list of commands.
pub(crate) const COMMAND: Entry = Entry::new::<InvestigateArgs>(
    "investigate",
    "Find the cause of a symptom: in AWS, or in metrics and a call graph",
)
.sends(&[Access::Investigate.only("without `--metrics`")])
.uses(&[SharedOption::Env])
.tools(&[
    AssistantTool::reading(&[], &[ToolDocument::One("incident")]).without(&["target", "symptom"]),
]);

impl InvestigateArgs {
    fn report(&self, app: &App) -> Result<IncidentReport, CommandError> {
        if let (Some(metrics), Some(node), Some(symptom)) =
            (&self.metrics, &self.target, self.symptom)
        {
            let at = app.global.at.ok_or_else(|| {
                CommandError::usage("requires `--at TIME`, when the symptom was noticed")
                    .hint("write it like 2026-11-29T14:03:00Z, or in seconds since 1970")
            })?;
            let (report, left_out) = files::read_files(&IncidentFiles {
                metrics,
                normal: self.normal.as_deref(),
                graph: self.graph.as_deref(),
                symptom: Symptom {
                    node: node.clone(),
                    measure: symptom.measure(),
                    at: at.as_second() as f64,
                },
            })?;
            for text in &left_out {
                app.ui.warn(text);
            }
            return Ok(report);
        }
        let named = self.issue.as_ref().or(self.service.as_ref());
        if let (Some(_), Some(words)) = (named, &self.subject) {
            let words = escape::terminal(words);
            let note = format!("`{words}` is a note: nothing is looked for by words");
            app.ui.note(&note);
        }
        let subject = named.or(self.subject.as_ref());
        let subject = subject.ok_or_else(|| CommandError::usage("requires a resource"))?;
        let workspace = open::load(app)?;
        let target = InvestigationTarget::find(app, &workspace, subject)?;
        let wanted = WantedSpan::of(self.since, self.until, app.clock.now());
        let budget = InvestigationBudget {
            calls: self.max_calls,
            dollars: self.max_cost,
            time: None,
        };
        gather::run(app, &workspace, &target, wanted, budget)
    }
}

impl Command for InvestigateArgs {
    type Formats = ReportFormat;

    fn named_files(&self) -> NamedFiles<'_> {
        let all = [
            self.metrics.as_ref(),
            self.normal.as_ref(),
            self.graph.as_ref(),
        ];
        NamedFiles::default().reading(all.into_iter().flatten())
    }

    fn run(&self, app: &App, format: ReportFormat) -> Outcome {
        let report = self.report(app)?;
        let answer = match format {
            ReportFormat::Json => json::pretty(&report).map_err(CommandError::bug)?,
            ReportFormat::Markdown => markdown::incident(&report),
            ReportFormat::Text => text::incident(&report, &app.ui.style()),
        };
        output::write(app, &answer)?;
        Ok(match report.is_unknown() {
            true => ExitCode::Unknown,
            false => ExitCode::Ok,
        })
    }
}
