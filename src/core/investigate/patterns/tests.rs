//! Patterns of made-up lines, and what must hold for any lines.

use proptest::prelude::*;

use super::{Change, Headers, Mined, Miner, Pattern, Span, Tuning, summarise};

fn mine(before: &[String], now: &[String]) -> Mined {
    let headers = Headers::infer(before.iter().chain(now).map(String::as_bytes));
    let mut miner = Miner::new(headers);
    for (lines, span) in [(before, Span::Before), (now, Span::Now)] {
        for line in lines {
            miner.add(line.as_bytes(), None, span);
        }
    }
    miner.finish(&Tuning::default())
}

fn patterns(lines: &[String]) -> Vec<Pattern> {
    summarise(&mine(&[], lines))
}

fn templates(lines: &[String]) -> Vec<(u64, String)> {
    patterns(lines)
        .into_iter()
        .map(|pattern| (pattern.count, pattern.template))
        .collect()
}

/// Numbers that look like chance and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % sides
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }
}

const USERS: [&str; 8] = [
    "alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi",
];

/// A program with six statements.
fn program(count: usize, seed: u64) -> Vec<String> {
    let mut dice = Dice(seed);
    let line = |_| match dice.roll(6) {
        0 => format!(
            "user {} logged in from 10.0.0.{}",
            dice.pick(&USERS),
            dice.roll(250)
        ),
        1 => format!("user {} logged out", dice.pick(&USERS)),
        2 => format!(
            "could not obtain connection from pool within {}ms (active={}, idle=0)",
            dice.roll(30_000),
            dice.roll(50)
        ),
        3 => format!(
            "cache miss for key session:{:016x}",
            dice.roll(usize::MAX >> 1)
        ),
        4 => format!(
            "\"GET /orders/{} HTTP/1.1\" 200 {} bytes",
            dice.roll(9_999),
            dice.roll(9_999)
        ),
        _ => format!(
            "Processed {} records in {}.{}s",
            dice.roll(999),
            dice.roll(9),
            dice.roll(999)
        ),
    };
    (0..count).map(line).collect()
}

#[test]
fn statements_are_found_and_values_are_not_told_apart() {
    let found = templates(&program(3_000, 1));
    assert_eq!(found.iter().map(|(count, _)| count).sum::<u64>(), 3_000);
    let mut texts: Vec<&str> = found
        .iter()
        .map(|(_, template)| template.as_str())
        .collect();
    texts.sort_unstable();
    assert_eq!(
        texts,
        [
            "\"GET <*> HTTP/1.1\" <*>",
            "Processed <*> records in <*>",
            "cache miss for key session:<*>",
            "could not obtain connection from pool within <*> (active=<*>, idle=0)",
            "user <*> logged in from <*>",
            "user <*> logged out",
        ]
    );
}

/// The lines of a statement with some values are one pattern, and so are those of another.
fn assert_statements(of: &[(&str, &[String])]) {
    let lines: Vec<String> = of.iter().flat_map(|(_, lines)| lines.to_vec()).collect();
    let found = patterns(&lines);
    for (name, lines) in of {
        let whole = found.iter().find(|one| one.count == lines.len() as u64);
        assert!(whole.is_some(), "{name}: {found:#?}");
    }
}

#[test]
fn values_are_known_by_where_they_stand() {
    let mut dice = Dice(5);
    let mut make = |count: usize, line: &dyn Fn(&mut Dice) -> String| -> Vec<String> {
        (0..count).map(|_| line(&mut dice)).collect()
    };
    let methods = make(40, &|dice| {
        let method = dice.pick(&["GET", "POST"]);
        format!(
            "no upstream for \"{method} /orders/{} HTTP/1.1\"",
            dice.roll(999)
        )
    });
    let numbered = make(41, &|dice| {
        format!(
            "[C{}] remote close",
            [7, 84, 1_234, 56_789, 1_234_567][dice.roll(5)]
        )
    });
    let fields = make(42, &|dice| {
        let reason = dice.pick(&["too large", "expired", "no subscribers"]);
        let last = dice.pick(&["true", "false"]);
        format!("dropping {{\"reason\": \"{reason}\", \"last\": {last}}}")
    });
    let lists = make(43, &|dice| {
        let all: Vec<&str> = (0..2 + dice.roll(3)).map(|_| dice.pick(&USERS)).collect();
        format!("worker now serves [{}]", all.join(", "))
    });
    let quoted = make(44, &|dice| {
        format!(
            "queue for vhost '{}' stopped",
            dice.pick(&["shop", "billing"])
        )
    });
    assert_statements(&[
        ("methods", &methods),
        ("numbered things", &numbered),
        ("fields of JSON", &fields),
        ("lists", &lists),
        ("quoted words", &quoted),
    ]);
}

#[test]
fn what_a_field_says_happened_is_no_value() {
    let line = |what: &str| format!("app | {{\"level\": \"info\", \"msg\": \"{what}\"}}");
    let lines: Vec<String> = (0..60)
        .map(|n| line(["cart was emptied", "payment refused"][n % 2]))
        .collect();
    assert_eq!(patterns(&lines).len(), 2);
}

#[test]
fn words_that_came_once_belong_where_words_are_values() {
    let mut lines: Vec<String> = (0..60)
        .map(|n| format!("moved job {} to {} of pool", USERS[n % 8], USERS[n / 8]))
        .collect();
    lines.push("moved job zoe to spare of pool".to_owned());
    lines.push("moved job zoe to TimeoutError of pool".to_owned());
    let found = templates(&lines);
    assert_eq!(
        found.iter().map(|(count, _)| *count).max(),
        Some(61),
        "{found:?}"
    );
    assert!(
        found.iter().any(|(_, text)| text.contains("TimeoutError")),
        "{found:?}"
    );
}

#[test]
fn a_header_may_hold_more_in_some_lines() {
    let lines: Vec<String> = (0..400)
        .map(|n| {
            let user = ["app@shop ", ""][n % 2];
            let what = ["deadlock detected", "canceling statement due to timeout"][n / 2 % 2];
            format!(
                "2026-03-04 05:{:02}:07.123 UTC [{}] {user}ERROR:  {what}",
                n % 60,
                100 + n
            )
        })
        .collect();
    assert_eq!(patterns(&lines).len(), 2);
    let lines: Vec<String> = (0..400)
        .map(|n| {
            let what = ["lease renewed", "lease lost", "peer joined"][n % 3];
            format!(
                "2026-03-04T05:{:02}:07Z\tINFO\tserver/pool.go:{n}\t{what}\t{{\"id\": {n}}}",
                n % 60
            )
        })
        .collect();
    assert_eq!(patterns(&lines).len(), 3);
}

#[test]
fn order_and_splits_of_lines_change_nothing() {
    let lines = program(4_000, 2);
    let mut shuffled = lines.clone();
    let mut dice = Dice(9);
    for at in (1..shuffled.len()).rev() {
        shuffled.swap(at, dice.roll(at + 1));
    }
    let summary = |mined: &Mined| -> Vec<(String, String, u64)> {
        summarise(mined)
            .into_iter()
            .map(|one| (one.id, one.template, one.count))
            .collect()
    };
    let whole = summary(&mine(&[], &lines));
    assert_eq!(summary(&mine(&[], &shuffled)), whole);

    let headers = Headers::infer(lines.iter().map(String::as_bytes));
    let mut joined = Miner::new(headers.clone());
    for shard in shuffled.chunks(571) {
        let mut miner = Miner::new(headers.clone());
        shard
            .iter()
            .for_each(|line| miner.add(line.as_bytes(), None, Span::Now));
        joined.join(miner);
    }
    assert_eq!(summary(&joined.finish(&Tuning::default())), whole);
}

#[test]
fn a_short_span_of_the_same_program_has_nothing_new() {
    let found = summarise(&mine(&program(10_000, 3), &program(50, 4)));
    assert!(
        found.iter().all(|pattern| pattern.change == Change::Steady),
        "{found:#?}"
    );
}

#[test]
fn a_new_statement_is_new_and_without_a_baseline_nothing_is() {
    let mut now = program(500, 5);
    now.extend((0..40).map(|n| format!("FATAL: remaining connection slots are reserved, pid {n}")));
    let found = summarise(&mine(&program(5_000, 6), &now));
    assert_eq!(found[0].change, Change::New);
    assert_eq!(found[0].count, 40);
    assert_eq!(found[0].level.as_deref(), Some("FATAL"));
    assert!(
        patterns(&now)
            .iter()
            .all(|pattern| pattern.change == Change::Steady)
    );
}

#[test]
fn a_status_that_moves_is_a_shift() {
    let access = |bad: usize| -> Vec<String> {
        let mut dice = Dice(7);
        (0..900)
            .map(|n| {
                let status = if n % 10 < bad { 503 } else { 200 };
                format!(
                    "\"GET /orders/{} HTTP/1.1\" {status} {}",
                    dice.roll(9_999),
                    dice.roll(9_999)
                )
            })
            .collect()
    };
    let found = summarise(&mine(&access(0), &access(3)));
    assert_eq!(found[0].change, Change::Shifted);
    let slot = found[0]
        .slots
        .iter()
        .find(|slot| slot.shifted_from.is_some())
        .expect("a shift");
    assert_eq!(
        slot.top
            .iter()
            .map(|value| value.text.as_str())
            .collect::<Vec<_>>(),
        ["200", "503"]
    );
}

#[test]
fn a_place_with_one_value_shows_it() {
    let lines: Vec<String> = (0..900)
        .map(|n| format!("connect to db-1.internal timed out after {n} ms"))
        .collect();
    assert_eq!(
        templates(&lines)[0].1,
        "connect to db-1.internal timed out after <*>"
    );
}

#[test]
fn one_odd_line_does_not_stand_apart() {
    let mut lines: Vec<String> = (0..200)
        .map(|n| format!("Received block blk_{n} of size {n} from 10.0.0.{}", n % 250))
        .collect();
    lines.push("Received block blk_7 of size 12 from".to_owned());
    lines.push("Received block blk_7 of size 12 from 10.0.0.3 again".to_owned());
    assert_eq!(templates(&lines).len(), 1, "{:?}", templates(&lines));
}

#[test]
fn exceptions_stay_apart() {
    let lines: Vec<String> = [
        "SQLException",
        "SocketTimeoutException",
        "IOException",
        "ParseError",
        "AuthFailure",
    ]
    .iter()
    .flat_map(|name| (0..20).map(move |n| format!("request {n} failed with {name} in handler")))
    .collect();
    assert_eq!(templates(&lines).len(), 5);
}

/// Writes the header of a line by its number.
type Head<'a> = dyn Fn(usize, &mut Dice) -> String + 'a;

/// The same statements under different headers give the same groups.
#[test]
fn headers_are_inferred_whatever_they_look_like() {
    let hosts = ["web-1", "db-primary", "cache"];
    let levels = ["INFO", "WARN", "ERROR"];
    let heads: [&Head<'_>; 8] = [
        &|n, dice| {
            format!(
                "2026-01-01 10:{:02}:{:02},{:03} {} [worker-{}] c.e.Pool - ",
                n / 60 % 60,
                n % 60,
                n % 1_000,
                dice.pick(&levels),
                dice.roll(9)
            )
        },
        &|n, dice| {
            format!(
                "Jan {:2} 10:00:{:02} {} app[{}]: ",
                n % 28 + 1,
                n % 60,
                dice.pick(&hosts),
                dice.roll(9_999)
            )
        },
        &|n, dice| {
            format!(
                "[2026-01-01T10:00:{:02},000][{:<5}][o.e.Node] [{}] ",
                n % 60,
                dice.pick(&levels),
                dice.pick(&hosts)
            )
        },
        &|n, dice| {
            format!(
                "{} {} {} ",
                1_767_225_600 + n,
                dice.pick(&hosts),
                dice.pick(&levels)
            )
        },
        &|n, dice| {
            format!(
                "2026-01-01 10:00:{:02}|{}|{}|{}|",
                n % 60,
                dice.pick(&levels),
                dice.pick(&hosts),
                dice.roll(99)
            )
        },
        &|n, dice| {
            format!(
                "260101 1000{:02} {} {} dfs.Data$Node: ",
                n % 60,
                dice.roll(99),
                dice.pick(&levels)
            )
        },
        &|n, dice| {
            format!(
                "{}0101 10:00:{:02}.000000 {:7} pool.cc:{}] ",
                dice.pick(&["I", "W", "E"]),
                n % 60,
                dice.roll(9_999),
                dice.roll(900)
            )
        },
        &|_, dice| {
            format!(
                "{}:{}:",
                dice.pick(&levels),
                dice.pick(&["root", "acme.pool", "acme.http"])
            )
        },
    ];
    let bare = templates(&program(1_000, 8)).len();
    for (number, head) in heads.iter().enumerate() {
        let mut dice = Dice(number as u64 + 1);
        let lines: Vec<String> = program(1_000, 8)
            .into_iter()
            .enumerate()
            .map(|(n, line)| head(n, &mut dice) + &line)
            .collect();
        let found = templates(&lines);
        assert_eq!(found.len(), bare, "header {number}: {found:#?}");
    }
}

#[test]
fn lines_without_a_header_lose_nothing() {
    let lines = program(500, 10);
    let headers = Headers::infer(lines.iter().map(String::as_bytes));
    for line in &lines {
        assert_eq!(headers.strip(line.as_bytes()), line.as_bytes());
    }
}

#[test]
fn random_words_are_counted_in_bounded_memory() {
    let mut miner = Miner::default();
    let mut dice = Dice(11);
    for _ in 0..60_000 {
        let word = |dice: &mut Dice| -> String {
            (0..8)
                .map(|_| char::from(b'a' + dice.roll(26) as u8))
                .collect()
        };
        let line = format!(
            "{} {} {}",
            word(&mut dice),
            word(&mut dice),
            word(&mut dice)
        );
        miner.add(line.as_bytes(), None, Span::Now);
    }
    let mined = miner.finish(&Tuning::default());
    let counted: u64 = summarise(&mined).iter().map(|pattern| pattern.count).sum();
    assert_eq!(counted + mined.unbounded(), 60_000);
    assert!(mined.len() <= 20_000);
}

#[test]
fn json_lines_are_their_messages_and_metrics_are_no_pattern() {
    let mut lines: Vec<String> = (0..100)
        .map(|n| {
            format!(r#"{{"level":"error","msg":"pay failed","order":"{n}","err":"ETIMEDOUT"}}"#)
        })
        .collect();
    lines.push(r#"{"_aws":{"Timestamp":1},"Latency":3}"#.to_owned());
    let mined = mine(&[], &lines);
    assert_eq!(mined.metrics(), 1);
    let found = summarise(&mined);
    assert_eq!(
        (found.len(), found[0].count, found[0].template.as_str()),
        (1, 100, "pay failed")
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes_are_counted(lines in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..200), 0..60)) {
        let headers = Headers::infer(lines.iter().map(Vec::as_slice));
        let mut miner = Miner::new(headers);
        for line in &lines {
            miner.add(line, None, Span::Now);
        }
        let mut mined = miner.finish(&Tuning::default());
        let counted: u64 = summarise(&mined).iter().map(|pattern| pattern.count).sum();
        prop_assert_eq!(counted, lines.len() as u64);
        for line in &lines {
            prop_assert!(mined.assign(line).is_some());
        }
    }

    #[test]
    fn any_text_is_counted(lines in proptest::collection::vec("[ -~]{0,80}", 0..60)) {
        let found = templates(&lines);
        prop_assert_eq!(found.iter().map(|(count, _)| count).sum::<u64>(), lines.len() as u64);
    }
}
