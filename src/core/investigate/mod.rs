//! What a person does when something is wrong, as pure functions: messages grouped into
//! patterns, series searched for what is unusual, and the blame followed down the call graph.
//! Knows nothing of AWS, files or documents: text, numbers and times come in, findings go out.

pub mod anomalies;
pub mod cause;
pub mod changes;
pub mod dependencies;
pub mod figures;
pub mod incident;
pub mod logs;
pub mod lookback;
pub mod patterns;
pub mod signatures;
pub mod time;
pub mod timeline;
