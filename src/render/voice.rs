//! The dashboard as sentences for text-to-speech: letters, commas and full stops, numbers and
//! units in words, what matters most first, and about a minute at most.

mod speech;

use crate::model::dashboard::{Dashboard, DomainRow, IncidentRow, IssueRow};
use crate::model::issue::IssueStatus;
use crate::model::slo_report::BudgetRow;
use crate::model::status::{Severity, Status};
use crate::render::voice::speech::{counted, list, rounded, say, span, words};
use crate::text::Untrusted;

/// Issues and actions that are spoken; the rest is counted.
const MOST: usize = 3;
/// Words that are said at most: a minute at the pace of an announcement.
const MOST_WORDS: usize = 170;

/// The dashboard, one thought a line.
pub fn dashboard(dashboard: &Dashboard) -> String {
    let mut told = vec![overall(dashboard)];
    told.extend(dashboard.incidents.first().map(incident));
    told.extend(domains(dashboard));
    told.extend(unknowns(dashboard));
    told.extend(dashboard.top_issues.iter().take(most(dashboard)).map(issue));
    told.extend(rest(dashboard));
    told.extend(dashboard.budgets.iter().take(1).filter_map(budget));
    told.extend(action(dashboard));
    told.extend(done(dashboard));
    let mut out = String::new();
    let mut left = MOST_WORDS;
    for (index, sentence) in told.iter().enumerate() {
        let length = sentence.split_whitespace().count();
        // The first says how it is; what comes later gives way to the minute.
        if index > 0 && length > left {
            continue;
        }
        left = left.saturating_sub(length);
        out.push_str(sentence);
        out.push('\n');
    }
    out
}

/// Issues that are spoken: an incident takes the time of one.
fn most(dashboard: &Dashboard) -> usize {
    MOST - usize::from(!dashboard.incidents.is_empty())
}

fn overall(dashboard: &Dashboard) -> String {
    let how = match dashboard.overall_health {
        Status::Healthy => "Everything that was checked is healthy",
        Status::Unknown => "It is not known whether everything is healthy",
        Status::Degraded => "Operations are degraded",
        Status::Unhealthy => "Operations are unhealthy",
    };
    let total = u64::from(dashboard.issues_total);
    let issues = if total == 0 {
        "there are no open issues".to_owned()
    } else {
        let urgent = Severity::ALL[..2].iter().filter_map(|severity| {
            let count = *dashboard.issues_by_severity.get(severity)?;
            let word = severity.word().to_lowercase();
            (count > 0).then(|| {
                format!(
                    "{} {} {word}",
                    words(u64::from(count)),
                    if count == 1 { "is" } else { "are" }
                )
            })
        });
        let urgent: Vec<String> = urgent.collect();
        let verb = if total == 1 { "is" } else { "are" };
        let counted = counted(total, "open issue", "open issues");
        if urgent.is_empty() {
            format!("there {verb} {counted}")
        } else {
            format!("there {verb} {counted}, of which {}", list(&urgent))
        }
    };
    format!("{how}, and {issues}.")
}

/// What is not healthy, in one sentence a status.
fn domains(dashboard: &Dashboard) -> Vec<String> {
    if dashboard.domains.is_empty() {
        return vec!["No domain is registered yet.".to_owned()];
    }
    let mut out = Vec::new();
    for status in [Status::Unhealthy, Status::Degraded, Status::Unknown] {
        let rows = dashboard.domains.iter().filter(|row| row.status == status);
        let names: Vec<String> = rows.clone().map(place).collect();
        let verb = if names.len() == 1 { "is" } else { "are" };
        let word = match status {
            Status::Unknown => "not known",
            Status::Degraded => "degraded",
            _ => "unhealthy",
        };
        match names.len() {
            0 => {}
            many @ 5.. => out.push(format!(
                "{} are {word}.",
                capital(&counted(many as u64, "domain", "domains"))
            )),
            _ => out.push(format!("{} {verb} {word}.", capital(&list(&names)))),
        }
    }
    if out.is_empty() {
        let names: Vec<String> = dashboard.domains.iter().map(place).collect();
        if names.len() < 5 {
            let verb = if names.len() == 1 { "is" } else { "are" };
            out.push(format!("{} {verb} healthy.", capital(&list(&names))));
        }
    }
    out
}

/// Why something is not known, and how old the last that is known is.
fn unknowns(dashboard: &Dashboard) -> Vec<String> {
    let rows = dashboard.domains.iter();
    let unknown = rows.filter(|row| row.status == Status::Unknown);
    let said = unknown.take(MOST).filter_map(|row| {
        let note = row.note.as_ref()?;
        let age = row.observed_at.map(|at| {
            let seconds = dashboard.generated_at.as_second() - at.as_second();
            seconds.max(0) / 60
        });
        let is_old = note.raw().starts_with("stale");
        let place = capital(&place(row));
        Some(match age {
            Some(minutes) if is_old => format!(
                "{place} was last observed {} ago, which is too long ago to say how it is now.",
                span(minutes)
            ),
            _ => format!("{place}. {}.", capital(&cut(&say(&note.redacted()), 24))),
        })
    });
    said.collect()
}

/// `infrastructure in production`.
fn place(row: &DomainRow) -> String {
    format!(
        "{} in {}",
        say(row.domain.as_str()),
        environment(row.environment.as_str())
    )
}

/// Short names of environments as they are said.
fn environment(name: &str) -> String {
    match name {
        "prod" | "prd" => "production".to_owned(),
        "dev" => "development".to_owned(),
        "stage" | "stg" => "staging".to_owned(),
        other => say(other),
    }
}

fn issue(row: &IssueRow) -> String {
    let severity = capital(&row.severity.word().to_lowercase());
    let title = say(&row.title.redacted());
    let mut parts = vec![
        severity,
        format!(
            "{} in {}",
            resource(&row.resource),
            environment(row.environment.as_str())
        ),
        cut(&title, 24),
        format!("for {}", span(row.age_minutes)),
    ];
    parts.retain(|part| !part.is_empty());
    let mut out = parts.join(", ");
    if row.status != IssueStatus::Active {
        out.push_str(match row.status {
            IssueStatus::Investigating => ", and it is being investigated",
            IssueStatus::Remediating => ", and it is being remediated",
            IssueStatus::RemediationFailed => ", and its remediation failed",
            IssueStatus::Escalated => ", and it is escalated",
            IssueStatus::Active | IssueStatus::Resolved => "",
        });
    }
    out.push('.');
    out
}

/// The worst incident, and its cause where that is known.
fn incident(row: &IncidentRow) -> String {
    let count = counted(row.issues.len() as u64, "issue", "issues");
    let place = format!(
        "{} in {}",
        resource(&row.resource),
        environment(row.environment.as_str())
    );
    let cause = row.cause.as_ref().map(|cause| say(&cause.redacted()));
    match cause.filter(|cause| !cause.is_empty()) {
        Some(cause) => format!("Incident at {place}, {count}, cause, {}.", cut(&cause, 24)),
        None => format!("Incident at {place}, {count}."),
    }
}

fn resource(name: &Untrusted) -> String {
    let name = cut(&say(&name.redacted()), 8);
    if name.is_empty() {
        "a resource".to_owned()
    } else {
        name
    }
}

fn rest(dashboard: &Dashboard) -> Option<String> {
    let told = dashboard.top_issues.len().min(most(dashboard)) as u64;
    let rest = u64::from(dashboard.issues_total).saturating_sub(told);
    if rest == 0 || told == 0 {
        return None;
    }
    let verb = if rest == 1 { "is" } else { "are" };
    let more = counted(rest, "more issue", "more issues");
    Some(format!("There {verb} {more}."))
}

fn budget(row: &BudgetRow) -> Option<String> {
    let left = row.remaining_percent.filter(|left| left.is_finite())?;
    let of = format!(
        "the error budget of {} in {}",
        resource(&row.resource.name),
        environment(row.environment.as_str())
    );
    if left <= 0.0 {
        return Some(format!("{} is exhausted.", capital(&of)));
    }
    let left = rounded(left);
    match row.exhausted_in_seconds {
        Some(seconds) => Some(format!(
            "{left} percent of {of} is left, and at this rate it lasts {}.",
            span(i64::try_from(seconds / 60).unwrap_or(i64::MAX))
        ))
        .map(|text| capital(&text)),
        // One that is not being used up is no news.
        None => None,
    }
}

fn action(dashboard: &Dashboard) -> Option<String> {
    let first = dashboard.recommended_actions.first()?;
    let text = cut(&say(&first.text.redacted()), 40);
    // What an issue says was said with the issue.
    let is_issue = Severity::ALL
        .iter()
        .any(|severity| first.text.raw().starts_with(severity.word()));
    if text.is_empty() || is_issue {
        return None;
    }
    Some(format!("What to do first. {}.", capital(&text)))
}

fn done(dashboard: &Dashboard) -> Option<String> {
    let count = dashboard.recently_resolved.len() as u64;
    let verb = if count == 1 { "was" } else { "were" };
    (count > 0).then(|| {
        let issues = counted(count, "issue", "issues");
        format!(
            "{} {verb} resolved in the last seven days.",
            capital(&issues)
        )
    })
}

/// At most so many words, ended where a clause ends if there is one.
fn cut(text: &str, most: usize) -> String {
    let all: Vec<&str> = text.split_whitespace().collect();
    if all.len() <= most {
        return text.to_owned();
    }
    let kept = all[..most].join(" ");
    let clause = kept.rfind([',', '.']).filter(|at| *at > kept.len() / 2);
    let kept = clause.map_or(kept.as_str(), |at| &kept[..at]);
    kept.trim_end_matches([',', '.']).to_owned()
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let Some(first) = chars.next() else {
        return String::new();
    };
    // Some capitals are a letter and a mark, which is no letter.
    if first.to_uppercase().all(char::is_alphabetic) {
        first.to_uppercase().chain(chars).collect()
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests;
