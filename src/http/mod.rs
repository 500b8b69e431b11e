//! Requests over the HTTP stack that the AWS SDK brings: bounded in time, size and number,
//! and never sent to another host than the one that was configured. Knows no service.

mod address;
mod client;

pub use address::{Address, AddressError};
pub use client::Limits;
pub(crate) use client::{Answer, Client, HttpError, Request};
