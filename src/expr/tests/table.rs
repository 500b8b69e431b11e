//! Truth tables: every operator with every combination of true, false, absent and unreadable.
//!
//! `T` and `F` are known, `-` is absent, `?` is unreadable. A result that is not known is
//! written as its reasons: the letters of absent names, and the letters of names whose gap
//! decided it after a `?`. `b?a` is "b is absent, and a could not be read".

use super::*;

/// Operands in the order of rows and columns.
const FLAGS: [char; 4] = ['T', 'F', '-', '?'];

/// The gap of a name has the number of its letter.
fn fact(name: &str, state: char) -> Fact {
    match state {
        'T' => true.into(),
        'F' => false.into(),
        '0' => 0.0.into(),
        '1' => 1.0.into(),
        'x' => "x".into(),
        '-' => Fact::Absent,
        _ => unreadable(name.bytes().next().map_or(0, u32::from)),
    }
}

fn outcome(source: &str, states: &[(&str, char)]) -> String {
    let lookup = |name: &str| {
        let state = states.iter().find(|(known, _)| *known == name);
        state.map(|(name, state)| fact(name, *state))
    };
    match evaluate(source, &lookup) {
        Ok(Value::Flag(true)) => "T".to_owned(),
        Ok(Value::Flag(false)) => "F".to_owned(),
        Ok(Value::Number(number)) => number.to_string(),
        Ok(other) => panic!("{source}: {other:?}"),
        Err(unknown) => {
            let others = unknown.causes().map(|cause| match cause {
                Cause::Gap(_) => String::new(),
                Cause::Absent(name) => name.clone(),
                Cause::NoValue(_) => "!".to_owned(),
                other => panic!("{source}: {other}"),
            });
            let letter = |gap: GapId| char::from_u32(gap.0).expect("a letter");
            let gaps: String = unknown.gaps().map(letter).collect();
            let mark = if gaps.is_empty() { "" } else { "?" };
            format!("{}{mark}{gaps}", others.collect::<String>())
        }
    }
}

/// Holds `a` in the rows and `b` in the columns against a table.
fn holds(source: &str, states: &[char], fixed: &[(&str, char)], expected: [&str; 4]) {
    for (row, a) in expected.iter().zip(states) {
        let found = states.iter().map(|b| {
            let mut all = vec![("a", *a), ("b", *b)];
            all.extend(fixed);
            outcome(source, &all)
        });
        let found: Vec<String> = found.collect();
        let expected: Vec<&str> = row.split_whitespace().collect();
        assert_eq!(found, expected, "{source}, a = {a}, {fixed:?}");
    }
}

#[test]
fn one_operand() {
    for (source, expected) in [
        ("a", "T F a ?a"),
        ("!a", "F T a ?a"),
        ("has(a)", "T T F ?a"),
        ("[a].exists(i, i)", "T F i ?a"),
        ("[a].all(i, i)", "T F i ?a"),
        ("[a].exists_one(i, i)", "T F i ?a"),
        ("[a].exists(i, !i)", "F T i ?a"),
        ("size([a].filter(i, i))", "1 0 i ?a"),
        ("[a].filter(i, i).exists(i, i)", "T F i ?a"),
        ("true in [a].map(i, i)", "T F i ?a"),
        ("size([a])", "1 1 1 1"),
        ("[a][0]", "T F …[0] ?a"),
    ] {
        let found = FLAGS.map(|state| outcome(source, &[("a", state)]));
        let expected: Vec<&str> = expected.split_whitespace().collect();
        assert_eq!(found.as_slice(), expected, "{source}");
    }
    let numbers = ['1', '0', '-', '?'].map(|state| outcome("-a", &[("a", state)]));
    assert_eq!(numbers, ["-1", "-0", "a", "?a"]);
}

#[test]
fn two_operands() {
    let holds = |source: &str, expected| holds(source, &FLAGS, &[], expected);
    holds(
        "a && b",
        [
            "T  F  b    ?b", //
            "F  F  F    F",
            "a  F  ab   a?b",
            "?a F  b?a  ?ab",
        ],
    );
    holds(
        "a || b",
        [
            "T  T  T    T", //
            "T  F  b    ?b",
            "T  a  ab   a?b",
            "T  ?a b?a  ?ab",
        ],
    );
    // What is absent stays so, whatever a gap hides: only operators that need both say so alone.
    let equal = [
        "T  F  b    ?b", //
        "F  T  b    ?b",
        "a  a  ab   a",
        "?a ?a b    ?ab",
    ];
    holds("a == b", equal);
    holds(
        "a != b",
        [
            "F  T  b    ?b", //
            "T  F  b    ?b",
            "a  a  ab   a",
            "?a ?a b    ?ab",
        ],
    );
    // An item that is absent is equal to nothing.
    holds(
        "a in [b]",
        [
            "T  F  F    ?b", //
            "F  T  F    ?b",
            "a  a  a    a",
            "?a ?a ?a   ?a",
        ],
    );
    for (exists, chain) in [
        ("[a, b].exists(i, i)", "a || b"),
        ("[a, b].all(i, i)", "a && b"),
    ] {
        for (a, b) in FLAGS.iter().flat_map(|a| FLAGS.map(|b| (*a, b))) {
            let states = [("a", a), ("b", b)];
            let chain = outcome(chain, &states).replace("ab", "i");
            let chain = match chain.strip_prefix(['a', 'b']) {
                Some(rest) => format!("i{rest}"),
                None => chain,
            };
            let chain = if chain == "?i" {
                "?ab".to_owned()
            } else {
                chain
            };
            assert_eq!(outcome(exists, &states), chain, "{exists} {a}{b}");
        }
    }
    holds(
        "[a, b].exists_one(i, i)",
        [
            "F  T  i    ?b", //
            "T  F  i    ?b",
            "i  i  i    i",
            "?a ?a i    ?ab",
        ],
    );
}

#[test]
fn three_operands() {
    let holds = |condition, expected| {
        holds("c ? a : b", &FLAGS, &[("c", condition)], expected);
    };
    holds('T', ["T T T T", "F F F F", "a a a a", "?a ?a ?a ?a"]);
    holds('F', ["T F b ?b", "T F b ?b", "T F b ?b", "T F b ?b"]);
    holds('-', ["c c c c", "c c c c", "c c c c", "c c c c"]);
    holds(
        '?',
        [
            "?c  ?c  b?c  ?bc", //
            "?c  ?c  b?c  ?bc",
            // Whichever branch is taken, there is none.
            "a?c a?c ab   a?bc",
            "?ac ?ac b?ac ?abc",
        ],
    );
}

#[test]
fn numbers() {
    let missing = |first: [&str; 2], second: [&str; 2]| {
        [
            format!("{} {} b ?b", first[0], first[1]),
            format!("{} {} b ?b", second[0], second[1]),
            "a a ab a".to_owned(),
            "?a ?a b ?ab".to_owned(),
        ]
    };
    for (source, ones, zeros) in [
        ("a + b", ["2", "1"], ["1", "0"]),
        ("a - b", ["0", "1"], ["-1", "0"]),
        ("a * b", ["1", "0"], ["0", "0"]),
        ("a / b", ["1", "!"], ["0", "!"]),
        ("a % b", ["0", "!"], ["0", "!"]),
        ("a == b", ["T", "F"], ["F", "T"]),
        ("a != b", ["F", "T"], ["T", "F"]),
        ("a < b", ["F", "F"], ["T", "F"]),
        ("a <= b", ["T", "F"], ["T", "T"]),
        ("a > b", ["F", "T"], ["F", "F"]),
        ("a >= b", ["T", "T"], ["F", "T"]),
        ("max(a, b)", ["1", "1"], ["1", "0"]),
        ("min(a, b)", ["1", "0"], ["0", "0"]),
    ] {
        let table = missing(ones, zeros);
        let rows = table.each_ref().map(String::as_str);
        holds(source, &['1', '0', '-', '?'], &[], rows);
    }
}

#[test]
fn texts_have_the_same_table() {
    for function in ["startsWith", "endsWith", "contains"] {
        let source = format!("a.{function}(b)");
        holds(
            &source,
            &['x', 'x', '-', '?'],
            &[],
            ["T T b ?b", "T T b ?b", "a a ab a", "?a ?a b ?ab"],
        );
    }
    assert_eq!(outcome("size(a)", &[("a", '-')]), "a");
    assert_eq!(outcome("size(a)", &[("a", '?')]), "?a");
}

#[test]
fn a_list_that_is_not_whole_is_unknown_beyond_what_was_seen() {
    let lookup = |name: &str| match name {
        "l" => Some(cut(vec![true.into()], 7)),
        _ => Some(cut(vec![false.into()], 7)),
    };
    let yes = Ok(Value::Flag(true));
    let no = Ok(Value::Flag(false));
    for (source, expected) in [
        ("l.exists(i, i)", &yes),
        ("l.all(i, !i)", &no),
        ("true in l", &yes),
        ("k.exists(i, i)", &gaps(&[7])),
        ("k.all(i, !i)", &gaps(&[7])),
        ("true in k", &gaps(&[7])),
        ("size(l) == 1", &gaps(&[7])),
        ("l.exists_one(i, i)", &gaps(&[7])),
        ("l[0]", &gaps(&[7])),
        ("l.filter(i, i).exists(i, i)", &yes),
        ("l.map(i, i).all(i, i)", &gaps(&[7])),
    ] {
        assert_eq!(&evaluate(source, &lookup), expected, "{source}");
    }
}

#[test]
fn fields_of_what_is_missing_are_missing() {
    let states = [
        record([("f", true.into())]),
        record([("f", Fact::Absent)]),
        record([]),
        record([("f", unreadable(1))]),
        Fact::Known(Value::Map(
            Map {
                entries: BTreeMap::new(),
                unseen: [GapId(2)].into(),
            }
            .into(),
        )),
        Fact::Absent,
        unreadable(3),
    ];
    let no = || Ok(Value::Flag(false));
    let yes = || Ok(Value::Flag(true));
    let tables = [
        (
            "has(r.f)",
            [yes(), no(), no(), gaps(&[1]), gaps(&[2]), no(), gaps(&[3])],
        ),
        (
            "r.f",
            [
                yes(),
                absent("r.f"),
                absent("r.f"),
                gaps(&[1]),
                gaps(&[2]),
                absent("r"),
                gaps(&[3]),
            ],
        ),
        (
            "'f' in r",
            [
                yes(),
                no(),
                no(),
                gaps(&[1]),
                gaps(&[2]),
                absent("r"),
                gaps(&[3]),
            ],
        ),
    ];
    for (source, expected) in tables {
        for (fact, expected) in states.iter().zip(expected) {
            let found = evaluate(source, &|_| Some(fact.clone()));
            assert_eq!(found, expected, "{source} {fact:?}");
        }
    }
}

#[test]
fn what_nobody_asked_for_is_a_reason_of_its_own() {
    let asked = |name: &str| (name == "a").then(|| Fact::from(true));
    let not_asked = cause(Cause::NotAsked("b".to_owned()));
    assert_eq!(evaluate("b", &asked), not_asked);
    assert_eq!(evaluate("has(b)", &asked), not_asked);
    assert_eq!(evaluate("a || b", &asked), Ok(Value::Flag(true)));
    assert_eq!(evaluate("a && b", &asked), not_asked);
}
