//! From tokens to a tree whose every comparison makes sense.

use super::{ConditionError, Fact, Relation, Term, Type, entry_of, names};
use crate::expr::token::{Token, fault, tokens};
use crate::model::status::Severity;

/// Parentheses and `not` in one another.
const MOST_DEPTH: usize = 32;

pub(super) fn parse(source: &str) -> Result<Term, ConditionError> {
    let mut parser = Parser {
        tokens: tokens(source)?,
        next: 0,
        depth: 0,
    };
    if parser.peek() == &Token::End {
        return Err(fault(0, "the condition is empty"));
    }
    let root = parser.or()?;
    match parser.peek() {
        Token::End => Ok(root),
        Token::Close => Err(parser.fault("this `)` closes nothing")),
        _ => Err(parser.fault("expected `and`, `or` or the end")),
    }
}

struct Parser {
    tokens: Vec<(usize, Token)>,
    next: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        &self.tokens[self.next].1
    }

    fn at(&self) -> usize {
        self.tokens[self.next].0
    }

    fn fault(&self, message: impl Into<String>) -> ConditionError {
        fault(self.at(), message)
    }

    /// Takes the next token; the end stays.
    fn take(&mut self) -> (usize, Token) {
        let taken = self.tokens[self.next].clone();
        if taken.1 != Token::End {
            self.next += 1;
        }
        taken
    }

    fn takes(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Token::Word(found) if found == word);
        if found {
            self.next += 1;
        }
        found
    }

    fn or(&mut self) -> Result<Term, ConditionError> {
        let mut parts = vec![self.and()?];
        while self.takes("or") {
            parts.push(self.and()?);
        }
        Ok(single_or(parts, Term::Or))
    }

    fn and(&mut self) -> Result<Term, ConditionError> {
        let mut parts = vec![self.not()?];
        while self.takes("and") {
            parts.push(self.not()?);
        }
        Ok(single_or(parts, Term::And))
    }

    fn not(&mut self) -> Result<Term, ConditionError> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            return Err(self.fault("too many parentheses in one another"));
        }
        let term = if self.takes("not") {
            Term::Not(Box::new(self.not()?))
        } else {
            self.atom()?
        };
        self.depth -= 1;
        Ok(term)
    }

    fn atom(&mut self) -> Result<Term, ConditionError> {
        match self.take() {
            (_, Token::Open) => {
                let inner = self.or()?;
                match self.take() {
                    (_, Token::Close) => Ok(inner),
                    (at, _) => Err(fault(at, "expected `)`")),
                }
            }
            (_, Token::Word(word)) if word == "true" => Ok(Term::Truth(true)),
            (_, Token::Word(word)) if word == "false" => Ok(Term::Truth(false)),
            (at, Token::Word(word)) => self.about(at, &word),
            (at, Token::End) => Err(fault(at, "expected a name of the issue, found the end")),
            (at, _) => Err(fault(at, "a comparison begins with a name of the issue")),
        }
    }

    fn about(&mut self, at: usize, word: &str) -> Result<Term, ConditionError> {
        let Some((name, kind)) = entry_of(word) else {
            return Err(ConditionError {
                at,
                message: format!("an issue has no `{word}`"),
                instead: Some((word.to_owned(), names().collect())),
            });
        };
        if self.takes("in") {
            return self.list(name, kind, false);
        }
        if self.takes("not") {
            return match self.takes("in") {
                true => self.list(name, kind, true),
                false => Err(self.fault("expected `in` after `not`")),
            };
        }
        let Token::Relation(relation) = *self.peek() else {
            return match kind {
                Type::Truth => Ok(Term::Name(name)),
                _ => Err(self.fault(format!(
                    "`{name}` is {} and says nothing by itself; compare it",
                    described(kind)
                ))),
            };
        };
        let ordered = matches!(kind, Type::Number | Type::Severity);
        let by_order = !matches!(relation, Relation::Equal | Relation::Unequal);
        if by_order && !ordered {
            return Err(self.fault(format!(
                "`{name}` is {} and has no order; use `==` or `!=`",
                described(kind)
            )));
        }
        self.take();
        let value = self.value(name, kind)?;
        if matches!(self.peek(), Token::Relation(_)) {
            return Err(self.fault("one comparison at a time; join them with `and`"));
        }
        Ok(Term::Compare(name, relation, value))
    }

    fn list(
        &mut self,
        name: &'static str,
        kind: Type,
        negated: bool,
    ) -> Result<Term, ConditionError> {
        match self.take() {
            (_, Token::ListOpen) => {}
            (at, _) => return Err(fault(at, "expected a list: `[\"one\", \"two\"]`")),
        }
        let mut values = vec![self.value(name, kind)?];
        loop {
            match self.take() {
                (_, Token::Comma) => values.push(self.value(name, kind)?),
                (_, Token::ListClose) => break,
                (at, _) => return Err(fault(at, "expected `,` or `]`")),
            }
        }
        let term = Term::In(name, values);
        Ok(if negated {
            Term::Not(Box::new(term))
        } else {
            term
        })
    }

    fn value(&mut self, name: &str, kind: Type) -> Result<Fact, ConditionError> {
        let (at, token) = self.take();
        match (kind, token) {
            (Type::Text, Token::Text(text)) => Ok(Fact::Text(text)),
            (Type::Word(words), Token::Text(text)) => match words.contains(&text.as_str()) {
                true => Ok(Fact::Text(text)),
                false => Err(unknown(at, name, text, words.to_vec())),
            },
            (Type::Severity, Token::Text(text)) => {
                match Severity::ALL.into_iter().find(|one| one.word() == text) {
                    Some(severity) => Ok(Fact::Severity(severity)),
                    None => Err(unknown(
                        at,
                        name,
                        text,
                        Severity::ALL.map(Severity::word).to_vec(),
                    )),
                }
            }
            (Type::Truth, Token::Word(word)) if word == "true" || word == "false" => {
                Ok(Fact::Truth(word == "true"))
            }
            (Type::Number, Token::Number(number)) => Ok(Fact::Number(number)),
            (kind, Token::Word(word)) if kind != Type::Truth && kind != Type::Number => Err(fault(
                at,
                format!(
                    "write `\"{word}\"`, with quotes: `{name}` is {}",
                    described(kind)
                ),
            )),
            _ => Err(fault(
                at,
                format!("`{name}` is {}; compare it to such", described(kind)),
            )),
        }
    }
}

fn unknown(at: usize, name: &str, word: String, words: Vec<&'static str>) -> ConditionError {
    let shown = crate::text::escape::terminal(&crate::text::escape::cut(&word, 60));
    ConditionError {
        at,
        message: format!("`{name}` is never \"{shown}\""),
        instead: Some((word, words)),
    }
}

fn described(kind: Type) -> &'static str {
    match kind {
        Type::Text => "a text",
        Type::Word(_) => "a word",
        Type::Severity => "one of CRITICAL, HIGH, MEDIUM and LOW",
        Type::Truth => "true or false",
        Type::Number => "a number",
    }
}

fn single_or(mut parts: Vec<Term>, join: fn(Vec<Term>) -> Term) -> Term {
    match parts.len() {
        1 => parts.remove(0),
        _ => join(parts),
    }
}
