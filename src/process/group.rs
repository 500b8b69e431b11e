//! The process group of a program: what it started, and what that started.

use tokio::process::Child;

use crate::process::{EndSignal, Grouping};

/// A program with its process group, which does not outlive this value.
#[derive(Debug)]
pub(crate) struct Group {
    #[cfg(unix)]
    leader: Option<rustix::process::Pid>,
    #[cfg(unix)]
    shared: bool,
}

#[cfg(unix)]
impl Group {
    /// The group that a child was started in.
    pub(crate) fn new(child: &Child, grouping: Grouping) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self {
            leader: id.and_then(rustix::process::Pid::from_raw),
            shared: grouping == Grouping::Shared,
        }
    }

    /// Asks all of it to end.
    pub(crate) fn ask_to_end(&self, signal: EndSignal) {
        self.send(match signal {
            EndSignal::Interrupt => rustix::process::Signal::INT,
            EndSignal::Terminate => rustix::process::Signal::TERM,
        });
    }

    /// Ends all of it.
    pub(crate) fn kill(&self) {
        self.send(rustix::process::Signal::KILL);
    }

    /// Says that the program has been waited for: from here on its id may be another's. The id
    /// of a group of its own stays taken while anybody is left in it.
    pub(crate) fn has_ended(&mut self) {
        if self.shared {
            self.leader = None;
        }
    }

    /// Lets what is left of it go on.
    pub(crate) fn leave(&mut self) {
        self.leader = None;
    }

    fn send(&self, signal: rustix::process::Signal) {
        let Some(leader) = self.leader else { return };
        // An error says that no process is left, which is what is wanted.
        let _ = match self.shared {
            true => rustix::process::kill_process(leader, signal),
            false => rustix::process::kill_process_group(leader, signal),
        };
    }
}

/// Elsewhere the program alone is ended, by the handle of its child.
#[cfg(not(unix))]
impl Group {
    pub(crate) fn new(_: &Child, _: Grouping) -> Self {
        Self {}
    }

    pub(crate) fn ask_to_end(&self, _: EndSignal) {}

    pub(crate) fn kill(&self) {}

    pub(crate) fn has_ended(&mut self) {}

    pub(crate) fn leave(&mut self) {}
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}
