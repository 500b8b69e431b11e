//! Planning, and showing what a plan does: with the eyes of `fractary review`.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::App;
use crate::app::infra::folder::{self, InfraFolder, KeptBytes};
use crate::app::infra::source;
use crate::app::infra::target::InfraTarget;
use crate::app::infra::tool::{self, ToolRunner};
use crate::app::review::sources::TerraformSources;
use crate::app::review::trusted::TrustedBase;
use crate::app::workspace::Workspace;
use crate::catalog::stateful::Stateful;
use crate::core::infra::consented;
use crate::core::infra::kept::{self, KeptPlan, PlanBasis, StalePlan};
use crate::core::infra::outcome::StateView;
use crate::core::infra::teardown;
use crate::core::review::mask::Masker;
use crate::core::review::{self, Conclusion, PlanOrigin, PlanUnderReview};
use crate::error::{CommandError, ErrorKind};
use crate::git::Repository;
use crate::iac::plan;
use crate::model::deployments::{DeploymentOperation, PlannedStep};
use crate::model::ids::CommitId;
use crate::model::paths::RepoPath;
use crate::model::plan::{PlanAction, PlanCounts, TerraformPlan};
use crate::model::preview::{PlanIdentity, Preview};
use crate::model::review::{Review, SourcePlace};
use crate::model::teardown::TeardownOutlook;
use crate::text::Untrusted;

/// An environment that is about to be planned or deployed: prepared, and with its state read.
pub(crate) struct InfraSession {
    /// What is kept in this clone.
    pub(crate) folder: InfraFolder,
    /// What is deployed where.
    pub(crate) target: InfraTarget,
    /// The tool.
    pub(crate) runner: ToolRunner,
    /// The state, as `state pull` prints it.
    pub(crate) state: Vec<u8>,
    /// What it says of itself.
    pub(crate) view: StateView,
}

/// A plan that can be shown and applied.
pub(crate) struct ReadyBytes {
    /// The plan with what it was made from.
    pub(crate) kept: KeptBytes,
    /// What it does.
    pub(crate) preview: Preview,
    /// What it changes, by address.
    pub(crate) steps: Vec<PlannedStep>,
    /// Values that nobody may see.
    pub(crate) secrets: BTreeSet<String>,
}

impl InfraSession {
    /// Prepares the directory, and reads the state.
    pub(crate) fn open(
        app: &App,
        workspace: &Workspace,
        directory: Option<&str>,
    ) -> Result<Self, CommandError> {
        if app.global.replay.is_some() {
            return Err(CommandError::usage(
                "a recording holds no plans, so `--replay` is not possible here",
            ));
        }
        let target = InfraTarget::read(app, workspace, directory)?;
        let folder = InfraFolder::open(&workspace.repository)?;
        let mut runner = ToolRunner::open(app, &target)?;
        runner.know(workspace);
        runner.init(app, &target)?;
        let state = runner.state(app)?;
        let view = tool::state_view(&state)?;
        Ok(Self {
            folder,
            target,
            runner,
            state,
            view,
        })
    }

    /// Reads the state again.
    pub(crate) fn refresh(&mut self, app: &App) -> Result<(), CommandError> {
        self.state = self.runner.state(app)?;
        self.view = tool::state_view(&self.state)?;
        Ok(())
    }

    /// Returns what a plan would be made from now.
    pub(crate) fn basis(&self, workspace: &Workspace) -> Result<PlanBasis, CommandError> {
        let repository = &workspace.repository;
        let commit = repository.head()?.commit;
        let path = match self.target.directory.as_str() {
            "." => None,
            path => Some(RepoPath::new(path).map_err(CommandError::bug)?),
        };
        // The tree of the whole repository changes with every commit of the state.
        let tree = match (&commit, &path) {
            (Some(commit), Some(path)) => repository.tree_id(commit, Some(path))?,
            _ => None,
        };
        Ok(PlanBasis {
            directory: self.target.directory.clone(),
            commit: commit.map(|one| one.to_string()),
            tree,
            source_sha256: source::hash(&self.target.folder)?,
            tool: self.runner.tool(),
            serial: self.view.serial,
            lineage: self.view.lineage.clone(),
        })
    }

    /// Plans anew, and keeps the plan in place of the one before.
    pub(crate) fn plan(
        &self,
        app: &App,
        workspace: &Workspace,
        operation: DeploymentOperation,
    ) -> Result<ReadyBytes, CommandError> {
        let made = self.planned(app, workspace, operation)?;
        self.folder.keep(&made.kept, &made.bytes)?;
        self.read(app, workspace, made)
    }

    /// Plans anew and keeps nothing: what was not shown in full must not be applied.
    pub(crate) fn plan_to_look(
        &self,
        app: &App,
        workspace: &Workspace,
    ) -> Result<ReadyBytes, CommandError> {
        let made = self.planned(app, workspace, DeploymentOperation::Deploy)?;
        self.read(app, workspace, made)
    }

    fn planned(
        &self,
        app: &App,
        workspace: &Workspace,
        operation: DeploymentOperation,
    ) -> Result<KeptBytes, CommandError> {
        let name = self.target.name();
        let file = self.folder.new_plan(name)?;
        let options: &[&str] = match operation {
            DeploymentOperation::Deploy => &[],
            DeploymentOperation::Teardown => &["-destroy"],
        };
        self.runner.plan(app, &self.target, options, &file)?;
        let bytes = folder::read(&file)?.ok_or_else(|| {
            CommandError::usage(format!(
                "`{}` planned, and wrote no plan",
                self.runner.program_name()
            ))
        })?;
        let kept = KeptPlan {
            version: 1,
            operation,
            environment: name.clone(),
            basis: self.basis(workspace)?,
            plan_sha256: folder::sha256(&bytes),
            made_at: app.clock.now(),
        };
        // The bytes that were read are the plan; it must not be there twice.
        self.folder.new_plan(name)?;
        Ok(KeptBytes { kept, bytes })
    }

    /// Returns the plan that was shown before, where there is one and it is still good.
    pub(crate) fn kept(
        &self,
        app: &App,
        workspace: &Workspace,
        operation: DeploymentOperation,
    ) -> Result<Option<ReadyBytes>, CommandError> {
        let name = self.target.name();
        let Some(kept) = self.folder.kept(name)? else {
            return Ok(None);
        };
        let now = self.basis(workspace)?;
        kept::check(&kept.kept, &now, operation, &kept.sha256(), app.clock.now())
            .map_err(|stale| self.refused(&stale, operation))?;
        self.read(app, workspace, kept).map(Some)
    }

    /// Says why what was shown is not applied.
    fn refused(&self, stale: &StalePlan, operation: DeploymentOperation) -> CommandError {
        let name = self.target.name();
        let command = match operation {
            DeploymentOperation::Deploy => "preview",
            DeploymentOperation::Teardown => "teardown --dry-run",
        };
        CommandError::say(ErrorKind::Refused, format!("{stale}; nothing was changed")).hint(
            format!("plan again, and look at it: `fractary infra {command} --env {name}`"),
        )
    }

    /// Reads what a plan does. The tool shows the very bytes that will be applied.
    fn read(
        &self,
        app: &App,
        workspace: &Workspace,
        kept: KeptBytes,
    ) -> Result<ReadyBytes, CommandError> {
        let copy = self.folder.copy(self.target.name(), &kept.bytes)?;
        let shown = self.runner.show(app, &copy);
        self.folder.remove_copy(self.target.name())?;
        let shown = shown?;
        let text = plan::decode(&shown).map_err(|error| unreadable(&error))?;
        let read = plan::read(&text).map_err(|error| unreadable(&error))?;
        let repository = &workspace.repository;
        let commit = repository.head()?.commit.ok_or_else(|| {
            CommandError::usage("there is no commit yet: what is deployed must be committed first")
        })?;
        let secrets = read.secrets.clone();
        let counts = PlanCounts::new(&read);
        let mut review = self.examine(app, repository, &commit, &read)?;
        let masker = Masker::new(secrets.clone());
        review.map_texts(&|text: &mut Untrusted| masker.hide_in(text));
        let preview = Preview {
            version: "1.0.0".to_owned(),
            kind: "preview".to_owned(),
            operation: kept.kept.operation,
            environment: self.target.name().clone(),
            changes: !counts.is_empty() || changes_outputs(&read),
            plan: identity(&kept.kept),
            teardown: self.outlook(&kept.kept, &read, &masker),
            review,
        };
        Ok(ReadyBytes {
            kept,
            preview,
            steps: consented::steps(&read),
            secrets,
        })
    }

    /// What a teardown would destroy; `None` of a deployment.
    fn outlook(
        &self,
        kept: &KeptPlan,
        read: &TerraformPlan<'_>,
        masker: &Masker,
    ) -> Option<TeardownOutlook> {
        if kept.operation != DeploymentOperation::Teardown {
            return None;
        }
        let mut outlook = teardown::outlook(read, &Stateful::built_in());
        let lists = [
            &mut outlook.losses,
            &mut outlook.obstacles,
            &mut outlook.doubts,
            &mut outlook.survivors,
        ];
        for note in lists.into_iter().flatten() {
            masker.hide_in(&mut note.address);
        }
        Some(outlook)
    }

    /// Examines a plan as a review does.
    fn examine(
        &self,
        app: &App,
        repository: &Repository,
        commit: &CommitId,
        read: &TerraformPlan<'_>,
    ) -> Result<Review, CommandError> {
        let base = TrustedBase::read(repository, commit)?;
        let sources = TerraformSources::read(repository, commit)?;
        let (checks, issues) = (base.checks(), base.issues());
        let directory = &self.target.directory;
        let name = Some(self.target.name());
        let mut around = base.circumstances(name, &checks, &issues, app.clock.now());
        // With the account of all environments, and the stricter protection.
        around.environment = Some(&self.target.environment);
        around.is_protected = self.target.is_protected;
        let given = PlanUnderReview {
            directory: directory.as_str().into(),
            file: "the plan".into(),
            plan: Ok(read),
            origin: PlanOrigin::SameSource,
            gained: &BTreeMap::new(),
            locals: &sources.locals(directory),
        };
        let mut examined = review::examine(&given, around);
        for finding in &mut examined.findings {
            let place = || {
                let block = sources.place(directory, finding.subject.raw())?;
                Some(SourcePlace {
                    line: *block.lines.start(),
                    file: block.file,
                    changed: false,
                })
            };
            finding.place = finding.place.take().or_else(place);
        }
        Ok(review::conclude(Conclusion {
            environment: name.cloned(),
            base: None,
            head: Some(commit.clone()),
            plans: vec![examined],
            findings: Vec::new(),
            not_looked_at: base.gaps.clone(),
        }))
    }
}

/// A plan lists every output, changed or not.
fn changes_outputs(plan: &TerraformPlan<'_>) -> bool {
    let mut outputs = plan.outputs.iter();
    outputs.any(|one| one.action != PlanAction::NoOp)
}

fn identity(kept: &KeptPlan) -> PlanIdentity {
    let basis = &kept.basis;
    PlanIdentity {
        sha256: kept.plan_sha256.clone(),
        made_at: kept.made_at,
        directory: basis.directory.clone(),
        commit: basis.commit.clone(),
        tree: basis.tree.clone(),
        tool: basis.tool.clone(),
        serial: basis.serial,
        lineage: basis.lineage.clone(),
    }
}

fn unreadable(error: &crate::iac::IacError) -> CommandError {
    CommandError::say(
        ErrorKind::Refused,
        format!("the plan could not be read, so nothing is known of what it does: {error}"),
    )
}
