//! `DEPLOYED.md`: what is deployed, between two marks, so that people can write around it.

use crate::model::deployed_page::Deployed;
use crate::render::templates::{TemplateError, Templates};

/// First line of the part that is ours.
pub const BEGIN: &str = "<!-- BEGIN FRACTARY -->";
/// Last line of the part that is ours.
pub const END: &str = "<!-- END FRACTARY -->";

/// The part of `DEPLOYED.md` that is ours, marks included. The marks are not the
/// template's, so that an override can't lose them.
pub fn deployed(deployed: &Deployed, templates: &Templates) -> Result<String, TemplateError> {
    let body = templates.render("deployed.md.j2", deployed)?;
    let body: String = super::tidy(&body)
        .lines()
        .map(|line| match line.trim() {
            // Only a block of code can hold such a line; it must not end our part.
            BEGIN | END => format!("{}\n", line.replace("FRACTARY", "fractary")),
            _ => format!("{line}\n"),
        })
        .collect();
    Ok(format!("{BEGIN}\n{body}\n{END}\n"))
}

/// The file with our part replaced, and everything around it as it was. Our part lies
/// between the last begin that stands before the first end; where there is no such pair
/// it is put at the end. A mark is a line of its own: in running text, in a name or in a code
/// span it is none.
pub fn splice(existing: Option<&str>, block: &str) -> String {
    let Some(existing) = existing.filter(|text| !text.trim().is_empty()) else {
        return block.to_owned();
    };
    let (mut at, mut begin, mut pair) = (0, None, None);
    for line in existing.split_inclusive('\n') {
        match line.trim() {
            BEGIN => begin = Some(at),
            END if begin.is_some() => {
                pair = begin.map(|begin| (begin, at + line.len()));
                break;
            }
            _ => {}
        }
        at += line.len();
    }
    match pair {
        Some((begin, end)) => format!("{}{block}{}", &existing[..begin], &existing[end..]),
        None => format!("{}\n\n{block}", existing.trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: &str = "<!-- BEGIN FRACTARY -->\nnew\n<!-- END FRACTARY -->\n";

    #[test]
    fn text_around_the_marks_stays() {
        for (existing, expected) in [
            (None, BLOCK.to_owned()),
            (Some(" \n"), BLOCK.to_owned()),
            (Some("# Mine\n"), format!("# Mine\n\n{BLOCK}")),
            (
                Some("a\n<!-- BEGIN FRACTARY -->\nold\n<!-- END FRACTARY -->\nb\n"),
                format!("a\n{BLOCK}b\n"),
            ),
            (
                Some("a\n<!-- BEGIN FRACTARY -->\nmy text after a lost end\n"),
                format!("a\n<!-- BEGIN FRACTARY -->\nmy text after a lost end\n\n{BLOCK}"),
            ),
            (
                Some(
                    "<!-- END FRACTARY -->\r\n <!-- BEGIN FRACTARY -->\r\nx\r\n<!-- END FRACTARY -->",
                ),
                format!("<!-- END FRACTARY -->\r\n{BLOCK}"),
            ),
            // What a name or a sentence says of the marks does not count.
            (
                Some(
                    "See `<!-- END FRACTARY -->`.\n<!-- BEGIN FRACTARY -->\n| `<!-- END FRACTARY -->` |\nx\n<!-- END FRACTARY -->\nb",
                ),
                format!("See `<!-- END FRACTARY -->`.\n{BLOCK}b"),
            ),
        ] {
            let once = splice(existing, BLOCK);
            assert_eq!(once, expected, "{existing:?}");
            assert_eq!(splice(Some(&once), BLOCK), once, "again: {existing:?}");
        }
    }
}
