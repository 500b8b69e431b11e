//! Observing: everything that a command asks of the world outside the repository.

pub(crate) mod bundles;
pub(crate) mod connect;
pub(crate) mod environments;
pub(crate) mod monitors;
