//! `fractary audit`: checks over how everything is configured.

mod explain;
mod kind;
mod tools;
mod unused;

use std::path::PathBuf;

use clap::Args;

use crate::app::access::Access;
use crate::app::answer::named_files::NamedFiles;
use crate::app::answer::output;
use crate::app::audit::{self, AuditRequest, BaselineFiles};
use crate::app::command::{Command, Effect, Entry};
use crate::app::costs;
use crate::app::formats::{AnswerFormat, FindingFormat, Formats};
use crate::app::options::Format;
use crate::app::shared_options::SharedOption;
use crate::app::workspace::checks;
use crate::app::{App, Outcome};
use crate::error::ExitCode;
use crate::model::ids::Region;

pub use kind::AuditKind;

/// Arguments of `audit`.
#[derive(Debug, Args)]
pub struct AuditArgs {
    /// What to audit
    #[arg(
        long = "type",
        value_enum,
        value_name = "TYPE",
        default_value = "security"
    )]
    pub audit_type: AuditKind,

    /// List the checks, and send nothing
    #[arg(long, conflicts_with = "explain")]
    pub list_checks: bool,

    /// Explain a check: what it evaluates, why, how to fix it
    #[arg(long, value_name = "ID")]
    pub explain: Option<String>,

    /// Evaluate only this check; may be given more than once
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub check: Vec<String>,

    /// Report this framework (`cis-aws-7.0`); may be given more than once
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub framework: Vec<String>,

    /// Audit only this region; may be given more than once [default: all that are enabled]
    #[arg(long, value_name = "REGION", value_delimiter = ',')]
    pub region: Vec<Region>,

    /// Stop reading after this many calls; what was not read is unknown
    #[arg(long, value_name = "N")]
    pub max_calls: Option<u64>,

    /// Let suppressions of protected checks count (secrets, public data)
    #[arg(long)]
    pub allow: bool,

    /// Count only findings that are not in FILE
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,

    /// Write the findings to FILE, as a baseline for later
    #[arg(long, value_name = "FILE")]
    pub write_baseline: Option<PathBuf>,
}

/// The entry of `audit` in the list of commands.
pub(crate) const COMMAND: Entry = Entry::new::<AuditArgs>(
    "audit",
    "Evaluate checks against the configuration of an account",
)
.sends(&[
    Access::Audit.only("without `--list-checks` and `--explain`"),
    Access::Cost.only("with `--type cost` and `--type all`"),
])
.uses(&[SharedOption::Env, SharedOption::FailOn])
.tools(tools::TOOLS);

impl Command for AuditArgs {
    type Formats = FindingFormat;

    fn effect(&self) -> Effect {
        match self.asks() {
            true => Effect::CommitsOnRequest,
            false => Effect::None,
        }
    }

    fn formats(&self) -> &'static [Format] {
        let of_report = self.audit_type.formats();
        let explain = self.explain.as_ref();
        explain.map_or(of_report, |_| AnswerFormat::ALL)
    }

    fn named_files(&self) -> NamedFiles<'_> {
        // A baseline is read before it is written again, which is how it is kept up to date.
        let written = self.write_baseline.as_ref();
        let written = written.filter(|path| self.baseline.as_ref() != Some(*path));
        NamedFiles::default()
            .reading(&self.baseline)
            .writing("--write-baseline", written)
    }

    fn run(&self, app: &App, format: FindingFormat) -> Outcome {
        let effect = Command::effect(self);
        self.refuse_unused()?;
        if !self.asks() {
            let (registry, style) = (audit::checks(app)?, app.ui.style());
            let answer = match &self.explain {
                Some(id) => explain::explain(checks::find(&registry, id)?, format, &style),
                None => explain::list(&registry, format, &style),
            }?;
            output::write(app, &answer)?;
            return Ok(ExitCode::Ok);
        }
        if self.audit_type == AuditKind::Cost {
            return costs::show::run(app, effect, format.format());
        }
        let request = AuditRequest {
            audit_type: self.audit_type.word(),
            checks: &self.check,
            frameworks: &self.framework,
            regions: &self.region,
            max_calls: self.max_calls,
            allow_protected: self.allow,
            baseline: BaselineFiles {
                read: self.baseline.as_deref(),
                write: self.write_baseline.as_deref(),
            },
        };
        audit::run(app, request, effect, format)
    }
}

impl AuditArgs {
    /// Whether AWS is asked.
    fn asks(&self) -> bool {
        !self.list_checks && self.explain.is_none()
    }
}
