//! What is kept of the domains that programs monitor.

use super::{State, by_environment, json};
use crate::model::domain_health::DomainReport;
use crate::model::ids::DomainName;
use crate::model::paths::RepoPath;
use crate::state::diagnostic::Diagnostic;
use crate::state::diagnostic::explain;
use crate::state::diagnostic::locate::Step;
use crate::state::diagnostic::problem::Problem;
use crate::state::documents::paths;
use crate::state::read::Reader;

/// Reads the newest observation of each domain and environment.
pub(super) fn read(reader: &mut Reader<'_>, state: &mut State) {
    for folder in reader.folders(&paths::domains_dir()) {
        let domain = match DomainName::new(folder.file_name()) {
            Ok(domain) => domain,
            Err(invalid) => {
                let name = explain::quote(folder.file_name());
                let message = format!("the folder {name} is not named like a domain");
                reader.diagnostics.push(
                    Diagnostic::error(&folder, "state/name", message)
                        .expecting(format!("expected {}", invalid.expected))
                        .help("rename the folder, or move it elsewhere"),
                );
                continue;
            }
        };
        for (environment, folder) in by_environment(reader, &folder) {
            let path = paths::within(&folder, "latest.json");
            if let Some(document) = reader.document(path, &json("domain-report", report)) {
                let key = (domain.clone(), environment);
                state.domains.insert(key, document);
            }
        }
    }
}

/// That an observation lies in the folders of its domain and environment.
fn report(path: &RepoPath, value: &DomainReport) -> Vec<Problem> {
    let right = paths::domain_latest(&value.domain, &value.environment);
    if *path == right {
        return Vec::new();
    }
    let message = format!(
        "this file is about `{}` in `{}` but lies elsewhere",
        value.domain, value.environment
    );
    vec![
        Problem::error(
            &[Step::Key("domain".to_owned())],
            "state/wrong-folder",
            message,
        )
        .expecting(format!("it belongs to {right}"))
        .help("move the file, or correct `domain` and `environment`"),
    ]
}
