//! `infra run`: all stages one after the other, up to the first that fails or needs consent. The
//! next run goes on there, since what nothing has changed of is not done again.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::app::App;
use crate::app::infra::architect::{ArchitectRequest, architect};
use crate::app::infra::deploy::{self, DeployManner};
use crate::app::infra::engineer::{EngineerRequest, engineer};
use crate::app::infra::preview::InfraSession;
use crate::app::infra::{source, testing, validate, verify};
use crate::app::observe::environments::Only;
use crate::app::occasion::Occasion;
use crate::app::pass::Pass;
use crate::app::review;
use crate::app::workspace::landing::{Landed, Landing};
use crate::app::workspace::{Workspace, landing, open, push};
use crate::error::{CommandError, ErrorKind, ExitCode};
use crate::model::deployments::DeploymentOperation;
use crate::model::design::CodeReport;
use crate::model::ids::EnvironmentName;
use crate::model::infra_run::{InfraRunReport, InfraStage, RanStage, StageOutcome};
use crate::model::paths::RepoPath;
use crate::model::status::Status;
use crate::render::text;
use crate::text::Untrusted;
use crate::text::phrases::counted;
use crate::text::times;

/// What to walk through.
pub(crate) struct RunRequest<'a> {
    /// The design.
    pub(crate) architect: ArchitectRequest<'a>,
    /// The environment.
    pub(crate) environment: EnvironmentName,
    /// Consent on the command line.
    pub(crate) yes: bool,
    /// The last stage.
    pub(crate) to: InfraStage,
    /// How the design and the code land.
    pub(crate) landing: Landing,
}

/// What a stage came to, with the exit code where the walk ends there.
struct StageResult {
    outcome: StageOutcome,
    details: Vec<String>,
    code: ExitCode,
}

impl StageResult {
    fn done(details: Vec<String>) -> Self {
        Self {
            outcome: StageOutcome::Done,
            details,
            code: ExitCode::Ok,
        }
    }

    fn unchanged(detail: String) -> Self {
        Self {
            outcome: StageOutcome::Unchanged,
            ..Self::done(vec![detail])
        }
    }

    fn ended(outcome: StageOutcome, details: Vec<String>, code: ExitCode) -> Self {
        Self {
            outcome,
            details,
            code,
        }
    }
}

/// Walks through the stages.
pub(crate) fn run(
    app: &App,
    request: &RunRequest<'_>,
) -> Result<(InfraRunReport, ExitCode), CommandError> {
    let mut walk = StageWalk {
        app,
        request,
        design: None,
    };
    let mut report = InfraRunReport {
        version: "1.0.0",
        kind: "infra-run",
        environment: request.environment.clone(),
        design: String::new(),
        stages: Vec::new(),
    };
    let mut code = ExitCode::Ok;
    let mut goes_on = true;
    for stage in InfraStage::ALL {
        if !goes_on || stage > request.to {
            report.stages.push(RanStage {
                stage,
                outcome: StageOutcome::NotReached,
                details: Vec::new(),
            });
            continue;
        }
        let result = match walk.stage(stage) {
            Ok(result) => result,
            Err(error) => failed(&error),
        };
        goes_on = result.outcome.goes_on();
        code = result.code;
        let details = result.details.into_iter().map(Untrusted::new);
        let ran = RanStage {
            stage,
            outcome: result.outcome,
            details: details.collect(),
        };
        app.ui.lines(&text::stage(&ran));
        report.stages.push(ran);
    }
    if let Some(design) = walk.design {
        report.design = design.to_string();
    }
    Ok((report, code))
}

fn failed(error: &CommandError) -> StageResult {
    let outcome = match error.kind {
        ErrorKind::Refused => StageOutcome::Refused,
        ErrorKind::Unknown => StageOutcome::Unknown,
        _ => StageOutcome::Failed,
    };
    StageResult::ended(outcome, error.lines(), error.kind.exit_code())
}

/// Where a walk is.
struct StageWalk<'a> {
    app: &'a App,
    request: &'a RunRequest<'a>,
    design: Option<RepoPath>,
}

impl StageWalk<'_> {
    fn stage(&mut self, stage: InfraStage) -> Result<StageResult, CommandError> {
        match stage {
            InfraStage::Architect => self.architect(),
            InfraStage::Engineer => self.engineer(),
            InfraStage::Validate => self.validate(),
            InfraStage::Test => self.test(),
            InfraStage::Preview => self.preview(),
            InfraStage::Deploy => self.deploy(),
            InfraStage::Verify => self.verify(),
        }
    }

    fn architect(&mut self) -> Result<StageResult, CommandError> {
        let landing = self.request.landing;
        let workspace = open::load_to_land(self.app, landing)?;
        let (workspace, designed, landed) =
            architect(self.app, workspace, &self.request.architect, landing)?;
        self.design = Some(designed.path.clone());
        let path = designed.path.to_string();
        if !designed.conflicts.is_empty() {
            let text = format!(
                "{path}: the document is edited where it would change; `fractary infra architect --design {path}` shows both sides"
            );
            return Ok(StageResult::ended(
                StageOutcome::Failed,
                vec![text],
                ExitCode::Found,
            ));
        }
        let questions = designed.report.questions.len();
        let mut details = vec![path];
        if questions > 0 {
            details.push(format!(
                "{}, which the design lists",
                counted(questions as u64, "open question")
            ));
        }
        self.landed(&workspace, landed, details)
    }

    fn engineer(&mut self) -> Result<StageResult, CommandError> {
        let landing = self.request.landing;
        let workspace = open::load_to_land(self.app, landing)?;
        let design = self.design.clone();
        let design = design.ok_or_else(|| CommandError::usage("there is no design"))?;
        let request = EngineerRequest {
            design: &design,
            overwrite: &[],
        };
        let (workspace, report, landed) = engineer(self.app, workspace, &request, landing)?;
        let open = report
            .files
            .iter()
            .filter(|one| one.outcome.needs_decision());
        let open: Vec<String> = open
            .map(|one| format!("{}: {}", one.path, one.outcome.words()))
            .collect();
        if !open.is_empty() {
            return Ok(StageResult::ended(
                StageOutcome::Failed,
                open,
                ExitCode::Found,
            ));
        }
        let files = counted(report.files.len() as u64, "file");
        self.landed(&workspace, landed, vec![files])
    }

    /// What a stage came to that writes files.
    fn landed(
        &self,
        workspace: &Workspace,
        landed: Landed,
        mut details: Vec<String>,
    ) -> Result<StageResult, CommandError> {
        let (landed, pushed) = push::push_landed(self.app, &workspace.repository, landed);
        pushed?;
        landing::report(self.app, &landed);
        Ok(match landed {
            Landed::Nothing | Landed::Looked => StageResult {
                outcome: StageOutcome::Unchanged,
                ..StageResult::done(details)
            },
            Landed::Commit(commit) => {
                details.push(format!("committed {}", commit.short()));
                StageResult::done(details)
            }
            Landed::Files(_) | Landed::Diff(_) => StageResult::done(details),
        })
    }

    fn session(&self) -> Result<(Workspace, InfraSession), CommandError> {
        let workspace = open::load_to_look(self.app, Landing::Nothing)?;
        let session = InfraSession::open(self.app, &workspace, None)?;
        Ok((workspace, session))
    }

    fn validate(&self) -> Result<StageResult, CommandError> {
        let (workspace, session) = self.session()?;
        self.once(InfraStage::Validate, (&workspace, &session), || {
            validate::validate(self.app, &workspace)
        })
    }

    fn test(&self) -> Result<StageResult, CommandError> {
        let (workspace, session) = self.session()?;
        if !session.view.addresses.is_empty() {
            // What is deployed may have changed without anything here having changed.
            return Ok(checked(&testing::test(self.app, workspace, &session)?));
        }
        let again = workspace.repository.clone();
        let again = crate::app::workspace::load::load_from(&self.app.ui, again)?;
        self.once(InfraStage::Test, (&workspace, &session), || {
            testing::test(self.app, again, &session)
        })
    }

    /// Checks, unless the same was checked on the same before, and passed.
    fn once(
        &self,
        stage: InfraStage,
        (workspace, session): (&Workspace, &InfraSession),
        check: impl FnOnce() -> Result<CodeReport, CommandError>,
    ) -> Result<StageResult, CommandError> {
        let basis = basis(workspace, session)?;
        let name = session.target.name();
        let mut passed = session.folder.passed(name)?;
        if passed.get(stage.word()) == Some(&basis) {
            let text = "it passed, and nothing has changed since";
            return Ok(StageResult::unchanged(text.to_owned()));
        }
        let result = checked(&check()?);
        match result.outcome {
            StageOutcome::Done => passed.insert(stage.word().to_owned(), basis),
            _ => passed.remove(stage.word()),
        };
        session.folder.keep_passed(name, &passed)?;
        Ok(result)
    }

    fn preview(&self) -> Result<StageResult, CommandError> {
        let (workspace, session) = self.session()?;
        let operation = DeploymentOperation::Deploy;
        if let Ok(Some(kept)) = session.kept(self.app, &workspace, operation) {
            let plan = &kept.preview.plan;
            let text = format!("the plan of {} is still good", times::time(plan.made_at));
            return Ok(StageResult::unchanged(text));
        }
        let ready = session.plan(self.app, &workspace, operation)?;
        review::mask(self.app, &ready.secrets);
        if self.request.to == InfraStage::Preview {
            let shown = text::preview(&ready.preview, &self.app.ui.style());
            let lines: Vec<String> = shown.lines().map(str::to_owned).collect();
            self.app.ui.lines(&lines);
        }
        let plans = ready.preview.review.plans.iter();
        Ok(StageResult::done(
            plans.map(|one| one.summary.clone()).collect(),
        ))
    }

    fn deploy(&self) -> Result<StageResult, CommandError> {
        let manner = DeployManner {
            operation: DeploymentOperation::Deploy,
            directory: None,
            yes: self.request.yes,
            emptied: false,
            propose: false,
        };
        let report = deploy::deploy(self.app, manner)?;
        let code = deploy::exit_code(&report);
        let id = report.id.clone().unwrap_or_default();
        Ok(match report.status.as_str() {
            "unchanged" => StageResult::unchanged("everything is as configured".to_owned()),
            "success" => StageResult::done(vec![format!(
                "{id}: {}",
                counted(report.outcome.done.len() as u64, "change")
            )]),
            other => {
                let errors = report.outcome.errors.iter().map(|one| one.raw().to_owned());
                let mut details = vec![format!("{id}: {other}")];
                details.extend(errors);
                StageResult::ended(StageOutcome::Failed, details, code)
            }
        })
    }

    fn verify(&self) -> Result<StageResult, CommandError> {
        let (workspace, session) = self.session()?;
        let mismatches = verify::mismatches(&workspace, &session);
        let names = [session.target.name().clone()];
        let pass = Pass {
            names: &names,
            only: Only::Everything,
            occasion: Occasion::Look,
            landing: Landing::Nothing,
        };
        let (_, decision, _) = pass.observe_and_land(self.app, workspace)?;
        if !mismatches.is_empty() {
            return Ok(StageResult::ended(
                StageOutcome::Failed,
                mismatches,
                ExitCode::Found,
            ));
        }
        let worst = decision.worst();
        let details = vec![format!("health is {}", worst.word())];
        Ok(match worst {
            Status::Healthy => StageResult::done(details),
            Status::Unknown => {
                StageResult::ended(StageOutcome::Unknown, details, ExitCode::Unknown)
            }
            Status::Degraded | Status::Unhealthy => {
                StageResult::ended(StageOutcome::Failed, details, ExitCode::Found)
            }
        })
    }
}

/// A report of checks as a stage: what passed is not repeated.
fn checked(report: &CodeReport) -> StageResult {
    use crate::model::design::CodeOutcome;
    let open = report
        .steps
        .iter()
        .filter(|step| step.outcome != CodeOutcome::Passed);
    let lines = open.flat_map(|step| {
        let word = match step.outcome {
            CodeOutcome::NotRun => "not run",
            _ => "failed",
        };
        let first = format!("{}: {word}", step.name);
        let details = step.details.iter().map(|one| format!("  {}", one.raw()));
        std::iter::once(first).chain(details)
    });
    let lines: Vec<String> = lines.collect();
    match (report.has_failed(), report.is_partial()) {
        (true, _) => StageResult::ended(StageOutcome::Failed, lines, ExitCode::Found),
        // What the code lacks is found by planning it as well.
        (false, true) if report.kind == "validate" => StageResult::done(lines),
        (false, true) => StageResult::ended(StageOutcome::Unknown, lines, ExitCode::Unknown),
        (false, false) => {
            let steps = counted(report.steps.len() as u64, "check");
            StageResult::done(vec![format!("{steps} passed")])
        }
    }
}

/// What the checks depend on, as one hash: the code, the trusted rules, the state, the tools.
fn basis(workspace: &Workspace, session: &InfraSession) -> Result<String, CommandError> {
    let repository = &workspace.repository;
    let head = repository.head()?.commit;
    let rules = RepoPath::new(".fractary").map_err(CommandError::bug)?;
    let rules = match &head {
        Some(commit) => repository.tree_id(commit, Some(&rules))?,
        None => None,
    };
    let devops = workspace.state.devops.as_ref().map(|one| &one.value);
    let parts = BTreeMap::from([
        ("version", serde_json::json!(env!("CARGO_PKG_VERSION"))),
        ("source", source::hash(&session.target.folder)?.into()),
        ("rules", serde_json::json!(rules)),
        ("devops", serde_json::json!(devops)),
        ("tool", serde_json::json!(session.runner.tool())),
        ("serial", serde_json::json!(session.view.serial)),
        ("lineage", serde_json::json!(session.view.lineage)),
    ]);
    let text = serde_json::to_vec(&parts).map_err(CommandError::bug)?;
    Ok(hex::encode(Sha256::digest(text)))
}
