//! How the documents of each kind are merged: what tells their entries apart, what says
//! which side is newer, and what is not left to that.

use crate::model::paths::RepoPath;

/// How an object is merged.
#[derive(Debug)]
pub(crate) struct Rule {
    /// Keys with times: the side with the latest of them is the newer one.
    pub(crate) newest: &'static [&'static str],
    /// A list whose entries' times count as well: its key, and theirs.
    pub(crate) newest_in: Option<(&'static str, &'static str)>,
    /// Keys that are not simply the newer side's.
    pub(crate) fields: &'static [(&'static str, Field)],
    /// Lists that are merged entry by entry.
    pub(crate) lists: &'static [(&'static str, List<'static>)],
    /// Whether the object stays whole: the newer side's, never a mixture.
    pub(crate) whole: bool,
    /// Whether a key that both sides changed is a conflict, as nothing says who is right.
    pub(crate) conflicts: bool,
}

/// What is done with a key that both sides changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    /// The larger number or later time.
    Largest,
    /// The earlier time.
    Earliest,
    /// The newer side's value as a whole, even where it could be merged.
    Whole,
}

/// How a list is merged.
#[derive(Debug)]
pub(crate) struct List<'r> {
    /// Keys that together tell an entry from all others.
    pub(crate) id: &'r [&'r str],
    /// Keys that entries are sorted by; where there are none, they stay in their order.
    pub(crate) order: &'r [&'r str],
    /// How an entry that both sides changed is merged.
    pub(crate) entry: &'r Rule,
}

/// Where nothing else is said: the newer side wins, as the rule around it tells.
pub(crate) const PLAIN: Rule = Rule {
    newest: &[],
    newest_in: None,
    fields: &[],
    lists: &[],
    whole: false,
    conflicts: false,
};

/// What people write: a key that both changed is theirs to decide.
static WRITTEN: Rule = Rule {
    conflicts: true,
    ..PLAIN
};

static REGISTRY: Rule = Rule {
    newest: &["last_deployed"],
    fields: &[("last_deployed", Field::Largest)],
    lists: &[(
        "resources",
        List {
            id: &["arn"],
            order: &[],
            entry: &Rule {
                fields: &[("created", Field::Earliest)],
                ..PLAIN
            },
        },
    )],
    ..PLAIN
};

static DEPLOYMENTS: Rule = Rule {
    fields: &[("created_at", Field::Earliest)],
    lists: &[(
        "deployments",
        List {
            id: &["id"],
            order: &["deployed_at", "id"],
            entry: &Rule {
                newest: &["deployed_at"],
                ..PLAIN
            },
        },
    )],
    ..PLAIN
};

/// Sums are in `history.rs`.
pub(crate) static HISTORY: Rule = Rule {
    newest_in: Some(("entries", "at")),
    lists: &[(
        "entries",
        List {
            id: &["run_id"],
            order: &["at", "run_id"],
            entry: &Rule {
                newest: &["at"],
                whole: true,
                ..PLAIN
            },
        },
    )],
    ..PLAIN
};

/// Entries and head are in `log.rs`. Figures are of one side's entries, never a mixture; whoever
/// appends next makes them anew.
pub(crate) static LOG: Rule = Rule {
    newest_in: Some(("entries", "at")),
    fields: &[("statistics", Field::Whole)],
    ..PLAIN
};

static MONITORS: Rule = Rule {
    lists: &[(
        "monitors",
        List {
            id: &["domain"],
            order: &[],
            entry: &WRITTEN,
        },
    )],
    conflicts: true,
    ..PLAIN
};

/// A report says what one run saw: never a mixture of two.
static REPORT: Rule = Rule {
    newest: &["generated_at"],
    whole: true,
    ..PLAIN
};

/// `status`, `resolved_at` and `healthy_streak` belong together; see `issue.rs`.
pub(crate) static ISSUE: Rule = Rule {
    newest: &["last_seen_at", "resolved_at"],
    newest_in: Some(("timeline", "at")),
    fields: &[
        ("detected_at", Field::Earliest),
        ("last_seen_at", Field::Largest),
        ("occurrences", Field::Largest),
        ("timeline_dropped", Field::Largest),
        ("impact", Field::Whole),
        ("symptoms", Field::Whole),
        ("suggested_actions", Field::Whole),
        ("escalation", Field::Whole),
    ],
    lists: &[
        (
            "notes",
            List {
                id: &["at", "by", "text"],
                order: &["at"],
                entry: &PLAIN,
            },
        ),
        (
            "timeline",
            List {
                id: &["at", "event", "detail"],
                order: &["at"],
                entry: &PLAIN,
            },
        ),
        (
            "links",
            List {
                id: &["url"],
                order: &["at"],
                entry: &PLAIN,
            },
        ),
    ],
    ..PLAIN
};

/// Keys that tell the entries of a list apart that no rule names, most telling first.
pub(crate) const IDENTITY: [&str; 6] = ["id", "arn", "run_id", "domain", "name", "start"];

/// The rule for the document at a path.
pub(crate) fn rule(path: &RepoPath) -> &'static Rule {
    let text = path.as_str();
    let folder = text.rsplit_once('/').map_or("", |(folder, _)| folder);
    match path.file_name() {
        _ if is_issue(path) => &ISSUE,
        "registry.json" if folder.contains("/deployments/") => &REGISTRY,
        "deployments.json" => &DEPLOYMENTS,
        "monitoring-history.json" => &HISTORY,
        "domain-monitors.json" => &MONITORS,
        _ if folder.contains("/monitoring/") || folder.contains("/helm/domains/") => &REPORT,
        _ => &WRITTEN,
    }
}

/// Whether an append-only log lies there; its archives have no rule, for nobody appends to them.
pub(crate) fn is_log(path: &RepoPath) -> bool {
    matches!(path.file_name(), "iam-audit.json" | "remediation-log.json")
}

/// Whether a history lies there.
pub(crate) fn is_history(path: &RepoPath) -> bool {
    path.file_name() == "monitoring-history.json"
}

/// Whether an issue lies there.
pub(crate) fn is_issue(path: &RepoPath) -> bool {
    let text = path.as_str();
    text.ends_with(".json")
        && (text.contains("/issues/active/") || text.contains("/issues/resolved/"))
}
