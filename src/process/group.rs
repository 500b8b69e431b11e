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

/// Whether the process with this number is at work: one that has ended and that nobody has waited
/// for is not.
#[cfg(unix)]
pub fn is_alive(process: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let state = stat
        .rsplit_once(')')
        .and_then(|(_, rest)| rest.split_whitespace().next());
    if matches!(state, Some("Z" | "X")) {
        return false;
    }
    let process = rustix::process::Pid::from_raw(process);
    process.is_some_and(|process| {
        // One that belongs to somebody else is there as well.
        let asked = rustix::process::test_kill_process(process);
        asked != Err(rustix::io::Errno::SRCH)
    })
}

/// Whether anything is left of the group that this process led.
#[cfg(unix)]
pub fn is_group_alive(leader: i32) -> bool {
    let leader = rustix::process::Pid::from_raw(leader);
    leader.is_some_and(|leader| rustix::process::test_kill_process_group(leader).is_ok())
}

/// Ends what is left of the group that this process led.
#[cfg(unix)]
pub fn end_group(leader: i32) {
    if let Some(leader) = rustix::process::Pid::from_raw(leader) {
        let _ = rustix::process::kill_process_group(leader, rustix::process::Signal::KILL);
    }
}

/// Nothing is known of other processes here.
#[cfg(not(unix))]
pub fn is_alive(_: i32) -> bool {
    false
}

/// Nothing is known of other processes here.
#[cfg(not(unix))]
pub fn is_group_alive(_: i32) -> bool {
    false
}

/// Nothing is known of other processes here.
#[cfg(not(unix))]
pub fn end_group(_: i32) {}

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
