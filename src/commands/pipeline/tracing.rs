//! `-v` and `-vv`: what happens inside, on standard error.

use std::io;
use std::io::Write;

use tracing_subscriber::EnvFilter;

use crate::text::Untrusted;

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
        .with_writer(|| Clean(io::stderr()))
        .with_ansi(false)
        .with_target(true)
        .without_time()
        .try_init();
}

/// Takes secrets and control characters out of what the libraries say: they print answers of
/// AWS, which hold what people put into names, tags and environment variables.
struct Clean<W: Write>(W);

impl<W: Write> Write for Clean<W> {
    /// The subscriber hands over one whole event at a time.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let line = Untrusted::from(text.trim_end()).terminal();
        writeln!(self.0, "{line}")?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_without_secrets() {
        let mut clean = Clean(Vec::new());
        clean
            .write_all(b"DEBUG body=\"password=hunter22hunter22\"\n::set-output name=x::y\x1b[2J\n")
            .expect("a vector takes everything");
        let text = String::from_utf8(clean.0).expect("it was UTF-8");
        assert!(!text.contains("hunter22"), "{text}");
        assert!(!text.contains('\u{1b}'), "{text}");
        assert_eq!(text.lines().count(), 1, "{text}");
    }
}
