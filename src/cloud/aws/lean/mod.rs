//! A lean client for reading: operations are data (`catalog/reads/services`), sent by the SDK's
//! own orchestrator.
//!
//! Signing, credentials, retries, timeouts, clock skew, connections and interceptors are the
//! SDK's. Ours: where a call goes, how input becomes a request, how an answer becomes JSON.
//! See `docs/decisions/0024-a-lean-client-for-reading.md`.

mod client;
mod endpoint;
mod pages;
mod wire;
mod xml;

pub(crate) use client::Lean;
pub(crate) use endpoint::has_own_endpoint;
pub(crate) use pages::{Listing, Members, all_pages};
