//! Key figures with their targets.

use std::collections::BTreeSet;

use crate::model::kpi::{CloudwatchSource, HealthSource, Kpi, KpiSource, Kpis};
use crate::model::paths::RepoPath;
use crate::model::report::Better;
use crate::state::diagnostic::explain;
use crate::state::diagnostic::locate::{Language, PathStep};
use crate::state::diagnostic::problem::Problem;
use crate::state::documents::checks::key;
use crate::state::documents::document_type::{
    DocumentType, DocumentValue, Merge, ReadRules, Writer,
};
use crate::state::documents::path_pattern::PathPattern;
use crate::state::documents::schema::embedded_schema;

/// Parts of names of what is better the more there is of it, and of what is not.
const HIGHER: [&str; 5] = ["hit", "rate", "throughput", "retention", "availability"];
const LOWER: [&str; 9] = [
    "error",
    "failure",
    "rework",
    "bounce",
    "churn",
    "miss",
    "latency",
    "lag",
    "response_time",
];
const DAY: u64 = 86_400;

/// `kpis.toml`.
pub(crate) static TYPE: DocumentType = DocumentType {
    name: "kpis",
    schema: embedded_schema!("kpis"),
    sample: "good-one.toml",
    language: Language::Toml,
    places: &[PathPattern::new(
        ".fractary/plugins/helios/config/kpis.toml",
    )],
    old_places: &[],
    archives: &[],
    writer: Writer::People,
    growth: "does not grow",
    merge: Merge::Never,
    reading: ReadRules::IN_FULL,
};

impl DocumentValue for Kpis {
    fn document_type() -> &'static DocumentType {
        &TYPE
    }

    fn check(&self, _: &RepoPath) -> Vec<Problem> {
        let mut out = Vec::new();
        let mut seen = BTreeSet::new();
        for (index, kpi) in self.kpis.iter().enumerate() {
            let at = |name: &str| vec![key("kpi"), PathStep::Index(index), key(name)];
            if !seen.insert(kpi.name.as_str()) {
                let message = format!("duplicate key figure {}", explain::quote(&kpi.name));
                out.push(
                    Problem::error(&at("name"), "state/duplicate", message)
                        .expecting("each name once")
                        .help("rename one of the two, or remove it"),
                );
            }
            out.extend(direction(kpi, &at("better")));
            if let Some(source) = &kpi.source {
                out.extend(source_problems(source, &at("source")));
            }
        }
        out.extend(playbook_problems(self));
        out
    }
}

/// Playbooks of the same name, and those for key figures that are not there or never measured.
fn playbook_problems(kpis: &Kpis) -> Vec<Problem> {
    let mut out = Vec::new();
    let mut seen = BTreeSet::new();
    for (index, playbook) in kpis.playbooks.iter().enumerate() {
        let at = |name: &str| vec![key("playbook"), PathStep::Index(index), key(name)];
        if !seen.insert(playbook.name.as_str()) {
            let name = explain::quote(&playbook.name);
            let message = format!("duplicate playbook {name}");
            let problem = Problem::error(&at("name"), "state/duplicate", message);
            out.push(
                problem
                    .expecting("each name once")
                    .help("rename one of the two, or remove it"),
            );
        }
        for (place, name) in playbook.kpis.iter().enumerate() {
            let at = [at("kpis"), vec![PathStep::Index(place)]].concat();
            let shown = explain::quote(name);
            match kpis.kpis.iter().find(|kpi| kpi.name == *name) {
                None => {
                    let names = kpis.kpis.iter().map(|kpi| kpi.name.as_str());
                    let names: Vec<&str> = names.collect();
                    let problem =
                        Problem::error(&at, "state/reference", format!("no key figure {shown}"));
                    out.push(problem.expecting(format!("one of {}", names.join(", "))));
                }
                Some(kpi) if kpi.source.is_none() => {
                    let message = format!(
                        "{shown} has no source, so nothing shows whether the playbook helps"
                    );
                    let problem = Problem::warning(&at, "state/reference", message);
                    out.push(problem.help("give the key figure a `source`"));
                }
                Some(_) => {}
            }
        }
    }
    out
}

/// A name that says one thing beside a direction that says the other.
fn direction(kpi: &Kpi, at: &[PathStep]) -> Option<Problem> {
    let has = |parts: &[&str]| parts.iter().any(|part| kpi.name.contains(part));
    let (is_wrong, word) = match kpi.better {
        Better::Lower => (has(&HIGHER) && !has(&LOWER), "higher"),
        Better::Higher => (has(&LOWER) && !has(&HIGHER), "lower"),
    };
    is_wrong.then(|| {
        let name = explain::quote(&kpi.name);
        Problem::warning(
            at,
            "state/direction",
            format!("{name} sounds as if {word} were better"),
        )
        .help(format!(
            "write `better = \"{word}\"`, or leave it if the name misleads"
        ))
    })
}

fn source_problems(source: &KpiSource, at: &[PathStep]) -> Vec<Problem> {
    let given = source.given();
    if given != 1 {
        let message = format!("expected exactly one source, and {given} are given");
        let keys = "one of `cloudwatch`, `health`, `cost`, `delivery`, `monitor`, `optimization`";
        let problem = Problem::error(at, "state/source", message).expecting(keys);
        return vec![problem.help("without `source` the key figure is off")];
    }
    let below = |name: &str| [at, &[key(name)][..]].concat();
    match source {
        KpiSource {
            cloudwatch: Some(metrics),
            ..
        } => cloudwatch(metrics, &below("cloudwatch")),
        KpiSource {
            health: Some(health),
            ..
        } => health_problem(health, &below("health"))
            .into_iter()
            .collect(),
        _ => Vec::new(),
    }
}

fn cloudwatch(source: &CloudwatchSource, at: &[PathStep]) -> Vec<Problem> {
    let below = |name: &str| [at, &[key(name)][..]].concat();
    let mut out = Vec::new();
    let is_possible = |seconds: u64| (60..=DAY).contains(&seconds) && seconds.is_multiple_of(60);
    if let Some(period) = source.period.filter(|period| !is_possible(period.seconds)) {
        let message = format!("CloudWatch has no period of {period}");
        out.push(
            Problem::error(&below("period"), "state/period", message)
                .expecting("whole minutes from `1m` to `1d`"),
        );
    }
    if source.formula.is_none() && source.metrics.len() > 1 {
        let names: Vec<&str> = source.metrics.keys().map(String::as_str).collect();
        let message = format!(
            "{} metrics, and no formula says what is computed",
            names.len()
        );
        out.push(
            Problem::error(at, "state/formula", message)
                .expecting(format!("a `formula` of {}", names.join(", ")))
                .help("for instance `formula = \"100 * hits / (hits + misses)\"`"),
        );
    } else if let Err(fault) = source.compile() {
        let place = match source.formula {
            Some(_) => below("formula"),
            None => below("metrics"),
        };
        let problem = Problem::error(&place, "state/formula", fault.message.clone());
        let problem = match source.formula {
            Some(_) => problem.inside(fault.at.clone()),
            None => problem,
        };
        out.push(match &fault.hint {
            Some(hint) => problem.help(hint.clone()),
            None => problem.expecting("expected a number, such as `100 * hits / (hits + misses)`"),
        });
    }
    out
}

fn health_problem(source: &HealthSource, at: &[PathStep]) -> Option<Problem> {
    let given = (
        source.figure.is_some(),
        source.resource.is_some(),
        source.sli.is_some(),
    );
    let is_fine = matches!(given, (true, false, false) | (false, true, true));
    (!is_fine).then(|| {
        Problem::error(
            at,
            "state/source",
            "it does not say which field of the report is meant",
        )
        .expecting("`figure`, or `resource` with `sli`")
    })
}
