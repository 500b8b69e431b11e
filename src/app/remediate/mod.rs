//! Remediations: what is meant, what it would do, whether it may be done. What is sent is sent by
//! [`crate::app::apply`].

pub(crate) mod act;
pub(crate) mod asked;
pub(crate) mod automatic;
mod batch;
pub(crate) mod consent;
pub(crate) mod context;
pub(crate) mod custom;
pub(crate) mod merged;
pub(crate) mod patch;
pub(crate) mod prepare;
pub(crate) mod propose;
pub(crate) mod round;
pub(crate) mod safety;
pub(crate) mod show;
pub(crate) mod words;
