//! Policies of AWS: one reader and one meaning for all of them, those of buckets, queues,
//! topics, functions, keys and secrets, of trust, of users and roles, and of plans.

mod canonical;
mod cidr;
mod difference;
mod document;
mod expose;
mod pattern;
#[cfg(test)]
mod tests;

pub use canonical::canonical;
pub use cidr::{AddressBlock, covers_everything, parse_cidr};
pub use difference::{Permission, no_longer_denied, permissions, permissions_of, widened};
pub use document::{
    PatternSet, PolicyCondition, PolicyDocument, PolicyEffect, Principals, Statement, Trustee,
};
pub use expose::{is_public, public_statements, requires_tls, restricts};
pub use pattern::{covers, covers_exactly, matches, overlaps};
