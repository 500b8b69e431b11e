//! What GitHub Actions reads: annotations, the step's summary, outputs. GitHub's limits are
//! kept, and what was cut is counted.

use std::fmt::Write as _;

use crate::model::ids::CommitId;
use crate::model::paths::RepoPath;
use crate::model::report::HealthReport;
use crate::model::status::{Severity, Status};
use crate::text::phrases;
use crate::text::{Untrusted, escape};

/// Annotations of one level that GitHub shows for a step.
pub const ANNOTATIONS_SHOWN: usize = 10;
/// Largest summary of a step, in bytes.
pub const STEP_SUMMARY_BYTES: usize = 1 << 20;
/// Largest comment or issue body, in characters.
pub const COMMENT_CHARACTERS: usize = 65_536;

/// How GitHub marks an annotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A red one.
    Error,
    /// A yellow one.
    Warning,
    /// A grey one.
    Notice,
}

impl Level {
    fn command(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }
}

/// One annotation.
#[derive(Debug, Clone, PartialEq)]
pub struct Annotation {
    /// How GitHub marks it.
    pub level: Level,
    /// The file it is about.
    pub file: Option<RepoPath>,
    /// The line in that file, from 1.
    pub line: Option<u32>,
    /// A few words.
    pub title: Untrusted,
    /// The text.
    pub message: Untrusted,
}

/// Annotations as workflow commands, one a line: the first of each level, and one more that
/// counts the rest.
pub fn annotations(list: &[Annotation]) -> String {
    let mut out = String::new();
    for level in [Level::Error, Level::Warning, Level::Notice] {
        let all: Vec<&Annotation> = list.iter().filter(|item| item.level == level).collect();
        let shown = if all.len() > ANNOTATIONS_SHOWN {
            ANNOTATIONS_SHOWN - 1
        } else {
            all.len()
        };
        for item in &all[..shown] {
            command(&mut out, item);
        }
        let rest = all.len() - shown;
        if rest > 0 {
            command(
                &mut out,
                &Annotation {
                    level,
                    file: None,
                    line: None,
                    title: Untrusted::from("more"),
                    message: Untrusted::new(format!("{rest} more are in the report and the log")),
                },
            );
        }
    }
    out
}

fn command(out: &mut String, item: &Annotation) {
    let mut properties = Vec::new();
    if let Some(file) = &item.file {
        properties.push(format!("file={}", escape::workflow_property(file.as_str())));
    }
    if let Some(line) = item.line {
        properties.push(format!("line={line}"));
    }
    if !item.title.is_empty() {
        properties.push(format!(
            "title={}",
            escape::workflow_property(item.title.raw())
        ));
    }
    let gap = if properties.is_empty() { "" } else { " " };
    let _ = writeln!(
        out,
        "::{}{gap}{}::{}",
        item.level.command(),
        properties.join(","),
        item.message.workflow()
    );
}

/// What a health report has to say as annotations: its problems by severity, and a warning
/// for everything that could not be seen.
pub fn health_annotations(report: &HealthReport, file: Option<&RepoPath>) -> Vec<Annotation> {
    let mut list: Vec<Annotation> = report
        .issues
        .iter()
        .map(|problem| Annotation {
            level: match problem.severity {
                Severity::Critical | Severity::High => Level::Error,
                Severity::Medium => Level::Warning,
                Severity::Low => Level::Notice,
            },
            file: file.cloned(),
            line: None,
            title: Untrusted::new(format!(
                "{} {} in {}",
                problem.severity,
                problem.resource.raw(),
                report.environment
            )),
            message: problem.issue.clone(),
        })
        .collect();
    list.extend(report.errors.iter().map(|gap| {
        let fix = gap
            .missing_permission
            .as_ref()
            .map_or(String::new(), |permission| format!("; allow {permission}"));
        Annotation {
            level: Level::Warning,
            file: None,
            line: None,
            title: Untrusted::new(format!("UNKNOWN: {}", gap.operation)),
            message: Untrusted::new(format!(
                "{}, so this was not seen: {}{fix}. {}",
                gap.cause.words(),
                gap.subject,
                gap.message.raw()
            )),
        }
    }));
    list
}

/// A row for each environment: what has to be seen whatever is cut.
pub fn totals(reports: &[&HealthReport]) -> String {
    let mut out =
        "| environment | status | resources | unhealthy | degraded | unknown | healthy |\n\
                   |---|---|---|---|---|---|---|\n"
            .to_owned();
    for report in reports {
        let counts = report.resources;
        let _ = writeln!(
            out,
            "| {} | {} {} | {} | {} | {} | {} | {} |",
            report.environment,
            report.overall_health.icon(),
            report.overall_health,
            counts.total,
            counts.unhealthy,
            counts.degraded,
            counts.unknown,
            counts.healthy
        );
    }
    out
}

/// What is added to the summary of a step that holds `there` bytes already: GitHub drops a file
/// that is larger than [`STEP_SUMMARY_BYTES`] as a whole. Where not all of `parts` has room,
/// each gets its share. `None` where there is no room for anything that helps.
pub fn step_summary(totals: &str, parts: &[String], there: usize) -> Option<String> {
    // Whatever came before may not have ended its line.
    let mut out = if there > 0 { "\n" } else { "" }.to_owned();
    let room = STEP_SUMMARY_BYTES.checked_sub(there + out.len())?;
    // One environment says its totals itself.
    if !totals.is_empty() && (parts.len() > 1 || parts.iter().any(|part| part.len() > room)) {
        out.push_str(totals);
        out.push('\n');
    }
    let limit = STEP_SUMMARY_BYTES - there;
    for (index, part) in parts.iter().enumerate() {
        let left = limit.checked_sub(out.len())?;
        let sharing = parts.len() - index;
        // What the others do not need is for this one.
        let others: usize = parts[index + 1..]
            .iter()
            .map(|other| (other.len() + 1).min(left / sharing))
            .sum();
        let share = left.saturating_sub(others + 1);
        if share < LEAST_SHARE && part.len() > share {
            continue;
        }
        out.push_str(&cut(part, share, str::len));
        if index + 1 < parts.len() {
            out.push('\n');
        }
    }
    (out.len() <= limit && !out.trim().is_empty()).then_some(out)
}

/// Bytes of a part of a summary that are worth anything.
const LEAST_SHARE: usize = 512;

/// Markdown cut to GitHub's limit for a comment or the body of an issue.
pub fn comment(markdown: &str) -> String {
    cut(markdown, COMMENT_CHARACTERS, |text| text.chars().count())
}

/// Cuts at a line's end, closes what is open there, and says how much was left out.
fn cut(markdown: &str, limit: usize, size: fn(&str) -> usize) -> String {
    if size(markdown) <= limit {
        return markdown.to_owned();
    }
    // Room for the closing fence, `</details>` and the sentence.
    let room = limit.saturating_sub(256);
    let mut kept = String::new();
    let mut used = 0;
    let mut fence: Option<String> = None;
    let mut details = 0_u32;
    let lines: Vec<&str> = markdown.split_inclusive('\n').collect();
    let mut shown = 0;
    for line in &lines {
        used += size(line);
        if used > room {
            break;
        }
        shown += 1;
        kept.push_str(line);
        let text = line.trim();
        let ticks: String = text.chars().take_while(|c| *c == '`').collect();
        match &fence {
            Some(open) if ticks.len() >= open.len() && text == ticks => fence = None,
            None if ticks.len() >= 3 => fence = Some(ticks),
            None if text == "<details>" => details += 1,
            None if text == "</details>" => details = details.saturating_sub(1),
            _ => {}
        }
    }
    if !kept.ends_with('\n') && !kept.is_empty() {
        kept.push('\n');
    }
    if let Some(fence) = fence {
        let _ = writeln!(kept, "{fence}");
    }
    for _ in 0..details.min(8) {
        kept.push_str("\n</details>\n");
    }
    let rest = phrases::counted((lines.len() - shown) as u64, "line");
    let sentence = format!("\n*{rest} left out: GitHub shows no more here.*\n");
    // A fence may be as long as a line.
    if size(&kept) + size(&sentence) > limit {
        return sentence.trim_start().to_owned();
    }
    kept + &sentence
}

/// Outputs of the step.
#[derive(Debug, Clone, PartialEq)]
pub struct Outputs {
    /// Worst of everything that was looked at.
    pub overall_health: Status,
    /// Issues that the run opened.
    pub issues_opened: u32,
    /// Issues that it resolved.
    pub issues_resolved: u32,
    /// The report, where it was written.
    pub report_path: Option<RepoPath>,
    /// The commit, where one was made.
    pub commit: Option<CommitId>,
}

/// Outputs in the form of the file that `GITHUB_OUTPUT` names. The mark around a value is
/// one that the value does not hold, so that no value can add an output.
pub fn outputs(outputs: &Outputs) -> String {
    let values = [
        ("overall_health", outputs.overall_health.to_string()),
        ("issues_opened", outputs.issues_opened.to_string()),
        ("issues_resolved", outputs.issues_resolved.to_string()),
        (
            "report_path",
            outputs
                .report_path
                .as_ref()
                .map_or(String::new(), ToString::to_string),
        ),
        (
            "commit",
            outputs
                .commit
                .as_ref()
                .map_or(String::new(), ToString::to_string),
        ),
    ];
    let mut out = String::new();
    for (name, value) in values {
        let mut mark = "FRACTARY_END".to_owned();
        while value.contains(&mark) {
            mark.push('_');
        }
        let _ = write!(out, "{name}<<{mark}\n{value}\n{mark}\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn annotation(n: usize) -> Annotation {
        Annotation {
            level: Level::Error,
            file: RepoPath::new("a,b.json").ok(),
            line: Some(3),
            title: Untrusted::new(format!("t:{n}")),
            message: Untrusted::from("50%\n::set-output name=x::y"),
        }
    }

    #[test]
    fn annotations_are_escaped_and_counted() {
        let list: Vec<Annotation> = (0..12).map(annotation).collect();
        let text = annotations(&list);
        assert_eq!(text.lines().count(), ANNOTATIONS_SHOWN);
        assert_eq!(
            text.lines().next(),
            Some("::error file=a%2Cb.json,line=3,title=t%3A0::50%25%0A: :set-output name=x: :y")
        );
        assert_eq!(
            text.lines().last(),
            Some("::error title=more::3 more are in the report and the log")
        );
        assert_eq!(annotations(&list[..10]).lines().count(), 10);
    }

    #[test]
    fn a_cut_summary_is_whole_markdown() {
        let mut text = "<details>\n<summary>x</summary>\n\n````text\n".to_owned();
        text.push_str(&"a line with ``` in it\n".repeat(80_000));
        let cut = step_summary("", &[text], 0).expect("there is room");
        assert!(cut.len() <= STEP_SUMMARY_BYTES);
        assert!(
            cut.ends_with("lines left out: GitHub shows no more here.*\n"),
            "{}",
            &cut[cut.len() - 200..]
        );
        assert!(cut.contains("\n````\n\n</details>\n"));
        let cut = comment(&"ä".repeat(70_000));
        assert!(cut.chars().count() <= COMMENT_CHARACTERS);
        assert_eq!(
            step_summary("", &["short".to_owned()], 0).as_deref(),
            Some("short")
        );
    }

    #[test]
    fn a_summary_keeps_its_limit_with_what_is_there_and_names_all() {
        let totals = "| test |\n| prod |\n";
        for (first, second, there) in [
            (10, 10, 0),
            (2_000_000, 2_000_000, 0),
            (2_000_000, 100, 1_024),
            (100, 2_000_000, 1_024),
            (900_000, 900_000, 1_000_000),
            (900_000, 900_000, STEP_SUMMARY_BYTES - 700),
        ] {
            // Four bytes a character, so that bytes and characters differ.
            let part = |name: &str, length: usize| {
                format!("# {name}\n{}", "\u{1f600}\u{1f600}\n".repeat(length / 9))
            };
            let parts = [part("test", first), part("prod", second)];
            let added = step_summary(totals, &parts, there).expect("there is room");
            assert!(
                there + added.len() <= STEP_SUMMARY_BYTES,
                "{first} {second} {there}"
            );
            let said = added.trim_start();
            assert!(said.starts_with(totals), "{first} {second} {there}");
            if there < STEP_SUMMARY_BYTES / 2 {
                assert!(added.contains("# test\n") && added.contains("# prod\n"));
                // Nothing is cut that has room.
                let whole = parts.iter().map(String::len).sum::<usize>() < 1_000_000;
                assert_eq!(
                    whole,
                    !added.contains("left out"),
                    "{first} {second} {there}"
                );
            }
        }
        for there in [
            STEP_SUMMARY_BYTES,
            STEP_SUMMARY_BYTES + 1,
            STEP_SUMMARY_BYTES - 5,
        ] {
            assert_eq!(
                step_summary(totals, &["x".to_owned(), "y".to_owned()], there),
                None
            );
        }
    }

    #[test]
    fn outputs_cannot_add_outputs() {
        let text = outputs(&Outputs {
            overall_health: Status::Degraded,
            issues_opened: 1,
            issues_resolved: 0,
            report_path: RepoPath::new("a/FRACTARY_END").ok(),
            commit: None,
        });
        assert!(text.starts_with("overall_health<<FRACTARY_END\nDEGRADED\nFRACTARY_END\n"));
        assert!(text.contains("report_path<<FRACTARY_END_\na/FRACTARY_END\nFRACTARY_END_\n"));
    }
}
