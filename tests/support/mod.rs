//! What the tests stand on: an AWS emulator, a proxy in front of it that counts and breaks
//! requests, throw-away git repositories, and the built binary.
//!
//! A test binary takes it with `mod support;` (or `#[path = "../support/mod.rs"]`) and an
//! `#[expect(dead_code, …)]`, because no binary uses all of it. Knows nothing of the
//! library: it looks at the product from outside.

pub(crate) mod current_provider;
pub(crate) mod emulator;
pub(crate) mod fault;
pub(crate) mod fractary;
pub(crate) mod github;
pub(crate) mod hostile;
pub(crate) mod http;
pub(crate) mod mark;
pub(crate) mod operation;
pub(crate) mod proxy;
pub(crate) mod receivers;
pub(crate) mod remote;
pub(crate) mod repo;
pub(crate) mod sts;
pub(crate) mod terraform;
pub(crate) mod venv;
