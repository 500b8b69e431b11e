//! Reviews a change before it is merged: what its plans do, and what speaks against it.
//!
//! Plans are examined one at a time, since they are large; [`conclude`] makes one answer of
//! all that was found.

#[cfg(test)]
mod acceptance;
mod accepted;
mod change;
mod checks;
mod companions;
mod conclude;
mod configured;
mod cost;
mod dependents;
mod difference;
mod environment;
mod evaluated;
mod exposure;
mod facts;
mod failure;
mod grants;
mod group_rules;
pub mod mask;
mod obstacles;
mod older;
mod operations;
mod orphans;
mod planned;
mod rules;
mod shift;
mod source;
mod state;
mod whole;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::catalog::checks::Check;
use crate::catalog::stateful::Stateful;
use crate::core::cost::prices::PriceBook;
use crate::core::review::configured::Configured;
use crate::core::review::mask::Masker;
use crate::core::review::rules::Findings;
use crate::model::environments::Environment;
use crate::model::helm::ReviewSettings;
use crate::model::ids::CommitId;
use crate::model::monitoring::ComplianceSection;
use crate::model::plan::{PlanCounts, TerraformPlan};
use crate::model::review::{ReviewFinding, ReviewVerdict, ReviewedPlan};
use crate::text::Untrusted;

pub use accepted::AcceptedFindings;
pub use conclude::{Conclusion, conclude};
pub use configured::LocalReferences;
pub use difference::of_values as value_differences;
pub use obstacles::{DestroyObstacle, destroy_obstacles, wants_snapshot};
pub use operations::Surroundings;
pub use rules::finding_id;
pub use source::{
    PlanMeta, PlanOrigin, RootModule, UnderReview, directories_not_planned, directories_removed,
    origin,
};
pub use state::{StateFault, state_findings};

/// What a plan is held against.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    /// The environment that the plans are for, where one is named.
    pub environment: Option<&'a Environment>,
    /// All environments.
    pub environments: &'a [Environment],
    /// Whether the environment is protected: critical, or one that needs confirmation.
    pub is_protected: bool,
    /// Types that hold data.
    pub stateful: &'a Stateful,
    /// The checks that planned resources are held against.
    pub checks: &'a [&'a Check],
    /// The rules of `[compliance]` on the base branch.
    pub rules: &'a ComplianceSection,
    /// What the base branch accepts.
    pub accepted: AcceptedFindings<'a>,
    /// What is deployed, and how it is.
    pub surroundings: Surroundings<'a>,
    /// What AWS charges.
    pub prices: &'a PriceBook,
    /// `[review]` of helm.toml on the base branch.
    pub settings: &'a ReviewSettings,
    /// What is asked for where something dangerous cannot be told from something harmless.
    pub unknown: ReviewVerdict,
}

impl Circumstances<'_> {
    /// Returns the verdict for what may be dangerous. In a protected environment nobody finds
    /// out by trying.
    fn of_unknown(self) -> ReviewVerdict {
        match self.is_protected {
            true => ReviewVerdict::Block,
            false => self.unknown,
        }
    }
}

/// A commit of the base branch that a plan would undo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoneCommit {
    /// The commit.
    pub id: CommitId,
    /// First line of its message.
    pub subject: Untrusted,
}

/// A plan, and what is known of where it comes from.
#[derive(Debug)]
pub struct PlanUnderReview<'a> {
    /// The directory of its configuration.
    pub directory: Untrusted,
    /// The file that it was read from.
    pub file: Untrusted,
    /// The plan, or why it could not be read.
    pub plan: Result<&'a TerraformPlan<'a>, String>,
    /// What it was made from, held against what is under review.
    pub origin: PlanOrigin,
    /// By configuration address: resources that the base branch has gained since this branch
    /// began, and the commit that added each.
    pub gained: &'a BTreeMap<String, UndoneCommit>,
    /// What locals in its source refer to.
    pub locals: &'a LocalReferences,
}

/// What one plan shows.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanExamination {
    /// The plan, as people read it.
    pub plan: ReviewedPlan,
    /// What was found.
    pub findings: Vec<ReviewFinding>,
    /// What it does not say.
    pub not_looked_at: Vec<Untrusted>,
}

/// Marks findings of no plan that the base branch accepts.
pub fn accept(findings: &mut [ReviewFinding], accepted: AcceptedFindings<'_>) {
    accepted::mark(findings, accepted, None);
}

/// Examines one plan. No secret value is in what comes out.
pub fn examine(given: &PlanUnderReview<'_>, around: Circumstances<'_>) -> PlanExamination {
    let mut findings = Findings::default();
    let mut not_looked_at = Vec::new();
    let plan = match &given.plan {
        Ok(plan) => plan,
        Err(error) => {
            whole::unreadable(given, error, &mut findings);
            return PlanExamination {
                plan: empty(given),
                findings: findings.0,
                not_looked_at,
            };
        }
    };
    let masker = Masker::new(plan.secrets.clone());
    let configured = Configured::new(plan.configuration, given.locals);
    whole::examine(given, plan, around, &mut findings, &mut not_looked_at);
    source::examine(given, plan, around, &mut findings);
    environment::examine(plan, around, &mut findings);
    change::examine(plan, around, &mut findings);
    failure::examine(plan, &mut findings);
    shift::examine(plan, &mut findings);
    grants::examine(plan, &configured, around, &mut findings);
    checks::examine(plan, &configured, around, &mut findings, &mut not_looked_at);
    operations::examine(plan, around, &mut findings);
    let cost = cost::examine(plan, &configured, around, &mut findings);
    accepted::mark(&mut findings.0, around.accepted, Some(plan));
    let (changes, more_changes) = change::rows(plan, around.stateful, &masker);
    let counts = PlanCounts::new(plan);
    let mut reviewed = ReviewedPlan {
        readable: true,
        tool_version: plan.tool_version.clone(),
        complete: plan.complete,
        errored: plan.errored,
        counts,
        summary: counts.terraform_line(),
        changes,
        more_changes,
        outputs: change::outputs(plan, &masker),
        cost: Some(cost),
        ..empty(given)
    };
    let hide = |text: &mut Untrusted| masker.hide_in(text);
    reviewed.map_texts(&hide);
    for finding in &mut findings.0 {
        finding.map_texts(&hide);
    }
    not_looked_at.iter_mut().for_each(&hide);
    PlanExamination {
        plan: reviewed,
        findings: findings.0,
        not_looked_at,
    }
}

fn empty(given: &PlanUnderReview<'_>) -> ReviewedPlan {
    ReviewedPlan {
        directory: given.directory.clone(),
        file: given.file.clone(),
        readable: false,
        tool_version: None,
        complete: None,
        errored: false,
        bound: given.origin.is_bound(),
        counts: PlanCounts::default(),
        summary: String::new(),
        changes: Vec::new(),
        more_changes: 0,
        outputs: Vec::new(),
        cost: None,
    }
}
