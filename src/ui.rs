//! The terminal edge: the answer to stdout, everything for people to stderr.
//!
//! Answers and notes that come in here are finished: whoever made them has escaped what came
//! from outside. Warnings and errors are messages that may quote anything, and are made
//! harmless here.

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::render::text::Style;
use crate::text::escape;

/// `--color`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ColorChoice {
    /// Where stdout is a terminal, unless the environment says otherwise.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What decides how output looks. Plain data, so that tests can make it up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// Whether stdout is a terminal.
    pub stdout_is_terminal: bool,
    /// Whether stderr is a terminal.
    pub stderr_is_terminal: bool,
    /// `--color`.
    pub color: ColorChoice,
    /// Whether `NO_COLOR` is set to something.
    pub no_color: bool,
    /// Whether `CLICOLOR_FORCE` is set to something else than `0`.
    pub clicolor_force: bool,
    /// `TERM`.
    pub term: Option<String>,
    /// `LC_ALL`, else `LC_CTYPE`, else `LANG`.
    pub locale: Option<String>,
    /// `COLUMNS`.
    pub columns: Option<usize>,
    /// Width of the terminal, as the system says.
    pub terminal_columns: Option<usize>,
    /// Whether `GITHUB_ACTIONS` is `true`.
    pub github_actions: bool,
    /// `--quiet`.
    pub quiet: bool,
}

impl Surroundings {
    /// Reads the process's terminal, and the environment through `variable`.
    pub fn detect(
        color: ColorChoice,
        quiet: bool,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        Self {
            stdout_is_terminal: io::stdout().is_terminal(),
            stderr_is_terminal: io::stderr().is_terminal(),
            color,
            no_color: set("NO_COLOR").is_some(),
            clicolor_force: set("CLICOLOR_FORCE").is_some_and(|value| value != "0"),
            term: set("TERM"),
            locale: set("LC_ALL")
                .or_else(|| set("LC_CTYPE"))
                .or_else(|| set("LANG")),
            columns: set("COLUMNS").and_then(|columns| columns.parse().ok()),
            terminal_columns: terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)),
            github_actions: set("GITHUB_ACTIONS").is_some_and(|value| value == "true"),
            quiet,
        }
    }

    /// How text may look. Flag before `NO_COLOR` before `CLICOLOR_FORCE` before terminal.
    pub fn style(&self) -> Style {
        let dumb = self.term.as_deref() == Some("dumb");
        let color = match self.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto if self.no_color => false,
            ColorChoice::Auto if self.clicolor_force => true,
            ColorChoice::Auto => self.stdout_is_terminal && !dumb,
        };
        let terminal = self.terminal_columns.filter(|_| self.stdout_is_terminal);
        // Wider lines than this are hard to read.
        let width = self
            .columns
            .or(terminal)
            .unwrap_or(80)
            .clamp(Style::MIN_WIDTH, 120);
        Style {
            width,
            color,
            unicode: self.unicode(),
        }
    }

    /// `C` and `POSIX` ask for ASCII, as a terminal does that speaks another encoding; pipes,
    /// files and whatever says nothing get UTF-8.
    fn unicode(&self) -> bool {
        let Some(locale) = self.locale.as_deref() else {
            return true;
        };
        let locale = locale.to_ascii_lowercase();
        if matches!(locale.as_str(), "c" | "posix") {
            return false;
        }
        let utf8 = locale.contains("utf-8") || locale.contains("utf8");
        utf8 || !self.stdout_is_terminal
    }
}

/// The way out of the program.
pub struct Ui {
    surroundings: Surroundings,
    stdout: Mutex<Box<dyn Write + Send>>,
    stderr: Mutex<Box<dyn Write + Send>>,
    token: String,
}

impl fmt::Debug for Ui {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ui")
            .field("surroundings", &self.surroundings)
            .finish_non_exhaustive()
    }
}

impl Ui {
    /// To the process's own stdout and stderr.
    pub fn new(surroundings: Surroundings) -> Self {
        Self::to_writers(surroundings, Box::new(io::stdout()), Box::new(io::stderr()))
    }

    /// To other writers, for tests.
    pub fn to_writers(
        surroundings: Surroundings,
        stdout: Box<dyn Write + Send>,
        stderr: Box<dyn Write + Send>,
    ) -> Self {
        Self {
            surroundings,
            stdout: Mutex::new(stdout),
            stderr: Mutex::new(stderr),
            token: unguessable(),
        }
    }

    /// How text may look.
    pub fn style(&self) -> Style {
        self.surroundings.style()
    }

    /// Where it runs.
    pub fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    /// Writes the answer to stdout. A reader that went away is no failure. In GitHub
    /// Actions, workflow commands are switched off around it (through stderr, so that
    /// stdout holds the answer and nothing else).
    pub fn answer(&self, text: &str) -> io::Result<()> {
        let written = self.guarded(|| {
            let mut stdout = lock(&self.stdout);
            stdout
                .write_all(text.as_bytes())
                .and_then(|()| stdout.flush())
        });
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }

    /// Does something with workflow commands switched off.
    fn guarded<T>(&self, write: impl FnOnce() -> T) -> T {
        let guarded = self.surroundings.github_actions;
        if guarded {
            self.say(&format!("::stop-commands::{}", self.token));
        }
        let written = write();
        if guarded {
            self.say(&format!("::{}::", self.token));
        }
        written
    }

    /// Something worth knowing. Silent with `--quiet`.
    pub fn note(&self, text: &str) {
        if !self.surroundings.quiet && !text.is_empty() {
            self.say(text);
        }
    }

    /// Something that may be wrong; an annotation in GitHub Actions.
    pub fn warn(&self, text: &str) {
        self.diagnostic("warning", anstyle::AnsiColor::Yellow, text);
    }

    /// Something that is wrong; an annotation in GitHub Actions.
    pub fn error(&self, text: &str) {
        self.diagnostic("error", anstyle::AnsiColor::Red, text);
    }

    /// Lines for people that may hold what a workflow command looks like.
    pub fn lines(&self, lines: &[String]) {
        self.guarded(|| {
            for line in lines {
                self.say(line);
            }
        });
    }

    /// Why a command failed, and what to do next: one annotation in GitHub Actions, lines
    /// elsewhere.
    pub fn failure(&self, lines: &[String]) {
        self.say(&self.failure_text(lines));
    }

    fn failure_text(&self, lines: &[String]) -> String {
        let text = lines.join("\n");
        match self.surroundings.github_actions {
            true => format!("::error::{}", escape::workflow_message(&text)),
            false => text,
        }
    }

    /// The same from a thread that panics. It may hold what a message waits for otherwise, so
    /// this waits for nothing.
    pub fn last_words(&self, lines: &[String]) {
        let text = self.failure_text(lines);
        let _ = match self.stderr.try_lock() {
            Ok(mut stderr) => writeln!(stderr, "{text}").and_then(|()| stderr.flush()),
            Err(_) => writeln!(io::stderr(), "{text}"),
        };
    }

    /// Workflow commands as [`crate::render::github::annotations`] makes them; nothing
    /// outside of GitHub Actions.
    pub fn annotate(&self, commands: &str) {
        if self.surroundings.github_actions && !commands.is_empty() {
            self.say(commands.trim_end());
        }
    }

    /// Opens a group that GitHub Actions folds, or prints its title. Ends when dropped.
    pub fn group(&self, title: &str) -> Group<'_> {
        if self.surroundings.github_actions {
            self.say(&format!("::group::{}", escape::workflow_message(title)));
        } else {
            self.note(title);
        }
        Group { ui: self }
    }

    /// Shows how far a long step is, where stderr is a terminal. `total` of `None` is a
    /// step whose length is not known.
    pub fn progress(&self, what: &str, total: Option<u64>) -> Progress {
        let s = &self.surroundings;
        if !s.stderr_is_terminal || s.quiet || s.github_actions {
            return Progress {
                bar: ProgressBar::hidden(),
            };
        }
        let template = if total.is_some() {
            "{bar:30} {pos}/{len} {wide_msg}"
        } else {
            "{spinner} {msg} {elapsed}"
        };
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(what.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        Progress { bar }
    }

    fn diagnostic(&self, word: &str, color: anstyle::AnsiColor, text: &str) {
        if self.surroundings.github_actions {
            self.say(&format!("::{word}::{}", escape::workflow_message(text)));
            return;
        }
        let text = escape::terminal_lines(text);
        let paint = color.on_default().bold();
        let colored = self.surroundings.stderr_is_terminal && self.style().color;
        if colored {
            self.say(&format!("{paint}{word}{paint:#}: {text}"));
        } else {
            self.say(&format!("{word}: {text}"));
        }
    }

    /// A line to stderr. That stderr is not read is no reason to stop.
    fn say(&self, line: &str) {
        let line = self.style().signs(line.to_owned());
        let mut stderr = lock(&self.stderr);
        let _ = writeln!(stderr, "{line}").and_then(|()| stderr.flush());
    }
}

/// A folded part of a workflow's log; ends when dropped.
#[derive(Debug)]
pub struct Group<'a> {
    ui: &'a Ui,
}

impl Drop for Group<'_> {
    fn drop(&mut self) {
        if self.ui.surroundings.github_actions {
            self.ui.say("::endgroup::");
        }
    }
}

/// How far a step is; disappears when dropped.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// One more is done.
    pub fn step(&self) {
        self.bar.inc(1);
    }

    /// Shows another text beside the bar.
    pub fn say(&self, what: &str) {
        self.bar.set_message(what.to_owned());
    }

    /// So many are done.
    pub fn set(&self, done: u64) {
        self.bar.set_position(done);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn lock<T: ?Sized>(mutex: &Mutex<Box<T>>) -> MutexGuard<'_, Box<T>> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// 32 hex digits that output can't foresee: the standard library's random keys.
fn unguessable() -> String {
    let draw = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", draw(), draw())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0
                .lock()
                .expect("not poisoned")
                .extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Sink {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().expect("not poisoned").clone()).expect("UTF-8")
        }
    }

    struct Broken;

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn colour_and_width() {
        let terminal = Surroundings {
            stdout_is_terminal: true,
            terminal_columns: Some(100),
            ..Surroundings::default()
        };
        assert!(terminal.style().color);
        assert_eq!(terminal.style().width, 100);
        let with = |change: fn(&mut Surroundings)| {
            let mut s = terminal.clone();
            change(&mut s);
            s.style()
        };
        assert!(!with(|s| s.no_color = true).color);
        assert!(!with(|s| s.term = Some("dumb".to_owned())).color);
        assert!(!with(|s| s.stdout_is_terminal = false).color);
        assert!(!with(|s| s.color = ColorChoice::Never).color);
        assert!(
            with(|s| {
                s.no_color = true;
                s.color = ColorChoice::Always
            })
            .color
        );
        assert!(
            with(|s| {
                s.stdout_is_terminal = false;
                s.clicolor_force = true
            })
            .color
        );
        assert_eq!(with(|s| s.columns = Some(60)).width, 60);
        assert_eq!(with(|s| s.columns = Some(7)).width, 40);
        assert_eq!(with(|s| s.stdout_is_terminal = false).width, 80);
        assert!(!with(|s| s.locale = Some("de_DE.ISO-8859-1".to_owned())).unicode);
        assert!(with(|s| s.locale = Some("de_DE.UTF-8".to_owned())).unicode);
        assert!(with(|s| s.locale = Some("C.UTF-8".to_owned())).unicode);
        assert!(!with(|s| s.locale = Some("C".to_owned())).unicode);
        assert!(
            !with(|s| {
                s.locale = Some("POSIX".to_owned());
                s.stdout_is_terminal = false
            })
            .unicode
        );
    }

    #[test]
    fn stdout_holds_the_answer_and_nothing_else() {
        let (out, err) = (Sink::default(), Sink::default());
        let surroundings = Surroundings {
            github_actions: true,
            ..Surroundings::default()
        };
        let ui = Ui::to_writers(surroundings, Box::new(out.clone()), Box::new(err.clone()));
        ui.answer("{}\n").expect("a sink");
        ui.warn("50%\nx");
        drop(ui.group("observe"));
        assert_eq!(out.text(), "{}\n");
        let token = &ui.token;
        assert_eq!(token.len(), 32);
        assert_eq!(
            err.text(),
            format!(
                "::stop-commands::{token}\n::{token}::\n::warning::50%25%0Ax\n::group::observe\n::endgroup::\n"
            )
        );
    }

    #[test]
    fn a_broken_pipe_is_success_and_quiet_is_quiet() {
        let err = Sink::default();
        let surroundings = Surroundings {
            quiet: true,
            ..Surroundings::default()
        };
        let ui = Ui::to_writers(surroundings, Box::new(Broken), Box::new(err.clone()));
        ui.answer("x").expect("a broken pipe is success");
        ui.note("silent");
        ui.error("loud \u{1b}[2J");
        let progress = ui.progress("observing", Some(3));
        progress.step();
        drop(progress);
        assert_eq!(err.text(), "error: loud \\u{1b}[2J\n");
    }
}
