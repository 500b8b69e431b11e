//! Which action a run tries by itself for an issue.

use crate::catalog::actions::Action;
use crate::core::remediate::brakes::{self, MOST_FAILURES};
use crate::core::remediate::history::Remediation;
use crate::model::ids::EnvironmentName;
use crate::model::incident::Grade;
use crate::model::issue::{Issue, IssueStatus};
use crate::text::Untrusted;

/// Returns the actions that may help against an issue, in the order of their names. One that
/// failed twice on it is not offered again, and one that needs a parameter is offered by nobody.
pub fn for_issue<'a>(
    all: impl Iterator<Item = &'a Action>,
    issue: &Issue,
    done: &[Remediation],
) -> Vec<&'a Action> {
    let kind = issue.resource.kind.as_str();
    let needs_nothing = |action: &&Action| {
        action
            .parameters
            .values()
            .all(|parameter| parameter.default.is_some())
    };
    let all = all
        .filter(|action| action.is_for(kind))
        .filter(|action| match gate(issue, action) {
            CauseGate::Unknown => action.helps.contains(&issue.check),
            other => other.is_open(),
        });
    all.filter(needs_nothing)
        .filter(|action| brakes::failures(done.iter(), &action.id, Some(&issue.id)) < MOST_FAILURES)
        .collect()
}

/// What an investigation of an issue means for an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CauseGate<'a> {
    /// Nobody has investigated it: the checks that the action helps against decide.
    Unknown,
    /// It helps against the cause that was found.
    Helps,
    /// No cause was found that is supported well enough to act on it unasked.
    Unproven,
    /// It is not among what helps against the cause that was found.
    CannotHelp(&'a Untrusted),
}

impl CauseGate<'_> {
    /// Whether a run may apply the action by itself.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Unknown | Self::Helps)
    }

    /// Says why it may not, as a warning for whoever may decide otherwise.
    pub fn warning(self) -> Option<Untrusted> {
        let Self::CannotHelp(cause) = self else {
            return None;
        };
        Some(Untrusted::new(format!(
            "it cannot help against the cause that was found: {}",
            cause.raw()
        )))
    }
}

/// Says what the cause of an issue means for an action. Only a cause that is at least possible, on
/// the resource of the issue, opens the way for runs.
pub fn gate<'a>(issue: &'a Issue, action: &Action) -> CauseGate<'a> {
    let Some(investigation) = &issue.investigation else {
        return CauseGate::Unknown;
    };
    let is_possible = investigation
        .confidence
        .is_some_and(|grade| matches!(grade, Grade::ConfirmedCause | Grade::PossibleContributor));
    let Some(cause) = issue.root_cause.as_ref().filter(|_| is_possible) else {
        return CauseGate::Unproven;
    };
    // `fractary remediate ACTION RESOURCE …`
    let is_it = |command: &Untrusted| {
        let mut words = command.raw().split_whitespace().skip(2);
        words.next().is_some_and(|word| action.is_called(word))
            && words.next() == Some(issue.resource.name.raw())
    };
    match investigation.actions.iter().any(is_it) {
        true => CauseGate::Helps,
        false => CauseGate::CannotHelp(cause),
    }
}

/// Returns the action that has failed on an issue as often as it is tried, where one has: people
/// take over then.
pub fn given_up<'a>(issue: &Issue, done: &'a [Remediation]) -> Option<&'a str> {
    let mut all = done.iter().map(|one| one.first.action.as_str());
    all.find(|action| brakes::failures(done.iter(), action, Some(&issue.id)) >= MOST_FAILURES)
}

/// Returns the issues of an environment that a run may act on, the most severe first. One that
/// people have, or that has just been acted on, is left alone.
pub fn issues<'a>(
    all: impl Iterator<Item = &'a Issue>,
    environment: &EnvironmentName,
) -> Vec<&'a Issue> {
    let mut open: Vec<&Issue> = all
        .filter(|issue| issue.environment == *environment)
        .filter(|issue| issue.escalation.is_none() && issue.assignee.is_none())
        .filter(|issue| {
            matches!(
                issue.status,
                IssueStatus::Active | IssueStatus::Investigating | IssueStatus::RemediationFailed
            )
        })
        .collect();
    open.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.id.cmp(&b.id)));
    open
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::actions::Actions;
    use crate::core::issue_fixtures::{World, function, minute, problem, report};
    use crate::model::issue::IssueInvestigation;
    use crate::model::status::Status;

    /// The issue of a function, investigated with this result.
    fn issue(check: &str, confidence: Option<Grade>, cause: &str, actions: &[&str]) -> Issue {
        let mut world = World::new();
        let bad = vec![problem(check, Status::Unhealthy, "errors")];
        let seen = report("prod", minute(0), vec![function("api", bad)]);
        let mut issue = world.run(&seen).changes.remove(0).after;
        issue.root_cause = Some(Untrusted::from(cause));
        issue.investigation = Some(IssueInvestigation {
            at: minute(1),
            status: "explained".to_owned(),
            confidence,
            report: Untrusted::from("incident.md"),
            actions: actions.iter().map(|&text| Untrusted::from(text)).collect(),
        });
        issue
    }

    fn offered(issue: &Issue) -> Vec<&str> {
        let all = for_issue(Actions::built_in().iter(), issue, &[]);
        all.iter().map(|action| action.id.as_str()).collect()
    }

    #[test]
    fn the_cause_decides_what_a_run_tries() {
        let restart = "fractary remediate restart_lambda api --issue i --env prod";
        let rollback = "fractary remediate rollback_lambda api --issue i --env prod";
        let elsewhere = "fractary remediate restart_lambda other --issue i --env prod";
        let errors = "error_rate_percent";
        for (what, confidence, actions, wanted) in [
            (
                "confirmed",
                Some(Grade::ConfirmedCause),
                &[restart][..],
                &["restart_lambda"][..],
            ),
            (
                "possible",
                Some(Grade::PossibleContributor),
                &[restart],
                &["restart_lambda"],
            ),
            (
                "a bad deployment",
                Some(Grade::ConfirmedCause),
                &[rollback],
                &["rollback_lambda"],
            ),
            (
                "an expired certificate",
                Some(Grade::ConfirmedCause),
                &[],
                &[],
            ),
            (
                "on another resource",
                Some(Grade::ConfirmedCause),
                &[elsewhere],
                &[],
            ),
            (
                "unrelated",
                Some(Grade::RecentButUnrelated),
                &[restart],
                &[],
            ),
            ("no evidence", Some(Grade::NeedsEvidence), &[restart], &[]),
            ("no cause", None, &[], &[]),
        ] {
            let issue = issue(errors, confidence, "the cause", actions);
            assert_eq!(offered(&issue), wanted, "{what}");
        }
        let mut unseen = issue(errors, None, "", &[]);
        unseen.investigation = None;
        assert!(
            offered(&unseen).contains(&"restart_lambda"),
            "nobody has looked"
        );
    }

    #[test]
    fn what_cannot_help_is_said_to_whoever_asks_for_it() {
        let cause = "a certificate that api relies on has expired";
        let grade = Some(Grade::ConfirmedCause);
        let issue = issue("error_rate_percent", grade, cause, &[]);
        let restart = Actions::built_in().get("restart_lambda");
        let gate = gate(&issue, restart.expect("it is built in"));
        assert!(!gate.is_open());
        let warning = gate.warning().expect("a warning");
        assert_eq!(
            warning.raw(),
            "it cannot help against the cause that was found: a certificate that api relies on has expired"
        );
    }
}
