//! Runs a thing a number of times, and says the median and the range.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// A row is measured for about so long, at least [`FEWEST`] times.
const ABOUT: Duration = Duration::from_millis(1_500);
const FEWEST: usize = 5;
const MOST: usize = 200;

/// What to measure, and whether to measure at all.
pub(crate) struct Bench {
    only: Option<String>,
    measures: bool,
}

impl Bench {
    /// Head of the table.
    pub(crate) const HEAD: &'static str =
        "| what | median | fastest – slowest | per item |\n|---|---:|---:|---:|";

    /// `--bench` is what cargo says when it wants figures; any other word selects rows.
    pub(crate) fn from_arguments(arguments: impl Iterator<Item = String>) -> Self {
        let arguments: Vec<_> = arguments.collect();
        Self {
            only: arguments.iter().find(|a| !a.starts_with('-')).cloned(),
            measures: arguments.iter().any(|a| a == "--bench"),
        }
    }

    /// The sizes to measure, or one small size.
    pub(crate) fn sizes<const N: usize>(&self, sizes: [usize; N]) -> Vec<usize> {
        if self.measures {
            sizes.to_vec()
        } else {
            vec![20]
        }
    }

    /// Bytes of text to measure, or few.
    pub(crate) fn bytes(&self, bytes: usize) -> usize {
        if self.measures { bytes } else { 2_000 }
    }

    /// Measures a function over `items` items.
    pub(crate) fn row<T>(&self, what: &str, items: usize, item: &str, run: impl FnMut() -> T) {
        let Some(times) = self.times(what, run) else {
            return;
        };
        let each = median(&times).as_secs_f64() / items as f64;
        print_row(what, &times, &format!("{} a {item}", seconds(each)));
    }

    /// Measures a function over a text.
    pub(crate) fn bandwidth<'a, T>(&self, what: &str, text: &'a str, run: impl Fn(&'a str) -> T) {
        let Some(times) = self.times(what, || run(text)) else {
            return;
        };
        let megabytes = text.len() as f64 / 1e6 / median(&times).as_secs_f64();
        print_row(what, &times, &format!("{megabytes:.0} MB/s"));
    }

    /// Sorted.
    fn times<T>(&self, what: &str, mut run: impl FnMut() -> T) -> Option<Vec<Duration>> {
        if self.only.as_ref().is_some_and(|word| !what.contains(word)) {
            return None;
        }
        // What is made once (patterns, schemas, page cache) is made here.
        drop(black_box(run()));
        let mut times = Vec::new();
        let start = Instant::now();
        while self.measures
            && times.len() < MOST
            && (times.len() < FEWEST || start.elapsed() < ABOUT)
        {
            let before = Instant::now();
            let result = black_box(run());
            times.push(before.elapsed());
            drop(result);
        }
        times.sort();
        Some(times).filter(|times| !times.is_empty())
    }
}

fn median(times: &[Duration]) -> Duration {
    times[times.len() / 2]
}

#[expect(
    clippy::print_stdout,
    reason = "the table is what a benchmark is for; nobody pipes it"
)]
fn print_row(what: &str, times: &[Duration], each: &str) {
    let [median, first, last] =
        [median(times), times[0], times[times.len() - 1]].map(|time| seconds(time.as_secs_f64()));
    println!("| {what} | {median} | {first} – {last} | {each} |");
}

fn seconds(seconds: f64) -> String {
    match seconds {
        s if s >= 1.0 => format!("{s:.2} s"),
        s if s >= 1e-3 => format!("{:.1} ms", s * 1e3),
        s if s >= 1e-6 => format!("{:.1} µs", s * 1e6),
        s => format!("{:.0} ns", s * 1e9),
    }
}
