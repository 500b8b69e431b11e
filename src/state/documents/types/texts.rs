//! Files for people that no schema describes.

use crate::state::documents::document_type::{TextType, Writer};
use crate::state::documents::path_pattern::PathPattern;

/// The dashboard.
pub(crate) static DASHBOARD: TextType = TextType {
    place: PathPattern::new(".fractary/plugins/helm/DASHBOARD.md"),
    writer: Writer::Runs,
    is_generated: true,
};

/// The deployed resources of one environment.
pub(crate) static DEPLOYED: TextType = TextType {
    place: PathPattern::new(".fractary/plugins/faber-cloud/deployments/<env>/DEPLOYED.md"),
    writer: Writer::Runs,
    is_generated: true,
};

/// A design of infrastructure. People edit its top, and `fractary infra` writes the rest.
pub(crate) static DESIGN: TextType = TextType {
    place: PathPattern::new(".fractary/plugins/faber-cloud/designs/<name>.md"),
    writer: Writer::People,
    is_generated: false,
};

/// An audit.
pub(crate) static AUDIT: TextType = TextType {
    place: PathPattern::new(".fractary/plugins/helm-cloud/audits/<env>/<time>-audit.md"),
    writer: Writer::Runs,
    is_generated: false,
};

/// What an investigation found out.
pub(crate) static INCIDENT: TextType = TextType {
    place: PathPattern::new(".fractary/plugins/helm-cloud/incidents/<env>/<time>-incident.md"),
    writer: Writer::Runs,
    is_generated: false,
};

/// A work item, where no tracker is set up.
pub(crate) static WORK_ITEM: TextType = TextType {
    place: PathPattern::new(".fractary/plugins/helm/work-items/<id>.md"),
    writer: Writer::Runs,
    is_generated: false,
};

/// What an optimisation cycle brought.
pub(crate) static OPTIMIZATION: TextType = TextType {
    place: PathPattern::new(".fractary/plugins/helios/optimizations/<env>/<id>-report.md"),
    writer: Writer::Runs,
    is_generated: false,
};

/// A template of a user's own for reports.
pub(crate) static TEMPLATE: TextType = TextType {
    place: PathPattern::new(".fractary/templates/<name>"),
    writer: Writer::People,
    is_generated: false,
};

/// A schema for editors.
pub(crate) static EDITOR_SCHEMA: TextType = TextType {
    place: PathPattern::new(".fractary/schemas/<name>.schema.json"),
    // Its text is this version's, but it counts as it is checked out, as the files that it is for.
    writer: Writer::People,
    is_generated: false,
};

/// All of them.
pub(crate) static TEXTS: [&TextType; 9] = [
    &DASHBOARD,
    &DEPLOYED,
    &DESIGN,
    &INCIDENT,
    &AUDIT,
    &WORK_ITEM,
    &OPTIMIZATION,
    &TEMPLATE,
    &EDITOR_SCHEMA,
];
