//! One file a change: how AWS is asked to make it.

mod publish;

pub use publish::Publication;
