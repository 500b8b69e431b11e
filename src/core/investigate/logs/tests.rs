//! Traces of six languages, what folding may not lose, filters, splits and following.

use proptest::prelude::*;

use super::*;
use crate::model::log_events::{LogClass, LogGroup, LogLevel, LogSilence};
use crate::text::Untrusted;

fn written(stream: &str, time: i64, message: &str) -> WrittenEvent {
    WrittenEvent {
        stream: stream.to_owned(),
        time,
        message: message.to_owned(),
        events: 1,
    }
}

fn join(events: Vec<WrittenEvent>) -> Vec<WrittenEvent> {
    let mut joiner = Joiner::default();
    let mut done: Vec<WrittenEvent> = Vec::new();
    for event in events {
        done.extend(joiner.add(event));
    }
    done.extend(joiner.finish());
    done
}

/// The messages that a program's lines are joined to.
fn joined(text: &str) -> Vec<String> {
    let lines = text.split('\n').enumerate();
    let events = lines.map(|(number, line)| written("a", number as i64, line));
    join(events.collect())
        .into_iter()
        .map(|event| event.message)
        .collect()
}

/// Before, the trace, and after it, which are three events.
fn is_one_event(trace: &str) {
    let text = format!("request 1 began\n{trace}\nrequest 2 began");
    assert_eq!(
        joined(&text),
        ["request 1 began", trace, "request 2 began"],
        "{trace}"
    );
}

const PYTHON: &str = "Traceback (most recent call last):\n  File \"app.py\", line 7, in pay\n    charge(order)\n  File \"app.py\", line 3, in charge\n    raise ValueError(\"no card\")\nValueError: no card";
const PYTHON_CHAIN: &str = "Traceback (most recent call last):\n  File \"app.py\", line 7, in pay\n    charge(order)\nKeyError: 'card'\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File \"app.py\", line 9, in pay\n    raise PaymentError(order)\nshop.payments.PaymentError: order 17";
const NODE: &str = "Error: connect ETIMEDOUT 10.0.0.7:5432\n    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16)\n    at pay (/var/task/index.js:12:9) {\n  errno: -110,\n  code: 'ETIMEDOUT'\n}";
const NODE_UNCAUGHT: &str = "/app/index.js:3\n    throw new TypeError('no card');\n    ^\n\nTypeError: no card\n    at Object.<anonymous> (/app/index.js:3:11)\n    at Module._compile (node:internal/modules/cjs/loader:1105:14)";
const JAVA: &str = "java.lang.IllegalStateException: cannot pay order 17\n\tat shop.Pay.charge(Pay.java:31)\n\tat shop.Main.main(Main.java:9)\nCaused by: java.sql.SQLTransientConnectionException: HikariPool-1 - Connection is not available\n\tat com.zaxxer.hikari.pool.HikariPool.getConnection(HikariPool.java:197)\n\t... 12 more";
const GO: &str = "panic: runtime error: invalid memory address or nil pointer dereference\n[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x47b2a1]\n\ngoroutine 1 [running]:\nmain.pay(0xc000012345, {0x4b1, 0x5})\n\t/app/main.go:12 +0x1d\ncreated by net/http.(*Server).Serve in goroutine 1\n\t/usr/local/go/src/net/http/server.go:3086 +0x5cb";
const RUST: &str = "thread 'main' panicked at src/main.rs:4:9:\nindex out of bounds: the len is 3 but the index is 5\nstack backtrace:\n   0: rust_begin_unwind\n             at /rustc/90b35a6/library/std/src/panicking.rs:597:5\n   1: shop::pay\n             at ./src/main.rs:4:9";
const DOTNET: &str = "Unhandled exception. System.InvalidOperationException: cannot pay order 17\n ---> System.TimeoutException: the pool is exhausted\n   at Shop.Pay.Charge(Order order) in /src/Pay.cs:line 31\n   --- End of inner exception stack trace ---\n   at Shop.Program.Main(String[] args) in /src/Program.cs:line 9";

const TRACES: [&str; 8] = [
    PYTHON,
    PYTHON_CHAIN,
    NODE,
    NODE_UNCAUGHT,
    JAVA,
    GO,
    RUST,
    DOTNET,
];

#[test]
fn traces_of_six_languages_are_one_event() {
    for trace in TRACES {
        is_one_event(trace);
        assert_eq!(joined(&format!("{trace}\n{trace}")).len(), 2, "{trace}");
    }
}

#[test]
fn traces_are_errors_even_where_they_do_not_say_so() {
    for trace in TRACES {
        assert!(level_of(trace) >= Some(LogLevel::Error), "{trace}");
    }
}

#[test]
fn what_has_a_header_of_its_own_is_an_event_of_its_own() {
    let lines = [
        "2026-11-29T14:03:00Z ERROR pay failed:",
        "[ERROR] 2026-11-29T14:03:00Z next",
        "INFO: next",
        "{\"level\":\"error\"}",
        "{\"level\":\"info\"}",
        "plain text",
        "more plain text",
    ];
    assert_eq!(joined(&lines.join("\n")), lines);
}

#[test]
fn an_object_over_several_lines_is_one_event() {
    let object = "{\n  \"message\": \"a } in a text\",\n  \"list\": [\n    1\n  ]\n}";
    assert_eq!(joined(&format!("{object}\n{object}")), [object, object]);
}

#[test]
fn streams_that_interleave_stay_apart() {
    let mut events = Vec::new();
    for (number, line) in JAVA.split('\n').enumerate() {
        events.push(written("a", number as i64, line));
        events.push(written("b", number as i64, line));
    }
    let found = join(events);
    assert_eq!(found.len(), 2);
    assert!(
        found
            .iter()
            .all(|event| event.message == JAVA && event.events == 6)
    );
}

#[test]
fn lines_that_are_seconds_apart_are_not_joined() {
    let events = vec![written("a", 0, "Error: x"), written("a", 5_000, "    at f")];
    assert_eq!(join(events).len(), 2);
}

#[test]
fn one_exception_has_one_headline_however_it_was_written() {
    let moved = PYTHON.replace("line 7", "line 8");
    assert_eq!(headline(PYTHON), headline(&moved));
    assert_eq!(headline(PYTHON), headline(&joined(PYTHON)[0]));
    assert_eq!(
        headline(JAVA),
        "java.lang.IllegalStateException: cannot pay order 17 | Caused by: java.sql.SQLTransientConnectionException: HikariPool-1 - Connection is not available | at shop.Pay.charge(Pay.java:)"
    );
    assert_eq!(headline("one line"), "one line");
}

#[test]
fn levels_are_read_as_loggers_write_them() {
    for (message, want) in [
        (
            "[ERROR] 2026-11-29T14:03:00Z id pay failed",
            Some(LogLevel::Error),
        ),
        ("2026-11-29T14:03:00Z\tid\tWARN\tslow", Some(LogLevel::Warn)),
        ("ERROR:root:pay failed", None),
        ("time=\"2026\" level=warning msg=slow", Some(LogLevel::Warn)),
        (
            "{\"level\":50,\"msg\":\"pay failed\"}",
            Some(LogLevel::Error),
        ),
        ("{\"severity\":\"info\"}", Some(LogLevel::Info)),
        ("{\"msg\":\"ERROR\"}", None),
        ("no error was found", None),
        ("there were 3 errors: none", None),
        ("error: pay failed", Some(LogLevel::Error)),
        ("<CRITICAL> down", Some(LogLevel::Fatal)),
        ("", None),
    ] {
        assert_eq!(level_of(message), want, "{message}");
    }
}

#[test]
fn filters_are_text_expressions_fields_and_their_opposites() {
    let fits =
        |filters: &[&str], message: &str| LogFilter::parse(filters).expect("filters").fits(message);
    let json = r#"{"order":{"id":17},"state":"Failed","a.b":"x","none":null}"#;
    assert!(fits(&[], "anything"));
    assert!(fits(&["Failed"], "pay FAILED"));
    assert!(!fits(&["failed", "order"], "pay failed"));
    assert!(fits(&["/fail(ed|ure)$/"], "pay failure"));
    assert!(fits(&["order.id=17"], json));
    assert!(fits(&["state=failed"], json));
    assert!(fits(&["a.b=x"], json));
    assert!(!fits(&["none=null"], json));
    assert!(!fits(&["order.id=18"], json));
    assert!(fits(&["status=500"], "GET / status=500"));
    assert!(fits(&["!/health"], "GET /orders"));
    assert!(!fits(&["!/health/"], "GET /health"));
    assert_eq!(
        LogFilter::parse(&[" "]).expect_err("empty"),
        FilterError::Empty
    );
    assert!(matches!(
        LogFilter::parse(&["/(/"]),
        Err(FilterError::Regex(_))
    ));
}

#[test]
fn a_span_is_split_until_it_fits() {
    let whole = SpanPart {
        start: 500,
        end: 10_700,
    };
    let mut parts = SpanParts::new(whole, 3);
    let mut asked = Vec::new();
    while let Some(part) = parts.next_part() {
        if part.end - part.start > 2_500 && parts.halve(part) {
            continue;
        }
        asked.push(part);
    }
    assert_eq!(asked.first().map(|part| part.start), Some(500));
    assert_eq!(asked.last().map(|part| part.end), Some(10_700));
    assert!(
        asked.windows(2).all(|pair| pair[0].end == pair[1].start),
        "{asked:?}"
    );
    assert!(!parts.halve(SpanPart {
        start: 0,
        end: 1_900
    }));
}

#[test]
fn lag_is_that_of_the_middle_and_of_nearly_all() {
    assert_eq!(lag(&mut []), None);
    let mut delays: Vec<u64> = (0..=100).rev().collect();
    assert_eq!(lag(&mut delays), Some(Lag { p50: 50, p95: 95 }));
}

fn lines() -> impl Strategy<Value = Vec<WrittenEvent>> {
    let texts = prop_oneof![
        Just("Traceback (most recent call last):".to_owned()),
        Just("  File \"a\"".to_owned()),
        Just("ValueError: x".to_owned()),
        Just(" ".to_owned()),
        Just(String::new()),
        Just("Caused by: x.y.Z: w".to_owned()),
        Just("goroutine 1 [running]:".to_owned()),
        Just("{".to_owned()),
        Just("}".to_owned()),
        "[ -~]{0,12}",
        "(?s).{0,6}",
    ];
    let event = (0..3_u8, 0..400_i64, texts);
    prop::collection::vec(event, 0..60).prop_map(|events| {
        let mut time = 0;
        let made = events.into_iter().map(|(stream, step, text)| {
            time += step;
            written(&format!("s{stream}"), time, &text)
        });
        made.collect()
    })
}

proptest! {
    #[test]
    fn joining_loses_nothing_and_keeps_the_order_of_each_stream(
        events in lines(),
        settle_each in 1..9_usize,
    ) {
        let mut joiner = Joiner::default();
        let mut done: Vec<WrittenEvent> = Vec::new();
        for (number, event) in events.iter().enumerate() {
            done.extend(joiner.add(event.clone()));
            if number % settle_each == 0 {
                done.extend(joiner.settle(event.time - 1_000));
            }
        }
        done.extend(joiner.finish());
        for stream in ["s0", "s1", "s2"] {
            let text = |all: &[WrittenEvent]| {
                let own = all.iter().filter(|event| event.stream == stream);
                own.map(|event| event.message.clone()).collect::<Vec<_>>().join("\n")
            };
            prop_assert_eq!(text(&done), text(&events));
        }
        let count: u64 = done.iter().map(|event| event.events).sum();
        prop_assert_eq!(count, events.len() as u64);
    }

    #[test]
    fn parts_cover_the_span_once(
        start in -5_000..5_000_i64,
        length in 0..40_000_i64,
        count in 0..9_u64,
        dense in prop::collection::vec(any::<bool>(), 40),
    ) {
        let whole = SpanPart { start, end: start + length };
        let mut parts = SpanParts::new(whole, count);
        let (mut at, mut asked) = (start, 0);
        while let Some(part) = parts.next_part() {
            prop_assert_eq!(part.start, at);
            prop_assert!(part.end > part.start);
            if dense[asked % 40] && asked < 200 {
                asked += 1;
                if parts.halve(part) {
                    continue;
                }
            }
            asked += 1;
            at = part.end;
        }
        prop_assert_eq!(at, start + length);
    }

    /// Events whose delay is at most what is read again are given once, whenever they arrive.
    #[test]
    fn a_follower_gives_every_event_once(
        events in prop::collection::vec((0..600_000_i64, 0..60_000_i64), 0..80),
        reads in prop::collection::vec(1..90_000_i64, 1..40),
    ) {
        let mut follower = Follower::new(0);
        let mut given = vec![0_u32; events.len()];
        let mut now = 0;
        for step in reads.iter().chain([&700_000]) {
            now += step;
            for (number, (time, delay)) in events.iter().enumerate() {
                let visible = time + delay <= now && *time >= follower.start();
                if visible && follower.is_new(&number.to_string(), *time, Some(time + delay)) {
                    given[number] += 1;
                }
            }
            follower.end(now);
        }
        prop_assert!(given.iter().all(|times| *times == 1), "{given:?}");
    }
}

/// A group that has deleted what it held is not one in which nothing was written.
#[test]
fn what_a_group_no_longer_keeps_is_no_silence() {
    let day = |day: i64| jiff::Timestamp::from_second(day * 86_400).expect("in range");
    let group = |retention_days| LogGroup {
        name: Untrusted::from("/api"),
        class: LogClass::Standard,
        created_at: Some(day(0)),
        retention_days,
    };
    for (retention, end, want) in [
        (None, 1, LogSilence::Empty),
        (Some(7), 1, LogSilence::Expired(7)),
        (Some(7), 5, LogSilence::Empty),
        (Some(7), 0, LogSilence::CreatedAfter(day(0))),
    ] {
        let silence = silence_of(&group(retention), day(end), day(10));
        assert_eq!(silence, want, "{retention:?}, {end}");
    }
    let deleted = |at| is_deleted(&group(Some(7)), day(at), day(10));
    assert_eq!([2, 3, 4].map(deleted), [true, false, false]);
}
