//! The terminal while a page is watched. Whatever ends it, it is as it was before.

use std::io::{self, Read, Write};
use std::panic;
use std::sync::Arc;
use std::time::Duration;

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

use crate::app::wait;
use crate::error::CommandError;
use crate::process::Interrupts;

/// The other screen, no cursor, and lines that are cut at the edge.
const ENTER: &str = "\u{1b}[?1049h\u{1b}[?25l\u{1b}[?7l\u{1b}[2J";
const LEAVE: &str = "\u{1b}[?7h\u{1b}[?25h\u{1b}[?1049l";

/// What happened.
pub(crate) enum WatchEvent {
    /// Keys, as the terminal sends them.
    Typed(Vec<u8>),
    /// The terminal has another size.
    Resized,
    /// The time is over.
    Waited,
    /// The process is asked to end, or the terminal is gone.
    End,
}

/// A terminal in raw mode, until it is dropped.
pub(crate) struct Terminal {
    before: Arc<Termios>,
    runtime: tokio::runtime::Runtime,
    typed: mpsc::Receiver<Vec<u8>>,
    resizes: Signal,
    interrupts: Interrupts,
}

impl Terminal {
    pub(crate) fn open() -> Result<Self, CommandError> {
        let runtime = wait::runtime()?;
        let resizes = {
            let _inside = runtime.enter();
            signal(SignalKind::window_change()).map_err(unusable)?
        };
        let interrupts = Interrupts::watch();
        let before = Arc::new(tcgetattr(io::stdin()).map_err(|error| unusable(error.into()))?);
        let typed = listen()?;
        let mut raw = Termios::clone(&before);
        raw.make_raw();
        restore_on_panic(Arc::clone(&before));
        tcsetattr(io::stdin(), OptionalActions::Now, &raw)
            .map_err(|error| unusable(error.into()))?;
        let mut terminal = Self {
            before,
            runtime,
            typed,
            resizes,
            interrupts,
        };
        terminal.write(ENTER)?;
        Ok(terminal)
    }

    /// Draws.
    pub(crate) fn write(&mut self, text: &str) -> Result<(), CommandError> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())
            .and_then(|()| out.flush())
            .map_err(unusable)
    }

    /// Waits for the next event, at most so long.
    pub(crate) fn next(&mut self, most: Duration) -> WatchEvent {
        let (typed, resizes, interrupts) =
            (&mut self.typed, &mut self.resizes, &mut self.interrupts);
        self.runtime.block_on(async {
            tokio::select! {
                biased;
                _ = interrupts.next() => WatchEvent::End,
                bytes = typed.recv() => bytes.map_or(WatchEvent::End, WatchEvent::Typed),
                _ = resizes.recv() => WatchEvent::Resized,
                () = tokio::time::sleep(most) => WatchEvent::Waited,
            }
        })
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        restore(&self.before);
    }
}

/// Reads keys in a thread of its own: a read of a terminal cannot be called back, and ends with
/// the process.
fn listen() -> Result<mpsc::Receiver<Vec<u8>>, CommandError> {
    let (sender, receiver) = mpsc::channel(16);
    let read = move || {
        let mut bytes = [0; 64];
        while let Ok(count @ 1..) = io::stdin().read(&mut bytes) {
            if sender.blocking_send(bytes[..count].to_vec()).is_err() {
                return;
            }
        }
    };
    let thread = std::thread::Builder::new().name("keys".to_owned());
    thread.spawn(read).map_err(unusable)?;
    Ok(receiver)
}

fn restore(before: &Termios) {
    let mut out = io::stdout().lock();
    // Somebody may have closed it; there is nothing to restore then.
    let _ = out.write_all(LEAVE.as_bytes()).and_then(|()| out.flush());
    let _ = tcsetattr(io::stdin(), OptionalActions::Now, before);
}

/// A panic ends the process without dropping anything.
fn restore_on_panic(before: Arc<Termios>) {
    let then = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        restore(&before);
        then(panic);
    }));
}

fn unusable(error: io::Error) -> CommandError {
    CommandError::usage(format!("could not use the terminal: {error}"))
        .hint("without `--watch` the same is printed once")
}
