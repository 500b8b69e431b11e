//! Names, accounts and regions of the environments.

use crate::model::environments::Environments;
use crate::model::ids::EnvironmentName;
use crate::model::paths::RepoPath;
use crate::state::diagnostic::locate::Language;
use crate::state::diagnostic::problem::Problem;
use crate::state::documents::checks::{key, with_known_names};
use crate::state::documents::document_type::{
    DocumentType, DocumentValue, Merge, ReadRules, Writer,
};
use crate::state::documents::path_pattern::PathPattern;
use crate::state::documents::schema::embedded_schema;
use crate::state::merge::rule::WRITTEN;

/// `environments.json`.
pub(crate) static TYPE: DocumentType = DocumentType {
    name: "environments",
    schema: embedded_schema!("environments"),
    sample: "good-two.json",
    language: Language::Json,
    places: &[PathPattern::new(".fractary/shared/environments.json")],
    old_places: &[],
    archives: &[],
    writer: Writer::People,
    growth: "one entry per environment",
    merge: Merge::ByRule(&WRITTEN),
    reading: ReadRules {
        foreign_keys: &["$comment"],
        ..ReadRules::IN_FULL
    },
};

impl DocumentValue for Environments {
    fn document_type() -> &'static DocumentType {
        &TYPE
    }

    fn check(&self, _: &RepoPath) -> Vec<Problem> {
        let mut out = Vec::new();
        for (name, environment) in &self.environments {
            if *name != environment.name {
                let path = [key("environments"), key(name.as_str()), key("name")];
                let message = format!("environment `{name}` calls itself `{}`", environment.name);
                out.push(
                    Problem::error(&path, "state/name-mismatch", message)
                        .expecting(format!("expected `{name}`, like its key"))
                        .help("make both the same"),
                );
            }
        }
        if let Some(default) = &self.default
            && !self.environments.contains_key(default)
        {
            let message = format!("the default environment `{default}` is not defined");
            let known = self.environments.keys().map(EnvironmentName::as_str);
            let problem = Problem::error(&[key("default")], "state/unknown-environment", message);
            out.push(with_known_names(problem, default.as_str(), known));
        }
        out
    }
}
