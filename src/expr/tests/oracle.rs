//! Our parser against that of the crate `cel`: one tree for one text.

use std::cell::Cell;
use std::sync::Arc;

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{TestCaseError, TestRunner};

use super::parse::parse;
use super::tree::{Kind, Node, Operation, Relation};
use crate::text::Untrusted;

/// The crate's parser takes some 170 KB a bracket in a build that is not optimised, and an
/// overflow ends the process.
const STACK: usize = 64 << 20;

/// Brackets in one another that the crate is shown.
const MOST_BRACKETS: usize = 8;

pub(super) fn in_large_stack(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(work);
    thread.expect("a thread").join().expect("no difference");
}

/// The crate's tree as ours; an error where it has what our language leaves out.
fn parse_by_crate(source: &str) -> Result<Node, String> {
    let mut depth = 0_usize;
    for byte in source.bytes() {
        match byte {
            b'(' | b'[' | b'{' | b'?' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MOST_BRACKETS {
            return Err("too deep for the crate".to_owned());
        }
    }
    let parsed = cel::Env::default().parser().parse(source);
    lower(&parsed.map_err(|error| format!("{error:?}"))?)
}

fn node(kind: Kind) -> Result<Node, String> {
    Node::new(0..0, kind).map_err(|fault| fault.message)
}

fn lower_all(all: &[IdedExpr]) -> Result<Vec<Node>, String> {
    all.iter().map(lower).collect()
}

fn lower(expression: &IdedExpr) -> Result<Node, String> {
    node(match &expression.expr {
        Expr::Literal(LiteralValue::Boolean(flag)) => Kind::Flag(*flag.inner()),
        Expr::Literal(LiteralValue::Int(number)) => Kind::Number(*number.inner() as f64),
        Expr::Literal(LiteralValue::Double(number)) => Kind::Number(*number.inner()),
        Expr::Literal(LiteralValue::String(text)) => {
            Kind::Text(Arc::new(Untrusted::new(text.inner())))
        }
        Expr::Ident(name) => Kind::Name(name.clone()),
        Expr::Select(select) if !select.test => {
            Kind::Field(Box::new(lower(&select.operand)?), select.field.clone())
        }
        Expr::List(list) if list.optional_indices.is_empty() => {
            Kind::List(lower_all(&list.elements)?)
        }
        Expr::Call(call) => return lower_call(call),
        other => return Err(format!("left out of the language: {other:?}")),
    })
}

fn lower_call(call: &CallExpr) -> Result<Node, String> {
    let args = lower_all(&call.args)?;
    let target = call
        .target
        .as_ref()
        .map(|target| lower(target))
        .transpose()?;
    let name = call.func_name.as_str();
    let relation = match name {
        operators::EQUALS => Some(Relation::Equal),
        operators::NOT_EQUALS => Some(Relation::Unequal),
        operators::LESS => Some(Relation::Less),
        operators::LESS_EQUALS => Some(Relation::LessOrEqual),
        operators::GREATER => Some(Relation::Greater),
        operators::GREATER_EQUALS => Some(Relation::GreaterOrEqual),
        _ => None,
    };
    let operation = match name {
        operators::ADD => Some(Operation::Add),
        operators::SUBSTRACT => Some(Operation::Subtract),
        operators::MULTIPLY => Some(Operation::Multiply),
        operators::DIVIDE => Some(Operation::Divide),
        operators::MODULO => Some(Operation::Remainder),
        _ => None,
    };
    let pair = || <[Node; 2]>::try_from(args.clone()).map_err(|_| format!("operands of {name}"));
    let only = || <[Node; 1]>::try_from(args.clone()).map_err(|_| format!("operand of {name}"));
    if let Some(relation) = relation {
        return node(Kind::Compare(relation, Box::new(pair()?), None));
    }
    if let Some(operation) = operation {
        return node(Kind::Arithmetic(operation, Box::new(pair()?)));
    }
    match name {
        operators::LOGICAL_AND | operators::LOGICAL_OR => {
            let chain = |pair| Node::chain(0..0, name == operators::LOGICAL_AND, pair);
            let mut args = args.into_iter();
            let first = args.next().ok_or("an empty chain")?;
            let joined = args.try_fold(first, |left, right| chain([left, right]));
            joined.map_err(|fault| fault.message)
        }
        operators::LOGICAL_NOT => only().and_then(|[inner]| node(Kind::Not(Box::new(inner)))),
        operators::NEGATE => only().and_then(|[inner]| node(Kind::Negate(Box::new(inner)))),
        operators::IN => node(Kind::In(Box::new(pair()?))),
        operators::INDEX => {
            let [of, by] = pair()?;
            node(Kind::Index(Box::new(of), Box::new(by)))
        }
        operators::CONDITIONAL => {
            let three = <[Node; 3]>::try_from(args).map_err(|_| "operands of ?:")?;
            node(Kind::If(Box::new(three)))
        }
        _ => Node::call(0..0, name, target, args).map_err(|fault| fault.message),
    }
}

/// How one text was taken by both.
enum Taken {
    Alike,
    RefusedByBoth,
    RefusedByUs,
}

/// What ours is stricter about.
fn is_stricter(message: &str) -> bool {
    let known = [
        "cannot be chained",
        "is not an operator",
        "maps cannot be written",
        "is no `null`",
        // A word of another language as a name, and a number before a dot.
        "found `.`",
    ];
    known.iter().any(|part| message.contains(part))
}

fn compare(source: &str) -> Result<Taken, String> {
    match (parse(source), parse_by_crate(source)) {
        (Ok(ours), Ok(theirs)) if ours.to_string() == theirs.to_string() => Ok(Taken::Alike),
        (Err(_), Err(_)) => Ok(Taken::RefusedByBoth),
        (Err(fault), Ok(_)) if is_stricter(&fault.message) => Ok(Taken::RefusedByUs),
        // Fields that are reserved words there, such as `as`.
        (Ok(_), Err(error)) if error.contains("deep") || error.contains("reserved") => {
            Ok(Taken::RefusedByBoth)
        }
        (ours, theirs) => Err(format!(
            "{source}\nours   {}\ntheirs {}",
            ours.map_or_else(|fault| fault.show(source), |node| node.to_string()),
            theirs.map_or_else(|error| error, |node| node.to_string()),
        )),
    }
}

/// Fails where the two do not come to the same tree.
pub(super) fn assert_alike(source: &str) {
    match compare(source) {
        Ok(Taken::Alike) => {}
        Ok(Taken::RefusedByBoth | Taken::RefusedByUs) => panic!("{source} is refused"),
        Err(difference) => panic!("{difference}"),
    }
}

fn sensible() -> impl Strategy<Value = String> {
    let leaf = select(vec![
        "a",
        "a.b",
        "1",
        "'x'",
        "f(a, 1)",
        "a[0]",
        "!a",
        "-a",
        "has(a.b)",
        "a.matches(r'\\d')",
        "[1, a]",
        "true",
        "2.5",
    ]);
    let sign = select(vec!["&&", "||", "==", "<", "+", "-", "*", "%", "in"]);
    leaf.prop_map(str::to_owned).prop_recursive(3, 12, 2, move |e| {
        prop_oneof![
            4 => (e.clone(), sign.clone(), e.clone()).prop_map(|(a, s, b)| format!("{a} {s} {b}")),
            1 => e.clone().prop_map(|a| format!("({a})")),
            1 => e.clone().prop_map(|a| format!("!({a})")),
            1 => (e.clone(), e.clone(), e.clone())
                .prop_map(|(a, b, c)| format!("({a}) ? {b} : {c}")),
            1 => (e.clone(), e).prop_map(|(a, b)| format!("({a}).exists(i, {b})")),
        ]
    })
}

fn random() -> impl Strategy<Value = String> {
    let piece = select(vec![
        "a",
        "b",
        "true",
        "1",
        "2.5",
        "'x'",
        "\"y\"",
        "r'\\d'",
        "[",
        "]",
        "(",
        ")",
        "(",
        ")",
        ".",
        ",",
        "?",
        ":",
        "&&",
        "||",
        "==",
        "!=",
        "<",
        ">=",
        "+",
        "-",
        "*",
        "/",
        "%",
        "!",
        " in ",
        ".size()",
        ".exists(i, i)",
        "has(a.b)",
        "{",
        "}",
        "1e3",
        ".5",
        "=",
        "and",
        "é",
        " ",
        "\n",
    ]);
    prop::collection::vec(piece, 1..10).prop_map(|pieces| pieces.concat())
}

#[test]
fn random_texts_have_one_tree() {
    in_large_stack(|| {
        let config = ProptestConfig {
            cases: 1_000,
            failure_persistence: None,
            ..ProptestConfig::default()
        };
        let alike = Cell::new(0);
        let judged = TestRunner::new(config).run(&prop_oneof![sensible(), random()], |source| {
            match compare(&source) {
                Ok(Taken::Alike) => alike.set(alike.get() + 1),
                Ok(Taken::RefusedByBoth | Taken::RefusedByUs) => {}
                Err(difference) => return Err(TestCaseError::fail(difference)),
            }
            Ok(())
        });
        judged.unwrap_or_else(|error| panic!("{error}"));
        assert!(
            alike.get() > 300,
            "only {} were parsed by both",
            alike.get()
        );
    });
}

/// A sign is part of the number that follows, so a call behind it is about the negative one.
#[test]
fn a_sign_belongs_to_its_number() {
    in_large_stack(|| {
        for source in [
            "-1.5.size()",
            "-1e3.size()",
            "-(1e3).size()",
            "- -1.5.size()",
            "a - 1.5.size()",
            "-a.size()",
            "-1.5 + 2.0",
        ] {
            assert_alike(source);
        }
    });
}
