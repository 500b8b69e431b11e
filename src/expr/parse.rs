//! From tokens to a tree: CEL's syntax without bytes, unsigned numbers, null, maps and messages.

use std::ops::Range;
use std::sync::Arc;

use super::fault::{Fault, quoted};
use super::limits::MOST_BRACKETS;
use super::token::{Placed, Token, is_reserved, is_reserved_field, tokens};
use super::tree::{Kind, Node, Operation, Relation};
use crate::text::Untrusted;

const OPERATOR_OR_END: &str = "an operator or the end";

pub(super) fn parse(source: &str) -> Result<Node, Fault> {
    let mut parser = Parser {
        tokens: tokens(source)?,
        next: 0,
        depth: 0,
    };
    if parser.peek() == &Token::End {
        return Err(Fault::new(0..0, "the expression is empty"));
    }
    let root = parser.expression()?;
    match parser.peek() {
        Token::End => Ok(root),
        _ => Err(parser.unexpected(OPERATOR_OR_END)),
    }
}

/// An operator between two operands.
#[derive(Clone, Copy)]
enum Infix {
    Or,
    And,
    Compare(Relation),
    In,
    Arithmetic(Operation),
}

impl Infix {
    fn from_token(token: &Token) -> Option<Self> {
        let sign = match token {
            Token::Sign(sign) => sign,
            Token::Word(word) if word == "in" => return Some(Self::In),
            _ => return None,
        };
        Some(match *sign {
            "||" => Self::Or,
            "&&" => Self::And,
            "==" => Self::Compare(Relation::Equal),
            "!=" => Self::Compare(Relation::Unequal),
            "<" => Self::Compare(Relation::Less),
            "<=" => Self::Compare(Relation::LessOrEqual),
            ">" => Self::Compare(Relation::Greater),
            ">=" => Self::Compare(Relation::GreaterOrEqual),
            "+" => Self::Arithmetic(Operation::Add),
            "-" => Self::Arithmetic(Operation::Subtract),
            "*" => Self::Arithmetic(Operation::Multiply),
            "/" => Self::Arithmetic(Operation::Divide),
            "%" => Self::Arithmetic(Operation::Remainder),
            _ => return None,
        })
    }

    /// How tightly it binds.
    fn level(self) -> u8 {
        match self {
            Self::Or => 0,
            Self::And => 1,
            Self::Compare(_) | Self::In => 2,
            Self::Arithmetic(Operation::Add | Operation::Subtract) => 3,
            Self::Arithmetic(_) => 4,
        }
    }

    fn join(self, at: Range<usize>, pair: [Node; 2]) -> Result<Node, Fault> {
        match self {
            Self::Or => Node::chain(at, false, pair),
            Self::And => Node::chain(at, true, pair),
            Self::Compare(relation) => Node::new(at, Kind::Compare(relation, Box::new(pair), None)),
            Self::In => Node::new(at, Kind::In(Box::new(pair))),
            Self::Arithmetic(operation) => {
                Node::new(at, Kind::Arithmetic(operation, Box::new(pair)))
            }
        }
    }
}

struct Parser {
    tokens: Vec<Placed>,
    next: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        &self.tokens[self.next].1
    }

    fn at(&self) -> Range<usize> {
        self.tokens[self.next].0.clone()
    }

    /// Goes on to the next token; the end stays.
    fn advance(&mut self) {
        self.next = (self.next + 1).min(self.tokens.len() - 1);
    }

    /// Takes one of these signs, where it is next.
    fn take(&mut self, signs: &[&str]) -> Option<(&'static str, Range<usize>)> {
        match *self.peek() {
            Token::Sign(sign) if signs.contains(&sign) => {
                let at = self.at();
                self.advance();
                Some((sign, at))
            }
            _ => None,
        }
    }

    /// A fault here, with a hint for what people write who know another language.
    fn unexpected(&self, wanted: &str) -> Fault {
        let fault = |message: String| Fault::new(self.at(), message);
        let expected = |found: &str| fault(format!("expected {wanted}, found {}", quoted(found)));
        match self.peek() {
            Token::End => fault(format!("ends where {wanted} should be")),
            Token::Sign(sign @ (")" | "]" | "}")) if wanted == OPERATOR_OR_END => {
                fault(format!("this `{sign}` closes nothing"))
            }
            Token::Sign("=") => fault("`=` is not an operator".to_owned()).hint("write `==`"),
            Token::Sign("{") => fault("maps cannot be written here".to_owned()),
            Token::Sign(sign) => expected(sign),
            Token::Number(number) => expected(&number.to_string()),
            Token::Text(text) => expected(text),
            Token::Word(word) => {
                let other = || fault(format!("`{word}` is not an operator"));
                match word.as_str() {
                    "and" => other().hint("write `&&`"),
                    "or" => other().hint("write `||`"),
                    "not" => other().hint("write `!`, as in `!(name in […])`"),
                    "is" => other().hint("write `==`"),
                    "if" | "else" => other().hint("write `condition ? one : other`"),
                    "null" => fault("there is no `null`".to_owned()).hint("write `!has(name)`"),
                    word => expected(word),
                }
            }
        }
    }

    fn close(&mut self, sign: &str, open: &Range<usize>, or: &str) -> Result<(), Fault> {
        if self.take(&[sign]).is_some() {
            return Ok(());
        }
        match self.peek() {
            Token::End => Err(Fault::new(open.clone(), format!("`{sign}` is missing"))
                .hint(format!("close this with `{sign}`"))),
            _ => Err(self.unexpected(&format!("{or}`{sign}`"))),
        }
    }

    fn expression(&mut self) -> Result<Node, Fault> {
        self.depth += 1;
        if self.depth > MOST_BRACKETS {
            let message = format!("nested more than {MOST_BRACKETS} deep");
            return Err(Fault::new(self.at(), message));
        }
        let node = self.conditional();
        self.depth -= 1;
        node
    }

    fn conditional(&mut self) -> Result<Node, Fault> {
        let condition = self.binary(0)?;
        let Some((_, at)) = self.take(&["?"]) else {
            return Ok(condition);
        };
        let yes = self.binary(0)?;
        if self.take(&[":"]).is_none() {
            return Err(self.unexpected("`:`"));
        }
        let no = self.expression()?;
        Node::new(at, Kind::If(Box::new([condition, yes, no])))
    }

    /// Operands joined by operators that bind at least so tightly. Climbs instead of having a
    /// function for every level, so that a pair of brackets costs few frames of the stack.
    fn binary(&mut self, least: u8) -> Result<Node, Fault> {
        let mut left = self.unary()?;
        let mut compared = false;
        while let Some(infix) = Infix::from_token(self.peek()) {
            let level = infix.level();
            if level < least {
                break;
            }
            let at = self.at();
            if level == 2 && compared {
                let fault = Fault::new(at, "comparisons cannot be chained");
                return Err(fault.hint("write `a < b && b < c`"));
            }
            compared = level == 2;
            self.advance();
            let right = self.binary(level + 1)?;
            left = infix.join(at, [left, right])?;
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Node, Fault> {
        let Some((sign, at)) = self.take(&["!", "-"]) else {
            return self.member();
        };
        // Two of a kind undo each other, so any number of them is as deep as one.
        let mut odd = true;
        while self.take(&[sign]).is_some() {
            odd = !odd;
        }
        // The sign before a number is part of it, as in CEL: `-1.size()` asks about -1.
        let is_literal = odd && sign == "-" && matches!(self.peek(), Token::Number(_));
        let first = self.primary()?;
        if let (true, Kind::Number(number)) = (is_literal, &first.kind) {
            let negative = Node::new(at, Kind::Number(-number))?;
            return self.suffixes(negative);
        }
        let inner = self.suffixes(first)?;
        let kind = match (odd, sign, &inner.kind) {
            (false, ..) => return Ok(inner),
            (true, "-", Kind::Number(number)) => Kind::Number(-number),
            (true, "-", _) => Kind::Negate(Box::new(inner)),
            (true, ..) => Kind::Not(Box::new(inner)),
        };
        Node::new(at, kind)
    }

    fn member(&mut self) -> Result<Node, Fault> {
        let first = self.primary()?;
        self.suffixes(first)
    }

    /// What stands behind a value: fields, calls and places in lists.
    fn suffixes(&mut self, mut node: Node) -> Result<Node, Fault> {
        while let Some((sign, open)) = self.take(&["[", "."]) {
            node = match sign {
                "[" => {
                    let index = self.expression()?;
                    self.close("]", &open, "")?;
                    Node::new(open, Kind::Index(Box::new(node), Box::new(index)))?
                }
                _ => self.field(node)?,
            };
        }
        Ok(node)
    }

    /// What follows a dot.
    fn field(&mut self, of: Node) -> Result<Node, Fault> {
        let at = self.at();
        let name = match self.peek() {
            Token::Word(word) if !is_reserved_field(word) => word.clone(),
            _ => return Err(self.unexpected("a name")),
        };
        self.advance();
        match self.take(&["("]) {
            Some((_, open)) => {
                let args = self.list(")", &open)?;
                Node::call(at, &name, Some(of), args)
            }
            None => Node::new(at, Kind::Field(Box::new(of), name)),
        }
    }

    fn list(&mut self, close: &str, open: &Range<usize>) -> Result<Vec<Node>, Fault> {
        let mut out = Vec::new();
        while self.take(&[close]).is_none() {
            out.push(self.expression()?);
            if self.take(&[","]).is_none() {
                self.close(close, open, "`,` or ")?;
                break;
            }
        }
        Ok(out)
    }

    fn primary(&mut self) -> Result<Node, Fault> {
        let at = self.at();
        let kind = match self.peek().clone() {
            Token::Number(number) => Kind::Number(number),
            Token::Text(text) => Kind::Text(Arc::new(Untrusted::new(text))),
            Token::Word(word) if word == "true" || word == "false" => Kind::Flag(word == "true"),
            Token::Word(word) if !is_reserved(&word) => return self.named(at, word),
            Token::Sign("(") => {
                self.advance();
                let inner = self.expression()?;
                self.close(")", &at, "an operator or ")?;
                return Ok(inner);
            }
            Token::Sign("[") => {
                self.advance();
                let items = self.list("]", &at)?;
                return Node::new(at, Kind::List(items));
            }
            Token::Word(_) | Token::Sign(_) | Token::End => {
                return Err(self.unexpected("a value"));
            }
        };
        self.advance();
        Node::new(at, kind)
    }

    /// A name, or the call of a function.
    fn named(&mut self, at: Range<usize>, word: String) -> Result<Node, Fault> {
        self.advance();
        match self.take(&["("]) {
            Some((_, open)) => {
                let args = self.list(")", &open)?;
                Node::call(at, &word, None, args)
            }
            None => Node::new(at, Kind::Name(word)),
        }
    }
}
