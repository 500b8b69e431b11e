//! Reading logs: files, and log groups of CloudWatch.

pub(crate) mod files;
pub(crate) mod follow;
pub(crate) mod groups;
mod pages;
pub(crate) mod read;
mod report;
pub(crate) mod session;
pub(crate) mod show;
