//! What a command line cannot do without, and how to ask for it.

use super::line::Line;

impl Line<'_> {
    /// Says what is missing.
    pub(super) fn needs(&mut self) {
        for need in &self.intent.needs {
            if need == "subject" {
                self.needs_a_subject();
                continue;
            }
            let (there, problem) = match self.of_issues(need) {
                Some(found) => found,
                None => self.of_others(need),
            };
            if !there {
                self.made.missing.push(problem.to_owned());
            }
        }
    }

    fn of_issues(&self, need: &str) -> Option<(bool, &'static str)> {
        Some(match need {
            "service" => (
                self.has("--service") || !self.made.missing.is_empty(),
                "which service?",
            ),
            "issue" => (
                self.utterance.entities.first("issue").is_some(),
                "which issue?",
            ),
            "reason" => (self.has("--reason"), "why? say `because …`"),
            "person" => (self.utterance.whom().is_some(), "to whom?"),
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
            _ => return None,
        })
    }

    fn of_others(&self, need: &str) -> (bool, &'static str) {
        match need {
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
            "with" => (
                self.has("--with"),
                "the incident of which issue? say `join … with ID`",
            ),
            "monitor" => (
                self.first("domain").is_some(),
                "the monitor of which domain?",
            ),
            "remediation" => (
                self.has("--undo"),
                "which one? `fractary remediate --history` shows their ids",
            ),
            "action" => (
                self.has("--action"),
                "by which action? `fractary investigate ID` says what would help, and `fractary remediate --list` shows all",
            ),
            "about" => {
                let indicator = self.first("indicator").is_some();
                (
                    self.one_service().is_some() || indicator,
                    "of which service?",
                )
            }
            "bundles" => {
                let folder = self.placed("bundles").or_else(|| self.first("folder"));
                (folder.is_some(), "from which folder?")
            }
            "openslo" => (!self.files().is_empty(), "from which file?"),
            "files" => (
                self.files().len() > 2,
                "which three files: base, ours, theirs?",
            ),
            _ => (self.first(need).is_some(), "something is missing"),
        }
    }
}

/// What a command line that was given by an old name lacks, and the old one did without.
pub(super) fn of_name(command: &str, arguments: &[String]) -> Option<String> {
    let has = |options: &[&str]| {
        let mut all = arguments.iter();
        all.any(|one| options.contains(&one.as_str()))
    };
    // Words that describe a symptom are no name.
    let named = arguments
        .get(1)
        .is_some_and(|one| !one.starts_with('-') && !one.contains(' '));
    let lacks = match command {
        "investigate" => !named && !has(&["--service", "--issue", "--metrics"]),
        "remediate" => !named && !has(&["--service", "--issue", "--list", "--history", "--undo"]),
        _ => false,
    };
    lacks.then(|| match command {
        "remediate" => "which service? add `--service NAME`".to_owned(),
        _ => "which service or issue is it about? add `--service NAME` or `--issue ID`".to_owned(),
    })
}
