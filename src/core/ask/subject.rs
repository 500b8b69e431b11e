//! What a cause is looked for, and what an action changes.

use super::actions;
use super::line::Line;
use super::services::Services;

impl Line<'_> {
    /// Whether a cause is looked for in files, and not in AWS.
    pub(super) fn is_of_files(&self) -> bool {
        self.intent.has("subject") && self.placed("metrics").is_some()
    }

    /// What a cause is looked for: an issue, or else a resource. A text is kept beside it, as a
    /// note.
    pub(super) fn subject(&mut self) {
        if self.is_of_files() {
            return;
        }
        let issues = self.utterance.entities.of("issue");
        let (option, subject) = match (issues.as_slice(), &self.utterance.entities.services) {
            ([], Services::One(service)) => ("--service", service.name.clone()),
            ([], Services::Several(names)) => {
                let problem = format!("which one: {}?", names.join(", "));
                self.made.missing.push(problem);
                return;
            }
            ([], Services::None) => return,
            ([one], _) => ("--issue", (*one).to_owned()),
            _ => {
                let problem = "`investigate` takes one issue at a time".to_owned();
                self.made.missing.push(problem);
                return;
            }
        };
        match self.utterance.free_text() {
            Some(note) => {
                self.push(note);
                self.option(option, Some(subject));
            }
            None => self.push(subject),
        }
    }

    /// The code of an error, where its text is not given.
    pub(super) fn error_code(&self) -> Option<String> {
        let text = self.utterance.free_text();
        self.first("errorcode").filter(|_| text.is_none())
    }

    /// The file with an error, where neither text nor code is given: `in plan.log`.
    pub(super) fn error_file(&self) -> Option<String> {
        let utterance = self.utterance;
        if utterance.free_text().is_some() || self.error_code().is_some() {
            return None;
        }
        let lies = |from: usize| utterance.tokens[from].word == "in";
        let mut all = utterance.entities.all.iter();
        let file = all.find(|one| one.slot == "file" || one.slot == "output" && lies(one.from));
        file.map(|one| one.value.clone())
    }

    /// Where the symptom is in the files, and what it shows in.
    pub(super) fn symptom(&mut self) {
        if self.is_of_files() {
            let target = self.one_service().map(|service| service.name);
            let target = target.or_else(|| self.node());
            if !self.placed.iter().any(|one| one.option == "target") {
                self.option("--target", target);
            }
            let symptom = self.longest("symptom");
            self.option("--symptom", symptom);
        }
    }

    /// A name that nothing else here has, where the metrics have one: `seen at gateway`.
    fn node(&self) -> Option<String> {
        let utterance = self.utterance;
        let names = |at: &usize| {
            let token = &utterance.tokens[*at];
            let before = at
                .checked_sub(1)
                .map_or("", |at| utterance.tokens[at].word.as_str());
            let led = matches!(
                before,
                "at" | "of" | "on" | "in" | "for" | "node" | "from" | "by"
            );
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
            let placed = self
                .placed
                .iter()
                .any(|one| (one.from..one.to).contains(at));
            led && !placed
                && !token.quoted
                && !utterance.is_named(*at)
                && !utterance.clauses.masked.contains(at)
                && token.raw.chars().all(plain)
                && !utterance.vocabulary.is_filler(&token.word)
                && !matches!(token.word.as_str(), "json" | "markdown" | "sarif" | "text")
        };
        let mut all = (0..utterance.tokens.len()).filter(names);
        let led = all.next().map(|at| utterance.tokens[at].raw.clone());
        utterance.stranger().or(led)
    }

    /// A cause is looked for in AWS for a resource or an issue, and in files for a symptom.
    pub(super) fn needs_a_subject(&mut self) {
        let mut lacks = Vec::new();
        let named = self.made.arguments.get(1);
        if self.is_of_files() {
            lacks.extend((!self.has("--target")).then_some("of which service?"));
            let symptom = "which symptom: latency or availability?";
            lacks.extend((!self.has("--symptom")).then_some(symptom));
        } else if self.made.missing.is_empty() && named.is_none_or(|one| one.starts_with("--")) {
            lacks.push(
                "which service or issue is it about? `fractary issues` lists those that are open",
            );
        }
        let lacks = lacks.into_iter().map(str::to_owned);
        self.made.missing.extend(lacks);
    }

    /// The action that an order means for the resource.
    pub(super) fn action(&mut self) {
        let Some(service) = self.one_service().filter(|_| self.intent.action.is_some()) else {
            return;
        };
        match actions::of(self.intent, self.utterance) {
            Some(action) => {
                self.option("--action", Some(action.id.clone()));
                let missing = actions::missing(action, &self.placed);
                self.made.missing.extend(missing);
            }
            None => {
                let (said, name) = (self.intent.title(), service.name);
                let problem = format!("there is no action to {said} {name}");
                self.made.missing.push(problem);
            }
        }
    }
}
