//! From the start of a program to its end: its limits are kept, and nothing of it is left.

use std::io;
use std::pin::pin;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;
use tokio::process::Child;
use tokio::process::ChildStdin;

use crate::process::group::Group;
use crate::process::interrupts::{Interrupt, Interrupts};
use crate::process::lines::Line;
use crate::process::output::{Listener, Outputs};
use crate::process::start;
use crate::process::{End, Grouping, OnInterrupt, Program, Ran, StartError};

/// Time for what is left in the pipes once the program is gone. What it left behind, or what
/// has left its group, may hold them open for ever.
const DRAIN: Duration = Duration::from_millis(500);

/// Most time that what a program has started gets after it, where all of it was asked to end.
const AFTER_IT: Duration = Duration::from_secs(5);

/// Runs a program to its end, or to one of its limits, and keeps what it prints. Nothing of its
/// group is left, not even when this future is dropped.
///
/// # Errors
/// [`StartError`] where it could not even begin.
pub async fn run(program: &Program) -> Result<Ran, StartError> {
    supervise(
        program,
        Listener::Keep(program.most_output),
        watched(program),
    )
    .await
}

/// The same, handing on every line of both outputs as soon as it is complete, and keeping none
/// of standard output.
///
/// # Errors
/// [`StartError`] where it could not even begin.
pub async fn stream(
    program: &Program,
    mut hand_on: impl FnMut(Line) + Send,
) -> Result<Ran, StartError> {
    supervise(program, Listener::Lines(&mut hand_on), watched(program)).await
}

/// [`run`] where nothing else is waited for meanwhile, inside a runtime or outside of one.
///
/// # Errors
/// [`StartError`] where it could not even begin.
pub fn run_blocking(program: &Program) -> Result<Ran, StartError> {
    let run = || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| StartError::Failed(start::name(program), error.to_string()))?;
        runtime.block_on(run(program))
    };
    // A runtime may not wait for another on its own thread.
    std::thread::scope(|scope| scope.spawn(run).join())
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn watched(program: &Program) -> Interrupts {
    match program.on_interrupt {
        OnInterrupt::LeaveToCaller => Interrupts::none(),
        OnInterrupt::PassOn => Interrupts::watch(),
        OnInterrupt::PassOnOnce => Interrupts::watch_hang_up(),
    }
}

pub(crate) async fn supervise(
    program: &Program,
    listener: Listener<'_>,
    mut interrupts: Interrupts,
) -> Result<Ran, StartError> {
    let began = Instant::now();
    let mut child = start::start(program).await?;
    let mut group = Group::new(&child, program.group);
    let mut outputs = Outputs::new(&mut child, listener);
    let (status, asked) =
        until_end(program, &mut child, &group, &mut outputs, &mut interrupts).await;
    if status.is_some() {
        group.has_ended();
    }
    let left = Left {
        group,
        child,
        outputs: &mut outputs,
        has_ended: status.is_some(),
    };
    left.clear(program, asked, interrupts).await;
    let too_much = outputs.is_too_much().then_some(End::TooMuch);
    let own = status.map_or(End::Code(-1), |status| status.map_or(End::Code(-1), end_of));
    let (output, last_words) = outputs.finish();
    Ok(Ran {
        output,
        last_words,
        end: asked.or(too_much).unwrap_or(own),
        duration: began.elapsed(),
    })
}

/// Waits until the program has ended, or was asked to and did not: how it ended, and why it was
/// asked.
async fn until_end(
    program: &Program,
    child: &mut Child,
    group: &Group,
    outputs: &mut Outputs<'_>,
    interrupts: &mut Interrupts,
) -> (Option<io::Result<ExitStatus>>, Option<End>) {
    let mut feeding = pin!(feed(child.stdin.take(), program.input.as_deref()));
    let mut fed = false;
    let mut limit = pin!(tokio::time::sleep(program.limit));
    // Why it has been asked to end; once it was, whatever comes next kills it.
    let mut asked: Option<End> = None;
    loop {
        let reason = tokio::select! {
            status = child.wait() => return (Some(status), asked),
            () = &mut limit => End::TimedOut,
            interrupt = interrupts.next() => {
                if asked.is_some() && program.on_interrupt == OnInterrupt::PassOnOnce {
                    continue;
                }
                if asked.is_none() && is_sent_to_all(interrupt, program.group) {
                    // It has the signal already, and must not get it twice.
                    limit.as_mut().reset(tokio::time::Instant::now() + program.ending.grace);
                    asked = Some(End::Interrupted);
                    continue;
                }
                End::Interrupted
            }
            () = &mut feeding, if !fed => {
                fed = true;
                continue;
            }
            () = outputs.read(), if outputs.is_open() => {
                if asked.is_some() || !outputs.is_too_much() {
                    continue;
                }
                End::TooMuch
            }
        };
        if asked.is_some() {
            return (None, asked);
        }
        asked = Some(reason);
        // It may say why, and end what it started.
        group.ask_to_end(program.ending.signal);
        limit
            .as_mut()
            .reset(tokio::time::Instant::now() + program.ending.grace);
    }
}

/// What may be left of a program that has ended, or that did not when it was asked to.
struct Left<'a, 'b> {
    group: Group,
    child: Child,
    outputs: &'a mut Outputs<'b>,
    /// Whether the program itself is gone.
    has_ended: bool,
}

impl Left<'_, '_> {
    /// Reads what is still in the pipes and leaves no process behind.
    async fn clear(mut self, program: &Program, asked: Option<End>, mut interrupts: Interrupts) {
        match (asked, self.has_ended) {
            (None, _) if program.group == Grouping::OwnWithDaemons => self.group.leave(),
            // What it had started was asked as well, and ends in its own time; who waits for the
            // end of the outputs waits for them.
            (Some(_), true) if program.files.is_none() => tokio::select! {
                () = self.outputs.read_to_end() => {}
                () = tokio::time::sleep(program.ending.grace.min(AFTER_IT)) => {}
                _ = interrupts.next() => {}
            },
            _ => {}
        }
        self.group.kill();
        if !self.has_ended {
            // Where there are no groups.
            drop(self.child.start_kill());
        }
        drop(tokio::time::timeout(DRAIN, self.outputs.read_to_end()).await);
        // Killed above, so this takes no time; it leaves no zombie.
        drop(tokio::time::timeout(DRAIN, self.child.wait()).await);
        self.group.has_ended();
    }
}

/// Whether the program has got the signal as this process has.
fn is_sent_to_all(interrupt: Interrupt, group: Grouping) -> bool {
    interrupt == Interrupt::CtrlC && group == Grouping::Shared
}

/// Writes the input and closes it. A program that does not read it to the end is no failure.
async fn feed(pipe: Option<ChildStdin>, input: Option<&[u8]>) {
    if let (Some(mut pipe), Some(input)) = (pipe, input) {
        drop(pipe.write_all(input).await);
    }
}

#[cfg(unix)]
fn end_of(status: ExitStatus) -> End {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => End::Code(code),
        (None, Some(signal)) => End::Signal(signal),
        (None, None) => End::Code(-1),
    }
}

#[cfg(not(unix))]
fn end_of(status: ExitStatus) -> End {
    End::Code(status.code().unwrap_or(-1))
}
