//! `DEPLOYED.md`: what is deployed, between two marks, so that people can write around it.

use crate::model::dashboard::Deployed;
use crate::render::templates::{TemplateError, Templates};

/// First line of the part that is ours.
pub const BEGIN: &str = "<!-- BEGIN FRACTARY -->";
/// Last line of the part that is ours.
pub const END: &str = "<!-- END FRACTARY -->";

/// The part of `DEPLOYED.md` that is ours, marks included. The marks are not the
/// template's, so that an override can't lose them.
pub fn deployed(deployed: &Deployed, templates: &Templates) -> Result<String, TemplateError> {
    let body = templates.render("deployed.md.j2", deployed)?;
    Ok(format!("{BEGIN}\n{}\n{END}\n", super::tidy(&body)))
}

/// The file with our part replaced, and everything around it as it was. Our part lies
/// between the last begin that stands before the first end; where there is no such pair
/// it is put at the end.
pub fn splice(existing: Option<&str>, block: &str) -> String {
    let Some(existing) = existing.filter(|text| !text.trim().is_empty()) else {
        return block.to_owned();
    };
    let pair = existing
        .match_indices(END)
        .find_map(|(end, _)| existing[..end].rfind(BEGIN).map(|begin| (begin, end)));
    let Some((begin, end)) = pair else {
        return format!("{}\n\n{block}", existing.trim_end());
    };
    let rest = &existing[end + END.len()..];
    // The block ends with a line end; the mark that it replaces stood before one.
    let rest = rest
        .strip_prefix("\r\n")
        .or_else(|| rest.strip_prefix('\n'))
        .unwrap_or(rest);
    format!("{}{block}{rest}", &existing[..begin])
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
                Some("<!-- END FRACTARY -->\n<!-- BEGIN FRACTARY -->x<!-- END FRACTARY -->"),
                format!("<!-- END FRACTARY -->\n{BLOCK}"),
            ),
        ] {
            let once = splice(existing, BLOCK);
            assert_eq!(once, expected, "{existing:?}");
            assert_eq!(splice(Some(&once), BLOCK), once, "again: {existing:?}");
        }
    }
}
