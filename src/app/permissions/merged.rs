//! Grants that somebody proposes and somebody else merges.

use crate::app::App;
use crate::app::apply::remediate::record::new_id;
use crate::app::permissions::audit_log;
use crate::app::permissions::context::GrantContext;
use crate::app::permissions::grant::{GrantManner, WantedGrant};
use crate::app::remediate::merged::{fork_of, not_applied_here};
use crate::app::workspace::landing::{self, Landed, Landing, Proposal};
use crate::app::workspace::{Workspace, push};
use crate::core::permissions::atoms::put_together;
use crate::core::permissions::wanted;
use crate::core::remediate::proposal::{self, LASTS, MergeCase, MergeableProposal};
use crate::error::{CommandError, ErrorKind};
use crate::git::Transaction;
use crate::model::iam_audit::GrantProposalDocument;
use crate::model::ids::EnvironmentName;
use crate::model::paths::Files;
use crate::model::remediation::{ConsentRecord, ConsentWay};
use crate::state;
use crate::state::documents::paths;
use crate::text::Untrusted;

impl MergeableProposal for GrantProposalDocument {
    fn id(&self) -> &str {
        &self.id
    }

    fn is_whole(&self) -> bool {
        proposal::digest(self) == self.digest
    }

    fn span(&self) -> (jiff::Timestamp, jiff::Timestamp) {
        (self.created_at, self.expires_at)
    }

    fn proposed_by(&self) -> Option<&str> {
        self.proposed_by.as_ref().map(Untrusted::raw)
    }
}

/// Writes a proposal. Returns its id and what became of the file; nothing where all of it is
/// granted already, because there would be nothing to agree to.
pub(crate) fn propose(
    app: &App,
    workspace: Workspace,
    context: &GrantContext,
    wanted: &WantedGrant,
    manner: GrantManner<'_>,
    landing: Landing,
) -> Result<Option<(String, Landed)>, CommandError> {
    let ready = context.ready(app, &wanted.atoms, manner.at_will)?;
    let refused = wanted.refused.iter().chain(&ready.refused).next();
    if let Some(one) = refused {
        let why = format!("it cannot be granted: {}", one.because.terminal());
        return Err(CommandError::say(ErrorKind::Refused, why));
    }
    if ready.updates.is_empty() {
        return Ok(None);
    }
    if let Some(address) = context.managed_by_terraform(&workspace) {
        // Merged, it would be refused.
        let shown = Untrusted::new(address).terminal();
        let why = format!("nothing was proposed: Terraform has the identity, as {shown}");
        let error = CommandError::say(ErrorKind::Refused, why);
        return Err(error.hint("without `--propose` it shows the block to add"));
    }
    let now = app.clock.now();
    let mut document = GrantProposalDocument {
        version: "1.0.0".to_owned(),
        id: new_id('p', now),
        environment: context.environment.name.clone(),
        created_at: now,
        expires_at: now.checked_add(LASTS).map_err(CommandError::bug)?,
        proposed_by: workspace.repository.user_mail().map(Untrusted::new),
        principal: context.principal.clone(),
        statement: put_together(&ready.atoms),
        ends_at: manner.until,
        i_know: manner.at_will,
        reason: Untrusted::new(manner.reason),
        terraform_error: wanted.error.clone(),
        digest: String::new(),
    };
    document.digest = proposal::digest(&document);
    let name = &document.environment;
    let (workspace, (), landed) = landing::decide_and_land(app, workspace, landing, |_| {
        let mut transaction = Transaction::new();
        transaction.write(
            paths::grant_proposal(name, &document.id),
            state::to_bytes(&document),
        );
        Ok(Proposal {
            transaction,
            message: format!(
                "fractary(permissions): {name} propose a grant\n\nFractary-Command: permissions\nFractary-Env: {name}\n"
            ),
            facts: (),
        })
    })?;
    push::push_record(app, &workspace.repository, &landed)?;
    Ok(Some((document.id, landed)))
}

/// A proposal that somebody else has merged, and their consent.
pub(crate) fn read(
    app: &App,
    workspace: &Workspace,
    name: &EnvironmentName,
    id: &str,
) -> Result<(GrantProposalDocument, ConsentRecord), CommandError> {
    let refuse = |why: String| {
        CommandError::say(
            ErrorKind::Refused,
            format!("the proposal is not granted: {why}"),
        )
    };
    if let Some(why) = not_applied_here(app, workspace)? {
        return Err(refuse(why));
    }
    let path = paths::grant_proposal(name, id);
    let repository = &workspace.repository;
    let head = repository.head()?.commit;
    let bytes = repository.files_at(head.as_ref())?.read(&path);
    let bytes = bytes.map_err(|error| CommandError::new(ErrorKind::Usage, error))?;
    let bytes = bytes.ok_or_else(|| {
        CommandError::usage(format!(
            "there is no proposal `{id}` for {name} in the commit that is checked out"
        ))
    })?;
    let document: GrantProposalDocument = serde_json::from_slice(&bytes)
        .map_err(|error| refuse(format!("it could not be read: {error}")))?;
    let arrival = repository.arrival(&path)?;
    let arrival = arrival
        .ok_or_else(|| refuse("its history is not here: a deeper checkout is needed".to_owned()))?;
    let done = audit_log::grants(app, workspace)?;
    let fork_of = fork_of(app, repository, &arrival)?;
    let case = MergeCase {
        proposal: &document,
        file: id,
        merged_by: arrival.by.mail.raw(),
        written_by: arrival.written_by.as_ref().map(|by| by.mail.raw()),
        fork_of: fork_of.as_deref(),
        is_untouched: arrival.is_untouched,
        was_applied: done
            .iter()
            .any(|one| one.record.proposal.as_deref() == Some(id)),
        bot_merge: false,
        now: app.clock.now(),
    };
    proposal::check(&case).map_err(|fault| refuse(fault.to_string()))?;
    if document.environment != *name {
        return Err(refuse(format!("it is for {}", document.environment)));
    }
    if document.ends_at.is_some_and(|end| end <= app.clock.now()) {
        return Err(refuse("what it grants has ended already".to_owned()));
    }
    let consent = ConsentRecord {
        by: Some(arrival.by.name.clone()),
        how: ConsentWay::Merged,
        at: app.clock.now(),
        reference: Some(arrival.commit.to_string()),
    };
    Ok((document, consent))
}

/// What a proposal asks for.
pub(crate) fn wanted(document: &GrantProposalDocument) -> WantedGrant {
    let policy = serde_json::json!({ "Statement": document.statement });
    WantedGrant {
        atoms: wanted::atoms_of(&policy),
        error: document.terraform_error.clone(),
        ..WantedGrant::default()
    }
}
