//! What `audit` offers to an assistant.

use crate::app::tool::{AssistantTool, ToolDocument};

/// Reports, a check explained, and the list of checks.
pub(super) const TOOLS: &[AssistantTool] = &[
    AssistantTool::reading(
        &[],
        &[
            ToolDocument::OneOrList("audit"),
            ToolDocument::OneOrList("cost-audit"),
            ToolDocument::One("check"),
        ],
    )
    .without(&["list_checks"]),
    AssistantTool::reading(&["--list-checks"], &[ToolDocument::List("audit-check")]).fixed(),
];
