//! Reviewing a change: the base branch is trusted, the head is data. Everything of the head is
//! read as git objects; nothing of it is checked out or run, and AWS is asked nothing.

mod changed;
mod changed_rules;
mod comment;
pub(crate) mod plans;
mod publish;
pub(crate) mod sources;
mod state;
pub(crate) mod trusted;
mod uncommitted;
mod undone;

use std::collections::{BTreeMap, BTreeSet};

use crate::app::App;
use crate::app::review::changed::ChangedLines;
use crate::app::review::plans::PlanArgument;
use crate::app::review::sources::TerraformSources;
use crate::app::review::trusted::TrustedBase;
use crate::app::review::undone::BaseHistory;
use crate::core::review;
use crate::core::review::{Circumstances, Conclusion, PlanExamination};
use crate::error::CommandError;
use crate::git::Repository;
use crate::hcl::files::decides_plans;
use crate::model::helm::ReviewSettings;
use crate::model::ids::{CommitId, EnvironmentName};
use crate::model::review::Review;
use crate::text::Untrusted;

pub(crate) use comment::post;
pub(crate) use publish::{mask, publish};

/// What to review.
#[derive(Debug)]
pub(crate) struct ReviewRequest<'a> {
    /// The plans.
    pub(crate) plans: &'a [PlanArgument],
    /// The branch that the change goes to, where it is named.
    pub(crate) base: Option<&'a str>,
    /// The commit under review.
    pub(crate) head: &'a str,
    /// Whether anybody may have made the plans.
    pub(crate) is_untrusted: bool,
}

/// A review, and what must not be printed in whatever form.
pub(crate) struct Reviewed {
    pub(crate) review: Review,
    /// Values for the runner to mask.
    pub(crate) secrets: BTreeSet<String>,
    /// `[review]` of helm.toml on the base branch.
    pub(crate) settings: ReviewSettings,
}

/// The commits that a review is about.
struct Commits {
    base: CommitId,
    head: CommitId,
    /// Where the branch began; `None` where history does not say.
    fork: Option<CommitId>,
}

/// Reviews a change.
pub(crate) fn review(app: &App, request: &ReviewRequest<'_>) -> Result<Reviewed, CommandError> {
    refuse_two_plans(request.plans)?;
    let repository = Repository::discover(&app.global.repo)?;
    let commits = find_commits(app, &repository, request)?;
    let base = TrustedBase::read(&repository, &commits.base)?;
    let environment = base.choose_environment(app)?;
    let (checks, issues) = (base.checks(), base.issues());
    let around = base.circumstances(environment.as_ref(), &checks, &issues, app.clock.now());
    let sources = TerraformSources::read(&repository, &commits.head)?;
    let mut findings = review::state_findings(&state::faults(&repository, &commits)?);
    findings.extend(not_planned(&repository, &commits, &sources, request)?);
    review::accept(&mut findings, around.accepted);
    let history = BaseHistory::new(&repository, &commits);
    let mut not_looked_at = base.gaps.clone();
    not_looked_at.extend(sources.faults.iter().cloned());
    not_looked_at.extend(history.gap());
    if request.head == "HEAD" {
        not_looked_at.extend(uncommitted::gap(&repository, &commits.head)?);
    }
    if commits.base == commits.head {
        let text = "the change: base and head are the same commit";
        not_looked_at.push(text.into());
    }
    not_looked_at.extend(never_looked_at(environment.as_ref()));
    let head = ChangeUnderReview {
        repository: &repository,
        commits: &commits,
        sources: &sources,
        history,
    };
    let (plans, secrets) = head.examine(request, environment.as_ref(), around)?;
    let mut review = review::conclude(Conclusion {
        environment,
        base: Some(commits.base.clone()),
        head: Some(commits.head.clone()),
        plans,
        findings,
        not_looked_at,
    });
    // What is secret in one plan is secret in all that is said.
    let masker = review::mask::Masker::new(secrets.clone());
    review.map_texts(&|text: &mut Untrusted| masker.hide_in(text));
    Ok(Reviewed {
        review,
        secrets,
        settings: base.settings,
    })
}

/// What is under review.
struct ChangeUnderReview<'a> {
    repository: &'a Repository,
    commits: &'a Commits,
    sources: &'a TerraformSources,
    history: BaseHistory<'a>,
}

impl ChangeUnderReview<'_> {
    /// Examines the plans, and collects what is secret in them.
    fn examine(
        &self,
        request: &ReviewRequest<'_>,
        environment: Option<&EnvironmentName>,
        around: Circumstances<'_>,
    ) -> Result<(Vec<PlanExamination>, BTreeSet<String>), CommandError> {
        let changed = ChangedLines::new(self.repository, self.commits);
        let mut secrets = BTreeSet::new();
        let mut examined = Vec::new();
        for argument in request.plans {
            let given = plans::Given {
                argument,
                environment,
                is_untrusted: request.is_untrusted,
                head: &self.commits.head,
                sources: self.sources,
            };
            let mut one =
                plans::examine(self.repository, &given, around, &self.history, &mut secrets)?;
            for finding in &mut one.findings {
                let place = || {
                    let subject = finding.subject.raw();
                    let block = self.sources.place(&argument.directory, subject)?;
                    Some(changed.place(block))
                };
                finding.place = finding.place.take().or_else(place);
            }
            examined.push(one);
        }
        Ok((examined, secrets))
    }
}

/// What no review by this version examines.
fn never_looked_at(environment: Option<&EnvironmentName>) -> Vec<Untrusted> {
    let mut out: Vec<Untrusted> = vec![
        "AWS: what is deployed there now was not asked".into(),
        "settings of the whole account: taken as not there where no plan makes them".into(),
    ];
    if environment.is_none() {
        let text = "whether the plans are for the right environment: name it with `--env`";
        out.push(text.into());
    }
    out
}

/// Of two plans of a directory, nobody can say which is applied.
fn refuse_two_plans(plans: &[PlanArgument]) -> Result<(), CommandError> {
    let mut seen = BTreeSet::new();
    let twice = plans.iter().find(|one| !seen.insert(&one.directory));
    twice.map_or(Ok(()), |twice| {
        let error = CommandError::usage(format!("`{}` has two plans", twice.directory));
        Err(error.hint("give one `--plan` for each directory"))
    })
}

fn find_commits(
    app: &App,
    repository: &Repository,
    request: &ReviewRequest<'_>,
) -> Result<Commits, CommandError> {
    if request.head == "HEAD" && repository.head()?.commit.is_none() {
        let error = CommandError::usage("there is no commit here yet, so nothing can be reviewed");
        return Err(error.hint("commit the change to a branch of its own, then run this again"));
    }
    let head = repository.resolve(request.head)?;
    let base = match request.base {
        Some(name) => repository.resolve(name)?,
        None => find_base(app, repository, &head)?,
    };
    let fork = repository.merge_base(&base, &head)?;
    Ok(Commits { base, head, fork })
}

/// The branch that a pull request goes to, else the default branch of `origin`, else `main`
/// or `master`.
fn find_base(
    app: &App,
    repository: &Repository,
    head: &CommitId,
) -> Result<CommitId, CommandError> {
    let target = app.environment.github_base_ref.as_deref();
    let named = target.map(|name| format!("refs/remotes/origin/{name}"));
    if let Some(name) = &named {
        return repository.resolve(name).map_err(|error| {
            CommandError::from(error).hint(
                "check out with `fetch-depth: 0`, or fetch the branch that the pull request goes to",
            )
        });
    }
    let names = [
        "refs/remotes/origin/HEAD",
        "refs/heads/main",
        "refs/heads/master",
    ];
    let found = names.iter().find_map(|name| repository.resolve(name).ok());
    match found {
        Some(base) if base == *head => {
            let error = CommandError::usage("the default branch is under review itself");
            Err(error.hint("check out the branch of the change, or name another one: `--base REF`"))
        }
        Some(base) => Ok(base),
        None => {
            let error = CommandError::usage("there is no branch to compare with");
            Err(error.hint("name the branch that the change goes to: `--base REF`"))
        }
    }
}

/// Directories whose Terraform changes, and that no plan was given for.
fn not_planned(
    repository: &Repository,
    commits: &Commits,
    sources: &TerraformSources,
    request: &ReviewRequest<'_>,
) -> Result<Vec<crate::model::review::ReviewFinding>, CommandError> {
    let from = commits.fork.as_ref().unwrap_or(&commits.base);
    let changed = repository.differing_paths(Some(from), &commits.head)?;
    let changed: BTreeSet<String> = changed
        .iter()
        .filter(|one| decides_plans(&one.path))
        .map(|one| sources::directory_of(&one.path))
        .collect();
    let planned: BTreeSet<String> = request
        .plans
        .iter()
        .map(|one| one.directory.clone())
        .collect();
    let roots = sources.roots(&planned);
    let mut findings = review::directories_not_planned(&roots, &changed, &planned);
    let is_gone = |name: &str| {
        changed.contains(name) && !planned.contains(name) && !sources.has_directory(name)
    };
    if changed.iter().any(|name| is_gone(name)) {
        let mut before = TerraformSources::read(repository, from)?.roots(&planned);
        before.retain(|root| is_gone(root.directory.raw()));
        findings.extend(review::directories_removed(&before));
    }
    Ok(findings)
}

/// Configuration addresses by the commit of the base branch that would be undone.
type Gained = BTreeMap<String, review::UndoneCommit>;
