//! The process group of a program: what it started, and what that started.

use tokio::process::Child;

/// A process group that does not outlive this value.
#[derive(Debug)]
pub(crate) struct Group {
    #[cfg(unix)]
    leader: Option<rustix::process::Pid>,
}

#[cfg(unix)]
impl Group {
    /// The group that a child was started in as its leader.
    pub(crate) fn of(child: &Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self {
            leader: id.and_then(rustix::process::Pid::from_raw),
        }
    }

    /// Asks all of it to end.
    pub(crate) fn ask_to_end(&self) {
        self.send(rustix::process::Signal::TERM);
    }

    /// Ends all of it.
    pub(crate) fn kill(&self) {
        self.send(rustix::process::Signal::KILL);
    }

    fn send(&self, signal: rustix::process::Signal) {
        if let Some(leader) = self.leader {
            // An error says that nobody is left, which is what is wanted.
            let _ = rustix::process::kill_process_group(leader, signal);
        }
    }
}

/// Elsewhere the program alone is ended, by the handle of its child.
#[cfg(not(unix))]
impl Group {
    pub(crate) fn of(_: &Child) -> Self {
        Self {}
    }

    pub(crate) fn ask_to_end(&self) {}

    pub(crate) fn kill(&self) {}
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}
