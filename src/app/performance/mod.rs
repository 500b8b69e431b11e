//! How metrics went over a long span: series of files, and the metrics of resources.

pub(crate) mod csv;
pub(crate) mod metrics;
mod series;
pub(crate) mod show;
