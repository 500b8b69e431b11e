//! What people see of a command: its answer, its faults, and how the terminal is set up.

pub(crate) mod fault_documents;
pub(crate) mod faults;
pub(crate) mod named_files;
pub(crate) mod output;
pub(crate) mod terminal;
pub(crate) mod tracing;
