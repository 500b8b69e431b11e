//! Reports and dashboards as text: one file per format.
//!
//! Renderers see only finished model types and return strings; they decide nothing, read
//! nothing and print nothing. Text from outside goes through the escape of the format
//! ([`crate::text::escape`]): by hand in [`text`] and [`github`], by the template engine in
//! [`markdown`].

pub(crate) mod bounded;
mod cost_words;
pub(crate) mod cycle_words;
mod debug_words;
pub mod github;
pub mod html;
mod incident_words;
pub mod json;
mod kpi_words;
pub(crate) mod log_words;
pub mod markdown;
mod performance;
mod review_words;
pub mod sarif;
pub mod scaffold;
pub mod templates;
pub mod text;
pub(crate) mod timeline;
mod trend;
pub mod voice;
mod words;

#[cfg(test)]
mod tests;
