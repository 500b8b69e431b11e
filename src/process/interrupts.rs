//! Ctrl-C, and the request to end that a cancelled workflow sends (`SIGTERM`): who hears of it.
//!
//! The first who wants to hear starts a thread that watches the signals, and from then on the
//! system no longer ends this process by itself. While anybody listens, the thread only tells
//! them: they end what they have started, and return. While nobody does, it ends the process at
//! once: what a commit had begun, the next command finishes or drops, as after any other death.

use std::sync::OnceLock;
use std::sync::mpsc;

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

/// Exit code of a process that was interrupted, as the table of `--help` has it.
const EXIT_CODE: i32 = 130;
/// Interrupts that may have been missed before two of them count as one.
const WAITING: usize = 4;

/// What interrupts this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interrupt {
    /// Ctrl-C. The terminal sends it to everybody in this process's group.
    CtrlC,
    /// `SIGTERM`, which comes to this process alone.
    Terminate,
    /// `SIGHUP`: the terminal is gone. Only where somebody asked to hear of it.
    HangUp,
}

/// A listener for interrupts from now on. While there is one, they do not end this process.
#[derive(Debug)]
pub struct Interrupts(Option<broadcast::Receiver<Interrupt>>);

impl Interrupts {
    /// Listens. Where signals cannot be watched, none ever comes, and the system ends this
    /// process as always.
    pub fn watch() -> Self {
        Self(watcher().map(broadcast::Sender::subscribe))
    }

    /// The same, and hears of hang-ups from now on too, which end this process otherwise; unless
    /// it was started to outlive them (`nohup`).
    pub fn watch_hang_up() -> Self {
        let listener = Self::watch();
        hang_ups::watch();
        listener
    }

    /// Never hears anything, and holds nothing up.
    pub(crate) fn none() -> Self {
        Self(None)
    }

    /// Hears what is sent here, in tests.
    #[cfg(test)]
    pub(crate) fn from_sender(sender: &broadcast::Sender<Interrupt>) -> Self {
        Self(Some(sender.subscribe()))
    }

    /// Waits for the next one. None is lost when this is dropped.
    pub async fn next(&mut self) -> Interrupt {
        let Some(receiver) = &mut self.0 else {
            return std::future::pending().await;
        };
        match receiver.recv().await {
            Ok(interrupt) => interrupt,
            Err(RecvError::Lagged(_)) => Interrupt::Terminate,
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

fn watcher() -> Option<&'static broadcast::Sender<Interrupt>> {
    static WATCHER: OnceLock<Option<broadcast::Sender<Interrupt>>> = OnceLock::new();
    WATCHER.get_or_init(start).as_ref()
}

/// Hang-ups, which few care for: a thread of their own, so that they end this process as always
/// until somebody does.
#[cfg(unix)]
mod hang_ups {
    use std::sync::OnceLock;
    use std::sync::mpsc;

    use tokio::signal::unix::{Signal, SignalKind, signal};

    use super::{Interrupt, watcher};

    /// Starts the thread, once; returns when hang-ups are watched.
    pub(super) fn watch() {
        static STARTED: OnceLock<()> = OnceLock::new();
        STARTED.get_or_init(|| {
            if is_ignored() {
                return;
            }
            let (ready, is_ready) = mpsc::channel();
            let thread = std::thread::Builder::new().name("hang-ups".to_owned());
            let started = thread.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build();
                let Ok(runtime) = runtime else { return };
                runtime.block_on(async {
                    let Ok(signals) = signal(SignalKind::hangup()) else {
                        return;
                    };
                    let _ = ready.send(());
                    tell(signals).await;
                });
            });
            if started.is_ok() {
                let _ = is_ready.recv();
            }
        });
    }

    #[expect(
        clippy::disallowed_methods,
        clippy::exit,
        reason = "nobody waits for this thread, and the process is to end wherever it is"
    )]
    async fn tell(mut signals: Signal) {
        while signals.recv().await.is_some() {
            let told = watcher().map(|all| all.send(Interrupt::HangUp));
            if told.is_none_or(|told| told.is_err()) {
                std::process::exit(super::EXIT_CODE);
            }
        }
    }

    /// Whether this process was started to outlive its terminal. Only Linux says so.
    fn is_ignored() -> bool {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        mask.is_some_and(|mask| mask & 1 == 1)
    }
}

#[cfg(not(unix))]
mod hang_ups {
    pub(super) fn watch() {}
}

/// Starts the thread; returns once signals are watched.
fn start() -> Option<broadcast::Sender<Interrupt>> {
    let (sender, _) = broadcast::channel(WAITING);
    let (ready, is_ready) = mpsc::channel();
    let listeners = sender.clone();
    let watch = move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        if let Ok(runtime) = runtime {
            runtime.block_on(tell(&listeners, &ready));
        }
    };
    let thread = std::thread::Builder::new().name("interrupts".to_owned());
    thread.spawn(watch).ok()?;
    is_ready.recv().ok()?;
    Some(sender)
}

/// Tells the listeners of every signal; where there are none, ends the process.
#[expect(
    clippy::disallowed_methods,
    clippy::exit,
    reason = "nobody waits for this thread, and the process is to end wherever it is"
)]
async fn tell(listeners: &broadcast::Sender<Interrupt>, ready: &mpsc::Sender<()>) {
    let Ok(mut signals) = Signals::watch() else {
        return;
    };
    if ready.send(()).is_err() {
        return;
    }
    loop {
        let interrupt = signals.next().await;
        if listeners.send(interrupt).is_err() {
            std::process::exit(EXIT_CODE);
        }
    }
}

#[cfg(unix)]
struct Signals {
    pressed: tokio::signal::unix::Signal,
    asked: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn watch() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            pressed: signal(SignalKind::interrupt())?,
            asked: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) -> Interrupt {
        tokio::select! {
            _ = self.pressed.recv() => Interrupt::CtrlC,
            _ = self.asked.recv() => Interrupt::Terminate,
        }
    }
}

#[cfg(windows)]
struct Signals {
    pressed: tokio::signal::windows::CtrlC,
}

#[cfg(windows)]
impl Signals {
    fn watch() -> std::io::Result<Self> {
        Ok(Self {
            pressed: tokio::signal::windows::ctrl_c()?,
        })
    }

    async fn next(&mut self) -> Interrupt {
        self.pressed.recv().await;
        Interrupt::CtrlC
    }
}
