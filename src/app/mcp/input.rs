//! Standard input, of which the begin is remembered: where a client says nothing that is a message, the
//! error shows what came instead. A last line without an end gets one, so that it is read as well.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, ReadBuf};

/// Most bytes that are remembered.
const MOST: usize = 80;

/// The begin of an input, while it is read and after it.
#[derive(Debug, Clone, Default)]
pub(super) struct Begin(Arc<Mutex<Vec<u8>>>);

impl Begin {
    /// Returns the first line that is not empty, as far as it is remembered; `None` where nothing was read.
    pub(super) fn line(&self) -> Option<String> {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&bytes);
        let line = text.lines().map(str::trim).find(|line| !line.is_empty());
        line.map(str::to_owned)
    }

    fn add(&self, read: &[u8]) {
        let mut bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = MOST.saturating_sub(bytes.len());
        bytes.extend(read.iter().take(room));
    }
}

/// An input that remembers its begin.
pub(super) struct Remembering<R> {
    input: R,
    begin: Begin,
    /// Whether a line was begun that has no end yet.
    in_line: bool,
}

impl<R> Remembering<R> {
    /// Reads from an input, and remembers its begin there.
    pub(super) fn new(input: R, begin: Begin) -> Self {
        Self {
            input,
            begin,
            in_line: false,
        }
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Remembering<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.input).poll_read(context, buffer);
        let read = buffer.filled().get(before..).unwrap_or_default();
        self.begin.add(read);
        let last = read.last().copied();
        if let Some(last) = last {
            self.in_line = last != b'\n';
        } else if matches!(polled, Poll::Ready(Ok(()))) && self.in_line && buffer.remaining() > 0 {
            buffer.put_slice(b"\n");
            self.in_line = false;
        }
        polled
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    fn begin(text: &str) -> Option<String> {
        let begin = Begin::default();
        let mut input = Remembering::new(text.as_bytes(), begin.clone());
        let runtime = crate::app::wait::runtime().expect("a runtime");
        let mut read = String::new();
        runtime
            .block_on(input.read_to_string(&mut read))
            .expect("it is read");
        let end = match text.is_empty() || text.ends_with('\n') {
            true => "",
            false => "\n",
        };
        assert_eq!(read, format!("{text}{end}"));
        begin.line()
    }

    #[test]
    fn the_first_line_with_something_in_it_is_remembered() {
        assert_eq!(begin(""), None);
        assert_eq!(begin("\n \n"), None);
        assert_eq!(begin("\n hello \nworld").as_deref(), Some("hello"));
        let long = "x".repeat(500);
        assert_eq!(begin(&long).map(|line| line.len()), Some(MOST));
    }
}
