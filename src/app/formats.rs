//! Which formats an answer has. Each command takes one of these sets and matches it without a
//! wildcard, so that an answer in a format that it lacks cannot be written, and a new
//! [`Format`] does not compile before every set has decided on it.

use crate::app::options::Format;

/// The formats of an answer.
pub(crate) trait Formats: Copy {
    /// The formats that it has; the first is the default.
    const ALL: &'static [Format];

    /// The member that stands for a format, where the answer has it.
    fn find(format: Format) -> Option<Self>;

    /// The format that a member stands for.
    fn format(self) -> Format;
}

/// Every format there is.
impl Formats for Format {
    const ALL: &'static [Format] = Self::ALL;

    fn find(format: Format) -> Option<Self> {
        Some(format)
    }

    fn format(self) -> Format {
        self
    }
}

/// Formats of a report, which people keep, send and paste.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReportFormat {
    Text,
    Json,
    Markdown,
}

impl Formats for ReportFormat {
    const ALL: &'static [Format] = &[Format::Text, Format::Json, Format::Markdown];

    fn find(format: Format) -> Option<Self> {
        match format {
            Format::Text => Some(Self::Text),
            Format::Json => Some(Self::Json),
            Format::Markdown => Some(Self::Markdown),
            Format::Voice | Format::Html | Format::Sarif | Format::LspJson => None,
        }
    }

    fn format(self) -> Format {
        match self {
            Self::Text => Format::Text,
            Self::Json => Format::Json,
            Self::Markdown => Format::Markdown,
        }
    }
}

/// Formats of what has pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SheetFormat {
    Text,
    Json,
    Markdown,
    Html,
}

impl Formats for SheetFormat {
    const ALL: &'static [Format] = &[Format::Text, Format::Json, Format::Markdown, Format::Html];

    fn find(format: Format) -> Option<Self> {
        match format {
            Format::Text => Some(Self::Text),
            Format::Json => Some(Self::Json),
            Format::Markdown => Some(Self::Markdown),
            Format::Html => Some(Self::Html),
            Format::Voice | Format::Sarif | Format::LspJson => None,
        }
    }

    fn format(self) -> Format {
        match self {
            Self::Text => Format::Text,
            Self::Json => Format::Json,
            Self::Markdown => Format::Markdown,
            Self::Html => Format::Html,
        }
    }
}

/// Formats of what people look at and listen to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PageFormat {
    Text,
    Json,
    Markdown,
    Voice,
    Html,
}

impl PageFormat {
    /// Parses what is written in a file; `None` for what is no format of these.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let named = Format::ALL.iter().find(|format| format.to_string() == name);
        named.and_then(|format| Self::find(*format))
    }

    /// Returns the names of all of them, for messages.
    pub(crate) fn names() -> String {
        let names: Vec<String> = Self::ALL.iter().map(Format::to_string).collect();
        names.join(", ")
    }
}

impl Formats for PageFormat {
    const ALL: &'static [Format] = &[
        Format::Text,
        Format::Json,
        Format::Markdown,
        Format::Voice,
        Format::Html,
    ];

    fn find(format: Format) -> Option<Self> {
        match format {
            Format::Text => Some(Self::Text),
            Format::Json => Some(Self::Json),
            Format::Markdown => Some(Self::Markdown),
            Format::Voice => Some(Self::Voice),
            Format::Html => Some(Self::Html),
            Format::Sarif | Format::LspJson => None,
        }
    }

    fn format(self) -> Format {
        match self {
            Self::Text => Format::Text,
            Self::Json => Format::Json,
            Self::Markdown => Format::Markdown,
            Self::Voice => Format::Voice,
            Self::Html => Format::Html,
        }
    }
}

/// Formats of findings, which tools for code scanning read too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FindingFormat {
    Text,
    Json,
    Markdown,
    Sarif,
}

impl Formats for FindingFormat {
    const ALL: &'static [Format] = &[Format::Text, Format::Json, Format::Markdown, Format::Sarif];

    fn find(format: Format) -> Option<Self> {
        match format {
            Format::Text => Some(Self::Text),
            Format::Json => Some(Self::Json),
            Format::Markdown => Some(Self::Markdown),
            Format::Sarif => Some(Self::Sarif),
            Format::Voice | Format::Html | Format::LspJson => None,
        }
    }

    fn format(self) -> Format {
        match self {
            Self::Text => Format::Text,
            Self::Json => Format::Json,
            Self::Markdown => Format::Markdown,
            Self::Sarif => Format::Sarif,
        }
    }
}

/// Formats of an answer about the set-up, which is read once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AnswerFormat {
    Text,
    Json,
}

impl Formats for AnswerFormat {
    const ALL: &'static [Format] = &[Format::Text, Format::Json];

    fn find(format: Format) -> Option<Self> {
        match format {
            Format::Text => Some(Self::Text),
            Format::Json => Some(Self::Json),
            Format::Markdown | Format::Voice | Format::Html | Format::Sarif | Format::LspJson => {
                None
            }
        }
    }

    fn format(self) -> Format {
        match self {
            Self::Text => Format::Text,
            Self::Json => Format::Json,
        }
    }
}

/// Formats of faults in files, which editors and code scanning read too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FaultFormat {
    Text,
    Json,
    Sarif,
    LspJson,
}

impl Formats for FaultFormat {
    const ALL: &'static [Format] = &[Format::Text, Format::Json, Format::Sarif, Format::LspJson];

    fn find(format: Format) -> Option<Self> {
        match format {
            Format::Text => Some(Self::Text),
            Format::Json => Some(Self::Json),
            Format::Sarif => Some(Self::Sarif),
            Format::LspJson => Some(Self::LspJson),
            Format::Markdown | Format::Voice | Format::Html => None,
        }
    }

    fn format(self) -> Format {
        match self {
            Self::Text => Format::Text,
            Self::Json => Format::Json,
            Self::Sarif => Format::Sarif,
            Self::LspJson => Format::LspJson,
        }
    }
}

/// Of what is no document: a script, a story.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OnlyText;

impl Formats for OnlyText {
    const ALL: &'static [Format] = &[Format::Text];

    fn find(format: Format) -> Option<Self> {
        match format {
            Format::Text => Some(Self),
            Format::Json
            | Format::Markdown
            | Format::Voice
            | Format::Html
            | Format::Sarif
            | Format::LspJson => None,
        }
    }

    fn format(self) -> Format {
        Format::Text
    }
}

/// Of what programs read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OnlyJson;

impl Formats for OnlyJson {
    const ALL: &'static [Format] = &[Format::Json];

    fn find(format: Format) -> Option<Self> {
        match format {
            Format::Json => Some(Self),
            Format::Text
            | Format::Markdown
            | Format::Voice
            | Format::Html
            | Format::Sarif
            | Format::LspJson => None,
        }
    }

    fn format(self) -> Format {
        Format::Json
    }
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    /// A set lists what it finds, and what it finds stands for what was looked for.
    fn is_consistent<S: Formats>() -> bool {
        !S::ALL.is_empty()
            && Format::ALL.iter().all(|format| match S::find(*format) {
                Some(found) => found.format() == *format && S::ALL.contains(format),
                None => !S::ALL.contains(format),
            })
    }

    #[test]
    fn sets_list_what_they_find() {
        assert_eq!(Format::ALL, Format::value_variants());
        assert!(is_consistent::<Format>());
        assert!(is_consistent::<ReportFormat>());
        assert!(is_consistent::<PageFormat>());
        assert!(is_consistent::<FindingFormat>());
        assert!(is_consistent::<AnswerFormat>());
        assert!(is_consistent::<FaultFormat>());
        assert!(is_consistent::<OnlyText>());
        assert!(is_consistent::<OnlyJson>());
    }
}
