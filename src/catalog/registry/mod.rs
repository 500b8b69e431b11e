//! Data files of any sort: those that are built in, and a user's beside them.
//!
//! A sort is a folder below `src/catalog/` and a [`DataFile`]. `build.rs` embeds whatever is
//! in the folder, so that a new file is one file and no list. Every file is read, proven and
//! held against its own examples in the same way; every fault has its place.

mod place;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use place::Places;
pub use place::{DataError, Fault, Step};

/// The built-in files of every sort, one constant a folder.
pub(crate) mod folders {
    use super::Folder;

    include!(concat!(env!("OUT_DIR"), "/catalog.rs"));
}

/// The built-in files of one sort.
#[derive(Debug, Clone, Copy)]
pub struct Folder {
    /// Where they are, below `src/catalog/`.
    pub path: &'static str,
    /// Stem and text of each, sorted by stem.
    pub files: &'static [(&'static str, &'static str)],
}

/// A sort of data file.
pub trait DataFile: Sized {
    /// The built-in ones.
    const FOLDER: Folder;
    /// What people call one, for instance `kind`.
    const NOUN: &'static str;
    /// What may be written in a file.
    type Form: DeserializeOwned;
    /// One of its examples.
    type Example: Example;

    /// Proves that a file makes sense, and compiles what there is to compile. `id` is the stem
    /// of its name.
    ///
    /// # Errors
    /// The first thing that makes no sense.
    fn prove(id: &str, form: Self::Form) -> Result<Self, Fault>;

    /// Completes a user's file by what it keeps of the built-in one that it replaces, which has
    /// this `id`. By default it keeps nothing.
    fn inherit(_id: &str, _form: &mut Self::Form) {}

    /// The examples in the file.
    fn examples(&self) -> &[Self::Example];
}

/// An example in a data file.
pub trait Example {
    /// What people call it.
    fn name(&self) -> &str;

    /// What it is an example of.
    fn shows(&self) -> Shows;
}

/// What an example shows. A file that lacks one of these proves too little.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shows {
    /// That something is well.
    Passing,
    /// That something is not.
    Failing,
    /// That no one can know.
    Unknown,
}

impl Shows {
    const ALL: [(Self, &'static str); 3] = [
        (Self::Passing, "passing"),
        (Self::Failing, "failing"),
        (Self::Unknown, "unknown"),
    ];
}

/// All files of one sort, by id. A clone shares them.
#[derive(Debug)]
pub struct Registry<T> {
    entries: BTreeMap<String, Arc<Entry<T>>>,
}

impl<T> Clone for Registry<T> {
    fn clone(&self) -> Self {
        let entries = self.entries.clone();
        Self { entries }
    }
}

/// A file that was read and proven.
#[derive(Debug)]
struct Entry<T> {
    file: String,
    text: Cow<'static, str>,
    is_users: bool,
    value: T,
}

impl<T: DataFile> Registry<T> {
    /// Reads and proves the built-in files and a user's: name and text of each. A user's file
    /// replaces the built-in one with its id.
    ///
    /// # Errors
    /// The fault of every file that has one.
    pub fn load(user_files: &[(String, String)]) -> Result<Self, Vec<DataError>> {
        let mut faults = Vec::new();
        let mut entries = BTreeMap::new();
        for (id, text) in T::FOLDER.files {
            let file = format!("{}/{id}.toml", T::FOLDER.path);
            match Entry::read(file, Cow::Borrowed(*text), false) {
                Ok(entry) => drop(entries.insert((*id).to_owned(), Arc::new(entry))),
                Err(fault) => faults.push(fault),
            }
        }
        let built_in = Self { entries };
        match (built_in.with(user_files), faults.is_empty()) {
            (Ok(all), true) => Ok(all),
            (Ok(_), false) => Err(faults),
            (Err(theirs), _) => Err(faults.into_iter().chain(theirs).collect()),
        }
    }

    /// Returns these files and a user's: name and text of each. A user's file replaces the
    /// built-in one with its id.
    ///
    /// # Errors
    /// The fault of every file of the user's that has one.
    pub fn with(&self, user_files: &[(String, String)]) -> Result<Self, Vec<DataError>> {
        let mut faults = Vec::new();
        let mut entries = self.entries.clone();
        for (file, text) in user_files {
            let first: Option<&Arc<Entry<T>>> = entries.get(stem(file));
            if let Some(first) = first.filter(|entry| entry.is_users) {
                faults.push(duplicate::<T>(file, text, &first.file));
                continue;
            }
            match Entry::read(file.clone(), Cow::Owned(text.clone()), true) {
                Ok(entry) => drop(entries.insert(stem(file).to_owned(), Arc::new(entry))),
                Err(fault) => faults.push(fault),
            }
        }
        if faults.is_empty() {
            Ok(Self { entries })
        } else {
            Err(faults)
        }
    }

    /// The thing with this id.
    pub fn get(&self, id: &str) -> Option<&T> {
        self.entries.get(id).map(|entry| &entry.value)
    }

    /// All things, sorted by id.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.entries.values().map(|entry| &entry.value)
    }

    /// Runs every example of every file through `run`, which says what is not as the example
    /// says it; paths of its faults start at the example.
    ///
    /// The user's files alone, where `of` says so: the built-in ones are proven by tests.
    pub fn run_examples(
        &self,
        of: Whose,
        run: impl Fn(&T, &T::Example) -> Result<(), Fault>,
    ) -> Vec<DataError> {
        let wanted = |entry: &&Arc<Entry<T>>| of == Whose::Everyones || entry.is_users;
        let mut faults = Vec::new();
        for entry in self.entries.values().filter(wanted) {
            for (index, example) in entry.value.examples().iter().enumerate() {
                if let Err(fault) = run(&entry.value, example) {
                    let at = [Step::from("example"), Step::from(index)];
                    faults.push(entry.places().of_fault(fault.below(at)));
                }
            }
        }
        faults
    }

    /// What `examine` finds wrong in each file, beyond its examples.
    ///
    /// The user's files alone, where `of` says so.
    pub fn examine(&self, of: Whose, examine: impl Fn(&T) -> Vec<Fault>) -> Vec<DataError> {
        let wanted = |entry: &&Arc<Entry<T>>| of == Whose::Everyones || entry.is_users;
        let mut faults = Vec::new();
        for entry in self.entries.values().filter(wanted) {
            let found = examine(&entry.value).into_iter();
            faults.extend(found.map(|fault| entry.places().of_fault(fault)));
        }
        faults
    }

    /// What the examples of each built-in file lack: one that passes, one that fails, one that
    /// is unknown.
    pub fn missing_examples(&self) -> Vec<DataError> {
        let mut faults = Vec::new();
        for entry in self.entries.values().filter(|entry| !entry.is_users) {
            let examples = entry.value.examples();
            for (shows, words) in Shows::ALL {
                if !examples.iter().any(|example| example.shows() == shows) {
                    let message = format!("the {} has no {words} example", T::NOUN);
                    let fault = Fault::new([], message).fix("add an `[[example]]`");
                    faults.push(entry.places().of_fault(fault));
                }
            }
        }
        faults
    }
}

/// Whose files are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Those that are built in, and the user's.
    Everyones,
    /// The user's alone.
    Users,
}

impl<T: DataFile> Entry<T> {
    fn read(file: String, text: Cow<'static, str>, is_users: bool) -> Result<Self, DataError> {
        let places = Places {
            file: &file,
            text: &text,
        };
        let mut form: T::Form = toml::from_str(&text)
            .map_err(|error| places.of_span(error.span().unwrap_or(0..0), error.message()))?;
        if is_users {
            T::inherit(stem(&file), &mut form);
        }
        let value = T::prove(stem(&file), form).map_err(|fault| places.of_fault(fault))?;
        check_names(value.examples()).map_err(|fault| places.of_fault(fault))?;
        Ok(Self {
            file,
            text,
            is_users,
            value,
        })
    }
}

impl<T> Entry<T> {
    fn places(&self) -> Places<'_> {
        Places {
            file: &self.file,
            text: &self.text,
        }
    }
}

/// Examples are distinguished by their names.
fn check_names<E: Example>(examples: &[E]) -> Result<(), Fault> {
    let mut seen = BTreeMap::new();
    for (index, example) in examples.iter().enumerate() {
        if seen.insert(example.name(), index).is_some() {
            let at = [Step::from("example"), Step::from(index), Step::from("name")];
            let message = format!("duplicate example `{}`", example.name());
            return Err(Fault::new(at, message));
        }
    }
    Ok(())
}

/// `kinds/lambda.toml` → `lambda`.
fn stem(file: &str) -> &str {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.strip_suffix(".toml").unwrap_or(name)
}

fn duplicate<T: DataFile>(file: &str, text: &str, first: &str) -> DataError {
    let message = format!("the {} `{}` is already in {first}", T::NOUN, stem(file));
    Places { file, text }.of_fault(Fault::new([], message).fix("remove one of the two files"))
}
