//! The record of remediations: entries of `remediation-log.json`, the issues that they are about,
//! and the commits that hold both.

use std::hash::{BuildHasher, Hasher, RandomState};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use crate::app::App;
use crate::app::debug::record::{OwnRun, add_own_runs};
use crate::app::decide::write::write_changes;
use crate::app::workspace::landing::{self, Landing, Proposal};
use crate::app::workspace::{Workspace, load, push};
use crate::core::issues::actions;
use crate::core::issues::{ChangeKind, IssueChange};
use crate::core::remediate::case::ActionFacts;
use crate::core::remediate::history;
use crate::error::{CommandError, ErrorKind};
use crate::git::Transaction;
use crate::model::fact::Gap;
use crate::model::ids::{Arn, EnvironmentName};
use crate::model::issue::IssueStatus;
use crate::model::log::RemediationLog;
use crate::model::paths::RepoPath;
use crate::model::remediation::{RemediationEntry, RemediationOutcome};
use crate::state::documents::paths;
use crate::state::log::{self, NewEntry, RecordError, TimeKey};
use crate::text::Untrusted;
use crate::text::escape;

/// An entry that is to be appended.
#[derive(Debug, Clone)]
pub(crate) struct EntryDraft {
    id: String,
    entry: RemediationEntry,
}

impl EntryDraft {
    /// Makes one.
    pub(crate) fn new(id: String, entry: RemediationEntry) -> Self {
        Self { id, entry }
    }
}

/// What lands together.
#[derive(Debug, Clone)]
pub(crate) struct LogAddition {
    /// The entries.
    pub(crate) drafts: Vec<EntryDraft>,
    /// A proposal that is none any more.
    pub(crate) gone: Option<RepoPath>,
    /// What AWS refused.
    pub(crate) refused: Option<Gap>,
}

/// Returns an id that no other run has: the letter of what it is for, the time, and what this
/// process has as random numbers.
pub(crate) fn new_id(letter: char, now: Timestamp) -> String {
    let utc = now.to_zoned(TimeZone::UTC);
    format!("{letter}-{}-{}", utc.strftime("%Y%m%d-%H%M%S"), random())
}

/// Returns eight random hexadecimal digits.
pub(crate) fn random() -> String {
    let random = RandomState::new().build_hasher().finish();
    format!("{:08x}", (random >> 32) as u32)
}

/// Returns facts as the log keeps them.
pub(crate) fn facts(facts: &ActionFacts) -> Map<String, Value> {
    let mut tree = serde_json::to_value(facts).unwrap_or_default();
    escape::json_tree(&mut tree, |text| Arn::new(text).is_ok());
    match tree {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// Returns facts that were kept, in the form that [`facts`] gives.
pub(crate) fn kept_facts(map: &Map<String, Value>) -> Option<ActionFacts> {
    serde_json::from_value(Value::Object(map.clone())).ok()
}

/// Proposes the commit of some entries, with what they say of their issues.
pub(crate) fn propose(
    app: &App,
    workspace: &Workspace,
    name: &EnvironmentName,
    addition: LogAddition,
) -> Result<Proposal<()>, CommandError> {
    let at = app.clock.now();
    let mut transaction = Transaction::new();
    let entries = addition.drafts.iter().map(|draft| NewEntry {
        id: draft.id.clone(),
        at,
        time_key: TimeKey::At,
        rest: history::write_entry(&draft.entry),
    });
    let written_so_far = workspace.remediations().entries(name, usize::MAX)?;
    let known = written_so_far
        .iter()
        .filter_map(|entry| Some((entry.id.clone(), history::read_entry(entry)?)));
    let new = addition
        .drafts
        .iter()
        .map(|draft| (draft.id.clone(), draft.entry.clone()));
    let all: Vec<(String, RemediationEntry)> = known.chain(new).collect();
    let figures = history::statistics(all.iter().map(|(id, entry)| (id.as_str(), entry)));
    let count = |statistics: &mut Map<String, Value>| statistics.clone_from(&figures);
    let files = workspace.tree().files()?;
    let path = paths::remediation_log(name);
    let written = log::record::<RemediationLog>(files.as_ref(), &path, entries.collect(), &count);
    for (path, bytes) in written.map_err(cannot_record)? {
        transaction.write(path, bytes);
    }
    if let Some(gone) = &addition.gone {
        transaction.delete(gone.clone());
    }
    let changes = issue_changes(workspace, &addition, at)?;
    write_changes(&workspace.documents(), &changes, at, &mut transaction)?;
    if let Some(gap) = &addition.refused {
        let run = OwnRun {
            environment: name,
            command: "remediate",
            gaps: std::slice::from_ref(gap),
            is_complete: false,
        };
        add_own_runs(app, workspace, &[run], &mut transaction);
    }
    Ok(Proposal {
        transaction,
        message: message(name, &addition),
        facts: (),
    })
}

fn cannot_record(error: RecordError) -> CommandError {
    CommandError::new(ErrorKind::Usage, error).hint("`fractary check` says what is wrong")
}

/// What entries say of their issues.
fn issue_changes(
    workspace: &Workspace,
    addition: &LogAddition,
    now: Timestamp,
) -> Result<Vec<IssueChange>, CommandError> {
    let mut changes: Vec<IssueChange> = Vec::new();
    for draft in &addition.drafts {
        let Some(id) = &draft.entry.issue_id else {
            continue;
        };
        let known = changes.iter().position(|change| change.after.id == *id);
        let before = match known {
            Some(at) => changes[at].after.clone(),
            None => match workspace.issues().document(id)? {
                Some(document) => document.value.clone(),
                None => continue,
            },
        };
        let status = status_after(draft.entry.outcome, before.status);
        let after = actions::remediated(before.clone(), status, &event(draft), now);
        match known {
            Some(at) => changes[at].after = after,
            None => changes.push(IssueChange {
                kind: ChangeKind::Updated,
                before: Some(before),
                after,
            }),
        }
    }
    Ok(changes)
}

fn status_after(outcome: RemediationOutcome, before: IssueStatus) -> IssueStatus {
    match outcome {
        RemediationOutcome::Started
        | RemediationOutcome::Unverified
        | RemediationOutcome::Success => IssueStatus::Remediating,
        RemediationOutcome::Failed => IssueStatus::RemediationFailed,
        RemediationOutcome::Interrupted
        | RemediationOutcome::Undone
        | RemediationOutcome::Refused => match before {
            IssueStatus::Remediating => IssueStatus::Active,
            other => other,
        },
    }
}

/// How much of what was seen before a change the timeline of an issue has; the log has all.
const TOLD: usize = 5;

/// What the timeline of an issue says.
fn event(draft: &EntryDraft) -> Untrusted {
    let entry = &draft.entry;
    let id = entry.of.as_ref().unwrap_or(&draft.id);
    let why = entry.reason.as_ref();
    let why = why.map_or_else(String::new, |why| format!(": {}", why.raw()));
    // What a change replaces is kept with the issue that it is about.
    let seen: Vec<&str> = entry
        .evidence
        .iter()
        .rev()
        .take(TOLD)
        .map(Untrusted::raw)
        .collect();
    let seen = match seen.is_empty() {
        true => String::new(),
        false => format!("; before it: {}", seen.join("; ")),
    };
    Untrusted::new(format!(
        "{} {} ({id}){why}{seen}",
        entry.action,
        entry.outcome.word()
    ))
}

fn message(name: &EnvironmentName, addition: &LogAddition) -> String {
    let lines: Vec<String> = addition
        .drafts
        .iter()
        .map(|draft| {
            let entry = &draft.entry;
            let resource = escape::commit_message_line(entry.resource.raw());
            format!("{} {resource} {}", entry.action, entry.outcome.word())
        })
        .collect();
    let first = lines.first().map_or("record", String::as_str);
    let body: Vec<String> = addition
        .drafts
        .iter()
        .map(|draft| format!("- {}\n", escape::commit_message_line(event(draft).raw())))
        .collect();
    format!(
        "fractary(remediate): {name} {first}\n\n{}\nFractary-Command: remediate\nFractary-Env: {name}\n",
        body.concat()
    )
}

/// Appends an entry to a remediation, and pushes it where commits are pushed. Returns the
/// workspace at that commit.
pub(crate) fn close(
    app: &App,
    workspace: Workspace,
    entry: RemediationEntry,
) -> Result<Workspace, CommandError> {
    close_refused(app, workspace, entry, None)
}

/// The same, with what AWS refused, which gets into the log of errors.
pub(crate) fn close_refused(
    app: &App,
    workspace: Workspace,
    entry: RemediationEntry,
    refused: Option<&Gap>,
) -> Result<Workspace, CommandError> {
    let name = entry.environment.clone();
    let of = entry.of.clone().unwrap_or_default();
    let (workspace, (), landed) =
        landing::decide_and_land(app, workspace, Landing::Commit, |workspace| {
            // It may have begun months ago.
            let done = workspace.remediations().read_all(&name)?;
            let known = done.iter().find(|one| one.id == of);
            let number = known.map_or(1, |one| one.entries);
            let draft = EntryDraft::new(format!("{of}.{number}"), entry.clone());
            let addition = LogAddition {
                drafts: vec![draft],
                gone: None,
                refused: refused.cloned(),
            };
            propose(app, workspace, &name, addition)
        })
        .map_err(|error| error.hint(left_open(&of)))?;
    push::push_record(app, &workspace.repository, &landed)
        .map_err(|error| error.hint(left_open(&of)))?;
    load::load_from(&app.ui, workspace.repository)
}

fn left_open(of: &str) -> String {
    format!(
        "what came of {of} is not recorded where others see it; the next run asks AWS and closes it"
    )
}

/// Says of a remediation that another has undone it.
pub(crate) fn undone(
    app: &App,
    workspace: Workspace,
    name: &EnvironmentName,
    of: &str,
    by: &str,
) -> Result<Workspace, CommandError> {
    let done = workspace.remediations().read_all(name)?;
    let Some(one) = done.into_iter().find(|one| one.id == of) else {
        return Ok(workspace);
    };
    let entry = RemediationEntry {
        of: Some(of.to_owned()),
        outcome: RemediationOutcome::Undone,
        reason: Some(Untrusted::new(format!("undone by {by}"))),
        drift_expected: None,
        evidence: Vec::new(),
        facts: Map::new(),
        api: Default::default(),
        ..one.last
    };
    close(app, workspace, entry)
}
