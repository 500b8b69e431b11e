//! Listening to a program without drowning: a bounded part of its standard output, and the
//! last lines of its standard error.

use std::collections::VecDeque;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, ChildStderr, ChildStdout};

use crate::process::MOST_OUTPUT;
use crate::text::{Untrusted, escape};

/// Bytes of standard error that are kept.
const TAIL_BYTES: usize = 4096;
/// Lines of standard error that are shown.
const TAIL_LINES: usize = 5;
/// Longest of these lines, in characters.
const LINE: usize = 200;
const PIECE: usize = 16 * 1024;

/// What hears both outputs of a program.
#[derive(Debug)]
pub(crate) struct Ear {
    stdout: Option<ChildStdout>,
    stderr: Option<ChildStderr>,
    output: Vec<u8>,
    too_much: bool,
    tail: VecDeque<u8>,
    /// Whether more was said than the tail holds.
    cut: bool,
}

impl Ear {
    pub(crate) fn of(child: &mut Child) -> Self {
        Self {
            stdout: child.stdout.take(),
            stderr: child.stderr.take(),
            output: Vec::new(),
            too_much: false,
            tail: VecDeque::new(),
            cut: false,
        }
    }

    /// Whether anything may still come.
    pub(crate) fn is_open(&self) -> bool {
        self.stdout.is_some() || self.stderr.is_some()
    }

    pub(crate) fn heard_too_much(&self) -> bool {
        self.too_much
    }

    /// Hears one piece. Nothing is lost when this is dropped.
    pub(crate) async fn hear(&mut self) {
        let (mut said, mut complained) = ([0; PIECE], [0; PIECE]);
        tokio::select! {
            read = piece(&mut self.stdout, &mut said) => match read {
                Some(count) => self.take(&said[..count]),
                None => self.stdout = None,
            },
            read = piece(&mut self.stderr, &mut complained) => match read {
                Some(count) => self.remember(&complained[..count]),
                None => self.stderr = None,
            },
        }
    }

    /// Hears all there is to come.
    pub(crate) async fn hear_out(&mut self) {
        while self.is_open() {
            self.hear().await;
        }
    }

    fn take(&mut self, said: &[u8]) {
        if self.output.len() + said.len() > MOST_OUTPUT {
            self.too_much = true;
        } else {
            self.output.extend_from_slice(said);
        }
    }

    fn remember(&mut self, complained: &[u8]) {
        self.tail.extend(complained);
        let surplus = self.tail.len().saturating_sub(TAIL_BYTES);
        if surplus > 0 {
            self.tail.drain(..surplus);
            self.cut = true;
        }
    }

    /// The output, and the last lines of the errors, redacted as a whole before they are cut.
    pub(crate) fn into_heard(self) -> (Vec<u8>, Vec<Untrusted>) {
        let bytes: Vec<u8> = self.tail.into();
        let text = String::from_utf8_lossy(&bytes);
        // A line that begins before what is kept could hide half a secret.
        let whole = match (self.cut, text.split_once('\n')) {
            (true, Some((_, rest))) => rest,
            (true, None) => "(one very long line)",
            (false, _) => &text,
        };
        let safe = crate::text::redact::redact(whole);
        let lines: Vec<&str> = safe.lines().filter(|l| !l.trim().is_empty()).collect();
        let skip = lines.len().saturating_sub(TAIL_LINES);
        let last = lines[skip..].iter();
        let last = last.map(|line| Untrusted::from(escape::cut(line.trim_end(), LINE)));
        (self.output, last.collect())
    }
}

/// So many bytes; `None` at the end, or where there is nothing to read.
async fn piece(from: &mut Option<impl AsyncRead + Unpin>, into: &mut [u8]) -> Option<usize> {
    match from {
        Some(pipe) => pipe.read(into).await.ok().filter(|count| *count > 0),
        // The other one is open, and is heard.
        None => std::future::pending().await,
    }
}
