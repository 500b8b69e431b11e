//! `-v` and `-vv`: what happens inside, on standard error.

use std::io::{self, Write};

use tracing_subscriber::EnvFilter;

use crate::text::escape;

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
        .with_writer(|| Harmless(io::stderr()))
        // Colours are control characters, and those do not pass.
        .with_ansi(false)
        .with_target(true)
        .without_time()
        .try_init();
}

/// Lines of a log, which quote requests, answers and configuration, on the way to a terminal.
/// Every write is a whole event.
struct Harmless<W>(W);

impl<W: Write> Write for Harmless<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = escape::terminal_lines(&String::from_utf8_lossy(bytes));
        self.0.write_all(text.as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_harmless_and_keep_their_lines() {
        let mut out = Harmless(Vec::new());
        let event = "DEBUG got \u{1b}[2J Authorization: Bearer abcdef0123456789\n::error::x\n";
        out.write_all(event.as_bytes()).expect("a vector takes all");
        out.flush().expect("a vector has nothing to flush");
        let text = String::from_utf8(out.0).expect("UTF-8");
        assert_eq!(
            text,
            "DEBUG got \\u{1b}[2J Authorization: Bearer [REDACTED:authorization]\n: :error::x\n"
        );
    }
}
