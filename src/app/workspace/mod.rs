//! The repository and its documents at one commit, and how a commit lands on it.

pub(crate) mod landing;
pub(crate) mod load;
pub(crate) mod pull_request;
pub(crate) mod push;
