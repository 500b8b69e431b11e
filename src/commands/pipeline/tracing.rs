//! `-v` and `-vv`: what happens inside, on standard error.

use tracing_subscriber::EnvFilter;

/// Starts the subscriber. Says nothing without `-v`.
pub(crate) fn start(verbose: u8) {
    let filter = match verbose {
        0 => return,
        1 => "fractary=info",
        _ => "fractary=trace,aws_config=debug,aws_smithy_runtime=debug",
    };
    // A second start (tests run several commands in one process) keeps the first.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(std::io::stderr)
        .with_target(true)
        .without_time()
        .try_init();
}
