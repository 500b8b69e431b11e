//! Self-contained pages: no script, no request, and a policy that forbids both. Every text of the
//! dashboard is escaped by the template engine, as for Markdown; that of metrics by hand.

mod chart;
mod performance;
mod views;

pub use performance::{performance, performance_set};

use base64::prelude::{BASE64_STANDARD, Engine};
use sha2::{Digest, Sha256};

use crate::model::dashboard::Dashboard;
use crate::render::templates::{TemplateError, Templates};

/// The style sheet of the page. It is part of the page, and nothing else may style it.
pub(crate) const STYLE: &str = include_str!("../../../templates/dashboard.css");

/// The dashboard as a page.
pub fn dashboard(dashboard: &Dashboard, templates: &Templates) -> Result<String, TemplateError> {
    let page = views::page(dashboard, policy(STYLE));
    let text = templates.render("dashboard.html.j2", &page)?;
    Ok(tidy(&text))
}

/// The content security policy: nothing but this style sheet.
fn policy(style: &str) -> String {
    let hash = BASE64_STANDARD.encode(Sha256::digest(style.as_bytes()));
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
}

/// No empty lines: a template can then be written to be read. The style sheet has none.
fn tidy(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let mut out = String::with_capacity(text.len());
    for line in lines {
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The hash is over the text between the tags, so tidying must not change it.
    #[test]
    fn the_style_sheet_stays_as_it_is() {
        assert_eq!(tidy(STYLE), STYLE);
        assert!(!STYLE.contains("</") && !STYLE.contains("url("));
    }
}
