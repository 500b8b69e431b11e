//! Why something cannot be known.

use std::collections::BTreeSet;
use std::fmt;

use super::value::GapId;

/// One reason why something cannot be known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// A call gave no answer.
    Gap(GapId),
    /// Nobody asked for this name, though it should have been.
    NotAsked(String),
    /// The provider answered that there is none, and an operator needs one.
    Absent(String),
    /// It has no value: a division by zero, say.
    NoValue(&'static str),
    /// It takes more steps than an evaluation may.
    TooCostly,
}

/// The reasons that decided that something cannot be known, at least one. Reading what is
/// behind any other gap would not have helped.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unknown(BTreeSet<Cause>);

impl Unknown {
    /// Returns the reasons, gaps first.
    pub fn causes(&self) -> impl Iterator<Item = &Cause> {
        self.0.iter()
    }

    /// Returns the gaps among them.
    pub fn gaps(&self) -> impl Iterator<Item = GapId> {
        self.0.iter().filter_map(|cause| match cause {
            Cause::Gap(gap) => Some(*gap),
            _ => None,
        })
    }

    /// Whether no answer to any call would make it known.
    pub(super) fn is_final(&self) -> bool {
        self.gaps().next().is_none()
    }

    /// Whether it is unknown only because something is not there.
    pub fn is_absence(&self) -> bool {
        self.causes().all(|cause| matches!(cause, Cause::Absent(_)))
    }

    pub(super) fn no_value(why: &'static str) -> Self {
        Self::from(Cause::NoValue(why))
    }

    /// Unites reasons. `None` where there are none.
    pub(super) fn of_all(all: impl IntoIterator<Item = Self>) -> Option<Self> {
        let causes: BTreeSet<Cause> = all.into_iter().flat_map(|one| one.0).collect();
        (!causes.is_empty()).then_some(Self(causes))
    }

    /// Unites the reasons why operands are missing that are all needed. A reason that is no
    /// gap wins: reading what is behind the gaps would not help.
    pub(super) fn of_needed(missing: Vec<Self>) -> Option<Self> {
        let is_hopeless = missing.iter().any(Self::is_final);
        let counts = |one: &Self| !is_hopeless || one.is_final();
        Self::of_all(missing.into_iter().filter(counts))
    }
}

impl From<Cause> for Unknown {
    fn from(cause: Cause) -> Self {
        Self(BTreeSet::from([cause]))
    }
}

impl From<GapId> for Unknown {
    fn from(gap: GapId) -> Self {
        Self::from(Cause::Gap(gap))
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gap(gap) => write!(f, "gap {}", gap.0),
            Self::NotAsked(name) => write!(f, "`{name}` was not asked for"),
            Self::Absent(name) => write!(f, "there is no `{name}`"),
            Self::NoValue(why) => f.write_str(why),
            Self::TooCostly => f.write_str("it takes too many steps"),
        }
    }
}
