//! `--push`: the commit goes to the remote, on top of whatever was pushed meanwhile.

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

use crate::app::App;
use crate::app::workspace::landing::Landed;
use crate::app::workspace::origin::StateBranch;
use crate::app::workspace::pull_request;
use crate::app::workspace::rebuild::StateRules;
use crate::env;
use crate::error::{CommandError, ErrorKind};
use crate::git::{GitError, PushManner, PushOutcome, PushTarget, Rebuilt, Repository};
use crate::model::ids::CommitId;
use crate::text::Untrusted;

/// How often a lost race is run again.
const TRIES: u32 = 5;

/// Limit for one push or one fetch.
const LIMIT: Duration = Duration::from_secs(120);

/// Pushes what has landed, if `--push` or the mode says so. Gives back what stands in the end:
/// a lost race makes the commit anew. The failure comes beside it, so that a command can still
/// show its answer.
pub(crate) fn push_landed(
    app: &App,
    repository: &Repository,
    landed: Landed,
) -> (Landed, Result<(), CommandError>) {
    match StateBranch::configured(repository) {
        Ok(mode) => push(app, repository, mode, landed),
        Err(error) => (landed, Err(error)),
    }
}

/// The same for what lands on the branch that is checked out in any mode.
pub(crate) fn push_head(
    app: &App,
    repository: &Repository,
    landed: Landed,
) -> (Landed, Result<(), CommandError>) {
    push(app, repository, None, landed)
}

fn push(
    app: &App,
    repository: &Repository,
    mode: Option<StateBranch>,
    landed: Landed,
) -> (Landed, Result<(), CommandError>) {
    let push = Push::new(app, repository, mode);
    if !push.is_wanted() {
        return (landed, Ok(()));
    }
    match landed {
        Landed::Commit(commit) => match push.run() {
            Ok(tip) => {
                let tip = tip.unwrap_or(commit);
                let delivered = push.deliver(&tip);
                (Landed::Commit(tip), delivered)
            }
            Err(error) => {
                // A rebuild may have landed before the failure.
                let commit = push.tip().ok().flatten().unwrap_or(commit);
                let error = push.with_advice(error, &commit);
                (Landed::Commit(commit), Err(error))
            }
        },
        Landed::Nothing => {
            let result = push.run_if_waiting();
            (Landed::Nothing, result)
        }
        other => (other, Ok(())),
    }
}

/// Brings a branch that is not checked out up to date with the remote's, where what lands on
/// it will be pushed. Without an answer a run goes on with what is known here: what it sees
/// is recorded, and the push says again what is wrong.
pub(crate) fn refresh(app: &App, repository: &Repository) -> Result<(), CommandError> {
    let push = Push::new(app, repository, StateBranch::configured(repository)?);
    if !push.is_wanted() {
        return Ok(());
    }
    push.refresh()
}

/// The same for the machines of one run, which all need the newest state whatever is pushed.
pub(crate) fn refresh_always(app: &App, repository: &Repository) -> Result<(), CommandError> {
    Push::new(app, repository, StateBranch::configured(repository)?).refresh()
}

struct Push<'a> {
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

    /// The mode of pull requests pushes by itself.
    fn is_wanted(&self) -> bool {
        self.app.global.push || self.mode.as_ref().is_some_and(|mode| mode.pull_request)
    }

    fn target(&self) -> Result<PushTarget, GitError> {
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

    fn manner(&self) -> PushManner {
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
            Ok(Some(onto)) => self.rebuild_onto(&target, &onto).map(drop),
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
        if !self.repository.own_unpushed(&target).map_err(sanitize)? {
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
                PushOutcome::Done => {
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
                    return Err(CommandError::new(ErrorKind::Git, explain(&headline, &said)));
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
        match self.target() {
            Ok(PushTarget {
                side: Some(branch),
                remote,
                ..
            }) => error.hint(format!(
                "commit {short} is safe on {branch} in this repository; `git push {remote} {branch}` pushes it, and so does the next run that pushes"
            )),
            Ok(target) => error.hint(format!(
                "commit {short} is safe in this repository; `git push {} HEAD:refs/heads/{}` pushes it, and so does the next run with `--push`",
                target.remote, target.branch
            )),
            Err(_) => error.hint(format!("commit {short} is safe in this repository")),
        }
    }
}

/// An error of git whose words may come from a remote or a hook: made safe to print.
fn sanitize(error: GitError) -> CommandError {
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

/// Waiting times that spread out those who lost the same race.
struct Jitter {
    seed: Option<u64>,
}

impl Jitter {
    fn new(seed: Option<u64>) -> Self {
        Self { seed }
    }

    /// A random time before the next attempt.
    fn pause(&self, attempt: u32, round: Duration) -> Duration {
        let random = match self.seed {
            Some(seed) => {
                let mixed = seed.wrapping_add(u64::from(attempt) + 1);
                mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15)
            }
            // Keys of its hash maps are what a process has as random numbers without asking
            // for more.
            None => RandomState::new().hash_one(attempt),
        };
        spread(attempt, round).mul_f64(f64::from((random >> 32) as u32) / f64::from(u32::MAX))
    }
}

/// The longest time to wait: some rounds of fetch and push, twice as many each time.
fn spread(attempt: u32, round: Duration) -> Duration {
    let first = (round * 4).clamp(Duration::from_millis(500), Duration::from_secs(8));
    (first * 2u32.saturating_pow(attempt)).min(Duration::from_secs(40))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_grows_and_is_bounded() {
        let round = Duration::from_millis(200);
        let longest: Vec<u128> = (0..TRIES).map(|n| spread(n, round).as_millis()).collect();
        assert_eq!(longest, [800, 1600, 3200, 6400, 12800]);
        assert_eq!(spread(9, Duration::from_secs(60)), Duration::from_secs(40));
        for attempt in 0..TRIES {
            let random = Jitter::new(None).pause(attempt, round);
            assert!(random <= spread(attempt, round));
            let seeded = |seed| Jitter::new(Some(seed)).pause(attempt, round);
            assert_eq!(seeded(7), seeded(7));
            assert_ne!(seeded(7), seeded(8));
        }
    }

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
