//! `ask` on what operators say: the share that it reads right, on words that it was tuned on
//! and on words that it was not.

#[path = "ask/learn.rs"]
mod learn;
#[path = "ask/score.rs"]
mod score;

use std::fmt::Write;

use fractary::core::ask::{self, AskContext};

use score::{Outcome, is_right, outcome, rows, score};

const UTTERANCES: &str = include_str!("data/ask/utterances.tsv");
const BLIND_DEV: &str = include_str!("data/ask/blind-dev.tsv");
const BLIND_HELD: &str = include_str!("data/ask/blind-held.tsv");
const MORE: &str = include_str!("data/ask/more.tsv");
const FRESH_LEARN: &str = include_str!("data/ask/fresh-learn.tsv");
const FRESH_HELD: &str = include_str!("data/ask/fresh-held.tsv");
const THIRD_HELD: &str = include_str!("data/ask/third-held.tsv");
const ROUNDS: &str = include_str!("data/ask/rounds.tsv");
const SECOND_LEARN: &str = include_str!("data/ask/second-learn.tsv");
const TAUGHT: &str = include_str!("data/ask/taught.tsv");
const FIFTH_LEARN: &str = include_str!("data/ask/fifth-learn.tsv");
/// The rows that the weights are learnt from, in this order.
const LEARNT_FROM: [&str; 11] = [
    TAUGHT,
    BLIND_DEV,
    BLIND_HELD,
    UTTERANCES,
    MORE,
    FRESH_LEARN,
    FRESH_HELD,
    SECOND_LEARN,
    THIRD_HELD,
    ROUNDS,
    FIFTH_LEARN,
];
const LATER: &str = include_str!("data/ask/later.tsv");
const PLANNED: &str = include_str!("data/ask/later.toml");
const WORLD: &str = concat!(
    include_str!("data/ask/world.toml"),
    include_str!("data/ask/commands.toml")
);
/// The file of the commands that the world of the test has.
const COMMANDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/ask/commands.toml");

/// What must be read right of the half that nobody looked at.
const HELD_OUT_AT_LEAST: f64 = 0.95;
/// The same for the utterances that were written without sight of the vocabulary; a little below
/// what it is, so that it cannot fall unseen.
const BLIND_AT_LEAST: f64 = 0.94;
/// The same for the rows that were written to teach, of which some ask for more than options can say.
const TAUGHT_AT_LEAST: f64 = 0.8;
/// The same for the last author's, of which some is hard.
const STRANGER_AT_LEAST: f64 = 0.85;
/// The same for those of another author than the vocabulary's; what it is is in docs/ask.md.
const FRESH_AT_LEAST: f64 = 0.93;

/// Writes what `ask` learns from the rows; a few minutes without optimisation. Whoever changes rows
/// or words does it again.
#[test]
#[ignore = "it writes the weights: `cargo test --test ask weights_are_learnt -- --ignored`"]
fn weights_are_learnt_from_all_rows() {
    let (commands, options) = learn::learn(&LEARNT_FROM.map(rows).concat(), &world());
    for (name, text) in [("weights.txt", commands), ("option-weights.txt", options)] {
        let file = format!("{}/src/core/ask/{name}", env!("CARGO_MANIFEST_DIR"));
        std::fs::write(file, text).expect("the file can be written");
    }
}

/// Scores a file of your own: `ASK_ROWS=mine.tsv cargo test --test ask a_file_is_scored -- --ignored
/// --nocapture`.
#[test]
#[ignore = "it reads a file that is named: `ASK_ROWS=mine.tsv`"]
fn a_file_is_scored() {
    let file = asked_file().expect("`ASK_ROWS` names a file of rows");
    let text = std::fs::read_to_string(file).expect("the file can be read");
    let (right, all, misses) = score(text.leak(), &world());
    println!(
        "{misses}\n{right} of {all} ({:.1} %)",
        right as f64 * 100.0 / all as f64
    );
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test reads its own argument, not the settings of the product"
)]
fn asked_file() -> Option<std::ffi::OsString> {
    std::env::var_os("ASK_ROWS")
}

struct Utterance {
    text: &'static str,
    expected: &'static str,
    held_out: bool,
}

fn utterances() -> Vec<Utterance> {
    let rows = rows(UTTERANCES).into_iter();
    rows.map(|(text, expected)| Utterance {
        text,
        expected,
        held_out: fnv1a(text) % 2 == 1,
    })
    .collect()
}

/// The split is by the words alone, so that nobody chooses it.
fn fnv1a(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

fn world() -> AskContext {
    toml::from_str(WORLD).expect("the world of the test is valid")
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Commands {
    commands: Vec<ask::KnownCommand>,
}

#[test]
fn the_commands_of_the_world_are_those_of_the_program() {
    let commands = Commands {
        commands: fractary::cli::spoken_commands(),
    };
    let text = toml::to_string(&commands).expect("commands are tables");
    let wanted = format!(
        "# The commands of the program, from its own definition;\n\
         # `UPDATE_DOCS=1 cargo test --test ask commands` writes it.\n{text}"
    );
    if update_docs() {
        std::fs::write(COMMANDS, &wanted).expect("the file can be written");
    }
    let there = std::fs::read_to_string(COMMANDS).expect("the file is there");
    assert_eq!(there, wanted, "`UPDATE_DOCS=1` writes it");
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test reads its own switch, not the settings of the product"
)]
fn update_docs() -> bool {
    std::env::var_os("UPDATE_DOCS").is_some()
}

#[test]
fn held_out_utterances_are_read_right() {
    let world = world();
    let (mut right, mut all, mut misses) = ([0_u32; 2], [0_u32; 2], String::new());
    for one in utterances() {
        let said = outcome(one.text, &world);
        let half = usize::from(one.held_out);
        all[half] += 1;
        if is_right(&said, one.expected, &world) {
            right[half] += 1;
        } else if !one.held_out {
            // Only of the tuning half: whoever reads the others tunes to them.
            writeln!(
                misses,
                "  {}\n    wanted  {}\n    got     {said:?}",
                one.text, one.expected
            )
            .expect("a string takes it");
        }
    }
    let share = |half: usize| f64::from(right[half]) / f64::from(all[half]);
    println!(
        "tuning {}/{} ({:.1} %), held out {}/{} ({:.1} %)\n{misses}",
        right[0],
        all[0],
        share(0) * 100.0,
        right[1],
        all[1],
        share(1) * 100.0
    );
    assert!(
        share(1) >= HELD_OUT_AT_LEAST,
        "held out: {:.1} %",
        share(1) * 100.0
    );
    assert!(
        share(0) >= HELD_OUT_AT_LEAST,
        "tuning: {:.1} %",
        share(0) * 100.0
    );
}

#[test]
fn the_utterances_are_enough_and_of_every_sort() {
    let all = utterances();
    let world = world();
    let asked = all
        .iter()
        .filter(|one| one.expected.starts_with('?'))
        .count();
    let writes = all
        .iter()
        .filter(|one| {
            let reading = ask::read(one.text, &world);
            !one.expected.starts_with('?') && reading.best.is_some_and(|best| best.write)
        })
        .count();
    assert!(all.len() >= 300, "{}", all.len());
    assert!(asked * 10 >= all.len(), "{asked}");
    assert!(writes * 4 >= all.len(), "{writes}");
}

#[test]
fn utterances_that_were_written_blind_are_read_right() {
    let world = world();
    let (least, fresh) = (BLIND_AT_LEAST, FRESH_AT_LEAST);
    for (name, text, held_out, least) in [
        ("written blind, to learn from", BLIND_DEV, false, least),
        ("written to learn from", MORE, false, least),
        (
            "written to teach the weights",
            TAUGHT,
            false,
            TAUGHT_AT_LEAST,
        ),
        (
            "by a fourth author, learnt from in three parts",
            THIRD_HELD,
            false,
            STRANGER_AT_LEAST,
        ),
        ("written in rounds, to learn from", ROUNDS, false, least),
        ("written blind, held out", BLIND_HELD, true, least),
        (
            "by another author, to learn from",
            FRESH_LEARN,
            false,
            fresh,
        ),
        ("by another author, held out", FRESH_HELD, true, fresh),
        (
            "by a second author, to learn from",
            SECOND_LEARN,
            false,
            fresh,
        ),
    ] {
        let (right, all, misses) = score(text, &world);
        let share = right as f64 / all as f64;
        println!("{name}: {right}/{all} ({:.1} %)", share * 100.0);
        if !held_out {
            println!("{misses}");
        }
        assert!(share >= least, "{name}: {right}/{all}");
    }
}

/// What must be read right of the utterances for planned commands.
const PLANNED_AT_LEAST: f64 = 0.95;

/// The words of a command are there before it is. Where the program has it by now, its own
/// definition counts, which may have other options: then it has to be this command.
#[test]
fn planned_commands_are_understood() {
    let mut world = world();
    let planned: Commands = toml::from_str(PLANNED).expect("the plan is valid");
    let there: Vec<String> = world.commands.iter().map(|one| one.name.clone()).collect();
    let fresh = planned.commands.into_iter();
    let fresh: Vec<_> = fresh.filter(|one| !there.contains(&one.name)).collect();
    world.commands.extend(fresh);
    let (mut right, mut misses) = (0, String::new());
    let rows = rows(LATER);
    for (said, expected) in &rows {
        let outcome = outcome(said, &world);
        let is_own = |name: &String| {
            let own = expected
                .split(" | ")
                .any(|one| one.starts_with(name.as_str()));
            let read = ask::read(said, &world);
            own && read.is_clear() && read.best.is_some_and(|best| best.command == *name)
        };
        if is_right(&outcome, expected, &world) || there.iter().any(is_own) {
            right += 1;
        } else {
            writeln!(
                misses,
                "  {said}\n    wanted  {expected}\n    got     {outcome:?}"
            )
            .expect("a string takes it");
        }
    }
    let share = f64::from(right) / rows.len() as f64;
    assert!(
        share >= PLANNED_AT_LEAST,
        "{right}/{}\n{misses}",
        rows.len()
    );
}

/// What is said behind an order, and what has to become of it: a piece of the command line, or
/// nothing but a question back or a word that it is ignored.
const MORE_WORDS: &[(&str, &[&str])] = &[
    (", zorblax", &[]),
    (" since 9am", &["--since"]),
    (" in eu-west-1", &["eu-west-1"]),
    (" in qa", &[]),
    (" for billing-svc", &[]),
    (" with 5 tasks", &[]),
    (" older than a day", &[]),
    (" and push it", &["--push"]),
    (", as csv", &[]),
    (", but not the database", &[]),
    (
        ", and restart checkout",
        &["--action restart_lambda --service checkout"],
    ),
    (" and silence it", &[]),
    (", with a timeout of 40s", &["--timeout 40s"]),
    (
        " into answer.txt",
        &["--output answer.txt", "--record answer.txt"],
    ),
];

fn nothing_is_in(dropped: &[String]) {
    assert!(
        dropped.is_empty(),
        "{}\n{}",
        dropped.len(),
        dropped.join("\n")
    );
}

#[test]
fn nothing_that_is_added_is_dropped_without_a_word() {
    let world = world();
    let (mut tried, mut dropped) = (0, Vec::new());
    let plain = [BLIND_DEV, MORE, UTTERANCES].map(rows).concat();
    // Every fifth, with all that may follow it: enough of every sort, and quick.
    for (said, _) in plain.into_iter().step_by(5) {
        // What follows a free text, an option or a question belongs to it.
        let Outcome::Runs(before) = outcome(said, &world) else {
            continue;
        };
        let is_free = before[0] == "issues" && before.len() > 3
            || before.get(1).is_some_and(|name| name == "architect");
        let text = is_free || said.contains(['/', '"', ':']);
        if text || said.contains("--") || said.contains("because") {
            continue;
        }
        let said = said.trim_end_matches(['?', '!', '.']);
        for (more, kept) in MORE_WORDS {
            let words = format!("{said}{more}");
            let reading = ask::read(&words, &world);
            tried += 1;
            let Some(best) = reading.best.as_ref().filter(|_| reading.is_clear()) else {
                continue;
            };
            let line = best.arguments.join(" ");
            let there = kept.iter().any(|piece| line.contains(piece));
            let last = more.rsplit(' ').next().unwrap_or_default();
            let named = reading.ignored.iter().any(|word| word.contains(last));
            let lacking = !world.offers(best);
            if !(there || named || lacking) {
                dropped.push(format!(
                    "{words}
    {line}
    {:?}",
                    reading.ignored
                ));
            }
        }
    }
    assert!(tried > 600, "{tried}");
    nothing_is_in(&dropped);
}

#[test]
fn every_word_is_taken_up_named_as_ignored_or_asked_about() {
    let world = world();
    let all = [
        BLIND_DEV,
        BLIND_HELD,
        MORE,
        UTTERANCES,
        FRESH_LEARN,
        FRESH_HELD,
        SECOND_LEARN,
        ROUNDS,
    ]
    .map(rows)
    .concat();
    let mut dropped = Vec::new();
    for (said, _) in all {
        let reading = ask::read(said, &world);
        let Some(best) = reading.best.as_ref().filter(|_| reading.is_clear()) else {
            continue;
        };
        if !world.offers(best) || said.contains("--") {
            continue;
        }
        let taken: Vec<String> = reading
            .words
            .iter()
            .map(|word| word.said.to_lowercase())
            .collect();
        let line = best.arguments.join(" ").to_lowercase();
        let letter = |c: char| !(c.is_alphanumeric() || "-_./@'=:~".contains(c));
        for word in said
            .to_lowercase()
            .split(letter)
            .filter(|word| !word.is_empty())
        {
            let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
            let somewhere = taken.iter().any(|taken| taken.contains(bare))
                || reading
                    .ignored
                    .iter()
                    .any(|one| one.to_lowercase().contains(bare))
                || line.contains(bare);
            if !(somewhere || ask::says_nothing(bare)) {
                dropped.push(format!(
                    "{said}: `{word}` is dropped
    {line}"
                ));
            }
        }
    }
    nothing_is_in(&dropped);
}

#[test]
fn orders_that_nothing_carries_out_are_asked_back_with_what_there_is() {
    let world = world();
    for (said, exists) in [
        ("silence alerts for an hour", "--alerts never"),
        ("mute checkout", "--alerts never"),
        ("snooze infra-002 until friday", "--alerts never"),
        ("please turn off the alarms of users-db", "--alerts never"),
        ("ack infra-001", "who takes the issue"),
        ("acknowledge the db issue", "who takes the issue"),
        (
            "could you ack the checkout alert for me",
            "who takes the issue",
        ),
        ("delete issue infra-001", "resolved"),
        ("remove content-004 please", "resolved"),
        ("drop all low issues", "resolved"),
        ("pause the job", "nothing is stopped"),
        ("kill report-worker", "nothing is stopped"),
        ("watch prod tonight", "health"),
        ("mail the dashboard to anna", "--output FILE"),
        ("post the issues to slack", "--output FILE"),
        ("compare prod and staging", "look at each"),
        ("issues older than 3 days", "--since"),
        ("schedule a run at noon", "init"),
        ("change the slo of checkout", ".fractary"),
        ("show me the issues and ack them", "who takes the issue"),
    ] {
        let reading = ask::read(said, &world);
        assert!(!reading.is_clear(), "{said}: {:?}", reading.best);
        let doubts = reading.doubts.join("; ");
        assert!(doubts.contains(exists), "{said}: {doubts}");
    }
}

#[test]
fn unknown_names_are_asked_back_with_near_ones() {
    let world = world();
    for (said, near) in [
        ("health of order-api", "orders-api"),
        ("is paymets-api ok", "payments-api"),
        ("health in stagin", "staging"),
        ("is qa healthy", "prod, staging, test"),
        (
            "status of the billin domain",
            "application, content, infrastructure",
        ),
        ("show infra-003", "infra-001"),
        ("init in eu-centrl-1", "eu-central-1"),
        ("are the buckets ok", "acme-uploads"),
        ("how is the database", "orders-db, users-db"),
    ] {
        let reading = ask::read(said, &world);
        assert!(!reading.is_clear(), "{said}: {:?}", reading.best);
        let doubts = reading.doubts.join("; ");
        assert!(doubts.contains(near), "{said}: {doubts}");
    }
}

/// What changes something, by the first words of its command line.
const CHANGES: &[&str] = &[
    "issues resolve",
    "issues reopen",
    "issues assign",
    "issues note",
    "issues unassign",
    "issues merge",
    "issues split",
    "issues link",
    "merge-shards",
    "escalate",
    "remediate",
    "slo import",
    "prices update",
    "merge-file",
    "infra deploy",
    "infra teardown",
    "infra architect",
    "infra engineer",
    "adopt",
    "permissions grant",
    "permissions revoke",
    "permissions sync",
    "optimize cycle",
    "optimize emergency",
    "run",
    "init",
    "demo",
    "migrate",
];

#[test]
fn nothing_is_changed_without_consent() {
    let world = world();
    let mut writes = 0;
    let texts = utterances().into_iter().map(|one| one.text);
    let more = [
        BLIND_DEV,
        BLIND_HELD,
        MORE,
        FRESH_LEARN,
        FRESH_HELD,
        SECOND_LEARN,
        ROUNDS,
    ]
    .map(rows)
    .concat();
    for text in texts.chain(more.into_iter().map(|row| row.0)) {
        let reading = ask::read(text, &world);
        let Some(best) = reading.best.as_ref().filter(|_| reading.is_clear()) else {
            continue;
        };
        let line = best.arguments.join(" ");
        let landing = [
            "--commit", "--push", "--write", "--output", "--record", "--repo",
        ];
        let looks = ["remediate --list", "remediate --history"];
        let looks = looks.iter().any(|look| line.starts_with(look));
        let changes = CHANGES
            .iter()
            .any(|change| line == *change || line.starts_with(&format!("{change} ")))
            && !looks
            || landing
                .iter()
                .any(|option| best.arguments.iter().any(|one| one == option));
        writes += u32::from(changes);
        assert_eq!(best.write, changes, "{text}: {line}");
        assert!(
            !(changes && fractary::cli::runs_unasked(best)),
            "{text}: {line}"
        );
    }
    assert!(writes > 50, "{writes}");
}

/// What is offered, best or not, is taken by the program's own definition. What it lacks is named,
/// and is all that it lacks.
#[test]
fn every_command_line_that_is_offered_parses() {
    let mut wrong: Vec<String> = Vec::new();
    let mut root = fractary::cli::definition();
    let world = world();
    let (mut whole, mut lacking) = (0, 0);
    let texts = utterances().into_iter().map(|one| one.text);
    let more = [
        BLIND_DEV,
        BLIND_HELD,
        MORE,
        FRESH_LEARN,
        FRESH_HELD,
        SECOND_LEARN,
        ROUNDS,
        THIRD_HELD,
        LATER,
    ]
    .map(rows)
    .concat();
    let mut parse = |line: &[String]| {
        let all = std::iter::once("fractary").chain(line.iter().map(String::as_str));
        root.try_get_matches_from_mut(all).err()
    };
    // Every second: enough of every sort, and twice as quick.
    let all = texts.chain(more.into_iter().map(|row| row.0)).step_by(2);
    for text in all {
        let reading = fractary::cli::read(text, &world);
        for one in reading.best.iter().chain(&reading.others) {
            // What comes later is named as such, and is no offer.
            if !world.offers(one) {
                continue;
            }
            if let Some(error) = parse(&one.arguments) {
                let is_missing = error.kind() == clap::error::ErrorKind::MissingRequiredArgument;
                lacking += 1;
                if !is_missing || one.missing.is_empty() {
                    wrong.push(format!("{text}: {:?}: {error}", one.arguments));
                }
            }
            whole += 1;
            if one.instead.is_empty() {
                continue;
            }
            if let Some(error) = parse(&one.instead) {
                wrong.push(format!("{text}: instead {:?}: {error}", one.instead));
            }
        }
    }
    nothing_is_in(&wrong);
    assert!(whole > 2500 && lacking * 4 < whole, "{lacking} of {whole}");
}

/// A command that is new is found by its own name before anybody writes words for it, and so are its
/// options.
#[test]
fn options_are_found_by_their_own_names() {
    let world = world();
    for (said, line) in [
        (
            "optimize plan with a horizon of 90d",
            "optimize plan --horizon 90d",
        ),
        (
            "optimize plan, scenario top three",
            "optimize plan --scenario top-three",
        ),
        (
            "optimize analyze, comprehensive",
            "optimize analyze --depth comprehensive",
        ),
        ("init with helios", "init --helios"),
        (
            "resolve infra-001 because the disk was full",
            "issues resolve infra-001 --reason the disk was full",
        ),
    ] {
        let reading = fractary::cli::read(said, &world);
        let best = reading.best.as_ref().filter(|_| reading.is_clear());
        let best = best.map(|best| best.arguments.join(" "));
        assert_eq!(best.as_deref(), Some(line), "{said}: {:?}", reading.doubts);
    }
    // Consent is never read out of words.
    let reading = fractary::cli::read("yes deploy to test, yes", &world);
    let best = reading.best.expect("it is read");
    assert!(
        !best.arguments.contains(&"--yes".to_owned()),
        "{:?}",
        best.arguments
    );
}
