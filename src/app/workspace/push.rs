//! `--push`: the commit goes to the remote, on top of whatever was pushed meanwhile.

use std::time::{Duration, Instant};

use crate::app::App;
use crate::app::workspace::jitter::{Jitter, TRIES};
use crate::app::workspace::landing::Landed;
use crate::app::workspace::origin::StateBranch;
use crate::app::workspace::pull_request;
use crate::app::workspace::rebuild::StateRules;
use crate::app::workspace::refusal::Refusal;
use crate::env;
use crate::error::{CommandError, ErrorKind};
use crate::git::{GitError, PushManner, PushOutcome, PushTarget, Rebuilt, Repository};
use crate::model::ids::CommitId;
use crate::model::ids::EnvironmentName;
use crate::text::Untrusted;

/// Limit for one push or one fetch.
const LIMIT: Duration = Duration::from_secs(120);

/// What became of a push.
pub(crate) struct Pushed {
    /// What stands in the end: a lost race makes the commit anew.
    pub(crate) landed: Landed,
    /// Whether what landed is where it was to go: on the remote, or only here where nothing
    /// is pushed.
    pub(crate) is_recorded: bool,
    /// The failure, beside the rest so that a command can still show its answer.
    pub(crate) result: Result<(), CommandError>,
}

impl Pushed {
    fn recorded(landed: Landed, result: Result<(), CommandError>) -> Self {
        Self {
            landed,
            is_recorded: true,
            result,
        }
    }

    fn failed(landed: Landed, error: CommandError) -> Self {
        Self {
            landed,
            is_recorded: false,
            result: Err(error),
        }
    }
}

/// Pushes what has landed, if `--push` or the mode says so. Gives back what stands in the end:
/// a lost race makes the commit anew. The failure comes beside it, so that a command can still
/// show its answer.
pub(crate) fn push_landed(
    app: &App,
    repository: &Repository,
    landed: Landed,
) -> (Landed, Result<(), CommandError>) {
    let pushed = push_pass(app, repository, landed);
    (pushed.landed, pushed.result)
}

/// The same, with whether what landed is recorded where it was to go.
pub(crate) fn push_pass(app: &App, repository: &Repository, landed: Landed) -> Pushed {
    match StateBranch::configured(repository) {
        Ok(mode) => push(app, repository, mode, landed),
        Err(error) => Pushed::failed(landed, error),
    }
}

/// The same for what lands on the branch that is checked out in any mode.
pub(crate) fn push_head(
    app: &App,
    repository: &Repository,
    landed: Landed,
) -> (Landed, Result<(), CommandError>) {
    let pushed = push(app, repository, None, landed);
    (pushed.landed, pushed.result)
}

/// Pushes a commit that only records what became of alerts. The pull request, where there is
/// one, says the same without it.
pub(crate) fn push_record(
    app: &App,
    repository: &Repository,
    landed: &Landed,
) -> Result<(), CommandError> {
    let push = Push::configured(app, repository)?;
    match landed {
        Landed::Commit(commit) if push.is_wanted() => push
            .run()
            .map(drop)
            .map_err(|error| push.with_advice(error, commit)),
        _ => Ok(()),
    }
}

/// Whether this clone outlives its runs, so that the next one finds what was committed and not
/// pushed: what an earlier run on one of these environments could not push either is still here.
/// A fresh checkout has the commit of this run only.
pub(crate) fn keeps_records(app: &App, repository: &Repository, names: &[EnvironmentName]) -> bool {
    let waiting = || -> Result<bool, CommandError> {
        let push = Push::configured(app, repository)?;
        let mut waiting = repository.waiting(&push.target()?)?;
        waiting.pop();
        let earlier = |id: &CommitId| -> Result<bool, GitError> {
            let trailers = repository.trailers(id)?;
            let has = |key: &str, value: &str| trailers.iter().any(|(k, v)| k == key && v == value);
            let on_one = names.iter().any(|name| has("Fractary-Env", name.as_str()));
            Ok(has("Fractary-Command", "run") && on_one)
        };
        for id in &waiting {
            if earlier(id)? {
                return Ok(true);
            }
        }
        Ok(false)
    };
    // What cannot be read proves nothing.
    waiting().unwrap_or(false)
}

fn push(app: &App, repository: &Repository, mode: Option<StateBranch>, landed: Landed) -> Pushed {
    let push = Push::new(app, repository, mode);
    if !push.is_wanted() {
        return Pushed::recorded(landed, Ok(()));
    }
    match landed {
        Landed::Commit(commit) => match push.run() {
            Ok(tip) => {
                let tip = tip.unwrap_or(commit);
                let delivered = push.deliver(&tip);
                Pushed::recorded(Landed::Commit(tip), delivered)
            }
            Err(error) => {
                // A rebuild may have landed before the failure.
                let commit = push.tip().ok().flatten().unwrap_or(commit);
                let error = push.with_advice(error, &commit);
                Pushed::failed(Landed::Commit(commit), error)
            }
        },
        Landed::Nothing => match push.run_if_waiting() {
            Ok(()) => Pushed::recorded(Landed::Nothing, Ok(())),
            Err(error) => Pushed::failed(Landed::Nothing, error),
        },
        other => Pushed::recorded(other, Ok(())),
    }
}

/// Brings a branch that is not checked out up to date with the remote's, where what lands on
/// it will be pushed. Without an answer a run goes on with what is known here: what it sees
/// is recorded, and the push says again what is wrong.
pub(crate) fn refresh(app: &App, repository: &Repository) -> Result<(), CommandError> {
    let push = Push::configured(app, repository)?;
    if !push.is_wanted() {
        return Ok(());
    }
    push.refresh()
}

/// The same for the machines of one run, which all need the newest state whatever is pushed.
pub(crate) fn refresh_always(app: &App, repository: &Repository) -> Result<(), CommandError> {
    Push::configured(app, repository)?.refresh()
}

pub(super) struct Push<'a> {
    app: &'a App,
    repository: &'a Repository,
    mode: Option<StateBranch>,
    side: Option<String>,
}

impl<'a> Push<'a> {
    fn new(app: &'a App, repository: &'a Repository, mode: Option<StateBranch>) -> Self {
        Self {
            app,
            repository,
            side: mode.clone().and_then(StateBranch::side),
            mode,
        }
    }

    /// As the mode of the checkout's helm.toml says.
    pub(super) fn configured(
        app: &'a App,
        repository: &'a Repository,
    ) -> Result<Self, CommandError> {
        Ok(Self::new(
            app,
            repository,
            StateBranch::configured(repository)?,
        ))
    }

    /// The branch, where it is not the one that is checked out.
    pub(super) fn side(&self) -> Option<&str> {
        self.side.as_deref()
    }

    /// The mode of pull requests pushes by itself.
    pub(super) fn is_wanted(&self) -> bool {
        self.app.global.push || self.mode.as_ref().is_some_and(|mode| mode.pull_request)
    }

    pub(super) fn target(&self) -> Result<PushTarget, GitError> {
        match &self.side {
            Some(branch) => self.repository.side_target(branch),
            None => {
                let branch = self.app.environment.ci_branch.as_deref();
                self.repository.push_target(branch)
            }
        }
    }

    fn tip(&self) -> Result<Option<CommitId>, GitError> {
        self.repository.tip(&self.target()?)
    }

    pub(super) fn manner(&self) -> PushManner {
        PushManner {
            may_ask: self.app.ui.surroundings().stderr_is_terminal,
            limit: LIMIT,
        }
    }

    fn refresh(&self) -> Result<(), CommandError> {
        let Some(branch) = &self.side else {
            return Ok(());
        };
        let target = match self.target() {
            // Without a remote there is nothing to fetch, and pushing will say so.
            Err(GitError::NoPushTarget { .. }) => return Ok(()),
            target => target?,
        };
        let done = match self.repository.fetch_if_there(&target, self.manner()) {
            Ok(Some(onto)) => self.rebuild_onto(&target, &onto).and_then(|_| {
                let here = self.repository.ensure_state(&onto);
                here.map_err(sanitize)
            }),
            Ok(None) => return Ok(()),
            Err(error @ GitError::Interrupted { .. }) => return Err(sanitize(error)),
            Err(error) => Err(sanitize(error)),
        };
        let Err(error) = done else { return Ok(()) };
        if !self.repository.knows(&target)? {
            let hint = format!(
                "the state is on {branch}, and nothing of it is here: nothing was queried and nothing was changed"
            );
            return Err(error.hint(Untrusted::from(hint).terminal()));
        }
        let branch = Untrusted::from(branch.as_str()).terminal();
        self.app.ui.warn(&format!(
            "{branch} could not be brought up to date: {}; going on with what is known of it here",
            Untrusted::from(format!("{:#}", error.error)).terminal()
        ));
        Ok(())
    }

    fn deliver(&self, tip: &CommitId) -> Result<(), CommandError> {
        match &self.mode {
            Some(mode) if mode.pull_request => {
                pull_request::deliver(self.app, self.repository, mode, tip).map_err(|error| {
                    let place = match self.target() {
                        Ok(target) => format!("{}/{}", target.remote, target.branch),
                        Err(_) => "its branch".to_owned(),
                    };
                    error.hint(format!(
                        "commit {} is pushed to {place}; only the pull request is not up to date",
                        tip.short()
                    ))
                })
            }
            _ => Ok(()),
        }
    }

    /// A quiet run pushes what an earlier one could not.
    fn run_if_waiting(&self) -> Result<(), CommandError> {
        let target = self.target()?;
        if self
            .repository
            .waiting(&target)
            .map_err(sanitize)?
            .is_empty()
        {
            return Ok(());
        }
        match (self.run(), self.repository.tip(&target)?) {
            (Ok(Some(tip)), _) => self.deliver(&tip),
            (Ok(None), _) => Ok(()),
            (Err(error), Some(tip)) => Err(self.with_advice(error, &tip)),
            (Err(error), None) => Err(error),
        }
    }

    /// Pushes HEAD, or the branch; tells where it is then.
    fn run(&self) -> Result<Option<CommitId>, CommandError> {
        let target = self.target()?;
        let manner = self.manner();
        if target.detached {
            // What is checked out need not be the branch, for instance GitHub's trial merge
            // of a pull request: only what we made ourselves may go there.
            let onto = self.repository.fetch(&target, manner).map_err(sanitize)?;
            self.repository
                .expect_own(&target, &onto)
                .map_err(sanitize)?;
        }
        let jitter = Jitter::new(self.app.environment.jitter_seed);
        let mut lost = String::new();
        for attempt in 0..=TRIES {
            let start = Instant::now();
            if attempt > 0 && self.rebuild(&target, manner)? == Rebuilt::Contained {
                // An earlier push arrived although its answer did not, or others have recorded
                // the same.
                return Ok(self.repository.tip(&target)?);
            }
            match self.repository.push(&target, manner).map_err(sanitize)? {
                outcome @ (PushOutcome::Done | PushOutcome::Revived) => {
                    if outcome == PushOutcome::Revived {
                        self.warn_of_revival(&target);
                    }
                    let tip = self.repository.tip(&target)?;
                    let place = format!("{}/{}", target.remote, target.branch);
                    let place = Untrusted::from(place).terminal();
                    self.app.ui.note(&match attempt {
                        0 => format!("pushed to {place}"),
                        _ => format!("pushed to {place}, on top of what others pushed meanwhile"),
                    });
                    return Ok(tip);
                }
                PushOutcome::Refused(said) => {
                    let place = format!("{}/{}", target.remote, target.branch);
                    let headline = format!("the push to {place} was refused");
                    let error = CommandError::new(ErrorKind::Git, explain(&headline, &said));
                    let advice = Refusal::read(&said).advice(self.side.is_none());
                    return Err(match advice {
                        Some(advice) => error.hint(advice),
                        None => error,
                    });
                }
                PushOutcome::Lost(reason) => lost = reason,
            }
            if attempt < TRIES {
                env::wait(jitter.pause(attempt, start.elapsed()));
            }
        }
        let headline = format!(
            "others pushed during each of {} attempts to push",
            TRIES + 1
        );
        Err(CommandError::new(ErrorKind::Git, explain(&headline, &lost)))
    }

    /// A branch that was deleted or renamed since it was last fetched has come back with the
    /// push, and nobody looks at it.
    fn warn_of_revival(&self, target: &PushTarget) {
        let place = format!("{}/{}", target.remote, target.branch);
        self.app.ui.warn(&format!(
            "{} had been deleted or renamed on the remote, and this push made it anew; name the branch that took its place with `git branch --set-upstream-to`, and delete this one",
            Untrusted::from(place).terminal()
        ));
    }

    fn rebuild(&self, target: &PushTarget, manner: PushManner) -> Result<Rebuilt, CommandError> {
        let onto = self.repository.fetch(target, manner).map_err(sanitize)?;
        self.rebuild_onto(target, &onto)
    }

    fn rebuild_onto(&self, target: &PushTarget, onto: &CommitId) -> Result<Rebuilt, CommandError> {
        let rules = StateRules {
            ui: &self.app.ui,
            repository: self.repository,
            side: self.side.clone(),
            now: self.app.clock.now(),
        };
        self.repository
            .rebuild(target, onto, &rules, rules.now)
            .map_err(sanitize)
    }

    fn with_advice(&self, error: CommandError, commit: &CommitId) -> CommandError {
        let short = commit.short();
        // Most checkouts of workflows are gone when they end.
        let is_lost = self.app.environment.ci_reference.is_some();
        let place = match is_lost {
            true => "in this checkout only, and lost with it",
            false => "safe in this repository",
        };
        match self.target() {
            Ok(PushTarget {
                side: Some(branch),
                remote,
                ..
            }) => error.hint(format!(
                "commit {short} is {}; `git push {remote} {branch}` pushes it, and so does the next run here that pushes",
                match is_lost {
                    true => format!("on {branch} {place}"),
                    false => format!("safe on {branch} in this repository"),
                }
            )),
            Ok(target) => error.hint(format!(
                "commit {short} is {place}; `git push {} HEAD:refs/heads/{}` pushes it, and so does the next run here with `--push`",
                target.remote, target.branch
            )),
            Err(_) => error.hint(format!("commit {short} is {place}")),
        }
    }
}

/// An error of git whose words may come from a remote or a hook: made safe to print.
pub(super) fn sanitize(error: GitError) -> CommandError {
    let hint = error.hint();
    let text = error.to_string();
    let (headline, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let kind = match error {
        GitError::Interrupted { .. } => ErrorKind::Interrupted,
        _ => ErrorKind::Git,
    };
    let error = CommandError::new(kind, explain(headline, rest));
    match hint {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

/// A headline, and what was said as its causes, a line each.
fn explain(headline: &str, said: &str) -> anyhow::Error {
    let clean = |line: &str| Untrusted::from(line).terminal();
    let lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut causes: Vec<String> = std::iter::once(headline).chain(lines).map(clean).collect();
    let last = causes.pop().unwrap_or_default();
    causes
        .into_iter()
        .rev()
        .fold(anyhow::Error::msg(last), anyhow::Error::context)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_remote_says_is_made_safe() {
        let error = explain(
            "the push was refused",
            "remote: \u{1b}[31mno\n\nhttps://u:p4ssw0rd@host/x\n",
        );
        let lines: Vec<String> = error.chain().map(ToString::to_string).collect();
        assert_eq!(lines.len(), 3);
        let all = lines.join("\n");
        assert!(
            !all.contains('\u{1b}') && !all.contains("p4ssw0rd"),
            "{all}"
        );
    }
}
