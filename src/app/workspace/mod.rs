//! The repository and its documents at one commit, and how a commit lands on it.

pub(crate) mod environment;
pub(crate) mod files;
pub(crate) mod landing;
pub(crate) mod load;
pub(crate) mod open;
pub(crate) mod place;
pub(crate) mod pull_request;
pub(crate) mod push;
