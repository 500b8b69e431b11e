//! Listening to a program without drowning: a bounded part of its standard output, or its
//! lines as they come, and the last lines of its standard error.

use std::collections::VecDeque;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, ChildStderr, ChildStdout};

use crate::process::lines::{Line, Source, Splitter};
use crate::text::{Untrusted, escape};

/// Bytes of standard error that are kept.
const TAIL_BYTES: usize = 4096;
/// Longest of its last lines, in characters.
const LINE: usize = 400;
const PIECE: usize = 16 * 1024;

/// What is done with the output.
pub(crate) enum Listener<'a> {
    /// As much of standard output is kept.
    Keep(usize),
    /// Every line is handed on and none is kept.
    Lines(&'a mut (dyn FnMut(Line) + Send)),
}

/// Reads both outputs of a program.
pub(crate) struct Outputs<'a> {
    stdout: Option<ChildStdout>,
    stderr: Option<ChildStderr>,
    listener: Listener<'a>,
    splitters: [Splitter; 2],
    kept: Vec<u8>,
    too_much: bool,
    tail: VecDeque<u8>,
    /// Whether more was printed than the tail holds.
    cut: bool,
}

impl<'a> Outputs<'a> {
    pub(crate) fn new(child: &mut Child, listener: Listener<'a>) -> Self {
        Self {
            stdout: child.stdout.take(),
            stderr: child.stderr.take(),
            listener,
            splitters: [Splitter::new(Source::Output), Splitter::new(Source::Errors)],
            kept: Vec::new(),
            too_much: false,
            tail: VecDeque::new(),
            cut: false,
        }
    }

    /// Whether anything may still come.
    pub(crate) fn is_open(&self) -> bool {
        self.stdout.is_some() || self.stderr.is_some()
    }

    /// Whether more came than may be kept.
    pub(crate) fn is_too_much(&self) -> bool {
        self.too_much
    }

    /// Reads one piece. Nothing is lost when this is dropped.
    pub(crate) async fn read(&mut self) {
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

    /// Reads all there is to come.
    pub(crate) async fn read_to_end(&mut self) {
        while self.is_open() {
            self.read().await;
        }
    }

    fn take(&mut self, said: &[u8]) {
        match &mut self.listener {
            Listener::Lines(hand_on) => self.splitters[0].take(said, hand_on),
            Listener::Keep(most) if self.kept.len() + said.len() > *most => self.too_much = true,
            Listener::Keep(_) => self.kept.extend_from_slice(said),
        }
    }

    fn remember(&mut self, complained: &[u8]) {
        if let Listener::Lines(hand_on) = &mut self.listener {
            self.splitters[1].take(complained, hand_on);
        }
        self.tail.extend(complained);
        let surplus = self.tail.len().saturating_sub(TAIL_BYTES);
        if surplus > 0 {
            self.tail.drain(..surplus);
            self.cut = true;
        }
    }

    /// What was kept of the output, and the last lines of the errors, redacted as a whole
    /// before they are cut.
    pub(crate) fn finish(mut self) -> (Vec<u8>, Vec<Untrusted>) {
        if let Listener::Lines(hand_on) = &mut self.listener {
            for splitter in &mut self.splitters {
                splitter.finish(hand_on);
            }
        }
        let bytes: Vec<u8> = self.tail.into();
        let text = String::from_utf8_lossy(&bytes);
        // A line that begins before what is kept could hide half a secret.
        let whole = match (self.cut, text.split_once('\n')) {
            (true, Some((_, rest))) => rest,
            (true, None) => "(one very long line)",
            (false, _) => &text,
        };
        let safe = crate::text::redact::redact(whole);
        let lines = safe.lines().filter(|line| !line.trim().is_empty());
        let last = lines.map(|line| Untrusted::from(escape::cut(line.trim_end(), LINE)));
        (self.kept, last.collect())
    }
}

/// So many bytes; `None` at the end, or where there is nothing to read.
async fn piece(from: &mut Option<impl AsyncRead + Unpin>, into: &mut [u8]) -> Option<usize> {
    match from {
        Some(pipe) => pipe.read(into).await.ok().filter(|count| *count > 0),
        // The other one is open, and is read.
        None => std::future::pending().await,
    }
}
