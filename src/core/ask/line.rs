//! The command line of an intent: its arguments from what was recognised.

use super::entity::Placed;
use super::services::Services;
use super::vocabulary::Intent;
use super::{Service, Utterance, instead, places, wishes};

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
        placed: places::of(intent, utterance),
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
    line.made.changes = wishes::change_something(&line.made.arguments);
    line.made
}

pub(super) struct Line<'a> {
    /// The values of options that only some commands have.
    pub(super) placed: Vec<Placed>,
    pub(super) intent: &'a Intent,
    pub(super) utterance: &'a Utterance<'a>,
    concepts: &'a [&'a str],
    pub(super) made: Made,
}

impl Line<'_> {
    pub(super) fn takes(&self, slot: &str) -> bool {
        self.intent.has(slot)
    }

    pub(super) fn first(&self, slot: &str) -> Option<String> {
        let value = self.utterance.entities.first(slot)?;
        Some(value.to_owned())
    }

    pub(super) fn push(&mut self, value: impl Into<String>) {
        let mut value: String = value.into();
        if let Some((cut, _)) = value.char_indices().nth(LONGEST_VALUE) {
            value.truncate(cut);
        }
        self.made.arguments.push(value);
    }

    pub(super) fn option(&mut self, name: &str, value: Option<String>) {
        if let Some(value) = value {
            self.push(name);
            self.push(value);
        }
    }

    fn positional(&mut self) {
        if self.takes("words") && self.utterance.entities.first("issue").is_none() {
            if let Some(words) = self.utterance.question() {
                self.push(words);
            }
        } else if self.takes("subject") {
            self.subject();
        } else if self.takes("into") {
            self.merged("--into");
        } else if self.takes("with") {
            self.merged("--with");
        } else if self.takes("issue")
            && !self.takes("words")
            && !self.takes("service")
            && self.intent.command != "remediate"
        {
            self.ids();
        }
        for slot in [
            "url",
            "bundles",
            "about",
            "person",
            "text",
            "errorcode",
            "errorfile",
            "permission",
            "file",
            "files",
            "openslo",
            "command",
            "schema",
            "shell",
            "monitor",
        ] {
            if !self.takes(slot) {
                continue;
            }
            let value = self.argument(slot);
            if let Some(value) = value {
                self.push(value);
            }
        }
    }

    /// The value of an argument; those that may be many are written at once.
    fn argument(&mut self, slot: &str) -> Option<String> {
        match slot {
            "person" => self.utterance.whom(),
            "text" => self.utterance.free_text(),
            "about" => {
                let indicator = self.first("indicator");
                let service = self.one_service().map(|service| service.name);
                service.or(indicator)
            }
            "bundles" => self.placed("bundles").or_else(|| self.first("folder")),
            "errorcode" => self.error_code(),
            // The words of an error stand where its file would.
            "errorfile" => self.error_file(),
            "file" | "files" | "openslo" => {
                let files = self.files();
                self.made.arguments.extend(files);
                None
            }
            "monitor" => self.first("domain"),
            "command" => self.command(),
            slot => self.first(slot),
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
    pub(super) fn command(&self) -> Option<String> {
        let mut named = self.utterance.entities.of("command").into_iter();
        let other = named.find(|name| *name != self.intent.command && *name != "permissions");
        let permissions = || self.first("command").filter(|name| name == "permissions");
        let said = self.utterance.text.matches("permissions").count() > 1;
        other
            .map(str::to_owned)
            .or_else(|| permissions().filter(|_| said))
    }

    /// What is audited; security, where the words say nothing of it.
    fn audit(&self) -> Option<String> {
        let said = self.utterance.entities.of("audit");
        let spends = self.concepts.contains(&"spend");
        match said.as_slice() {
            [] => spends.then(|| "cost".to_owned()),
            [one] => Some((*one).to_owned()),
            // `a full security audit` is of security; several sorts are all of them.
            [one, "all"] | ["all", one] => Some((*one).to_owned()),
            _ => Some("all".to_owned()),
        }
    }

    /// The value of an option that words lead to.
    pub(super) fn placed(&self, option: &str) -> Option<String> {
        let mut all = self.placed.iter();
        all.find(|one| one.option == option)
            .map(|one| one.value.clone())
    }

    /// The files that are read, all of them where the command takes several.
    pub(super) fn files(&self) -> Vec<String> {
        let many = self.takes("files") || self.intent.command == "adopt";
        let all = self.utterance.entities.all.iter();
        // The last of several may stand where an answer would go to: `…, it lives at FILE`.
        let all =
            all.filter(|one| one.slot == "file" || self.takes("files") && one.slot == "output");
        let mut all: Vec<String> = all.map(|one| one.value.clone()).collect();
        let mut seen = std::collections::HashSet::new();
        all.retain(|one| {
            let placed = self.placed.iter().any(|placed| placed.value == *one);
            !placed && seen.insert(one.clone())
        });
        match (many, all.as_slice()) {
            (true, [_, _, ..]) => all,
            _ => self.file().into_iter().collect(),
        }
    }

    /// The file that is read.
    pub(super) fn file(&self) -> Option<String> {
        let entities = &self.utterance.entities;
        let free = |value: &String| !self.placed.iter().any(|one| one.value == *value);
        let written = || {
            self.first("output")
                .filter(free)
                .filter(|_| wishes::reads_it(self.intent, entities))
        };
        let piped = || {
            self.first("stdin")
                .filter(|_| matches!(self.intent.command.as_str(), "adopt" | "slo import"))
        };
        self.first("file").or_else(written).or_else(piped)
    }

    /// The service that is named, where it is one.
    pub(super) fn one_service(&self) -> Option<Service> {
        match &self.utterance.entities.services {
            Services::One(service) => Some(service.clone()),
            _ => None,
        }
    }

    fn service(&mut self) {
        if self.takes("subject") {
            return;
        }
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
        self.action();
        self.option("--service", service.map(|service| service.name));
        if self.takes("issue") {
            // `because of infra-001`.
            let mut aside = self.utterance.entities.left_out.iter();
            let tail = self
                .utterance
                .clauses
                .tail
                .map_or(0..0, |(from, to)| from..to);
            let why = aside.find(|one| one.slot == "issue" && tail.contains(&one.from));
            let issue = self
                .first("issue")
                .or_else(|| why.map(|one| one.value.clone()));
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
                "filter" => self.utterance.filter(),
                "audit" => self.audit(),
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
    pub(super) fn longest(&self, slot: &str) -> Option<String> {
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
        for (slot, option) in [
            ("listactions", "--list"),
            ("history", "--history"),
            ("debuglist", "--list"),
            ("debugstats", "--stats"),
        ] {
            if self.takes(slot) {
                self.push(option);
            }
        }
        let undone = self
            .first("remediation")
            .filter(|_| self.takes("remediation"));
        self.option("--undo", undone);
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
        ] {
            if self.takes(slot) {
                let value = match slot {
                    "priority" => self.priority(),
                    _ => self.first(source),
                };
                self.option(option, value);
            }
        }
        if self.takes("tag") {
            let tags = self.utterance.entities.of("tag").into_iter();
            let tags: Vec<String> = tags.map(str::to_owned).collect();
            for tag in tags {
                self.option("--tag", Some(tag));
            }
        }
        if self.takes("shard") {
            let value = self.first("shard");
            self.option("--shard", value);
        }
        self.symptom();
        if self.takes("reason") && self.knows("reason") {
            let reason = self.utterance.free_text();
            self.option("--reason", reason);
        }
        for (slot, option) in [("since", "--since"), ("until", "--until")] {
            if self.takes(slot) {
                let time = self.first(slot);
                self.option(option, time);
            }
        }
    }

    /// Whether the command has an option; true where its definition is not known.
    fn knows(&self, option: &str) -> bool {
        let command = self.utterance.command_of(self.intent);
        command.is_none_or(|command| command.option(option).is_some())
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
                let values = self.utterance.entities.of(slot).into_iter();
                let values: Vec<String> = values.map(str::to_owned).collect();
                let many = self.intent.command != "init";
                let most = if many { values.len() } else { 1 };
                for value in values.into_iter().take(most) {
                    self.option(option, Some(value));
                }
            }
        }
        if self.takes("env") && !environments.is_empty() {
            let names = environments.join(",");
            self.option("--env", Some(names));
        }
        self.by_name();
        if self.takes("format") {
            let format = self.first("format");
            self.option("--format", format);
        }
        for one in places::options(self.intent, self.utterance, &self.placed, self.concepts) {
            self.made.arguments.push(one);
        }
        let own = self.made.arguments.clone();
        let taken = |value: &str| own.iter().any(|one| one == value);
        let more = wishes::options(self.intent, &self.utterance.entities, &taken);
        self.made.arguments.extend(more);
        self.leanings();
    }

    pub(super) fn has(&self, option: &str) -> bool {
        self.made.arguments.iter().any(|one| one == option)
    }

    /// The nearest command line, with what of it can be kept.
    fn instead(&self) -> Vec<String> {
        let keep = |slot: &str| self.utterance.entities.first(slot).map(str::to_owned);
        let environment = self.utterance.entities.of("env");
        let env = (environment.len() == 1).then(|| environment[0].to_owned());
        let service = self.one_service().map(|service| service.name);
        instead::nearest(self.intent, keep("issue"), service, env)
    }
}
