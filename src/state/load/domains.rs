//! What is kept of the domains that programs monitor.

use std::collections::BTreeMap;

use super::by_environment;
use crate::model::domain_health::DomainReport;
use crate::model::ids::{DomainName, EnvironmentName};
use crate::state::diagnostic::Diagnostic;
use crate::state::diagnostic::explain;
use crate::state::document::Document;
use crate::state::documents::paths;
use crate::state::read::Reader;

/// Reads the newest observation of each domain and environment.
pub(super) fn read(
    reader: &mut Reader<'_>,
) -> BTreeMap<(DomainName, EnvironmentName), Document<DomainReport>> {
    let mut out = BTreeMap::new();
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
            if let Some(document) = reader.document(paths::within(&folder, "latest.json")) {
                out.insert((domain.clone(), environment), document);
            }
        }
    }
    out
}
