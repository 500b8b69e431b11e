//! The dashboard as one self-contained page: no script, no request, and a policy that
//! forbids both. Every text is escaped by the template engine, as for Markdown.

mod chart;
mod views;

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
    let hash = base64(&Sha256::digest(style.as_bytes()));
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
}

/// Base64 with padding (RFC 4648).
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |i: usize| u32::from(chunk.get(i).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for i in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * i) & 63) as usize];
            out.push(if i <= chunk.len() {
                char::from(digit)
            } else {
                '='
            });
        }
    }
    out
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

    #[test]
    fn base64_is_that_of_the_standard() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    /// The hash is over the text between the tags, so tidying must not change it.
    #[test]
    fn the_style_sheet_stays_as_it_is() {
        assert_eq!(tidy(STYLE), STYLE);
        assert!(!STYLE.contains("</") && !STYLE.contains("url("));
    }
}
