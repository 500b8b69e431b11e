//! The evaluator against every way to complete what could not be read.
//!
//! It is sound: it comes to a value only where all completions agree on it. It names enough:
//! once the gaps that it names are answered, no other turns up. It names no gap that is not there.

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;
use proptest::test_runner::{TestCaseError, TestRunner};

use super::reference::{Number, Truth, Which, World};
use super::*;

fn which() -> impl Strategy<Value = Which> {
    select(vec![Which::L, Which::K])
}

fn numbers(inside: bool) -> BoxedStrategy<Number> {
    let mut leaves = vec![
        (0..3).prop_map(Number::Literal).boxed(),
        (0..2_usize).prop_map(Number::Fact).boxed(),
        Just(Number::Optional).boxed(),
        which().prop_map(Number::Size).boxed(),
    ];
    if inside {
        leaves.extend([Just(Number::Item).boxed(), Just(Number::Item).boxed()]);
    }
    let pair = |of: BoxedStrategy<Number>| (of.clone(), of).prop_map(|(a, b)| Box::new([a, b]));
    Union::new(leaves)
        .prop_recursive(2, 6, 2, move |n| {
            let signs = select(vec!['+', '-', '*', '/', '%']);
            prop_oneof![
                (signs, pair(n.clone())).prop_map(|(sign, pair)| Number::Operation(sign, pair)),
                pair(n).prop_map(Number::Max),
            ]
        })
        .boxed()
}

fn leaves(inside: bool) -> BoxedStrategy<Truth> {
    let signs = select(vec!["==", "!=", "<", "<=", ">", ">="]);
    let compare = (signs, numbers(inside), numbers(inside));
    prop_oneof![
        1 => any::<bool>().prop_map(Truth::Flag),
        4 => (0..2_usize).prop_map(Truth::Fact),
        1 => Just(Truth::Has),
        1 => Just(Truth::TextIn),
        1 => select(vec!["a", "b"]).prop_map(Truth::TextIs),
        4 => compare.prop_map(|(sign, one, other)| Truth::Compare(sign, one, other)),
        1 => (numbers(inside), which()).prop_map(|(number, list)| Truth::In(number, list)),
    ]
    .boxed()
}

fn quantified() -> BoxedStrategy<Truth> {
    let asked = || truths(true).prop_map(Box::new);
    prop_oneof![
        (which(), asked()).prop_map(|(list, asked)| Truth::Exists(list, asked)),
        (which(), asked()).prop_map(|(list, asked)| Truth::All(list, asked)),
        (which(), asked()).prop_map(|(list, asked)| Truth::ExistsOne(list, asked)),
        (asked(), asked()).prop_map(|(test, asked)| Truth::FilterExists(test, asked)),
        (numbers(false), numbers(true)).prop_map(|(number, item)| Truth::MapIn(number, item)),
        asked()
            .prop_map(|test| { Truth::Compare(">", Number::SizeFilter(test), Number::Literal(0)) }),
    ]
    .boxed()
}

fn truths(inside: bool) -> BoxedStrategy<Truth> {
    let leaf = match inside {
        true => leaves(true),
        false => prop_oneof![leaves(false), quantified()].boxed(),
    };
    leaf.prop_recursive(3, 12, 3, move |b| {
        let parts = prop::collection::vec(b.clone(), 2..4);
        prop_oneof![
            b.clone().prop_map(|b| Truth::Not(Box::new(b))),
            parts.clone().prop_map(Truth::And),
            parts.prop_map(Truth::Or),
            (b.clone(), b.clone(), b.clone())
                .prop_map(|(test, yes, no)| Truth::If(Box::new([test, yes, no]))),
            (b, numbers(inside), numbers(inside)).prop_map(|three| {
                Truth::Compare("<", Number::If(Box::new(three)), Number::Literal(2))
            }),
        ]
    })
    .boxed()
}

/// What was seen of a list: its items, and whether there may be more.
type SeenList = Option<(Vec<Option<i32>>, bool)>;

/// What is known of every name; `None` is a gap. Gaps are numbered by place, those of items
/// from 60 and 70 on.
#[derive(Debug, Clone)]
struct Seen {
    flags: [Option<bool>; 2],
    numbers: [Option<i32>; 2],
    optional: Option<Option<i32>>,
    text: Option<&'static str>,
    lists: [SeenList; 2],
}

const FLAGS: u32 = 0;
const NUMBERS: u32 = 2;
const OPTIONAL: u32 = 4;
const TEXT: u32 = 5;
const LISTS: u32 = 6;

fn seen() -> impl Strategy<Value = Seen> {
    let maybe = || prop::option::of(0..3);
    let items = prop::collection::vec(maybe(), 0..3);
    let list = prop::option::of((items, prop::bool::weighted(0.25)));
    (
        prop::array::uniform2(prop::option::of(any::<bool>())),
        prop::array::uniform2(maybe()),
        prop::option::of(maybe()),
        prop::option::of(select(vec!["a", "b", "c"])),
        prop::array::uniform2(list),
    )
        .prop_map(|(flags, numbers, optional, text, lists)| Seen {
            flags,
            numbers,
            optional,
            text,
            lists,
        })
}

fn number(n: i32) -> Fact {
    f64::from(n).into()
}

impl Seen {
    fn fact(&self, name: &str) -> Option<Fact> {
        let flag = |i: usize| self.flags[i].map_or(unreadable(FLAGS + i as u32), Fact::from);
        let fact = |i: usize| self.numbers[i].map_or(unreadable(NUMBERS + i as u32), number);
        Some(match name {
            "b0" => flag(0),
            "b1" => flag(1),
            "n0" => fact(0),
            "n1" => fact(1),
            "r" => record([(
                "o",
                match self.optional {
                    None => unreadable(OPTIONAL),
                    Some(None) => Fact::Absent,
                    Some(Some(n)) => number(n),
                },
            )]),
            "s" => self.text.map_or(unreadable(TEXT), Fact::from),
            "l" => self.list(0),
            "k" => self.list(1),
            _ => return None,
        })
    }

    fn list(&self, index: usize) -> Fact {
        let gap = LISTS + index as u32;
        let Some((items, is_cut)) = &self.lists[index] else {
            return unreadable(gap);
        };
        let items = items.iter().zip(gap * 10..);
        let items = items.map(|(n, gap)| n.map_or(unreadable(gap), number));
        match is_cut {
            true => cut(items.collect(), gap),
            false => Value::list(items).into(),
        }
    }

    fn gaps(&self) -> BTreeSet<u32> {
        let mut missing = vec![
            (FLAGS, self.flags[0].is_none()),
            (FLAGS + 1, self.flags[1].is_none()),
            (NUMBERS, self.numbers[0].is_none()),
            (NUMBERS + 1, self.numbers[1].is_none()),
            (OPTIONAL, self.optional.is_none()),
            (TEXT, self.text.is_none()),
        ];
        for (list, gap) in self.lists.iter().zip(LISTS..) {
            missing.push((gap, list.as_ref().is_none_or(|(_, is_cut)| *is_cut)));
            let items = list.iter().flat_map(|(items, _)| items);
            missing.extend(
                items
                    .map(Option::is_none)
                    .zip(gap * 10..)
                    .map(|(m, g)| (g, m)),
            );
        }
        let gaps = missing.into_iter().filter(|(_, is_missing)| *is_missing);
        gaps.map(|(gap, _)| gap).collect()
    }

    /// Every way to answer one gap.
    fn answer_one(&self, gap: u32) -> Vec<Self> {
        let with = |change: &dyn Fn(&mut Self)| {
            let mut answered = self.clone();
            change(&mut answered);
            answered
        };
        match gap {
            0 | 1 => [false, true]
                .map(|flag| with(&|s| s.flags[(gap - FLAGS) as usize] = Some(flag)))
                .to_vec(),
            2 | 3 => [0, 1, 2]
                .map(|n| with(&|s| s.numbers[(gap - NUMBERS) as usize] = Some(n)))
                .to_vec(),
            4 => [None, Some(0), Some(1), Some(2)]
                .map(|n| with(&|s| s.optional = Some(n)))
                .to_vec(),
            5 => ["a", "b", "c"]
                .map(|text| with(&|s| s.text = Some(text)))
                .to_vec(),
            6 | 7 => [&[][..], &[0], &[1], &[2], &[0, 1], &[2, 2]]
                .map(|more| {
                    with(&|s| {
                        let list = &mut s.lists[(gap - LISTS) as usize];
                        let (mut items, _) = list.take().unwrap_or_default();
                        items.extend(more.iter().copied().map(Some));
                        *list = Some((items, false));
                    })
                })
                .to_vec(),
            item => [0, 1, 2]
                .map(|n| {
                    with(&|s| {
                        if let Some((items, _)) = &mut s.lists[(item / 10 - LISTS) as usize] {
                            items[(item % 10) as usize] = Some(n);
                        }
                    })
                })
                .to_vec(),
        }
    }

    /// Every way to answer these gaps, lists last: answers to their items keep their places.
    fn answer(&self, gaps: &BTreeSet<u32>) -> Vec<Self> {
        gaps.iter().rev().fold(vec![self.clone()], |all, gap| {
            all.iter().flat_map(|seen| seen.answer_one(*gap)).collect()
        })
    }

    fn world(&self) -> World {
        let list = |list: &SeenList| {
            let (items, _) = list.as_ref().expect("complete");
            items.iter().map(|n| n.expect("complete")).collect()
        };
        World {
            flags: self.flags.map(|flag| flag.expect("complete")),
            numbers: self.numbers.map(|n| n.expect("complete")),
            optional: self.optional.expect("complete"),
            text: self.text.expect("complete"),
            l: list(&self.lists[0]),
            k: list(&self.lists[1]),
        }
    }
}

fn named(found: &Result<Value, Unknown>) -> BTreeSet<u32> {
    let unknown = found.as_ref().err().into_iter();
    unknown.flat_map(Unknown::gaps).map(|gap| gap.0).collect()
}

fn judge(expression: &Truth, seen: &Seen) -> Result<(), TestCaseError> {
    let source = expression.to_string();
    let gaps = seen.gaps();
    let worlds = seen.answer(&gaps);
    if source.len() > MOST_BYTES || worlds.len() > 1_000 {
        return Ok(());
    }
    let root = parse::parse(&source).expect("the reference writes the language");
    let evaluate = |seen: &Seen| eval::evaluate(&root, &|name| seen.fact(name), MOST_STEPS);
    let found = evaluate(seen);
    // Two that differ are enough to know that they do.
    let mut meanings = BTreeSet::new();
    for complete in &worlds {
        meanings.insert(expression.meaning(&complete.world(), None));
        if meanings.len() > 1 && meanings.iter().any(Option::is_some) {
            break;
        }
    }
    let fail = |why: &str| {
        let shown = format!("{why}\n{source}\n{found:?}\ncompletions come to {meanings:?}");
        Err(TestCaseError::fail(shown))
    };
    if let Ok(value) = &found {
        return match value {
            Value::Flag(flag) if meanings == [Some(*flag)].into() => Ok(()),
            _ => fail("unsound"),
        };
    }
    let named = named(&found);
    if named.is_empty() && meanings.iter().any(Option::is_some) {
        return fail("no gap is named, though a completion has a value");
    }
    if !named.is_subset(&gaps) {
        return fail("a gap is named that is not there");
    }
    // Where a whole list is missing, what is asked of its items can only turn up afterwards.
    let is_about_lists = ["l.", "k.", "in l", "in k", "(l)", "(k)"];
    let is_about_lists = is_about_lists.iter().any(|part| source.contains(part));
    for answered in seen.answer(&named).iter().take(100) {
        let left = self::named(&evaluate(answered));
        if !left.is_empty() && !is_about_lists {
            return fail("another gap turns up when those that are named are answered");
        }
    }
    Ok(())
}

#[test]
fn a_value_is_what_every_completion_comes_to() {
    let default = ProptestConfig::with_source_file(file!());
    let cases = default.cases.max(1_000);
    let mut runner = TestRunner::new(ProptestConfig { cases, ..default });
    let strategy = (truths(false), seen());
    let judged = runner.run(&strategy, |(expression, seen)| judge(&expression, &seen));
    judged.unwrap_or_else(|error| panic!("{error}"));
}
