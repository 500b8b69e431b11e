//! Reviewing a change: the base branch is trusted, the head is data. Everything of the head is
//! read as git objects; nothing of it is checked out or run, and AWS is asked nothing.

mod comment;
pub(crate) mod plans;
mod publish;
mod sources;
mod state;
mod undone;

use std::collections::{BTreeMap, BTreeSet};

use crate::app::App;
use crate::app::review::plans::PlanArgument;
use crate::app::review::sources::TerraformSources;
use crate::app::review::undone::BaseHistory;
use crate::catalog::checks::Check;
use crate::catalog::registry::Registry;
use crate::catalog::stateful::Stateful;
use crate::core::review;
use crate::core::review::{Circumstances, Conclusion, Surroundings};
use crate::error::{CommandError, ErrorKind};
use crate::git::Repository;
use crate::model::environments::Environment;
use crate::model::ids::{CommitId, EnvironmentName};
use crate::model::issue::Issue;
use crate::model::review::{Review, ReviewVerdict};
use crate::state::State;
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
    let repository = Repository::discover(&app.global.repo)?;
    let commits = find_commits(app, &repository, request)?;
    let mut not_looked_at = Vec::new();
    let trusted = trusted_state(&repository, &commits.base, &mut not_looked_at)?;
    let environments = environments_of(&trusted);
    let environment = choose_environment(app, &trusted, &environments)?;
    let is_chosen = |one: &&Environment| Some(&one.name) == environment.as_ref();
    let named = environments.iter().find(is_chosen);
    let stateful = Stateful::built_in();
    let checks = built_in_checks()?;
    let checks: Vec<&Check> = checks.iter().collect();
    let around = Circumstances {
        environment: named,
        environments: &environments,
        is_protected: named.is_some_and(|one| one.is_critical() || one.requires_confirmation),
        stateful: &stateful,
        checks: &checks,
        unknown: ReviewVerdict::Warn,
    };
    let sources = TerraformSources::read(&repository, &commits.head)?;
    let history = BaseHistory::new(&repository, &commits);
    let mut findings = review::state_findings(&state::faults(&repository, &commits)?);
    findings.extend(not_planned(&repository, &commits, &sources, request)?);
    let mut secrets = BTreeSet::new();
    let mut examined = Vec::new();
    for argument in request.plans {
        let given = plans::Given {
            argument,
            environment: environment.as_ref(),
            is_untrusted: request.is_untrusted,
            head: &commits.head,
        };
        let mut one = plans::examine(&repository, &given, around, &history, &mut secrets)?;
        for finding in &mut one.findings {
            let place = || sources.place(&argument.directory, finding.subject.raw());
            finding.place = finding.place.take().or_else(place);
        }
        findings.extend(of_operations(&one.plan, environment.as_ref(), &trusted));
        examined.push(one);
    }
    not_looked_at.extend(sources.faults.iter().cloned());
    not_looked_at.extend(history.gap());
    not_looked_at.extend(never_looked_at(environment.as_ref()));
    let mut review = review::conclude(Conclusion {
        environment,
        base: Some(commits.base),
        head: Some(commits.head),
        plans: examined,
        findings,
        suppressed: Vec::new(),
        not_looked_at,
    });
    // What is secret in one plan is secret in all that is said.
    let masker = review::mask::Masker::new(secrets.clone());
    review.map_texts(&|text: &mut Untrusted| masker.hide_in(text));
    Ok(Reviewed { review, secrets })
}

fn environments_of(trusted: &State) -> Vec<Environment> {
    let document = trusted.environments.iter();
    let all = document.flat_map(|document| document.value.environments.values());
    all.cloned().collect()
}

/// What no review by this version examines.
fn never_looked_at(environment: Option<&EnvironmentName>) -> Vec<Untrusted> {
    let mut out: Vec<Untrusted> = vec![
        "AWS: what is deployed there now was not asked".into(),
        "settings of the whole account: taken as not there where no plan makes them".into(),
        "cost: what the change costs is not calculated".into(),
    ];
    if environment.is_none() {
        let text = "whether the plans are for the right environment: name it with `--env`";
        out.push(text.into());
    }
    out
}

fn built_in_checks() -> Result<Registry<Check>, CommandError> {
    Registry::load(&[]).map_err(|faults| {
        let shown: Vec<String> = faults.iter().map(ToString::to_string).collect();
        CommandError::say(ErrorKind::Bug, shown.join("; "))
    })
}

/// The state of the base branch. One that is not valid says nothing, and that is said.
fn trusted_state(
    repository: &Repository,
    base: &CommitId,
    not_looked_at: &mut Vec<Untrusted>,
) -> Result<State, CommandError> {
    let files = repository.raw_files_at(Some(base))?;
    Ok(crate::state::load_present(&files).unwrap_or_else(|_| {
        not_looked_at.push(
            "environments, registry and issues: the state of the base branch is not valid (`fractary check`)".into(),
        );
        State::default()
    }))
}

fn find_commits(
    app: &App,
    repository: &Repository,
    request: &ReviewRequest<'_>,
) -> Result<Commits, CommandError> {
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
    found.filter(|base| base != head).ok_or_else(|| {
        CommandError::usage("there is no branch to compare with")
            .hint("name the branch that the change goes to: `fractary review --base main`")
    })
}

fn choose_environment(
    app: &App,
    trusted: &State,
    environments: &[Environment],
) -> Result<Option<EnvironmentName>, CommandError> {
    let given = match app.global.env.as_slice() {
        [] => trusted
            .environments
            .as_ref()
            .and_then(|document| document.value.default.clone()),
        [one] => Some(one.clone()),
        _ => {
            return Err(CommandError::usage("a review is for one environment")
                .hint("run it once for each: `--env prod`, `--env test`"));
        }
    };
    match &given {
        Some(name)
            if !environments.is_empty() && environments.iter().all(|one| one.name != *name) =>
        {
            let names: Vec<&str> = environments.iter().map(|one| one.name.as_str()).collect();
            Err(CommandError::usage(format!(
                "there is no environment `{name}` on the base branch"
            ))
            .hint(format!("available environments: {}", names.join(", "))))
        }
        _ => Ok(given),
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
    let is_terraform = |path: &str| {
        [
            ".tf",
            ".tf.json",
            ".tfvars",
            ".tfvars.json",
            ".terraform.lock.hcl",
        ]
        .iter()
        .any(|end| path.ends_with(end))
    };
    let changed = repository.differing_paths(Some(from), &commits.head)?;
    let changed: BTreeSet<String> = changed
        .iter()
        .filter(|one| is_terraform(&one.path))
        .map(|one| sources::directory_of(&one.path))
        .collect();
    let planned: BTreeSet<String> = request
        .plans
        .iter()
        .map(|one| one.directory.clone())
        .collect();
    let roots = sources.roots(&planned);
    Ok(review::directories_not_planned(&roots, &changed, &planned))
}

fn of_operations(
    plan: &crate::model::review::ReviewedPlan,
    environment: Option<&EnvironmentName>,
    trusted: &State,
) -> Vec<crate::model::review::ReviewFinding> {
    let Some(registry) = environment.and_then(|name| trusted.registries.get(name)) else {
        return Vec::new();
    };
    let issues: Vec<&Issue> = trusted
        .active
        .values()
        .map(|document| &document.value)
        .collect();
    let around = Surroundings {
        registry: &registry.value,
        issues: &issues,
    };
    review::operations(plan, around)
}

/// Configuration addresses by the commit of the base branch that would be undone.
type Gained = BTreeMap<String, review::UndoneCommit>;
