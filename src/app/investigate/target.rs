//! What is to be investigated: a resource, or what an issue is about.

use jiff::{SignedDuration, Timestamp};

use crate::app::App;
use crate::app::options::Since;
use crate::app::workspace::Workspace;
use crate::error::CommandError;
use crate::model::environments::Environment;
use crate::model::issue::{Issue, IssueStatus};
use crate::model::resource::Resource;
use crate::text::escape;

/// What is looked at before an issue was noticed: runs are scheduled, and some are late.
const BEFORE_NOTICED: SignedDuration = SignedDuration::from_hours(1);
/// What is looked at after it was noticed, of an issue that is open for long.
const AFTER_NOTICED: SignedDuration = SignedDuration::from_hours(6);
/// What is looked at where no issue says when it began.
const WITHOUT_ISSUE: SignedDuration = SignedDuration::from_hours(2);

/// The longest span.
const LONGEST: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The span that a person wants, as far as it is given.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct WantedSpan {
    pub(crate) since: Option<Timestamp>,
    pub(crate) until: Option<Timestamp>,
}

impl WantedSpan {
    /// Returns what was written, from now.
    pub(crate) fn of(since: Option<Since>, until: Option<Since>, now: Timestamp) -> Self {
        Self {
            since: since.map(|since| since.time(now)),
            until: until.map(|until| until.time(now)),
        }
    }
}

/// What is to be investigated.
#[derive(Debug, Clone)]
pub(crate) struct InvestigationTarget {
    pub(crate) environment: Environment,
    pub(crate) resource: Resource,
    /// The issue that was named, or the worst that is open on the resource.
    pub(crate) issue: Option<Issue>,
}

impl InvestigationTarget {
    /// Finds out what `name` is: the id of an issue, or the name, id or ARN of a resource, or the
    /// start of an issue's id.
    pub(crate) fn find(app: &App, workspace: &Workspace, name: &str) -> Result<Self, CommandError> {
        let store = workspace.issues();
        let exactly = store.active().find(|issue| issue.id.as_str() == name);
        if let Some(issue) = exactly {
            return Self::of_issue(workspace, issue.clone());
        }
        let names = workspace.settings().choose(&app.global.env)?;
        let [environment] = &names[..] else {
            return match store.find(name) {
                Ok(issue) => Self::of_issue(workspace, issue.clone()),
                Err(_) => Err(
                    CommandError::usage("one environment is investigated at a time")
                        .hint("choose it with `--env NAME`, or name an issue"),
                ),
            };
        };
        let environment = workspace.settings().environment(environment)?;
        let is_start = |name: &str| {
            let mut open = store.active();
            !name.is_empty() && open.any(|issue| issue.id.as_str().starts_with(name))
        };
        match workspace.scope().resources(&environment, Some(name)) {
            Ok(found) => Self::of_name(app, workspace, (&environment, name), found),
            Err(error) => match store.find(name) {
                Ok(issue) => Self::of_issue(workspace, issue.clone()),
                // The start of several ids names none of them.
                Err(several) if is_start(name) => Err(several),
                Err(_) => Err(error.hint("`fractary issues` lists issues, which can be named too")),
            },
        }
    }

    /// What an issue is about.
    pub(crate) fn of_issue(workspace: &Workspace, issue: Issue) -> Result<Self, CommandError> {
        let environment = workspace.settings().environment(&issue.environment)?;
        let Some(arn) = issue.resource.subject.arn() else {
            let message = format!("issue {} is not about a resource of AWS", issue.id);
            return Err(CommandError::usage(message)
                .hint("name the resource where it is felt: `fractary investigate RESOURCE`"));
        };
        let mut all = workspace.registries().resources(&environment).into_iter();
        match all.find(|one| one.arn == *arn) {
            Some(resource) => Ok(Self {
                environment,
                resource,
                issue: Some(issue),
            }),
            None => Err(CommandError::usage(format!(
                "issue {} is about {}, which is not registered in `{}`",
                issue.id,
                issue.resource.name.terminal(),
                environment.name
            ))
            .hint("`fractary adopt` registers what is deployed")),
        }
    }

    /// The resource that a name means: of several, the one whose open issue is worst, else the first
    /// that is watched: a function, and not the role of its name. The others are named, so that one
    /// of them can be asked about.
    fn of_name(
        app: &App,
        workspace: &Workspace,
        (environment, name): (&Environment, &str),
        found: Vec<Resource>,
    ) -> Result<Self, CommandError> {
        let of = |resource| Self::of_resource(workspace, environment.clone(), resource);
        let mut all: Vec<Self> = found.into_iter().map(of).collect();
        let severity = |one: &Self| one.issue.as_ref().map(|issue| issue.severity);
        // A sort keeps the order of those that are alike.
        all.sort_by_key(|one| {
            (
                std::cmp::Reverse(severity(one)),
                one.resource.kind.is_none(),
            )
        });
        let name = escape::terminal(name);
        let mut all = all.into_iter();
        let Some(chosen) = all.next() else {
            let text = format!("no registered resource is `{name}`");
            return Err(CommandError::usage(text));
        };
        let arn = |one: &Self| escape::terminal(one.resource.arn.as_str());
        let others: Vec<String> = all.map(|one| arn(&one)).collect();
        if !others.is_empty() {
            app.ui.note(&format!(
                "`{name}` names {} resources; investigating {}. Investigate another by its ARN: {}",
                others.len() + 1,
                arn(&chosen),
                others.join(", ")
            ));
        }
        Ok(chosen)
    }

    fn of_resource(workspace: &Workspace, environment: Environment, resource: Resource) -> Self {
        let store = workspace.issues();
        let open = store.active().filter(|issue| {
            issue.environment == environment.name
                && issue.resource.subject.arn() == Some(&resource.arn)
        });
        let issue = open.max_by(|a, b| {
            let by_severity = a.severity.cmp(&b.severity);
            by_severity.then_with(|| (b.detected_at, &b.id).cmp(&(a.detected_at, &a.id)))
        });
        Self {
            issue: issue.cloned(),
            environment,
            resource,
        }
    }

    /// Returns the span that is looked at.
    pub(crate) fn span(
        &self,
        wanted: WantedSpan,
        now: Timestamp,
    ) -> Result<(Timestamp, Timestamp), CommandError> {
        let shift = |at: Timestamp, by: SignedDuration| at.checked_add(by).unwrap_or(at);
        let noticed = self.issue.as_ref().map(|issue| issue.detected_at);
        let over = self
            .issue
            .as_ref()
            .filter(|issue| issue.status == IssueStatus::Resolved);
        let until = wanted.until.unwrap_or_else(|| {
            let end = over.and_then(|issue| issue.resolved_at).unwrap_or(now);
            let most = noticed.filter(|_| wanted.since.is_none());
            most.map_or(end, |noticed| end.min(shift(noticed, AFTER_NOTICED)))
                .min(now)
        });
        let since = wanted.since.unwrap_or_else(|| match noticed {
            Some(noticed) if noticed <= until => shift(noticed, -BEFORE_NOTICED),
            _ => shift(until, -WITHOUT_ISSUE),
        });
        if since >= until {
            return Err(
                CommandError::usage(format!("the span from {since} to {until} is empty"))
                    .hint("`--since` has to be before `--until`, which is now by default"),
            );
        }
        if until.duration_since(since) > LONGEST {
            return Err(
                CommandError::usage("a span of at most a week can be investigated")
                    .hint("`fractary performance --since 30d` looks at long spans"),
            );
        }
        Ok((since, until))
    }
}
