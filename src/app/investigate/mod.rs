//! From a symptom to its cause: in files, or in what is read of AWS.

pub(crate) mod auto;
pub(crate) mod files;
pub(crate) mod gather;
pub(crate) mod target;

#[cfg(test)]
mod tests;
