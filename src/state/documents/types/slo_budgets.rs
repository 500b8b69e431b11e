//! The events behind the error budgets of an environment.

use crate::model::paths::RepoPath;
use crate::model::slo_budgets::SloBudgets;
use crate::state::diagnostic::explain;
use crate::state::diagnostic::locate::{Language, PathStep};
use crate::state::diagnostic::problem::Problem;
use crate::state::document::to_bytes;
use crate::state::documents::checks::{in_folder_of, key};
use crate::state::documents::document_type::{
    DocumentType, DocumentValue, Merge, ReadRules, Writer,
};
use crate::state::documents::path_pattern::PathPattern;
use crate::state::documents::schema::embedded_schema;
use crate::state::merge::slo_budgets;

/// `slo-budgets.json`.
pub(crate) static TYPE: DocumentType = DocumentType {
    name: "slo-budgets",
    schema: embedded_schema!("slo-budgets"),
    sample: "good-one.json",
    language: Language::Json,
    places: &[PathPattern::new(
        ".fractary/plugins/helm-cloud/monitoring/<env>/slo-budgets.json",
    )],
    old_places: &[PathPattern::new(
        ".fractary/plugins/faber-cloud/monitoring/<env>/slo-budgets.json",
    )],
    archives: &[],
    writer: Writer::Runs,
    growth: "one entry per indicator: hours of a day, quarters of three days, days of its window",
    merge: Merge::ByFunction(|base, a, b| Ok(to_bytes(&slo_budgets::merge(base, a, b)))),
    reading: ReadRules::IN_FULL,
};

impl DocumentValue for SloBudgets {
    fn document_type() -> &'static DocumentType {
        &TYPE
    }

    fn check(&self, path: &RepoPath) -> Vec<Problem> {
        let mut out = in_folder_of(path, &self.environment);
        for (at, pair) in self.series.windows(2).enumerate() {
            if (&pair[0].arn, &pair[0].sli) >= (&pair[1].arn, &pair[1].sli) {
                let path = [key("series"), PathStep::Index(at + 1)];
                let message = format!(
                    "the series of {} `{}` is not behind the one before it",
                    pair[1].arn,
                    explain::quote(&pair[1].sli)
                );
                out.push(
                    Problem::error(&path, "state/order", message)
                        .expecting("series are sorted by `arn` and `sli`, each once")
                        .help("delete this file; the next run reads the past again"),
                );
            }
        }
        out
    }
}
