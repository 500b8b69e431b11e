//! One file a question: how AWS is asked it. None of them can change anything: what they are
//! given sends only the operations of the command's purpose.

pub(crate) mod discover;
pub(crate) mod identity;
pub(crate) mod observe;
pub(crate) mod spend;
pub(crate) mod utilisation;
