//! Reads one document: bytes, text, tree, schema, type, and what a schema cannot say.
//! Collects every fault; gives a document only where there is no error.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::panic::resume_unwind;
use std::thread;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::expr;
use crate::model::paths::{Files, ReadError, RepoPath};
use crate::state::diagnostic::explain;
use crate::state::diagnostic::locate::{Language, Places};
use crate::state::diagnostic::problem::Problem;
use crate::state::diagnostic::source;
use crate::state::diagnostic::source::Source;
use crate::state::diagnostic::{Diagnostic, DiagnosticLevel, Invalid};
use crate::state::document::Document;
use crate::state::documents;
use crate::state::documents::{DocumentType, DocumentValue};
use crate::state::json::{self, Fault};
use crate::state::typed::typed;
use crate::state::{exact, toml_tree};
use crate::text::escape;

/// So many documents take longer to read than a thread takes to start.
const WORTH_A_THREAD: usize = 64;

/// Reads documents and keeps their faults.
pub(crate) struct Reader<'a> {
    files: &'a dyn Files,
    /// Whether even texts that are exactly what would be written are held to their schema.
    thorough: bool,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// How many documents were read without an error.
    pub(crate) read: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(files: &'a dyn Files) -> Self {
        Self {
            files,
            thorough: false,
            diagnostics: Vec::new(),
            read: 0,
        }
    }

    /// A reader that takes no short cut.
    pub(crate) fn thorough(files: &'a dyn Files) -> Self {
        Self {
            thorough: true,
            ..Self::new(files)
        }
    }

    /// What was found, in the order of the files; fails if an error is among it.
    pub(crate) fn warnings(self) -> Result<Vec<Diagnostic>, Invalid> {
        let mut diagnostics = self.diagnostics;
        diagnostics.sort_by(|a, b| {
            (&a.path, a.line, a.column, a.severity).cmp(&(&b.path, b.line, b.column, b.severity))
        });
        diagnostics.dedup();
        if diagnostics.iter().any(Diagnostic::is_error) {
            return Err(Invalid { diagnostics });
        }
        Ok(diagnostics)
    }

    fn bytes(&mut self, path: &RepoPath) -> Option<Vec<u8>> {
        match self.files.read(path) {
            Ok(bytes) => bytes,
            Err(error) => {
                self.diagnostics.push(unreadable(path, &error));
                None
            }
        }
    }

    /// The files in a folder whose names end so.
    pub(crate) fn list(&mut self, folder: &RepoPath, ending: &str) -> Vec<RepoPath> {
        match self.files.list(folder) {
            Ok(mut files) => {
                files.retain(|file| file.file_name().ends_with(ending));
                files
            }
            Err(error) => {
                self.diagnostics.push(unreadable(folder, &error));
                Vec::new()
            }
        }
    }

    /// The folders in a folder.
    pub(crate) fn folders(&mut self, folder: &RepoPath) -> Vec<RepoPath> {
        match self.files.folders(folder) {
            Ok(folders) => folders,
            Err(error) => {
                self.diagnostics.push(unreadable(folder, &error));
                Vec::new()
            }
        }
    }

    /// The text of a file, without its byte order mark.
    pub(crate) fn text(&mut self, path: &RepoPath) -> Option<String> {
        let bytes = self.bytes(path)?;
        match decode(path, bytes) {
            Ok(text) => Some(text),
            Err(diagnostic) => {
                self.diagnostics.push(*diagnostic);
                None
            }
        }
    }

    /// A document, `None` where there is none or it has an error.
    pub(crate) fn document<T: DocumentValue>(&mut self, path: RepoPath) -> Option<Document<T>> {
        let document_type = T::document_type();
        let exact = document_type.reading.exact && !self.thorough;
        self.document_as(document_type, path, exact, T::check)
    }

    /// A document of a type, in whatever it is to be read.
    fn document_as<T>(
        &mut self,
        document_type: &DocumentType,
        path: RepoPath,
        exact: bool,
        check: impl Fn(&T, &RepoPath) -> Vec<Problem>,
    ) -> Option<Document<T>>
    where
        T: DeserializeOwned + Serialize,
    {
        let text = self.text(&path)?;
        let source = Source {
            path: &path,
            text: &text,
        };
        let language = document_type.language;
        if exact && let Some(value) = exact::read(&text) {
            let problems = check(&value, &path);
            self.place(source, language, &problems);
            if problems
                .iter()
                .any(|p| p.severity == DiagnosticLevel::Error)
            {
                return None;
            }
            self.read += 1;
            return Some(Document::exact(path.clone(), value, text));
        }
        let tree = self.tree(source, language)?;
        let (value, problems) = typed(document_type, &tree, |value| check(value, &path));
        self.place(source, language, &problems);
        let document = Document::read(path.clone(), value?, text);
        self.read += 1;
        Some(document)
    }

    /// Documents of one type, in the order of their paths, without those that have an error.
    /// Many are read on all processors, where files can be read so.
    pub(crate) fn documents<T>(&mut self, paths: &[RepoPath]) -> Vec<Document<T>>
    where
        T: DocumentValue + Send,
    {
        let read = |reader: &mut Reader<'_>, paths: &[RepoPath]| -> Vec<Document<T>> {
            let documents = paths.iter().map(|path| reader.document(path.clone()));
            documents.flatten().collect()
        };
        let processors = thread::available_parallelism().map_or(1, NonZero::get);
        let workers = processors.min(paths.len() / WORTH_A_THREAD);
        let (Some(files), true) = (self.files.shared(), workers > 1) else {
            return read(self, paths);
        };
        let mut out = Vec::with_capacity(paths.len());
        thread::scope(|scope| {
            let thorough = self.thorough;
            let work = move |part| {
                let mut reader = Reader {
                    thorough,
                    ..Reader::new(files)
                };
                let documents = read(&mut reader, part);
                (documents, reader.diagnostics, reader.read)
            };
            let parts = paths.chunks(paths.len().div_ceil(workers));
            let threads: Vec<_> = parts.map(|part| scope.spawn(move || work(part))).collect();
            for thread in threads {
                let (documents, diagnostics, read) =
                    thread.join().unwrap_or_else(|p| resume_unwind(p));
                out.extend(documents);
                self.diagnostics.extend(diagnostics);
                self.read += read;
            }
        });
        out
    }

    /// The tree of a text, `None` where it is not well-formed.
    fn tree(&mut self, source: Source<'_>, language: Language) -> Option<Value> {
        let parsed = match language {
            Language::Json => json::parse(source.text).map_err(|fault| vec![fault]),
            Language::Toml => toml_tree::parse(source.text).map(|tree| json::Parsed {
                tree,
                duplicates: false,
            }),
        };
        let parsed = match parsed {
            Ok(parsed) => parsed,
            Err(faults) => {
                self.faults(source, faults);
                return None;
            }
        };
        if !parsed.duplicates {
            return Some(parsed.tree);
        }
        for (again, first) in Places::parse(source.text, language).duplicates() {
            let name = source.text[again.clone()].trim_matches('"');
            let line = source.text[..first.start].matches('\n').count() + 1;
            self.diagnostics.push(
                source
                    .diagnostic(
                        DiagnosticLevel::Error,
                        Some(again.clone()),
                        "state/duplicate-key",
                        format!("duplicate key {}", explain::quote(name)),
                    )
                    .expecting(format!("first written on line {line}"))
                    .help("keep one of them; programs differ in which they would use"),
            );
        }
        None
    }

    fn faults(&mut self, source: Source<'_>, faults: Vec<Fault>) {
        if let Some(conflict) = conflict(source) {
            self.diagnostics.push(conflict);
            return;
        }
        for fault in faults {
            let mut diagnostic = source.diagnostic(
                DiagnosticLevel::Error,
                Some(fault.range),
                fault.code,
                fault.message,
            );
            diagnostic.expected = fault.expected;
            diagnostic.help = fault.help;
            self.diagnostics.push(diagnostic);
        }
    }

    /// Turns problems into diagnostics with places.
    pub(crate) fn place(&mut self, source: Source<'_>, language: Language, problems: &[Problem]) {
        if problems.is_empty() {
            return;
        }
        let places = Places::parse(source.text, language);
        let find = |problem: &Problem| places.find(source.text, &problem.path, problem.on_key);
        let secrets: Vec<_> = problems.iter().filter(|f| f.secret).map(find).collect();
        let safe = (!secrets.is_empty()).then(|| source::masked(source.text, &secrets));
        let shown = Source {
            text: safe.as_deref().unwrap_or(source.text),
            ..source
        };
        for problem in problems {
            let found = find(problem);
            let found = match &problem.inside {
                Some(inside) => expr::locate(inside, source.text, found),
                None => found,
            };
            let mut diagnostic = shown.diagnostic(
                problem.severity,
                Some(found),
                problem.code,
                problem.message.clone(),
            );
            diagnostic.expected.clone_from(&problem.expected);
            diagnostic.help.clone_from(&problem.help);
            self.diagnostics.push(diagnostic);
        }
    }

    /// Places problems that came up after the file was read, by reading it again.
    pub(crate) fn place_later(&mut self, path: &RepoPath, problems: &[Problem]) {
        let Some(text) = self.text(path) else {
            return;
        };
        self.place(
            Source { path, text: &text },
            Language::from_path(path),
            problems,
        );
    }
}

/// Places what was found in documents after they were read, by reading them again.
pub(crate) fn place(files: &dyn Files, found: &[(RepoPath, Problem)]) -> Vec<Diagnostic> {
    let mut reader = Reader::new(files);
    let mut by_file: BTreeMap<&RepoPath, Vec<Problem>> = BTreeMap::new();
    for (path, problem) in found {
        by_file.entry(path).or_default().push(problem.clone());
    }
    for (path, problems) in by_file {
        reader.place_later(path, &problems);
    }
    let mut out = reader.diagnostics;
    out.sort_by(|a, b| (&a.path, a.line, a.column).cmp(&(&b.path, b.line, b.column)));
    out
}

/// Every fault of one document on its own: whether it is well-formed, fits its schema, and has
/// known keys only. `name` is one of [`documents::names`]; another finds nothing.
pub fn check_document(name: &str, path: &RepoPath, bytes: Vec<u8>) -> Vec<Diagnostic> {
    let Some(document_type) = documents::find(name) else {
        return Vec::new();
    };
    let files = One(path, bytes);
    let mut reader = Reader::new(&files);
    let nothing = |_: &Value, _: &RepoPath| Vec::new();
    reader.document_as(document_type, path.clone(), false, nothing);
    reader.diagnostics
}

/// A document that does not come from a file of the repository: its value, and what is worth
/// mending about it.
///
/// # Errors
/// Every fault and warning there is, where one is an error.
pub fn read_document<T: DocumentValue>(
    path: &RepoPath,
    bytes: Vec<u8>,
) -> Result<(T, Vec<Diagnostic>), Vec<Diagnostic>> {
    let files = One(path, bytes);
    // It comes from outside: held to its schema whatever it looks like.
    let mut reader = Reader::thorough(&files);
    match reader.document(path.clone()) {
        Some(document) => Ok((document.value, reader.diagnostics)),
        None => Err(reader.diagnostics),
    }
}

/// The only file there is.
struct One<'a>(&'a RepoPath, Vec<u8>);

impl Files for One<'_> {
    fn read(&self, path: &RepoPath) -> Result<Option<Vec<u8>>, ReadError> {
        Ok((path == self.0).then(|| self.1.clone()))
    }
    fn list(&self, _: &RepoPath) -> Result<Vec<RepoPath>, ReadError> {
        Ok(Vec::new())
    }
    fn folders(&self, _: &RepoPath) -> Result<Vec<RepoPath>, ReadError> {
        Ok(Vec::new())
    }
}

fn unreadable(path: &RepoPath, error: &ReadError) -> Diagnostic {
    match error {
        ReadError::Link(at) => Diagnostic::error(
            at,
            "state/symbolic-link",
            "this is, or lies behind, a symbolic link",
        )
        .expecting("state is never read or written through links")
        .help("replace the link by the file or folder that it points to"),
        ReadError::TooLarge { path, bytes } => Diagnostic::error(
            path,
            "state/too-large",
            format!("this file has {} MiB", bytes >> 20),
        )
        .expecting(format!(
            "the limit is {} MiB",
            crate::model::paths::MAX_FILE_BYTES >> 20
        ))
        .help("restore an earlier version from git"),
        ReadError::NotAFile(at) => {
            Diagnostic::error(at, "state/not-a-file", "this is not a regular file")
                .help("remove or rename what lies there")
        }
        ReadError::Failed { message, .. } => Diagnostic::error(
            path,
            "state/unreadable",
            format!("could not be read: {}", escape::terminal(message)),
        )
        .help("make it readable for the user who runs this, or restore it from git"),
    }
}

/// Bytes to text. A byte order mark is tolerated; other encodings are named.
fn decode(path: &RepoPath, bytes: Vec<u8>) -> Result<String, Box<Diagnostic>> {
    let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    if utf16 || bytes.iter().take(64).any(|byte| *byte == 0) {
        return Err(Box::new(
            Diagnostic::error(path, "state/encoding", "this file is not UTF-8 text")
                .expecting("it looks like UTF-16 or a binary file")
                .help("save it as UTF-8; in PowerShell, write it with `Out-File -Encoding utf8`"),
        ));
    }
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let shown = String::from_utf8_lossy(error.as_bytes());
            let source = Source { path, text: &shown };
            let place = at..at + '\u{fffd}'.len_utf8();
            return Err(Box::new(
                source
                    .diagnostic(
                        DiagnosticLevel::Error,
                        Some(place),
                        "state/encoding",
                        "this file is not UTF-8 text",
                    )
                    .expecting("this byte is not part of a UTF-8 character")
                    .help("save the file as UTF-8 in your editor, and write this character again"),
            ));
        }
    };
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

/// An unfinished merge, which is the usual reason why a file that was fine is not JSON.
fn conflict(source: Source<'_>) -> Option<Diagnostic> {
    let at = if source.text.starts_with("<<<<<<< ") {
        0
    } else {
        source.text.find("\n<<<<<<< ")? + 1
    };
    let end = source.text[at..]
        .find('\n')
        .map_or(source.text.len(), |end| at + end);
    Some(
        source
            .diagnostic(
                DiagnosticLevel::Error,
                Some(at..end),
                "state/merge-conflict",
                "this file holds an unfinished git merge",
            )
            .expecting("two versions of these lines follow")
            .help("keep the right one, remove the lines with `<<<<<<<`, `=======` and `>>>>>>>`, then `git add` the file"),
    )
}
