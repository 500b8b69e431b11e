//! The template engine: built-in templates, a repository's overrides, and escaping that a
//! template can't leave out.
//!
//! Every string that a template prints is escaped for the template's format, known by its
//! file name (`.md.j2`, `.html.j2`, `.txt.j2`), whatever the template says about escaping.
//! Only filters of this file give text that is printed as it is. There are no other filters
//! than these, no access to files or environment, and a bound on what a template may cost.

mod filters;

use std::collections::BTreeMap;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Value, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior};
use serde::Serialize;

use crate::text::escape;

/// The built-in templates. Files of the same names override them.
pub const BUILT_IN: [(&str, &str); 9] = [
    (
        "alert-digest.md.j2",
        include_str!("../../templates/alert-digest.md.j2"),
    ),
    (
        "dashboard.html.j2",
        include_str!("../../templates/dashboard.html.j2"),
    ),
    (
        "dashboard.md.j2",
        include_str!("../../templates/dashboard.md.j2"),
    ),
    (
        "deployed.md.j2",
        include_str!("../../templates/deployed.md.j2"),
    ),
    (
        "health-report.md.j2",
        include_str!("../../templates/health-report.md.j2"),
    ),
    ("issue.md.j2", include_str!("../../templates/issue.md.j2")),
    ("issues.md.j2", include_str!("../../templates/issues.md.j2")),
    (
        "optimization-report.md.j2",
        include_str!("../../templates/optimization-report.md.j2"),
    ),
    (
        "work-item.md.j2",
        include_str!("../../templates/work-item.md.j2"),
    ),
];

/// What rendering one template may cost, in steps of the engine. A report of 5,000
/// resources needs about a tenth.
const FUEL: u64 = 20_000_000;

/// A template that is wrong. The place is in the template's own text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("template {name}, line {line}: {message}")]
pub struct TemplateError {
    /// Its file name.
    pub name: String,
    /// The line, from 1; 0 where the engine gives none.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl TemplateError {
    fn from_engine(name: &str, error: &Error) -> Self {
        let detail = error.detail().unwrap_or("");
        let kind = error.kind();
        let message = if detail.is_empty() {
            kind.to_string()
        } else {
            format!("{kind}: {detail}")
        };
        Self {
            name: error.name().unwrap_or(name).to_owned(),
            line: error.line().unwrap_or(0),
            message: escape::terminal(&message),
        }
    }
}

/// The templates of one repository.
#[derive(Debug)]
pub struct Templates {
    engine: Environment<'static>,
}

impl Templates {
    /// The built-in templates.
    pub fn built_in() -> Self {
        Self::new(&[]).expect("a test renders every built-in template")
    }

    /// The built-in templates with these overrides: file name (`dashboard.md.j2`) and text.
    /// Fails on a name that overrides nothing and on text that is no template.
    pub fn new(overrides: &[(String, String)]) -> Result<Self, TemplateError> {
        let mut engine = Environment::empty();
        engine.set_undefined_behavior(UndefinedBehavior::Strict);
        engine.set_fuel(Some(FUEL));
        engine.set_recursion_limit(32);
        engine.set_syntax(
            SyntaxConfig::builder()
                .trim_blocks(true)
                .lstrip_blocks(true)
                .keep_trailing_newline(true)
                .build()
                .expect("the usual delimiters"),
        );
        engine.set_auto_escape_callback(|name| AutoEscape::Custom(format_of(name).into()));
        engine.set_formatter(print);
        filters::register(&mut engine);

        let mut texts: BTreeMap<&str, &str> = BUILT_IN.into_iter().collect();
        for (name, text) in overrides {
            let known = BUILT_IN.iter().any(|(built_in, _)| built_in == name);
            if !known {
                let names: Vec<&str> = BUILT_IN.iter().map(|(name, _)| *name).collect();
                return Err(TemplateError {
                    name: escape::terminal(name),
                    line: 0,
                    message: format!(
                        "overrides nothing; available templates: {}",
                        names.join(", ")
                    ),
                });
            }
            texts.insert(name, text);
        }
        for (name, text) in texts {
            engine
                .add_template_owned(name.to_owned(), text.to_owned())
                .map_err(|error| TemplateError::from_engine(name, &error))?;
        }
        Ok(Self { engine })
    }

    /// Renders a template over a context.
    pub(crate) fn render<C: Serialize>(
        &self,
        name: &str,
        context: &C,
    ) -> Result<String, TemplateError> {
        let failed = |error: Error| TemplateError::from_engine(name, &error);
        let template = self.engine.get_template(name).map_err(failed)?;
        let context = Value::from(minijinja::value::Serde(context));
        template.render(context).map_err(failed)
    }
}

/// The format of a template, from its file name.
fn format_of(name: &str) -> &'static str {
    let stem = name.strip_suffix(".j2").unwrap_or(name);
    match stem.rsplit_once('.') {
        Some((_, "md")) => "markdown",
        Some((_, "html")) => "html",
        _ => "terminal",
    }
}

/// Prints one value. The format is given by the template's name and not by the engine's
/// state, so that `{% autoescape false %}` changes nothing.
fn print(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    let text = match value.kind() {
        ValueKind::Undefined => return Err(Error::from(ErrorKind::UndefinedError)),
        ValueKind::None => return Ok(()),
        ValueKind::Bool | ValueKind::Number => value.to_string(),
        ValueKind::String if value.is_safe() => value.to_string(),
        ValueKind::String => {
            let text = value.to_string();
            match format_of(state.name()) {
                "markdown" => escape::markdown(&text),
                "html" => escape::html(&text),
                _ => escape::terminal(&text),
            }
        }
        kind => {
            let message = format!("a {kind} can't be printed; print its parts");
            return Err(Error::new(ErrorKind::InvalidOperation, message));
        }
    };
    out.write_str(&text).map_err(Error::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(text: &str) -> Result<Templates, TemplateError> {
        Templates::new(&[("issue.md.j2".to_owned(), text.to_owned())])
    }

    fn render(text: &str) -> Result<String, TemplateError> {
        let context = serde_json::json!({ "evil": "<b>@all|", "list": [1, 2], "none": null });
        with(text)?.render("issue.md.j2", &context)
    }

    #[test]
    fn nothing_gets_around_the_escape() {
        let harmless = "&lt;b&gt;@&#8203;all\\|";
        for text in [
            "{{ evil }}",
            "{% autoescape false %}{{ evil }}{% endautoescape %}",
            "{% autoescape 'none' %}{% set x %}{{ evil }}{% endset %}{{ x }}{% endautoescape %}",
            "{% macro m(x) %}{{ x }}{% endmacro %}{{ m(evil) }}",
            "{% for x in [evil] %}{{ x }}{% endfor %}",
            "{{ evil ~ '' }}",
        ] {
            let out = render(text).expect(text);
            assert!(!out.contains('<') && !out.contains("@all"), "{text}: {out}");
            if !text.contains("set") {
                assert_eq!(out, harmless, "{text}");
            }
        }
        for text in [
            "{{ evil|safe }}",
            "{{ evil|tojson }}",
            "{{ evil|e }}",
            "{{ evil|replace('a', 'b') }}",
        ] {
            assert!(render(text).is_err(), "{text}");
        }
    }

    #[test]
    fn errors_name_file_and_line() {
        let error = with("a\n{% if %}").expect_err("no condition");
        assert_eq!((error.name.as_str(), error.line), ("issue.md.j2", 2));
        let error = render("a\n\n{{ absent }}").expect_err("undefined");
        assert_eq!((error.name.as_str(), error.line), ("issue.md.j2", 3));
        assert!(
            error
                .to_string()
                .starts_with("template issue.md.j2, line 3: undefined")
        );
        assert!(render("{{ list }}").is_err());
        assert!(Templates::new(&[("x.md.j2".to_owned(), String::new())]).is_err());
    }

    #[test]
    fn a_template_that_never_ends_is_stopped() {
        let text = "{% macro m(n) %}{{ m(n) }}{{ m(n) }}{% endmacro %}{{ m(1) }}";
        assert!(render(text).is_err());
        assert!(render("{{ range(99999999) }}").is_err());
    }
}
