//! Names of resources in AWS, by the pattern of devops.json.

use regex::Regex;

use crate::hcl::{Expr, Part};
use crate::model::ids::EnvironmentName;
use crate::model::project::Devops;
use crate::text::escape;

/// The pattern where none is configured.
pub const DEFAULT_PATTERN: &str = "{project}-{subsystem}-{environment}-{resource}";

/// How resources are named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Naming {
    /// The project.
    pub project: String,
    /// Its part.
    pub subsystem: Option<String>,
    /// Between the parts of a name.
    pub separator: String,
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Environment,
    Resource,
}

impl Naming {
    /// Reads the pattern.
    ///
    /// # Errors
    /// It names something unknown, or lacks what keeps environments and resources apart.
    pub fn new(devops: &Devops) -> Result<Self, String> {
        let rules = devops.resource_naming.as_ref();
        let separator = rules.and_then(|rules| rules.separator.clone());
        let separator = separator.unwrap_or_else(|| "-".to_owned());
        let pattern = rules.map_or(DEFAULT_PATTERN, |rules| rules.pattern.as_str());
        let project = devops.project.name.clone();
        let subsystem = devops.project.subsystem.clone();
        // Without a subsystem its place goes, with the separator behind it.
        let pattern = match &subsystem {
            Some(_) => pattern.to_owned(),
            None => pattern
                .replace(&format!("{{subsystem}}{separator}"), "")
                .replace("{subsystem}", ""),
        };
        let mut pieces = Vec::new();
        let mut rest = pattern.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            let closed = after.split_once('}');
            let (name, tail) = closed.ok_or_else(|| "a `{` is not closed".to_owned())?;
            pieces.push(Piece::Text(before.to_owned()));
            pieces.push(match name {
                "project" => Piece::Text(project.clone()),
                "subsystem" => Piece::Text(subsystem.clone().unwrap_or_default()),
                "environment" => Piece::Environment,
                "resource" => Piece::Resource,
                other => {
                    let other = escape::cut(&escape::json(other), 40);
                    return Err(format!(
                        "`{{{other}}}` is unknown; available: {{project}}, {{subsystem}}, {{environment}}, {{resource}}"
                    ));
                }
            });
            rest = tail;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        for (piece, name) in [
            (Piece::Environment, "environment"),
            (Piece::Resource, "resource"),
        ] {
            if !pieces.contains(&piece) {
                return Err(format!("it has no `{{{name}}}`, so names would clash"));
            }
        }
        Ok(Self {
            project,
            subsystem,
            separator,
            pieces,
        })
    }

    /// Returns the name of a resource as an expression, with the environment as a variable and
    /// `before` in front.
    pub fn expression(&self, before: &str, resource: &str) -> Expr {
        let mut out = vec![Part::Text(before.to_owned())];
        for piece in &self.pieces {
            let text = match piece {
                Piece::Text(text) => text.as_str(),
                Piece::Resource => resource,
                Piece::Environment => {
                    out.push(Part::Expr(Expr::path("var.environment")));
                    continue;
                }
            };
            match out.last_mut() {
                Some(Part::Text(last)) => last.push_str(text),
                _ => out.push(Part::Text(text.to_owned())),
            }
        }
        out.retain(|part| *part != Part::Text(String::new()));
        Expr::Template(out)
    }

    /// Returns the name of a resource in one environment.
    pub fn name(&self, environment: &EnvironmentName, resource: &str) -> String {
        let pieces = self.pieces.iter().map(|piece| match piece {
            Piece::Text(text) => text.as_str(),
            Piece::Environment => environment.as_str(),
            Piece::Resource => resource,
        });
        pieces.collect()
    }

    /// Returns what a resource is called in names: the feature, and what it is of it.
    pub fn resource(&self, feature: &str, suffix: &str) -> String {
        match suffix {
            "" => feature.to_owned(),
            suffix => format!("{feature}{}{suffix}", self.separator),
        }
    }

    /// Whether a name is one of this environment.
    pub fn fits(&self, environment: &EnvironmentName, name: &str) -> bool {
        let pieces = self.pieces.iter().map(|piece| match piece {
            Piece::Text(text) => regex::escape(text),
            Piece::Environment => regex::escape(environment.as_str()),
            Piece::Resource => ".+".to_owned(),
        });
        let pattern: String = pieces.collect();
        Regex::new(&format!("^{pattern}$")).is_ok_and(|pattern| pattern.is_match(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hcl::print::print_expression;

    fn naming(pattern: &str, subsystem: Option<&str>) -> Result<Naming, String> {
        let devops = serde_json::json!({
            "project": { "name": "shop", "subsystem": subsystem },
            "resource_naming": { "pattern": pattern, "separator": "-" },
        });
        Naming::new(&serde_json::from_value(devops).expect("a document"))
    }

    #[test]
    fn names_follow_the_pattern() {
        let test = EnvironmentName::new("test").expect("a name");
        for (pattern, subsystem, code, name) in [
            (
                DEFAULT_PATTERN,
                Some("web"),
                "\"shop-web-${var.environment}-a-b\"",
                "shop-web-test-a-b",
            ),
            (
                DEFAULT_PATTERN,
                None,
                "\"shop-${var.environment}-a-b\"",
                "shop-test-a-b",
            ),
            (
                "{environment}.{resource}",
                None,
                "\"${var.environment}.a-b\"",
                "test.a-b",
            ),
            (
                "x-{resource}-{environment}",
                None,
                "\"x-a-b-${var.environment}\"",
                "x-a-b-test",
            ),
        ] {
            let naming = naming(pattern, subsystem).expect("a pattern");
            let resource = naming.resource("a", "b");
            assert_eq!(print_expression(&naming.expression("", &resource), 0), code);
            assert_eq!(naming.name(&test, &resource), name);
            assert!(naming.fits(&test, name), "{name}");
            let prod = EnvironmentName::new("prod").expect("a name");
            assert!(!naming.fits(&prod, name), "{name}");
        }
        let whole = naming(DEFAULT_PATTERN, None).expect("a pattern");
        let code = print_expression(&whole.expression("/aws/lambda/", "a"), 0);
        assert_eq!(code, "\"/aws/lambda/shop-${var.environment}-a\"");
        assert!(naming("{resource}", None).is_err());
        assert!(naming("{environment}-{resource}-{team}", None).is_err());
        assert!(naming("{environment}-{resource", None).is_err());
    }
}
