//! Log files read as a stream: twice for the headers and the patterns, a third time where the
//! pattern of every line is asked for. Memory does not depend on the length of the files.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::report::report;
use crate::core::investigate::patterns::{Headers, Mined, Miner, Span, Tuning, template_text};
use crate::core::investigate::time::leading_time;
use crate::error::CommandError;
use crate::model::log_report::{LogReport, LogSource};
use crate::text::Untrusted;
use crate::text::redact::{KeyLines, redact_bytes};

/// The lines from which headers are inferred.
const HEADER_LINES: usize = 20_000;
/// The bytes of a line that are kept; the rest is counted and not looked at.
const LONGEST_LINE: usize = 1 << 16;

/// What to read.
pub(crate) struct LogFiles<'a> {
    /// The span to look into.
    pub(crate) files: &'a [PathBuf],
    /// The span before, to compare with.
    pub(crate) baseline: &'a [PathBuf],
    /// Where to write the pattern of every line.
    pub(crate) assign: Option<&'a Path>,
}

/// Finds the patterns of files.
pub(crate) fn read_files(of: &LogFiles<'_>) -> Result<LogReport, CommandError> {
    let mut sample: Vec<Vec<u8>> = Vec::new();
    for path in of.baseline.iter().chain(of.files) {
        each_line(path, |line| {
            sample.push(line.to_vec());
            sample.len() < HEADER_LINES
        })?;
    }
    let headers = Headers::infer(sample.iter().map(Vec::as_slice));
    drop(sample);
    let mut miner = Miner::new(headers);
    let mut sources = Vec::new();
    for (paths, span) in [(of.baseline, Span::Before), (of.files, Span::Now)] {
        for path in paths {
            sources.push(mine_file(&mut miner, path, span)?);
        }
    }
    let mut mined = miner.finish(&Tuning::default());
    if let Some(path) = of.assign {
        assign(&mut mined, of.files, path)?;
    }
    Ok(report(&mined, sources, !of.baseline.is_empty()))
}

fn mine_file(miner: &mut Miner, path: &Path, span: Span) -> Result<LogSource, CommandError> {
    let mut lines = 0;
    let bytes = each_line(path, |line| {
        lines += 1;
        miner.add(line, leading_time(line), span);
        true
    })?;
    let name = Untrusted::new(path.to_string_lossy());
    Ok(LogSource {
        name,
        lines,
        bytes,
        baseline: span == Span::Before,
    })
}

/// Hands over every line without its end and without secrets, until told to stop. Nothing may be
/// cut before that: half a secret is not recognised as one. Returns the bytes that were read.
fn each_line(path: &Path, mut see: impl FnMut(&[u8]) -> bool) -> Result<u64, CommandError> {
    let fail = |error: std::io::Error| {
        let shown = Untrusted::new(path.to_string_lossy()).terminal();
        CommandError::usage(format!("could not read {shown}: {error}"))
    };
    let mut reader = BufReader::with_capacity(1 << 18, File::open(path).map_err(fail)?);
    let (mut line, mut keys) = (Vec::new(), KeyLines::default());
    let mut all = 0;
    loop {
        line.clear();
        let read = read_line(&mut reader, &mut line).map_err(fail)?;
        if read == 0 {
            return Ok(all);
        }
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        // Editors on Windows mark UTF-8 so; it is no part of the first line.
        let text = match all {
            0 => text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text),
            _ => text,
        };
        all += read;
        let text = keys.hide_bytes(text.strip_suffix(b"\r").unwrap_or(text));
        if !see(&redact_bytes(&text)) {
            return Ok(all);
        }
    }
}

/// Reads a line of any length and keeps its first part. Returns the bytes that were read.
fn read_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<u64> {
    let mut all = 0;
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            return Ok(all);
        }
        let end = buffer.iter().position(|&byte| byte == b'\n');
        let taken = end.map_or(buffer.len(), |end| end + 1);
        let room = LONGEST_LINE.saturating_sub(line.len());
        line.extend_from_slice(&buffer[..taken.min(room)]);
        reader.consume(taken);
        all += taken as u64;
        if end.is_some() {
            return Ok(all);
        }
    }
}

/// Writes the pattern of every line as CSV: `LineId,Cluster,Template`, lines counted from 1 over
/// all files.
fn assign(mined: &mut Mined, files: &[PathBuf], to: &Path) -> Result<(), CommandError> {
    let fail = |error: std::io::Error| {
        CommandError::usage(format!("could not write {}: {error}", to.display()))
    };
    let templates: Vec<String> = (0..mined.len())
        .map(|index| {
            Untrusted::new(template_text(mined, index))
                .redacted()
                .replace('"', "\"\"")
        })
        .collect();
    let mut out = BufWriter::new(File::create(to).map_err(fail)?);
    writeln!(out, "LineId,Cluster,Template").map_err(fail)?;
    let mut number = 0_u64;
    let mut failed = None;
    for path in files {
        each_line(path, |line| {
            number += 1;
            let written = match mined.assign(line) {
                Some(index) => writeln!(out, "{number},{},\"{}\"", index + 1, templates[index]),
                None => writeln!(out, "{number},0,\"\""),
            };
            failed = written.err();
            failed.is_none()
        })?;
        if let Some(error) = failed.take() {
            return Err(fail(error));
        }
    }
    out.flush().map_err(fail)
}
