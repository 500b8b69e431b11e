//! What was recorded of grants, held against what AWS has.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::core::permissions::atoms::{GrantAtom, put_together};
use crate::core::permissions::grant_history::{atoms, is_in_force};
use crate::core::permissions::policies::{GrantPlace, NoRoom};
use crate::model::iam_audit::{GrantDifference, GrantStatus, ListedGrant};
use crate::text::Untrusted;

/// How the record of one identity differs from AWS.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Difference {
    /// Recorded, and not in AWS.
    pub missing: BTreeSet<GrantAtom>,
    /// In AWS, and in no record.
    pub unexplained: BTreeSet<GrantAtom>,
    /// Statements that somebody else wrote into the policies of grants.
    pub foreign: Vec<Value>,
    /// Grants whose outcome was never recorded.
    pub open: Vec<String>,
}

/// Compares.
///
/// # Errors
/// Where a policy cannot be read.
pub fn compare(place: &GrantPlace, own: &[&ListedGrant]) -> Result<Difference, NoRoom> {
    let in_force: Vec<&&ListedGrant> = own.iter().filter(|one| is_in_force(one)).collect();
    let recorded = in_force.iter().flat_map(|one| atoms(&one.record));
    let recorded: BTreeSet<GrantAtom> = recorded.collect();
    let mut granted = place.granted()?;
    // What older records are about is in policies of its own.
    let older = in_force.iter().filter(|one| one.record.origin.is_some());
    for arn in older.filter_map(|one| one.record.policy_arn.as_ref()) {
        granted.extend(place.permissions_in(arn));
    }
    let covered = |atom: &GrantAtom| granted.iter().any(|other| atom.is_within(other));
    let explained = |atom: &GrantAtom| recorded.iter().any(|other| atom.is_within(other));
    let is_open = |one: &&&ListedGrant| {
        matches!(
            one.record.status,
            GrantStatus::Started | GrantStatus::Revoking | GrantStatus::Unconfirmed
        )
    };
    Ok(Difference {
        missing: recorded
            .iter()
            .filter(|one| !covered(one))
            .cloned()
            .collect(),
        unexplained: granted
            .iter()
            .filter(|one| !explained(one))
            .cloned()
            .collect(),
        foreign: place.foreign()?,
        open: own
            .iter()
            .filter(is_open)
            .map(|one| one.id.clone())
            .collect(),
    })
}

impl Difference {
    /// Whether there is none.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Returns it as reports show it.
    pub fn shown(&self, principal: &str) -> GrantDifference {
        GrantDifference {
            principal: Untrusted::new(principal),
            missing: put_together(&self.missing),
            unexplained: put_together(&self.unexplained),
            foreign: self.foreign.clone(),
            open: self.open.clone(),
        }
    }
}
