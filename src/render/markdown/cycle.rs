//! A cycle of optimisation, by its template.

use crate::model::optimization::CycleReport;
use crate::render::cycle_words::{self, CycleView};
use crate::render::markdown::tidy;
use crate::render::performance::bar_line;
use crate::render::templates::{TemplateError, Templates};
use serde::Serialize;

/// Bars of the picture.
const BARS: usize = 24;

#[derive(Serialize)]
struct Page<'a> {
    #[serde(flatten)]
    view: CycleView<'a>,
    picture: String,
}

/// A report for people, and the file of a cycle that was judged.
pub fn optimization_cycle(
    report: &CycleReport,
    templates: &Templates,
) -> Result<String, TemplateError> {
    let view = cycle_words::view(report);
    let picture = bar_line(view.scores, BARS, true);
    let page = Page { view, picture };
    let text = templates.render("optimization-report.md.j2", &page)?;
    Ok(tidy(&text))
}
