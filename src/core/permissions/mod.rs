//! What AWS says when it denies a call and what helps; and what a plan will need before it is applied.

mod advice;
mod arn;
pub mod atoms;
mod by_pattern;
pub mod compare;
mod cursor;
mod denials;
pub mod grant_history;
mod guard;
mod gutter;
pub mod held;
pub mod identities;
pub mod import;
pub mod last_use;
pub mod limits;
mod need;
mod parts;
pub mod policies;
mod preflight;
mod principal;
mod propose;
mod reason;
mod sentence;
mod service;
mod statement;
mod undress;
mod value;
pub mod wanted;

#[cfg(test)]
mod dress_tests;
#[cfg(test)]
mod held_tests;
#[cfg(test)]
mod preflight_tests;
#[cfg(test)]
mod propose_tests;
#[cfg(test)]
mod tests;

pub use advice::explain;
pub use arn::{iam_identity, identity_arn};
pub use denials::denials;
pub use guard::{guard, opened};
pub(in crate::core) use gutter::without_gutter;
pub use held::{AskedCall, HeldPolicies, HeldVerdict};
pub use need::{GrantScope, PlanNeeds, name_prefix, plan_needs};
pub use preflight::preflight;
pub use propose::{ProposalScope, propose};
pub use statement::{GrantedAction, MOST_CHARACTERS, characters, policy, takes_resources};
pub(in crate::core) use undress::without_colours;
