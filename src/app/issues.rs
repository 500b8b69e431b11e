//! What people do with issues: each deed is one commit, all or nothing.

use jiff::Timestamp;

use crate::app::App;
use crate::app::answer::faults;
use crate::app::decide::write::write_changes;
use crate::app::formats::ReportFormat;
use crate::app::workspace::Workspace;
use crate::app::workspace::landing;
use crate::app::workspace::landing::{Landed, Landing, Proposal};
use crate::app::workspace::open;
use crate::app::workspace::views::issues::IssueStore;
use crate::catalog::registry::Registry;
use crate::catalog::signatures::Signature;
use crate::core::issues::actions::{self, ActionError};
use crate::core::issues::causes::{self, CauseGiven};
use crate::core::issues::{ChangeKind, IssueChange};
use crate::error::{CommandError, ErrorKind};
use crate::git::Transaction;
use crate::model::ids::IssueId;
use crate::model::issue::Issue;
use crate::render::templates::Templates;
use crate::render::{json, markdown, text};
use crate::text::Untrusted;
use crate::text::escape;
use crate::text::similar::nearest;

/// Changes issues as `change` says of them, of who acts and of the time, and lands that.
pub(crate) fn act(
    app: &App,
    landing: Landing,
    change: impl Fn(
        IssueStore<'_>,
        Option<&Untrusted>,
        Timestamp,
    ) -> Result<Vec<IssueChange>, CommandError>,
    subject: impl Fn(&[IssueChange]) -> String,
) -> Result<(Workspace, Acted, Landed), CommandError> {
    let workspace = open::load_to_land(app, landing)?;
    landing::decide_and_land(app, workspace, landing, |workspace| {
        let documents = workspace.documents();
        let person = landing::find_person(app, workspace)?;
        let now = app.clock.now();
        let all = change(documents.issues, person.as_ref(), now)?;
        let (changes, same) = split(&all);
        let mut transaction = Transaction::new();
        if !changes.is_empty() {
            write_changes(&documents, &changes, now, &mut transaction)?;
        }
        Ok(Proposal {
            transaction,
            message: compose_message(&subject(&changes), &changes),
            facts: Acted {
                issues: all.into_iter().map(|change| change.after).collect(),
                same,
            },
        })
    })
}

/// What became of issues that someone acted on.
pub(crate) struct Acted {
    /// All of them, as they are now.
    pub(crate) issues: Vec<Issue>,
    /// Those of them that were so already.
    pub(crate) same: Vec<IssueId>,
}

/// The changes that are some, and the issues that stay as they are.
fn split(all: &[IssueChange]) -> (Vec<IssueChange>, Vec<IssueId>) {
    let (same, changes): (Vec<_>, Vec<_>) = all
        .iter()
        .partition(|change| change.before.as_ref() == Some(&change.after));
    let same = same.into_iter().map(|change| change.after.id.clone());
    (changes.into_iter().cloned().collect(), same.collect())
}

/// Changes each issue that an id, or the start of one, names.
pub(crate) fn change_each(
    issues: IssueStore<'_>,
    ids: &[String],
    kind: ChangeKind,
    change: impl Fn(Issue) -> Result<Issue, ActionError>,
) -> Result<Vec<IssueChange>, CommandError> {
    let mut out: Vec<IssueChange> = Vec::new();
    for id in ids {
        let before = issues.find(id)?.clone();
        // Named twice is meant once.
        if out.iter().any(|change| change.after.id == before.id) {
            continue;
        }
        let after = match (change(before.clone()), kind) {
            // It is as it is to be: nothing changes, and that is no failure.
            (Err(ActionError::AlreadyResolved(_)), ChangeKind::Resolved)
            | (Err(ActionError::NotResolved(_)), ChangeKind::Reopened) => before.clone(),
            (changed, _) => changed.map_err(refuse)?,
        };
        out.push(IssueChange {
            kind,
            before: Some(before),
            after,
        });
    }
    Ok(out)
}

/// Resolves issues, for a reason or because of a cause: words, or the id of a signature.
pub(crate) fn resolve(
    issues: IssueStore<'_>,
    ids: &[String],
    reason: Option<&Untrusted>,
    cause: Option<&str>,
    by: Option<&Untrusted>,
    now: Timestamp,
) -> Result<Vec<IssueChange>, CommandError> {
    let signatures = cause.map(|_| Signature::built_in());
    let signature = signatures
        .zip(cause)
        .and_then(|(all, cause)| all.get(cause.trim()));
    if let (Some(all), Some(cause), None) = (signatures, cause, signature) {
        refuse_slip(all, cause)?;
    }
    let text = Untrusted::from(match (signature, cause) {
        (Some(signature), _) => signature.title.as_str(),
        (None, text) => text.unwrap_or_default(),
    });
    let nothing = Untrusted::default();
    change_each(issues, ids, ChangeKind::Resolved, |issue| match cause {
        None => actions::resolve(issue, reason.unwrap_or(&nothing), by, now),
        Some(_) => {
            let cause = CauseGiven {
                text: &text,
                signature: signature.map(|one| one.id.as_str()),
            };
            causes::resolve_for(issue, reason, cause, by, now)
        }
    })
}

/// Refuses a word that is nearly the id of a signature: as words it would teach nothing, and no one
/// would notice.
fn refuse_slip(all: &Registry<Signature>, cause: &str) -> Result<(), CommandError> {
    let cause = cause.trim();
    match nearest(cause, all.iter().map(|one| one.id.as_str())) {
        Some(near) if !cause.contains(char::is_whitespace) => {
            let shown = escape::terminal(cause);
            let error = CommandError::usage(format!("no signature is called `{shown}`"));
            Err(error.hint(format!(
                "the nearest is `{near}`; a cause of several words is kept as it is"
            )))
        }
        _ => Ok(()),
    }
}

/// Merges issues into another: it gets their notes, and they are resolved.
pub(crate) fn merge(
    issues: IssueStore<'_>,
    ids: &[String],
    into: &str,
    by: Option<&Untrusted>,
    now: Timestamp,
) -> Result<Vec<IssueChange>, CommandError> {
    let before = issues.find(into)?.clone();
    let mut target = before.clone();
    let mut out: Vec<IssueChange> = Vec::new();
    for id in ids {
        let duplicate = issues.find(id)?.clone();
        if out.iter().any(|change| change.after.id == duplicate.id) {
            continue;
        }
        let (after, with) = actions::merge(duplicate.clone(), target, by, now).map_err(refuse)?;
        target = with;
        out.push(IssueChange {
            kind: ChangeKind::Resolved,
            before: Some(duplicate),
            after,
        });
    }
    let change = IssueChange {
        kind: ChangeKind::Updated,
        before: Some(before),
        after: target,
    };
    out.insert(0, change);
    Ok(out)
}

/// Puts issues into the incident of another.
pub(crate) fn join(
    issues: IssueStore<'_>,
    ids: &[String],
    with: &str,
    by: Option<&Untrusted>,
    now: Timestamp,
) -> Result<Vec<IssueChange>, CommandError> {
    let before = issues.find(with)?.clone();
    let mut other = before.clone();
    let mut out: Vec<IssueChange> = Vec::new();
    for id in ids {
        let issue = issues.find(id)?.clone();
        if out.iter().any(|change| change.after.id == issue.id) {
            continue;
        }
        let (after, with) = actions::join(issue.clone(), other, by, now).map_err(refuse)?;
        other = with;
        out.push(IssueChange {
            kind: ChangeKind::Updated,
            before: Some(issue),
            after,
        });
    }
    if other != before {
        out.push(IssueChange {
            kind: ChangeKind::Updated,
            before: Some(before),
            after: other,
        });
    }
    Ok(out)
}

fn refuse(error: ActionError) -> CommandError {
    CommandError::new(ErrorKind::Usage, error)
}

/// Composes the message of the commit.
fn compose_message(subject: &str, changes: &[IssueChange]) -> String {
    let mut text = format!("fractary(issues): {subject}\n\n");
    for change in changes {
        let title = escape::commit_message_line(change.after.title.raw());
        match changes {
            [_] => text.push_str(&format!("{title}\n")),
            _ => text.push_str(&format!("- {} {title}\n", change.after.id)),
        }
    }
    text.push_str("\nFractary-Command: issues\n");
    let mut environments: Vec<&str> = changes
        .iter()
        .map(|change| change.after.environment.as_str())
        .collect();
    environments.sort_unstable();
    environments.dedup();
    for environment in environments {
        text.push_str(&format!("Fractary-Env: {environment}\n"));
    }
    text
}

/// Renders one issue in a format.
pub(crate) fn render_issue(
    app: &App,
    templates: &Templates,
    issue: &Issue,
    format: ReportFormat,
) -> Result<String, CommandError> {
    match format {
        ReportFormat::Json => json::pretty(issue).map_err(CommandError::bug),
        ReportFormat::Markdown => markdown::issue(issue, templates).map_err(faults::template),
        ReportFormat::Text => Ok(text::issue(issue, &app.ui.style())),
    }
}

/// Renders issues: one document for one, an array for several.
pub(crate) fn render_issues(
    app: &App,
    templates: &Templates,
    issues: &[Issue],
    format: ReportFormat,
) -> Result<String, CommandError> {
    if let [one] = issues {
        return render_issue(app, templates, one, format);
    }
    match format {
        ReportFormat::Json => json::pretty(&issues).map_err(CommandError::bug),
        ReportFormat::Text | ReportFormat::Markdown => {
            let texts: Result<Vec<_>, _> = issues
                .iter()
                .map(|issue| render_issue(app, templates, issue, format))
                .collect();
            Ok(texts?.join("\n"))
        }
    }
}
