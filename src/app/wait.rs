//! Waiting for what is asked of others, within this process: one runtime, and Ctrl-C ends it.

use std::future::Future;

use crate::app::App;
use crate::error::{CommandError, ErrorKind};
use crate::process::Interrupts;

/// Waits for what is asked of the provider, and shows that it does; Ctrl-C ends it, with the
/// programs that it has started.
pub(crate) fn wait_for<T>(
    app: &App,
    what: &str,
    asked: impl Future<Output = Result<T, CommandError>>,
) -> Result<T, CommandError> {
    let message = format!("interrupted while {what}; nothing was recorded");
    wait_or_say(app, what, message, asked)
}

/// The same for what is sent: an interrupt does not call it back, and `left` says what may have
/// become of it.
pub(crate) fn wait_for_sending<T>(
    app: &App,
    what: &str,
    left: &str,
    sent: impl Future<Output = Result<T, CommandError>>,
) -> Result<T, CommandError> {
    let message = format!("interrupted while {what}");
    wait_or_say(app, what, message, sent).map_err(|error| match error.kind {
        ErrorKind::Interrupted => error.hint(left),
        _ => error,
    })
}

fn wait_or_say<T>(
    app: &App,
    what: &str,
    interrupted: String,
    asked: impl Future<Output = Result<T, CommandError>>,
) -> Result<T, CommandError> {
    let runtime = runtime()?;
    let _progress = app.ui.progress(what, None);
    // Before the first request goes out.
    let mut interrupts = Interrupts::watch();
    runtime.block_on(async {
        tokio::select! {
            biased;
            _ = interrupts.next() => Err(CommandError::say(ErrorKind::Interrupted, interrupted)),
            done = asked => done,
        }
    })
}

/// A runtime on this thread: everything waits for the network, nothing computes.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, CommandError> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CommandError::new(ErrorKind::Bug, error))
}
