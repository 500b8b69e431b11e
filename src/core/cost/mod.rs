//! What an environment costs, and what could be saved.
//!
//! Pure: what Cost Explorer and CloudWatch answered comes in, a report goes out. Spending is what was
//! billed; what could be saved is said by the rules of `catalog/opportunities/`, evaluated over
//! the configuration of resources, their metrics, the bill and a table of prices. What could not be
//! read is unknown and has no figure. Prices are for `review` too.

mod bill;
mod case;
mod days;
mod drivers;
pub mod estimate;
mod evaluate;
mod examples;
mod forecast;
mod limits;
mod names;
pub mod price_list;
pub mod prices;
mod realised;
mod related;
mod report;
mod requests;
mod savings;
mod services;
mod spikes;
mod statistics;
mod status;
#[cfg(test)]
mod tests;
mod values;
mod world;

pub use days::{CostWindows, REPORTED_DAYS};
pub use examples::run_examples;
pub use report::{CostInput, SpendAnswers, report};
pub use status::status;
pub use world::Utilisation;
