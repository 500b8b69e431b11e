//! Why a file could not be read, with what to do about it.

use crate::iac::SUPPORTED;
use crate::text::escape;

/// Why a file gave no resources.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IacError {
    /// No bytes at all: mostly the redirected output of a command that failed.
    #[error("the file is empty; was it written by a command that failed?")]
    Empty,
    /// Larger than [`crate::model::paths::MAX_FILE_BYTES`].
    #[error("the file has {bytes} bytes; the limit is {limit}")]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The most that is read.
        limit: u64,
    },
    /// Compressed or an archive.
    #[error("the file is compressed ({0}); unpack it first")]
    Compressed(&'static str),
    /// What `terraform plan -out FILE` writes.
    #[error(
        "the file is a saved plan (or another zip archive); pass the output of \
         `terraform show -json FILE` instead"
    )]
    SavedPlan,
    /// Neither UTF-8 nor UTF-16.
    #[error("the file is not text in UTF-8 or UTF-16")]
    NotText,
    /// Not JSON, or JSON of another form than it claims to be.
    #[error("{what} is not readable at line {line}, column {column}: {message}")]
    Invalid {
        /// What it was taken for.
        what: &'static str,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// The parser's words, redacted.
        message: String,
    },
    /// Nested deeper than any real file.
    #[error("{what} is nested more than 127 levels deep")]
    TooDeep {
        /// What it was taken for.
        what: &'static str,
    },
    /// A state of Terraform before 0.7.
    #[error(
        "the state has version {0}, from Terraform before 0.7; supported are versions 3 and 4. \
         `terraform refresh` with Terraform 0.7 to 0.11 rewrites it as version 3"
    )]
    OldState(u64),
    /// A state of a later format.
    #[error(
        "the state has version {0}, which this program does not know yet; supported are \
         versions 3 and 4. The output of `terraform show -json` may be readable"
    )]
    NewState(String),
    /// `show -json` output of a later format.
    #[error(
        "the format_version is {0}, which this program does not know yet; supported are 0.x and 1.x"
    )]
    NewFormat(String),
    /// An export of Pulumi of another version.
    #[error(
        "the Pulumi stack export has version {0}, which this program does not know; supported are \
         versions 1 to 3"
    )]
    NewExport(String),
    /// A state that OpenTofu encrypted.
    #[error(
        "the state is encrypted by OpenTofu; pass the output of `tofu show -json` or of \
         `tofu state pull`, which decrypt it"
    )]
    Encrypted,
    /// `.terraform/terraform.tfstate`.
    #[error(
        "the file only says which backend holds the state (`.terraform/terraform.tfstate`); \
         pass the output of `terraform state pull` or `terraform show -json`"
    )]
    BackendOnly,
    /// Text without JSON in it.
    #[error(
        "the file is {guess}: it begins with `{first}`{}; supported is {SUPPORTED}",
        with_fix(*.fix)
    )]
    NotJson {
        /// What it looks like.
        guess: &'static str,
        /// Its first line, redacted.
        first: String,
        /// How to get rid of what the tool printed around it.
        fix: Option<&'static str>,
    },
    /// One of several documents.
    #[error("document {number} of {of}, which begins at line {line}: {error}")]
    InDocument {
        /// Which, from 1.
        number: usize,
        /// How many there are.
        of: usize,
        /// Where it begins, from 1.
        line: usize,
        /// Why it could not be read.
        error: Box<Self>,
    },
    /// Something else.
    #[error("the file is {found}; supported is {SUPPORTED}")]
    Unsupported {
        /// What it looks like.
        found: &'static str,
    },
    /// More references between resources than any real plan has.
    #[error("the plan has more references between resources than can be followed")]
    TooManyReferences,
    /// No reader for this tool.
    #[error("there is no reader for {0:?} yet; supported are terraform and opentofu")]
    UnknownTool(String),
}

fn with_fix(fix: Option<&str>) -> String {
    fix.map_or_else(String::new, |fix| format!(" ({fix})"))
}

impl IacError {
    /// The same error, of a document that does not begin where its file does.
    pub(super) fn moved(self, by_line: usize, by_column: usize) -> Self {
        match self {
            Self::Invalid {
                what,
                line,
                column,
                message,
            } => Self::Invalid {
                what,
                line: line + by_line - 1,
                column: if line == 1 {
                    column + by_column - 1
                } else {
                    column
                },
                message,
            },
            other => other,
        }
    }

    /// Whether its words end in what can be read.
    pub fn names_what_is_supported(&self) -> bool {
        match self {
            Self::InDocument { error, .. } => error.names_what_is_supported(),
            Self::NotJson { .. } | Self::Unsupported { .. } => true,
            _ => false,
        }
    }

    /// Whether the file ends in the middle of a value.
    pub(super) fn is_cut_short(&self) -> bool {
        matches!(self, Self::Invalid { message, .. } if message.starts_with("EOF while parsing"))
    }

    /// From the JSON parser's error. Its message may quote the file, so it is redacted.
    pub(super) fn from_json(what: &'static str, error: &serde_json::Error) -> Self {
        let message = error.to_string();
        if message.starts_with("recursion limit exceeded") {
            return Self::TooDeep { what };
        }
        let place = format!(" at line {} column {}", error.line(), error.column());
        let message = message.strip_suffix(&place).unwrap_or(&message);
        Self::Invalid {
            what,
            line: error.line(),
            column: error.column(),
            message: escape::cut(message, 200),
        }
    }
}
