//! What a command offers to an assistant, through `fractary mcp`.

/// A tool: a command with words that are always there, and what a caller may add.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AssistantTool {
    /// The words that follow the command: a subcommand, or options. They are part of the name.
    pub(crate) words: &'static [&'static str],
    /// Whether it answers or proposes.
    pub(crate) manner: ToolManner,
    /// Arguments that a caller may not give, by their names in the definition of the command.
    pub(crate) without: &'static [&'static str],
    /// Whether a caller may give no argument of the command at all.
    pub(crate) is_fixed: bool,
    /// The argument that the command reads from standard input instead of its command line, where
    /// a text could be taken for the name of a file.
    pub(crate) input: Option<&'static str>,
    /// What its document may be.
    pub(crate) answers: &'static [ToolDocument],
}

/// The document of an answer, by the name of its schema (`fractary schema`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ToolDocument {
    /// One such document.
    One(&'static str),
    /// A list of them.
    List(&'static str),
    /// One where it is about one environment, else a list.
    OneOrList(&'static str),
    /// A list of both: what environments are, and what other domains are.
    Mixed(&'static str, &'static str),
}

/// What comes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ToolManner {
    /// The document that the command prints. The command changes nothing.
    Reads,
    /// What the command would do: it is run with `--dry-run`, and a person is given the command.
    Proposes,
}

impl AssistantTool {
    /// A command that answers with one of these documents, with the words that are always there.
    pub(crate) const fn reading(
        words: &'static [&'static str],
        answers: &'static [ToolDocument],
    ) -> Self {
        Self {
            words,
            answers,
            manner: ToolManner::Reads,
            without: &[],
            is_fixed: false,
            input: None,
        }
    }

    /// A command that acts, with the words that are always there: the tool shows what it would do,
    /// as one of these documents.
    pub(crate) const fn proposing(
        words: &'static [&'static str],
        answers: &'static [ToolDocument],
    ) -> Self {
        Self {
            words,
            answers,
            manner: ToolManner::Proposes,
            without: &[],
            is_fixed: false,
            input: None,
        }
    }

    /// Without these arguments. Those that name files are left out in any case.
    pub(crate) const fn without(self, without: &'static [&'static str]) -> Self {
        Self { without, ..self }
    }

    /// Without any argument of the command.
    pub(crate) const fn fixed(self) -> Self {
        Self {
            is_fixed: true,
            ..self
        }
    }

    /// With this argument on standard input.
    pub(crate) const fn with_input(self, argument: &'static str) -> Self {
        Self {
            input: Some(argument),
            ..self
        }
    }

    /// Returns its name: that of the command with the words, such as `issues_show`.
    pub(crate) fn name(&self, command: &str) -> String {
        let words = self.words.iter().map(|word| word.trim_start_matches('-'));
        let all: Vec<&str> = std::iter::once(command).chain(words).collect();
        all.join("_").replace('-', "_")
    }
}
