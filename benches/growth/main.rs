//! A simulated year of runs every five minutes on 100 resources, into a real repository.
//! `cargo bench --bench growth` runs all of it; `-- --days 30` a month. With `--coarse` the days
//! between the tenth and the last eight have a run an hour instead of twelve: nearly the same
//! commits in a tenth of the time. `--keep FOLDER` copies the repository there before the last
//! day, and `--again FOLDER --days 365` makes that day in it, for a look at where its time goes.
//!
//! Prints the processor time of a run on the first and on the last day, the size of the packed
//! repository, the files in its tree and the commits that were made.

#[path = "world.rs"]
mod world;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use world::{RUNS_A_DAY, World};

#[expect(clippy::print_stdout, reason = "its figures are its answer")]
fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)
    };
    let days: usize = value("--days")
        .and_then(|days| days.parse().ok())
        .unwrap_or(365);
    if let Some(kept) = value("--again") {
        return again_in(kept.into(), days - 1);
    }
    let coarse = arguments.iter().any(|argument| argument == "--coarse");
    let mut world = World::new(1);
    let mut fresh = World::new(1);
    let mut again = [Vec::new(), Vec::new()];
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    let mut each: Vec<[Vec<Duration>; 2]> = Vec::new();
    let mut made = 0;
    let begin = Instant::now();
    for day in 0..days {
        let mut times = [Vec::new(), Vec::new()];
        let every = if coarse && (10..days.saturating_sub(8)).contains(&day) {
            12
        } else {
            1
        };
        made += RUNS_A_DAY / every;
        if let Some(kept) = value("--keep").filter(|_| day + 1 == days) {
            world.keep(kept.as_ref());
        }
        for number in (day * RUNS_A_DAY..(day + 1) * RUNS_A_DAY).step_by(every) {
            let run = world.run(number);
            let reason = run.simulated.reason.unwrap_or("quiet");
            *reasons.entry(reason).or_default() += 1;
            if number == 0 {
                // It reads a month, as no other does.
                println!("the first run: {:.0} ms", mean_of(&[run.took]));
                continue;
            }
            times[usize::from(run.simulated.commit.is_some())].push(run.took);
            // A machine is not as fast now as it was when the year began: the first day is
            // made again in a repository of its own, by turns with the last.
            if day + 1 == days {
                let number = number - day * RUNS_A_DAY;
                let run = fresh.run(number);
                if number > 0 {
                    again[usize::from(run.simulated.commit.is_some())].push(run.took);
                }
            }
        }
        let [quiet, committed] = &times;
        if day < 2 || day % 10 == 0 || day + 2 >= days {
            println!(
                "day {day:3}: a quiet run {:6.2} ms, one that commits {:6.2} ms ({} of them), {} files, {:.0} s in all",
                mean_of(quiet),
                mean_of(committed),
                committed.len(),
                world.files().len(),
                begin.elapsed().as_secs_f64(),
            );
        }
        each.push(times);
    }
    let (first, Some(last)) = (&again, each.last()) else {
        return;
    };
    for (day, times) in each.iter().enumerate() {
        if [0, 1, 7, 8].contains(&day) || day + 8 >= days {
            println!(
                "day {day:3}: mean {:6.2} ms, quiet {:6.2} ms, committing {:6.2} ms",
                mean(times),
                mean_of(&times[0]),
                mean_of(&times[1]),
            );
        }
    }
    let commits = world.git(&["rev-list", "--count", "HEAD"]);
    println!("runs: {made}; commits: {}; {reasons:?}", commits.trim());
    println!(
        "time per run by turns, mean of the day: first {:.2} ms, last {:.2} ms, ratio {:.3}",
        mean(first),
        mean(last),
        mean(last) / mean(first)
    );
    for (what, at) in [("quiet", 0), ("committing", 1)] {
        let (first, last) = (mean_of(&first[at]), mean_of(&last[at]));
        println!(
            "mean of the {what} ones: first {first:.2} ms, last {last:.2} ms, ratio {:.3}",
            last / first
        );
    }
    let history =
        world.read(".fractary/plugins/helm-cloud/monitoring/prod/monitoring-history.json");
    println!("history: {:.1} MB", megabytes(history.len() as u64));
    println!("files in the tree: {}", world.files().len());
    println!("loose objects: {:.1} MB", megabytes(world.loose_bytes()));
    println!("packed repository: {:.1} MB", megabytes(world.pack()));
    world.git(&["fsck", "--strict"]);
    let (process, thread) = world::spent_by_process_and_thread();
    println!(
        "processor time of the process: {process:.0} s, of the measured thread: {thread:.0} s"
    );
}

/// One day in a repository that was kept.
#[expect(clippy::print_stdout, reason = "its figures are its answer")]
fn again_in(kept: PathBuf, day: usize) {
    let mut world = World::open(kept);
    let mut times = [Vec::new(), Vec::new()];
    for number in day * RUNS_A_DAY..(day + 1) * RUNS_A_DAY {
        let run = world.run(number);
        times[usize::from(run.simulated.commit.is_some())].push(run.took);
    }
    let [quiet, committed] = &times;
    println!(
        "day {day}: a quiet run {:.2} ms, one that commits {:.2} ms ({} of them)",
        mean_of(quiet),
        mean_of(committed),
        committed.len(),
    );
}

fn mean(times: &[Vec<Duration>; 2]) -> f64 {
    mean_of(&times.concat())
}

fn mean_of(times: &[Duration]) -> f64 {
    let count = u32::try_from(times.len()).expect("a day has 288");
    times.iter().sum::<Duration>().as_secs_f64() * 1_000.0 / f64::from(count.max(1))
}

#[expect(clippy::cast_precision_loss, reason = "for people")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
