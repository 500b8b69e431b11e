//! `--watch`: a page in a terminal that is drawn again in place, with keys to open its issues.

mod keys;
mod screen;
#[cfg(unix)]
mod terminal;

use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};

use crate::app::App;
use crate::app::Outcome;
use crate::app::current::LookArgs;
use crate::app::formats::ReportFormat;
use crate::app::issues::render_issue;
use crate::app::workspace::open;
use crate::error::CommandError;
use crate::model::dashboard::IssueRow;
use crate::model::ids::IssueId;
use crate::ui::{Surroundings, Ui};

/// Least seconds between two looks at AWS: each is as many requests as `health` makes.
const LEAST_WITH_REFRESH: u64 = 30;
/// Most issues that have a key.
const MOST_KEYS: usize = 9;

/// A page at one moment.
pub(crate) struct WatchedPage {
    /// The page as the command prints it for a terminal.
    pub(crate) text: String,
    /// Its issues, the most urgent first.
    pub(crate) issues: Vec<IssueRow>,
    /// Whether the text numbers them already.
    pub(crate) is_numbered: bool,
}

/// Returns whether a page is drawn again and again: `--watch` asks for it, and there is a terminal to
/// draw on. Elsewhere a note says that the page is printed once, as without `--watch`.
///
/// # Errors
/// What does not go with `--watch`, wherever it runs.
pub(crate) fn redraws(app: &App, ask: &LookArgs) -> Result<bool, CommandError> {
    if ask.watch.is_none() {
        return Ok(false);
    }
    refuse(app, ask)?;
    let surroundings = app.ui.surroundings();
    let is_dumb = surroundings.term.as_deref() == Some("dumb");
    let can_draw = surroundings.stdout_is_terminal && io::stdin().is_terminal() && !is_dumb;
    if !(can_draw && cfg!(unix)) {
        app.ui
            .note("`--watch` has no terminal to draw on: this is printed once");
        return Ok(false);
    }
    Ok(true)
}

/// Refuses what does not go with `--watch`.
fn refuse(app: &App, ask: &LookArgs) -> Result<(), CommandError> {
    let global = &app.global;
    if global.commit || global.write || global.dry_run {
        return Err(
            CommandError::usage("`--watch` only looks, and commits nothing")
                .hint("leave `--watch` out, or what lands something"),
        );
    }
    if global.output.is_some() || global.record.is_some() || global.format.is_some() {
        return Err(
            CommandError::usage("`--watch` draws text on the terminal and nothing else")
                .hint("leave out `--output`, `--record` and `--format`, or `--watch`"),
        );
    }
    let every = ask.watch.map_or(0, |every| every.seconds);
    match every {
        0 => Err(CommandError::usage("`--watch` needs at least a second")
            .hint("write it like `--watch 5s`")),
        few if ask.refresh && few < LEAST_WITH_REFRESH => Err(CommandError::usage(format!(
            "`--refresh` asks AWS each time, so `--watch` is at least {LEAST_WITH_REFRESH} s"
        ))
        .hint(format!("write `--watch {LEAST_WITH_REFRESH}s`"))),
        _ => Ok(()),
    }
}

/// Shows a page until someone quits. Ask [`redraws`] before.
#[cfg(unix)]
pub(crate) fn watch(
    app: &App,
    ask: &LookArgs,
    page: impl Fn(&App) -> Result<WatchedPage, CommandError>,
) -> Outcome {
    use crate::error::ExitCode;
    use std::time::Duration;

    let seconds = ask.watch.map_or(0, |every| every.seconds);
    // What is wrong from the start is said as always.
    let mut shown = Watching::draw(app, &page)?;
    let mut terminal = terminal::Terminal::open()?;
    let mut view = keys::ScreenView::default();
    loop {
        let (columns, rows) = screen::size();
        let footer = screen::footer(&shown.notes, &view, seconds, columns);
        let body = shown.body(&view);
        view.scroll = view
            .scroll
            .min(screen::last_scroll(body, rows, footer.len()));
        terminal.write(&screen::frame(body, view.scroll, &footer, rows))?;
        let event = terminal.next(Duration::from_secs(seconds));
        let deed = match event {
            terminal::WatchEvent::End => return Ok(ExitCode::Interrupted),
            terminal::WatchEvent::Resized | terminal::WatchEvent::Waited => keys::Deed::Look,
            terminal::WatchEvent::Typed(bytes) => view.take(&keys::read(&bytes), shown.keys()),
        };
        match deed {
            keys::Deed::Quit => return Ok(ExitCode::Ok),
            keys::Deed::Draw => {}
            keys::Deed::Look => shown.look_again(app, &page, &view),
        }
    }
}

/// Elsewhere there is no way to draw, and [`redraws`] says so.
#[cfg(not(unix))]
pub(crate) fn watch(
    _: &App,
    _: &LookArgs,
    _: impl Fn(&App) -> Result<WatchedPage, CommandError>,
) -> Outcome {
    Err(CommandError::usage(
        "`--watch` is not available on this system",
    ))
}

/// What is on the screen.
struct Watching {
    page: String,
    issues: Vec<IssueRow>,
    /// The issue that is open, as text.
    issue: String,
    /// What was said for people meanwhile.
    notes: String,
}

impl Watching {
    fn draw(
        app: &App,
        page: &impl Fn(&App) -> Result<WatchedPage, CommandError>,
    ) -> Result<Self, CommandError> {
        let notes = Notes::default();
        let drawn = page(&quiet(app, &notes))?;
        let mut text = drawn.text;
        if !drawn.is_numbered {
            text.push_str(&screen::issue_keys(&drawn.issues, MOST_KEYS));
        }
        Ok(Self {
            page: text,
            issues: drawn.issues,
            issue: String::new(),
            notes: notes.text(),
        })
    }

    /// Looks again; what fails is shown instead, and may be over the next time.
    fn look_again(
        &mut self,
        app: &App,
        page: &impl Fn(&App) -> Result<WatchedPage, CommandError>,
        view: &keys::ScreenView,
    ) {
        match Self::draw(app, page) {
            Ok(drawn) => *self = drawn,
            Err(error) => self.page = error.lines().join("\n"),
        }
        if let Some(id) = &view.open {
            self.issue = match open_issue(app, id) {
                Ok(text) => text,
                Err(error) => error.lines().join("\n"),
            };
        }
    }

    fn body(&self, view: &keys::ScreenView) -> &str {
        match view.open {
            Some(_) => &self.issue,
            None => &self.page,
        }
    }

    /// The issues that have a key.
    fn keys(&self) -> Vec<IssueId> {
        let issues = self.issues.iter().take(MOST_KEYS);
        issues.map(|row| row.id.clone()).collect()
    }
}

fn open_issue(app: &App, id: &IssueId) -> Result<String, CommandError> {
    let app = quiet(app, &Notes::default());
    let workspace = open::load(&app)?;
    let issue = workspace.issues().find(id.as_str())?;
    render_issue(&app, &workspace.templates, issue, ReportFormat::Text)
}

/// The same with the terminal as it is now, and with everything that is said for people kept.
fn quiet(app: &App, notes: &Notes) -> App {
    let now = Surroundings::detect(app.global.color, app.global.quiet, &|name| {
        app.environment.variable(name)
    });
    let surroundings = Surroundings {
        stderr_is_terminal: false,
        github_actions: false,
        ..now
    };
    let ui = Ui::to_writers(surroundings, Box::new(io::sink()), Box::new(notes.clone()));
    App {
        ui: Arc::new(ui),
        ..app.clone()
    }
}

/// Keeps what is said.
#[derive(Debug, Clone, Default)]
struct Notes(Arc<Mutex<Vec<u8>>>);

impl Notes {
    fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Write for Notes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
