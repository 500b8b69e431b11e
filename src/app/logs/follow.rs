//! Follows logs until it is interrupted.

use std::time::Duration;

use super::groups::{FoundGroup, FoundGroups, GroupPlace, NotFound};
use super::session::{LogRequest, LogSession};
use crate::app::App;
use crate::app::wait;
use crate::app::workspace::Workspace;
use crate::cloud::question::LogsQuestion;
use crate::core::investigate::logs::{Follower, LineMaker};
use crate::error::{CommandError, ErrorKind, ExitCode};
use crate::model::fact::{Gap, GapCause};
use crate::model::log_events::{LogEvent, LogLine, LogWay};
use crate::process::Interrupts;
use crate::text::escape;

/// How long is waited between two reads.
const PAUSE: Duration = Duration::from_secs(2);
/// Milliseconds after which nothing continues a line any more.
const SETTLED: i64 = 2_000;
/// Milliseconds by which the clocks of programs may be ahead.
const AHEAD: i64 = 5_000;

/// A group that is followed.
struct Followed<'a> {
    place: GroupPlace<'a>,
    name: String,
    follower: Follower,
    maker: LineMaker,
    /// Whether the last read failed, which is said once.
    is_failing: bool,
}

/// Prints what is written to the logs from `request.start` on, until it is interrupted.
pub(crate) fn follow(
    app: &App,
    workspace: &Workspace,
    request: &LogRequest,
    mut print: impl FnMut(&LogLine) -> Result<(), CommandError>,
) -> Result<ExitCode, CommandError> {
    if app.clock.is_fixed() || app.global.replay.is_some() || app.global.record.is_some() {
        return Err(CommandError::usage(
            "`--follow` reads what is written now: it has no `--at`, `--record` and `--replay`",
        ));
    }
    let session = LogSession::open(app, workspace, request)?;
    let mut interrupts = Interrupts::watch();
    wait::runtime()?.block_on(async {
        let connection = tokio::select! {
            biased;
            _ = interrupts.next() => return Ok(ExitCode::Ok),
            connection = session.connect(app) => connection?,
        };
        let found = tokio::select! {
            biased;
            _ = interrupts.next() => return Ok(ExitCode::Ok),
            found = session.find(&connection) => found,
        };
        warn_of_others(app, &found);
        let mut all = FollowedGroups {
            groups: start(&found, request.start.as_millisecond())?,
            ready: Vec::new(),
        };
        loop {
            // What an interrupt leaves is whole: nothing is between a read and `ready`.
            let ended = tokio::select! {
                biased;
                _ = interrupts.next() => true,
                done = all.round(app) => done.map(|()| false)?,
            };
            all.print(request, ended, &mut print)?;
            let ended = ended
                || tokio::select! {
                    biased;
                    _ = interrupts.next() => true,
                    () = tokio::time::sleep(PAUSE) => false,
                };
            if ended {
                all.print(request, true, &mut print)?;
                return Ok(ExitCode::Ok);
            }
        }
    })
}

fn warn_of_others(app: &App, found: &[(GroupPlace<'_>, FoundGroups)]) {
    for one in found.iter().flat_map(|(_, groups)| &groups.elsewhere) {
        let text = format!("{}: {}", one.resource.terminal(), one.what.terminal());
        app.ui.warn(&text);
    }
    let groups = || found.iter().flat_map(|(_, found)| &found.groups);
    let is_missing = |group: &FoundGroup| matches!(group.group, Err(NotFound::Silent(_)));
    // Where none exists, that is an error.
    if groups().all(is_missing) {
        return;
    }
    for group in groups().filter(|group| is_missing(group)) {
        let name = escape::terminal(&group.name);
        let text = format!("no such log group: {name}; it is not followed");
        app.ui.warn(&text);
    }
}

/// All groups that are followed, and the lines that are to be printed.
struct FollowedGroups<'a> {
    groups: Vec<Followed<'a>>,
    ready: Vec<LogLine>,
}

impl FollowedGroups<'_> {
    /// Reads every group once.
    async fn round(&mut self, app: &App) -> Result<(), CommandError> {
        let now = app.clock.now().as_millisecond();
        for group in &mut self.groups {
            match group.read(now + AHEAD, &mut self.ready).await {
                Ok(()) => {
                    group.is_failing = false;
                    group.follower.end(now);
                    self.ready.extend(group.maker.settle(now - SETTLED));
                }
                // The span is read again, so that nothing is lost.
                Err(gap) => group.failed(app, &gap)?,
            }
        }
        Ok(())
    }

    /// Prints what is ready, and at the end what might still have grown.
    fn print(
        &mut self,
        request: &LogRequest,
        is_end: bool,
        print: &mut impl FnMut(&LogLine) -> Result<(), CommandError>,
    ) -> Result<(), CommandError> {
        if is_end {
            for group in &mut self.groups {
                self.ready.extend(group.maker.finish());
            }
        }
        self.ready.sort_by_key(|line| line.at);
        for line in self.ready.drain(..) {
            if request.choice.refuses(&line).is_none() {
                print(&line)?;
            }
        }
        Ok(())
    }
}

fn start<'a>(
    found: &[(GroupPlace<'a>, FoundGroups)],
    from: i64,
) -> Result<Vec<Followed<'a>>, CommandError> {
    let mut followed = Vec::new();
    let mut missing = Vec::new();
    for (place, groups) in found {
        for group in &groups.groups {
            match &group.group {
                Err(NotFound::Silent(_)) => missing.push(group.name.clone()),
                _ => followed.push(follow_group(*place, group, from)),
            }
        }
    }
    if followed.is_empty() {
        let names: Vec<String> = missing.iter().map(|name| escape::terminal(name)).collect();
        return Err(CommandError::usage(match names.is_empty() {
            true => "there is no log group to follow".to_owned(),
            false => format!("no such log group: {}", names.join(", ")),
        }));
    }
    Ok(followed)
}

fn follow_group<'a>(place: GroupPlace<'a>, group: &FoundGroup, from: i64) -> Followed<'a> {
    Followed {
        place,
        name: group.name.clone(),
        follower: Follower::new(from),
        maker: LineMaker::default(),
        is_failing: false,
    }
}

impl Followed<'_> {
    /// Reads to the end of what there is, and adds the lines that are complete.
    async fn read(&mut self, end: i64, ready: &mut Vec<LogLine>) -> Result<(), Gap> {
        let mut question = LogsQuestion {
            environment: self.place.environment.clone(),
            region: self.place.region.clone(),
            group: self.name.clone(),
            way: LogWay::Filter,
            start: self.follower.start(),
            end,
            page: None,
        };
        let mut events: Vec<LogEvent> = Vec::new();
        loop {
            let page = self.place.cloud.logs(&question).await?;
            events.extend(page.events);
            if page.next.is_none() {
                break;
            }
            question.page = page.next;
        }
        events.sort_by_key(|event| (event.time, event.received));
        for event in &events {
            if self.follower.is_new(&event.id, event.time, event.received) {
                ready.extend(self.maker.add(&self.name, event));
            }
        }
        Ok(())
    }

    /// Says once that a read failed; ends where waiting does not help.
    fn failed(&mut self, app: &App, gap: &Gap) -> Result<(), CommandError> {
        let group = escape::terminal(&self.name);
        let text = format!(
            "could not read the log group {group}: {}: {}",
            gap.cause.words(),
            gap.message.terminal()
        );
        let passes = matches!(
            gap.cause,
            GapCause::Throttled | GapCause::TimedOut | GapCause::Unreachable | GapCause::Partial
        );
        if !passes {
            let error = CommandError::say(ErrorKind::Unknown, text);
            return Err(match &gap.missing_permission {
                Some(permission) => error.hint(format!("allow `{permission}` for this identity")),
                None => error,
            });
        }
        if !std::mem::replace(&mut self.is_failing, true) {
            app.ui.warn(&format!("{text}; trying again"));
        }
        Ok(())
    }
}
