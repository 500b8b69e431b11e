//! Entries of `iam-audit.json`, and the commits that hold them.

use jiff::{SignedDuration, Timestamp};

use crate::app::App;
use crate::app::apply::remediate::record::{new_id, random};
use crate::app::debug::record::{OwnRun, add_own_runs};
use crate::app::permissions::audit_log;
use crate::app::workspace::landing::{self, Landed, Landing, Proposal};
use crate::app::workspace::{Workspace, load, push};
use crate::core::permissions::grant_history;
use crate::error::{CommandError, ErrorKind};
use crate::git::Transaction;
use crate::model::fact::Gap;
use crate::model::iam_audit::{GrantRecord, GrantStatus};
use crate::model::log::IamAudit;
use crate::state::documents::paths;
use crate::state::log::{self, NewEntry, TimeKey};
use crate::text::escape;
use crate::text::phrases::counted;

/// How long a change whose end is not recorded keeps others away.
const LEASE: SignedDuration = SignedDuration::from_mins(10);

/// Commits the intent, and pushes it where commits are pushed. Only then may anything be sent.
/// Returns the workspace at that commit, and the id of the grant.
pub(super) fn intend(
    app: &App,
    workspace: Workspace,
    record: &GrantRecord,
) -> Result<(Workspace, String), CommandError> {
    let seen = newest(&workspace, record)?.map(|one| one.id);
    let own = new_id('g', app.clock.now());
    let (entry, id) = match &record.of {
        Some(of) => (format!("{of}.{}", random()), of.clone()),
        None => (own.clone(), own),
    };
    let (workspace, (), landed) =
        landing::decide_and_land(app, workspace, Landing::Commit, |workspace| {
            check_alone(app, workspace, record, seen.as_deref())?;
            propose(app, workspace, &entry, record, None)
        })?;
    if !matches!(landed, Landed::Commit(_)) {
        return Err(CommandError::say(
            ErrorKind::Git,
            "the intent could not be committed; nothing was changed",
        ));
    }
    push::push_record(app, &workspace.repository, &landed)
        .map_err(|error| error.hint("nothing was changed: the intent has to be pushed first"))?;
    let workspace = load::load_from(&app.ui, workspace.repository)?;
    Ok((workspace, id))
}

/// The newest entry about the same user or role.
struct NewestEntry {
    id: String,
    at: Timestamp,
    is_open: bool,
}

fn newest(
    workspace: &Workspace,
    record: &GrantRecord,
) -> Result<Option<NewestEntry>, CommandError> {
    let entries = audit_log::entries(workspace)?;
    let mut found = entries.iter().rev().filter_map(|entry| {
        let own = grant_history::read_record(entry)?;
        (own.principal.raw() == record.principal.raw()).then_some(NewestEntry {
            id: entry.id.clone(),
            at: entry.time()?,
            is_open: matches!(own.status, GrantStatus::Started | GrantStatus::Revoking),
        })
    });
    Ok(found.next())
}

/// Refuses where somebody else changes the same policies: the later write would take the other's
/// grant away.
fn check_alone(
    app: &App,
    workspace: &Workspace,
    record: &GrantRecord,
    seen: Option<&str>,
) -> Result<(), CommandError> {
    let Some(newest) = newest(workspace, record)? else {
        return Ok(());
    };
    let who = record.principal.terminal();
    let refused = |what: String| {
        CommandError::say(ErrorKind::Refused, what).hint("nothing was changed in AWS")
    };
    if newest.is_open && app.clock.now().duration_since(newest.at) < LEASE {
        let what = format!(
            "what {who} is granted is being changed already, as {}",
            newest.id
        );
        return Err(refused(what).hint(
            "where that run was ended: `fractary permissions sync --to record` records what AWS has",
        ));
    }
    match Some(newest.id.as_str()) == seen {
        true => Ok(()),
        false => Err(refused(format!(
            "what {who} is granted has been changed since it was looked at"
        ))
        .hint("run it again")),
    }
}

/// Commits what became of it.
pub(super) fn close(
    app: &App,
    workspace: Workspace,
    record: &GrantRecord,
    refused: Option<&Gap>,
) -> Result<Workspace, CommandError> {
    let of = record.of.clone().unwrap_or_default();
    let entry = format!("{of}.{}", random());
    let left = format!(
        "what became of {of} is not recorded; `fractary permissions diff` says what AWS has"
    );
    let (workspace, (), landed) =
        landing::decide_and_land(app, workspace, Landing::Commit, |workspace| {
            propose(app, workspace, &entry, record, refused)
        })
        .map_err(|error| error.hint(left.clone()))?;
    push::push_record(app, &workspace.repository, &landed).map_err(|error| error.hint(left))?;
    load::load_from(&app.ui, workspace.repository)
}

/// Commits entries about grants that nothing is sent for.
pub(crate) fn note(
    app: &App,
    workspace: Workspace,
    landing: Landing,
    records: &[GrantRecord],
    subject: &str,
) -> Result<Landed, CommandError> {
    let (workspace, (), landed) = landing::decide_and_land(app, workspace, landing, |workspace| {
        let mut transaction = Transaction::new();
        let entries = records.iter().map(|record| {
            let id = match &record.of {
                Some(of) => format!("{of}.{}", random()),
                None => new_id('g', app.clock.now()),
            };
            entry(app, &id, record)
        });
        add(workspace, entries.collect(), &mut transaction)?;
        Ok(Proposal {
            transaction,
            message: format!("fractary(permissions): {subject}\n\nFractary-Command: permissions\n"),
            facts: (),
        })
    })?;
    push::push_record(app, &workspace.repository, &landed)?;
    Ok(landed)
}

fn entry(app: &App, id: &str, record: &GrantRecord) -> NewEntry {
    NewEntry {
        id: id.to_owned(),
        at: app.clock.now(),
        time_key: TimeKey::GrantedAt,
        rest: grant_history::write_record(record),
    }
}

fn add(
    workspace: &Workspace,
    entries: Vec<NewEntry>,
    transaction: &mut Transaction,
) -> Result<(), CommandError> {
    let files = workspace.tree().files()?;
    let written = log::record::<IamAudit>(files.as_ref(), &paths::iam_audit(), entries, &|_| ());
    let written = written.map_err(|error| {
        CommandError::new(ErrorKind::Usage, error).hint("`fractary check` says what is wrong")
    })?;
    for (path, bytes) in written {
        transaction.write(path, bytes);
    }
    Ok(())
}

fn propose(
    app: &App,
    workspace: &Workspace,
    id: &str,
    record: &GrantRecord,
    refused: Option<&Gap>,
) -> Result<Proposal<()>, CommandError> {
    let mut transaction = Transaction::new();
    add(workspace, vec![entry(app, id, record)], &mut transaction)?;
    if let Some(gap) = refused {
        let run = OwnRun {
            environment: &record.environment,
            command: "permissions",
            gaps: std::slice::from_ref(gap),
            is_complete: false,
        };
        add_own_runs(app, workspace, &[run], &mut transaction);
    }
    Ok(Proposal {
        transaction,
        message: message(record),
        facts: (),
    })
}

fn message(record: &GrantRecord) -> String {
    let name = &record.environment;
    let what = match record.status {
        GrantStatus::Revoking | GrantStatus::Revoked => "revoke",
        _ => "grant",
    };
    let principal = record.principal.raw();
    let short = principal.rsplit('/').next().unwrap_or(principal);
    format!(
        "fractary(permissions): {name} {what} {}\n\n{} of {}\n\n{}\n\nFractary-Command: permissions\nFractary-Env: {name}\n",
        record.status.word(),
        counted(record.action.len() as u64, "action"),
        escape::commit_message_line(short),
        escape::commit_message_line(record.reason.raw()),
    )
}
