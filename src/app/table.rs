//! Tables of values over time in CSV files. What cannot be read is refused with its line: a value
//! that is left out without a word would look like a gap in what was measured.

use std::path::Path;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::app::input;
use crate::error::CommandError;
use crate::text::{Untrusted, csv, escape, phrases};

/// The most that is read of a file.
const MOST_BYTES: u64 = 1 << 30;

/// A table as it stands in its file.
pub(crate) struct Table<'a> {
    path: &'a Path,
    /// The names of the columns.
    pub(crate) head: Vec<String>,
    rows: Vec<(usize, Vec<String>)>,
}

/// A row with the number of its line.
#[derive(Clone, Copy)]
pub(crate) struct TableRow<'a> {
    table: &'a Table<'a>,
    number: usize,
    fields: &'a [String],
}

impl<'a> Table<'a> {
    /// Reads a file. Every row has as many fields as there are columns.
    pub(crate) fn read(path: &'a Path) -> Result<Self, CommandError> {
        let text = input::read_text(path, MOST_BYTES)?;
        let mut table = Self {
            path,
            head: Vec::new(),
            rows: Vec::new(),
        };
        for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            if line.trim().is_empty() {
                continue;
            }
            let fields = csv::fields(line).ok_or_else(|| {
                table.fault(&format!("line {}: a quote is not closed", index + 1))
            })?;
            if table.head.is_empty() {
                table.head = fields.iter().map(|name| name.trim().to_owned()).collect();
                continue;
            }
            let (here, named) = (fields.len(), table.head.len());
            if here != named {
                let what = format!(
                    "line {}: it has {}, and the first line names {}",
                    index + 1,
                    phrases::counted(here as u64, "field"),
                    phrases::counted(named as u64, "column"),
                );
                return Err(table
                    .fault(&what)
                    .hint("numbers are written with a point, and a field with a comma in quotes"));
            }
            table.rows.push((index + 1, fields));
        }
        Ok(table)
    }

    /// Returns its rows, in the order of the file.
    pub(crate) fn rows(&self) -> impl Iterator<Item = TableRow<'_>> {
        self.rows.iter().map(|(number, fields)| TableRow {
            table: self,
            number: *number,
            fields,
        })
    }

    /// An error that names the file.
    pub(crate) fn fault(&self, what: &str) -> CommandError {
        fault(self.path, what)
    }
}

/// An error that names a file.
pub(crate) fn fault(path: &Path, what: &str) -> CommandError {
    let shown = Untrusted::new(path.to_string_lossy()).terminal();
    CommandError::usage(format!("{shown} {what}"))
}

impl<'a> TableRow<'a> {
    /// Returns a field as it is written.
    pub(crate) fn text(&self, column: usize) -> &'a str {
        self.fields.get(column).map_or("", |field| field.trim())
    }

    /// Returns the time of a column, in seconds since 1970.
    pub(crate) fn time(&self, column: usize) -> Result<f64, CommandError> {
        let text = self.text(column);
        parse_time(text).ok_or_else(|| {
            self.fault(column, &format!("`{}` is no time", shown(text)))
                .hint("times are written like 2026-11-29T14:05:00Z, 2026-11-29 14:05:00 in UTC, or in seconds or milliseconds since 1970")
        })
    }

    /// Returns the number of a column; `None` where it says that there is none.
    pub(crate) fn value(&self, column: usize) -> Result<Option<f64>, CommandError> {
        let text = self.text(column);
        let none = ["", "-", "na", "n/a", "nan", "none", "null"];
        if none.contains(&text.to_ascii_lowercase().as_str()) {
            return Ok(None);
        }
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Some(value)),
            _ => Err(self
                .fault(column, &format!("`{}` is no number", shown(text)))
                .hint("leave a field empty where nothing was measured")),
        }
    }

    fn fault(&self, column: usize, what: &str) -> CommandError {
        let name = self.table.head.get(column).map_or("", String::as_str);
        self.table.fault(&format!(
            "line {}, column `{}`: {what}",
            self.number,
            shown(name)
        ))
    }
}

/// Text from a file, short enough for a message.
fn shown(text: &str) -> String {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", escape::terminal(&text[..end])),
        None => escape::terminal(text),
    }
}

/// Seconds since 1970 of a time in ISO 8601, in UTC without an offset, or of a number since 1970.
/// The size of a number says what it counts: in seconds, 10¹¹ is in the year 5138.
fn parse_time(text: &str) -> Option<f64> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time.as_millisecond() as f64 / 1_000.0);
    }
    if let Ok(time) = text.parse::<DateTime>() {
        let zoned = time.to_zoned(TimeZone::UTC).ok()?;
        return Some(zoned.timestamp().as_millisecond() as f64 / 1_000.0);
    }
    let number = text
        .parse::<f64>()
        .ok()
        .filter(|number| number.is_finite())?;
    let size = number.abs();
    Some(match size {
        _ if size < 1e11 => number,
        _ if size < 1e14 => number / 1e3,
        _ if size < 1e17 => number / 1e6,
        _ if size < 1e20 => number / 1e9,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_whatever_they_count() {
        for (text, seconds) in [
            ("2026-11-29T14:05:00Z", Some(1_795_961_100.0)),
            ("2026-11-29T15:05:00+01:00", Some(1_795_961_100.0)),
            ("2026-11-29 14:05:00", Some(1_795_961_100.0)),
            ("1795961100", Some(1_795_961_100.0)),
            ("1795961100.5", Some(1_795_961_100.5)),
            ("1795961100000", Some(1_795_961_100.0)),
            ("1795961100500", Some(1_795_961_100.5)),
            ("1795961100000000", Some(1_795_961_100.0)),
            ("1795961100000000000", Some(1_795_961_100.0)),
            ("-60", Some(-60.0)),
            ("inf", None),
            ("1e30", None),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(parse_time(text), seconds, "{text}");
        }
    }

    #[test]
    fn what_is_no_table_is_refused_with_its_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x.csv");
        let read = |text: &str| -> Result<Vec<Option<f64>>, String> {
            std::fs::write(&path, text).expect("written");
            let said = |error: CommandError| {
                let text = error.lines().remove(0);
                text.rsplit_once("x.csv ")
                    .map_or(text.clone(), |it| it.1.to_owned())
            };
            let table = Table::read(&path).map_err(said)?;
            let each = table.rows().map(|row| {
                row.time(0)?;
                row.value(1)
            });
            each.collect::<Result<_, _>>().map_err(said)
        };
        let refused = |text: &str| Err(text.to_owned());
        for (text, want) in [
            (
                "\u{feff}timestamp,value\r\n\n1,2.5\r\n2,\n3,NaN\n4,-1e3\n",
                Ok(vec![Some(2.5), None, None, Some(-1_000.0)]),
            ),
            (
                "timestamp,value\n1,2\n\n2,abc\n",
                refused("line 4, column `value`: `abc` is no number"),
            ),
            (
                "timestamp,value\n1,inf\n",
                refused("line 2, column `value`: `inf` is no number"),
            ),
            (
                "timestamp,value\nnow,1\n",
                refused("line 2, column `timestamp`: `now` is no time"),
            ),
            (
                "timestamp,value\n1,1,5\n",
                refused("line 2: it has 3 fields, and the first line names 2 columns"),
            ),
            (
                "timestamp,value\n1\n",
                refused("line 2: it has 1 field, and the first line names 2 columns"),
            ),
            (
                "timestamp,value\n1,\"2\n",
                refused("line 2: a quote is not closed"),
            ),
        ] {
            assert_eq!(read(text), want, "{text:?}");
        }
    }
}
