//! One file per type of document.

pub(crate) mod helm;
