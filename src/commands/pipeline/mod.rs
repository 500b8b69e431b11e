//! What commands share: load → connect → observe → decide → land. The imperative shell.

pub(crate) mod activity;
pub(crate) mod alerts;
pub(crate) mod branch;
pub(crate) mod budgets;
pub(crate) mod bundles;
pub(crate) mod connect;
pub(crate) mod decide;
pub(crate) mod domains;
pub(crate) mod expire;
pub(crate) mod faults;
pub(crate) mod files;
pub(crate) mod judge;
pub(crate) mod land;
pub(crate) mod links;
pub(crate) mod load;
pub(crate) mod monitors;
pub(crate) mod observe;
pub(crate) mod publish;
pub(crate) mod push;
pub(crate) mod terminal;
pub(crate) mod tracing;
pub(crate) mod world;
