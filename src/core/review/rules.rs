//! The rules of a review: which section they belong to, and how what they find is cleared.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::model::review::{ReviewFinding, ReviewSection, ReviewVerdict, TriggeredRule};
use crate::model::status::Severity;
use crate::text::Untrusted;

/// A rule: its name, its section, and how to clear what it finds.
pub(super) struct ReviewRule {
    pub(super) name: &'static str,
    section: ReviewSection,
    clear: &'static str,
}

macro_rules! rules {
    ($($constant:ident = $name:literal, $section:ident, $clear:literal;)*) => {
        $(pub(super) const $constant: ReviewRule = ReviewRule {
            name: $name, section: ReviewSection::$section, clear: $clear,
        };)*
        #[cfg(test)]
        const ALL: &[ReviewRule] = &[$($constant),*];
    };
}

rules! {
    UNREADABLE = "plan-unreadable", Plan,
        "make the plan again, and pass what `terraform show -json PLANFILE` prints";
    FAILED = "plan-failed", Plan, "fix what planning failed on, and plan again";
    INCOMPLETE = "plan-incomplete", Plan,
        "plan without `-target` and `-exclude`; what is deferred needs a second plan after the apply";
    NOT_BOUND = "plan-not-bound", Plan,
        "pass what the plan was made from: `--plan DIR=FILE,META`";
    OTHER_SOURCE = "plan-of-other-source", Plan, "plan again at the head of this branch";
    OTHER_ENVIRONMENT = "other-environment", Plan,
        "plan for the environment that is under review, or name the right one with `--env`";
    NOT_PLANNED = "not-planned", Plan, "plan the directory, and pass `--plan DIR=FILE`";
    WOULD_UNDO = "would-undo", Plan,
        "bring the base branch into this one (merge or rebase), and plan again";
    DATA_LOSS = "data-loss", Plan,
        "keep it, or let it leave Terraform (`removed` with `destroy = false`); where the loss is meant, make a backup first, and let someone merge it who is allowed to";
    MAY_LOSE_DATA = "may-lose-data", Plan,
        "make sure that it holds nothing that is needed";
    DOWNTIME = "downtime", Plan, "set `create_before_destroy`, or plan the gap";
    LEAVES_TERRAFORM = "leaves-terraform", Plan,
        "say who owns it from now on, or destroy it where nobody does";
    COUNT_SHIFT = "count-shift", Plan,
        "use `for_each` with stable keys in place of `count`";
    PREDICTED_FAILURE = "predicted-failure", Plan,
        "change the setting in a change of its own before this one";
    UNKNOWN_ACTION = "unknown-action", Plan,
        "read the plan itself: this version of fractary does not know the action";
    CHECK_FAILED = "check-failed", Plan, "fix what the check is about, or the check";
    INVOKES = "invokes-actions", Plan, "make sure that the actions may run now";
    NOISE = "plan-wrapped", Plan,
        "with hashicorp/setup-terraform, set `terraform_wrapper: false`";
    COST = "cost-notice", Cost,
        "make sure that it is worth it; `[review]` of helm.toml says from which growth on a review warns";
    FREEZE = "freeze", Operations,
        "wait until it is over; who may lift it changes `[review]` of helm.toml on the base branch";
    ERROR_BUDGET = "error-budget", Operations,
        "wait until the budget has recovered, or say why this change makes it better";
    OPEN_ISSUE = "open-issue", Operations, "resolve the issue first, or say why this helps";
    DEPENDENTS = "dependents", Operations, "tell who runs what depends on it";
    DRIFT = "drift", Operations,
        "look at who changed it outside of Terraform and why; this plan changes it back";
    IAM_ADMIN = "iam-admin", Security, "name the actions and resources that are needed";
    PUBLIC_POLICY = "public-policy", Security, "name who may use it, or add a condition that does";
    MAY_BE_OPEN = "may-be-open", Security,
        "plan what prevents it together with this, or look whether it is there, and accept the finding";
    IAM_WIDENED = "iam-widened", Security, "make sure that every new permission is needed";
    IAM_UNKNOWN = "iam-unknown", Security, "look at the policy again once it is known";
    NOT_CHECKED = "not-checked", Security, "split the change";
    FIXED = "fixed", Security, "nothing to clear";
    STATE_INVALID = "state-invalid", State, "`fractary check` shows every fault with its place";
    STATE_NOT_PLAIN = "state-not-plain", State,
        "make it a plain file: no link, no submodule, not executable";
    LOG_REWRITTEN = "log-rewritten", State, "restore the log from the base branch; entries are only appended";
    STATE_SECRET = "state-secret", State,
        "remove it, and deactivate it where it is from: git remembers it";
    AUTOMATION_CHANGED = "automation-changed", State,
        "read what is run and done from then on; it counts once it is merged";
    BAR_CHANGED = "bar-changed", State,
        "bring the change of the rules in a pull request of its own; until then those of the base branch count";
}

/// Collects findings of rules.
#[derive(Default)]
pub(super) struct Findings(pub(super) Vec<ReviewFinding>);

/// What a finding says.
pub(super) struct Said {
    pub(super) severity: Severity,
    pub(super) effect: ReviewVerdict,
    pub(super) subject: Untrusted,
    pub(super) title: String,
    pub(super) evidence: Vec<String>,
}

impl Findings {
    pub(super) fn add(&mut self, rule: &ReviewRule, said: Said) {
        self.add_part(rule, "", said);
    }

    /// The same, where a rule can find several things of one subject: `part` tells them apart
    /// by what they mean, never by their place.
    pub(super) fn add_part(&mut self, rule: &ReviewRule, part: &str, said: Said) {
        self.0.push(ReviewFinding {
            id: finding_id(rule.name, said.subject.raw(), part),
            section: rule.section,
            rule: rule.name.to_owned(),
            severity: said.severity,
            effect: said.effect,
            subject: said.subject,
            title: Untrusted::new(said.title),
            evidence: said.evidence.into_iter().map(Untrusted::new).collect(),
            fix: Untrusted::from(rule.clear),
            place: None,
            new: true,
            suppressed_because: None,
        });
    }
}

/// Returns what identifies a finding on every run.
pub fn finding_id(rule: &str, subject: &str, part: &str) -> String {
    let mut hash = Sha256::new();
    for text in [rule, subject, part] {
        hash.update(text.len().to_be_bytes());
        hash.update(text.as_bytes());
    }
    let mut id = hex::encode(hash.finalize());
    id.truncate(12);
    id
}

/// Most subjects that are listed of a rule.
const MOST_LISTED: usize = 5;

/// Every rule that asks for more than a look, the strictest first.
pub(super) fn triggered(findings: &[ReviewFinding]) -> Vec<TriggeredRule> {
    let mut rules: BTreeMap<&str, TriggeredRule> = BTreeMap::new();
    for finding in findings
        .iter()
        .filter(|one| one.effect > ReviewVerdict::Pass)
    {
        let rule = rules.entry(&finding.rule).or_insert_with(|| TriggeredRule {
            rule: finding.rule.clone(),
            verdict: finding.effect,
            count: 0,
            triggered_by: Vec::new(),
            clear: finding.fix.clone(),
        });
        rule.verdict = rule.verdict.max(finding.effect);
        rule.count += 1;
        if rule.triggered_by.len() < MOST_LISTED {
            rule.triggered_by.push(finding.subject.clone());
        }
    }
    let mut all: Vec<TriggeredRule> = rules.into_values().collect();
    all.sort_by(|a, b| b.verdict.cmp(&a.verdict).then_with(|| a.rule.cmp(&b.rule)));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_have_names_of_their_own() {
        let mut names: Vec<&str> = ALL.iter().map(|rule| rule.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
        assert!(ALL.iter().all(|rule| !rule.clear.is_empty()));
    }

    #[test]
    fn ids_tell_parts_apart() {
        let id = finding_id("a", "b", "c");
        assert_eq!(id.len(), 12);
        assert_eq!(id, finding_id("a", "b", "c"));
        assert_ne!(id, finding_id("a", "bc", ""));
        assert_ne!(id, finding_id("ab", "", "c"));
    }
}
