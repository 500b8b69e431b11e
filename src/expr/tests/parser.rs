//! Hostile input, and what the tree looks like.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

/// Little enough that a parser which recurses without a limit overflows it.
const STACK: usize = 512 * 1024;

fn hostile() -> Vec<String> {
    let around = |open: &str, close: &str, times: usize| {
        format!("{}a{}", open.repeat(times), close.repeat(times))
    };
    let behind = |more: &str, times: usize| format!("a{}", more.repeat(times));
    let mut all = vec![
        around("(", ")", 499),
        around("(", ")", 60),
        around("[", "]", 499),
        around("f(", ")", 333),
        around("a[", "]", 333),
        around("!(", ")", 333),
        around("a?", ":1", 249),
        around("a.exists(b,", ")", 83),
        format!("{}1", "a?1:".repeat(249)),
        format!("1{}", "+1".repeat(499)),
    ];
    for (more, times) in [
        (".b", 499),
        ("[1]", 330),
        ("||a", 330),
        ("&&a", 330),
        ("==a", 330),
    ] {
        all.push(behind(more, times));
    }
    all.push(behind(".map(b,b)", 110));
    for (piece, times) in [
        ("(", 1000),
        ("[", 1000),
        (")", 1000),
        ("{", 1000),
        ("@#$", 333),
    ] {
        all.push(piece.repeat(times));
    }
    for piece in [
        "'", "-", "!", "!-", "9", "a", "a ", "1e", "é", "\\", "\n", "//", "r'",
    ] {
        all.push(piece.repeat(1000 / piece.len()));
    }
    for piece in ["!", "-", "!-"] {
        all.push(format!("{}a", piece.repeat(499)));
    }
    all
}

#[test]
fn hostile_input_neither_overflows_nor_lasts() {
    for source in hostile() {
        let shown: String = source.chars().take(20).collect();
        let started = Instant::now();
        let work = move || {
            let names = ["a", "b"].map(|name| (name.to_owned(), Type::Any));
            let any = Type::Any;
            if let Ok(compiled) = Expression::compile(&source, &names.into(), &any) {
                let _ = compiled.evaluate(|_| Some(true.into()));
            }
            if let Ok(root) = parse::parse(&source) {
                let _ = root.to_string();
                let _ = eval::evaluate(&root, &|_| Some(1.0.into()), MOST_STEPS);
            }
        };
        let thread = std::thread::Builder::new().stack_size(STACK).spawn(work);
        thread.expect("a thread").join().expect("no panic");
        assert!(started.elapsed() < Duration::from_secs(2), "{shown}");
    }
    assert!(parse::parse(&"a".repeat(MOST_BYTES + 1)).is_err());
    let wide = vec!["a"; 150].join(" && ");
    assert!(parse::parse(&wide).is_ok());
}

#[test]
fn operators_bind_as_in_cel() {
    for (source, expected) in [
        ("a || b && c", "(|| a (&& b c))"),
        ("a && b && c", "(&& a b c)"),
        ("!a && b", "(&& (! a) b)"),
        ("!a.b", "(! (field b a))"),
        ("!!a", "a"),
        ("a + b * c - d", "(- (+ a (* b c)) d)"),
        ("-a * b", "(* (negate a) b)"),
        ("1 - -2", "(- 1 -2)"),
        ("a < b + 1", "(< a (+ b 1))"),
        ("a in [1, 2,]", "(in a (list 1 2))"),
        ("a ? b : c ? d : e", "(if a b (if c d e))"),
        ("a.b[0].c", "(field c (index (field b a) 0))"),
        (
            "l.exists(r, r.p == 'x')",
            "(Exists r l (== (field p r) \"x\"))",
        ),
        ("has(a.b)", "(has (field b a))"),
        ("max(a, b)", "(max a b)"),
        ("a.size()", "(size a)"),
        (r"a.matches(r'\d')", r#"(matches a "\\d")"#),
        ("'it\\'s' == a // why", "(== \"it's\" a)"),
        (".5 + 1e3 + 2.5E-1", "(+ (+ 0.5 1000) 0.25)"),
    ] {
        let root = parse::parse(source).unwrap_or_else(|fault| panic!("{}", fault.show(source)));
        assert_eq!(root.to_string(), expected, "{source}");
    }
}

proptest! {
    #[test]
    fn no_text_panics(source in "(a|b|l|size|exists|in|and|true|&&|\\|\\||!|-|\\(|\\)|\\[|\\]|,|\\.|\\?|:|==|<|'x'|3| |\\PC){0,40}") {
        let names = ["a", "b"].map(|name| (name.to_owned(), Type::Number));
        let list = ("l".to_owned(), Type::list(Type::Any));
        let schema: Schema = names.into_iter().chain([list]).collect();
        match Expression::compile(&source, &schema, &Type::Flag) {
            Ok(compiled) => {
                let _ = compiled.evaluate(|name| match name {
                    "l" => Some(cut(vec![1.0.into(), Fact::Absent], 1)),
                    _ => Some(3.0.into()),
                });
            }
            Err(fault) => {
                prop_assert!(source.get(fault.at.clone()).is_some(), "{fault:?}");
                prop_assert!(!fault.message.chars().any(char::is_control), "{fault:?}");
            }
        }
    }
}
