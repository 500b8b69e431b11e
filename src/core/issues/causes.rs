//! The cause of an issue, as a person names it.

use jiff::Timestamp;

use super::actions::{ActionError, checked, resolve, signed};
use super::timeline;
use crate::model::issue::{Issue, IssueStatus, MOST_CAUSES, NamedCause};
use crate::text::Untrusted;

/// A cause that a person names.
#[derive(Debug, Clone, Copy)]
pub struct CauseGiven<'a> {
    /// In words.
    pub text: &'a Untrusted,
    /// The signature that says the same.
    pub signature: Option<&'a str>,
}

/// Resolves an issue whose cause is known, and keeps the cause. One that is resolved already gets
/// it too: most causes are found when the outage is over.
pub fn resolve_for(
    issue: Issue,
    reason: Option<&Untrusted>,
    cause: CauseGiven<'_>,
    by: Option<&Untrusted>,
    now: Timestamp,
) -> Result<Issue, ActionError> {
    let text = checked(cause.text, "cause")?;
    let mut issue = issue;
    let named = cause.signature.map(|signature| NamedCause {
        occurrence: issue.occurrences,
        signature: signature.to_owned(),
    });
    let known = issue.root_cause.as_ref().map(Untrusted::raw) == Some(text);
    if !known
        || named
            .as_ref()
            .is_some_and(|named| !issue.causes.contains(named))
    {
        issue.root_cause = Some(Untrusted::from(text));
        let occurrence = issue.occurrences;
        issue.causes.retain(|one| one.occurrence != occurrence);
        issue.causes.extend(named);
        let surplus = issue.causes.len().saturating_sub(MOST_CAUSES);
        issue.causes.drain(..surplus);
        timeline::push(&mut issue, now, "cause", signed(by, text));
    }
    match issue.status {
        IssueStatus::Resolved => Ok(issue),
        _ => resolve(issue, reason.unwrap_or(cause.text), by, now),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::issue_fixtures::{World, function, minute, problem, report};
    use crate::model::status::Status;

    fn fresh() -> Issue {
        let mut world = World::new();
        let bad = function("api", vec![problem("x", Status::Degraded, "trouble")]);
        world.run(&report("prod", minute(0), vec![bad]));
        world.only().clone()
    }

    #[test]
    fn a_cause_that_is_named_is_kept_also_where_the_issue_is_over() {
        let words = Untrusted::from("a deployment");
        let cause = |signature| CauseGiven {
            text: &words,
            signature,
        };
        let open = fresh();
        let closed = resolve_for(open, None, cause(Some("bad-deployment")), None, minute(4));
        let closed = closed.expect("resolved");
        assert_eq!(closed.status, IssueStatus::Resolved);
        assert_eq!(closed.root_cause, Some(words.clone()));
        let named = |occurrence, signature: &str| NamedCause {
            occurrence,
            signature: signature.to_owned(),
        };
        assert_eq!(closed.causes, [named(1, "bad-deployment")]);
        // The same again changes nothing, and what was wrong is put right.
        let again = resolve_for(
            closed.clone(),
            None,
            cause(Some("bad-deployment")),
            None,
            minute(5),
        );
        assert_eq!(again.as_ref(), Ok(&closed));
        let other = resolve_for(
            closed.clone(),
            None,
            cause(Some("disk-full")),
            None,
            minute(6),
        );
        let other = other.expect("it is resolved");
        assert_eq!(other.causes, [named(1, "disk-full")]);
        let mut back = other;
        back.occurrences = 2;
        let more = resolve_for(back, None, cause(Some("dns")), None, minute(7));
        let more = more.expect("it is resolved");
        assert_eq!(more.causes, [named(1, "disk-full"), named(2, "dns")]);
    }
}
