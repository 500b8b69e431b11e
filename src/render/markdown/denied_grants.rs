//! What would have to be granted for what was denied.

use crate::model::denied_grant::DeniedGrantReport;
use crate::render::markdown::preflight::proposal;
use crate::text::Untrusted;
use crate::text::escape;

/// The whole report.
pub fn denied_grants(report: &DeniedGrantReport) -> String {
    let mut out = String::from("# Grants for what AWS denied\n");
    if report.grants.is_empty() && report.refused.is_empty() {
        out.push_str("\nNo denial of AWS is in this text.\n");
    }
    let code = |value: &Option<Untrusted>| match value {
        Some(value) => value.markdown_code(),
        None => "not named".to_owned(),
    };
    for grant in &report.grants {
        out.push_str(&format!("\n## To {}\n\n", code(&grant.principal)));
        proposal(&mut out, &grant.proposal);
    }
    if !report.refused.is_empty() {
        out.push_str("\n## Not granted\n\n| action | on | why |\n|---|---|---|\n");
    }
    for one in &report.refused {
        let because = escape::markdown(one.because.raw());
        out.push_str(&format!(
            "| {} | {} | {because} |\n",
            code(&one.action),
            code(&one.resource)
        ));
    }
    out
}
