//! Where a plan comes from: whether it is of the source under review, and whether every
//! directory that changes has one.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::core::review::rules::{self, Findings, Said};
use crate::core::review::{Circumstances, PlanUnderReview, UndoneCommit};
use crate::model::inventory::config_address;
use crate::model::plan::{PlanAction, TerraformPlan};
use crate::model::review::{ReviewFinding, ReviewVerdict};
use crate::model::status::Severity;
use crate::text::Untrusted;

/// What a plan was made from, as whoever made it wrote down beside it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanMeta {
    /// The commit, in full.
    #[serde(default)]
    pub commit: Option<String>,
    /// The id of the directory's tree in that commit, in full (`git rev-parse HEAD:DIR`).
    #[serde(default)]
    pub tree: Option<String>,
    /// The environment.
    #[serde(default)]
    pub environment: Option<String>,
    /// SHA-256 of the plan's JSON, in hexadecimal digits.
    #[serde(default)]
    pub json_sha256: Option<String>,
    /// Serial number of the state that it was made for.
    #[serde(default)]
    pub serial: Option<u64>,
}

/// What a plan should have been made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnderReview {
    /// The commit under review.
    pub commit: String,
    /// The id of the directory's tree in it; `None` where the directory is not there.
    pub tree: Option<String>,
    /// The environment, where one is named.
    pub environment: Option<String>,
    /// SHA-256 of the plan's JSON.
    pub json_sha256: String,
}

/// Holds what a plan was made from against what is under review.
pub fn origin(meta: Option<&PlanMeta>, wanted: &UnderReview) -> PlanOrigin {
    let Some(meta) = meta else {
        return PlanOrigin::Unknown;
    };
    let short = |id: &str| id.chars().take(10).collect::<String>();
    if let (Some(made), Some(wanted)) = (&meta.environment, &wanted.environment)
        && made != wanted
    {
        return PlanOrigin::OtherEnvironment(format!("it was made for {made}, not for {wanted}"));
    }
    if let Some(made) = &meta.json_sha256
        && !made.eq_ignore_ascii_case(&wanted.json_sha256)
    {
        let text = "what was written down is about another plan file (json_sha256 differs)";
        return PlanOrigin::OtherSource(text.to_owned());
    }
    match (&meta.tree, &wanted.tree, &meta.commit) {
        (Some(made), Some(tree), _) if made == tree => PlanOrigin::SameSource,
        (Some(made), Some(tree), _) => PlanOrigin::OtherSource(format!(
            "it was made from tree {}, and the head has {}",
            short(made),
            short(tree)
        )),
        (Some(_), None, _) => PlanOrigin::OtherSource("the head has no such directory".to_owned()),
        // The trial merge of a pull request is a commit of its own, so a tree says more.
        (None, _, Some(made)) if *made == wanted.commit => PlanOrigin::SameSource,
        (None, _, Some(made)) => PlanOrigin::OtherSource(format!(
            "it was made from commit {}, and the head is {}",
            short(made),
            short(&wanted.commit)
        )),
        (None, _, None) => PlanOrigin::Unknown,
    }
}

/// What a plan was made from, held against what is under review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanOrigin {
    /// Nothing says so.
    Unknown,
    /// Exactly the source under review.
    SameSource,
    /// Something else: why, in a sentence.
    OtherSource(String),
    /// Another environment: why, in a sentence.
    OtherEnvironment(String),
    /// A run that anybody may have made: it can only make the answer worse.
    Untrusted,
}

impl PlanOrigin {
    /// Returns whether it is of exactly the source under review, where that is known.
    pub(super) fn is_bound(&self) -> Option<bool> {
        match self {
            Self::Unknown | Self::Untrusted => None,
            Self::SameSource => Some(true),
            Self::OtherSource(_) | Self::OtherEnvironment(_) => Some(false),
        }
    }
}

pub(super) fn examine(
    given: &PlanUnderReview<'_>,
    plan: &TerraformPlan<'_>,
    around: Circumstances<'_>,
    findings: &mut Findings,
) {
    let said = |severity, effect, title: &str, evidence: Vec<String>| Said {
        severity,
        effect,
        subject: given.directory.clone(),
        title: title.to_owned(),
        evidence,
    };
    match &given.origin {
        PlanOrigin::SameSource => {}
        PlanOrigin::Unknown => findings.add(
            &rules::NOT_BOUND,
            said(
                Severity::Medium,
                ReviewVerdict::Warn,
                "nothing says that the plan is of this commit",
                Vec::new(),
            ),
        ),
        PlanOrigin::Untrusted => findings.add(
            &rules::NOT_BOUND,
            said(
                Severity::Medium,
                ReviewVerdict::Warn,
                "the plan is from an untrusted run, so it proves nothing good",
                Vec::new(),
            ),
        ),
        PlanOrigin::OtherSource(why) => findings.add(
            &rules::OTHER_SOURCE,
            said(
                Severity::High,
                ReviewVerdict::Block,
                &format!(
                    "the plan is of another version of {}",
                    given.directory.raw()
                ),
                vec![why.clone()],
            ),
        ),
        PlanOrigin::OtherEnvironment(why) => findings.add(
            &rules::OTHER_ENVIRONMENT,
            said(
                Severity::Critical,
                ReviewVerdict::Block,
                "the plan is for another environment",
                vec![why.clone()],
            ),
        ),
    }
    would_undo(given.gained, plan, around, findings);
}

/// A resource that is gone from the configuration because this branch never had it: the base
/// branch gained it after this branch began.
fn would_undo(
    gained: &BTreeMap<String, UndoneCommit>,
    plan: &TerraformPlan<'_>,
    around: Circumstances<'_>,
    findings: &mut Findings,
) {
    for change in plan.changes.iter().filter(|change| change.is_current()) {
        let is_removed = matches!(change.action, PlanAction::Destroy | PlanAction::Forget);
        let has_no_block = change.reason.as_ref().is_none_or(|reason| {
            matches!(
                reason.raw(),
                "delete_because_no_resource_config" | "delete_because_no_module"
            )
        });
        let commit = gained.get(&config_address(change.address.raw()));
        let (true, true, Some(commit)) = (is_removed, has_no_block, commit) else {
            continue;
        };
        let lost = around.stateful.lost(change.resource_type.raw());
        findings.add(
            &rules::WOULD_UNDO,
            Said {
                severity: Severity::Critical,
                effect: ReviewVerdict::Block,
                subject: change.address.clone(),
                title: format!(
                    "would undo {} '{}', which was merged after this branch began",
                    commit.id.short(),
                    commit.subject.raw()
                ),
                evidence: lost
                    .iter()
                    .map(|lost| format!("it holds data: {lost}"))
                    .collect(),
            },
        );
    }
}

/// A directory whose configuration is applied by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootModule {
    /// The directory.
    pub directory: Untrusted,
    /// Directories of modules that it uses, in whole depth.
    pub uses: BTreeSet<String>,
}

/// Finds the directories that a change touches, by themselves or through a module, and that
/// no plan was given for. `changed` are the directories with changed Terraform files.
pub fn directories_not_planned(
    roots: &[RootModule],
    changed: &BTreeSet<String>,
    planned: &BTreeSet<String>,
) -> Vec<ReviewFinding> {
    let mut findings = Findings::default();
    for root in roots {
        let directory = root.directory.raw();
        if planned.contains(directory) {
            continue;
        }
        let is_changed = changed.contains(directory);
        let modules: Vec<&String> = root.uses.intersection(changed).collect();
        if !is_changed && modules.is_empty() {
            continue;
        }
        let evidence = modules
            .iter()
            .map(|module| format!("it uses {module}, which changes"));
        findings.add(
            &rules::NOT_PLANNED,
            Said {
                severity: Severity::Medium,
                effect: ReviewVerdict::Warn,
                subject: root.directory.clone(),
                title: format!("{directory} changes and was not planned"),
                evidence: evidence.collect(),
            },
        );
    }
    findings.0
}

/// Says of directories that were applied by themselves that a change leaves nothing of their
/// configuration.
pub fn directories_removed(removed: &[RootModule]) -> Vec<ReviewFinding> {
    let mut findings = Findings::default();
    for root in removed {
        findings.add(
            &rules::LEAVES_TERRAFORM,
            Said {
                severity: Severity::Medium,
                effect: ReviewVerdict::Warn,
                subject: root.directory.clone(),
                title: format!("{} has no Terraform any more", root.directory.raw()),
                evidence: vec![
                    "what it deployed keeps running and costing, unless it was destroyed"
                        .to_owned(),
                ],
            },
        );
    }
    findings.0
}
