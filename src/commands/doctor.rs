//! `fractary doctor`: is this set up? Each failure with its mend.

use clap::Args;
use serde::Serialize;

use crate::cli::Format;
use crate::cloud::permissions::Command;
use crate::commands::pipeline::load::Loaded;
use crate::commands::pipeline::{connect, load, observe, publish};
use crate::commands::{App, Outcome};
use crate::error::{CommandError, ExitCode};
use crate::model::ids::EnvironmentName;
use crate::model::paths::RepoPath;
use crate::render::json;

/// Arguments of `doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Ask AWS nothing
    #[arg(long)]
    pub offline: bool,
}

/// Result of one examination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Ok,
    Warning,
    Failed,
    /// Not examined, or no answer.
    Unknown,
}

/// One examination.
#[derive(Debug, Serialize)]
struct Finding {
    what: String,
    verdict: Verdict,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    mend: Option<String>,
}

impl Finding {
    fn new(what: &str, verdict: Verdict, detail: impl Into<String>, mend: Option<&str>) -> Self {
        Self {
            what: what.to_owned(),
            verdict,
            detail: detail.into(),
            mend: mend.map(str::to_owned),
        }
    }
}

pub(crate) fn run(args: &DoctorArgs, app: &App) -> Outcome {
    let format = publish::format_of(app, "doctor", &[Format::Text, Format::Json])?;
    let mut findings = Vec::new();
    if let Some(loaded) = examine_state(app, &mut findings) {
        examine_setup(&loaded, &mut findings);
        let names = if app.global.env.is_empty() {
            loaded.monitored()
        } else {
            loaded.chosen(app)?
        };
        for name in &names {
            examine_environment(app, &loaded, name, args.offline, &mut findings)?;
        }
    }
    let answer = match format {
        Format::Json => json::pretty(&findings).map_err(load::bug)?,
        _ => text(&findings),
    };
    publish::answer(app, &answer)?;
    let has = |verdict| findings.iter().any(|finding| finding.verdict == verdict);
    Ok(if has(Verdict::Failed) {
        ExitCode::Usage
    } else if has(Verdict::Unknown) && !args.offline {
        ExitCode::Unknown
    } else {
        ExitCode::Ok
    })
}

fn examine_state(app: &App, findings: &mut Vec<Finding>) -> Option<Loaded> {
    let fail = |what: &str, error: &CommandError| {
        Finding::new(what, Verdict::Failed, error.lines().join("\n      "), None)
    };
    let repository = match load::open(app) {
        Ok(repository) => repository,
        Err(error) => {
            findings.push(fail("git repository", &error));
            return None;
        }
    };
    let place = repository
        .work_dir()
        .map_or_else(|| "bare".to_owned(), |path| path.display().to_string());
    findings.push(Finding::new("git repository", Verdict::Ok, place, None));
    match load::load_from(app, repository) {
        Ok(loaded) => {
            let warnings = loaded.state.warnings.len();
            let verdict = if warnings == 0 {
                Verdict::Ok
            } else {
                Verdict::Warning
            };
            let mend = (warnings > 0).then_some("`fractary check` shows them");
            findings.push(Finding::new(
                "state files",
                verdict,
                format!(
                    "{} documents, {warnings} warnings",
                    crate::commands::check::documents(&loaded.state)
                ),
                mend,
            ));
            Some(loaded)
        }
        Err(error) => {
            findings.push(fail("state files", &error));
            None
        }
    }
}

fn examine_setup(loaded: &Loaded, findings: &mut Vec<Finding>) {
    let count = loaded
        .state
        .environments
        .as_ref()
        .map_or(0, |doc| doc.value.environments.len());
    findings.push(if count == 0 {
        Finding::new(
            "environments",
            Verdict::Failed,
            "none",
            Some("`fractary init --env test --env prod`"),
        )
    } else {
        Finding::new("environments", Verdict::Ok, count.to_string(), None)
    });
    let files = load::files(&loaded.repository, loaded.base.as_ref());
    let workflows = RepoPath::new(".github/workflows")
        .ok()
        .and_then(|folder| files.ok()?.list(&folder).ok());
    let scheduled = workflows
        .unwrap_or_default()
        .iter()
        .any(|path| path.file_name().ends_with("operations.yml"));
    findings.push(if scheduled {
        Finding::new(
            "scheduled workflow",
            Verdict::Ok,
            ".github/workflows/operations.yml",
            None,
        )
    } else {
        Finding::new(
            "scheduled workflow",
            Verdict::Warning,
            "no .github/workflows/operations.yml",
            Some("`fractary init` writes it"),
        )
    });
}

fn examine_environment(
    app: &App,
    loaded: &Loaded,
    name: &EnvironmentName,
    offline: bool,
    findings: &mut Vec<Finding>,
) -> Result<(), CommandError> {
    let environment = loaded.environment(name)?;
    let registered = loaded
        .state
        .registries
        .get(name)
        .map_or(0, |doc| doc.value.resources.len());
    findings.push(if registered == 0 {
        Finding::new(
            &format!("{name}: registry"),
            Verdict::Warning,
            "no resources",
            Some("`fractary adopt terraform.tfstate`, or `fractary adopt --tag key=value`"),
        )
    } else {
        Finding::new(
            &format!("{name}: registry"),
            Verdict::Ok,
            format!("{registered} resources"),
            None,
        )
    });
    let what = format!("{name}: AWS identity");
    if offline {
        findings.push(Finding::new(
            &what,
            Verdict::Unknown,
            "not asked (--offline)",
            None,
        ));
        return Ok(());
    }
    let identity = observe::wait_for(app, "asking who this is", async {
        let connection = connect::connect(app, loaded, &environment, Command::Doctor).await?;
        Ok::<_, CommandError>(connection.cloud.identity().await)
    });
    findings.push(match identity {
        Err(error) => Finding::new(&what, Verdict::Failed, error.lines().join("\n      "), None),
        Ok(Err(gap)) => Finding::new(
            &what,
            Verdict::Unknown,
            format!("{} {}: {}", gap.operation, gap.cause.words(), gap.message.terminal()),
            Some("`aws sts get-caller-identity` should answer with the same profile; in Actions, see docs/github-actions.md"),
        ),
        Ok(Ok(identity)) => match connect::account(loaded, &environment) {
            Some(wanted) if wanted != identity.account => Finding::new(
                &what,
                Verdict::Failed,
                format!("account {}, but the environment is in {wanted}", identity.account),
                Some("choose the right profile in .fractary/shared/aws-credentials.json"),
            ),
            Some(_) => Finding::new(&what, Verdict::Ok, format!("{} in account {}", identity.arn, identity.account), None),
            None => Finding::new(
                &what,
                Verdict::Warning,
                format!("{} in account {}, and environments.json names none", identity.arn, identity.account),
                Some("add `account_id`, so that a wrong profile is noticed"),
            ),
        },
    });
    Ok(())
}

fn text(findings: &[Finding]) -> String {
    let mut out = String::new();
    for finding in findings {
        let icon = match finding.verdict {
            Verdict::Ok => "✓",
            Verdict::Warning => "▲",
            Verdict::Failed => "✗",
            Verdict::Unknown => "?",
        };
        out.push_str(&format!("{icon} {}: {}\n", finding.what, finding.detail));
        if let Some(mend) = &finding.mend {
            out.push_str(&format!("    → {mend}\n"));
        }
    }
    out
}
