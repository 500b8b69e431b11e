//! Waiting for what is asked of others, within this process: one runtime, and Ctrl-C ends it.

use std::sync::Once;

use crate::app::App;
use crate::error::{CommandError, ErrorKind, ExitCode};
use std::future::Future;

/// Waits for what is asked of the provider, and shows that it does; Ctrl-C ends it.
pub(crate) fn wait_for<T>(
    app: &App,
    what: &str,
    asked: impl Future<Output = Result<T, CommandError>>,
) -> Result<T, CommandError> {
    let runtime = runtime()?;
    let _progress = app.ui.progress(what, None);
    let answer = runtime.block_on(async {
        tokio::select! {
            // In this order: signals are watched before the first request goes out.
            biased;
            () = interrupted() => {
                Err(CommandError::say(ErrorKind::Interrupted, "interrupted; nothing was changed"))
            }
            done = asked => done,
        }
    });
    end_on_interrupt();
    answer
}

/// Ctrl-C, or the request to end that a cancelled workflow sends: programs that were started
/// have to be ended first. Never comes where signals cannot be watched.
async fn interrupted() {
    #[cfg(unix)]
    let asked = async {
        let kind = tokio::signal::unix::SignalKind::terminate();
        match tokio::signal::unix::signal(kind) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let asked = std::future::pending::<()>();
    let pressed = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = asked => {}
        () = pressed => {}
    }
}

/// Once a signal has been waited for, the system no longer ends the process by itself. From
/// here on Ctrl-C does so at once: what a landing had begun, the next command finishes or
/// drops, as after any other death.
fn end_on_interrupt() {
    static WATCHED: Once = Once::new();
    #[expect(
        clippy::disallowed_methods,
        clippy::exit,
        reason = "nobody waits for this thread, and the process is to end wherever it is"
    )]
    let watch = || {
        let Ok(runtime) = runtime() else { return };
        runtime.block_on(interrupted());
        std::process::exit(ExitCode::Interrupted.number().into());
    };
    WATCHED.call_once(|| {
        // Without the thread only this convenience is missing.
        drop(
            std::thread::Builder::new()
                .name("interrupt".to_owned())
                .spawn(watch),
        );
    });
}

/// A runtime on this thread: everything waits for the network, nothing computes.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, CommandError> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CommandError::new(ErrorKind::Bug, error))
}
