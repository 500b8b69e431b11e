//! Random expressions with a meaning of their own over complete facts, to hold the evaluator
//! against. `None` is an error.

use std::fmt;

/// What comes to true or false.
#[derive(Debug, Clone)]
pub(super) enum Truth {
    Flag(bool),
    Fact(usize),
    Has,
    Not(Box<Truth>),
    And(Vec<Truth>),
    Or(Vec<Truth>),
    If(Box<[Truth; 3]>),
    Compare(&'static str, Number, Number),
    TextIs(&'static str),
    TextIn,
    In(Number, Which),
    Exists(Which, Box<Truth>),
    All(Which, Box<Truth>),
    ExistsOne(Which, Box<Truth>),
    FilterExists(Box<Truth>, Box<Truth>),
    MapIn(Number, Number),
}

/// What comes to a number.
#[derive(Debug, Clone)]
pub(super) enum Number {
    Literal(i32),
    Fact(usize),
    Optional,
    Item,
    Operation(char, Box<[Number; 2]>),
    If(Box<(Truth, Number, Number)>),
    Size(Which),
    SizeFilter(Box<Truth>),
    Max(Box<[Number; 2]>),
}

/// One of the two lists.
#[derive(Debug, Clone, Copy)]
pub(super) enum Which {
    L,
    K,
}

/// Complete facts.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct World {
    pub(super) flags: [bool; 2],
    pub(super) numbers: [i32; 2],
    pub(super) optional: Option<i32>,
    pub(super) text: &'static str,
    pub(super) l: Vec<i32>,
    pub(super) k: Vec<i32>,
}

impl World {
    fn list(&self, which: Which) -> &[i32] {
        match which {
            Which::L => &self.l,
            Which::K => &self.k,
        }
    }

    /// What is asked of every item.
    fn each(&self, which: Which, asked: &Truth) -> Vec<Option<bool>> {
        let items = self.list(which).iter();
        items
            .map(|item| asked.meaning(self, Some(f64::from(*item))))
            .collect()
    }
}

/// `||` where `wins` is true, `&&` where it is false: an error counts where nothing decides.
fn join(parts: impl IntoIterator<Item = Option<bool>>, wins: bool) -> Option<bool> {
    let all: Vec<_> = parts.into_iter().collect();
    if all.contains(&Some(wins)) {
        Some(wins)
    } else if all.contains(&None) {
        None
    } else {
        Some(!wins)
    }
}

impl Truth {
    pub(super) fn meaning(&self, world: &World, item: Option<f64>) -> Option<bool> {
        match self {
            Self::Flag(flag) => Some(*flag),
            Self::Fact(index) => Some(world.flags[*index]),
            Self::Has => Some(world.optional.is_some()),
            Self::Not(inner) => inner.meaning(world, item).map(|flag| !flag),
            Self::And(parts) => join(parts.iter().map(|p| p.meaning(world, item)), false),
            Self::Or(parts) => join(parts.iter().map(|p| p.meaning(world, item)), true),
            Self::If(parts) => match parts[0].meaning(world, item)? {
                true => parts[1].meaning(world, item),
                false => parts[2].meaning(world, item),
            },
            Self::Compare(sign, one, other) => {
                let (one, other) = (one.meaning(world, item)?, other.meaning(world, item)?);
                Some(match *sign {
                    "==" => one == other,
                    "!=" => one != other,
                    "<" => one < other,
                    "<=" => one <= other,
                    ">" => one > other,
                    _ => one >= other,
                })
            }
            Self::TextIs(text) => Some(world.text == *text),
            Self::TextIn => Some(["a", "c"].contains(&world.text)),
            Self::In(number, which) => {
                let number = number.meaning(world, item)?;
                let mut items = world.list(*which).iter();
                Some(items.any(|item| f64::from(*item) == number))
            }
            Self::Exists(which, asked) => join(world.each(*which, asked), true),
            Self::All(which, asked) => join(world.each(*which, asked), false),
            Self::ExistsOne(which, asked) => {
                let all = world.each(*which, asked).into_iter();
                let all = all.collect::<Option<Vec<_>>>()?;
                Some(all.iter().filter(|flag| **flag).count() == 1)
            }
            // An item whose test is an error may be one of them.
            Self::FilterExists(test, asked) => {
                let tests = world.each(Which::L, test).into_iter();
                let asked = tests.zip(world.each(Which::L, asked));
                join(
                    asked.map(|(test, asked)| if test? { asked } else { Some(false) }),
                    true,
                )
            }
            Self::MapIn(number, of_item) => {
                let number = number.meaning(world, item)?;
                let items = world.l.iter();
                let values = items.map(|item| of_item.meaning(world, Some(f64::from(*item))));
                join(values.map(|value| value.map(|value| value == number)), true)
            }
        }
    }
}

impl Number {
    fn meaning(&self, world: &World, item: Option<f64>) -> Option<f64> {
        match self {
            Self::Literal(number) => Some(f64::from(*number)),
            Self::Fact(index) => Some(f64::from(world.numbers[*index])),
            Self::Optional => world.optional.map(f64::from),
            Self::Item => item,
            Self::Operation(sign, pair) => {
                let one = pair[0].meaning(world, item)?;
                let other = pair[1].meaning(world, item)?;
                match sign {
                    '+' => Some(one + other),
                    '-' => Some(one - other),
                    '*' => Some(one * other),
                    _ if other == 0.0 => None,
                    '/' => Some(one / other),
                    _ => Some(one % other),
                }
            }
            Self::If(parts) => match parts.0.meaning(world, item)? {
                true => parts.1.meaning(world, item),
                false => parts.2.meaning(world, item),
            },
            Self::Size(which) => Some(world.list(*which).len() as f64),
            Self::SizeFilter(test) => {
                let all = world.each(Which::L, test).into_iter();
                let all = all.collect::<Option<Vec<_>>>()?;
                Some(all.iter().filter(|flag| **flag).count() as f64)
            }
            Self::Max(pair) => {
                let one = pair[0].meaning(world, item)?;
                Some(one.max(pair[1].meaning(world, item)?))
            }
        }
    }
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::L => "l",
            Self::K => "k",
        })
    }
}

fn joined(parts: &[Truth], sign: &str) -> String {
    let parts: Vec<String> = parts.iter().map(ToString::to_string).collect();
    format!("({})", parts.join(sign))
}

impl fmt::Display for Truth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Fact(index) => write!(f, "b{index}"),
            Self::Has => f.write_str("has(r.o)"),
            Self::Not(inner) => write!(f, "!({inner})"),
            Self::And(parts) => f.write_str(&joined(parts, " && ")),
            Self::Or(parts) => f.write_str(&joined(parts, " || ")),
            Self::If(parts) => write!(f, "({} ? {} : {})", parts[0], parts[1], parts[2]),
            Self::Compare(sign, one, other) => write!(f, "({one} {sign} {other})"),
            Self::TextIs(text) => write!(f, "(s == '{text}')"),
            Self::TextIn => f.write_str("(s in ['a', 'c'])"),
            Self::In(number, which) => write!(f, "({number} in {which})"),
            Self::Exists(which, asked) => write!(f, "{which}.exists(i, {asked})"),
            Self::All(which, asked) => write!(f, "{which}.all(i, {asked})"),
            Self::ExistsOne(which, asked) => write!(f, "{which}.exists_one(i, {asked})"),
            Self::FilterExists(test, asked) => {
                write!(f, "l.filter(i, {test}).exists(i, {asked})")
            }
            Self::MapIn(number, of_item) => write!(f, "({number} in l.map(i, {of_item}))"),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(number) => write!(f, "{number}"),
            Self::Fact(index) => write!(f, "n{index}"),
            Self::Optional => f.write_str("r.o"),
            Self::Item => f.write_str("i"),
            Self::Operation(sign, pair) => write!(f, "({} {sign} {})", pair[0], pair[1]),
            Self::If(parts) => write!(f, "({} ? {} : {})", parts.0, parts.1, parts.2),
            Self::Size(which) => write!(f, "size({which})"),
            Self::SizeFilter(test) => write!(f, "size(l.filter(i, {test}))"),
            Self::Max(pair) => write!(f, "max({}, {})", pair[0], pair[1]),
        }
    }
}
