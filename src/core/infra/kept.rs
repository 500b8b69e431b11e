//! A plan that was shown: what it was made from, and whether it may still be applied.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::model::deployments::DeploymentOperation;
use crate::model::ids::EnvironmentName;
use crate::text::Untrusted;
use crate::text::times;

/// How long a plan may be applied after it was made.
pub const MOST_AGE: SignedDuration = SignedDuration::from_hours(24);

/// What a kept plan was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptPlan {
    /// Version of this format.
    pub version: u32,
    /// Whether it deploys or tears down.
    pub operation: DeploymentOperation,
    /// The environment.
    pub environment: EnvironmentName,
    /// What it was made from.
    pub basis: PlanBasis,
    /// SHA-256 of the plan's file, in hexadecimal digits.
    pub plan_sha256: String,
    /// When it was made.
    pub made_at: Timestamp,
}

/// What a plan is made from: with another basis it would be another plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanBasis {
    /// The directory of the configuration.
    pub directory: String,
    /// The commit that is checked out.
    pub commit: Option<String>,
    /// The id of the directory's tree in it.
    pub tree: Option<String>,
    /// SHA-256 over the files of the directory as they are.
    pub source_sha256: String,
    /// The tool with its version.
    pub tool: Untrusted,
    /// Serial number of the state; `None` where there is none yet.
    pub serial: Option<u64>,
    /// Lineage of the state.
    pub lineage: Option<Untrusted>,
}

/// Why a plan that was shown may not be applied any more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StalePlan {
    /// Its bytes are others.
    #[error(
        "the plan's file was changed after it was shown: it has SHA-256 {is}, and {was} was shown"
    )]
    Tampered {
        /// What was shown.
        was: String,
        /// What it is.
        is: String,
    },
    /// It is for something else.
    #[error("the plan was made to {was}, and this is to {is}")]
    OtherOperation {
        /// What it was made for.
        was: &'static str,
        /// What is to be done.
        is: &'static str,
    },
    /// Another directory.
    #[error("the plan is of the directory {was}, and devops.json names {is}")]
    OtherDirectory {
        /// Its directory.
        was: String,
        /// The configured one.
        is: String,
    },
    /// The configuration has changed.
    #[error("the files of {0} have changed since the plan was made")]
    OtherSource(String),
    /// Another version of the tool.
    #[error(
        "the plan was made by {was}, and {is} is installed: a plan is only for the version that made it"
    )]
    OtherTool {
        /// What made it.
        was: String,
        /// What is here.
        is: String,
    },
    /// Another state.
    #[error(
        "the state has another lineage than the one that the plan was made for: it is another state"
    )]
    OtherState,
    /// The state has changed.
    #[error(
        "the state has moved on since the plan was made: it had serial {was}, and now has {is}"
    )]
    StateMoved {
        /// Its serial then.
        was: String,
        /// Its serial now.
        is: String,
    },
    /// It is old.
    #[error("the plan was made {0}, and is applied for at most 24 hours")]
    Old(String),
}

/// Holds a kept plan against what is now.
///
/// # Errors
/// The first reason why it may not be applied.
pub fn check(
    kept: &KeptPlan,
    now: &PlanBasis,
    operation: DeploymentOperation,
    plan_sha256: &str,
    at: Timestamp,
) -> Result<(), StalePlan> {
    let was = &kept.basis;
    if kept.plan_sha256 != plan_sha256 {
        return Err(StalePlan::Tampered {
            was: short(&kept.plan_sha256),
            is: short(plan_sha256),
        });
    }
    if kept.operation != operation {
        return Err(StalePlan::OtherOperation {
            was: kept.operation.verb(),
            is: operation.verb(),
        });
    }
    if was.directory != now.directory {
        return Err(StalePlan::OtherDirectory {
            was: was.directory.clone(),
            is: now.directory.clone(),
        });
    }
    if was.source_sha256 != now.source_sha256 || was.tree != now.tree {
        return Err(StalePlan::OtherSource(now.directory.clone()));
    }
    if was.tool != now.tool {
        return Err(StalePlan::OtherTool {
            was: was.tool.terminal(),
            is: now.tool.terminal(),
        });
    }
    if was.lineage.is_some() && was.lineage != now.lineage {
        return Err(StalePlan::OtherState);
    }
    if was.serial != now.serial {
        let number = |serial: Option<u64>| serial.map_or("none".to_owned(), |n| n.to_string());
        return Err(StalePlan::StateMoved {
            was: number(was.serial),
            is: number(now.serial),
        });
    }
    match at.duration_since(kept.made_at) > MOST_AGE {
        true => Err(StalePlan::Old(times::ago(kept.made_at, at))),
        false => Ok(()),
    }
}

/// The first characters of a hash, for people.
pub fn short(hash: &str) -> String {
    hash.chars().take(12).collect()
}

impl DeploymentOperation {
    /// Returns the word for it in a sentence.
    pub fn verb(self) -> &'static str {
        match self {
            Self::Deploy => "deploy",
            Self::Teardown => "tear down",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn basis() -> PlanBasis {
        PlanBasis {
            directory: "infra".to_owned(),
            commit: Some("c".to_owned()),
            tree: Some("t".to_owned()),
            source_sha256: "s".to_owned(),
            tool: "terraform 1.15.5".into(),
            serial: Some(4),
            lineage: Some("l".into()),
        }
    }

    fn kept() -> KeptPlan {
        KeptPlan {
            version: 1,
            operation: DeploymentOperation::Deploy,
            environment: EnvironmentName::new("test").expect("a name"),
            basis: basis(),
            plan_sha256: "a".repeat(64),
            made_at: at("2026-03-01T12:00:00Z"),
        }
    }

    #[test]
    fn a_plan_is_applied_only_to_what_it_was_made_for() {
        let hash = "a".repeat(64);
        let now = at("2026-03-02T11:00:00Z");
        let deploy = DeploymentOperation::Deploy;
        let check = |basis: PlanBasis, hash: &str, operation, now| {
            check(&kept(), &basis, operation, hash, now)
                .err()
                .map_or("fine".to_owned(), |error| error.to_string())
        };
        let other = |change: fn(&mut PlanBasis)| {
            let mut basis = basis();
            change(&mut basis);
            check(basis, &hash, deploy, now)
        };
        let said = [
            check(basis(), &hash, deploy, now),
            // Another commit with the same directory is the same plan.
            other(|one| one.commit = Some("d".to_owned())),
            check(basis(), &"b".repeat(64), deploy, now),
            check(basis(), &hash, DeploymentOperation::Teardown, now),
            other(|one| one.directory = "other".to_owned()),
            other(|one| one.source_sha256 = "u".to_owned()),
            other(|one| one.tree = None),
            other(|one| one.tool = "terraform 1.16.0".into()),
            other(|one| one.lineage = Some("m".into())),
            other(|one| one.serial = Some(5)),
            other(|one| one.serial = None),
            check(basis(), &hash, deploy, at("2026-03-02T12:00:01Z")),
        ];
        insta::assert_snapshot!(said.join("\n"), @r"
        fine
        fine
        the plan's file was changed after it was shown: it has SHA-256 bbbbbbbbbbbb, and aaaaaaaaaaaa was shown
        the plan was made to deploy, and this is to tear down
        the plan is of the directory infra, and devops.json names other
        the files of infra have changed since the plan was made
        the files of infra have changed since the plan was made
        the plan was made by terraform 1.15.5, and terraform 1.16.0 is installed: a plan is only for the version that made it
        the state has another lineage than the one that the plan was made for: it is another state
        the state has moved on since the plan was made: it had serial 4, and now has 5
        the state has moved on since the plan was made: it had serial 4, and now has none
        the plan was made 1d ago, and is applied for at most 24 hours
        ");
    }
}
