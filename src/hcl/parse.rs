//! Reading. The one module of this folder that knows the parser.

use hcl_edit::Span;
use hcl_edit::expr::{Expression, ObjectKey, Traversal, TraversalOperator};
use hcl_edit::structure::{Body, Structure};
use hcl_edit::template::{Element, StringTemplate};
use hcl_edit::visit::{Visit, visit_traversal};

use super::{Block, Expr, Item, Key, Part, Step};
use crate::text::escape;

/// Why a text could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct HclFault {
    /// The line, from 1.
    pub line: u32,
    /// What the parser says.
    pub message: String,
}

/// Reads a body. A byte order mark in front is left out; comments are not kept.
///
/// # Errors
/// It is not valid.
pub fn parse_body(text: &str) -> Result<Vec<Item>, HclFault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let body = hcl_edit::parser::parse_body(text).map_err(|error| fault(&error))?;
    let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
    Ok(items(&body, &ends))
}

/// Reads an expression.
///
/// # Errors
/// It is not valid.
pub fn parse_expression(text: &str) -> Result<Expr, HclFault> {
    let read = hcl_edit::parser::parse_expr(text.trim()).map_err(|error| fault(&error))?;
    Ok(expression(&read))
}

fn fault(error: &hcl_edit::parser::Error) -> HclFault {
    HclFault {
        line: u32::try_from(error.location().line()).unwrap_or(u32::MAX),
        message: escape::cut(error.message(), 200),
    }
}

fn items(body: &Body, ends: &[usize]) -> Vec<Item> {
    let read = body.iter().map(|structure| match structure {
        Structure::Attribute(attribute) => Item::Attribute(
            attribute.key.as_str().to_owned(),
            expression(&attribute.value),
        ),
        Structure::Block(block) => {
            let at = block.ident.span().map_or(0, |span| span.start);
            let line = ends.partition_point(|end| *end < at) + 1;
            let labels = block.labels.iter().map(|label| label.as_str().to_owned());
            Item::Block(Block {
                kind: block.ident.as_str().to_owned(),
                labels: labels.collect(),
                items: items(&block.body, ends),
                line: u32::try_from(line).unwrap_or(u32::MAX),
            })
        }
    });
    read.collect()
}

fn expression(read: &Expression) -> Expr {
    match read {
        Expression::Null(_) => Expr::Null,
        Expression::Bool(flag) => Expr::Bool(*flag.value()),
        Expression::Number(number) => {
            let number: Result<serde_json::Number, _> = number.value().to_string().parse();
            number.map_or_else(|_| other(read), Expr::Number)
        }
        Expression::String(text) => Expr::Text(text.value().clone()),
        Expression::StringTemplate(template) => {
            parts(template).map_or_else(|| other(read), Expr::Template)
        }
        Expression::Array(items) => Expr::List(items.iter().map(expression).collect()),
        Expression::Object(object) => {
            let entries = object.iter().map(|(key, value)| {
                let key = match key {
                    ObjectKey::Ident(name) => Key::Name(name.as_str().to_owned()),
                    ObjectKey::Expression(Expression::Variable(name)) => {
                        Key::Name(name.as_str().to_owned())
                    }
                    ObjectKey::Expression(key) => Key::Expr(expression(key)),
                };
                (key, expression(value.expr()))
            });
            Expr::Object(entries.collect())
        }
        Expression::Variable(name) => Expr::path(name.as_str()),
        Expression::Traversal(traversal) => path(traversal).map_or_else(|| other(read), Expr::Path),
        Expression::FuncCall(call)
            if call.name.namespace.is_empty() && !call.args.expand_final() =>
        {
            let arguments = call.args.iter().map(expression).collect();
            Expr::Call(call.name.name.as_str().to_owned(), arguments)
        }
        Expression::Conditional(conditional) => Expr::Conditional(Box::new([
            expression(&conditional.cond_expr),
            expression(&conditional.true_expr),
            expression(&conditional.false_expr),
        ])),
        Expression::BinaryOp(operation) => {
            let operator = operation.operator.value().as_str().to_owned();
            let sides = [
                expression(&operation.lhs_expr),
                expression(&operation.rhs_expr),
            ];
            Expr::Binary(operator, Box::new(sides))
        }
        Expression::UnaryOp(operation) => {
            let operator = operation.operator.as_str().to_owned();
            Expr::Unary(operator, Box::new(expression(&operation.expr)))
        }
        Expression::Parenthesis(inner) => Expr::Parenthesis(Box::new(expression(inner.inner()))),
        Expression::FuncCall(_) | Expression::HeredocTemplate(_) | Expression::ForExpr(_) => {
            other(read)
        }
    }
}

fn parts(template: &StringTemplate) -> Option<Vec<Part>> {
    template
        .iter()
        .map(|element| match element {
            Element::Literal(text) => Some(Part::Text(text.as_str().to_owned())),
            Element::Interpolation(inner) => Some(Part::Expr(expression(&inner.expr))),
            Element::Directive(_) => None,
        })
        .collect()
}

fn path(traversal: &Traversal) -> Option<Vec<Step>> {
    let Expression::Variable(first) = &traversal.expr else {
        return None;
    };
    let mut steps = vec![Step::Name(first.as_str().to_owned())];
    for operator in &traversal.operators {
        steps.push(match operator.value() {
            TraversalOperator::GetAttr(name) => Step::Name(name.as_str().to_owned()),
            TraversalOperator::Index(index) => Step::Index(expression(index)),
            TraversalOperator::LegacyIndex(index) => Step::Index(Expr::from(*index.value())),
            TraversalOperator::FullSplat(_) => Step::Splat,
            TraversalOperator::AttrSplat(_) => return None,
        });
    }
    Some(steps)
}

/// What is not taken apart, as it is written.
fn other(read: &Expression) -> Expr {
    let mut seen = PathCollector::default();
    seen.visit_expr(read);
    Expr::Other(read.to_string().trim().to_owned(), seen.0)
}

#[derive(Default)]
struct PathCollector(Vec<Vec<Step>>);

impl Visit for PathCollector {
    fn visit_traversal(&mut self, node: &Traversal) {
        self.0.extend(path(node));
        visit_traversal(self, node);
    }
}
