//! Key figures: their scores, how they move, and how an environment is delivered to. Pure: where
//! values are read from is the business of `app/kpi`.

pub mod alerts;
pub mod change;
pub mod delivery;
#[cfg(test)]
mod delivery_tests;
pub mod figures;
pub mod history;
pub mod issues;
pub mod report;
pub mod score;
#[cfg(test)]
mod tests;
pub mod trend;

use crate::text::Untrusted;

/// What measuring a key figure came to: its value, or why there is none.
pub type Measurement = Result<f64, Untrusted>;
