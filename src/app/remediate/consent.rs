//! Consent at the terminal, and by `--yes`.

use std::io::{BufRead, IsTerminal};
use std::sync::mpsc;
use std::time::Duration;

use crate::app::App;
use crate::app::remediate::prepare::Chosen;
use crate::app::workspace::{Workspace, landing};
use crate::core::remediate::permit::{Forbidden, Freeze};
use crate::error::{CommandError, ErrorKind};
use crate::model::ids::EnvironmentName;
use crate::model::remediation::{ConsentRecord, ConsentWay};

/// Asks for consent, where the action may be run at all.
///
/// # Errors
/// Where it may not, or nobody agrees.
pub(crate) fn obtain(
    app: &App,
    workspace: &Workspace,
    chosen: &Chosen,
    freeze: Option<&Freeze>,
    yes: bool,
) -> Result<ConsentRecord, CommandError> {
    let now = app.clock.now();
    let way = if yes {
        ConsentWay::Flag
    } else {
        ConsentWay::Typed
    };
    let permitted = chosen.permit(way, freeze, now);
    permitted.map_err(|forbidden| refused(&forbidden, chosen))?;
    if way == ConsentWay::Typed {
        ask(app, &chosen.environment.name, chosen.is_protected)?;
    }
    Ok(ConsentRecord {
        by: landing::find_person(app, workspace)?,
        how: way,
        at: now,
        reference: None,
    })
}

fn refused(forbidden: &Forbidden, chosen: &Chosen) -> CommandError {
    let words = forbidden.words();
    let error = CommandError::say(ErrorKind::Refused, format!("{words}; nothing was changed"));
    match forbidden {
        Forbidden::Protected => error.hint(format!(
            "run it without `--yes` at a terminal, and type `yes` and `{}`",
            chosen.environment.name
        )),
        Forbidden::Never => error.hint("the steps by hand are shown above"),
        Forbidden::NeedsConsent | Forbidden::Frozen(_) | Forbidden::Overdue(_) => error,
    }
}

/// Asks a person. In a protected environment its name is typed as well.
///
/// # Errors
/// Where nobody is there to ask, or who is there does not agree.
pub(crate) fn ask(
    app: &App,
    name: &EnvironmentName,
    is_protected: bool,
) -> Result<(), CommandError> {
    expect_terminal(app, is_protected)?;
    expect(app, "Continue? (yes/no)", "yes")?;
    if is_protected {
        expect(
            app,
            &format!("Type {name} to apply it there:"),
            name.as_str(),
        )?;
    }
    Ok(())
}

/// Refuses to go on where there is nobody to ask.
pub(crate) fn expect_terminal(app: &App, is_protected: bool) -> Result<(), CommandError> {
    if !(std::io::stdin().is_terminal() && app.ui.surroundings().stderr_is_terminal) {
        let error = CommandError::say(
            ErrorKind::Refused,
            "it needs consent, and there is no terminal to ask at; nothing was changed",
        );
        return Err(match is_protected {
            true => error.hint("run it at a terminal"),
            false => error.hint("run it at a terminal, or with `--yes`"),
        });
    }
    Ok(())
}

/// How long an answer is waited for: a plan that was shown long ago is agreed to by nobody.
const PATIENCE: Duration = Duration::from_secs(300);

/// Reads a line, and waits no longer for it than this.
fn answer_within(patience: Duration) -> Result<String, CommandError> {
    let (send, receive) = mpsc::channel();
    // It ends with this process, where nobody answers.
    std::thread::spawn(move || {
        let mut answer = String::new();
        let read = std::io::stdin().lock().read_line(&mut answer);
        // Nobody may wait for it any more.
        let _ = send.send(read.map(|_| answer));
    });
    match receive.recv_timeout(patience) {
        Ok(read) => {
            read.map_err(|error| CommandError::usage(format!("could not read the answer: {error}")))
        }
        Err(_) => {
            let minutes = patience.as_secs() / 60;
            let what = format!("nobody answered within {minutes} minutes; nothing was changed");
            Err(CommandError::say(ErrorKind::Refused, what))
        }
    }
}

/// Asks for a text.
pub(crate) fn expect(app: &App, question: &str, wanted: &str) -> Result<(), CommandError> {
    app.ui.lines(&[question.to_owned()]);
    let answer = answer_within(PATIENCE)?;
    match answer.trim() == wanted {
        true => Ok(()),
        false => Err(CommandError::say(
            ErrorKind::Refused,
            format!("`{wanted}` was not typed; nothing was changed"),
        )),
    }
}
