//! Issues that are completed after the decision: by what was investigated, and by what is sent.

use jiff::Timestamp;

use crate::app::decide::dashboard::write_dashboard;
use crate::app::decide::decision::Decision;
use crate::app::decide::outlook::Outlook;
use crate::app::decide::write;
use crate::app::workspace::views::Documents;
use crate::core::issues::{ChangeKind, IssueChange};
use crate::error::CommandError;
use crate::model::issue::Issue;

/// Writes issues as they are `after` into what lands.
pub(crate) fn amend_issues(
    documents: &Documents<'_>,
    decision: &mut Decision,
    changed: &[(Issue, Issue)],
) -> Result<(), CommandError> {
    for (before, after) in changed {
        let known = decision
            .changes_mut()
            .find(|change| change.after.id == after.id);
        let change = match known {
            Some(change) => {
                change.after = after.clone();
                change.clone()
            }
            None => IssueChange {
                kind: ChangeKind::Updated,
                before: Some(before.clone()),
                after: after.clone(),
            },
        };
        write::write_issue(documents.issues, &change, &mut decision.transaction)?;
    }
    Ok(())
}

/// Draws the dashboard again, with these issues as they are after it.
pub(crate) fn redraw_dashboard(
    documents: &Documents<'_>,
    decision: &mut Decision,
    changed: &[(Issue, Issue)],
    now: Timestamp,
) -> Result<(), CommandError> {
    let mut outlook = Outlook::read(documents.records, documents.issues, now)?;
    for one in &decision.environments {
        outlook.apply(one);
    }
    for one in &decision.domains {
        outlook.apply_domain(one);
    }
    for one in &decision.audits {
        outlook.apply_audit(one);
    }
    for (_, after) in changed {
        outlook.apply_issue(&IssueChange {
            kind: ChangeKind::Updated,
            before: None,
            after: after.clone(),
        });
    }
    let transaction = &mut decision.transaction;
    write_dashboard(documents.dashboard, &outlook, now, transaction)
}
