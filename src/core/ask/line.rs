//! The command line of an intent: its arguments from what was recognised.

use super::services::Services;
use super::vocabulary::Intent;
use super::{AskContext, Service, Utterance, wishes};

/// What became of it.
#[derive(Debug, Default)]
pub(super) struct Made {
    pub(super) arguments: Vec<String>,
    pub(super) missing: Vec<String>,
    pub(super) instead: Vec<String>,
    /// Whether an option of it changes something.
    pub(super) changes: bool,
}

/// The longest text that is passed on.
const LONGEST_VALUE: usize = 500;

/// Makes the command line.
pub(super) fn make(intent: &Intent, utterance: &Utterance<'_>, concepts: &[&str]) -> Made {
    let mut line = Line {
        intent,
        utterance,
        concepts,
        made: Made::default(),
    };
    line.made
        .arguments
        .extend(intent.command.split(' ').map(str::to_owned));
    line.positional();
    line.service();
    line.looks();
    line.issues();
    line.writes();
    line.everywhere();
    line.needs();
    line.made.instead = line.instead();
    line.made.changes = wishes::change_something(&utterance.entities);
    line.made
}

struct Line<'a> {
    intent: &'a Intent,
    utterance: &'a Utterance<'a>,
    concepts: &'a [&'a str],
    made: Made,
}

impl Line<'_> {
    fn takes(&self, slot: &str) -> bool {
        self.intent.has(slot)
    }

    fn first(&self, slot: &str) -> Option<String> {
        let value = self.utterance.entities.first(slot)?;
        Some(value.to_owned())
    }

    fn push(&mut self, value: impl Into<String>) {
        let mut value: String = value.into();
        if let Some((cut, _)) = value.char_indices().nth(LONGEST_VALUE) {
            value.truncate(cut);
        }
        self.made.arguments.push(value);
    }

    fn option(&mut self, name: &str, value: Option<String>) {
        if let Some(value) = value {
            self.push(name);
            self.push(value);
        }
    }

    fn positional(&mut self) {
        let command = self.intent.command.as_str();
        if self.takes("words") && self.utterance.entities.first("issue").is_none() {
            if let Some(words) = self.utterance.question() {
                self.push(words);
            }
        } else if self.takes("into") {
            self.merged();
        } else if self.takes("issue")
            && !self.takes("words")
            && !self.takes("service")
            && command != "remediate"
        {
            let ids = self.utterance.entities.of("issue");
            let many = self.takes("issues");
            if ids.len() > 1 && !many {
                let problem = format!("`{command}` takes one issue at a time");
                self.made.missing.push(problem);
            }
            let most = if many { ids.len() } else { 1 };
            let ids: Vec<String> = ids.iter().take(most).map(|id| (*id).to_owned()).collect();
            for id in ids {
                self.push(id);
            }
        }
        for slot in [
            "url",
            "bundles",
            "about",
            "person",
            "text",
            "permission",
            "file",
            "command",
            "schema",
            "shell",
            "monitor",
        ] {
            if !self.takes(slot) {
                continue;
            }
            let value = match slot {
                "person" => self.utterance.person(),
                "text" => self.utterance.free_text(),
                "about" => {
                    let indicator = self.first("indicator");
                    let service = self.one_service().map(|service| service.name);
                    service.or(indicator)
                }
                "bundles" => self.first("folder"),
                "file" => self.file(),
                "monitor" => self.first("domain"),
                "command" => self.command(),
                slot => self.first(slot),
            };
            if let Some(value) = value {
                self.push(value);
            }
        }
    }

    /// `merge A and B into C`, `A is a duplicate of C`.
    fn merged(&mut self) {
        let into = self.utterance.tokens.iter().rposition(|token| {
            matches!(
                token.word.as_str(),
                "into" | "of" | "with" | "to" | "duplicates"
            )
        });
        let issues = self.utterance.entities.all.iter();
        let issues = issues.filter(|one| one.slot == "issue");
        let (stays, others): (Vec<_>, Vec<_>) =
            issues.partition(|one| into.is_some_and(|at| one.from > at));
        for other in others {
            self.push(other.value.clone());
        }
        if let [one] = stays.as_slice() {
            self.option("--into", Some(one.value.clone()));
        }
    }

    /// The priority of a work item, in the words of the tracker: `P2` is not translated.
    fn priority(&self) -> Option<String> {
        let mut all = self.utterance.entities.all.iter();
        let said = all.find(|one| one.slot == "severity")?;
        let raw = &self.utterance.tokens[said.from].raw;
        let is_rank = |raw: &str| {
            let rank = raw.strip_prefix(['p', 'P']);
            rank.is_some_and(|rank| rank.len() == 1 && rank.bytes().all(|b| b.is_ascii_digit()))
        };
        Some(match is_rank(raw) || raw.eq_ignore_ascii_case("urgent") {
            true => raw.clone(),
            false => said.value.clone(),
        })
    }

    /// The command that is spoken of; the one that prints policies is not meant by its own name.
    fn command(&self) -> Option<String> {
        let mut named = self.utterance.entities.of("command").into_iter();
        let other = named.find(|name| *name != self.intent.command);
        other.map(str::to_owned)
    }

    /// The file that is read.
    fn file(&self) -> Option<String> {
        let entities = &self.utterance.entities;
        let written = || {
            self.first("output")
                .filter(|_| wishes::reads_it(self.intent, entities))
        };
        self.first("file").or_else(written)
    }

    /// The service that is named, where it is one.
    fn one_service(&self) -> Option<Service> {
        match &self.utterance.entities.services {
            Services::One(service) => Some(service.clone()),
            _ => None,
        }
    }

    fn service(&mut self) {
        if !self.takes("service") {
            let issue = self
                .first("issue")
                .filter(|_| self.intent.command == "remediate");
            self.option("--issue", issue);
            return;
        }
        let service = match &self.utterance.entities.services {
            Services::One(service) => Some(service.clone()),
            Services::Several(names) if !self.intent.free => {
                let problem = format!("which one: {}?", names.join(", "));
                self.made.missing.push(problem);
                None
            }
            _ => None,
        };
        if let Some(verb) = &self.intent.action
            && let Some(service) = &service
        {
            let actions = self.utterance.vocabulary.actions.get(verb);
            let kind = service.kind.as_deref().unwrap_or("");
            match actions.and_then(|actions| actions.get(kind)) {
                Some(action) => self.option("--action", Some(action.clone())),
                None => {
                    let problem = format!("there is no action to {verb} {}", service.name);
                    self.made.missing.push(problem);
                }
            }
        }
        self.option("--service", service.map(|service| service.name));
        if self.takes("issue") {
            let issue = self.first("issue");
            self.option("--issue", issue);
        }
    }

    fn looks(&mut self) {
        for (slot, option) in [
            ("metric", "--metric"),
            ("filter", "--filter"),
            ("level", "--level"),
            ("audit", "--type"),
        ] {
            if !self.takes(slot) {
                continue;
            }
            let value = match slot {
                "filter" => self.utterance.filter(self.concepts.contains(&"search")),
                "audit" => Some(self.first("audit").unwrap_or_else(|| {
                    let spends = self.concepts.contains(&"spend");
                    if spends { "cost" } else { "all" }.to_owned()
                })),
                "metric" => self.longest("metric"),
                slot => self.first(slot),
            };
            self.option(option, value);
        }
        if self.takes("severity") {
            let mut severities = self.utterance.entities.of("severity");
            severities.sort_by_key(|one| {
                ["critical", "high", "medium", "low"]
                    .iter()
                    .position(|name| name == one)
            });
            let options: Vec<String> = severities.iter().map(|one| format!("--{one}")).collect();
            self.made.arguments.extend(options);
        }
    }

    /// `p95 latency` is neither `p95` nor `latency` alone.
    fn longest(&self, slot: &str) -> Option<String> {
        let entities = self
            .utterance
            .entities
            .all
            .iter()
            .filter(|one| one.slot == slot);
        let best = entities.min_by_key(|one| (std::cmp::Reverse(one.to - one.from), one.from))?;
        Some(best.value.clone())
    }

    fn issues(&mut self) {
        for (slot, option) in [("domain", "--domain"), ("top", "--top")] {
            if self.takes(slot) {
                let value = self.first(slot);
                self.option(option, value);
            }
        }
        if self.takes("resolved") && self.concepts.contains(&"resolved") {
            self.push("--resolved");
        }
        if self.takes("assignee") {
            let who = self.first("assignee");
            self.option("--assignee", who);
        }
        if self.takes("state") {
            let states: Vec<String> = self
                .utterance
                .entities
                .of("state")
                .iter()
                .map(|s| (*s).to_owned())
                .collect();
            for state in states {
                self.option("--status", Some(state));
            }
        }
    }

    fn writes(&mut self) {
        if self.takes("feature") {
            let feature = self.utterance.feature();
            self.option("--feature", feature);
        }
        for (slot, option, source) in [
            ("design", "--design", "design"),
            ("priority", "--priority", "severity"),
            ("tag", "--tag", "tag"),
        ] {
            if self.takes(slot) {
                let value = match slot {
                    "priority" => self.priority(),
                    _ => self.first(source),
                };
                self.option(option, value);
            }
        }
        for (slot, option) in [("shard", "--shard"), ("most", "--max")] {
            if self.takes(slot) {
                let value = self.first(slot);
                self.option(option, value);
            }
        }
        if self.takes("reason") {
            let reason = self.utterance.free_text();
            self.option("--reason", reason);
        }
        if self.takes("since") {
            let since = self.first("since");
            self.option("--since", since);
        }
    }

    fn everywhere(&mut self) {
        let all = ["everywhere", "overall", "runall"]
            .iter()
            .any(|concept| self.concepts.contains(concept));
        let mut environments = self.utterance.entities.of("env");
        let each = self.concepts.contains(&"allenvs") && self.intent.many && !self.takes("all");
        if each && environments.is_empty() {
            environments = self
                .utterance
                .environments
                .iter()
                .map(String::as_str)
                .collect();
        }
        if self.takes("all") && all && environments.is_empty() {
            self.push("--all");
        }
        for (slot, option) in [("region", "--region"), ("account", "--account")] {
            if self.takes(slot) {
                let value = self.first(slot);
                self.option(option, value);
            }
        }
        if self.takes("env") && !environments.is_empty() {
            let names = environments.join(",");
            self.option("--env", Some(names));
        }
        if self.takes("format") {
            let format = self.first("format");
            self.option("--format", format);
        }
        self.made
            .arguments
            .extend(wishes::options(self.intent, &self.utterance.entities));
    }

    fn needs(&mut self) {
        for need in &self.intent.needs {
            let (there, problem) = match need.as_str() {
                "service" => (
                    self.has("--service") || !self.made.missing.is_empty(),
                    "which service?",
                ),
                "issue" => (
                    self.utterance.entities.first("issue").is_some(),
                    "which issue?",
                ),
                "reason" => (self.has("--reason"), "why? say `because …`"),
                "person" => (self.utterance.person().is_some(), "to whom?"),
                "text" => (
                    self.utterance.free_text().is_some(),
                    "which text? put it in quotes, or behind a colon",
                ),
                "env" => (self.has("--env"), "which environment?"),
                "feature" => (self.has("--feature"), "a design for what?"),
                "design" => (self.has("--design"), "which design?"),
                "source" => {
                    let source = self.file().or_else(|| self.first("tag")).is_some();
                    (
                        source,
                        "from where? name a state file, or a tag as key=value",
                    )
                }
                "permission" => (
                    self.first("permission").is_some(),
                    "which permission? for instance `s3:GetObject`",
                ),
                "command" => (self.command().is_some(), "of which command?"),
                "shell" => (
                    self.first("shell").is_some(),
                    "for which shell: bash, elvish, fish, powershell or zsh?",
                ),
                "into" => (
                    self.has("--into"),
                    "merge into which issue? say `merge … into ID`",
                ),
                "monitor" => (
                    self.first("domain").is_some(),
                    "the monitor of which domain?",
                ),
                "about" => {
                    let indicator = self.first("indicator").is_some();
                    (
                        self.one_service().is_some() || indicator,
                        "of which service?",
                    )
                }
                "bundles" => (self.first("folder").is_some(), "from which folder?"),
                _ => (self.first(need).is_some(), "something is missing"),
            };
            if !there {
                self.made.missing.push(problem.to_owned());
            }
        }
    }

    fn has(&self, option: &str) -> bool {
        self.made.arguments.iter().any(|one| one == option)
    }

    /// The nearest command line, with what of it can be kept.
    fn instead(&self) -> Vec<String> {
        let keep = |slot: &str| self.utterance.entities.first(slot).map(str::to_owned);
        let environment = self.utterance.entities.of("env");
        let env = (environment.len() == 1).then(|| environment[0].to_owned());
        let service = self.one_service().map(|service| service.name);
        nearest(self.intent, keep("issue"), service, env)
    }
}

fn nearest(
    intent: &Intent,
    issue: Option<String>,
    service: Option<String>,
    env: Option<String>,
) -> Vec<String> {
    let Some(instead) = intent.instead.as_deref() else {
        return Vec::new();
    };
    let mut out: Vec<String> = instead.split(' ').map(str::to_owned).collect();
    if instead.starts_with("issues") {
        out = match issue {
            Some(id) => vec!["issues".into(), "show".into(), id],
            None => vec!["issues".into()],
        };
    }
    if instead == "health"
        && let Some(service) = service
    {
        out.extend(["--service".to_owned(), service]);
    }
    if out.len() != 3 || instead == "health" {
        let takes = matches!(
            instead,
            "health" | "dashboard" | "issues" | "issues show" | "doctor"
        );
        if let Some(env) = env.filter(|_| takes) {
            out.extend(["--env".to_owned(), env]);
        }
    }
    out
}

/// The same for a command line that was given by name.
pub(super) fn instead_of_name(intent: &Intent, arguments: &[String]) -> Vec<String> {
    let value = |name: &str| {
        let at = arguments.iter().position(|one| one == name)?;
        arguments.get(at + 1).cloned()
    };
    let issue = value("--issue").or_else(|| {
        let first = arguments.get(1)?;
        (intent.command == "escalate" && !first.starts_with('-')).then(|| first.clone())
    });
    nearest(intent, issue, value("--service"), value("--env"))
}

/// A service of this name.
pub(super) fn kind_of<'a>(name: &str, world: &'a AskContext) -> Option<&'a str> {
    let service = world.services.iter().find(|service| service.name == name)?;
    service.kind.as_deref()
}
